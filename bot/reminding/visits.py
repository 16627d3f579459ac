"""Who used the bot, noted beside the work: an answer never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from bot.access import Caller, Role, role_of
from bot.clock import Clock
from bot.models import Newsroom
from bot.storage import members
from bot.storage.database import Database

_Key = tuple[int, int]


class Visits:
    """Keep the table of members current from the visits that the bot sees: a write only where role or day changed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: dict[_Key, tuple[Role, date]] = {}
        self._waiting: dict[_Key, tuple[Role, datetime]] = {}
        self.ring: Callable[[], None] = lambda: None

    def see(self, caller: Caller, newsroom: Newsroom | None) -> None:
        """Remember that somebody used the bot, and what their roles make them; `save` writes it."""
        if newsroom is None:
            return
        now = self._clock.now()
        role = role_by_roles(caller, newsroom)
        key = (newsroom.guild_id, caller.user_id)
        if self._noted.get(key) != (role, now.date()):
            self._noted[key] = (role, now.date())
            self._waiting[key] = (role, now)
            self.ring()

    async def save(self) -> None:
        """Write what was seen and is not written yet."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        async with self._database.tx("reminding.seen") as connection:
            for (guild_id, person), (role, moment) in waiting.items():
                await members.save(connection, guild_id, person, role, moment)


def role_by_roles(caller: Caller, newsroom: Newsroom) -> Role:
    """Return what somebody is to a newsroom by their roles alone: managing the server makes nobody a member of it."""
    plainly = Caller(user_id=caller.user_id, guild_id=caller.guild_id, role_ids=caller.role_ids)
    return role_of(plainly, newsroom)
