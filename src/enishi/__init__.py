"""enishi: one customer id for a shop's records from every channel."""

__version__ = "0.1.0"

from enishi.errors import (
    CardNumberError,
    ConfigError,
    DuplicateRecordError,
    EnishiError,
    InputError,
    MemoryLimitError,
    OutputError,
)
from enishi.graph import CustomerGraph
from enishi.model import (
    Address,
    BirthDate,
    Column,
    DeviceId,
    Email,
    HashedEmail,
    Identifier,
    LoyaltyCard,
    MaskedCard,
    Model,
    PaymentToken,
    PersonName,
    Phone,
    Postcode,
    Source,
    Time,
)
from enishi.pipeline import resolve

__all__ = [
    "Address",
    "BirthDate",
    "CardNumberError",
    "Column",
    "ConfigError",
    "CustomerGraph",
    "DeviceId",
    "DuplicateRecordError",
    "Email",
    "EnishiError",
    "HashedEmail",
    "Identifier",
    "InputError",
    "LoyaltyCard",
    "MaskedCard",
    "MemoryLimitError",
    "Model",
    "OutputError",
    "PaymentToken",
    "PersonName",
    "Phone",
    "Postcode",
    "Source",
    "Time",
    "resolve",
]
