"""JSON as sources send it: money stays decimal, and nothing doubtful is let through."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from bot.errors import SourceError, SourceFault

INTEGER_DIGITS = 100


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
    """Read JSON text; fractions become Decimal, and so do integers of more than 100 digits.

    Raises ValueError for broken or too deep JSON, NaN, Infinity, a number beyond all measure and a repeated key.
    """
    try:
        return json.loads(
            text, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse_constant, object_pairs_hook=_unique
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def sha256(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON: sorted keys, no spaces, ASCII only, decimals as strings.

    Raises ValueError where the value is nested too deeply.
    """
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"the number {text[:40]} cannot be represented") from None


def _integer(text: str) -> int | Decimal:
    # int() takes quadratic time on long digits and refuses more than 4300 of them.
    return int(text) if len(text) <= INTEGER_DIGITS else Decimal(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:60]!r} stands twice in one object")
    return unique
