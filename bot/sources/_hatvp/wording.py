"""The words, dates and brackets of the HATVP's register, as it writes them and as a French reporter would."""

from __future__ import annotations

import functools
import re
import unicodedata
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.locales.elision import elides
from bot.sources._reading.personal import without_contacts
from bot.sources._reading.tree import one_line

CACHED = 8_192
"""The labels of the register come from closed lists: few of them are ever read twice."""

OWN_ACCOUNT = "(en propre)"
"""What stands behind an organisation that lobbies for itself."""

_PARIS = ZoneInfo("Europe/Paris")
_FRENCH_MOMENT = re.compile(r"(\d\d)[-/](\d\d)[-/](\d{4})(?:[ à]+(\d\d):(\d\d)(?::(\d\d))?)?")
_LOW = re.compile(r">\s?=?\s?(\d[\d\s]*)")
_HIGH = re.compile(r"<\s?=?\s?(\d[\d\s]*)")
_HELD_OFFICE = re.compile(
    r"\b(?:ancien(?:ne)?|ex)[\s-]+(?:(?:vice-)?président(?:e)?\s+d[eu]\s+(?:la\s+)?(?:région|département|République|Sénat)|"
    r"(?:premi(?:er|ère)[\s-]+)?ministre|secrétaire\s+d'état|député|eurodéputé|sénat(?:eur|rice)|parlementaire|maire|"
    r"préf[eè]te?|ambassad(?:eur|rice)|commissaire\s+européen|élue?\b|conseill(?:er|ère)\s+(?:d'état|ministériel|"
    r"parlementaire|régional|départemental|général|municipal|du\s+président)|"
    r"(?:direct(?:eur|rice)|chef(?:fe)?|membre)\s+d[eu]\s+cabinet\s+(?:du\s+(?:ministre|préfet|président)|ministériel)|"
    r"collabora(?:teur|trice)\s+parlementaire|haut(?:e)?\s+fonctionnaire)",
    re.IGNORECASE,
)
_NEXT_MINISTRY = re.compile(r",\s*(?=[A-ZÀ-ÖØ-Þ])")
_OTHERS = "Autres : à préciser"
_NOT_FOLDED = re.compile(r"[\W_]+")


def moment(text: str) -> date | datetime:
    """Read a date of the register, in one of its three forms or ISO 8601; a time is that of Paris.

    Raises ValueError for anything else.
    """
    if found := _FRENCH_MOMENT.fullmatch(text.strip()):
        day, month, year, hour, minute, second = found.groups()
        if hour is None:
            return date(int(year), int(month), int(day))
        return datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=_PARIS)
    if len(text.strip()) == len("2026-01-01"):
        return date.fromisoformat(text.strip())
    read = datetime.fromisoformat(text.strip())
    return read if read.tzinfo is not None else read.replace(tzinfo=_PARIS)


def day(value: date | datetime) -> date:
    """Return the day of a moment, in the zone in which it is written."""
    return value.date() if isinstance(value, datetime) else value


def french(value: date | datetime) -> str:
    """Return a day as French text writes it, `09/09/2020`."""
    return f"{value:%d/%m/%Y}"


def prose(text: str) -> str:
    """Return free text on one line, without contacts."""
    return without_contacts(one_line(text))


label = functools.lru_cache(CACHED)(prose)
"""Return a text that often repeats, as `prose` does."""


@functools.lru_cache(CACHED)
def listed(texts: tuple[Any, ...]) -> tuple[str, tuple[str, ...], bool]:
    """Return labels as one text and sorted, and whether all of them were texts; blank ones are left out."""
    labels = [label(text) for text in texts if isinstance(text, str) and text.strip()]
    return " ; ".join(labels), tuple(sorted(labels)), all(isinstance(text, str) for text in texts)


@functools.lru_cache(CACHED)
def folded(name: str) -> str:
    """Return a name as part of an id: without accents, case and signs."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return _NOT_FOLDED.sub("-", plain.casefold()).strip("-")


@functools.lru_cache(CACHED)
def bracket(text: str) -> str | None:
    """Return the bounds of a bracket in euros, `10000-25000`, `0-10000` or `1000000-`; None where it has none."""
    low, high = (found[1] if (found := pattern.search(text)) else None for pattern in (_LOW, _HIGH))
    if low is None and high is None:
        return None
    return f"{''.join((low or '0').split())}-{''.join((high or '').split())}"


@functools.lru_cache(CACHED)
def in_words(text: str) -> str:
    """Return a bracket as people say it; one without bounds as it is written."""
    bounds = bracket(text)
    if bounds is None:
        return label(text)
    low, _, high = bounds.partition("-")
    if not high:
        return f"{_grouped(low)} euros ou plus"
    return f"moins de {_grouped(high)} euros" if low == "0" else f"de {_grouped(low)} à {_grouped(high)} euros"


@functools.lru_cache(CACHED)
def decision_makers(label: str) -> tuple[str, ...]:
    """Return the decision makers of a label: the ministries that it lists behind its dash, else the label itself."""
    kind, dash, ministries = label.partition(" - ")
    if not dash or not kind.casefold().startswith("membre du gouvernement"):
        return (label,)
    # Ministries begin with a capital; what follows a comma without one belongs to the name before it.
    return tuple(name for part in _NEXT_MINISTRY.split(ministries) if (name := part.strip()) and name != _OTHERS)


def says_held_office(function: str) -> bool:
    """Return whether a function in an organisation says that the person held public office: `ancienne députée`."""
    return _HELD_OFFICE.search(function.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("É", "é")) is not None


def of(name: str) -> str:
    """Return a name behind `de`, elided before a vowel."""
    return f"d'{name}" if elides(name) else f"de {name}"


def period(start: date | None, end: date | None) -> str:
    """Return a year, or the days between which another exercise lies; nothing where they are unknown."""
    if start is None or end is None:
        return ""
    if start == date(start.year, 1, 1) and end == date(start.year, 12, 31):
        return str(start.year)
    return f"la période du {french(start)} au {french(end)}"


def _grouped(digits: str) -> str:
    return f"{int(digits):,}".replace(",", " ")
