"""What the cards of tips and facts are made of: who and when, dates as they were said, names, quotations, what fits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from bot.cards.card import Card, Field, Line, Span, Style
from bot.cards.embed import ALL_UNITS, FIELD_VALUE_UNITS, markdown_units, render
from bot.dates import echo, stored
from bot.locales import Texts
from bot.markup import ELLIPSIS, cut, plain
from bot.models import VIGIE_ITSELF

PLACE = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What stands in a text for a span that `around` puts there."""

_NAME_UNITS = 80
_PART_CHARS = 900
_UNBOUNDED = 50_000

_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Say how much a card shows: the UTF-16 units of a text of each kind, and how many of each kind of thing.

    `text` is what was logged itself, `quote` the words of a source, `remark` notes, reasons and the like; `lines` of
    any of them, `names` of items or dossiers, `entries` of the history.
    """

    text: int = _UNBOUNDED
    quote: int = _UNBOUNDED
    remark: int = _UNBOUNDED
    lines: int = _UNBOUNDED
    names: int
    citations: int = 0
    versions: int = 0
    entries: int = 0


@dataclass(slots=True)
class Trim:
    """Cut what a card shows to its room, and remember whether something was left out."""

    room: Room
    is_short: bool = False

    def text(self, text: str | None, units: int) -> str:
        """Return a text in one line of at most so many UTF-16 units."""
        return self._cut(plain(text or ""), units)

    def quotation(self, text: str | None, units: int) -> Iterator[Line]:
        """Yield somebody's words line by line, set apart; nothing where there are none."""
        lines = self._cut(plain(text or "", newlines=True), units).split("\n")
        shown = [*self.first(lines, self.room.lines)]
        if len(shown) < len(lines):
            shown[-1] = shown[-1].removesuffix(ELLIPSIS) + ELLIPSIS
        yield from ((Span(line, Style.QUOTE),) for line in shown if text)

    def names(self, texts: Texts, names: Sequence[str]) -> Span:
        """Return names as a sentence lists them, those that do not fit counted."""
        shown = [plain(name, _NAME_UNITS) for name in self.first(names, self.room.names)]
        left = len(names) - len(shown)
        return Span(texts.list_of([*shown, texts.plural("and-others", left)] if left else shown))

    def first(self, things: Sequence[_Thing], most: int) -> Sequence[_Thing]:
        """Return the first of some things."""
        self.is_short = self.is_short or len(things) > most
        return things[:most]

    def _cut(self, whole: str, units: int) -> str:
        shown = cut(whole, units)
        self.is_short = self.is_short or shown != whole
        return shown


def fitted(make: Callable[[Trim], Card], rooms: Sequence[Room], left_out: Line) -> Card:
    """Return the card made for the first of the rooms, from large to small, that one message of Discord holds.

    Where it shows less than there is, `left_out` ends its body and says so. The last room has to fit any texts.
    """
    for room in rooms[:-1]:
        card = _made(make, room, left_out)
        if not render(card).is_cut:
            return card
    return _made(make, rooms[-1], left_out)


def _made(make: Callable[[Trim], Card], room: Room, left_out: Line) -> Card:
    trim = Trim(room)
    card = make(trim)
    return dataclasses.replace(card, body=(*card.body, left_out)) if trim.is_short else card


def worth_trying(rooms: Sequence[Room], length: Callable[[Room], int]) -> list[Room]:
    """Return the rooms whose card is not too long for a message already by `length`, its least; always the last one."""
    return [*(room for room in rooms[:-1] if length(room) <= ALL_UNITS), rooms[-1]]


def capital(words: str) -> str:
    """Return words as they begin a line."""
    return words[:1].upper() + words[1:]


def labelled(texts: Texts, label: str, *value: Span) -> Line:
    """Return a line that says what something is before it."""
    return (Span(texts("card-label", label=capital(label)), Style.STRONG), *value)


def member(user_id: int) -> Span:
    """Return the name of a member as Discord shows it, the id elsewhere."""
    return Span(f"@{user_id}", user_id=user_id)


def around(text: str, span: Span, style: Style = Style.PLAIN) -> Iterator[Span]:
    """Yield a text with a span in its place."""
    before, _, after = text.partition(PLACE)
    yield from (one for one in (Span(before, style), span, Span(after, style)) if one.text)


def without_year(texts: Texts, shown: str, moment: date | datetime, near: date | datetime | None) -> str:
    """Return a day that ends in its year without it, where a date nearby on the card tells the same year."""
    year = texts.day(moment).year
    return shown.removesuffix(f" {year}") if near is not None and texts.day(near).year == year else shown


def moment_near(texts: Texts, moment: datetime, near: date | datetime | None) -> str:
    """Return a moment, without its year where a date nearby on the card tells the same."""
    day = without_year(texts, texts.date(moment), moment, near)
    return texts("moment", date=day, time=f"{moment.astimezone(texts.zone):%H:%M}")


def by(texts: Texts, user_id: int, moment: datetime) -> Line:
    """Return who did something, and when; Vigie itself is no member."""
    who = Span(texts("audit-by-vigie")) if user_id == VIGIE_ITSELF else member(user_id)
    return (who, Span(f" · {texts.moment(moment)}"))


def dated(texts: Texts, date: str, typed: str) -> str:
    """Return a date that was kept as `bot.dates` does, in its long form, and the words where they said it otherwise."""
    shown = echo(texts, stored(date, typed))
    words = plain(typed, _NAME_UNITS)
    is_iso = date.startswith(words.replace(" ", "T"))
    if not words or is_iso or shown.casefold().endswith(words.casefold()):
        return shown
    return texts("card-log-typed", date=shown, typed=words)


def footer(texts: Texts, revision: int, code: str | None) -> str:
    """Return the footer of a card: its version beyond the first, and the code that it is found by."""
    version = texts("card-log-version", revision=revision) if revision > 1 else ""
    return " · ".join(part for part in (version, texts("card-log-code", code=code) if code else "") if part)


def fields(texts: Texts, label: str, lines: Iterable[Line]) -> Iterator[Field]:
    """Yield lines as one field, or as several where they are too long for one."""
    shown, held, left = label, list[Line](), FIELD_VALUE_UNITS
    for line in lines:
        for part in _parted(line, _PART_CHARS):
            units = markdown_units((part,)) + len("\n")
            if held and units > left:
                yield Field(shown, tuple(held))
                shown, held, left = texts("card-log-continued", label=label), [], FIELD_VALUE_UNITS
            held.append(part)
            left -= units
    if held:
        yield Field(shown, tuple(held))


def begun(lines: Iterable[Line], units: int) -> tuple[list[Line], list[Line]]:
    """Return the lines that so many UTF-16 units hold, and the rest; a line may be parted between words."""
    held: list[Line] = []
    rest: list[Line] = []
    for line in lines:
        size = markdown_units((line,)) + len("\n")
        if rest:
            rest.append(line)
        elif size <= units:
            held.append(line)
            units -= size
        else:
            # Escaped, a text is at most twice as long.
            first, *others = _parted(line, max(units // 2, 1)) if units > FIELD_VALUE_UNITS else [(), line]
            held += [first] if first else []
            rest += others
    return held, rest


def _parted(line: Line, most: int) -> Iterator[Line]:
    """Yield a line of a single span in parts of so many characters, between words; any other as it is."""
    if len(line) != 1:
        yield line
        return
    (span,) = line
    text = span.text
    while len(text) > most:
        space = text.rfind(" ", 0, most)
        end = space if space > 0 else most
        yield (dataclasses.replace(span, text=text[:end]),)
        text = text[end:].lstrip()
    yield (dataclasses.replace(span, text=text),)
