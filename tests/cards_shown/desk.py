"""A desk that runs: a newsroom with its items, the sources that it reads, and what a reporter does there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.loopback import Channel, Message, Reply
from bot.loopback.demo_notices import OFFICIAL, VALMARIN, VALMARIN_ALIAS, Bulletin, demo_bulletin
from bot.loopback.publishers import boamp_records, hatvp_records, jorf
from bot.loopback.publishers.boamp_eforms import Firm
from bot.loopback.publishers.hatvp import LoopbackHatvp
from bot.loopback.publishers.hatvp_records import SPENDS
from bot.loopback.publishers.jorf import LoopbackJorf
from bot.loopback.publishers.numbers import siren
from tests.cards_shown.captured import Picture, picture
from tests.e2e.nursery import Nursery
from tests.e2e.world import PARIS, PATIENCE_S, World, in_days, today, world

FILLERS = 12
"""Organisations that a lobby register holds besides: without them it has shrunk when one is gone."""
LOBBY = siren("99830055")


@dataclass
class Desk:
    """Hold a newsroom whose bot runs, what its sources publish, and the channel of its log."""

    world: World
    bulletin: Bulletin
    register: LoopbackHatvp
    journal: LoopbackJorf
    log: Channel

    def shown(self, name: str, *messages: Message) -> Picture:
        """Return a picture of messages as they stand now."""
        return picture(name, self.world.platform, messages)

    async def says(self, command: str, /, **options: Any) -> Reply:
        """Have the reporter use a command, and wait until what it owes is sent."""
        reply = await self.world.reporter.slash(command, self.world.announcements, **options)
        await self.world.until_settled()
        return reply

    async def told(self, publish: Callable[[], object], channel: Channel | None = None) -> Message:
        """Publish, and return the message that comes of it."""
        before = len(self.world.posted(channel))
        publish()
        await self.world.shown(before + 1, channel)
        await self.world.until_settled()
        return self.world.posted(channel)[before]

    async def announcing(self, **values: str) -> None:
        """Have the administrator change how hits are announced."""
        shown = await self.world.admin.slash("setup", self.world.announcements)
        form = await self.world.admin.click(shown, label="Annonces")
        await self.world.admin.submit(form, values)

    async def sent(self, kind: str, number: int) -> list[Message]:
        """Wait until so many announcements of a kind were sent, and return their messages, oldest first."""
        sql = "SELECT message_id FROM announcement WHERE kind = ? AND message_id IS NOT NULL ORDER BY id"
        async with asyncio.timeout(PATIENCE_S):
            while len(self.world.rows(sql, kind)) < number:
                await asyncio.sleep(0.05)
        await self.world.until_settled()
        ids = [row["message_id"] for row in self.world.rows(sql, kind)]
        every = {one.id: one for channel in self.world.platform.channels.values() for one in channel.messages}
        return [every[int(one)] for one in ids]

    async def goes_to(self, days: int) -> None:
        """Make it the morning so many days from now, with a bot that was away in between."""
        await self.world.bots[-1].stop()
        self.world.set_clock(datetime.combine(today() + timedelta(days=days), time(10), PARIS))
        # A bulletin that published nothing for months is one that fails, and of what fails no award is missing.
        green = {"objet": "Entretien des espaces verts", "published": today() + timedelta(days=days)}
        self.world.boamp.records.append(
            boamp_records.fns_notice(
                **green, idweb=f"26-92{days:03}", buyer=Firm("Ville de Rouen"), deadline=in_days(days + 30)
            )
        )
        await self.world.started()

    async def news(self, record: dict[str, Any]) -> Message:
        """Publish a record in the bulletin, and return its announcement."""
        return await self.told(lambda: self.world.boamp.records.append(record))


@asynccontextmanager
async def desk_in(folder: Path, nursery: Nursery) -> AsyncIterator[Desk]:
    """Build a newsroom that follows two companies, an official and a keyword, with a first read behind it."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(world(folder, nursery))
        register = await stack.enter_async_context(LoopbackHatvp(_organisations()))
        journal = await stack.enter_async_context(LoopbackJorf([_decree()]))
        bulletin = demo_bulletin(today())
        made.boamp.records += bulletin.before
        others = {"hatvp": register.url, "jorf": journal.url}
        tables = [f'[sources.{name}]\nevery = "1s"\nbase_url = "{url}"\npace = "0s"' for name, url in others.items()]
        made.configure(extra="\n".join(tables))
        await made.started()
        log = made.guild.add_channel("journal")
        await made.set_up()
        await made.admin.slash("setup", made.announcements, log=log)
        for item in _items():
            await made.reporter.slash("watch add", made.announcements, **item)
        await made.until_polled()
        yield Desk(made, bulletin, register, journal, log)


def _items() -> Iterator[dict[str, Any]]:
    yield {
        "kind": "company",
        "name": VALMARIN.name,
        "identifiers": VALMARIN.number or "",
        "aliases": VALMARIN_ALIAS,
        "ref": "DOS-12",
    }
    yield {"kind": "keyword", "name": "caméra-piéton"}
    yield {"kind": "official", "name": OFFICIAL}


def _decree() -> dict[str, Any]:
    title = "Décret du 17 novembre 2026 relatif aux ports maritimes"
    return jorf.decree(id="JORFTEXT000052000100", title=title, published=today() - timedelta(days=1))


def _organisations() -> list[dict[str, Any]]:
    fillers = [hatvp_records.organisation(f"CABINET {place}", siren(f"5000{place:04}")) for place in range(FILLERS)]
    registered = today() - timedelta(days=1)
    year = hatvp_records.year(1, 2025, declared=today(), spend=SPENDS[1])
    return [*fillers, hatvp_records.organisation("LYSANDRE CONSEIL", LOBBY, years=[year], registered=registered)]
