"""A card posted where it is to stand: in its channel, in a thread opened for it, or as a post of its own."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from bot.cards import Card
from bot.clock import Clock
from bot.delivery.placing import Spot, name_of, spot_of
from bot.delivery.port import Sender, Standing, ThreadClosedError, ThreadForbiddenError
from bot.delivery.trouble import Trouble
from bot.models import Announcement
from bot.storage.database import Database
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place

log = logging.getLogger(__name__)

POST_GRACE: Final = timedelta(seconds=2)
"""How long after a try to make a post it is looked for: no nonce keeps one that comes late from being made twice."""


class Posting:
    """Carry out a POST that was noted before; where a thread takes nothing, somewhere else."""

    def __init__(self, database: Database, clock: Clock, trouble: Trouble) -> None:
        self._database = database
        self._clock = clock
        self._trouble = trouble

    async def post(
        self, row: Announcement, place: Place, spot: Spot, card: Card, sender: Sender, timeout_s: float
    ) -> Standing:
        """Post a card and return where it stands.

        In place of a thread that is closed, or that we may not use, a text channel takes it itself, and a forum as a
        post. Raises DeliveryError as the port says, ThreadForbiddenError in a forum only, and TimeoutError for a
        request that takes longer than `timeout_s`.
        """
        while True:
            async with self._database.read() as connection:
                name = await name_of(connection, row, spot, card)
            try:
                async with asyncio.timeout(timeout_s):
                    return await _post(row, place, spot, card, name, sender)
            except ThreadForbiddenError:
                if spot.thread is None or spot.is_forum:
                    raise
                await self._trouble.threads_forbidden(row, place)
            except ThreadClosedError as error:
                if spot.thread is None:
                    raise
                log.warning(
                    "announcement %s goes elsewhere, for thread %s of channel %d is closed: %s",
                    row.code,
                    spot.thread,
                    place.channel_id,
                    error.reason,
                )
            spot = await self._elsewhere(row)

    async def _elsewhere(self, row: Announcement) -> Spot:
        """Note that a row is not in the thread chosen for it, and return where it goes instead."""
        async with self._database.tx("delivery.elsewhere") as connection:
            spot = await spot_of(connection, row, is_anywhere=False)
            look_at = self._clock.now() + POST_GRACE if spot.is_forum else None
            await sending.leave_thread(connection, row.guild_id, row.id, look_at)
        return spot


async def _post(row: Announcement, place: Place, spot: Spot, card: Card, name: str, sender: Sender) -> Standing:
    if spot.is_post:
        post = await sender.create_post(place, name, card)
        return Standing(post, post)
    if spot.thread is not None and spot.is_to_open:
        await sender.open_thread(place, spot.thread, name)
    message_id = await sender.send(place, card, row.nonce, answers=spot.answers, thread=spot.thread)
    return Standing(message_id, spot.thread)
