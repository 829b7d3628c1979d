"""Scores all pairs of blocks: ``python -m benchmarks.contenders.match_scoring RECORDS THREADS``.

People of whom six fields are compared, three of them fuzzily (given name, family name, email), fall into blocks of a
thousand by their postcode. Nobody is in the data twice, so nearly every pair is hopeless, as in any large block. Prints
the pairs, the seconds that scoring took on the threads, and how many pairs reached the threshold.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from enishi import Model
from enishi._matching import Scoring
from enishi._tables import hash_records
from enishi.bind import bind
from enishi.block import key_parts
from enishi.compare import comparisons_of
from enishi.match import MOST_PAIRS, THRESHOLD, _prepare
from enishi.normalize import Normalization
from enishi.runner import Runners

BLOCK = 1_000  # people of one postcode
ROWS = 100_000
SYLLABLES = np.array(["ka", "shi", "mo", "ta", "ri", "na", "ko", "sa", "yu", "no", "mi", "hi", "ra", "to", "ke", "su"])


def words(rng: np.random.Generator, distinct: int, syllables: int) -> pa.Array:
    """Words of syllables, the first ones most frequent."""
    parts = [pa.array(SYLLABLES[rng.integers(0, len(SYLLABLES), distinct)]) for _ in range(syllables)]
    return pc.binary_join_element_wise(*parts, "")


def people(records: int, seed: int) -> list[pa.RecordBatch]:
    """Batches of people, of whom each block has one postcode."""
    rng = np.random.default_rng(seed)
    given, family = words(rng, 5_000, 3), words(rng, 20_000, 3)
    batches = []
    for start in range(0, records, ROWS):
        number = np.arange(start, min(start + ROWS, records))
        n = len(number)
        own = [each.take(pa.array((len(each) * rng.random(n) ** 2).astype(np.int64))) for each in (given, family)]
        local = pc.binary_join_element_wise(*own, pa.array(rng.integers(0, 10_000, n)).cast(pa.string()), ".")
        days = pa.array(rng.integers(-10_000, 14_000, n, dtype=np.int32), pa.date32())
        columns = {
            "record_id": pa.array(number).cast(pa.string()),
            "given_name": own[0],
            "family_name": own[1],
            "birth_date": days.cast(pa.string()),
            "postcode": pc.utf8_lpad(pa.array(1_000_000 + number // BLOCK).cast(pa.string()), 7, "0"),
            "email": pc.binary_join_element_wise(local, "example.jp", "@"),
            "phone": pc.binary_join_element_wise(
                "090", pc.utf8_lpad(pa.array(rng.integers(0, 10**8, n)).cast(pa.string()), 8, "0"), ""
            ),
        }
        batches.append(pa.RecordBatch.from_pydict(columns))
    return batches


def main(records: str, threads: str) -> None:
    batches = people(int(records), 0)
    bound = bind(Model(), {"people": batches[0].schema})
    normalized = Normalization(bound, bytes(16), match=True)
    with Runners(int(threads)) as runners:
        runner = runners.of(int(records))
        while batches:
            batch = batches.pop(0)
            normalized.add(bound.sources[0], batch, hash_records("people", batch["record_id"]), runner)
        normalized.close(runner)
        profiles = len(normalized.profiles)
        labels = np.arange(profiles, dtype=np.uint32)
        compared = comparisons_of(normalized)
        # A person's records are unknown here, so any keys will do; and the rules that a run has make no such blocks.
        prepared = _prepare(normalized, compared, labels, labels.astype(np.uint64), runner, ["name & postcode"])
        prepared.matching.make_blocks([(key_parts("postcode", compared), [])], BLOCK, 1 << 62)
        model = prepared.defaults()
        start = time.perf_counter()
        scoring = Scoring(prepared.matching, prepared.weights(model), THRESHOLD, most_pairs=MOST_PAIRS)
        shards = max(1, profiles // 10_000)
        pairs = sum(found[0] for found in runner.map(lambda shard: scoring.score(0, shard, shards), range(shards)))
        seconds = time.perf_counter() - start
    found = {"pairs": pairs, "seconds": seconds, "above": len(scoring.pairs()[0])}
    print(json.dumps(found | {"comparisons": [each.name for each in compared]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
