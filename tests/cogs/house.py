"""The real bot in this process, on a loopback Discord, with newsrooms in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.access import Viewer
from bot.app import App, source_defaults
from bot.client import Client
from bot.clock import SystemClock
from bot.config import CompanyRegisterSettings, HttpSettings, Settings, SourceSettings, StorageSettings
from bot.loopback import Member, Message, Platform, Reply
from bot.loopback.channels import Channel
from bot.loopback.guilds import Guild
from bot.loopback.replies import text_of
from bot.loopback.state import Command, Json, Role
from bot.models import (
    Announcement,
    AnnouncementKind,
    Citation,
    Digest,
    Fact,
    FactFilter,
    Held,
    Hit,
    InDigest,
    Newsroom,
    Notice,
    Tier,
    Tip,
    WatchItem,
)
from bot.reference import AnnouncementKey
from bot.setting_up import Changes, set_up
from bot.storage import command_sync, newsrooms
from bot.storage.archive import notices as notice_rows
from bot.storage.digesting import digests
from bot.storage.log import citations, facts, tips
from bot.storage.outbox import announcements
from bot.storage.watching import hits, watchlist
from bot.watchlist.entry import name_key
from tests.empty_database import place_empty_database


def settings_of(folder: Path, base_url: str | None = None) -> Settings:
    """Return settings with a database in a folder, and BOAMP read from an address where there is one."""
    table = {
        name: SourceSettings(
            enabled=base_url is not None and name == "boamp",
            every=timedelta(days=1),
            base_url=base_url or defaults.base_url,
            pace=timedelta(),
        )
        for name, defaults in source_defaults().items()
        if defaults.table is None
    }
    return Settings(
        storage=StorageSettings.model_construct(database=place_empty_database(folder / "vigie.sqlite3")),
        http=HttpSettings(contact="desk@newsroom.example"),
        company_register=CompanyRegisterSettings(enabled=False),
        sources=table,
    )


@dataclass(slots=True)
class Room:
    """Hold a guild with a newsroom in it: its channels, its roles, and one person of each kind."""

    guild: Guild
    desk: Channel
    operations: Channel
    reporter_role: Role
    editor_role: Role
    administrator: Member
    editor: Member
    reporter: Member
    stranger: Member


@dataclass(slots=True)
class Given:
    """Hold what the first bot of this process gave Discord as its commands, and the checksum that it noted."""

    sha256: str = ""
    bodies: Sequence[Json] = ()

    def __bool__(self) -> bool:
        return bool(self.sha256)


GIVEN = Given()


class House:
    """Hold a platform and the real bot on it, in this process; `restart` makes a new one over the same database."""

    def __init__(self, platform: Platform, settings: Settings) -> None:
        self.platform = platform
        self.settings = settings
        self.clock = SystemClock()
        self.app: App
        self.client: Client
        self.announced = 0

    @asynccontextmanager
    async def running(self, *, delivers: bool = True) -> AsyncIterator[House]:
        """Run the bot until the end of the block; what is owed stays in the outbox unless it `delivers`."""
        async with App.open(self.settings, self.clock) as self.app:
            await self._know_commands()
            self.client = Client(self.app)
            connecting = asyncio.create_task(self.client.start(self.platform.token))
            delivering = asyncio.create_task(self.app.delivery.run()) if delivers else None
            ready = asyncio.create_task(self.platform.wait_ready())
            try:
                done, _ = await asyncio.wait({connecting, ready}, return_when=asyncio.FIRST_COMPLETED)
                if connecting in done:
                    ready.cancel()
                    connecting.result()
                await ready
                await self._keep_commands()
                yield self
            finally:
                self.app.delivery.stop()
                await self.client.close()
                await asyncio.gather(connecting, return_exceptions=True)
                if delivering is not None:
                    await delivering

    async def _know_commands(self) -> None:
        """Have Discord know the commands as after every start of a bot but its first: the first costs the most."""
        if GIVEN and not self.platform.commands and not self.settings.discord.guilds:
            for body in GIVEN.bodies:
                self.platform.commands.append(Command(self.platform.new_id(), None, body, self.platform.new_id()))
            self.platform.syncs += 1
            async with self.app.database.tx("test") as connection:
                await command_sync.save(connection, self.platform.application_id, 0, GIVEN.sha256, self.clock.now())

    async def _keep_commands(self) -> None:
        if not GIVEN and not self.settings.discord.guilds:
            async with self.app.database.read() as connection:
                GIVEN.sha256 = await command_sync.find(connection, self.platform.application_id, 0) or ""
            GIVEN.bodies = [command.body for command in self.platform.commands]

    def guild(self, name: str = "La Rédaction", locale: str = "fr") -> Room:
        """Make a guild with channels, roles and people; `/setup` is theirs to run."""
        guild = self.platform.add_guild(name, locale=locale)
        reporter, editor = guild.add_role("reporter"), guild.add_role("editor")
        return Room(
            guild,
            guild.add_channel("annonces"),
            guild.add_channel("vigie-technique"),
            reporter,
            editor,
            guild.add_member(f"Ada {name}", manage_guild=True),
            guild.add_member(f"Édith {name}", roles=[editor]),
            guild.add_member(f"René {name}", roles=[reporter]),
            guild.add_member(f"Paul {name}"),
        )

    async def newsroom(self, room: Room) -> Room:
        """Set a newsroom up as `/setup` does."""
        settings = Changes(
            announcements_channel=room.desk.id,
            operations_channel=room.operations.id,
            reporter_role=room.reporter_role.id,
            editor_role=room.editor_role.id,
        )
        await set_up(
            self.app.database,
            room.guild.id,
            settings,
            self.settings.newsroom,
            self.platform.new_id(),
            by=room.administrator.id,
            now=self.clock.now(),
        )
        return room

    async def follow(self, room: Room, by: Member | None = None, **changes: Any) -> WatchItem:
        """Store a watch item of a newsroom, as if somebody had added it; `changes` are its fields."""
        item = WatchItem(**{"guild_id": room.guild.id, "added_by": (by or room.reporter).id, **changes})
        async with self.app.database.tx("test") as connection:
            return await watchlist.add(connection, item, name_key(item), self.clock.now())

    async def publish(self, *notices: Notice) -> None:
        """Store notices as a baseline would."""
        async with self.app.database.tx("test") as connection:
            for notice in notices:
                await notice_rows.add(connection, notice, "hash", 1, now=self.clock.now(), is_baseline=True)

    async def announce(
        self,
        room: Room,
        items: Sequence[WatchItem],
        *,
        follows: int | None = None,
        notice_id: str = "26-1",
        notice: Notice | None = None,
    ) -> Message:
        """Announce a notice that hits these items, as the pipeline does; return the message once it stands there."""
        now = self.clock.now()
        notice = notice or Notice(
            id=notice_id, source="boamp", title="Caméras-piétons", text="Achat de caméras-piétons Axon"
        )
        async with self.app.database.tx("test") as connection:
            row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
            key = AnnouncementKey(
                guild_id=room.guild.id,
                channel_id=room.desk.id,
                kind=AnnouncementKind.NOTICE,
                subject=f"boamp:{notice.id}",
            )
            owed = await announcements.owe(connection, key, now=now, thing_id=row, follows=follows)
            assert owed is not None
            for item in items:
                found = hit(notice, item)
                hit_row = await hits.add(
                    connection,
                    room.guild.id,
                    found,
                    notice_row=row,
                    revision=1,
                    held=None,
                    in_digest=InDigest.DUE,
                    now=now,
                )
                await announcements.link(connection, room.guild.id, owed, hit_row)
            code = (await announcements.get(connection, room.guild.id, owed)).code
        self.announced = owed
        self.app.delivery.wake()
        message = await room.desk.wait_for(lambda message: code in str(message.embeds))
        await self.noted(owed)
        return message

    async def hold(self, room: Room, item: WatchItem, notice_id: str, held: Held = Held.DIGEST) -> None:
        """Store a notice that hits an item of a newsroom, held for the digest."""
        now = self.clock.now()
        notice = Notice(id=notice_id, source="boamp", title=f"Caméras-piétons, lot {notice_id}", text="Axon")
        async with self.app.database.tx("test") as connection:
            row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
            found = hit(notice, item)
            await hits.add(
                connection,
                room.guild.id,
                found,
                notice_row=row,
                revision=1,
                held=held,
                in_digest=InDigest.DUE,
                now=now,
            )

    async def digests(self, room: Room) -> list[Digest]:
        """Return the digests that a newsroom has scheduled, oldest first."""
        async with self.app.database.read() as connection:
            return await digests.every(connection, room.guild.id)

    async def noted(self, *announcement_ids: int) -> None:
        """Wait until the outbox has noted of announcements that they were sent: they stand in the channel before."""
        async with asyncio.timeout(10):
            for announcement_id in announcement_ids:
                while not await self._is_noted(announcement_id):
                    await asyncio.sleep(0.005)

    async def _is_noted(self, announcement_id: int) -> bool:
        async with self.app.database.read() as connection:
            row = await connection.one("SELECT state FROM announcement WHERE id = ?", announcement_id)
        return row is not None and row["state"] == "sent"

    async def muted_until(self, room: Room, item: WatchItem) -> datetime | None:
        """Return until when an item is muted."""
        async with self.app.database.read() as connection:
            found = await watchlist.find(connection, room.guild.id, item.id or 0)
        assert found is not None
        return found.muted_until

    async def newsroom_row(self, room: Room) -> Newsroom | None:
        """Return what is stored of a newsroom."""
        async with self.app.database.read() as connection:
            return await newsrooms.find(connection, room.guild.id)

    async def items(self, room: Room) -> list[WatchItem]:
        """Return the live items of a newsroom."""
        async with self.app.database.read() as connection:
            return await watchlist.every(connection, room.guild.id)

    def at(self, moment: datetime) -> None:
        """Make the bot's clock show a moment, and go on from there."""
        self.clock.offset += moment - self.clock.now()

    async def log_of(self, room: Room) -> Channel:
        """Make a channel that the administrator names as the newsroom's log."""
        channel = room.guild.add_channel("journal")
        await room.administrator.slash("setup", room.desk, log=channel)
        return channel

    async def dossier(self, room: Room, name: str, channel: Channel | None = None) -> None:
        """Open a dossier as a reporter does."""
        reply = await room.reporter.slash("dossier create", room.desk, name=name, channel=channel)
        assert name in reply.text

    async def tips(self, room: Room) -> list[Tip]:
        """Return the tips of a newsroom, sensitive ones too, oldest first."""
        async with self.app.database.read() as connection:
            rows = await connection.all("SELECT id FROM tip WHERE guild_id = ? ORDER BY id", room.guild.id)
            return [await tips.get(connection, room.guild.id, row["id"]) for row in rows]

    async def facts(self, room: Room) -> list[Fact]:
        """Return the facts of a newsroom, oldest first."""
        async with self.app.database.read() as connection:
            return (
                await facts.listed(connection, Viewer(guild_id=room.guild.id, user_id=0, sees_all=True), FactFilter())
            )[::-1]

    async def citations(self, room: Room, fact: int = 1) -> list[Citation]:
        """Return what a fact rests on now."""
        async with self.app.database.read() as connection:
            return await citations.standing(connection, room.guild.id, fact)

    async def cards(self, room: Room) -> list[Announcement]:
        """Return the cards of tips and facts that a newsroom's channels are owed or show, oldest first."""
        async with self.app.database.read() as connection:
            rows = await connection.all(
                "SELECT * FROM announcement WHERE guild_id = ? AND kind IN ('tip', 'fact') ORDER BY id",
                room.guild.id,
            )
        return [announcements.read_row(row) for row in rows]


async def shown(channel: Channel, *words: str) -> Message:
    """Return the message of a channel that comes to show all these words."""
    return await channel.wait_for(lambda message: all(word in text_of(message) for word in words))


def values_of(form: Reply) -> dict[str, str]:
    """Return what an open form is filled in with, by custom_id; of a select, the option that is chosen."""
    assert form.modal is not None, form.text
    fields = [label["component"] for label in form.modal["components"]]
    return {
        field["custom_id"]: field.get("value")
        or next((option["value"] for option in field.get("options") or [] if option.get("default")), "")
        for field in fields
    }


def hit(notice: Notice, item: WatchItem) -> Hit:
    """Return a hit of an item on the title of a notice."""
    return Hit(
        notice=notice.id,
        item=item.id,
        ref=item.ref,
        kind=item.kind,
        tier=Tier.EXACT,
        term=item.name,
        rule="same_words",
        field="title",
        start=0,
        end=len(notice.title),
        matched=notice.title,
        snippet=notice.title,
    )
