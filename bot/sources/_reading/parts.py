"""The parts of a notice as every source makes them: names, numbers, text, moments that can be believed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import MAXYEAR, date, datetime
from decimal import Decimal
from typing import Any

from bot.models import Notice
from bot.sources._reading import strict_json
from bot.sources._reading.body import Party
from bot.sources._reading.identifiers import identifiers
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import lines_of

FIRST_YEAR = 1990
YEARS_AHEAD = 10
LINE_CHARS = 20_000

_BEGINNING = 40
_NOT_A_LETTER = re.compile(r"[\W_]+")


def numbers(parties: Iterable[Party]) -> tuple[tuple[str, ...], list[str]]:
    """Return the identifiers of organisations without repeats, and the numbers that fail their check."""
    found: dict[str, None] = {}
    doubtful: dict[str, None] = {}
    for party in parties:
        for number in party.numbers:
            valid = identifiers(number, party.country)
            found.update(dict.fromkeys(valid))
            if not valid and number:
                doubtful[number] = None
    return tuple(found), list(doubtful)


def names(raw: Iterable[str]) -> tuple[str, ...]:
    """Return names without those that differ only by case, blanks or points, and without contacts."""
    found: dict[str, str] = {}
    for name in raw:
        if key := name_key(name):
            found.setdefault(key, without_contacts(name))
    return tuple(found.values())


def name_key(name: str) -> str:
    """Return what two spellings of a name share: letters and digits, without case."""
    return _NOT_A_LETTER.sub("", name).casefold()


def text_of(lines: Iterable[str], title: str) -> str:
    """Return lines as one text, without repeats, without what repeats the title, and without contacts."""
    key = name_key(title)
    unique = dict.fromkeys(line for raw in lines for line in lines_of(raw) if not _has_key(line, key))
    return without_contacts("\n".join(unique))


def _has_key(line: str, key: str) -> bool:
    """Return whether a line has this `name_key`; most lines tell by how they begin that they have another one."""
    return key.startswith(name_key(line[:_BEGINNING])) and name_key(line) == key


def short_lines(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 20 000 characters, cut at blanks: looking through one holds up other threads."""
    while len(line) > LINE_CHARS:
        at = line.rfind(" ", 1, LINE_CHARS)
        at = at if at > 0 else LINE_CHARS
        yield line[:at]
        line = line[at:].lstrip()
    yield line


def believable(moment: date | datetime | None, published: date | None) -> date | datetime | None:
    """Return a deadline, None where it lies before 1990 or more than ten years after the publication."""
    if moment is None or not FIRST_YEAR <= moment.year < MAXYEAR:
        return None
    day = moment.date() if isinstance(moment, datetime) else moment
    if published is not None and (day.year, day.month, day.day) > (
        published.year + YEARS_AHEAD,
        published.month,
        published.day,
    ):
        return None
    return moment


def plain_amount(amount: Decimal | None) -> str | None:
    """Return an amount in the one form in which equal amounts are equal texts."""
    return format(amount.normalize(), "f") if amount is not None else None


def tender_hash(version: int, notice: Notice, more: Sequence[Any] = ()) -> str:
    """Return the SHA-256 of what makes a revision of a tender or an award; what publishers do not order is sorted."""
    return strict_json.sha256(
        [
            version,
            notice.kind,
            notice.title,
            notice.buyer,
            sorted(notice.suppliers),
            notice.deadline.isoformat() if notice.deadline else None,
            plain_amount(notice.amount),
            notice.currency,
            sorted(notice.cpv),
            *more,
        ]
    )
