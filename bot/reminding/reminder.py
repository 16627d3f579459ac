"""What Vigie reminds people of by itself: one private message a person and day, and never a word of a tip in it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.delivery import Delivery, DeliveryError
from bot.models import AnnouncementKind, Newsroom, QuietTip
from bot.quiet import quiet_end
from bot.reference import AnnouncementKey
from bot.reminding import noise, silences
from bot.reminding.corrections import Corrections
from bot.reminding.people import People
from bot.reminding.questions import addressed, asks, reminded
from bot.storage import members, newsrooms
from bot.storage.database import Connection, Database
from bot.storage.log import quiet_tips, reminders
from bot.storage.outbox import announcements, diverted

log = logging.getLogger(__name__)

FIRST_HOUR, LAST_HOUR = 9, 20
"""The hours of a newsroom's day in which people are reminded."""


class Reminder:
    """Remind people of what waits for them: tips that rest, tips to keep or to erase, exports that are outdated.

    What was asked is noted with the announcement that asks it, in one transaction: neither a restart nor a second run
    asks twice. Nothing is ever erased here.
    """

    def __init__(self, database: Database, clock: Clock, delivery: Delivery) -> None:
        self._database = database
        self._clock = clock
        self._delivery = delivery
        self._corrections = Corrections(database, clock)
        self._asked: dict[int, date] = {}
        self._judged: dict[int, date] = {}

    async def remind(self) -> None:
        """Remind whoever is to be reminded now, in every newsroom, once the bot is on Discord."""
        sender = await self._delivery.sender()
        async with self._database.read() as connection:
            rooms = await newsrooms.every(connection)
        for newsroom in rooms:
            people = People(self._database, self._clock, sender, newsroom)
            await self._divert(newsroom)
            await self._corrections.tell(newsroom, people)
            now = self._clock.now().astimezone(ZoneInfo(newsroom.timezone))
            if FIRST_HOUR <= now.hour <= LAST_HOUR:
                await self._ask(newsroom, people, now.date())
                await silences.list_silent(self._database, newsroom, self._clock.now())
                if self._judged.get(newsroom.guild_id) != now.date():
                    await noise.tell_noisy(self._database, newsroom, self._clock.now())
                    self._judged[newsroom.guild_id] = now.date()
        self._delivery.wake()

    def ask_again(self, guild_id: int) -> None:
        """Look once more today at what a newsroom is to be asked: somebody wishes a tip erased."""
        self._asked.pop(guild_id, None)

    async def _ask(self, newsroom: Newsroom, people: People, day: date) -> None:
        """Ask what is due about a newsroom's quiet tips, once a day; what Discord did not answer is asked again."""
        if self._asked.get(newsroom.guild_id) == day or newsroom.reporter_role is newsroom.editor_role is None:
            return
        now, guild_id = self._clock.now(), newsroom.guild_id
        async with self._database.read() as connection:
            known = await members.editors(connection, guild_id)
            holders = await quiet_tips.holders(connection, guild_id, asks(newsroom.retention_days, known, now))
        is_whole = True
        belongs: dict[int, bool] = {}
        editors: list[int] = []
        for person in dict.fromkeys([*holders, *(known if holders else ())]):
            try:
                belongs[person] = await people.belongs(person)
                if person in known and await people.is_editor(person):
                    editors.append(person)
            except DeliveryError as error:
                log.warning("a member of newsroom %d could not be asked about: %r", guild_id, error)
                is_whole = False
                continue
        here = [person for person in holders if belongs.get(person) is True]
        gone = [person for person in holders if belongs.get(person) is False]
        wanted = asks(newsroom.retention_days, editors, now)
        async with self._database.read() as connection:
            tips = await quiet_tips.quiet(connection, guild_id, wanted, here=here, gone=gone)
            standing = await quiet_tips.standing(connection, guild_id, tips)
        for person, asked in addressed(tips, standing, editors).items():
            try:
                channel_id = await people.channel(person)
            except DeliveryError as error:
                log.warning("a private channel of newsroom %d could not be opened: %r", guild_id, error)
                is_whole = False
                continue
            await self._owe(newsroom, people, person, channel_id, asked)
        if is_whole:
            self._asked[guild_id] = day

    async def _owe(
        self, newsroom: Newsroom, people: People, person: int, channel_id: int | None, asked: Sequence[QuietTip]
    ) -> None:
        """Owe a person the one message of a day; where their channel is closed, what takes its place."""
        now, guild_id = self._clock.now(), newsroom.guild_id
        day = now.astimezone(ZoneInfo(newsroom.timezone)).date()
        found = [reminded(tip, person, now) for tip in asked]
        async with self._database.tx("reminding.asked") as connection:
            if channel_id is None:
                hidden = {tip.tip_id for tip in asked if tip.is_hidden}
                openly = [one for one in found if one.tip_id not in hidden]
                logged = await _owe_in_log(connection, newsroom, person, day, now) if openly else None
                await reminders.note(connection, guild_id, openly, logged)
                if logged is not None:
                    await reminders.reword_older(connection, guild_id, logged, now)
                await reminders.note(connection, guild_id, [one for one in found if one.tip_id in hidden], None)
                return
            key = _key(guild_id, channel_id, f"day:{day}")
            until = quiet_end(newsroom, now)
            details = {"newsroom": people.newsroom_name}
            owed = await announcements.owe(connection, key, now=now, details=details, held_until=until)
            if owed is not None:
                await reminders.note(connection, guild_id, found, owed)
                await reminders.reword_older(connection, guild_id, owed, now)

    async def _divert(self, newsroom: Newsroom) -> None:
        """Have told otherwise what people who take no private message were owed: in the log, or when they come by.

        A hidden tip is named in no channel, and that somebody takes no messages nowhere.
        """
        guild_id, now = newsroom.guild_id, self._clock.now()
        async with self._database.read() as connection:
            found = await diverted.undelivered(connection, guild_id)
        day = now.astimezone(ZoneInfo(newsroom.timezone)).date()
        for one in found:
            async with self._database.tx("reminding.diverted") as connection:
                row = await announcements.get(connection, guild_id, one.announcement_id)
                hidden = await reminders.hidden_of(connection, guild_id, row.id)
                tips = [each.tip_id for each in await reminders.of_announcement(connection, guild_id, row.id)]
                openly = [tip for tip in tips if tip is not None and tip not in hidden]
                logged = await _owe_in_log(connection, newsroom, one.person, day, now) if openly else None
                if logged is not None:
                    await diverted.divert(connection, guild_id, row.id, logged, openly)
                await diverted.divert(connection, guild_id, row.id, None)
                await diverted.withdraw(connection, guild_id, row.id)


async def _owe_in_log(connection: Connection, newsroom: Newsroom, person: int, day: date, now: datetime) -> int | None:
    """Owe the newsroom's log a reminder for one person; None where there is no log, or it was owed that day."""
    if newsroom.log_channel is None:
        return None
    key = _key(newsroom.guild_id, newsroom.log_channel, f"day:{day}:{person}")
    return await announcements.owe(connection, key, now=now, held_until=quiet_end(newsroom, now))


def _key(guild_id: int, channel_id: int, subject: str) -> AnnouncementKey:
    return AnnouncementKey(guild_id=guild_id, channel_id=channel_id, kind=AnnouncementKind.REMINDER, subject=subject)
