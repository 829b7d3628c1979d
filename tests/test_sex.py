import pytest

import enishi
from enishi import Match, Model, PersonName, Sex, _normalize
from kernel_checks import assembled, hostile
from reference.address import free_text
from reference.columns import HOSTILE, HUGE, assert_agree

MEANT = {
    "male": "m M Male 男 男性 １ 1 1.0 Männlich homme Hombre masculino uomo h",
    "female": "f F FEMALE 女 女性 2 ２ 2.0 weiblich Femme mujer féminin vrouw W k v",
    "other": "X o d other その他 divers",
    None: "0 9 9.0 0.0 U unknown 回答しない",
}
PIECES = [
    *"mf男女性129ｆé ", ".0", "male", "fe", "その他", "un", "known", "\0", "\ufffd",
]  # fmt: skip


def twin(raw: bytes | None) -> tuple[str | None, str]:
    """The kernel, of the spellings above."""
    plain, status = free_text(raw)
    if plain is None:
        return None, status
    meant = KNOWN.get(plain, "")
    return (None, "malformed") if meant == "" else (meant, "accepted" if meant else "missing")


KNOWN = {free_text(each.encode())[0]: meant for meant, words in MEANT.items() for each in words.split()}


@pytest.mark.parametrize("meant", MEANT)
def test_words_letters_and_numbers(meant: str | None) -> None:
    for written in MEANT[meant].split():
        assert _normalize.sex().one(f" {written} ".encode()) == (meant, "accepted" if meant else "missing")


@pytest.mark.parametrize("raw", ["3", "femail", "mm", "M/F", "12", "1980-01-01", "mister"])
def test_what_is_no_sex_is_refused(raw: str) -> None:
    assert _normalize.sex().one(raw.encode()) == (None, "malformed")


def test_agrees_with_its_twin() -> None:
    normalizer = _normalize.sex()
    assert_agree(normalizer, twin, assembled(PIECES, 20_000, seed=1, longest=3))
    assert_agree(normalizer, twin, list(hostile(2, "女性".encode())))
    assert_agree(normalizer, twin, [None, *HOSTILE, *HUGE])


def test_channels_that_write_it_differently_agree() -> None:
    """As a text F and 女性 would speak against everybody of two channels."""
    people = [("男性", "M", "1"), ("女性", "F", "2")]
    names = [f"{a}{b}" for a in "佐鈴高田伊渡山中小加" for b in "藤木橋中本辺村島林賀"]
    rows: dict[str, list[dict[str, str]]] = {"web": [], "app": [], "till": []}
    for n, name in enumerate(names):
        for source, gender in zip(rows, people[n % 2], strict=True):
            rows[source].append(
                {"record_id": str(n), "family_name": name, "given_name": f"恵{n % 7}", "gender": gender}
            )
    graph = enishi.resolve(rows, Model([PersonName(), Sex()], match=Match()))
    counted = graph.summary["fields"]["sex"]
    assert counted["filled"] == 300 and not counted["refused"]
    assert graph.summary["match"]["weights"]["sex"]["different"] < 0 < graph.summary["match"]["weights"]["sex"]["equal"]
