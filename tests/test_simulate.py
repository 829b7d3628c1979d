import dataclasses
import inspect
import re
import tracemalloc
import unicodedata
from collections import defaultdict

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from stdnum import luhn

from enishi import _simulate_rates, _simulate_text
from enishi._simulate_channels import NO_DEVICE
from enishi._simulate_japan import given_names, surnames
from enishi._simulate_people import BLOCK, MAX_CUSTOMERS, Span, draw_people
from enishi.simulate import Rates, blocks, sample, shop_values, simulate

CUSTOMERS = 12_000
IDENTIFIERS = ("email", "phone", "device_id", "loyalty_card", "payment_token")


@pytest.fixture(scope="module")
def world():
    return sample(CUSTOMERS, seed=3)


@pytest.fixture(scope="module")
def persons(world):
    truth = world.truth
    keys = zip(truth["source"].to_pylist(), truth["record_id"].to_pylist(), strict=True)
    return dict(zip(keys, truth["person_id"].to_pylist(), strict=True))


def canonical(field, value):
    value = unicodedata.normalize("NFKC", value)
    if field == "email":
        local, _, domain = value.lower().rpartition("@")
        return (local.partition("+")[0].replace(".", "") if domain == "gmail.com" else local) + "@" + domain
    if field == "phone":
        digits = re.sub(r"\D", "", value)
        return "0" + (digits[2:] if value.startswith("+") else digits.lstrip("0"))
    return value.lower().replace("-", "").replace(" ", "") if field != "payment_token" else value


def carriers(world, persons, field):
    """The known people of every value of an identifier, and the records that carry it."""
    people, records = defaultdict(set), defaultdict(int)
    for source, table in world.tables.items():
        if field in table.column_names:
            for record, value in zip(table["record_id"].to_pylist(), table[field].to_pylist(), strict=True):
                if value is not None:
                    key = canonical(field, value)
                    records[key] += 1
                    if (person := persons[source, record]) is not None:
                        people[key].add(person)
    return people, records


def share(mask):
    return float(np.mean(np.asarray(mask)))


# Determinism, blocks, memory


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    summaries = [simulate(tmp_path / name, 9_000, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2))]
    assert summaries[0] == summaries[1] != summaries[2]
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files == sorted([*(f"{name}.parquet" for name in summaries[0].records), "truth.parquet"])
    for name in files:
        first, second, other = ((tmp_path / run / name).read_bytes() for run in "abc")
        assert first == second != other


def test_files_hold_what_the_blocks_hold(tmp_path):
    summary = simulate(tmp_path / "world", 9_000, seed=1)
    world = sample(9_000, seed=1)
    for name, table in world.tables.items():
        assert pq.read_table(tmp_path / "world" / f"{name}.parquet") == table
        assert summary.records[name] == table.num_rows
    assert pq.read_table(tmp_path / "world" / "truth.parquet") == world.truth
    assert summary.scored == world.truth.num_rows - world.truth["person_id"].null_count


def test_a_block_follows_from_the_seed_and_its_number():
    short, long = list(blocks(2 * BLOCK)), list(blocks(3 * BLOCK))
    assert short[0] == long[0]
    assert short[1] == long[1]


def test_a_world_that_ends_within_a_block_is_the_beginning_of_a_larger_one():
    (small, truth), (large, _) = next(blocks(500)), next(blocks(BLOCK))
    assert pc.max(truth["person_id"]).as_py() < 500
    for name, table in small.items():
        chosen = pc.is_in(large[name]["record_id"], value_set=table["record_id"].combine_chunks())
        assert large[name].filter(chosen) == table


def test_memory_does_not_grow_with_the_world():
    def peak(customers):
        tracemalloc.start()
        pool = pa.total_allocated_bytes()
        highest = 0
        for block in blocks(customers):
            highest = max(highest, pa.total_allocated_bytes() - pool)
            del block
        traced = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest + traced

    peak(BLOCK)
    assert peak(6 * BLOCK) < 1.3 * peak(2 * BLOCK)


def test_the_last_people_that_fit_have_numbers_of_their_own():
    span = Span(1_700_000_000, 1_800_000_000)
    people = draw_people(0, MAX_CUSTOMERS // BLOCK - 1, Rates(), span)
    mobiles = np.concatenate(people.mobile)
    assert mobiles.min() >= 7_010_000_000
    assert mobiles.max() <= 9_099_999_999
    assert len(np.unique(people.mobile[0])) > 0.99 * BLOCK


@pytest.mark.parametrize(
    "arguments", [{"customers": 0}, {"customers": MAX_CUSTOMERS + 1}, {"customers": 5, "seed": -1}]
)
def test_bad_arguments_are_refused_at_once(arguments, tmp_path):
    with pytest.raises(ValueError, match="must be"):
        simulate(tmp_path / "world", **arguments)
    assert not (tmp_path / "world").exists()


def test_a_directory_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError, match="is not empty"):
        simulate(tmp_path, 10)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_interrupted_run_leaves_no_files(tmp_path):
    def stop(done):
        assert done == 10
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tmp_path, 10, progress=stop)
    assert not list(tmp_path.iterdir())


# Rates


def test_every_rate_stands_with_its_source_or_as_assumed():
    source = inspect.getsource(_simulate_rates.Rates)
    lines = {m[1]: m[2] for m in re.finditer(r"^    (\w+): .*?=.*?  # (.*)$", source, re.MULTILINE)}
    for field in dataclasses.fields(Rates):
        assert "assumed" in lines[field.name] or "source" in lines[field.name], field.name
        if field.metadata:
            assert lines[field.name].startswith("assumed"), field.name


def test_scaled_multiplies_trouble_alone_and_stays_a_probability():
    rates, doubled, extreme = Rates(), Rates().scaled(2), Rates().scaled(1e6)
    scaled = {f.name for f in dataclasses.fields(Rates) if getattr(doubled, f.name) != getattr(rates, f.name)}
    assert {"email_typo", "recycled_number", "family_tablet", "default_card", "omitted"} <= scaled
    assert not scaled & {"move_a_year", "web_shop", "cashless", "twins", "junior"}
    assert all(getattr(doubled, name) == 2 * getattr(rates, name) for name in scaled)
    assert all(getattr(extreme, name) == 1.0 for name in scaled)
    sample(100, rates=extreme)


def test_halved_and_doubled_trouble_shows():
    def noreply(factor):
        emails = sample(CUSTOMERS, rates=Rates().scaled(factor)).tables["till"]["email"]
        return pc.sum(pc.equal(emails, shop_values(CUSTOMERS)["noreply"][0])).as_py()

    assert noreply(2) == pytest.approx(4 * noreply(0.5), rel=0.3)


# The records and their truth


def test_truth_covers_each_record_exactly_once(world):
    truth = world.truth
    assert truth.column_names == ["source", "record_id", "person_id", "household_id"]
    for source, table in world.tables.items():
        ids = table["record_id"].to_pylist()
        assert len(set(ids)) == len(ids)
        assert sorted(ids) == sorted(truth.filter(pc.equal(truth["source"], source))["record_id"].to_pylist())
    assert truth["person_id"].null_count == truth["household_id"].null_count
    assert len(pc.unique(truth["person_id"].drop_null())) > 0.97 * CUSTOMERS
    assert pc.max(truth["person_id"]).as_py() < CUSTOMERS


def test_channels_are_used_as_their_rates_say(world):
    rates = Rates()
    for source, table in world.tables.items():
        users, more = getattr(rates, source)
        assert table.num_rows == pytest.approx(CUSTOMERS * users * (1 + more), rel=0.1), source
        visitors = len(pc.unique(world.truth.filter(pc.equal(world.truth["source"], source))["person_id"]))
        assert visitors == pytest.approx(CUSTOMERS * users, rel=0.1), source
        assert pa.types.is_timestamp(table["seen_at"].type)


def test_only_the_shops_own_values_and_shared_ones_reach_from_one_person_to_another(world, persons):
    values = [value for values in shop_values(CUSTOMERS, seed=3).values() for value in values]
    limits = {"email": 0.002, "phone": 0.01, "device_id": 0.01, "loyalty_card": 0.001, "payment_token": 0.001}
    for field in IDENTIFIERS:
        people, _ = carriers(world, persons, field)
        own = {canonical(field, value) for value in (*values, NO_DEVICE)}
        shared = [key for key, who in people.items() if len(who) > 1 and key not in own]
        assert len(shared) < limits[field] * CUSTOMERS, field
        assert all(len(people[key]) <= 4 for key in shared), field


def test_emails_are_of_real_providers_with_their_oddities(world):
    emails = world.tables["web_shop"]["email"].to_pylist()
    domains = [email.lower().rpartition("@")[2] for email in emails]
    assert share([domain == "gmail.com" for domain in domains]) == pytest.approx(0.46, abs=0.05)
    assert "yahoo.co.jp" in domains
    assert any("+shop@gmail.com" in email for email in emails)
    assert any(re.search(r"(\.\.|\.@)", email) and "docomo" in email for email in emails)
    assert any(email != email.lower() for email in emails)
    assert any(domain in ("gmial.com", "gmail.co", "yaho.co.jp") for domain in domains)


def test_phones_are_valid_but_for_slips(world):
    phones = world.tables["web_shop"]["phone"].to_pylist() + world.tables["catalogue"]["phone"].to_pylist()
    some = phones[:: max(1, len(phones) // 3000)]
    numbers = [phonenumbers.parse(canonical("phone", phone), "JP") for phone in some]
    assert share([phonenumbers.is_valid_number(number) for number in numbers]) > 0.98
    assert any(phone.startswith("＋") or "０" in phone for phone in phones)
    assert any(phone.startswith("+81") for phone in phones)
    assert any(len(phone) == 10 and phone[0] in "789" for phone in phones)


def test_loyalty_cards_hold_their_check_digit_but_for_slips(world):
    swiped = world.tables["till"]["loyalty_card"].drop_null().to_pylist()
    assert all(len(card) == 16 and luhn.is_valid(card) for card in swiped)
    cards = world.tables["web_shop"]["loyalty_card"].drop_null().to_pylist()
    typed = [canonical("loyalty_card", card) for card in cards]
    assert {len(card) for card in typed} == {16}
    wrong = share([not luhn.is_valid(card) for card in typed])
    assert 0.2 * Rates().card_typo < wrong < 2 * Rates().card_typo


def test_devices_and_tokens(world):
    devices = world.tables["app"]["device_id"].to_pylist()
    zeros = share([set(device) <= set("0-") for device in devices])
    assert zeros == pytest.approx(Rates().ios * Rates().tracking_refused, abs=0.04)
    assert any(device.isupper() for device in devices)
    assert any(device.islower() for device in devices)
    assert any("-" not in device for device in devices)
    tokens = world.tables["mobile_payment"]["payment_token"].to_pylist()
    assert all(re.fullmatch(r"tok_\w{20}", token) for token in tokens)
    cash = world.tables["till"]["payment_token"].null_count / world.tables["till"].num_rows
    assert 1 - cash == pytest.approx(Rates().cashless, abs=0.02)


def test_names_occur_as_often_as_they_do(world):
    names = world.tables["web_shop"]["family_name_kana"].to_pylist()
    table = surnames()
    assert share([name == "サトウ" for name in names]) == pytest.approx(table.cumulative[0], abs=0.006)
    forms = {name: world.tables[source][column].to_pylist() for name, source, column in (
        ("half", "call_centre", "given_name_kana"), ("kanji", "web_shop", "given_name"), ("app", "app", "given_name"),
        ("hand", "catalogue", "given_name_kana"),
    )}  # fmt: skip
    assert all(re.fullmatch("[ｦ-ﾟ]+", name) for name in forms["half"])
    assert any(name.isascii() for name in forms["app"])
    assert any(re.fullmatch("[ぁ-ん]+", name) for name in forms["hand"])
    assert not any(name.isascii() for name in forms["kanji"])
    assert any(name.startswith("髙") for name in world.tables["web_shop"]["family_name"].to_pylist())


def test_lives(world):
    span = Span(1_672_531_200, 1_767_225_600)
    people = draw_people(0, 0, Rates(), span)
    births, given = people.births[:BLOCK], people.given
    age = (span.start // 86_400 - births) / 365.25
    assert 14 < age.min() < age.max() < 95
    later = np.arange(1, BLOCK)
    same_home = people.household[later] == people.household[later - 1]
    twins = same_home & (births[later] == births[later - 1])
    assert twins.any()
    sons = (people.member > 0) & (people.sex == 0) & (people.sex[people.head] == 0) & (age[people.head] - age > 18)
    alike = given_names().first[given] == given_names().first[given[people.head]]
    assert share(alike[sons]) == pytest.approx(Rates().junior, abs=0.07)
    assert share(people.surname[0] != people.surname[1]) > 0.001
    moved = share(people.moved < span.end)
    assert moved == pytest.approx(1 - (1 - Rates().move_a_year) ** 3, abs=0.03)
    assert share(people.renumbered < span.end) == pytest.approx(1 - (1 - Rates().new_number_a_year) ** 3, abs=0.01)
    assert np.mean(people.care) == pytest.approx(1, abs=0.05)
    recycled = np.isin(people.mobile[1], people.mobile[0]) & (people.renumbered < span.end)
    assert recycled.any()


# Traps


def test_traps_are_there_at_their_rates(world, persons):
    own = shop_values(CUSTOMERS, seed=3)
    rates = Rates()
    till = world.tables["till"]
    cards = till["loyalty_card"].to_pylist()
    assert share([card in own["default_card"] for card in cards]) == pytest.approx(rates.default_card, rel=0.25)
    assert share([card in own["staff_card"] for card in cards]) == pytest.approx(rates.staff_card, rel=0.25)
    noreply = share(pc.fill_null(pc.equal(till["email"], own["noreply"][0]), False))
    assert noreply == pytest.approx(rates.till_noreply, rel=0.25)
    kiosk = world.tables["kiosk"]["device_id"].to_pylist()
    assert set(kiosk) == set(own["kiosk"])
    people, _ = carriers(world, persons, "device_id")
    assert all(len(people[canonical("device_id", device)]) > 500 for device in own["kiosk"])
    tests = pc.equal(world.tables["web_shop"]["email"], own["test_account"][0])
    assert pc.sum(tests).as_py() >= 1


def test_who_cannot_be_known_is_not_scored(world, persons):
    own = shop_values(CUSTOMERS, seed=3)
    till = world.tables["till"]
    columns = (till[name].to_pylist() for name in ("record_id", "loyalty_card", "payment_token", "email"))
    borrowed = {*own["default_card"], *own["staff_card"]}
    unknown = 0
    for record, card, token, email in zip(*columns, strict=True):
        if persons["till", record] is None:
            unknown += 1
            assert card in borrowed
            assert token is None
            assert email in (None, own["noreply"][0])
    assert unknown > 0
    web = world.tables["web_shop"]
    for record, email in zip(web["record_id"].to_pylist(), web["email"].to_pylist(), strict=True):
        assert (persons["web_shop", record] is None) == (email == own["test_account"][0])


def test_gifts_and_relatives_bear_other_names(world, persons):
    web, pick_up = world.tables["web_shop"], world.tables["pick_up"]
    names = {
        persons["web_shop", record]: given
        for record, given in zip(web["record_id"].to_pylist(), web["given_name_kana"].to_pylist(), strict=True)
    }
    other = [
        given != names[person]
        for record, given in zip(pick_up["record_id"].to_pylist(), pick_up["given_name_kana"].to_pylist(), strict=True)
        if (person := persons["pick_up", record]) in names
    ]
    assert 0 < share(other) < Rates().picked_up_by_relative


# The spelling


def test_numbers_handed_out_stay_unique():
    scattered = _simulate_text.scatter(np.arange(2700), 27, 100, 5)
    assert sorted(scattered) == list(range(2700))


def test_check_digits_agree_with_stdnum():
    numbers = np.random.default_rng(0).integers(0, 10**15, 1000)
    cards = _simulate_text.stamp("#" * 16, _simulate_text.luhn(_simulate_text.digits(numbers, 15))).to_pylist()
    assert all(luhn.is_valid(card) and int(card[:-1]) == number for card, number in zip(cards, numbers, strict=True))


def test_slips_are_one_edit_within_the_limit():
    from rapidfuzz.distance import OSA

    words = ["taro.sato12@gmail.com", "ab@c.jp", "x@y"] * 200
    limits = np.array([word.index("@") for word in words])
    slips = _simulate_text.mistyped(pa.array(words), limits, np.random.default_rng(0)).to_pylist()
    for word, slip in zip(words, slips, strict=True):
        assert OSA.distance(word, slip) <= 1
        assert slip.rpartition("@")[2] == word.rpartition("@")[2]
    assert share([word != slip for word, slip in zip(words, slips, strict=True)]) > 0.8


def test_speed(benchmark, tmp_path):
    sample(10)
    runs = iter(range(100))
    benchmark.pedantic(lambda: simulate(tmp_path / str(next(runs)), 50_000), rounds=3)
