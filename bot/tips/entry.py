"""From what a person typed of a tip to its words, every fault said in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.dates import TypedDate
from bot.entering import DateReader, TooLong, read_text
from bot.errors import UserError
from bot.models import TipWords


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTip:
    """Hold what a person typed of a tip; `origin_url` is not typed but known: the message that it was made from."""

    text: str
    origin: str = ""
    heard: str = ""
    is_sensitive: bool = False
    origin_url: str | None = None


@dataclass(frozen=True, slots=True)
class TipEntry:
    """Hold the words of a tip as they were understood; `heard` is the date, to be said back where one was typed."""

    words: TipWords
    heard: TypedDate | None


def read_tip(typed: TypedTip, read: DateReader, now: datetime) -> TipEntry:
    """Return the words of a tip; raises UserError where nothing is told, a text is too long or the date cannot be."""
    text = read_text(typed.text, TooLong.TIP, newlines=True)
    if not text:
        raise UserError("tip-empty")
    origin = read_text(typed.origin, TooLong.ORIGIN)
    heard = read(typed.heard) if typed.heard.strip() else None
    if heard is not None and _is_ahead(heard, now):
        raise UserError("tip-heard-ahead", typed=heard.typed)
    words = TipWords(
        text=text,
        origin=origin or None,
        origin_url=typed.origin_url,
        heard=heard.text if heard else None,
        heard_typed=heard.typed if heard else None,
        is_sensitive=typed.is_sensitive,
    )
    return TipEntry(words, heard)


def read_note(typed: str) -> str:
    """Return a note; raises UserError where it is empty or too long."""
    text = read_text(typed, TooLong.NOTE, newlines=True)
    if not text:
        raise UserError("note-empty")
    return text


def _is_ahead(heard: TypedDate, now: datetime) -> bool:
    """Return whether a date lies ahead in every time zone: nobody has heard anything then."""
    if isinstance(heard.value, datetime):
        return heard.value > now
    return (heard.value - now.date()).days > 1
