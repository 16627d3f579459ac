"""A newsroom whose people Discord knows, what they log, and what the bot then tells each of them alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.access import Role, Viewer
from bot.cards import render
from bot.delivery import Delivery, Membership
from bot.facts import changes as fact_changes
from bot.facts.entry import Correction
from bot.models import AnnouncementState, Claim, Newsroom, Tip, TipStatus, TipWords
from bot.reminding import Reminder
from bot.storage import members, newsrooms
from bot.storage.custody import audit, exports
from bot.storage.custody.exports import ExportKind
from bot.storage.database import Database
from bot.storage.log import tips
from bot.storage.outbox import diverted
from bot.tips import changes as tip_changes
from tests.cards.faces import as_read
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, FLOOR, GUILD, OPERATIONS, SettableClock
from tests.fake_discord import FakeDiscord
from tests.log_world import LOG, THERE

REPORTER_ROLE, EDITOR_ROLE = 100, 200
AUTHOR, OWNER, EDITOR, SECOND_EDITOR = 7, 8, 9, 10
AS_REPORTER, AS_EDITOR = (
    Membership(frozenset({role}), guild_name="La Rédaction") for role in (REPORTER_ROLE, EDITOR_ROLE)
)
DAY = timedelta(days=1)


@dataclass
class Room:
    """Act for one newsroom; days pass, and the bot reminds whoever is to be reminded."""

    database: Database
    clock: SettableClock
    discord: FakeDiscord
    delivery: Delivery
    reminder: Reminder

    def viewer(self, person: int = AUTHOR) -> Viewer:
        return Viewer(guild_id=GUILD, user_id=person, sees_all=person in {EDITOR, SECOND_EDITOR})

    async def remind(self) -> None:
        """Do what the chore does, and deliver what comes of it; a second run at once changes nothing."""
        await self.reminder.remind()
        await self.delivery.settle()

    async def after(self, days: float) -> None:
        """Let days pass, and remind on the last one."""
        self.clock.advance(timedelta(days=days))
        await self.remind()

    def restart(self) -> None:
        """Begin again with nothing but the database."""
        self.delivery = Delivery(self.database, self.clock)
        self.delivery.connect(self.discord)
        self.reminder = Reminder(self.database, self.clock, self.delivery)

    async def settings(self, **changed: Any) -> None:
        async with self.database.tx("test.settings") as connection:
            newsroom = await newsrooms.find(connection, GUILD)
            assert newsroom is not None
            await newsrooms.save(connection, replace(newsroom, **changed))

    async def tip(self, *, by: int = AUTHOR, owner: int | None = None, sensitive: bool = False) -> Tip:
        words = TipWords(text="Varnoquel a signé", is_sensitive=sensitive)
        changed = await tip_changes.add(self.database, self.viewer(by), words, self.clock.now())
        if owner is not None:
            changed = await tip_changes.assign(self.database, self.viewer(by), changed.tip.id, owner, self.clock.now())
        return changed.tip

    async def note(self, tip: Tip, by: int = AUTHOR) -> None:
        await tip_changes.note(self.database, self.viewer(by), tip.id, "Rappelé", self.clock.now())

    async def set_status(self, tip: Tip, status: TipStatus) -> None:
        await tip_changes.set_status(self.database, self.viewer(EDITOR), tip.id, status, self.clock.now())

    async def find(self, tip: Tip) -> Tip:
        async with self.database.read() as connection:
            return await tips.get(connection, GUILD, tip.id)

    async def knows(self, person: int, role: Role) -> None:
        """Let the bot have seen somebody before."""
        async with self.database.tx("test.member") as connection:
            await members.save(connection, GUILD, person, role, self.clock.now())

    async def exports(self, by: int | str, first: int, upto: int, folder: str | None = None) -> None:
        """Note that somebody exported facts."""
        async with self.database.tx("test.export") as connection:
            last = await connection.one("SELECT max(id) AS id FROM fact_change WHERE guild_id = ?", GUILD)
            assert last is not None
            await exports.record(
                connection,
                GUILD,
                ExportKind.FACTS,
                by,
                self.clock.now(),
                filters={},
                facts=[(first, upto)],
                last_change=last["id"] or 0,
                folder=folder,
            )
        self.clock.advance(timedelta(minutes=1))

    async def correct(self, fact_id: int, by: int = AUTHOR, revision: int = 1) -> None:
        correction = Correction(Claim(text=f"Autrement, {revision}"), (), None)
        await fact_changes.correct(
            self.database, self.viewer(by), fact_id, correction, "erreur", self.clock.now(), seen=revision
        )

    def told(self, channel: int) -> list[str]:
        """Return what stands in a channel, oldest first, as people read it; a private one has its person's number."""
        return [as_read(render(message.cards[-1])) for message in self.discord.in_channel(channel)]

    async def untold(self, person: int) -> list[tuple[int | None, str]]:
        """Return what somebody is told when they next use the bot: tips and why."""
        async with self.database.read() as connection:
            found = await diverted.untold(connection, GUILD, person)
        return [(one.tip_id, one.reason) for one in found]

    async def owed(self) -> int:
        async with self.database.read() as connection:
            row = await connection.one(
                "SELECT count(*) FROM announcement WHERE kind IN ('reminder', 'operations') AND state <> ?",
                AnnouncementState.SENT,
            )
        assert row is not None
        return int(row[0])

    async def audited(self) -> list[tuple[str, str | None]]:
        async with self.database.read() as connection:
            return [(entry.action, entry.subject) for entry in (await audit.listed(connection, GUILD))[::-1]]


@asynccontextmanager
async def open_room(folder: Path) -> AsyncIterator[Room]:
    """Hold a newsroom in Paris at nine in the morning, with an author, an owner and two editors, beside another one."""
    clock = SettableClock()
    database = await Database.open(place_empty_database(folder / "vigie.sqlite3"), clock)
    try:
        async with database.tx("test.newsrooms") as connection:
            for guild_id in (GUILD, THERE):
                newsroom = Newsroom(
                    guild_id=guild_id,
                    language="fr",
                    timezone="Europe/Paris",
                    operations_channel=OPERATIONS,
                    log_channel=LOG,
                    reporter_role=REPORTER_ROLE,
                    editor_role=EDITOR_ROLE,
                    second_source=False,
                )
                await newsrooms.save(connection, newsroom)
                for used in (CHANNEL, OPERATIONS, LOG):
                    await newsrooms.use_channel(connection, guild_id, used, FLOOR)
        discord = FakeDiscord(clock)
        discord.members = {
            (GUILD, AUTHOR): AS_REPORTER,
            (GUILD, OWNER): AS_REPORTER,
            (GUILD, EDITOR): AS_EDITOR,
            (GUILD, SECOND_EDITOR): AS_EDITOR,
        }
        room = Room(
            database, clock, discord, delivery := Delivery(database, clock), Reminder(database, clock, delivery)
        )
        delivery.connect(discord)
        yield room
    finally:
        await database.close()
