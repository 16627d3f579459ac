"""What a card says of the fields of a notice: what each is called, what it holds, and what it was before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from bot.cards.card import Line, Span, Style
from bot.locales import Texts
from bot.markup import host_of, plain, safe_url
from bot.matching.identifiers.schemes import Scheme
from bot.models import NOT_AWARDED, Hit, Notice, NoticeKind, parse_moment

NAME_UNITS: Final = 120
_SHOWN_NAMES: Final = 3
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
    host = host_of(url).removeprefix("www.") if url else ""
    if notice.published is not None:
        when = texts.when(notice.published)
        yield labelled(texts, Label.PUBLISHED, f"{when} · {host}" if host else when)
    elif host:
        yield (Span(host, Style.QUIET),)


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


def change_line(texts: Texts, notice: Notice, change: Change, now: datetime | None = None) -> Line:
    """Return what a field of a notice was and is, in one line; `now` tells how far a deadline is."""
    before, after = (_changed_value(texts, notice, change.field, value) for value in (change.before, change.after))
    if change.field == Label.DEADLINE and change.before and change.after:
        before = _shortened(texts, parse_moment(change.before), parse_moment(change.after))
    if change.field == Label.DEADLINE and change.after and now is not None:
        moment = parse_moment(change.after)
        after = texts("card-deadline", when=moment, days=texts.days_left(moment, now))
    label = party_of(notice.kind, change.field)
    n = len(change.after) if isinstance(change.after, list) else 1
    heading = heading_of(texts, texts.word("notice-field", label, n=n))
    return (Span(heading, Style.STRONG), Span(texts("card-change", before=before, after=after)))


def _shortened(texts: Texts, before: date | datetime, after: date | datetime) -> str:
    """Return a moment as it stands before another one, without its year and its time where both have the same."""
    is_same_time = not isinstance(before, datetime)
    if isinstance(before, datetime) and isinstance(after, datetime):
        was, is_ = before.astimezone(texts.zone), after.astimezone(texts.zone)
        is_same_time = was.time() == is_.time() and was.date() != is_.date()
    if not is_same_time:
        return texts.when(before)
    day, year = texts.date(before), texts.day(after).year
    return day.removesuffix(f" {year}") if texts.day(before).year == year else day


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
