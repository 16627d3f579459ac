"""The particulars of a register's entry, which no field of a notice tells, and how their values are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.locales import Texts
from bot.markup import plain
from bot.models import Notice

PARTICULAR: Final = "particular:"
"""What stands before the code of a particular, where the field of a change is named."""

VALUE_UNITS: Final = 120
_SHOWN_VALUES: Final = 5
_BRACKET: Final = re.compile(r"(\d{1,15}(?:\.\d{1,2})?)-(\d{1,15}(?:\.\d{1,2})?)?(?: ([A-Z]{3}))?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"(-?\d{1,15}(?:\.\d{1,6})?)(?: ([A-Z]{3}))?")
_YEARS: Final = re.compile(r"\d{4}(?:-\d{4})?")
_EURO: Final = "EUR"


class Particular(StrEnum):
    """What registers tell beside the fields of a notice.

    A code that ends in `_before` is what the year before said, one that begins with `first_` what no earlier activity
    sheet of the organisation names. `role` and `office` are a person and, behind a comma, the function in the
    organisation or the public office that they held; `newcomer` is who the register itself says is new.
    """

    NAME = "name"
    CATEGORY = "category"
    YEAR = "year"
    YEAR_BEFORE = "year_before"
    PERIOD = "period"
    LEADER = "leader"
    LOBBYIST = "lobbyist"
    ROLE = "role"
    OFFICE = "office"
    NEWCOMER = "newcomer"
    AFFILIATION = "affiliation"
    MANDATE = "mandate"
    MANDATE_ENDED = "mandate_ended"
    SINCE = "since"
    REMOVED = "removed"
    REMOVED_REASON = "removed_reason"
    DECLARED = "declared"
    IDLE = "idle"
    LATE = "late"
    SPEND = "spend"
    SPEND_BEFORE = "spend_before"
    TURNOVER = "turnover"
    TURNOVER_BEFORE = "turnover_before"
    EMPLOYEES = "employees"
    EMPLOYEES_BEFORE = "employees_before"
    SUBJECT = "subject"
    DOMAIN = "domain"
    FIRST_DOMAIN = "first_domain"
    TARGET = "target"
    FIRST_TARGET = "first_target"
    CLIENT = "client"
    INTEREST = "interest"
    PROPOSAL = "proposal"
    ISSUE = "issue"
    FILING = "filing"
    BUDGET = "budget"
    FEES = "fees"
    MEMBERS_FTE = "members_fte"
    EP_PASSES = "ep_passes"
    INTERMEDIARY = "intermediary"
    PUBLICATION = "publication"
    OUTCOME = "outcome"


MONEY: Final = frozenset({Particular.SPEND, Particular.TURNOVER, Particular.BUDGET, Particular.FEES})
COUNTS: Final = frozenset({Particular.EMPLOYEES, Particular.MEMBERS_FTE, Particular.EP_PASSES})
YES, NO, CLOSED, ABSENT = "yes", "no", "closed", "absent"


class Said(StrEnum):
    """What stands for a value that is a code."""

    YES = "yes"
    NO = "no"
    DECLARED_YES = "declared-yes"
    DECLARED_NO = "declared-no"
    IDLE_YES = "idle-yes"
    IDLE_NO = "idle-no"
    LATE_YES = "late-yes"
    LATE_NO = "late-no"
    PUBLICATION_PUBLISHED = "publication-published"
    PUBLICATION_PENDING = "publication-pending"


class Period(StrEnum):
    """The part of a year that a filing is about."""

    FIRST_QUARTER = "first_quarter"
    SECOND_QUARTER = "second_quarter"
    THIRD_QUARTER = "third_quarter"
    FOURTH_QUARTER = "fourth_quarter"
    MID_YEAR = "mid_year"
    YEAR_END = "year_end"


def says(notice: Notice, code: str) -> str | None:
    """Return what a notice says under a code of its particulars."""
    return next((value for name, value in notice.particulars if name == code), None)


def says_all(notice: Notice, code: str) -> list[str]:
    """Return all that a notice says under a code of its particulars."""
    return [value for name, value in notice.particulars if name == code]


def values_of(value: object) -> Sequence[str]:
    """Return the value of a change as texts: none, one, or those of a list."""
    if value is None:
        return ()
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def first_of(value: object) -> str | None:
    """Return the first text of the value of a change."""
    return next(iter(values_of(value)), None)


def day_of(value: str | None) -> date | None:
    """Return the day that a value names, None where it names none."""
    if value is None or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def label_of_particular(texts: Texts, notice: Notice, code: str) -> str:
    """Return the label of a particular, with the year that the notice is about; a code that has none as it is."""
    label = texts.word("particular", code) if code in set(Particular) else code.replace("_", " ")
    year, period = says(notice, Particular.YEAR), says(notice, Particular.PERIOD)
    if year is None or not _YEARS.fullmatch(year):
        return label
    if period in set(Period):
        year = texts.word("lobby-period", period, year=year)
    return texts("particular-of-year", label=label, year=year)


def listed(texts: Texts, code: str, values: Sequence[str]) -> str:
    """Return values as a sentence lists them, at most five by name."""
    shown = [value_in_words(texts, code, value) for value in values[:_SHOWN_VALUES]]
    left = len(values) - len(shown)
    return texts.list_of([*shown, texts.plural("and-others", left)] if left else shown)


def value_in_words(texts: Texts, code: str, value: object) -> str:
    """Return a value as people write it.

    Values are texts as sources write them: a day, a number, a sum or a bracket of sums (`10000-25000`, `0-10000`,
    `1000000-`), in euros unless ` USD` or another currency stands behind it, a code, or a text of its own.
    """
    if value is None or value == "":
        return texts("card-not-stated")
    written = str(value)
    coded = f"{code}-{written}"
    if coded in set(Said) or written in set(Said):
        return texts.word("particular-value", coded if coded in set(Said) else written)
    if (day := day_of(written)) is not None:
        return texts.date(day)
    if code in MONEY and (bracket := _BRACKET.fullmatch(written)) is not None:
        return _between(texts, bracket[1], bracket[2], bracket[3] or _EURO)
    if (number := _NUMBER.fullmatch(written)) is not None and (code in MONEY or number[2] is None):
        sum_ = Decimal(number[1])
        return texts.amount(sum_, number[2] or _EURO) if code in MONEY else texts.number(sum_)
    return plain(written, VALUE_UNITS)


def is_more(before: str, after: str) -> bool | None:
    """Return whether a number, a sum or a bracket is above another one; None where they cannot be compared.

    Brackets of different widths of which one holds the other cannot, nor sums in different currencies.
    """
    was, is_ = _bounds(before), _bounds(after)
    if was is None or is_ is None or was[2] != is_[2] or was == is_:
        return None
    if is_[0] >= was[0] and is_[1] >= was[1]:
        return True
    return False if is_[0] <= was[0] and is_[1] <= was[1] else None


def _bounds(value: str) -> tuple[Decimal, Decimal, str] | None:
    if (bracket := _BRACKET.fullmatch(value)) is not None:
        high = Decimal(bracket[2]) if bracket[2] else Decimal("Infinity")
        return Decimal(bracket[1]), high, bracket[3] or _EURO
    if (number := _NUMBER.fullmatch(value)) is not None:
        return Decimal(number[1]), Decimal(number[1]), number[2] or _EURO
    return None


def _between(texts: Texts, low: str, high: str | None, currency: str) -> str:
    """Return a bracket of sums; one that has no upper end, or begins at nothing, names the one bound that it has."""
    if high is None:
        return texts("particular-at-least", low=texts.amount(Decimal(low), currency))
    if Decimal(low) == 0:
        return texts("particular-below", high=texts.amount(Decimal(high), currency))
    least = texts.amount(Decimal(low), currency)
    # A currency that stands behind a sum stands once; one that stands before it, before both.
    least = texts.number(Decimal(low)) if least[:1].isdigit() else least
    return texts("particular-between", low=least, high=texts.amount(Decimal(high), currency))
