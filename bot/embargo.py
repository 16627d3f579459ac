"""The embargo of tips and facts: until a moment only their author, their owner and editors know of them.

What is under embargo is hidden as a sensitive tip is (`bot.access.sees`). It ends when its time has come, by `release`,
or before, by a person: then it is published as if it had just been logged.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from bot.access import Action, Viewer
from bot.dates import TypedDate
from bot.entering import DateReader
from bot.errors import UserError, log_reference
from bot.models import VIGIE_ITSELF, AnnouncementKind, Fact, FactChangeKind, FactStatus, ThingKind, Tip
from bot.publishing import answer, publish
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import embargoes, facts, tips
from bot.storage.outbox import shown
from bot.tips.missing import missing_tip

log = logging.getLogger(__name__)

VIGIE: Final = "vigie"
"""Who ends an embargo when its time has come, in the audit log."""

_CORRECTS: Final = {FactChangeKind.CORRECTED, FactChangeKind.DISPUTED, FactChangeKind.RETRACTED}

ACTIONS: Final = {ThingKind.TIP: Action.TIP_EMBARGO, ThingKind.FACT: Action.FACT_EMBARGO}


@dataclass(frozen=True, slots=True)
class TypedUntil:
    """Hold the end of an embargo as it was understood: the date, and the moment at which it begins."""

    date: TypedDate
    moment: datetime


@dataclass(frozen=True, slots=True)
class Embargoed:
    """Hold a tip or a fact as it now stands, the channels that are owed its card, and whether that is a change."""

    thing: Tip | Fact
    channels: Sequence[int] = ()
    is_changed: bool = True


def read_until(typed: str, read: DateReader, zone: tzinfo, now: datetime) -> TypedUntil:
    """Return when an embargo ends that a person typed: at that moment, or as that day begins in a zone.

    Raises UserError where the date cannot be, is no day, or does not lie ahead.
    """
    date = read(typed)
    if date.end is not None:
        day = max(date.first_day, (now + timedelta(days=1)).astimezone(zone).date())
        raise UserError("embargo-coarse", typed=date.typed, day=day.isoformat())
    moment = date.value if isinstance(date.value, datetime) else datetime.combine(date.value, datetime.min.time(), zone)
    moment = moment.replace(microsecond=0)
    if moment <= now:
        raise UserError("embargo-past", until=moment)
    return TypedUntil(date, moment)


async def put(
    database: Database,
    viewer: Viewer,
    kind: ThingKind,
    thing_id: int,
    until: datetime | None,
    now: datetime,
    *,
    seen: datetime | None,
) -> Embargoed:
    """Put a tip or a fact under embargo until a moment, or lift it (None), unless it is no more until what was `seen`.

    Raises UserError for a moment that has passed, a retracted fact that would be hidden, and what is not to be seen.
    """
    async with database.tx("embargo.put") as connection:
        thing = await _find(connection, viewer, kind, thing_id)
        if thing is None and kind is ThingKind.TIP:
            raise await missing_tip(connection, viewer, thing_id, str(thing_id))
        if thing is None:
            raise UserError("fact-unknown", typed=str(thing_id))
        if thing.embargo_until != seen or thing.embargo_until == until:
            return Embargoed(thing, is_changed=False)
        if until is not None and until <= now:
            raise UserError("embargo-past", until=until)
        if until is not None and isinstance(thing, Fact) and thing.status is FactStatus.RETRACTED:
            raise UserError("embargo-retracted", id=thing.id)
        return await _put(connection, thing, until, viewer.user_id, viewer.user_id, now)


async def put_again(
    connection: Connection, thing: Tip | Fact, until: datetime, said_by: int, done_by: str, now: datetime
) -> None:
    """Put a tip or a fact under an embargo that it was under, in the name of who said so; `done_by` is `cli:name`.

    One that has passed is put too: it ends by `release`, and is published then.
    """
    await _put(connection, thing, until, said_by, done_by, now)


async def release(database: Database, now: datetime) -> int:
    """Publish the tips and facts whose embargo has come to its end; return how many, each once whatever happens."""
    async with database.read() as connection:
        ended = await embargoes.over(connection, now)
    released = 0
    for thing in ended:
        try:
            released += await _release(database, thing, now)
        except Exception as error:  # noqa: BLE001  # the job edge: one that cannot be published holds up no other
            log_reference(log, error)
    return released


async def _release(database: Database, ended: Tip | Fact, now: datetime) -> bool:
    """Publish what is still under an embargo that is over; return whether it was."""
    everything = Viewer(guild_id=ended.guild_id, user_id=0, sees_all=True)
    async with database.tx("embargo.release") as connection:
        thing = await _find(connection, everything, embargoes.kind_of(ended), ended.id)
        if thing is None or thing.embargo_until is None or thing.embargo_until > now:
            return False
        await _put(connection, thing, None, VIGIE_ITSELF, VIGIE, now)
    return True


async def _put(
    connection: Connection, thing: Tip | Fact, until: datetime | None, said_by: int, done_by: int | str, now: datetime
) -> Embargoed:
    """Set the end of an embargo, with what is noted and published of it; who said so may be another than who does."""
    kind = embargoes.kind_of(thing)
    thing = await embargoes.put_until(connection, thing, until, said_by, now)
    detail = {"released": True} if done_by == VIGIE else {"until": until.isoformat() if until is not None else None}
    await audit.note(connection, thing.guild_id, done_by, ACTIONS[kind], now, thing=(kind, thing.id), detail=detail)
    channels = await publish(connection, thing, now)
    if isinstance(thing, Fact):
        if until is None:
            await _answer(connection, thing, now)
        if thing.tip_id is not None:
            await _republish_tip(connection, thing.guild_id, thing.tip_id, now)
    return Embargoed(thing, channels)


async def _answer(connection: Connection, fact: Fact, now: datetime) -> None:
    """Answer the cards that showed a fact before its embargo, where it no longer stands as it did."""
    changes = await facts.changes(connection, fact.guild_id, fact.id)
    rows = await shown.of_thing(connection, fact.guild_id, ThingKind.FACT, fact.id)
    told = max(
        (row.revision for row in rows if row.kind is AnnouncementKind.CORRECTION and row.first_try_at is not None),
        default=0,
    )
    shown_at = min(
        (row.first_try_at for row in rows if row.kind is AnnouncementKind.FACT and row.first_try_at), default=now
    )
    was_lifted = max((one.number for one in changes[:-1] if one.kind is FactChangeKind.RELEASED), default=0)
    since = min(one.number for one in changes if one.kind is FactChangeKind.EMBARGOED and one.number > was_lifted)
    corrected = [one for one in changes if one.kind in _CORRECTS and one.number > told]
    untold = [one.number for one in corrected if one.number > since or one.made_at >= shown_at]
    if untold:
        await answer(connection, fact, min(untold) - 1, now)


async def _republish_tip(connection: Connection, guild_id: int, tip_id: int, now: datetime) -> None:
    """Make the cards of a tip name the fact that it became, or name it no more."""
    tip = await tips.find(connection, Viewer(guild_id=guild_id, user_id=0, sees_all=True), tip_id)
    if tip is not None:
        await publish(connection, await tips.touch(connection, tip), now)


async def _find(connection: Connection, viewer: Viewer, kind: ThingKind, thing_id: int) -> Tip | Fact | None:
    if kind is ThingKind.TIP:
        return await tips.find(connection, viewer, thing_id)
    return await facts.find(connection, viewer, thing_id)
