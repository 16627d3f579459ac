"""The words of dates in French and English, folded: small letters, without accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.dates.spans import Part

_PLAIN = str.maketrans(
    dict.fromkeys("\u2019\u2018\u02bc\u2032\u00b4`", "'") | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)


def folded(text: str) -> str:
    """Return a text in small letters without accents, with plain apostrophes, hyphens and single spaces."""
    letters = unicodedata.normalize("NFD", text.translate(_PLAIN).casefold())
    return " ".join("".join(letter for letter in letters if unicodedata.category(letter) != "Mn").split())


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression that matches one of the words, the longest that fits."""
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=len, reverse=True))})"


def _numbered(*names: str, start: int = 1) -> dict[str, int]:
    """Return each word with the place of its group."""
    return {word: number for number, group in enumerate(names, start) for word in group.split()}


DAYS = {
    "avant-hier": -2,
    "avant hier": -2,
    "hier": -1,
    "aujourd'hui": 0,
    "demain": 1,
    "apres-demain": 2,
    "apres demain": 2,
    "the day before yesterday": -2,
    "day before yesterday": -2,
    "yesterday": -1,
    "today": 0,
    "tomorrow": 1,
    "day after tomorrow": 2,
    "the day after tomorrow": 2,
    "ce matin": 0,
    "cet apres-midi": 0,
    "ce soir": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "tonight": 0,
}
"""Days by their distance from today; a part of the day is not kept."""

PARTS_OF_DAY = ("matin", "apres-midi", "soir", "morning", "afternoon", "evening")

WEEKDAYS = _numbered(
    "lundi monday",
    "mardi tuesday",
    "mercredi wednesday",
    "jeudi thursday",
    "vendredi friday",
    "samedi saturday",
    "dimanche sunday",
    start=0,
)
SHORT_WEEKDAYS = _numbered(
    "lun mon", "mar tue tues", "mer wed", "jeu thu thur thurs", "ven fri", "sam sat", "dim sun", start=0
)
"""Abbreviations, read before a day of a month only."""

MONTHS = _numbered(
    "janvier january",
    "fevrier february",
    "mars march",
    "avril april",
    "mai may",
    "juin june",
    "juillet july",
    "aout august",
    "septembre september",
    "octobre october",
    "novembre november",
    "decembre december",
)
SHORT_MONTHS = _numbered(
    "janv jan", "fevr fev feb", "mar", "avr apr", "", "jun", "juil jul", "aug", "sept sep", "oct", "nov", "dec"
)
"""Abbreviations, read before a year only."""

PARTS = {
    "debut": Part.EARLY,
    "mi": Part.MID,
    "fin": Part.LATE,
    "early": Part.EARLY,
    "mid": Part.MID,
    "late": Part.LATE,
}

NUMBERS = _numbered(
    "un une a an one",
    "deux two",
    "trois three",
    "quatre four",
    "cinq five",
    "six",
    "sept seven",
    "huit eight",
    "neuf nine",
    "dix ten",
    "onze eleven",
    "douze twelve",
) | {"quinze": 15}

ORDINALS = _numbered(
    "1er premier 1st first",
    "2e 2eme deuxieme second 2nd",
    "3e 3eme troisieme third 3rd",
    "4e 4eme quatrieme fourth 4th",
)

UNITS = {
    "minute": "minute",
    "heure": "hour",
    "hour": "hour",
    "jour": "day",
    "day": "day",
    "semaine": "week",
    "week": "week",
    "mois": "month",
    "month": "month",
    "trimestre": "quarter",
    "quarter": "quarter",
    "an": "year",
    "annee": "year",
    "year": "year",
}
BEFORE = {"dernier", "derniere", "passe", "passee", "last"}
AFTER = {"prochain", "prochaine", "next"}
