"""What a card says of the fields of a notice: what each is called, what it holds, and what it was before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from bot.cards._particulars import PARTICULAR, Particular, says, says_all
from bot.cards.card import Line, Span, Style
from bot.locales import Texts
from bot.markup import plain, safe_url, site_of
from bot.matching.identifiers.schemes import Scheme
from bot.models import NOT_AWARDED, Hit, Notice, NoticeKind, parse_moment

NAME_UNITS: Final = 120
_SHOWN_NAMES: Final = 3
_SOURCE_UNITS: Final = 80
_NUMBER_CHARS: Final = 24
_REGISTERS: Final = frozenset({NoticeKind.REGISTRATION, NoticeKind.REGISTER_CHANGE})


class Label(StrEnum):
    """What a card says of a notice."""

    KIND = "kind"
    TITLE = "title"
    TEXT = "text"
    BUYER = "buyer"
    CLIENT = "client"
    SUPPLIERS = "suppliers"
    WINNERS = "winners"
    ORGANISATIONS = "organisations"
    PEOPLE = "people"
    IDENTIFIERS = "identifiers"
    AMOUNT = "amount"
    CURRENCY = "currency"
    CPV = "cpv"
    PUBLISHED = "published"
    REGISTERED = "registered"
    BEGAN = "began"
    DATED = "dated"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Change:
    """Name a field of a notice that differs between two revisions, with its JSON values (DESIGN.md section 7).

    An amount may be followed by a space and its currency; without one it is in the notice's. The field of a particular
    is its code behind `PARTICULAR`.
    """

    field: str
    before: Any
    after: Any


_SCHEMES: Final = frozenset(Scheme)


def register_of(texts: Texts, hit: Hit) -> str | None:
    """Return in words the register by whose number a notice hit, None where it did not hit by a number."""
    scheme, is_number, _ = hit.snippet.partition(":")
    if hit.field.startswith(Label.IDENTIFIERS) and is_number and scheme in _SCHEMES:
        return texts.word("scheme", scheme)
    return None


def party_of(kind: NoticeKind | None, field: str) -> str:
    """Return what a field of a notice of a kind is called: who buys and sells there is a client and an organisation.

    That is a member of `Label` and of `Place`; a field that is no party is called by its name.
    """
    if field == Label.BUYER and kind in _REGISTERS:
        return Label.CLIENT
    if field == Label.SUPPLIERS and kind is NoticeKind.AWARD:
        return Label.WINNERS
    if field == Label.SUPPLIERS and kind in {*_REGISTERS, NoticeKind.COMPANY, NoticeKind.APPOINTMENT}:
        return Label.ORGANISATIONS
    return field


def parties(texts: Texts, notice: Notice) -> Iterator[tuple[Label, Line]]:
    """Yield who takes part and for how much, by field: of an award first who won, and what."""
    found: dict[Label, Line] = {}
    if notice.buyer and plain(notice.buyer):
        found[Label.BUYER] = labelled(texts, party_of(notice.kind, Label.BUYER), plain(notice.buyer, NAME_UNITS))
    if notice.suppliers or notice.kind is NoticeKind.AWARD:
        unnamed = texts("card-not-awarded" if NOT_AWARDED in notice.particulars else "card-not-stated")
        suppliers = names_of(texts, notice.suppliers) if notice.suppliers else unnamed
        n = len(notice.suppliers) or 1
        found[Label.SUPPLIERS] = labelled(texts, party_of(notice.kind, Label.SUPPLIERS), suppliers, n=n)
    if notice.people:
        found[Label.PEOPLE] = labelled(texts, Label.PEOPLE, names_of(texts, notice.people), n=len(notice.people))
    if notice.amount is not None:
        found[Label.AMOUNT] = labelled(texts, Label.AMOUNT, texts.amount(notice.amount, notice.currency))
    first = (Label.SUPPLIERS, Label.AMOUNT) if notice.kind is NoticeKind.AWARD else ()
    yield from ((field, found[field]) for field in dict.fromkeys((*first, *found)) if field in found)


def published_line(texts: Texts, notice: Notice) -> Iterator[Line]:
    """Yield when a notice was published, and at which host the card's title leads to it."""
    url = safe_url(notice.url)
    site = site_of(url) if url else ""
    if notice.published is not None:
        when = texts.when(notice.published)
        yield labelled(texts, _dated(notice), f"{when} · {site}" if site else when)
    elif site:
        yield (Span(site, Style.QUIET),)


def _dated(notice: Notice) -> Label:
    """Return what the day of a notice is: entries of a register, filings but for, bear the day of what they are on."""
    if notice.kind is NoticeKind.REGISTRATION and notice.suppliers and says(notice, Particular.FILING) is None:
        return Label.REGISTERED
    is_published = any(says(notice, code) for code in (Particular.FILING, Particular.SUBJECT, Particular.DECLARED))
    if notice.kind is NoticeKind.REGISTER_CHANGE and notice.buyer and not is_published:
        return Label.BEGAN if says(notice, Particular.SINCE) else Label.DATED
    return Label.PUBLISHED


def source_footer(texts: Texts, source_label: str, number: str, code: str) -> str:
    """Return where a notice stands and the code of the message; its number there unless nobody would type that."""
    source, shown = plain(source_label, _SOURCE_UNITS), plain(number, NAME_UNITS)
    if len(shown) > _NUMBER_CHARS or ":" in shown:  # of our own making, or nothing that one would type
        return texts("card-footer-source", source=source, code=code)
    return texts("card-footer", source=source, id=shown, code=code)


def labelled(texts: Texts, label: str, value: str, n: int = 1) -> Line:
    """Return a field of a notice with what it is called; `n` is how many it holds."""
    return (Span(heading_of(texts, texts.word("notice-field", label, n=n)), Style.STRONG), Span(value))


def heading_of(texts: Texts, words: str) -> str:
    """Return words as they stand before a value."""
    return texts("card-label", label=words)


def names_of(texts: Texts, names: tuple[str, ...]) -> str:
    """Return names as a sentence lists them, at most three of them."""
    shown = [plain(name, NAME_UNITS) for name in names[:_SHOWN_NAMES]]
    left = len(names) - len(shown)
    return texts.list_of([*shown, texts.plural("and-others", left)] if left else shown)


def change_line(texts: Texts, notice: Notice, change: Change) -> Line:
    """Return what a field of a notice is and was, in one line."""
    before, after = (_changed_value(texts, notice, change.field, value) for value in (change.before, change.after))
    if change.field == Label.DEADLINE and change.after:
        moment = parse_moment(change.after)
        before = before_deadline(texts, parse_moment(change.before), moment) if change.before else before
    label = party_of(notice.kind, change.field)
    n = len(change.after) if isinstance(change.after, list) else 1
    heading = heading_of(texts, texts.word("notice-field", label, n=n))
    return (Span(heading, Style.STRONG), Span(texts("card-change", before=before, after=after)))


def before_deadline(texts: Texts, before: date | datetime, after: date | datetime) -> str:
    """Return a deadline as it stands behind the one that replaced it: its day alone where both are at the same hour.

    The year always stands there: what is quoted leaves no doubt.
    """
    if isinstance(before, datetime) and isinstance(after, datetime):
        was, is_ = before.astimezone(texts.zone), after.astimezone(texts.zone)
        if was.time() == is_.time() and was.date() != is_.date():
            return texts.date(before)
    return texts.when(before)


def changed_since(before: Notice, after: Notice, material: Collection[str] | None = None) -> tuple[Change, ...]:
    """Return what changed between two revisions of a register's entry: whom it is on, and its particulars.

    `material` names the codes that count, None all; values are as those of `Change`. Another order is no change.
    """
    changes = []
    for field, was, is_ in (
        (Label.BUYER, before.buyer, after.buyer),
        (Label.SUPPLIERS, list(before.suppliers), list(after.suppliers)),
    ):
        if was != is_ and sorted(was or ()) != sorted(is_ or ()):
            changes.append(Change(field.value, was, is_))
    for code in dict.fromkeys(name for notice in (before, after) for name, _ in notice.particulars):
        had, has = says_all(before, code), says_all(after, code)
        if sorted(had) != sorted(has) and (material is None or code in material):
            changes.append(Change(f"{PARTICULAR}{code}", _one_or_all(had), _one_or_all(has)))
    return tuple(changes)


def _one_or_all(values: list[str]) -> str | list[str] | None:
    return values if len(values) > 1 else next(iter(values), None)


def kind_in_words(texts: Texts, kind: NoticeKind, *, names_suppliers: bool) -> str:
    """Return what a notice is, in words: a change that names suppliers is one of their contract."""
    if kind is NoticeKind.CHANGE and names_suppliers:
        return texts("kind-modification")
    return texts.word("kind", kind)


def _changed_value(texts: Texts, notice: Notice, field: str, value: object) -> str:
    """Return the JSON value of a notice's field in words."""
    if value is None or value in ("", []):
        return texts("card-not-stated")
    if isinstance(value, list):
        return names_of(texts, tuple(map(str, value)))
    written = str(value)
    if field in {Label.DEADLINE, Label.PUBLISHED}:
        return texts.when(parse_moment(written))
    if field == Label.AMOUNT:
        number, _, currency = written.partition(" ")
        return texts.amount(Decimal(number), currency or notice.currency)
    if field == Label.KIND:
        return texts.word("kind", written)
    return plain(written, NAME_UNITS)
