"""The entries of a feed as any of its forms shows them, and how their texts, dates and languages are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bot.errors import SourceError, SourceFault
from bot.sources._base import Loss
from bot.sources._reading.html import plain_text
from bot.sources._reading.parts import FIRST_YEAR

TEXT_CHARS = 100_000
"""How much of an entry's texts is read: looking through more in one piece would hold up everything else."""
TITLE_SOURCE_CHARS = 5_000
ADDRESS_CHARS = 5_000

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = dict.fromkeys(("ut", "utc", "gmt", "z"), 0)
_ZONES |= {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_OFFSET = r"(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?"
_RFC_822 = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun),? +)?(?P<day>\d{1,2}) +(?P<month>[a-z]{3}) +(?P<year>\d{4}|\d\d)"
    rf"(?: +(?P<clock>\d\d:\d\d(?::\d\d)?)(?: *(?:{_OFFSET}|(?P<zone>[a-z]{{1,3}})))?)?",
    re.IGNORECASE,
)
_ISO_8601 = re.compile(
    rf"(?P<date>\d{{4}}-\d\d-\d\d)(?:[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{{1,9}})?)?) ?(?:{_OFFSET}|(?P<zone>Z))?)?",
    re.IGNORECASE,
)
_DATE_CHARS = 60
_TWO_DIGITS = 100
_PIVOT = 50
_LANGUAGE = re.compile(r"\s*([A-Za-z]{2})(?![A-Za-z])")
_MARKUP = re.compile(r"</[A-Za-z]|&#?\w{1,40};")


@dataclass(frozen=True, slots=True)
class Item:
    """Hold an entry as its feed shows it, texts without HTML; `guid` and `link` as published, None where absent.

    `is_cut` says that its texts are longer than what is read of them.
    """

    place: int
    guid: str | None
    link: str | None
    title: str | None
    texts: tuple[str, ...]
    published: date | datetime | None
    language: str | None
    raw_sha256: str
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """Hold the entries of a feed, in its order, with what could not be read."""

    items: tuple[Item, ...]
    losses: tuple[Loss, ...] = ()
    unknown_fields: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reader:
    """Read the texts of an entry as people see them, no more than `left` characters of their source in all."""

    left: int = TEXT_CHARS
    is_cut: bool = False

    def shown(self, source: str, *, is_html: bool) -> str:
        """Return a text without its markup, where it has any."""
        if len(source) > self.left:
            source = source[: self.left]
            opened = source.rfind("<")
            source = source[:opened] if is_html and opened > source.rfind(">") else source
            self.is_cut = True
        self.left -= len(source)
        return (plain_text(source) if is_html else source).strip()


def title_of(source: str, *, is_html: bool | None = None) -> str | None:
    """Return a title as people see it; where nobody says whether it is HTML, closing tags and entities do."""
    source = source[:TITLE_SOURCE_CHARS]
    marked = is_html if is_html is not None else _MARKUP.search(source) is not None
    return (plain_text(source) if marked else source).strip() or None


def moment(told: str | None) -> date | datetime | None:
    """Return a date of RFC 822 (section 5) or ISO 8601 as published, with its offset; None for anything else.

    Without a time, or with one of which nobody says where it holds, it is the day. A date before 1990 is none.
    """
    text = " ".join((told or "")[:_DATE_CHARS].split())
    found = _ISO_8601.fullmatch(text) or _RFC_822.fullmatch(text)
    if found is None:
        return None
    try:
        day = _day(found)
        offset = _offset(found)
        if day.year < FIRST_YEAR or not found["clock"] or offset is None:
            return day if day.year >= FIRST_YEAR else None
        at = datetime.fromisoformat(f"{day}T{found['clock']}{offset}")
        # Near the end of the calendar it may have no counterpart in UTC.
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at


def language_of(*told: str | None) -> str | None:
    """Return the first of language tags (RFC 5646) as ISO 639-1, None where there is none."""
    for one in told:
        if found := _LANGUAGE.match(one or ""):
            return found[1].lower()
    return None


def not_a_feed(why: str) -> SourceError:
    """Return the error for an answer that is no feed."""
    return SourceError(f"the answer is no RSS, Atom or JSON feed: {why}", SourceFault.NOT_A_FEED)


def _day(found: re.Match[str]) -> date:
    """Return the day of a date; raises ValueError where the calendar has none such."""
    parts = found.groupdict()
    if parts.get("date"):
        return date.fromisoformat(parts["date"])
    year = int(parts["year"])
    if year < _TWO_DIGITS:
        # RFC 2822, section 4.3.
        year += 2000 if year < _PIVOT else 1900
    return date(year, _MONTHS.index(parts["month"].lower()) + 1, int(parts["day"]))


def _offset(found: re.Match[str]) -> str | None:
    """Return the offset of a time as ISO 8601 writes it, None where it has none that is known."""
    if found["sign"]:
        return f"{found['sign']}{found['hours']}:{found['minutes'] or '00'}"
    hours = _ZONES.get((found["zone"] or "").lower())
    return f"{hours:+03d}:00" if hours is not None else None
