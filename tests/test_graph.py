"""The graph's tables, what explains them, and the directory that holds them."""

import json
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import enishi
from enishi import Email, InputError, LoyaltyCard, Model, OutputError, Phone, schema, write
from enishi._normalize import siphash
from enishi.graph import Stream
from enishi.normalize import space_key
from enishi.write import check_directory, read_graph

CARD, SLIP = "4111111111111111", "4111111111111112"
MODEL = Model(
    [Email(), Phone(), LoyaltyCard(check_digit="luhn"), enishi.PersonName(), enishi.BirthDate(), enishi.Postcode()]
)
COLUMNS = ["record_id", "email", "phone", "loyalty_card", "family_name", "given_name", "birth_date", "postcode"]
HANAKO = {"family_name": "佐藤", "given_name": "花子", "birth_date": "1980-01-01"}
TARO = {"family_name": "佐藤", "given_name": "太郎", "birth_date": "1975-05-06"}
HOME = {"phone": "03-3123-4567", "postcode": "150-0001"}


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in COLUMNS}, schema=pa.schema(
        [(name, pa.string()) for name in COLUMNS]
    ))  # fmt: skip


@pytest.fixture(scope="module")
def graph() -> enishi.CustomerGraph:
    """A household, a slip of a card, a rule, and a phone that everybody carries."""
    web = [
        {"record_id": "w1", "email": "hanako@example.jp", **HANAKO, **HOME},
        {"record_id": "w2", "email": "taro@example.jp", **TARO, **HOME},
        {"record_id": "w3", "email": "jiro@example.jp", "loyalty_card": CARD},
        {"record_id": "w4", "phone": "090-1234-5678"},
        {"record_id": "w5", **HANAKO, "birth_date": "1990-02-02", "postcode": "150-0002"},
        {"record_id": "w6", **HANAKO, "birth_date": "1990-02-02", "postcode": "150-0002"},
        {"record_id": "a:7", "email": "last@example.jp"},
    ]
    till = [
        {"record_id": "t1", "email": "hanako@example.jp"},
        {"record_id": "t2", "phone": "03-3123-4567"},
        {"record_id": "t3", "loyalty_card": SLIP},
        {"record_id": "t4", **HANAKO, "birth_date": "1990-02-02", "postcode": "150-0002"},
    ]
    crowd = [{"record_id": f"c{n:02}", "phone": "090-1234-5678", "email": f"c{n}@example.jp"} for n in range(25)]
    return enishi.resolve({"web": table(*web), "till": table(*till), "crowd": table(*crowd)}, MODEL)


def test_tables_have_the_columns_of_the_contract(graph: enishi.CustomerGraph) -> None:
    assert graph.customers.column_names == ["source", "record_id", "customer_id"]
    assert graph.customers.schema.field("customer_id").type == pa.int64()
    assert graph.customers.schema.field("source").type.value_type == pa.string()
    assert graph.identifiers.column_names == [
        "customer_id", "field", "key", "records", "generic", "first_seen", "last_seen",
    ]  # fmt: skip
    assert graph.links.column_names == [
        "left_source", "left_record_id", "right_source", "right_record_id", "rule", "match_weight", "evidence",
    ]  # fmt: skip
    ids = pa.string()
    assert graph.customers.schema.equals(schema.customers(ids)) and graph.links.schema.equals(schema.links(ids))
    assert graph.identifiers.schema.equals(schema.identifiers(False))
    assert graph.evidence.schema.equals(schema.EVIDENCE)
    for made in (graph.customers, graph.identifiers, graph.links, graph.evidence):
        made.validate(full=True)
        for name in made.schema.names:
            assert made.schema.field(name).nullable or made[name].null_count == 0
    for made in (graph.identifiers, graph.evidence):
        assert made.schema.metadata[b"enishi.key_algorithm"].startswith(b"enishi-1: SipHash")


def test_a_key_can_be_recomputed_from_the_documented_algorithm(graph: enishi.CustomerGraph) -> None:
    key = siphash(space_key(bytes(16), Email()), b"hanako@example.jp")
    assert space_key(bytes(16), Email()) == siphash(bytes(16), b"enishi 1\0email\0")
    mine = graph.identifiers.filter(pa.compute.equal(graph.identifiers["key"], pa.scalar(key, schema.KEY)))
    assert mine.to_pylist()[0]["records"] == 2 and mine.num_rows == 1


def test_an_identifier_node_is_a_value_and_who_carries_it(graph: enishi.CustomerGraph) -> None:
    nodes = graph.identifiers.to_pylist()
    generic = [node for node in nodes if node["generic"]]
    assert [(node["field"], node["records"], node["customer_id"]) for node in generic] == [("phone", 26, None)]
    assert all(node["customer_id"] is not None for node in nodes if not node["generic"])
    # The household's phone is contested: a node for each of its people, one for the record that nobody names.
    shared = [node for node in nodes if node["field"] == "phone" and not node["generic"]]
    assert sorted(node["records"] for node in shared) == [1, 1, 1] and len({node["key"] for node in shared}) == 1


def test_the_left_record_of_a_link_is_the_smaller(graph: enishi.CustomerGraph) -> None:
    links = graph.links.to_pylist()
    ends = [
        [(link[f"{side}_{what}"]) for what in ("source", "record_id")] for link in links for side in ("left", "right")
    ]
    assert all(left < right for left, right in zip(ends[::2], ends[1::2], strict=True))
    rule = "name & birth_date & postcode"
    found = sorted((link["left_record_id"], link["right_record_id"], link["rule"], link["evidence"]) for link in links)
    assert found == [
        ("t3", "w3", "loyalty_card: corrected", "the check digit fails, 1 edit from the one card where it holds"),
        ("t4", "w6", rule, f"{rule} agree"),
        ("w5", "w6", rule, f"{rule} agree"),
    ]
    assert graph.links["match_weight"].null_count == len(links)
    assert graph.summary["links"] == {"loyalty_card: corrected": 1, rule: 2}


def test_evidence_has_a_row_for_each_profile_and_identifier(graph: enishi.CustomerGraph) -> None:
    evidence = graph.evidence.to_pylist()
    ids = graph.customers["record_id"].to_pylist()
    first = {row["profile"]: ids[row["rows"][0]] for row in evidence if row["rows"] is not None}
    states = {(first[row["profile"]], row["field"]): row["state"] for row in evidence}
    assert states["w1", "email"] == states["t1", "email"] == "links"
    assert states["w1", "phone"] == states["t2", "phone"] == "contested"
    assert states["w4", "phone"] == "generic"
    assert states["t3", "loyalty_card"] == "links"
    assert not any(record_id == "w5" for record_id, _ in states)
    # Each record that carries anything stands in one profile's rows, once.
    rows = [row for each in evidence for row in each["rows"] or []]
    assert sorted(ids[row] for row in rows) == sorted(i for i in ids if i not in ("w5", "w6", "t4"))


def explained(graph: enishi.CustomerGraph, left: str, right: str) -> tuple[bool, list[str], str]:
    answer = graph.explain(left, right)
    assert (answer.left, answer.right) == (left, right)
    assert answer.same == (answer.left_customer == answer.right_customer)
    return answer.same, [step.by for step in answer.steps], str(answer)


def test_one_customer_is_explained_by_a_path(graph: enishi.CustomerGraph) -> None:
    assert explained(graph, "web:w1", "till:t1")[:2] == (True, ["email"])
    same, by, text = explained(graph, "till:t3", "web:w3")
    assert (same, by) == (True, ["loyalty_card: corrected"]) and "check digit" in text
    same, by, text = explained(graph, "web:w5", "till:t4")
    assert same and by == ["name & birth_date & postcode"] * 2
    assert explained(graph, "web:a:7", "web:a:7") == (True, [], str(graph.explain("web:a:7", "web:a:7")))


def test_two_customers_are_explained_by_what_they_share(graph: enishi.CustomerGraph) -> None:
    same, by, text = explained(graph, "web:w1", "web:w2")
    assert (same, by) == (False, ["phone"]) and "contested" in text
    same, by, text = explained(graph, "crowd:c01", "crowd:c02")
    assert (same, by) == (False, ["phone"]) and "generic" in text
    same, by, text = explained(graph, "web:w1", "crowd:c02")
    assert (same, by) == (False, []) and "share no identifier" in text


def test_every_pair_within_a_customer_has_a_path(graph: enishi.CustomerGraph) -> None:
    rows = graph.customers.to_pylist()
    for left in rows:
        for right in rows:
            answer = graph.explain(*(f"{each['source']}:{each['record_id']}" for each in (left, right)))
            if answer.same and left != right:
                assert answer.steps[0].left == answer.left and answer.steps[-1].right == answer.right
                for step, following in zip(answer.steps, answer.steps[1:], strict=False):
                    assert step.right == following.left


def test_carriers_of_a_contested_value_that_agree_are_explained() -> None:
    rows = [{"record_id": n, **HANAKO, **HOME} for n in ("1", "2")] + [{"record_id": "3", **TARO, **HOME}]
    graph = enishi.resolve(table(*rows), MODEL, exact=True)
    same, by, text = explained(graph, "data:1", "data:2")
    assert (same, by) == (True, ["phone"]) and "names agree" in text
    assert explained(graph, "data:1", "data:3")[:2] == (False, ["phone"])


def test_an_uncorrected_card_is_explained() -> None:
    rows = [{"record_id": n, "loyalty_card": SLIP, "email": f"{n}@x.jp"} for n in "12"]
    graph = enishi.resolve(table(*rows), MODEL, match="off")
    same, by, text = explained(graph, "data:1", "data:2")
    assert (same, by) == (False, ["loyalty_card"]) and "incomplete" in text


def test_a_correction_that_only_one_carrier_takes_is_explained() -> None:
    owner = {"record_id": "1", "loyalty_card": CARD, **HANAKO}
    rows = [owner, {"record_id": "2", "loyalty_card": SLIP}, {"record_id": "3", "loyalty_card": SLIP, **TARO}]
    graph = enishi.resolve(table(*rows), MODEL, match="off")
    assert explained(graph, "data:1", "data:2")[:2] == (True, ["loyalty_card: corrected"])
    same, by, text = explained(graph, "data:2", "data:3")
    assert (same, by) == (False, ["loyalty_card"]) and "for one of them alone" in text


def test_records_that_are_not_there_are_an_error(graph: enishi.CustomerGraph) -> None:
    for record in ("web:w99", "w1", "", ":", "shop:w1", "web:"):
        with pytest.raises(InputError, match="SOURCE:RECORD_ID"):
            graph.explain(record, "web:w1")
    numbered = enishi.resolve(pa.table({"record_id": [1], "email": ["a@x.jp"]}))
    with pytest.raises(InputError, match="SOURCE:RECORD_ID"):
        numbered.explain("data:one", "data:1")
    assert numbered.explain("data:1", "data:1").same
    bare = enishi.resolve(pa.table({"record_id": [1], "email": ["a@x.jp"]}), outputs=["customers"])
    with pytest.raises(InputError, match="without evidence"):
        bare.explain("data:1", "data:1")


def same_tables(left: enishi.CustomerGraph, right: enishi.CustomerGraph) -> bool:
    names = ("customers", "identifiers", "links", "refused", "evidence")
    return all(getattr(left, name).equals(getattr(right, name), check_metadata=True) for name in names)


def test_what_is_written_is_read(graph: enishi.CustomerGraph, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    graph.write(out)
    assert sorted(file.name for file in out.iterdir()) == [
        "customers.parquet", "evidence.parquet", "identifiers.parquet", "links.parquet",
        "refused.parquet", "summary.json",
    ]  # fmt: skip
    again = read_graph(out)
    # Writing is timed too, which the graph in memory cannot know.
    assert again.summary["seconds"].pop("write") > 0 and again.summary["peak_memory_bytes"].pop("write") > 0
    assert same_tables(graph, again) and again.summary == json.loads(json.dumps(graph.summary))
    assert str(again.explain("web:w1", "till:t1")) == str(graph.explain("web:w1", "till:t1"))
    assert pq.read_schema(out / "identifiers.parquet").metadata[b"enishi.key_algorithm"]
    assert [entry.name for entry in out.parent.iterdir()] == ["out"]


def test_files_have_the_modes_of_any_new_file(graph: enishi.CustomerGraph, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        graph.write(tmp_path / "out")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o750
    assert {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "out").iterdir()} == {0o640}


def test_only_some_tables(graph: enishi.CustomerGraph, tmp_path: Path) -> None:
    part = enishi.resolve(pa.table({"record_id": [1], "email": ["a@x.jp"]}), outputs=["links"])
    part.write(tmp_path / "out")
    again = read_graph(tmp_path / "out")
    assert again.evidence is None and again.identifiers is None and again.links.equals(part.links)


def test_a_directory_that_holds_something_is_refused(graph: enishi.CustomerGraph, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    for name, why in (
        ("full", "not empty"),
        ("file", "not a directory"),
        ("broken", "not a directory"),
        ("file/x", "cannot"),
    ):
        for call in (check_directory, graph.write):
            with pytest.raises(OutputError, match=why):
                call(tmp_path / name)
    assert (tmp_path / "full" / "file").read_text() == "mine"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["broken", "file", "full"]


def test_an_empty_directory_or_a_link_to_one_is_taken(graph: enishi.CustomerGraph, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    graph.write(tmp_path / "link")
    assert same_tables(read_graph(tmp_path / "empty"), graph) and (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("after", [0, 2, 4])
def test_nothing_half_written_stays(
    graph: enishi.CustomerGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int, error: BaseException
) -> None:
    real, done = write._write_table, []

    def failing(made: Stream, path: Path, stopped: threading.Event) -> None:
        if len(done) == after:
            raise error
        done.append(path)
        # Nobody else reads what is not whole.
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        real(made, path, stopped)

    if after < 4:
        monkeypatch.setattr(write, "_write_table", failing)
    else:
        monkeypatch.setattr(os, "rename", lambda *_: (_ for _ in ()).throw(error))
    (tmp_path / "out").mkdir()
    with pytest.raises(OutputError if isinstance(error, OSError) else KeyboardInterrupt) as raised:
        graph.write(tmp_path / "out")
    if isinstance(error, OSError):
        assert "nothing was left there" in str(raised.value) and "No space left" in str(raised.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"] and not list((tmp_path / "out").iterdir())


def test_what_is_no_run_is_an_error(graph: enishi.CustomerGraph, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not the output of a run"):
        read_graph(tmp_path)
    graph.write(tmp_path / "out")
    for summary in ("{", "[1]", "[" * 200_000):
        (tmp_path / "out" / "summary.json").write_text(summary)
        with pytest.raises(InputError, match="not the output of a run"):
            read_graph(tmp_path / "out")
    graph.write(tmp_path / "other")
    (tmp_path / "other" / "links.parquet").write_bytes((tmp_path / "other" / "evidence.parquet").read_bytes())
    with pytest.raises(InputError, match=r"links\.parquet or summary\.json is missing or broken"):
        read_graph(tmp_path / "other")
    (tmp_path / "out" / "customers.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="not the output of a run"):
        read_graph(tmp_path / "out")


def test_polars_gets_the_same_tables(graph: enishi.CustomerGraph) -> None:
    frames = graph.to_polars()
    assert list(frames) == ["customers", "identifiers", "links", "refused", "evidence"]
    assert frames["customers"]["customer_id"].to_list() == graph.customers["customer_id"].to_pylist()
    assert frames["customers"]["source"].cast(str).to_list() == graph.customers["source"].to_pylist()
