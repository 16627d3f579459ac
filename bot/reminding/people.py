"""People as Discord says they are now, asked before a private message, and the channels in which to write to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.access import Caller, Role, role_of
from bot.clock import Clock
from bot.delivery import Sender, UnreachableError
from bot.models import Newsroom
from bot.reminding.visits import role_by_roles
from bot.storage import members, newsrooms
from bot.storage.database import Database

CLOSED_FOR: Final = timedelta(days=7)
"""How long a person who took no private message is not written to again."""


class People:
    """Ask Discord about the people of one newsroom, once each; what it says is kept in the table of members.

    `newsroom_name` is what its server is called, once somebody was asked about who is in it.
    Every method raises DeliveryError where Discord does not answer.
    """

    def __init__(self, database: Database, clock: Clock, sender: Sender, newsroom: Newsroom) -> None:
        self._database = database
        self._clock = clock
        self._sender = sender
        self._newsroom = newsroom
        self._callers: dict[int, Caller] = {}
        self.newsroom_name: str | None = None

    async def belongs(self, person: int) -> bool:
        """Return whether a person belongs to the newsroom now: who left, or lost the role, does not."""
        return role_of(await self._caller(person), self._newsroom) >= Role.REPORTER

    async def is_editor(self, person: int) -> bool:
        """Return whether a person has the editors' role now, which managing the server does not give."""
        return role_by_roles(await self._caller(person), self._newsroom) is Role.EDITOR

    async def _caller(self, person: int) -> Caller:
        if person not in self._callers:
            self._callers[person] = await self._asked(person)
        return self._callers[person]

    async def _asked(self, person: int) -> Caller:
        guild_id = self._newsroom.guild_id
        found = await self._sender.membership(guild_id, person)
        if found is not None:
            self.newsroom_name = found.guild_name or self.newsroom_name
        caller = Caller(
            user_id=person,
            guild_id=guild_id,
            role_ids=found.role_ids if found is not None else frozenset(),
            is_administrator=found is not None and found.is_administrator,
        )
        role = role_by_roles(caller, self._newsroom)
        async with self._database.tx("reminding.member") as connection:
            await members.save(connection, guild_id, person, role, self._clock.now())
        return caller

    async def channel(self, person: int) -> int | None:
        """Return the channel in which to write to a person alone, opened where it was not; None where it is closed.

        After a week a person who took no private message is tried again.
        """
        guild_id = self._newsroom.guild_id
        async with self._database.read() as connection:
            known = await members.private_channel(connection, guild_id, person)
        if known is not None and known.closed_at is None:
            return known.channel_id
        if known is not None and known.closed_at is not None:
            if abs(self._clock.now() - known.closed_at) < CLOSED_FOR:
                return None
            async with self._database.tx("reminding.reopened") as connection:
                await newsrooms.unpark(connection, guild_id, known.channel_id)
            return known.channel_id
        try:
            channel_id = await self._sender.open_private(person)
        except UnreachableError:
            return None
        async with self._database.tx("reminding.channel") as connection:
            await members.use_private_channel(connection, guild_id, person, channel_id)
        return channel_id
