"""Where in its channel a message goes: into the channel itself, into a thread, or into a forum as a post of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.cards import Card
from bot.composing import texts_of
from bot.delivery.showing import answered
from bot.markup import inert
from bot.models import Announcement, AnnouncementKind
from bot.storage import newsrooms
from bot.storage.database import Connection
from bot.storage.outbox import announcements, threads

NAME_UNITS: Final = 100
"""The longest name of a thread or a post that Discord takes."""
OF_A_PROCEDURE: Final = frozenset({AnnouncementKind.NOTICE, AnnouncementKind.DEADLINE, AnnouncementKind.NO_AWARD})
"""What may continue the procedure of an earlier message."""
_COUNTS_DAYS: Final = frozenset({AnnouncementKind.DEADLINE, AnnouncementKind.NO_AWARD})
"""What has a title that is over tomorrow."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Say where a message goes: into a `thread`, to be opened first if it `is_to_open`, else into its channel itself.

    What goes into no thread of a forum is a post of its own. It `answers` a message that stands in the same place.
    """

    thread: int | None = None
    is_forum: bool = False
    is_to_open: bool = False
    answers: int | None = None

    @property
    def is_post(self) -> bool:
        """Return whether it becomes a post of a forum."""
        return self.is_forum and self.thread is None


async def spot_of(connection: Connection, row: Announcement, *, is_anywhere: bool = True) -> Spot:
    """Return where a row goes; what was chosen at its first try stays, whatever the settings have become.

    Where it may not go `is_anywhere`, no thread that is there is good enough: a text channel takes it itself, a forum
    as a post.
    """
    is_forum = await newsrooms.is_forum(connection, row.guild_id, row.channel_id)
    thread = None
    if is_anywhere:
        thread = row.thread_id if row.first_try_at is not None else await _thread(connection, row, is_forum=is_forum)
    if is_forum:
        return Spot(thread, is_forum=True, answers=await answered(connection, row, thread) if thread else None)
    is_to_open = thread is not None and not await threads.is_used(connection, row, thread)
    return Spot(thread, is_to_open=is_to_open, answers=await answered(connection, row, thread))


async def _thread(connection: Connection, row: Announcement, *, is_forum: bool) -> int | None:
    """Return the thread, or the post, of what a row continues; None where it continues nothing there."""
    if row.follows is None:
        return None
    if is_forum:
        last = await threads.last_in_thread(connection, row)
        return last.thread_id if last is not None else None
    newsroom = await newsrooms.find(connection, row.guild_id)
    if newsroom is None or not newsroom.threads or row.kind not in OF_A_PROCEDURE:
        return None
    first = await threads.first_in_channel(connection, row)
    return first.message_id if first is not None else None


async def name_of(connection: Connection, row: Announcement, spot: Spot, card: Card) -> str:
    """Return what the thread or the post of a message is called: a title that stays true, in plain text.

    A thread is called as the message that it is of, and so is the post of a reminder or an alarm, which counts days; a
    tip and a fact by their number, for what they are changes.
    """
    title = card.title
    newsroom = await newsrooms.find(connection, row.guild_id)
    if spot.thread is not None:
        first = await threads.first_in_channel(connection, row)
        title = str((first.shown or {}).get("title") or title) if first is not None else title
    elif row.kind in _COUNTS_DAYS and row.follows is not None:
        followed = await announcements.get(connection, row.guild_id, row.follows)
        title = str((followed.shown or {}).get("title") or row.code)
    elif newsroom is not None and row.tip_id is not None:
        title = texts_of(newsroom)("card-tip-hidden-title", id=row.tip_id)
    elif newsroom is not None and row.fact_id is not None and row.kind is AnnouncementKind.FACT:
        title = texts_of(newsroom)("card-fact-hidden-title", id=row.fact_id)
    return inert(title, NAME_UNITS) or row.code
