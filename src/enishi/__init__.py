"""enishi: one customer id for a shop's records from every channel.

`resolve` takes tables and gives a `CustomerGraph`; a `Model` says what the columns mean where their headers do not.
"""

from typing import TYPE_CHECKING

from enishi.errors import (
    CardNumberError,
    ConfigError,
    DuplicateRecordError,
    EnishiError,
    InputError,
    MemoryLimitError,
    OutputError,
)
from enishi.fields import (
    Address,
    Attribute,
    BirthDate,
    Column,
    DeviceId,
    Email,
    HashedEmail,
    Identifier,
    LoyaltyCard,
    MaskedCard,
    PaymentToken,
    PersonName,
    Phone,
    Postcode,
    Sex,
    Time,
)
from enishi.levels import Custom, Level, Listed
from enishi.model import Comparison, Match, Model, Source

if TYPE_CHECKING:
    from enishi.config import read_config
    from enishi.graph import CustomerGraph
    from enishi.pipeline import resolve, train_model
    from enishi.write import read_graph

__version__ = "0.1.0"

__all__ = [
    "Address",
    "Attribute",
    "BirthDate",
    "CardNumberError",
    "Column",
    "Comparison",
    "ConfigError",
    "Custom",
    "CustomerGraph",
    "DeviceId",
    "DuplicateRecordError",
    "Email",
    "EnishiError",
    "HashedEmail",
    "Identifier",
    "InputError",
    "Level",
    "Listed",
    "LoyaltyCard",
    "MaskedCard",
    "Match",
    "MemoryLimitError",
    "Model",
    "OutputError",
    "PaymentToken",
    "PersonName",
    "Phone",
    "Postcode",
    "Sex",
    "Source",
    "Time",
    "read_config",
    "read_graph",
    "resolve",
    "train_model",
]

# Imported when they are first used: Arrow and NumPy take longer to load than everything here.
_LAZY = {
    "CustomerGraph": "graph",
    "read_config": "config",
    "read_graph": "write",
    "resolve": "pipeline",
    "train_model": "pipeline",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'enishi' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"enishi.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
