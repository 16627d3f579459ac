"""The hashes of the audit log: an entry is committed to under a salt, and chained to the one before it."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

START: Final = "0" * 64
"""The hash that stands before the first entry."""
SALT_BYTES: Final = 16

SEAL_DIGITS: Final = 32

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)

Seal = list[str | int]
"""What an entry keeps of a row: its table, the numbers that are its key, and last its `seal`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Hold what the hash of an entry is over, beside the hash before it."""

    guild_id: int
    number: int
    made_at: str
    made_by: str
    action: str
    subject: str | None
    commitment: str

    def values(self) -> tuple[int | str | None, ...]:
        """Return its fields in the order of their declaration."""
        return tuple(getattr(self, name) for name in self.__slots__)


def salted() -> str:
    """Return a new salt, 32 hexadecimal digits."""
    return secrets.token_hex(SALT_BYTES)


def seal(salt: str, table: str, columns: Mapping[str, Any]) -> str:
    """Return by what a row is known again under a salt, 32 hexadecimal digits; its columns have values of SQLite.

    A column that is NULL counts as none: one that a later schema adds leaves the seals of former rows as they are.
    """
    told = {name: value for name, value in columns.items() if value is not None}
    return _sha256(salt, canonical([table, told]))[:SEAL_DIGITS]


def commitment(salt: str, detail: Mapping[str, Any], seals: Sequence[Seal]) -> str:
    """Return what commits to an entry's details and sealed rows without telling them, 64 hexadecimal digits.

    Who has the salt, the details and the rows finds it again; without the salt nothing can be guessed from it.
    """
    return _sha256(salt, canonical({"detail": detail, "rows": seals}))


def hash_of(before: str, link: Link) -> str:
    """Return the hash of an entry that follows the one with the hash `before`, 64 hexadecimal digits."""
    return _sha256(before, canonical(dict(zip(Link.__slots__, link.values(), strict=True))))


def canonical(value: Any) -> str:
    """Return a value as the one JSON text that stands for it: sorted keys, no spaces, ASCII.

    Keys are texts. What is no Unicode, a lone surrogate, stands there as an escape. Raises ValueError for NaN.
    """
    return _ENCODER.encode(value)


def _sha256(*parts: str) -> str:
    # Of an altered row a part may be no ASCII, nor Unicode.
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
