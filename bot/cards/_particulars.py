"""A change of what a register alone tells: a sentence with before and after."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.cards.card import Line, Span, Style
from bot.locales import Texts
from bot.locales.elision import elides
from bot.markup import plain
from bot.models import Notice, NoticeKind

PARTICULAR: Final = "particular:"
"""What stands before the code of a particular, where the field of a change is named."""

_VALUE_UNITS: Final = 120
_SHOWN_VALUES: Final = 5
_ABSENT: Final = "absent"
_BRACKET: Final = re.compile(r"(\d{1,15}(?:\.\d{1,2})?)-(\d{1,15}(?:\.\d{1,2})?)?(?: ([A-Z]{3}))?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER: Final = re.compile(r"(-?\d{1,15}(?:\.\d{1,6})?)(?: ([A-Z]{3}))?")
_YEARS: Final = re.compile(r"\d{4}(?:-\d{4})?")
_EURO: Final = "EUR"


class Particular(StrEnum):
    """What registers tell beside the fields of a notice."""

    NAME = "name"
    CATEGORY = "category"
    YEAR = "year"
    LEADER = "leader"
    LOBBYIST = "lobbyist"
    AFFILIATION = "affiliation"
    MANDATE = "mandate"
    MANDATE_ENDED = "mandate_ended"
    REMOVED = "removed"
    REMOVED_REASON = "removed_reason"
    DECLARED = "declared"
    IDLE = "idle"
    LATE = "late"
    SPEND = "spend"
    TURNOVER = "turnover"
    EMPLOYEES = "employees"
    SUBJECT = "subject"
    BUDGET = "budget"
    FEES = "fees"
    MEMBERS_FTE = "members_fte"
    EP_PASSES = "ep_passes"
    INTERMEDIARY = "intermediary"
    PUBLICATION = "publication"


_LISTS: Final = frozenset({Particular.LEADER, Particular.LOBBYIST, Particular.AFFILIATION, Particular.INTERMEDIARY})
_MONEY: Final = frozenset({Particular.SPEND, Particular.TURNOVER, Particular.BUDGET, Particular.FEES})
_YES, _NO, _CLOSED = "yes", "no", "closed"


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
    MANDATE_CURRENT = "mandate-current"
    MANDATE_CLOSED = "mandate-closed"
    PUBLICATION_PUBLISHED = "publication-published"
    PUBLICATION_PENDING = "publication-pending"


def particular_lines(
    texts: Texts, notice: Notice, changes: Mapping[str, tuple[object, object]], *, is_renamed: bool = False
) -> Iterator[Line]:
    """Yield what changed of the particulars of a notice: by code what each was and is, each told once.

    `is_renamed` says that the card tells of the organisation's new name already. Values are texts as sources write
    them: a day, a number, a sum or a bracket of sums (`10000-25000`, `0-10000`, `1000000-`), in euros unless ` USD` or
    another currency stands behind it, a code, or a text of its own. `removed` is a day, `yes`, or `absent` where the
    register just no longer holds it.
    """
    told_elsewhere = {Particular.NAME} if is_renamed else set()
    if Particular.DECLARED in changes:
        told_elsewhere.add(Particular.IDLE)
        if changes[Particular.DECLARED][1] == _YES and changes.get(Particular.LATE, (None, None))[1] == _NO:
            told_elsewhere.add(Particular.LATE)
    for code, (before, after) in changes.items():
        if code == Particular.DECLARED:
            was_late = changes.get(Particular.LATE, (None, None))[0] == _YES
            yield (Span(_declared(texts, notice, before, after, was_late=was_late)),)
        elif code not in told_elsewhere:
            yield _line(texts, notice, code, before, after)


def _line(texts: Texts, notice: Notice, code: str, before: object, after: object) -> Line:
    """Return a change of a particular as a sentence, or as its label with what it was and is."""
    if code == Particular.MANDATE_ENDED:
        return (Span(_mandate(texts, notice, _first(before), _first(after))),)
    if code == Particular.REMOVED:
        return (Span(_removal(texts, notice, _first(before), _first(after))),)
    if code in {Particular.LATE, Particular.IDLE} and before is not None and after is not None:
        return (Span(_turned(texts, notice, code, before, after)),)
    heading = Span(texts("card-label", label=_label(texts, notice, code)), Style.STRONG)
    if code in _LISTS or isinstance(before, list) or isinstance(after, list):
        return (heading, Span(_moved(texts, code, _values(before), _values(after))))
    told = {"before": _value(texts, code, before), "after": _value(texts, code, after)}
    return (heading, Span(texts("card-change", **told)))


def _declared(texts: Texts, notice: Notice, before: object, after: object, *, was_late: bool) -> str:
    """Return that a year's declaration was filed, and whether it says that there was nothing to declare."""
    what = _label(texts, notice, Particular.DECLARED)
    if after != _YES:
        said = {"after": _value(texts, Particular.DECLARED, _NO), "before": _value(texts, Particular.DECLARED, before)}
        return texts("particular-became", what=what, **said)
    stood = _value(texts, Particular.LATE, _YES) if was_late else _value(texts, Particular.DECLARED, _NO)
    if _said(notice, Particular.IDLE) == _YES:
        return texts("particular-declared-idle", what=what, before=stood)
    return texts("particular-became", what=what, after=_value(texts, Particular.DECLARED, _YES), before=stood)


def _turned(texts: Texts, notice: Notice, code: str, before: object, after: object) -> str:
    """Return whether a year's declaration is late now, or tells of no activity now."""
    what = _label(texts, notice, code)
    if code == Particular.LATE and after == _NO:
        return texts("particular-late-no-more", what=what)
    told = {"after": _value(texts, code, after), "before": _value(texts, code, before)}
    if code == Particular.IDLE:
        return texts("particular-turned", what=what, **told)
    return texts("particular-became", what=what, **told)


def _mandate(texts: Texts, notice: Notice, before: str | None, after: str | None) -> str:
    client = _client(notice)
    of = texts("particular-of-vowel", name=client) if elides(client) else texts("particular-of", name=client)
    if after is None:
        if _said(notice, Particular.MANDATE) == _CLOSED:
            return texts("particular-client-closed", name=client)
        if before is not None and _DAY.fullmatch(before):
            return texts("particular-mandate-renewed", of=of, day=texts.date(date.fromisoformat(before)))
        return texts("particular-mandate-renewed-undated", of=of)
    if not _DAY.fullmatch(after):
        return texts("particular-mandate-ended-undated", of=of)
    if before is None or not _DAY.fullmatch(before):
        return texts("particular-mandate-ended", of=of, day=texts.date(date.fromisoformat(after)))
    days = {"day": texts.date(date.fromisoformat(after)), "before": texts.date(date.fromisoformat(before))}
    return texts("particular-mandate-redated", of=of, **days)


def _removal(texts: Texts, notice: Notice, before: str | None, after: str | None) -> str:
    """Return that an entry is no longer in the register or is there again, with what the entry is as the subject."""
    if after != _ABSENT and (before, after) != (_ABSENT, None):
        was = _standing(texts, before)
        if after is None:
            return texts("particular-registered-again", before=was)
        is_ = _standing(texts, after, _said(notice, Particular.REMOVED_REASON))
        return texts("particular-organisation", after=is_, before=was)
    where = texts("particular-in-register")
    codes = {code for code, _ in notice.particulars}
    if notice.kind is NoticeKind.REGISTRATION:
        subject = plain(next(iter(notice.suppliers), notice.title), _VALUE_UNITS)
    elif Particular.SUBJECT in codes:
        subject = texts("particular-this-sheet")
    elif Particular.DECLARED in codes:
        subject = texts("particular-this-declaration")
    elif notice.buyer:
        subject, was_former = _client(notice), Particular.MANDATE_ENDED in codes
        where = texts("particular-among-former-clients") if was_former else texts("particular-among-clients")
    else:
        subject = texts("particular-this-entry")
    if after == _ABSENT:
        return texts("particular-removed-unseen", subject=subject, where=where)
    return texts("particular-restored", subject=subject, where=where)


def _standing(texts: Texts, removed: str | None, reason: str | None = None) -> str:
    """Return how an organisation stands in the register, by what is told of its removal."""
    if removed is None:
        return texts("particular-standing")
    if removed == _ABSENT:
        return texts("particular-standing-absent")
    left = texts("particular-standing-left")
    if _DAY.fullmatch(removed):
        left = texts("particular-standing-left-on", day=texts.date(date.fromisoformat(removed)))
    return texts("particular-standing-why", left=left, reason=plain(reason, _VALUE_UNITS)) if reason else left


def _client(notice: Notice) -> str:
    return plain(notice.buyer or notice.title, _VALUE_UNITS)


def _said(notice: Notice, code: str) -> str | None:
    """Return what a notice says under a code of its particulars."""
    return next((value for name, value in notice.particulars if name == code), None)


def _label(texts: Texts, notice: Notice, code: str) -> str:
    """Return the label of a particular, with the year that the notice is about; a code that has none as it is."""
    label = texts.word("particular", code) if code in set(Particular) else code.replace("_", " ")
    year = _said(notice, Particular.YEAR)
    return texts("particular-of-year", label=label, year=year) if year and _YEARS.fullmatch(year) else label


def _moved(texts: Texts, code: str, before: Sequence[str], after: Sequence[str]) -> str:
    """Return what a list gained and lost."""
    gained, lost = Counter(after) - Counter(before), Counter(before) - Counter(after)
    came = texts("particular-gained", what=_listed(texts, code, list(gained)))
    went = texts("particular-lost", what=_listed(texts, code, list(lost)))
    if gained and lost:
        return texts("particular-gained-and-lost", gained=came, lost=went)
    return came if gained else went


def _listed(texts: Texts, code: str, values: Sequence[str]) -> str:
    shown = [_value(texts, code, value) for value in values[:_SHOWN_VALUES]]
    left = len(values) - len(shown)
    return ", ".join([*shown, texts.plural("and-others", left)] if left else shown)


def _value(texts: Texts, code: str, value: object) -> str:
    """Return a value as people write it."""
    if value is None or value == "":
        return texts("card-not-stated")
    written = str(value)
    coded = f"{code}-{written}"
    if coded in set(Said) or written in set(Said):
        return texts.word("particular-value", coded if coded in set(Said) else written)
    if _DAY.fullmatch(written):
        return texts.date(date.fromisoformat(written))
    if (bracket := _BRACKET.fullmatch(written)) is not None and code in _MONEY:
        return _between(texts, bracket[1], bracket[2], bracket[3] or _EURO)
    if (number := _NUMBER.fullmatch(written)) is not None and (code in _MONEY or number[2] is None):
        sum_ = Decimal(number[1])
        return texts.amount(sum_, number[2] or _EURO) if code in _MONEY else texts.number(sum_)
    return plain(written, _VALUE_UNITS)


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


def _first(value: object) -> str | None:
    values = _values(value)
    return values[0] if values else None


def _values(value: object) -> Sequence[str]:
    if value is None:
        return ()
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
