"""What happens in simulated years, drawn from a seed: notices, people, and all that goes wrong with time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.models import Every, Held

BEGIN: Final = datetime(2026, 1, 1, 0, 17, tzinfo=UTC)
DAY: Final = timedelta(days=1)
HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)

FIRST, OTHER, APART = 2001, 2003, 2004
"""The channel of the newsroom's announcements at first, another one, and one with nothing but a dossier's digest."""

ITEMS: Final = {1: None, 2: FIRST, 3: OTHER, 4: None}
"""The watch items by number, with their own channels."""
DOSSIER: Final = (3, 4)
"""The items that the dossier gathers at first."""

LEFT_OUT: Final = {Held.DISMISSED, Held.COMPANION, Held.PAUSED}
"""Why no hit of these years is held: what a digest makes of those is tried elsewhere."""


@dataclass(frozen=True, slots=True)
class Notices:
    """Say that notices are read, each with a hit of an item; `again` revises an earlier one."""

    items: tuple[int, ...]
    held: Held | None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Schedule:
    name: str
    channel: int
    every: Every
    at: time
    of_dossier: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    name: str


@dataclass(frozen=True, slots=True)
class AskNow:
    """Somebody wants a digest at once, and wants it again where that was cut off."""

    name: str


@dataclass(frozen=True, slots=True)
class Move:
    item: int
    channel: int | None


@dataclass(frozen=True, slots=True)
class Gather:
    """The dossier gathers one more item."""

    item: int


@dataclass(frozen=True, slots=True)
class AnnounceIn:
    channel: int


@dataclass(frozen=True, slots=True)
class SetZone:
    zone: str


@dataclass(frozen=True, slots=True)
class Sleep:
    """The machine sleeps: nothing rings, the process stays."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Outage:
    """The process is down, and starts again from its file."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class KillAfterMake:
    """The process is killed once the next digest is made, before it is sent, and is then down."""

    down: timedelta


@dataclass(frozen=True, slots=True)
class KillAtPoint:
    """The process is killed at one of the next transactions of a digest, and starts again at once."""

    points: int


@dataclass(frozen=True, slots=True)
class KillInSend:
    """The process is killed during the next message, after Discord took it or before, and starts again at once."""

    is_taken: bool


@dataclass(frozen=True, slots=True)
class Step:
    """The clock is moved, and is so far off the truth from then on."""

    off: timedelta


@dataclass(frozen=True, slots=True)
class StartIn1970:
    """The process starts anew with a clock that knows no date, until it is set."""


@dataclass(frozen=True, slots=True)
class Discord:
    is_up: bool


@dataclass(frozen=True, slots=True)
class Nothing:
    """The bot is rung."""


Person = Schedule | Remove | AskNow | Move | Gather | AnnounceIn | SetZone
Event = (
    Notices
    | Person
    | Sleep
    | Outage
    | KillAfterMake
    | KillAtPoint
    | KillInSend
    | Step
    | StartIn1970
    | Discord
    | Nothing
)

MORNING = Schedule("morning", FIRST, Every.DAILY, time(8, 30))
NIGHT = Schedule("night", FIRST, Every.DAILY, time(2, 30))
EVENING = Schedule("evening", OTHER, Every.WEEKDAYS, time(18, 0))
MONDAY = Schedule("monday", OTHER, Every.MONDAY, time(9, 0))
DOSSIER_APART = Schedule("dossier apart", APART, Every.WEDNESDAY, time(7, 15), of_dossier=True)
DOSSIER_AMONG = Schedule("dossier among others", OTHER, Every.FRIDAY, time(12, 0), of_dossier=True)

# By the day, of 730; longer times repeat all of it.
PEOPLE: Final[tuple[tuple[int, Person], ...]] = (
    (0, MORNING),
    (0, EVENING),
    (2, MONDAY),
    (20, DOSSIER_APART),
    (10, Remove("morning")),
    (45, NIGHT),
    (75, AskNow("night")),
    (120, Move(1, OTHER)),
    (210, Move(3, None)),
    (140, Remove("evening")),
    (285, MORNING),
    (300, DOSSIER_AMONG),
    (310, AskNow("dossier among others")),
    (312, Remove("morning")),
    (340, Move(1, None)),
    (350, Gather(2)),
    (380, AnnounceIn(OTHER)),
    (400, Remove("dossier apart")),
    (415, DOSSIER_APART),
    (430, Move(4, FIRST)),
    (470, AnnounceIn(FIRST)),
    (450, AskNow("night")),
    (520, Move(3, OTHER)),
    (600, Remove("dossier among others")),
    (640, Move(4, None)),
)
FROM_THE_START = {"night", "monday", "dossier apart"}
"""The digests that are still scheduled when all of it begins anew."""
AWAY_FROM: Final = 700
BACK: Final = 716
"""Between these days the newsroom has another zone."""
CYCLE: Final = 730


@dataclass(frozen=True, slots=True)
class Plan:
    zone: str
    seed: int
    days: int
    events: tuple[tuple[datetime, Event], ...]
    changes: tuple[datetime, ...]


def make_plan(zone: str, other_zone: str, seed: int, days: int = CYCLE) -> Plan:
    """Return what happens in so many days; `other_zone` is what somebody sets for a while, late in the second year."""
    chance = random.Random(f"{zone} {seed}")  # noqa: S311  # repeatable
    changes = tuple(_changes(zone, days))
    events = [*_notices(chance, days), *_people(days), *_troubles(chance, days, changes)]
    for first in range(0, days, CYCLE):
        events += [(BEGIN + (first + AWAY_FROM) * DAY, SetZone(other_zone))]
        events += [(BEGIN + (first + BACK) * DAY, SetZone(zone))]
    last = BEGIN + days * DAY
    ordered = sorted((event for event in events if event[0] < last), key=lambda event: event[0])
    return Plan(zone, seed, days, tuple(ordered), changes)


def _changes(zone: str, days: int) -> Iterator[datetime]:
    """Yield the days on which the clocks of a zone change."""
    for day in range(days):
        before, after = ((BEGIN + (day + ahead) * DAY).astimezone(ZoneInfo(zone)) for ahead in (0, 1))
        if before.utcoffset() != after.utcoffset():
            yield BEGIN + day * DAY


def _people(days: int) -> Iterator[tuple[datetime, Event]]:
    for first in range(0, days, CYCLE):
        for day, event in PEOPLE:
            name = event.name if isinstance(event, Schedule) else None
            if first + day < days and not (first and name in FROM_THE_START and day < 60):
                yield BEGIN + (first + day) * DAY + (7 if day else 0) * HOUR, event


def _notices(chance: random.Random, days: int) -> Iterator[tuple[datetime, Event]]:
    reasons = [*[None] * 6, *(held for held in Held if held not in LEFT_OUT)]
    at = BEGIN
    while (at := at + chance.expovariate(1 / 30) * HOUR) < BEGIN + days * DAY:
        items = chance.sample(list(ITEMS), chance.choice([1, 1, 1, 2]))
        yield at, Notices(tuple(items), chance.choice(reasons), again=chance.random() < 0.1)
        if chance.random() < 0.01:
            yield at, Notices(tuple(chance.choices(list(ITEMS), k=40)), Held.STORM)


def _troubles(chance: random.Random, days: int, changes: tuple[datetime, ...]) -> Iterator[tuple[datetime, Event]]:
    """Yield what goes wrong, one after the other, none of it keeping the bot from a night when the clocks change."""
    at = BEGIN + 5 * DAY
    rare = 0
    while (at := at + chance.uniform(0.5, 5) * DAY) < BEGIN + (days - 12) * DAY:
        span = chance.choice([3, 8, 20, 50, 100, 9 * 24, 9 * 24]) * chance.uniform(0.5, 1) * HOUR
        if any(at - DAY < change < at + span + 4 * DAY for change in changes):
            continue
        trouble = chance.choice([_away, _away, _away, _away, _killed, _killed, _moved_clock, _without_discord, None])
        if trouble is not None:
            yield from trouble(chance, at, span)
        else:
            yield from _rare(chance, at, rare)
            rare += 1
        at += span if trouble is _away else DAY


def _away(chance: random.Random, at: datetime, span: timedelta) -> Iterator[tuple[datetime, Event]]:
    """Yield a machine that sleeps or a bot that is down; one that wakes with a clock ahead, which is then set right."""
    kind = chance.choice([Sleep, Outage, Outage, None, None])
    yield at, (kind or Sleep)(span)
    if kind is None:
        woken = at + span
        yield woken, Step(chance.uniform(1, 10) * HOUR)
        yield woken + chance.uniform(10, 40) * MINUTE, Step(timedelta())
        yield woken + HOUR, Nothing()


def _killed(chance: random.Random, at: datetime, _: timedelta) -> Iterator[tuple[datetime, Event]]:
    after, point, in_send = chance.uniform(0, 12) * HOUR, chance.randint(1, 8), chance.random() < 0.5
    kills: list[Event] = [KillAfterMake(after), KillAtPoint(point), KillInSend(in_send)]
    yield at, chance.choice(kills)


def _moved_clock(chance: random.Random, at: datetime, _: timedelta) -> Iterator[tuple[datetime, Event]]:
    yield at, Step(chance.choice([MINUTE, HOUR]) * chance.uniform(-5, 5))
    yield at + chance.uniform(1, 60) * HOUR, Step(timedelta())


def _without_discord(_: random.Random, at: datetime, __: timedelta) -> Iterator[tuple[datetime, Event]]:
    yield at, Discord(is_up=False)
    yield at + DAY, Discord(is_up=True)


def _rare(chance: random.Random, at: datetime, number: int) -> Iterator[tuple[datetime, Event]]:
    """Yield a clock that is far off for an hour: 3 days, a year, none at all, or 3 days without Discord."""
    right = at + chance.uniform(0.5, 1) * HOUR
    match number % 4:
        case 0:
            yield at, Step(3 * DAY)
        case 1:
            yield at, Step(365 * DAY)
        case 2:
            yield at, StartIn1970()
        case 3:
            yield at - MINUTE, Discord(is_up=False)
            yield at, Step(3 * DAY)
            yield right + HOUR, Discord(is_up=True)
    yield at + 10 * MINUTE, Nothing()
    yield right, Step(timedelta())
