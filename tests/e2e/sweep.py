"""Kill the bot at one of the places that it passes between a poll and a sent announcement, start it again, check."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import itertools
import signal
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import NamedTuple, TypeVar

from bot.clock import SystemClock
from bot.delivery.posting import POST_DOUBT
from bot.loopback import Channel, Message
from bot.loopback.publishers.boamp_records import corrigendum, fns_notice, mapa_award
from bot.models import ItemKind, Newsroom, SourceState, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.reading import sources
from bot.storage.watching import watchlist
from tests.e2e import stopped
from tests.e2e.nursery import Nursery
from tests.e2e.world import Bot, World, in_days, today, words_of, world
from tests.empty_database import place_empty_database

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PATH = ("bot/pipeline", "bot/delivery", "bot/sources/_http/client.py", "cogs/_sender.py")
"""Where the way from a poll to a sent announcement leads through."""

OF_THREADS = {
    "discord.post: before",
    "discord.post: after",
    "discord.find_post: before",
    "discord.find_post: after",
    "discord.thread: before",
    "discord.thread: after",
}
"""The places that are passed only where there are threads and forums."""

OFF_PATH = {
    "delivery.elsewhere",  # a thread is closed or forbidden, or a channel is a forum: the tests of delivery
    "delivery.threads_forbidden",
    "delivery.is_forum",
    "delivery.sighted_in_thread",
    "delivery.threads_full",
    "delivery.held",  # in quiet hours nothing is on its way
    "delivery.judged",
    "poll.failed",  # the source could not be read: nothing is on its way
    "delivery.refused",  # Discord refuses the card or the channel: covered by the tests of delivery
    "delivery.parked",
    "delivery.set_aside",
    "delivery.plain",
    "delivery.dropped",  # a tip made sensitive before Discord had it
    "delivery.withdrawn",  # a tip that was erased: a sweep of its own, test_erasing.py
    "delivery.blocked",
    "delivery.edit_blocked",
    "discord.delete: before",
    "discord.delete: after",
    "delivery.sighted",  # after a restore: test_restored.py
    "delivery.sent_meanwhile",
    "delivery.retry",
    "delivery.looked",  # a channel with more talk than one look reads
    "source.pause",  # what a person asked for
    "source.resume",
    "check.report",  # what a person asked for, after the poll
    "history.paused",  # a history that is read: nothing of it is announced
    "retention.texts",  # what concerns nobody
    "backfill.begin",  # what a person asked for: nothing of it is announced
    "backfill.stopped",
}

EXPECTED = 4
NONCE_WINDOW_S = 0.3


class Place(NamedTuple):
    """A place by its name, when it is passed for the n-th time (`times`)."""

    name: str
    times: int


Stop = Place | int
"""Where a bot is killed: at a named place, or at the k-th of all that it passes; 0 for nowhere."""


class Trouble(Enum):
    """What goes wrong besides the kill."""

    NONE = "no fault"
    AMBIGUOUS = "an ambiguous answer"
    WINDOW_PASSED = "the nonce window passed"


@dataclass(frozen=True)
class Verdict:
    """What a run came to: announcements that never appeared, those that appeared twice, and the places passed."""

    was_killed: bool
    lost: int
    twice: int
    points: tuple[str, ...]


@dataclass
class Survival:
    """One run through a kill: what people do and wait for is done again where the bot went meanwhile."""

    made: World
    trouble: Trouble
    kills: int = field(default=0, init=False)
    wrong: list[str] = field(default_factory=list, init=False)

    async def survive(self, act: Callable[[], Awaitable[T]]) -> T:
        """Carry out what a person does or waits for; where the bot goes meanwhile, start it and do it again."""
        while True:
            doing, gone = asyncio.ensure_future(act()), asyncio.create_task(self.made.bots[-1].process.wait())
            await asyncio.wait((doing, gone), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                gone.cancel()
                return doing.result()
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)
            await self.start_again()

    async def start_again(self) -> None:
        self.kills += 1
        if self.trouble is Trouble.WINDOW_PASSED:
            await asyncio.sleep(NONCE_WINDOW_S * 1.5)
        await self.made.started()

    async def end(self) -> bool:
        """Stop the bot, which must leave well; return whether it was killed, then or before."""
        status = await self.made.bots[-1].stop()
        was_killed_last = not self.kills and status == -signal.SIGKILL
        assert status == 0 or was_killed_last, self.made.bots[-1].log
        return bool(self.kills) or was_killed_last


@dataclass(frozen=True)
class Told:
    """What a run came to: what is wrong with what Discord and the database hold, and the places passed."""

    was_killed: bool
    wrong: tuple[str, ...]
    points: tuple[str, ...]


def names_in_the_source(parts: Sequence[str] = PATH, off_path: AbstractSet[str] = OFF_PATH) -> set[str]:
    """Return every place on a path where the bot can be stopped, found by walking the source."""
    names: set[str] = set()
    for part in parts:
        path = ROOT / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for label, is_commit in _labels(ast.parse(file.read_text(encoding="utf-8"))):
                if label not in off_path:
                    names |= {f"{label}: before commit", f"{label}: after commit"} if is_commit else {label}
    return names


def _labels(tree: ast.AST) -> Iterator[tuple[str, bool]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func)
            if called.endswith(".tx") or called == "crash.point":
                yield str(node.args[0].value), called.endswith(".tx")


async def start_until(made: World, stop_at: Stop, trace: Path) -> Bot:
    """Start a bot that is killed somewhere, and that lists the places it passes."""
    if isinstance(stop_at, int):
        return await made.start(VIGIE_CRASH_TRACE=str(trace), VIGIE_CRASH_AT=str(stop_at))
    made.launcher = stopped.__name__
    where = {stopped.PLACE: stop_at.name, stopped.TIMES: str(stop_at.times)}
    return await made.start(VIGIE_CRASH_TRACE=str(trace), **where)


async def sweep_point(
    folder: Path, nursery: Nursery, stop_at: Stop, trouble: Trouble, *, launcher: str = "bot.loopback.launcher"
) -> Verdict:
    """Run the whole way once with a kill somewhere, and say what came of it."""
    folder.mkdir(parents=True)  # noqa: ASYNC240  # instant
    window = NONCE_WINDOW_S if trouble is Trouble.WINDOW_PASSED else 120.0
    async with world(folder, nursery, nonce_window_s=window) as made:
        made.launcher = launcher
        forum = made.guild.add_channel("dossiers", kind=15)
        await prepare(made, forum=forum)
        made.set_clock(made.now())
        if trouble is Trouble.AMBIGUOUS:
            for path in ("/channels/{channel_id}/messages", "/channels/{channel_id}/threads"):
                made.platform.faults.once(kind="close_after", method="POST", path=path, times=1)
        feeding = asyncio.create_task(_feed(made, forum))
        hurrying = asyncio.create_task(hurry(made))
        trace = folder / "points"
        bot = await start_until(made, stop_at, trace)
        gone = asyncio.create_task(bot.gone())
        await asyncio.wait((feeding, gone), return_when=asyncio.FIRST_COMPLETED)
        was_killed = gone.done()
        if was_killed:
            if trouble is Trouble.WINDOW_PASSED:
                await asyncio.sleep(NONCE_WINDOW_S * 1.5)
            asked = len(made.boamp.requests)
            bot = await made.start()
            gone = asyncio.create_task(bot.gone())
            await asyncio.wait((feeding, gone), return_when=asyncio.FIRST_COMPLETED)
            assert not gone.done(), bot.log
            await made.boamp.wait_for_request(asked + 1)
        await feeding
        hurrying.cancel()
        gone.cancel()
        status = await bot.stop()
        was_killed_last = not was_killed and status == -signal.SIGKILL
        assert status == 0 or was_killed_last, bot.log
        points = trace.read_text().split("\n")[:-1]
        return _verdict(made, forum, was_killed=was_killed or was_killed_last, points=tuple(points))


async def prepare(made: World, *, is_configured: bool = False, storm: int = 20, forum: Channel | None = None) -> None:
    """Lay down a newsroom with two items and a source past its baseline, and publish three notices for them.

    With a `forum` one item is announced there, and what continues a procedure stands in a thread.
    """
    if not is_configured:
        made.configure(every="1s")
    clock = SystemClock()
    database = await Database.open(place_empty_database(made.database), clock)
    guild, channel = made.guild.id, made.announcements.id
    async with database.tx("prepare") as connection:
        await newsrooms.save(
            connection,
            Newsroom(
                guild_id=guild,
                language="fr",
                timezone="Europe/Paris",
                announcements_channel=channel,
                storm=storm,
                threads=forum is not None,
            ),
        )
        await newsrooms.use_channel(connection, guild, channel, channel)
        if forum is not None:
            await newsrooms.use_channel(connection, guild, forum.id, forum.id, is_forum=True)
        own = forum.id if forum is not None else None
        for kind, name, place in ((ItemKind.COMPANY, "Valmarin", own), (ItemKind.KEYWORD, "caméra-piéton", None)):
            item = WatchItem(guild_id=guild, kind=kind, name=name, channel_id=place)
            await watchlist.add(connection, item, name, clock.now())
        await pass_baseline(connection, clock.now())
    await database.close()
    tender = fns_notice(idweb="26-2", objet="Caméras-piéton", published=today(), deadline=in_days(12))
    award = mapa_award(idweb="26-3", objet="Vidéo", published=today(), winner="VALMARIN SAS", amount="50044")
    moved = corrigendum(of=tender, idweb="26-4", published=today(), deadline=in_days(20)) | {"objet": "Lot 2"}
    made.boamp.records.extend([tender, award, moved])


async def pass_baseline(connection: Connection, now: datetime) -> None:
    """Note that BOAMP was read before: what it brings from now on is announced."""
    past = datetime(2026, 1, 1, tzinfo=UTC)
    state = SourceState(source="boamp", baseline_at=past, attempted_at=past, succeeded_at=now, new_at=now)
    await sources.save(connection, state)


async def _feed(made: World, forum: Channel) -> None:
    """Edit two notices once all three were posted: one in its words, one in its amount; wait until all is settled."""
    await _until_stand(made, forum, 3)
    tender, award, _ = made.boamp.records
    tender["objet"] = "Caméras-piétons"
    award["donnees"] = award["donnees"].replace("50044", "60055")
    await _until_stand(made, forum, EXPECTED)
    await made.announcements.wait_for(lambda message: "Caméras-piétons" in words_of(message), timeout=60)
    await made.until_settled(60)


def standing(made: World, forum: Channel) -> list[Message]:
    """Return the messages of the channel of announcements and of the forum, those of their threads included."""
    channels = [made.announcements, *made.announcements.threads, *forum.threads]
    return [message for channel in channels for message in made.posted(channel)]


async def hurry(made: World) -> None:
    """Put the bot's clock on whenever something is in doubt: a post is not looked for at once."""
    while True:
        with contextlib.closing(sqlite3.connect(made.database)) as connection:
            (latest,) = connection.execute(
                "SELECT max(next_try_at) FROM announcement WHERE state = 'sending'"
            ).fetchone()
        wait = datetime.fromisoformat(latest) - made.now() if latest else timedelta()
        if timedelta(seconds=1) < wait <= POST_DOUBT:
            made.set_clock(made.now() + wait)
        await asyncio.sleep(0.2)


async def _until_stand(made: World, forum: Channel, number: int) -> None:
    async with asyncio.timeout(60):
        while len(standing(made, forum)) < number:
            await asyncio.sleep(0.02)


def _verdict(made: World, forum: Channel, *, was_killed: bool, points: tuple[str, ...]) -> Verdict:
    """Judge by what Discord holds and by the database, never by what the bot says."""
    with sqlite3.connect(made.database) as connection:
        codes = [row[0] for row in connection.execute("SELECT code FROM announcement")]
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    connection.close()
    texts = [words_of(message) for message in standing(made, forum)]
    seen = Counter(code for code, text in itertools.product(codes, texts) if text.endswith(code))
    lost = max(EXPECTED - len(codes), 0) + sum(1 for code in codes if not seen[code])
    lost += sum(len(channel.threads) != 1 for channel in (made.announcements, forum))
    twice = sum(count - 1 for count in seen.values() if count > 1) + max(len(codes) - EXPECTED, 0)
    twice += sum(max(len(channel.threads) - 1, 0) for channel in (made.announcements, forum))
    return Verdict(was_killed, lost, twice, points)
