"""What enishi raises: one sentence that says what was wrong, where, and what to do, and never a person's value."""

from __future__ import annotations

from collections.abc import Iterable


class EnishiError(Exception):
    """The base of every error that a user can cause or cure."""


class ConfigError(EnishiError):
    """The declared model or its configuration file is wrong.

    Parameters
    ----------
    where : str
        The option, as a path: ``Phone.region``, ``enishi.toml: fields.phone.region``.
    text : str
        What is wrong with it and what to write instead.
    """

    def __init__(self, where: str, text: str) -> None:
        super().__init__(f"{where}: {text}")
        self.where = where
        self.text = text

    def __reduce__(self) -> tuple[type[ConfigError], tuple[str, str]]:
        return type(self), (self.where, self.text)


class InputError(EnishiError):
    """A source cannot be read as declared."""


class DuplicateRecordError(InputError):
    """Two rows of one source carry the same record_id."""


class CardNumberError(InputError):
    """A column holds raw card numbers where tokens were declared."""


class OutputError(EnishiError):
    """The output cannot be written."""


class MemoryLimitError(EnishiError):
    """The work does not fit into the memory that was allowed."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown word: the nearest known one, or all of them where none is near.

    Examples
    --------
    >>> did_you_mean("emial", ["email", "phone"])
    "; did you mean 'email'?"
    >>> did_you_mean("xyz", ["email", "phone"])
    '; known: email, phone'
    """
    import difflib

    known = list(known)
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    if near:
        return f"; did you mean {folded[near[0]]!r}?"
    shown = ", ".join(known[:20]) + (", ..." if len(known) > 20 else "")
    return f"; known: {shown}" if known else ""
