"""Every source at once: a loopback publisher for each, and one bot that reads them all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from itertools import count
from pathlib import Path

from bot.loopback import Channel, Message
from bot.loopback.publishers import Publisher, PublisherFault, eu_transparency, hatvp_records
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.bodacc import LoopbackBodacc
from bot.loopback.publishers.decp import LoopbackDecp
from bot.loopback.publishers.eu_transparency import LoopbackEuTransparency
from bot.loopback.publishers.feed import LoopbackFeed
from bot.loopback.publishers.hatvp import LoopbackHatvp
from bot.loopback.publishers.hatvp_declarations import LoopbackHatvpDeclarations
from bot.loopback.publishers.jorf import LoopbackJorf
from bot.loopback.publishers.numbers import siren
from bot.loopback.publishers.ocds import LoopbackOcds
from bot.loopback.publishers.ted import LoopbackTed
from bot.loopback.publishers.uk_contracts_finder import LoopbackUkContractsFinder
from bot.loopback.publishers.uk_find_a_tender import LoopbackUkFindATender
from bot.loopback.publishers.us_lda import LoopbackUsLda
from tests.e2e.many_notices import ITEMS, NOTICES, Story, Wanted
from tests.e2e.nursery import Nursery
from tests.e2e.world import PATIENCE_S, World, world

MEMBERS = {"ministry": "feed:ministere", "paper": "feed:journal", "abroad": "ocds:ailleurs"}
FILLERS = 12
"""Organisations that each lobby register holds beside those of the tests: without one it has not shrunk."""


@dataclass(frozen=True, slots=True)
class Publishers:
    """Hold the publisher of each source; `ministry` and `paper` are feeds, as RSS and as JSON Feed."""

    boamp: LoopbackBoamp
    bodacc: LoopbackBodacc = field(default_factory=LoopbackBodacc)
    decp: LoopbackDecp = field(default_factory=LoopbackDecp)
    eu_transparency: LoopbackEuTransparency = field(default_factory=LoopbackEuTransparency)
    hatvp: LoopbackHatvp = field(default_factory=LoopbackHatvp)
    hatvp_declarations: LoopbackHatvpDeclarations = field(default_factory=LoopbackHatvpDeclarations)
    jorf: LoopbackJorf = field(default_factory=LoopbackJorf)
    ted: LoopbackTed = field(default_factory=LoopbackTed)
    uk_contracts_finder: LoopbackUkContractsFinder = field(default_factory=LoopbackUkContractsFinder)
    uk_find_a_tender: LoopbackUkFindATender = field(default_factory=LoopbackUkFindATender)
    us_lda: LoopbackUsLda = field(default_factory=LoopbackUsLda)
    ministry: LoopbackFeed = field(default_factory=LoopbackFeed)
    paper: LoopbackFeed = field(default_factory=LoopbackFeed)
    abroad: LoopbackOcds = field(default_factory=LoopbackOcds)

    def by_source(self) -> dict[str, Publisher]:
        """Return the publishers by the names of their sources."""
        return {MEMBERS.get(one.name, one.name): getattr(self, one.name) for one in fields(self)}

    def tables(self, every: str) -> str:
        """Return the tables of config.toml for all of them but BOAMP."""
        often = f'every = "{every}"\npace = "0s"'
        told = "\n".join(
            f'[sources.{name}]\nbase_url = "{publisher.url}"\n{often}'
            for name, publisher in self.by_source().items()
            if ":" not in name and name != "boamp"
        )
        return f"""{told}
[[feeds]]
name = "ministere"
url = "{self.ministry.rss}"
{often}
[[feeds]]
name = "journal"
url = "{self.paper.json_feed}"
{often}
[[ocds]]
name = "ailleurs"
url = "{self.abroad.address}"
language = "en"
{often}
"""


@dataclass(slots=True)
class ManyWorld:
    """Hold a newsroom whose bot reads every source; `numbers` are those of what is published next."""

    desk: World
    publishers: Publishers
    numbers: count[int] = field(default_factory=lambda: count(101))
    first_posted: list[Message] = field(default_factory=list)

    async def ready(self) -> None:
        """Have the desk follow `ITEMS`, then read every source for the first time."""
        self.desk.boamp.fail_next(PublisherFault.ERROR)  # its first read comes with those of the others
        self.desk.configure(every="1h")
        bot = await self.desk.started()
        await self.desk.set_up()
        for item in ITEMS:
            reply = await self.desk.reporter.slash("watch add", self.desk.announcements, **item)
            assert item["name"] in reply.text
        await self.desk.boamp.wait_for_request(1)
        await bot.stop()
        self.desk.boamp.heal()
        self.desk.configure(extra=self.publishers.tables("1s"))
        await self.desk.started()
        await self.read()
        self.first_posted = self.desk.posted()

    async def read(self, *failing: str) -> None:
        """Wait until a poll of each source that began after now is stored, but of those that fail, and all is sent."""
        now, names = self.desk.now().isoformat(), {*self.publishers.by_source()}.difference(failing)
        polled = "SELECT source FROM source_state WHERE attempted_at > ? AND failures = 0"
        async with asyncio.timeout(PATIENCE_S):
            while names.difference(row["source"] for row in self.desk.rows(polled, now)):
                await asyncio.sleep(0.05)
        await self.desk.until_settled()

    async def news(self, *failing: str, channel: Channel | None = None) -> list[Message]:
        """Return the messages to which leads what was published since the last look, oldest first."""
        before = len(self.desk.posted(channel))
        await self.read(*failing)
        return self.desk.posted(channel)[before:]

    def publish(self, *, watched: bool) -> dict[str, Wanted]:
        """Publish one notice with every publisher; return by source what the announcement of a watched one shows."""
        story, publishers = Story(next(self.numbers), watched), self.publishers.by_source()
        wanted = {}
        for source, make in NOTICES.items():
            records, wanted[source] = make(story)
            publishers[source].records += records
        return wanted


@asynccontextmanager
async def many_world(folder: Path, nursery: Nursery) -> AsyncIterator[ManyWorld]:
    """Build a newsroom around a loopback of every source; its bot does not run yet."""
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(world(folder, nursery))
        publishers = Publishers(desk.boamp)
        for publisher in publishers.by_source().values():
            if publisher is not desk.boamp:
                await stack.enter_async_context(publisher)
        publishers.hatvp.records += [
            hatvp_records.organisation(f"REMPLISSAGE {number}", siren(f"5000{number:04}")) for number in range(FILLERS)
        ]
        publishers.eu_transparency.records += [
            eu_transparency.organisation(code=f"{number:012}-99", name=f"FILLER {number}") for number in range(FILLERS)
        ]
        yield ManyWorld(desk, publishers)
