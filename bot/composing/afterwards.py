"""What a message told when it was sent, and what came after it: its card shows both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from bot.cards import ChangedSince, Earlier, LaterNotice, changed_since
from bot.locales import Texts
from bot.models import Announcement, Notice, NoticeKind
from bot.sources import sources
from bot.storage import newsrooms
from bot.storage.archive import notices
from bot.storage.database import Connection
from bot.storage.outbox import announcements, later, revoking, threads

_REGISTERS: Final = frozenset({NoticeKind.REGISTRATION, NoticeKind.REGISTER_CHANGE})


async def as_told(connection: Connection, announcement: Announcement, row: int, newest: int) -> tuple[Notice, int]:
    """Return a notice as the message of an announcement tells it, and at which revision: `newest` unless of a register.

    What is news of a register's entry is a sentence on what it became: it is told as it was when that was sent.
    """
    notice = await notices.get(connection, row, newest)
    if notice.kind not in _REGISTERS:
        return notice, newest
    revision = min(newest, await revoking.revision_told(connection, announcement, row))
    return (notice if revision == newest else await notices.get(connection, row, revision)), revision


def since(told: Notice, newest: Notice) -> Iterable[ChangedSince]:
    """Yield what changed of an entry of a register since it was told."""
    source = sources().get(newest.source.partition(":")[0])
    changes = changed_since(told, newest, source.material if source is not None else None)
    if changes:
        yield ChangedSince(newest, changes)


async def came_later(
    connection: Connection, texts: Texts, announcement: Announcement, notice: Notice
) -> tuple[LaterNotice, ...]:
    """Return what came of the procedure of a notice, the last of each sort: what corrects an award ends no lot of it.

    What moved the deadline last is told with the corrections.
    """
    if notice.procedure is None or notice.kind in _REGISTERS:
        return ()
    found: dict[tuple[NoticeKind, bool], LaterNotice] = {}
    deadline = None
    for one in await later.after(connection, announcement):
        if notice.kind is NoticeKind.AWARD and one.kind is NoticeKind.AWARD:
            continue
        is_modification = one.kind is NoticeKind.CHANGE and one.names_suppliers
        if one.kind is NoticeKind.CHANGE and not is_modification:
            deadline = one.deadline or deadline
        sort = one.kind, is_modification
        before = found.pop(sort, None)
        is_same_day = before is not None and texts.day(before.published) == texts.day(one.published)
        url = one.message_url or (before.url if before is not None and is_same_day else None)
        found[sort] = LaterNotice(one.kind, one.published, is_modification, None, url)
    corrected = found.get((NoticeKind.CHANGE, False))
    if corrected is not None and deadline is not None and _is_other(texts, deadline, notice):
        found[NoticeKind.CHANGE, False] = LaterNotice(
            corrected.kind, corrected.published, corrected.is_modification, deadline, corrected.url
        )
    return tuple(found.values())


async def continued(connection: Connection, announcement: Announcement) -> Earlier:
    """Return the message that an announcement continues; raises LookupError for one that continues none."""
    first = await announcements.get(connection, announcement.guild_id, announcement.follows or 0)
    return Earlier(first.code, first.sent_at, first.url, await _is_above(connection, announcement, first))


async def _is_above(connection: Connection, announcement: Announcement, first: Announcement) -> bool:
    """Return whether an announcement stands, or is to stand, in the thread or the post of the one that it continues."""
    if first.message_id is None or first.channel_id != announcement.channel_id:
        return False
    thread = first.thread_id or first.message_id
    if announcement.first_try_at is not None:
        return announcement.thread_id == thread
    if await newsrooms.is_forum(connection, announcement.guild_id, announcement.channel_id):
        last = await threads.last_in_thread(connection, announcement)
        return last is not None and last.thread_id == thread
    newsroom = await newsrooms.find(connection, announcement.guild_id)
    return newsroom is not None and newsroom.threads


def _is_other(texts: Texts, deadline: date | datetime, notice: Notice) -> bool:
    """Return whether a deadline is another one than that of a notice: to the minute where both have a time."""
    own = notice.deadline
    if own is None:
        return True
    if isinstance(deadline, datetime) and isinstance(own, datetime):
        return deadline != own
    return texts.day(deadline) != texts.day(own)
