"""A newsroom whose bot reads one large register: the French lobby register, as a dump that a test lays down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aiohttp import web

from bot.loopback.publishers import Served
from bot.loopback.publishers.hatvp import LoopbackHatvp
from tests.e2e.nursery import Nursery
from tests.e2e.world import PATIENCE_S, World, world


class Stage(StrEnum):
    """What the bot does with a dump, as one sees from outside."""

    WAITS = "waits"
    DOWNLOADS = "downloads"
    READS = "reads"
    STORES = "stores"


class LoopbackDump(LoopbackHatvp):
    """Serve a dump of bytes, however large, once there is one: till then a request waits."""

    def __init__(self) -> None:
        super().__init__()
        self._is_there = asyncio.Event()
        self.body = b""

    def lay_down(self, pieces: Iterable[bytes]) -> None:
        """Serve these bytes from now on."""
        self.body = b"".join(pieces)
        self._is_there.set()

    async def _dump(self, request: web.Request) -> Served:
        await self._is_there.wait()
        return self.file(Served(self.body), request)


@dataclass(slots=True)
class RegisterWorld:
    """Hold a newsroom, the register that its bot reads every two seconds, and how long a read may take."""

    desk: World
    register: LoopbackDump
    patience_s: float = 4 * PATIENCE_S

    @property
    def downloads(self) -> Path:
        return self.desk.folder / "downloads" / "hatvp"

    def stage(self, before: int = 0) -> Stage:
        """Return what the bot does with a dump, told by its files and by more notices stored than before it."""
        if any(self.downloads.glob("*.whole")):
            return Stage.READS
        if self.downloaded():
            return Stage.DOWNLOADS
        return Stage.STORES if self.notices() > before else Stage.WAITS

    def downloaded(self) -> int:
        """Return how many bytes of a dump are on disk, not yet all of them."""
        return sum(part.stat().st_size for part in self.downloads.glob("*.part"))

    def notices(self) -> int:
        """Return how many notices of the register are stored."""
        (row,) = self.desk.rows("SELECT count(*) AS notices FROM notice WHERE source = 'hatvp'")
        return int(row["notices"])

    def dumps(self) -> int:
        """Return how many dumps were stored whole."""
        return sum(row["dumps"] for row in self.desk.rows("SELECT dumps FROM source_state WHERE source = 'hatvp'"))

    async def until_stored(self, dumps: int = 1) -> None:
        """Wait until so many dumps are stored whole, and what they owe is sent."""
        async with asyncio.timeout(self.patience_s):
            while self.dumps() < dumps:
                await asyncio.sleep(0.02)
        await self.desk.until_settled()

    def is_whole(self) -> bool:
        """Return whether each organisation of the dump and each client is stored, and nothing else."""
        return self.notices() == self.register.body.count(b'"identifiantNational"')

    async def until_downloaded(self, size: int) -> None:
        """Wait until so many bytes of a dump are on disk."""
        async with asyncio.timeout(self.patience_s):
            while self.downloaded() < size:
                await asyncio.sleep(0.005)

    async def until_storing(self, notices: int) -> None:
        """Wait until more notices of the register are stored than so many."""
        async with asyncio.timeout(self.patience_s):
            while self.notices() <= notices:
                await asyncio.sleep(0.002)


@asynccontextmanager
async def register_world(folder: Path, nursery: Nursery) -> AsyncIterator[RegisterWorld]:
    """Build a newsroom around a register that holds its dump back; its bot does not run yet."""
    async with world(folder, nursery) as desk, LoopbackDump() as register:
        desk.configure(every="1h", extra=f'[sources.hatvp]\nevery = "2s"\nbase_url = "{register.url}"\npace = "0s"')
        yield RegisterWorld(desk, register)
