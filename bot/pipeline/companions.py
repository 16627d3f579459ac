"""Entries of one organisation that one poll of a full register finds new or changed: one message for each place."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from bot.cards import Change
from bot.models import Announcement, AnnouncementState, Notice
from bot.pipeline.announcing import take_back
from bot.pipeline.revision import material_changes
from bot.sources import Source
from bot.storage.archive import notices
from bot.storage.database import Connection
from bot.storage.outbox import announcements, companions, following
from bot.storage.outbox.announcements import Place
from bot.storage.outbox.companions import Gathering
from bot.storage.watching import hits

BESIDE: Final = "beside"
"""The detail that says, by our row of each entry that accompanies a message, what changed of it and since when."""


async def gathering(connection: Connection, source: Source, notice: Notice) -> dict[Place, Gathering]:
    """Return the messages that an entry of a register accompanies, by channel: those on its organisation's first ones.

    Only what the poll under way owes gathers: what was sent is not made longer.
    """
    if not source.is_register or notice.procedure is None:
        return {}
    return await companions.gathering(connection, source.name, notice.procedure)


async def accompany(
    connection: Connection,
    place: Place,
    announcement_id: int,
    row: int,
    hit_rows: Iterable[int],
    *,
    changes: Sequence[Change] | None = None,
    compared: int = 0,
) -> None:
    """Make a message tell of a further entry with its hits; of one that changed since the revision `compared`, how."""
    for hit_row in hit_rows:
        await announcements.link(connection, place.guild_id, announcement_id, hit_row)
    await companions.add(connection, place.guild_id, announcement_id, row)
    if changes is not None:
        details = (await announcements.get(connection, place.guild_id, announcement_id)).details
        beside = {**details.get(BESIDE, {}), str(row): _told(changes, compared)}
        await announcements.restate(connection, announcement_id, {**details, BESIDE: beside})


async def restate_beside(
    connection: Connection, telling: Iterable[Announcement], row: int, after: Notice, material: Collection[str]
) -> None:
    """Make the messages not sent yet that an entry accompanies say what changed of it till `after`.

    It is taken off those of which the change was undone since.
    """
    for announcement in telling:
        told = announcement.details.get(BESIDE, {}).get(str(row))
        if told is None or announcement.state is not AnnouncementState.PENDING:
            continue
        guild_id, compared = announcement.guild_id, told["compared"]
        changes = material_changes(await notices.get(connection, row, compared), after, material)
        beside = {name: one for name, one in announcement.details[BESIDE].items() if name != str(row)}
        if changes:
            beside[str(row)] = _told(changes, compared)
        else:
            was_held = await hits.earlier(connection, guild_id, row, before=compared + 1)
            await companions.part(connection, guild_id, announcement.id, row, was_held)
            if await _is_empty(connection, announcement, beside):
                others = await following.telling_of(connection, announcement.notice_id or 0)
                if await take_back(connection, announcement, others) is not None:
                    continue
        await announcements.restate(connection, announcement.id, {**announcement.details, BESIDE: beside})


async def _is_empty(connection: Connection, announcement: Announcement, beside: Mapping[str, object]) -> bool:
    """Return whether a message on a change has none left to tell, neither of its own entry nor of another one."""
    if announcement.revision == 1 or announcement.details.get("changes") or beside:
        return False
    return not await companions.of_announcement(connection, announcement.guild_id, announcement.id)


def _told(changes: Sequence[Change], compared: int) -> dict[str, object]:
    return {"compared": compared, "changes": [dataclasses.asdict(change) for change in changes]}
