"""What people do with dossiers: open and close investigations, and gather items, tips and facts in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.access import Action, Viewer
from bot.entering import TooLong, read_text
from bot.errors import UserError
from bot.lookup import folded
from bot.models import Dossier, ThingKind
from bot.publishing import publish
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers, facts, tips
from bot.storage.watching import watchlist
from bot.tips.missing import missing_tip

DOSSIERS: Final = 500
"""Dossiers of one newsroom, closed ones included."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Say whether a thing was not in the dossier before."""

    dossier: Dossier
    is_new: bool


async def create(
    database: Database, viewer: Viewer, typed: str, channel_id: int | None, floor_id: int, now: datetime
) -> Dossier:
    """Open a dossier, whose cards go to a channel of its own where one is given.

    Raises UserError where the name is empty, too long or taken, or the newsroom has too many.
    """
    name = read_text(typed, TooLong.DOSSIER)
    if not name or ";" in name:
        raise UserError("dossier-name")
    key = folded(name)
    async with database.tx("dossier.create") as connection:
        taken = await dossiers.named(connection, viewer.guild_id, key)
        if taken is not None:
            is_open = taken.closed_at is None
            raise UserError("dossier-same-name" if is_open else "dossier-same-name-closed", name=taken.name)
        if await dossiers.count(connection, viewer.guild_id) >= DOSSIERS:
            raise UserError("dossiers-full", most=DOSSIERS)
        if channel_id is not None:
            await newsrooms.use_channel(connection, viewer.guild_id, channel_id, floor_id)
        made = await dossiers.add(connection, viewer.guild_id, name, key, channel_id, viewer.user_id, now)
        await _note(connection, viewer, Action.DOSSIER_CREATE, made, now, channel_id=channel_id)
        return made


async def put(
    database: Database, viewer: Viewer, dossier_id: int, kind: ThingKind, thing_id: int, now: datetime
) -> Gathered:
    """Put a watch item, a tip or a fact into an open dossier, and show its card in the dossier's channel.

    Raises UserError for a closed dossier, and a thing that is not there or not to be seen.
    """
    async with database.tx("dossier.add") as connection:
        dossier = await _open_dossier(connection, viewer, dossier_id)
        await _refuse_unknown(connection, viewer, kind, thing_id)
        is_new = await dossiers.put(connection, viewer.guild_id, dossier.id, kind, thing_id, viewer.user_id, now)
        if is_new:
            await _show(connection, viewer, kind, thing_id, now)
            await _note(connection, viewer, Action.DOSSIER_ADD, dossier, now, added=f"{kind}:{thing_id}")
        return Gathered(dossier, is_new)


async def put_new(
    connection: Connection, viewer: Viewer, dossier_ids: Iterable[int], kind: ThingKind, thing_id: int, now: datetime
) -> None:
    """Put a tip or a fact into open dossiers in the transaction that logs it.

    Raises UserError for a dossier that was closed, perhaps since the form was opened.
    """
    for dossier_id in dict.fromkeys(dossier_ids):
        dossier = await _open_dossier(connection, viewer, dossier_id)
        await dossiers.put(connection, viewer.guild_id, dossier.id, kind, thing_id, viewer.user_id, now)


async def close(database: Database, viewer: Viewer, dossier_id: int, now: datetime) -> bool:
    """Close a dossier: nothing more goes into it or to its channel; return whether it was open."""
    async with database.tx("dossier.close") as connection:
        dossier = await _dossier(connection, viewer, dossier_id)
        is_closed = await dossiers.close(connection, viewer.guild_id, dossier.id, viewer.user_id, now)
        if is_closed:
            await _note(connection, viewer, Action.DOSSIER_CLOSE, dossier, now)
        return is_closed


async def reopen(database: Database, viewer: Viewer, dossier_id: int, now: datetime) -> bool:
    """Open a closed dossier again; return whether it was closed."""
    async with database.tx("dossier.reopen") as connection:
        dossier = await _dossier(connection, viewer, dossier_id)
        is_open = await dossiers.reopen(connection, viewer.guild_id, dossier.id)
        if is_open:
            await _note(connection, viewer, Action.DOSSIER_REOPEN, dossier, now)
        return is_open


async def _note(
    connection: Connection, viewer: Viewer, action: Action, dossier: Dossier, now: datetime, **detail: Any
) -> None:
    """Append to the audit log that a person changed a dossier, in the transaction of the change."""
    told = {"name": dossier.name, **detail}
    subject = f"dossier:{dossier.id}"
    await audit.note(connection, viewer.guild_id, viewer.user_id, action, now, subject=subject, detail=told)


async def _dossier(connection: Connection, viewer: Viewer, dossier_id: int) -> Dossier:
    dossier = await dossiers.find(connection, viewer.guild_id, dossier_id)
    if dossier is None:
        raise UserError("dossier-unknown", typed=str(dossier_id))
    return dossier


async def _open_dossier(connection: Connection, viewer: Viewer, dossier_id: int) -> Dossier:
    dossier = await _dossier(connection, viewer, dossier_id)
    if dossier.closed_at is not None:
        raise UserError("dossier-closed", name=dossier.name)
    return dossier


async def _refuse_unknown(connection: Connection, viewer: Viewer, kind: ThingKind, thing_id: int) -> None:
    match kind:
        case ThingKind.ITEM:
            item = await watchlist.find(connection, viewer.guild_id, thing_id)
            if item is None or item.removed_at is not None:
                raise UserError("item-unknown", typed=str(thing_id))
        case ThingKind.TIP:
            if await tips.find(connection, viewer, thing_id) is None:
                raise await missing_tip(connection, viewer, thing_id, str(thing_id))
        case ThingKind.FACT:
            if await facts.find(connection, viewer, thing_id) is None:
                raise UserError("fact-unknown", typed=str(thing_id))


async def _show(connection: Connection, viewer: Viewer, kind: ThingKind, thing_id: int, now: datetime) -> None:
    """Make the cards of a tip or a fact name its dossiers as they now are."""
    if kind is ThingKind.TIP:
        tip = await tips.get(connection, viewer.guild_id, thing_id)
        await publish(connection, await tips.touch(connection, tip), now)
    elif kind is ThingKind.FACT:
        fact = await facts.get(connection, viewer.guild_id, thing_id)
        await publish(connection, await facts.touch(connection, fact), now)
