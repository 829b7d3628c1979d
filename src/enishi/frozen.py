"""Frozen classes with slots, as ``dataclass(frozen=True, slots=True)`` makes them, at a thirtieth of its price.

`dataclasses` writes the source of six methods for each class and compiles it: more than half a millisecond a class, so
that a small call would spend longer on its classes than on its records. Here each method is written once and asks the
class for its fields. Type checkers take the decorator for that of `dataclasses` (PEP 681), and so does the standard
library: `dataclasses.fields`, `dataclasses.replace` and `inspect.signature` work, at the old price for who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from dataclasses import Field
    from inspect import Signature

Made = TypeVar("Made")
_set = object.__setattr__


class _Factory:
    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def fresh(*, default_factory: Callable[[], Any]) -> Any:
    """A default that is made anew for each instance.

    Examples
    --------
    >>> @frozen
    ... class Shelf:
    ...     books: list[str] = fresh(default_factory=list)
    >>> Shelf().books is Shelf().books
    False
    """
    return _Factory(default_factory)


@dataclass_transform(frozen_default=True, field_specifiers=(fresh,))
def frozen(cls: type[Made]) -> type[Made]:
    """Makes a class of annotated fields one whose instances have these and never change.

    Fields may have defaults, and those after ``_: KW_ONLY`` are keywords; ``__post_init__`` is called where there is
    one. The annotations have to be texts (``from __future__ import annotations``), and the fields the class's own.

    Examples
    --------
    >>> @frozen
    ... class Place:
    ...     name: str
    ...     floor: int = 0
    >>> Place("till"), Place("till") == Place("till", floor=1)
    (Place(name='till', floor=0), False)
    >>> Place()
    Traceback (most recent call last):
    ...
    TypeError: Place() misses 'name'
    """
    return _made(cls, _METHODS | {"__setattr__": _keep, "__delattr__": _keep, "__hash__": _hash})


@dataclass_transform(field_specifiers=(fresh,))
def mutable(cls: type[Made]) -> type[Made]:
    """Makes a class like a frozen one, but for its instances: they change, and are no keys.

    Examples
    --------
    >>> @mutable
    ... class Tally:
    ...     count: int = 0
    >>> tally = Tally()
    >>> tally.count += 1
    >>> tally
    Tally(count=1)
    """
    return _made(cls, _METHODS | {"__hash__": None})


def _made(cls: type[Made], methods: dict[str, Any]) -> type[Made]:
    positional: list[str] = []
    named: list[str] = []
    group = positional
    for name, annotation in cls.__annotations__.items():
        if annotation.endswith("KW_ONLY"):
            group = named
        elif not annotation.startswith("ClassVar"):
            group.append(name)
    names = (*positional, *named)
    body = {name: each for name, each in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    defaults = {name: body.pop(name) for name in names if name in body}
    shape = {"_frozen_fields": (names, tuple(positional), defaults), "__match_args__": tuple(positional)}
    # A class gets slots only when it is made, so it is made once more.
    body = {**methods, **shape, **body, "__slots__": names, "__qualname__": cls.__qualname__}
    made: type[Made] = type.__new__(type(cls), cls.__name__, cls.__bases__, body)
    return made


def replace(instance: Made, **changes: Any) -> Made:
    """An instance with other values in some fields.

    Examples
    --------
    >>> from enishi import Email
    >>> replace(Email("mail"), max_edits=0)
    Email(columns=('mail',), name='email', max_edits=0, generic=(), allow=(), limit=None, limit_days=None)
    """
    return type(instance)(**as_dict(instance) | changes)


def as_dict(instance: Any) -> dict[str, Any]:
    """The values of an instance by field.

    Examples
    --------
    >>> from enishi import Column
    >>> as_dict(Column("gateway"))
    {'name': 'gateway'}
    """
    return {name: getattr(instance, name) for name in field_names(type(instance))}


def field_names(cls: type[Any]) -> tuple[str, ...]:
    """The fields of a class, as they stand in its signature.

    Examples
    --------
    >>> from enishi import Postcode
    >>> field_names(Postcode)
    ('columns', 'name')
    """
    return _fields(cls)[0]


def _fields(cls: Any) -> tuple[tuple[str, ...], tuple[str, ...], Mapping[str, Any]]:
    """The names of all fields, those that may be given by position, and the defaults."""
    found: tuple[tuple[str, ...], tuple[str, ...], Mapping[str, Any]] = cls._frozen_fields
    return found


def _init(self: Any, /, *given: Any, **named: Any) -> None:
    cls = type(self)
    names, positional, defaults = cls._frozen_fields
    values = {**defaults, **dict(zip(positional, given, strict=False)), **named}
    twice = given and not named.keys().isdisjoint(positional[: len(given)])
    if twice or len(given) > len(positional) or values.keys() != set(names):
        _complain(cls, given, named)
    for name in names:
        value = values[name]
        _set(self, name, value.make() if type(value) is _Factory else value)
    if hasattr(cls, "__post_init__"):
        self.__post_init__()


def _complain(cls: type[Any], given: tuple[Any, ...], named: dict[str, Any]) -> NoReturn:
    """Says what is wrong with the arguments of a class."""
    names, positional, defaults = _fields(cls)
    if len(given) > len(positional):
        raise TypeError(f"{cls.__name__}() takes {len(positional)} positional arguments, not {len(given)}")
    for name in named:
        if name not in names or name in positional[: len(given)]:
            raise TypeError(f"{cls.__name__}() {'got two values for' if name in names else 'has no field'} {name!r}")
    missing = [name for name in names[len(given) :] if name not in {**defaults, **named}]
    raise TypeError(f"{cls.__name__}() misses {', '.join(map(repr, missing))}")


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in field_names(type(self)))


def _equal(self: Any, other: Any) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: Any) -> int:
    return hash(_values(self))


def _text(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in as_dict(self).items())})"


def _keep(self: Any, name: str, *_: Any) -> NoReturn:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _reduce(self: Any) -> tuple[Any, ...]:
    return _restored, (type(self), *_values(self))


def _restored(cls: type[Made], *values: Any) -> Made:
    """What was pickled: its values were checked when it was made."""
    self = cls.__new__(cls)
    for name, value in zip(field_names(cls), values, strict=True):
        _set(self, name, value)
    return self


class _DataclassFields:
    """What makes the class a dataclass to `dataclasses`."""

    def __get__(self, instance: Any, owner: type[Any]) -> dict[str, Field[Any]]:
        fields: dict[str, Field[Any]] = _twin(owner).__dataclass_fields__
        return fields


class _Signature:
    """What `inspect.signature` and `help` show of the class."""

    def __get__(self, instance: Any, owner: type[Any]) -> Signature:
        from inspect import signature

        return signature(_twin(owner))


def _twin(cls: type[Any]) -> Any:
    """A dataclass of the same fields."""
    import dataclasses

    def default(name: str) -> Any:
        value = defaults.get(name, dataclasses.MISSING)
        if isinstance(value, _Factory):
            return dataclasses.field(default_factory=value.make, kw_only=name not in positional)
        return dataclasses.field(default=value, kw_only=name not in positional)

    names, positional, defaults = _fields(cls)
    fields = [(name, cls.__annotations__[name], default(name)) for name in names]
    return dataclasses.make_dataclass(cls.__name__, fields, frozen=True, namespace={"__module__": cls.__module__})


_METHODS: dict[str, Any] = {
    "__init__": _init,
    "__eq__": _equal,
    "__repr__": _text,
    "__reduce__": _reduce,
    "__dataclass_fields__": _DataclassFields(),
    "__signature__": _Signature(),
}
