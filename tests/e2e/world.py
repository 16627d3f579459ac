"""A newsroom, a loopback Discord and a loopback BOAMP, and the real bot process between them."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.loopback import Channel, Guild, Member, Message, Platform, Role
from bot.loopback.launcher import CLOCK_OFFSET_FILE
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import fns_notice
from tests.e2e.nursery import Child, Nursery

PARIS = ZoneInfo("Europe/Paris")
PATIENCE_S = 30.0


def today() -> date:
    """Return the day on which the loopback BOAMP publishes."""
    return datetime.now(PARIS).date()


def in_days(days: int) -> datetime:
    """Return noon of a day from now on, in UTC."""
    return datetime.combine(today() + timedelta(days=days), datetime.min.time(), UTC) + timedelta(hours=11)


@dataclass
class Bot:
    """One run of the real bot process."""

    process: Child
    log_path: Path

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8")

    async def stop(self) -> int:
        """Ask the bot to stop, as a service manager does, and return its exit status."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.gone()

    async def kill(self) -> None:
        """End the process as a power cut would."""
        if self.process.returncode is None:
            self.process.kill()
        await self.gone()

    async def gone(self) -> int:
        return await asyncio.wait_for(self.process.wait(), PATIENCE_S)


@dataclass
class World:
    """Everything that a reporter and the bot touch."""

    folder: Path
    nursery: Nursery
    platform: Platform
    boamp: LoopbackBoamp
    guild: Guild
    announcements: Channel
    operations: Channel
    admin: Member
    reporter: Member
    editor: Member
    outsider: Member
    roles: Mapping[str, Role]
    bots: list[Bot] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    launcher: str = "bot.loopback.launcher"
    _ahead: timedelta = timedelta()

    @property
    def database(self) -> Path:
        return self.folder / "vigie.sqlite3"

    def now(self) -> datetime:
        """Return the moment that the bot's clock shows."""
        return datetime.now(UTC) + self._ahead

    def set_clock(self, moment: datetime) -> None:
        """Make the bot's clock show a moment and go on from there, of a bot too that runs since an earlier call."""
        self._ahead = moment - datetime.now(UTC)
        path, written = self.folder / "clock", self.folder / "clock.new"
        written.write_text(str(self._ahead.total_seconds()), "ascii")
        written.replace(path)
        self.environment[CLOCK_OFFSET_FILE] = str(path)

    def configure(self, *, every: str = "1s", language: str = "fr", extra: str = "") -> Path:
        """Write config.toml and return its path."""
        path = self.folder / "config.toml"
        path.write_text(
            f"""
[newsroom]
language = "{language}"
[storage]
database = "vigie.sqlite3"
[http]
contact = "desk@example.org"
[company_register]
enabled = false
[sources.boamp]
enabled = true
every = "{every}"
base_url = "{self.boamp.url}"
pace = "0s"
{extra}
""",
            encoding="utf-8",
        )
        return path

    async def start(self, **environment: str) -> Bot:
        """Start `vigie run` against the loopback."""
        config = self.folder / "config.toml"
        if not config.exists():
            self.configure()
        log_path = self.folder / f"bot-{len(self.bots) + 1}.log"
        process = await self.nursery.start(
            ["run", "--config", str(config)],
            {**os.environ, **self.platform.environment(), **self.environment, **environment},
            log_path,
            self.launcher,
        )
        bot = Bot(process, log_path)
        self.bots.append(bot)
        return bot

    async def started(self, **environment: str) -> Bot:
        """Start `vigie run` and wait until it is on Discord."""
        connected = len(self.platform.gateway.identifies)
        bot = await self.start(**environment)
        await self.platform.gateway.wait_identified(connected + 1)
        await self.platform.wait_ready()
        return bot

    async def is_up(self) -> None:
        """Wait until a bot was on Discord once, and one is."""
        await self.platform.gateway.wait_identified(1)
        await self.platform.wait_ready()

    async def set_up(self) -> None:
        """Do the administrator's first step."""
        reply = await self.admin.slash(
            "setup",
            self.announcements,
            announcements=self.announcements,
            operations=self.operations,
            reporter=self.roles["reporter"],
            editor=self.roles["editor"],
        )
        assert reply.ephemeral

    async def ready(self) -> Bot:
        """Start the bot on an old notice, set the newsroom up, follow a company and a keyword, pass the baseline."""
        self.boamp.records.append(
            fns_notice(idweb="26-1", objet="Entretien des espaces verts", published=today(), deadline=in_days(20))
        )
        bot = await self.started()
        await self.set_up()
        for kind, name in (("company", "Valmarin SAS"), ("keyword", "caméra-piéton")):
            reply = await self.reporter.slash("watch add", self.announcements, kind=kind, name=name)
            assert name in reply.text
        await self.until_polled()
        return bot

    async def until_polled(self, since: datetime | None = None) -> None:
        """Wait until a poll that began after now, or since a moment, has been stored."""
        now = (since or self.now()).isoformat()
        async with asyncio.timeout(PATIENCE_S):
            while not self.rows("SELECT 1 FROM source_state WHERE attempted_at > ? AND failures = 0", now):
                await asyncio.sleep(0.05)

    async def polls(self, number: int = 2) -> None:
        """Wait until the source was asked so many times more; two make sure of one that began after now."""
        await self.boamp.wait_for_request(len(self.boamp.requests) + number)

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Read the database from outside, as a checker does."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        connection.row_factory = sqlite3.Row
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    async def until_indexed(self) -> None:
        """Return once every stored notice is found by its words."""
        async with asyncio.timeout(PATIENCE_S):
            while self.rows("SELECT 1 FROM notice WHERE is_indexed = 0"):
                await asyncio.sleep(0.02)

    async def until_settled(self, timeout_s: float = PATIENCE_S) -> None:
        """Wait until the outbox owes nothing."""
        async with asyncio.timeout(timeout_s):
            while self.rows(
                """SELECT 1 FROM announcement
                WHERE state IN ('pending', 'sending') OR (state = 'sent' AND shown_revision < due_revision)"""
            ):
                await asyncio.sleep(0.02)

    async def shown(self, number: int, channel: Channel | None = None) -> list[Message]:
        """Wait until a channel holds so many messages of the bot, and return them, oldest first."""
        await (channel or self.announcements).wait_for(lambda _: len(self.posted(channel)) >= number, PATIENCE_S)
        return self.posted(channel)

    def posted(self, channel: Channel | None = None) -> list[Message]:
        """Return the bot's messages in a channel, oldest first."""
        return [message for message in (channel or self.announcements).messages if message.author.bot]


@asynccontextmanager
async def world(folder: Path, nursery: Nursery, *, locale: str = "fr", **settings: object) -> AsyncIterator[World]:
    """Build a newsroom with an administrator, a reporter, an editor and an outsider, around a loopback."""
    async with (
        Platform(truth=folder / "truth.jsonl", **settings) as platform,
        LoopbackBoamp() as boamp,
    ):
        guild = platform.add_guild("La Rédaction", locale=locale)
        reporter_role, editor_role = guild.add_role("reporter"), guild.add_role("editor")
        made = World(
            folder=folder,
            nursery=nursery,
            platform=platform,
            boamp=boamp,
            guild=guild,
            announcements=guild.add_channel("annonces"),
            operations=guild.add_channel("operations"),
            admin=guild.add_member("Ada", manage_guild=True, locale=locale),
            reporter=guild.add_member("Nadia", roles=[reporter_role], locale=locale),
            editor=guild.add_member("Paul", roles=[editor_role], locale=locale),
            outsider=guild.add_member("Otto", locale=locale),
            roles={"reporter": reporter_role, "editor": editor_role},
        )
        try:
            yield made
        finally:
            for bot in made.bots:
                await bot.kill()
    platform.check()


def words_of(message: Message) -> str:
    """Return everything that a reader sees of a message."""
    parts = [message.content]
    for embed in message.embeds:
        parts += [embed.get("title", ""), embed.get("description", ""), embed.get("url", "")]
        parts += [f"{field['name']} {field['value']}" for field in embed.get("fields", ())]
        parts.append(embed.get("footer", {}).get("text", ""))
    return "\n".join(part for part in parts if part)
