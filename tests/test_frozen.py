"""Frozen classes against those that `dataclasses` makes of the same fields."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import pytest

from enishi import Column, Comparison, Email, Identifier, Model, Phone, Source
from enishi.frozen import as_dict, field_names, fresh, frozen, replace


@frozen
class Shelf:
    """Where books stand."""

    kind: ClassVar[str] = "shelf"
    room: str
    floor: int = 0
    _: KW_ONLY
    books: list[str] = fresh(default_factory=list)
    width: float = 0.8

    def __post_init__(self) -> None:
        if self.floor < 0:
            raise ValueError("below the ground")

    @property
    def label(self) -> str:
        return f"{self.room}{self.floor}"


@dataclass(frozen=True, slots=True)
class Standard:
    """Where books stand."""

    kind: ClassVar[str] = "shelf"
    room: str
    floor: int = 0
    _: KW_ONLY
    books: list[str] = dataclasses.field(default_factory=list)
    width: float = 0.8


GIVEN: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("a",), {}),
    (("a", 2), {}),
    ((), {"room": "a", "floor": 2}),
    (("a",), {"width": 1.0, "books": ["b"]}),
]
WRONG: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    (("a", 2, ["b"]), {}),
    (("a",), {"room": "b"}),
    (("a",), {"hight": 1.0}),
    (("a",), {"kind": "box"}),
]


@pytest.mark.parametrize(("given", "named"), GIVEN)
def test_it_is_made_as_a_dataclass_is(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    made, standard = Shelf(*given, **named), Standard(*given, **named)
    assert as_dict(made) == dataclasses.asdict(standard)
    assert repr(made) == repr(standard).replace("Standard", "Shelf")


@pytest.mark.parametrize(("given", "named"), WRONG)
def test_what_a_dataclass_refuses_is_refused(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    for cls in (Shelf, Standard):
        with pytest.raises(TypeError, match=cls.__name__):
            cls(*given, **named)


def test_it_never_changes() -> None:
    shelf = Shelf("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        shelf.floor = 3  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del shelf.floor
    with pytest.raises(AttributeError):
        shelf.color = "red"  # type: ignore[attr-defined]
    assert not hasattr(shelf, "__dict__")


def test_it_is_known_by_its_values() -> None:
    assert Column("a") == Column("a") != Column("b")
    assert Email("a") != Phone("a") and Column("a") != "a"
    assert {Column("a"): 1}[Column("a")] == 1
    assert hash(Email(["a", "b"])) == hash(Email(("a", "b")))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Shelf("a"))


def test_methods_class_variables_and_patterns_stay() -> None:
    assert (Shelf("a", 2).label, Shelf.kind, Shelf.__doc__) == ("a2", "shelf", Standard.__doc__)
    assert Shelf.__match_args__ == Standard.__match_args__ and Shelf.__slots__ == Standard.__slots__
    assert Shelf.__qualname__ == "Shelf" and Shelf.__module__ == __name__
    with pytest.raises(ValueError, match="below"):
        Shelf("a", -1)


@pytest.mark.parametrize(
    "kept",
    [
        Shelf("a", 1, books=["b"]),
        Identifier("no", name="passport"),
        Source("web", columns={"mail": "email"}),
        Model([Email(["mail"])], sources=[Source("web")]),
        Comparison("given_name", ["exact", "osa <= 1"]),
    ],
)
def test_copies_and_pickles_are_equal(kept: Any) -> None:
    for again in (copy.copy(kept), copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
        assert again == kept and type(again) is type(kept)


def test_the_standard_library_takes_it_for_a_dataclass() -> None:
    shelf = Shelf("a", books=["b"])
    assert dataclasses.is_dataclass(Shelf) and dataclasses.is_dataclass(shelf)
    assert [each.name for each in dataclasses.fields(Shelf)] == list(field_names(Shelf)) == list(Shelf.__slots__)
    assert dataclasses.replace(shelf, floor=2) == replace(shelf, floor=2) == Shelf("a", 2, books=["b"])
    assert dataclasses.asdict(shelf) == as_dict(shelf)
    assert str(inspect.signature(Shelf)) == str(inspect.signature(Standard))
    assert str(inspect.signature(Identifier)).startswith("(columns: 'Sequence[str]' = (), *, name: 'str', keep_case")


def test_a_replaced_value_is_checked() -> None:
    with pytest.raises(ValueError, match="below"):
        replace(Shelf("a"), floor=-1)
