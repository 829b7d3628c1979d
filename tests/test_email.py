import csv
import random
import xml.etree.ElementTree as ElementTree
from functools import partial
from pathlib import Path

import idna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enishi import _normalize
from reference import email as twin
from reference.columns import HOSTILE, HUGE, assert_agree

FORMS = ["raw", "deliverable", "canonical"]
NORMALIZERS = {form: _normalize.email(form) for form in FORMS}


def canonical(value: str) -> tuple[str | None, str]:
    return NORMALIZERS["canonical"].one(value.encode())


ACCEPTED = [
    # provider's habits
    ("Taro.Yamada+shop@GMail.com", "taroyamada@gmail.com"),
    ("t.a.r.o@googlemail.com", "taro@gmail.com"),
    ("a.b+c@me.com", "a.b@icloud.com"),
    ("a@mac.com", "a@icloud.com"),
    ("a.b+c@outlook.jp", "a.b@outlook.jp"),
    ("a+b+c@hotmail.co.jp", "a@hotmail.co.jp"),
    ("a.b+c@proton.me", "a.b@proton.me"),
    ("a+c@fastmail.com", "a@fastmail.com"),
    ("a+c@zohomail.jp", "a@zohomail.jp"),
    ("a+c@ya.ru", "a@ya.ru"),
    ("taro-shop@yahoo.co.jp", "taro-shop@yahoo.co.jp"),
    ("a+b@yahoo.com", "a+b@yahoo.com"),
    ("a.b+c@example.com", "a.b+c@example.com"),
    ("a.b@mail.gmail.com", "a.b@mail.gmail.com"),
    # carriers
    ("taro..yamada@docomo.ne.jp", "taro..yamada@docomo.ne.jp"),
    ("taro.@ezweb.ne.jp", "taro.@ezweb.ne.jp"),
    (".taro@au.com", ".taro@au.com"),
    ("taro.@c2.ezweb.ne.jp", "taro.@c2.ezweb.ne.jp"),
    ('"taro..yamada."@docomo.ne.jp', "taro..yamada.@docomo.ne.jp"),
    # as typed and pasted
    (" TARO@Example.JP\t", "taro@example.jp"),
    ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", "taro@example.co.jp"),
    ("taro\u200b@example.com\ufeff", "taro@example.com"),
    ("mailto:taro@example.com?subject=hi", "taro@example.com"),
    ("Yamada Taro <taro@example.com>", "taro@example.com"),
    ("山田　太郎＜taro@example.com＞", "taro@example.com"),
    ("<mailto:taro@example.com>;", "taro@example.com"),
    ("'taro@example.com'", "taro@example.com"),
    ("'taro@example.com", "taro@example.com"),
    ('"taro@example.com"', "taro@example.com"),
    ('"taro"@example.com', "taro@example.com"),
    ("taro@example.com.", "taro@example.com"),
    ("taro@example.com、", "taro@example.com"),
    ("taro@example.jp。", "taro@example.jp"),
    ("o'brien@example.com", "o'brien@example.com"),
    ("x=y{1}~@example.com", "x=y{1}~@example.com"),
    # international
    ("taro@日本語.jp", "taro@xn--wgv71a119e.jp"),
    ("taro@日本語。ＪＰ", "taro@xn--wgv71a119e.jp"),
    ("a@BÜCHER.de", "a@xn--bcher-kva.de"),
    ("a@xn--bcher-kva.de", "a@xn--bcher-kva.de"),
    ("José@example.com", "josé@example.com"),
    ("JOSE\u0301@example.com", "josé@example.com"),
]


@pytest.mark.parametrize(("raw", "expected"), ACCEPTED)
def test_canonical(raw: str, expected: str) -> None:
    assert canonical(raw) == (expected, "accepted")
    assert twin.email(raw.encode()) == canonical(raw)


def test_the_three_forms_stay_apart() -> None:
    raw = b" T.Aro+x@Me.com "
    assert [NORMALIZERS[form].one(raw)[0] for form in FORMS] == ["T.Aro+x@Me.com", "t.aro+x@me.com", "t.aro@icloud.com"]


REFUSED = {
    "missing": ["", "   ", "null", "N/A", "なし", "ー", "-"],
    "encoding": ["a\0b@example.com", "a@exam\x1bple.com"],
    "malformed": [
        *("taro", "@", "taro@", "@example.com", "taro@example", "a@b@example.com", "a b@example.com", "a@exa mple.com"),
        *("a..b@example.com", ".a@example.com", "a.@example.com", "a@.example.com", "a@example..com", "a@-x.com"),
        *("a@x-.com", "a@ex_ample.com", "a@[192.0.2.1]", '"a b"@example.com', "a,b@example.com", "a@b.com,c@d.com"),
        *(
            "(note)a@example.com",
            "a\\b@example.com",
            "+tag@gmail.com",
            "...@docomo.ne.jp",
            "a@日本 語.jp",
            "a@日本,語.jp",
        ),
        *("a@日本」.jp", "a@日→本.jp"),
    ],
    "too_long": [
        "x" * 65 + "@example.com",
        "a@" + "x" * 64 + ".com",
        "a@" + "日" * 60 + ".jp",
        "あ" * 22 + "@example.jp",
    ],
    "impossible": ["a@192.0.2.1", "a@example.c", "a@example.123"],
}


@pytest.mark.parametrize(("status", "raw"), [(status, raw) for status, values in REFUSED.items() for raw in values])
def test_refused(status: str, raw: str) -> None:
    assert canonical(raw) == (None, status)
    assert twin.email(raw.encode()) == (None, status)


@pytest.mark.parametrize(
    "raw",
    [
        *("noreply@shop.co.jp", "No-Reply@shop.co.jp", "no_reply@shop.com", "do-not-reply@x.com", "info@example.com"),
        *("info+web@shop.jp", "test@gmail.com", "t.e.s.t+1@gmail.com", "test123@yahoo.co.jp", "none@none.com"),
        *("taro@noemail.com", "taro@shop.invalid", "support@x.jp", "Postmaster@x.jp", "sales@x.jp", "dummy01@x.jp"),
        *("hr@x.jp", "soumu@x.co.jp", "n.o.r.e.p.l.y@x.jp"),
    ],
)
def test_generic(raw: str) -> None:
    value, status = canonical(raw)
    assert value and status == "generic"
    assert twin.email(raw.encode()) == (value, status)


@pytest.mark.parametrize("raw", ["tester.lee@x.jp", "info2024@x.jp", "norie@x.jp", "supporter@x.jp", "ho.shi@x.jp"])
def test_not_generic(raw: str) -> None:
    assert canonical(raw)[1] == "accepted"


def test_lengths_around_the_limits() -> None:
    for size in (63, 64, 65):
        assert canonical("x" * size + "@example.com")[1] == ("accepted" if size <= 64 else "too_long")
        assert canonical("a@" + "x" * size + ".com")[1] == ("accepted" if size <= 63 else "too_long")
        assert canonical("a@" + "x" * size + ".gmail.com")[1] == ("accepted" if size <= 63 else "too_long")
    for size in (253, 254, 255):
        domain = ".".join(["x" * 60] * 3)
        address = "a" * 10 + "@" + "y" * (size - len(domain) - 16) + "." + domain + ".com"
        assert len(address) == size
        assert canonical(address)[1] == ("accepted" if size <= 254 else "too_long")


@pytest.mark.parametrize("form", FORMS)
def test_usual_addresses_of_every_length(form: str) -> None:
    """Up to 64 bytes are read at once: every size of both parts, with the signs that decide at every place."""
    domains = ["x.jp", "gmail.com", "Me.com", "yahoo.co.jp", "c2.ezweb.ne.jp", "hanako-shoji.co.jp", "fastmail.com.au"]
    domains += ["x-.jp", "-x.jp", "x.j", "x.12", "x_y.jp", "a.invalid", ".invalid", "none.com", "y" * 30 + ".com"]
    values = [("Ab" * 35)[:size] + f"@{domain}" for size in range(70) for domain in domains]
    for sign in [".", "+", "_", "-", "@", "/", " ", "\0", "é"]:
        for size in (8, 15, 16, 17, 31, 32, 33, 63, 64, 65):
            address = "x" * (size - 10) + "@gmail.com" if size > 10 else "x@gmx.jp"
            values += [address[:at] + sign + address[at + 1 :] for at in range(len(address))]
    roles = ["info", "test", "hr", "nil", "noreply", "marketing", "mark", "tests", "infos", "unknownuser"]
    values += [
        f"{front}{role}{end}@x.jp" for role in roles for front in ("", ".", "a") for end in ("", "1", "+a", "-", "a")
    ]
    assert_agree(NORMALIZERS[form], partial(twin.email, form=form), [value.encode() for value in values])


LABELS = ["bücher", "straße", "日本語", "ドメイン", "한국", "москва", "ελλάδα", "münchen-ost", "例え", "परीक्षा", "a日b"]


@pytest.mark.parametrize("label", LABELS)
def test_domains_as_the_idna_package_has_them(label: str) -> None:
    expected = idna.encode(label + ".jp").decode()
    assert canonical(f"a@{label}.jp") == (f"a@{expected}", "accepted")


@given(st.text(st.characters(min_codepoint=0x3041, max_codepoint=0x9FFF, categories=["Lo"]), min_size=1, max_size=14))
def test_punycode_as_python_has_it(label: str) -> None:
    assert canonical(f"a@x{label}.jp") == twin.email(f"a@x{label}.jp".encode())


def test_corrected_domains() -> None:
    typos = twin.table("corrected_domain")
    assert len(typos) > 100
    for typo in typos:
        assert _normalize.corrected_domain(typo) == twin.corrected_domain(typo)
        # A typo is not itself a domain that we know as somebody's, and a correction needs none.
        assert typo not in twin.table("providers")
        assert _normalize.corrected_domain(twin.corrected_domain(typo) or "") is None
        # Never a canonical form.
        assert (canonical(f"taro@{typo}")[0] or f"taro@{typo}") == f"taro@{typo}"
    expected = {
        "gmial.com": "gmail.com",
        "gmail.co": "gmail.com",
        "yaho.co.jp": "yahoo.co.jp",
        "fmail.com": None,
        "": None,
    }
    assert {typo: _normalize.corrected_domain(typo) for typo in expected} == expected


def test_isemail_vectors(shared_data: Path) -> None:
    """Valid addresses are accepted and erroneous ones refused, but for what the top of email.hpp says."""
    visible_controls = {0x2400 + i: i for i in range(32)}
    for test in ElementTree.parse(shared_data / "vectors" / "email" / "isemail_tests.xml").getroot().iter("test"):
        address = (test.findtext("address") or "").translate(visible_controls)
        diagnosis = (test.findtext("diagnosis") or "").removeprefix("ISEMAIL_")
        value, status = canonical(address)
        assert (value, status) == twin.email(address.encode())
        trimmed = address.strip().rstrip(".")
        last = trimmed.rpartition(".")[2]
        if trimmed != address:  # white space, and a stop after the domain, are taken off
            continue
        if diagnosis in ("VALID", "DNSWARN_NO_RECORD", "DNSWARN_NO_MX_RECORD"):
            one_label = "." not in address.partition("@")[2]
            assert (value is None) == (one_label or len(last) < 2), test.get("id")
        elif diagnosis == "RFC5321_QUOTEDSTRING" and value:
            assert value == address.replace('"', "")
        else:
            assert value is None, test.get("id")
        if diagnosis in ("RFC5322_LOCAL_TOOLONG", "RFC5322_LABEL_TOOLONG", "RFC5322_TOOLONG") and '"' not in address:
            assert status == "too_long"


PIECES = [
    *("taro", "Hanako", ".", "..", "+", "-", "_", "@", "@", "@", "gmail.com", "googlemail.com", "docomo.ne.jp", "x.jp"),
    *(
        "example.com",
        "日本語",
        "é",
        "。",
        " ",
        "<",
        ">",
        '"',
        "'",
        "mailto:",
        "MAILTO:",
        "?",
        ",",
        ";",
        "info",
        "test",
        "1",
    ),
    *(
        "no",
        "reply",
        "me.com",
        ".invalid",
        ".c2.ezweb.ne.jp",
        "xn--",
        "ａ",
        "＠",
        "\u200b",
        "\u3000",
        "\t",
        "ß",
        "İ",
        "x" * 30,
    ),
]


@pytest.mark.parametrize("form", FORMS)
def test_columns_of_hostile_values(form: str) -> None:
    rng = random.Random(3)
    values = [value for value, _ in ACCEPTED] + [value for values in REFUSED.values() for value in values]
    values += ["".join(rng.choices(PIECES, k=rng.randint(1, 7))) for _ in range(3000)]
    assert_agree(
        NORMALIZERS[form],
        partial(twin.email, form=form),
        [*HOSTILE, *HUGE, None, *(value.encode() for value in values)],
    )


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=8).map("".join))
def test_any_text_as_the_twin_has_it(value: str) -> None:
    for form in FORMS:
        assert NORMALIZERS[form].one(value.encode()) == twin.email(value.encode(), form)


@given(st.binary(max_size=80))
def test_any_bytes_as_the_twin_has_them(value: bytes) -> None:
    assert NORMALIZERS["canonical"].one(value) == twin.email(value)


def test_canonical_values_are_their_own() -> None:
    rng = random.Random(4)
    for _ in range(5000):
        value, status = canonical("".join(rng.choices(PIECES, k=rng.randint(2, 7))))
        if value is not None:
            assert canonical(value) == (value, status)


def recipes(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "vectors" / "email" / "hashed_email_recipes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_recipe_vectors(shared_data: Path) -> None:
    hashed = _normalize.hashed_email()
    for row in recipes(shared_data):
        recipe = row["recipe"].partition("_")[0]
        value, status = _normalize.email_recipe(recipe).one(row["input"].encode())
        assert (value, status) == twin.email_recipe(row["input"].encode(), recipe)
        assert twin.recipe_text(row["input"].encode(), recipe)[0] == (row["normalized"] or None)
        assert value == (_normalize.sha256(row["normalized"].encode()) if row["normalized"] else None)
        if row["sha256"]:
            assert hashed.one(row["sha256"].encode()) == (value, "accepted")


def test_recipes_differ_where_their_owners_do() -> None:
    def texts(value: str) -> list[str | None]:
        assert all(
            _normalize.email_recipe(r).one(value.encode()) == twin.email_recipe(value.encode(), r)
            for r in ("uid2", "google", "meta")
        )
        return [twin.recipe_text(value.encode(), recipe)[0] for recipe in ("uid2", "google", "meta")]

    assert texts(" T.Aro+x@Gmail.com ") == ["taro@gmail.com", "taro@gmail.com", "t.aro+x@gmail.com"]
    assert texts("t.a@googlemail.com") == ["t.a@googlemail.com", "ta@googlemail.com", "t.a@googlemail.com"]
    assert texts("ta ro@x.jp") == ["ta ro@x.jp", "taro@x.jp", "ta ro@x.jp"]
    assert texts("ÉMILE@x.fr") == ["Émile@x.fr", "émile@x.fr", "émile@x.fr"]


HEX = "509e933019bb285a134a9334b8bb679dff79d0ce023d529af4bd744d47b4fd8a"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (HEX, (HEX, "accepted")),
        (f" {HEX.upper()}\n", (HEX, "accepted")),
        ("UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yo=", (HEX, "accepted")),
        ("UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0_Yo", (HEX, "accepted")),
        ("UJ6TMBm7KFoTSpM0uLtnnf950M4CPVKa9L10TUe0/Yp=", (None, "malformed")),
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", (None, "junk")),
        ("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", (None, "junk")),
        ("0" * 64, (None, "junk")),
        ("ab" * 32, (None, "junk")),
        (_normalize.sha256(b"null"), (None, "junk")),
        (HEX[:-1], (None, "malformed")),
        (HEX[:-1] + "g", (None, "malformed")),
        (_normalize.md5(b"a@example.com"), (None, "malformed")),
        ("taro@example.com", (None, "malformed")),
        ("null", (None, "missing")),
    ],
)
def test_hashed(raw: str, expected: tuple[str | None, str]) -> None:
    assert _normalize.hashed_email().one(raw.encode()) == expected
    assert twin.hashed_email(raw.encode()) == expected


def test_columns_of_hashes() -> None:
    rng = random.Random(5)
    alphabet = "0123456789abcdefABCDEF" * 3 + "gG+/=_-"
    values: list[bytes | None] = [
        "".join(rng.choices(alphabet, k=rng.choice([43, 44, 63, 64, 65]))).encode() for _ in range(2000)
    ]
    values += [HEX.encode(), HEX.upper().encode(), (HEX[:63] + "é").encode(), *HOSTILE, *HUGE, None]
    values += [value.encode() for value in twin.NOTHING] + [
        _normalize.sha256(v.encode()).encode() for v in twin.NOTHING
    ]
    assert_agree(_normalize.hashed_email(), twin.hashed_email, values)


@pytest.mark.parametrize("recipe", ["uid2", "google", "meta"])
def test_columns_of_recipes(recipe: str) -> None:
    rng = random.Random(6)
    values = ["".join(rng.choices(PIECES, k=rng.randint(1, 7))).encode() for _ in range(2000)]
    assert_agree(
        _normalize.email_recipe(recipe), partial(twin.email_recipe, recipe=recipe), [*HOSTILE, *HUGE, None, *values]
    )
