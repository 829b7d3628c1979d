"""What enishi raises: one sentence that says what was wrong, where, and what to do, and never a person's value."""

from __future__ import annotations


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
