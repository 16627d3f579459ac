"""A card posted where it is to stand: in its channel, in a thread opened for it, or as a post of its own."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from bot.cards import Card
from bot.delivery.placing import Spot, name_of, spot_of
from bot.delivery.port import (
    RefusedError,
    Sender,
    Standing,
    ThreadClosedError,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
)
from bot.delivery.trouble import Trouble
from bot.models import Announcement
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place

log = logging.getLogger(__name__)

POST_GRACE: Final = timedelta(seconds=2)
"""How long a new process waits before it looks for a post of the former one: what that asked may be on its way."""
POST_DOUBT: Final = timedelta(seconds=45)
"""How long after a try whose answer was lost, or did not come: no nonce keeps a late one from being made twice."""


class Posting:
    """Carry out a POST that was noted before; where a thread takes nothing, somewhere else."""

    def __init__(self, database: Database, trouble: Trouble) -> None:
        self._database = database
        self._trouble = trouble
        self._begun: set[int] = set()

    async def post(
        self, row: Announcement, place: Place, spot: Spot, card: Card, sender: Sender, timeout_s: float
    ) -> Standing:
        """Post a card and return where it stands.

        In place of a thread that is closed, or that we may not use, a text channel takes it itself, and a forum as a
        post. Raises DeliveryError as the port says, ThreadForbiddenError and ThreadsFullError in a forum only, and
        TimeoutError for a request that takes longer than `timeout_s`.
        """
        self._begun.add(row.id)
        while True:
            name = ""
            if spot.is_post or spot.is_to_open:
                async with self._database.read() as connection:
                    name = await name_of(connection, row, spot, card)
            try:
                async with asyncio.timeout(timeout_s):
                    standing = await _post(row, place, spot, card, name, sender)
            except ThreadForbiddenError:
                if spot.thread is None or spot.is_forum:
                    raise
                await self._trouble.threads_forbidden(row, place)
            except ThreadClosedError as error:
                # Where no post can be reopened none can be made: the procedure's own is waited for.
                if spot.thread is None or (spot.is_forum and isinstance(error, ThreadsFullError)):
                    raise
                log.warning(
                    "announcement %s goes elsewhere, for thread %s of channel %d is closed: %s",
                    row.code,
                    spot.thread,
                    place.channel_id,
                    error.reason,
                )
            else:
                self._begun.discard(row.id)
                return standing
            spot = await self._elsewhere(row)

    async def is_news(self, row: Announcement, place: Place) -> bool:
        """Return, once, whether a row in doubt is a post that a former process may have asked for a moment ago.

        When it noted that it would says nothing: between that and the request lies any wait for Discord.
        """
        if row.id in self._begun or row.thread_id is not None:
            return False
        self._begun.add(row.id)
        async with self._database.read() as connection:
            return await newsrooms.is_forum(connection, place.guild_id, place.channel_id)

    async def _elsewhere(self, row: Announcement) -> Spot:
        """Note that a row is not in the thread chosen for it, and return where it goes instead."""
        async with self._database.tx("delivery.elsewhere") as connection:
            spot = await spot_of(connection, row, is_anywhere=False)
            await sending.leave_thread(connection, row.guild_id, row.id)
        return spot


async def _post(row: Announcement, place: Place, spot: Spot, card: Card, name: str, sender: Sender) -> Standing:
    if spot.is_post:
        post = await sender.create_post(place, name, card)
        return Standing(post, post)
    if spot.thread is not None and spot.is_to_open:
        try:
            await sender.open_thread(place, spot.thread, name)
        except (RefusedError, TooManyRequestsError) as error:
            # Its name is refused, or a channel has had as many new threads as it may: it takes the message itself.
            raise ThreadClosedError(str(error)) from error
    message_id = await sender.send(place, card, row.nonce, answers=spot.answers, thread=spot.thread)
    return Standing(message_id, spot.thread)
