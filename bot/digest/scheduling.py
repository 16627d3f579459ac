"""What people do with digests: have one made at a time of theirs, and no more."""

from __future__ import annotations

from datetime import datetime, time
from typing import Final

from bot.access import Action, Viewer
from bot.errors import UserError
from bot.models import Digest, Every
from bot.storage import newsrooms
from bot.storage.custody import audit
from bot.storage.database import Connection, Database
from bot.storage.digesting import digests
from bot.storage.log import dossiers

DIGESTS: Final = 25
"""Digests of one newsroom."""


async def schedule(
    database: Database,
    viewer: Viewer,
    channel_id: int,
    every: Every,
    at: time,
    dossier_id: int | None,
    floor_id: int,
    now: datetime,
) -> Digest:
    """Have a digest made in a channel, of a dossier where one is named; its history is read from `floor_id` on.

    Raises UserError where that one is scheduled already, the newsroom has too many, or the dossier is closed.
    """
    async with database.tx("digest.schedule") as connection:
        scheduled = await digests.every(connection, viewer.guild_id)
        wanted = (channel_id, dossier_id, every, at)
        if any((one.channel_id, one.dossier_id, one.every, one.at) == wanted for one in scheduled):
            raise UserError("digest-same")
        if len(scheduled) >= DIGESTS:
            raise UserError("digests-full", most=DIGESTS)
        if dossier_id is not None:
            dossier = await dossiers.find(connection, viewer.guild_id, dossier_id)
            if dossier is None:
                raise UserError("dossier-unknown", typed=str(dossier_id))
            if dossier.closed_at is not None:
                raise UserError("dossier-closed", name=dossier.name)
        await newsrooms.use_channel(connection, viewer.guild_id, channel_id, floor_id)
        made = await digests.add(connection, viewer.guild_id, channel_id, dossier_id, every, at, viewer.user_id, now)
        await note(connection, made, viewer.user_id, Action.DIGEST_SCHEDULE, now)
        return made


async def remove(database: Database, viewer: Viewer, digest_id: int, now: datetime) -> bool:
    """Have a digest made no more, nor sent where Discord has it not yet; return whether it was scheduled."""
    async with database.tx("digest.remove") as connection:
        digest = await digests.find(connection, viewer.guild_id, digest_id)
        if digest is None:
            return False
        await digests.take_back(connection, digest)
        is_removed = await digests.remove(connection, viewer.guild_id, digest_id, viewer.user_id, now)
        if is_removed:
            await note(connection, digest, viewer.user_id, Action.DIGEST_REMOVE, now)
        return is_removed


async def note(connection: Connection, digest: Digest, by: int, action: Action, now: datetime, **detail: int) -> None:
    """Append to the audit log what a person did with a digest, in the transaction of the change."""
    told = {
        "channel_id": digest.channel_id,
        "dossier_id": digest.dossier_id,
        "every": digest.every.value,
        "at": digest.at.isoformat("minutes"),
        **detail,
    }
    await audit.note(connection, digest.guild_id, by, action, now, subject=f"digest:{digest.id}", detail=told)
