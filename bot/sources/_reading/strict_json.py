"""JSON as sources send it: money stays decimal, and nothing doubtful is let through."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from bot.errors import SourceError, SourceFault

INTEGER_DIGITS = 100
MOST_ADJUSTED = 100
"""What is beyond ten to this power, or nearer to zero, is no number of a register: written out it has as many signs."""


def load(payload: bytes) -> Any:
    """Read a payload as UTF-8 JSON; fractions become Decimal.

    Raises SourceError in plain words for an empty answer, HTML, another charset, and whatever `loads` refuses.
    """
    start = payload[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start and not payload.strip():
        raise SourceError("the answer is empty", SourceFault.EMPTY)
    if start.startswith(b"<"):
        raise SourceError("the answer is HTML or XML, JSON was expected", SourceFault.HTML)
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the answer is not UTF-8 (byte {error.start})"
        raise SourceError(message, SourceFault.CHARSET, byte=error.start) from None
    try:
        return loads(text)
    except ValueError as error:
        message = f"the answer is cut off or not valid JSON ({error})"
        raise SourceError(message, SourceFault.BAD_JSON, reason=error) from None


def loads(text: str) -> Any:
    """Read JSON text; fractions become Decimal.

    Raises ValueError for broken or too deep JSON, NaN, Infinity, a number beyond all measure and a repeated key.
    """
    try:
        return decoder().decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def decoder() -> json.JSONDecoder:
    """Return a decoder that reads as strictly as `loads`; what is nested too deeply is a RecursionError."""
    return json.JSONDecoder(
        parse_float=decimal_of, parse_int=_integer, parse_constant=_refuse_constant, object_pairs_hook=_unique
    )


def sha256(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON: sorted keys, no spaces, ASCII only, decimals as strings.

    Raises ValueError where the value is nested too deeply.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def decimal_of(text: str) -> Decimal:
    """Return the number that a text writes, ValueError where it is none or beyond all measure (1e100000000)."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"the number {text[:40]} cannot be represented") from None
    if not number.is_finite() or abs(number.adjusted()) > MOST_ADJUSTED:
        raise ValueError(f"the number {text[:40]} is beyond all measure")
    return number


def _integer(text: str) -> int | Decimal:
    # int() takes quadratic time on long digits and refuses more than 4300 of them.
    return int(text) if len(text) <= INTEGER_DIGITS else decimal_of(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:60]!r} stands twice in one object")
    return unique
