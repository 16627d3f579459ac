"""What people give to the commands of the log: tips and facts, lists of items and dossiers, dates, files."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

import discord
from discord import app_commands

from bot.access import Action, may, owners_of
from bot.dates import Prefers, TypedDate, echo, read_date
from bot.embargo import TypedUntil, read_until
from bot.entering import DateReader
from bot.errors import UserError
from bot.facts.citing import message_of
from bot.facts.origins import origins
from bot.locales import Language, Texts
from bot.lookup import PROPOSALS, Named, folded, propose
from bot.markup import plain, utf16_len
from bot.matching import folded_words
from bot.models import AnnouncementKind, Dossier, Fact, Tip, WatchItem
from bot.storage.archive.full_text import facts_named, tips_named
from bot.storage.database import Connection
from bot.storage.log import citations, facts, tips
from bot.storage.outbox import announcements, shown
from bot.tips.missing import missing_tip
from cogs._caller import Visit, visit
from cogs._options import (
    CHOICE_UNITS,
    TYPED_UNITS,
    choices,
    chosen_dossier,
    chosen_item,
    complete_list,
    dossiers_for,
    named_dossiers,
    named_items,
)

if TYPE_CHECKING:
    from bot.app import App

NAME_UNITS = 70
CANDIDATES = 5
MOST_IN_A_LIST = 25
FILE_BYTES = 25 * 1024 * 1024

Logged = TypeVar("Logged", Tip, Fact)

_ID = re.compile(r"\d{1,18}", re.ASCII)
_CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass(frozen=True, slots=True)
class Period:
    """Hold the days that a list is asked for, None where it is open; `until` is the first moment after the last one."""

    since: datetime | None
    until: datetime | None
    typed: tuple[TypedDate | None, TypedDate | None]

    def lines(self, texts: Texts) -> Iterator[str]:
        """Yield the first and the last day as they were understood."""
        first, last = self.typed
        if first is not None:
            yield texts("period-since", date=echo(texts, first))
        if last is not None:
            yield texts("period-until", date=echo(texts, last))


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hold how a file that a person attached is known again; no copy is kept."""

    name: str
    size: int
    sha256: str


def zone_of(app: App, visitor: Visit) -> ZoneInfo:
    """Return the time zone of the visitor's newsroom."""
    return ZoneInfo(visitor.newsroom.timezone) if visitor.newsroom else app.settings.newsroom.timezone


def dates_of(app: App, visitor: Visit, prefers: Prefers = Prefers.PAST) -> DateReader:
    """Return how the visitor's newsroom reads a typed date now: in its language and its zone."""
    language = Language(visitor.newsroom.language if visitor.newsroom else app.settings.newsroom.language)
    return functools.partial(_read, language=language, zone=zone_of(app, visitor), now=app.clock.now(), prefers=prefers)


def period_of(app: App, visitor: Visit, since: str | None, until: str | None) -> Period:
    """Return the days that were typed, both included; raises UserError where one cannot be, or they are reversed."""
    read, zone = dates_of(app, visitor), zone_of(app, visitor)
    first = read(since) if since and since.strip() else None
    last = read(until) if until and until.strip() else None
    if first and last and last.last_day < first.first_day:
        raise UserError("period-reversed", since=first.first_day, until=last.last_day)
    return Period(
        datetime.combine(first.first_day, datetime.min.time(), zone) if first else None,
        datetime.combine(last.last_day + timedelta(days=1), datetime.min.time(), zone) if last else None,
        (first, last),
    )


def ends_of(app: App, visitor: Visit, typed: str) -> TypedUntil | None:
    """Return when an embargo is to end that was typed, None where none was; raises UserError as `read_until` does."""
    if not typed.strip():
        return None
    return read_until(typed, dates_of(app, visitor, Prefers.FUTURE), zone_of(app, visitor), app.clock.now())


def embargo_of(context: Mapping[str, Any]) -> datetime | None:
    """Return the moment until which what a form logs is to be under embargo, as the form's context keeps it."""
    kept = context.get("embargo")
    return datetime.fromisoformat(kept) if kept else None


def long_moment(texts: Texts, moment: datetime) -> str:
    """Return a moment in its long form, in the reader's zone: `jeudi 3 avril 2025 à 08:00`."""
    return texts("moment", date=texts.day_long(moment), time=f"{moment.astimezone(texts.zone):%H:%M}")


async def chosen_items(app: App, visitor: Visit, typed: str) -> list[WatchItem]:
    """Return the live items that a list separated by `;` names; raises UserError for an unknown one."""
    items = [await chosen_item(app, visitor, element, Action.WATCH_SHOW) for element in _elements(typed)]
    return list({item.id: item for item in items}.values())


async def chosen_dossiers(app: App, visitor: Visit, typed: str) -> list[Dossier]:
    """Return the open dossiers that a list separated by `;` names; raises UserError for an unknown or closed one."""
    found = [await chosen_dossier(app, visitor, element) for element in _elements(typed)]
    return list({dossier.id: dossier for dossier in found}.values())


async def chosen_tip(app: App, visitor: Visit, typed: str) -> Tip:
    """Return the tip that a person named by its id, its card's code or link, or words of it, of those they may see.

    Raises UserError when none, or more than one, is named so, and for one that was erased.
    """
    async with app.database.read() as connection:
        ids = await _named_ids(connection, visitor, typed, AnnouncementKind.TIP)
        found = [tip for one in ids if (tip := await tips.find(connection, visitor.viewer, one)) is not None]
        if not found:
            raise await missing_tip(connection, visitor.viewer, ids[0] if ids else None, plain(typed, TYPED_UNITS))
    return _only(found, typed, lambda tip: named_tip(visitor, tip), lambda tip: tip.text)


async def chosen_fact(app: App, visitor: Visit, typed: str) -> Fact:
    """Return the fact that a person named by its id, its card's code or link, or words of it, of those they may see."""
    async with app.database.read() as connection:
        ids = await _named_ids(connection, visitor, typed, AnnouncementKind.FACT)
        found = [fact for one in ids if (fact := await facts.find(connection, visitor.viewer, one)) is not None]
    if not found:
        raise UserError("fact-unknown", typed=plain(typed, TYPED_UNITS))
    return _only(found, typed, lambda fact: named_fact(visitor, fact), lambda fact: fact.claim.text)


def named_tip(visitor: Visit, tip: Tip) -> Named:
    """Return a tip as it is named and proposed: its beginning, its status and our id."""
    return Named(str(tip.id), plain(tip.text, NAME_UNITS), visitor.texts.word("tip-status", tip.status))


def named_fact(visitor: Visit, fact: Fact) -> Named:
    """Return a fact as it is named and proposed: its beginning, its status and our id."""
    return Named(str(fact.id), plain(fact.claim.text, NAME_UNITS), visitor.texts.word("fact-status", fact.status))


async def propose_tips(
    app: App, interaction: discord.Interaction, typed: str, action: Action
) -> list[app_commands.Choice[str]]:
    """Return the tips that a person may mean, of those that they may see and on which they may act."""
    visitor = await visit(interaction)
    async with app.database.read() as connection:
        named = await tips_named(connection, visitor.viewer, typed, PROPOSALS, own_of=_own_of(visitor, action))
        ids = numbered_first(typed, named)
        found = [tip for one in ids if (tip := await tips.find(connection, visitor.viewer, one)) is not None]
    caller = visitor.caller.user_id
    return choices(
        named_tip(visitor, tip) for tip in found if may(visitor.role, action, is_own=caller in owners_of(tip))
    )


async def propose_facts(
    app: App, interaction: discord.Interaction, typed: str, action: Action
) -> list[app_commands.Choice[str]]:
    """Return the facts that a person may mean, of those that they may see and on which they may act."""
    visitor = await visit(interaction)
    async with app.database.read() as connection:
        named = await facts_named(connection, visitor.viewer, typed, PROPOSALS, own_of=_own_of(visitor, action))
        ids = numbered_first(typed, named)
        found = [fact for one in ids if (fact := await facts.find(connection, visitor.viewer, one)) is not None]
    caller = visitor.caller.user_id
    return choices(
        named_fact(visitor, fact) for fact in found if may(visitor.role, action, is_own=caller in owners_of(fact))
    )


def numbered_first(typed: str, ids: Sequence[int]) -> list[int]:
    """Return the ids that a text may mean, its own number first where it is one; as many as Discord shows."""
    own = [int(typed.strip())] if _ID.fullmatch(typed.strip()) else []
    return list(dict.fromkeys([*own, *ids]))[:PROPOSALS]


async def propose_origins(
    app: App, interaction: discord.Interaction, typed: str, fact: str | None
) -> list[app_commands.Choice[str]]:
    """Return whose words a source may be: what the sources of the fact are known by, then what was said lately."""
    visitor = await visit(interaction)
    async with app.database.read() as connection:
        names = await citations.origins_said(connection, visitor.viewer)
        found = (
            await facts.find(connection, visitor.viewer, int(fact)) if fact and _ID.fullmatch(fact.strip()) else None
        )
        if found is not None:
            cited = await citations.standing(connection, visitor.guild_id, found.id)
            names = [*(origin.name for origin in origins(cited)), *names]
    different: dict[str, str] = {}
    for name in names:
        if utf16_len(name) <= CHOICE_UNITS:
            different.setdefault(folded(name), name)
    return choices(propose([Named(name, name) for name in different.values()], typed))


async def propose_item_list(app: App, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Return proposals for the last of the items of a list."""
    visitor = await visit(interaction)
    items = await app.watchlist.items_of(visitor.guild_id)
    return await asyncio.to_thread(lambda: complete_list(named_items(visitor, items), typed))


async def propose_dossier_list(
    app: App, interaction: discord.Interaction, typed: str
) -> list[app_commands.Choice[str]]:
    """Return proposals for the last of the open dossiers of a list."""
    visitor = await visit(interaction)
    things = named_dossiers(visitor, await dossiers_for(app, visitor, is_open=True))
    return await asyncio.to_thread(complete_list, things, typed)


async def fingerprint(file: discord.Attachment | None) -> Fingerprint | None:
    """Read a file once for its checksum; raises UserError where it is too large to be read."""
    if file is None:
        return None
    if file.size > FILE_BYTES:
        raise UserError("file-too-large", name=plain(file.filename, TYPED_UNITS), most=FILE_BYTES // (1024 * 1024))
    content = await file.read()
    digest = await asyncio.to_thread(hashlib.sha256, content)
    return Fingerprint(plain(file.filename, 2 * TYPED_UNITS), len(content), digest.hexdigest())


def _read(typed: str, *, language: Language, zone: ZoneInfo, now: datetime, prefers: Prefers) -> TypedDate:
    return read_date(typed, language=language, zone=zone, now=now, prefers=prefers)


def _elements(typed: str) -> list[str]:
    """Return the elements of a list; raises UserError where they are too many."""
    elements = [element for part in typed.split(";") if (element := part.strip())]
    if len(elements) > MOST_IN_A_LIST:
        raise UserError("list-too-long", most=MOST_IN_A_LIST)
    return elements


def _own_of(visitor: Visit, action: Action) -> int | None:
    """Return the person where they may act on their own only, None where on anybody's."""
    return None if may(visitor.role, action) else visitor.caller.user_id


async def _named_ids(connection: Connection, visitor: Visit, typed: str, kind: AnnouncementKind) -> list[int]:
    """Return our ids of the tips or facts that a text names; a text without a word names none of them."""
    one = await _named_id(connection, visitor, typed, kind)
    if one is not None or not folded_words(typed):
        return [] if one is None else [one]
    if kind is AnnouncementKind.TIP:
        return await tips_named(connection, visitor.viewer, typed, CANDIDATES + 1)
    return await facts_named(connection, visitor.viewer, typed, CANDIDATES + 1)


async def _named_id(connection: Connection, visitor: Visit, typed: str, kind: AnnouncementKind) -> int | None:
    """Return the id that was typed, or that of the tip or fact that a code or a message's link leads to."""
    text = typed.strip()
    if _ID.fullmatch(text):
        return int(text)
    row = None
    if _CODE.fullmatch(text.upper()):
        row = await announcements.by_code(connection, visitor.guild_id, text.upper())
    elif link := message_of(text):
        row = await shown.by_message(connection, visitor.guild_id, link.channel_id, link.message_id)
    if row is None:
        return None
    return row.tip_id if kind is AnnouncementKind.TIP else row.fact_id


def _only(found: list[Logged], typed: str, named: Callable[[Logged], Named], words: Callable[[Logged], str]) -> Logged:
    """Return the thing that was meant: the only one, or the only one whose words are those typed."""
    if len(found) > 1:
        wanted = folded(typed)
        found = [thing for thing in found if folded(words(thing)) == wanted] or found
    if len(found) > 1:
        candidates = [named(thing).label for thing in found[:CANDIDATES]]
        raise UserError("lookup-ambiguous", typed=plain(typed, TYPED_UNITS), candidates=candidates, found=len(found))
    return found[0]
