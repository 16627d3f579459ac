"""Let a desk work, kill its bot at one place after another on the way, start it again each time, check."""

from __future__ import annotations

import asyncio
import functools
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

from bot import dossiers
from bot.access import Viewer
from bot.audit.verifying import verify
from bot.clock import SystemClock
from bot.delivery.posting import POST_GRACE
from bot.locales import Language, load
from bot.loopback import Channel, Message, Reply
from bot.loopback.publishers.hatvp import LoopbackHatvp
from bot.models import ItemKind, Newsroom, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.watchlist import changes
from tests.e2e import armed
from tests.e2e.digest_world import code_of
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import Survival, Trouble, pass_baseline
from tests.e2e.world import PARIS, PATIENCE_S, today, world
from tests.empty_database import place_empty_database

FORUM = 15


def commits(*labels: str) -> tuple[str, ...]:
    """Return the places before and after the commit of transactions."""
    return tuple(f"{label}: {when} commit" for label in labels for when in ("before", "after"))


def calls(*names: str) -> tuple[str, ...]:
    """Return the places before and after calls."""
    return tuple(f"{name}: {when}" for name in names for when in ("before", "after"))


OWED = commits("poll.batch")
POSTED = (*commits("delivery.begin", "delivery.sent"), *calls("discord.send"))
IN_DOUBT = {
    "discord.find": ("discord.send: after",),
    "discord.find_post": ("discord.post: after",),
    "delivery.found": ("discord.send: after",),
}
"""Where the bot dies first so that it passes a place on which nothing but a doubt leads."""
EDITED = (*commits("delivery.edited"), *calls("discord.edit"))


@dataclass(frozen=True)
class Stage:
    """What a desk lives through, and the places at each of which its bot dies once meanwhile."""

    name: str
    stops: tuple[str, ...]
    act: Callable[[Shift], Awaitable[None]]
    """What people do and wait for; done again after each death, it looks first at what is done already."""
    prepare: Callable[[Shift], Awaitable[None]] | None = None
    """What changes in the world before it; the bot is down then. Without it the bot goes on running."""
    alone: tuple[str, ...] = ()
    """Further places, of which others of the same stage leave nothing to pass: each is tried by itself."""
    always: tuple[str, ...] = ()
    """Places where the bot dies before any other, in every run: without that there is nothing to tell of the stage."""
    then: datetime | None = None
    """What clocks show at least once the bot has died."""


@dataclass
class Shift(Survival):
    """One run through the stages: what people do is done again where the bot went meanwhile."""

    folder: Path
    police: Channel
    forum: Channel
    register: LoopbackHatvp
    _identified: int = field(default=0, init=False)
    _then: datetime | None = field(default=None, init=False)

    @property
    def armed(self) -> Path:
        return self.folder / "armed"

    async def live_through(self, stages: Iterable[Stage], alone: tuple[str, str] | None = None) -> None:
        """Let the desk live through stages; where there is one `alone`, the bot dies at that place of that stage."""
        self.armed.write_text("", encoding="utf-8")
        self.made.environment[armed.PLACES] = str(self.armed)
        self.made.launcher = armed.__name__
        for stage in stages:
            if stage.prepare is not None:
                await self.rest()
                await stage.prepare(self)
            stops = stage.always
            if alone is None:
                stops += stage.stops
            elif alone[0] == stage.name:
                stops += (*IN_DOUBT.get(alone[1].partition(":")[0], ()), alone[1])
            self.armed.write_text("".join(f"{stop}\n" for stop in stops), encoding="utf-8")
            self._then, owed = stage.then, self.kills + len(stops)
            if stage.prepare is not None:
                await self.start()
            await self.survive(functools.partial(stage.act, self))
            await self._until_died(stage.name, owed)
            # What the bot that died last left is carried out by the one that runs now.
            await self.survive(self.up)
            await self.survive(functools.partial(stage.act, self))
        await self.survive(self.made.until_settled)
        await self.rest()

    async def _until_died(self, stage: str, times: int) -> None:
        """Wait until the bot has died so often."""
        try:
            await self.survive(lambda: until(lambda: self.kills >= times))
        except TimeoutError:
            left = self.armed.read_text(encoding="utf-8").splitlines()
            self.wrong.append(f"{stage}: never stopped at {left}")
            self.kills = times

    async def start(self) -> None:
        self._identified = len(self.made.platform.gateway.identifies) + 1
        await self.made.start()

    async def start_again(self) -> None:
        self.kills += 1
        # A post that may have been made is looked for after a while only.
        self.made.set_clock(max(self.made.now() + POST_GRACE, self._then or self.made.now()))
        await self.start()

    async def up(self) -> None:
        """Wait until the bot that runs is on Discord."""
        await self.made.platform.gateway.wait_identified(self._identified)
        await self.made.platform.wait_ready()

    async def rest(self) -> None:
        """Let the bot that runs, if one does, end as a service manager asks it to."""
        if self.made.bots:
            status = await self.made.bots[-1].stop()
            assert status in {0, -signal.SIGKILL}, self.made.bots[-1].log

    async def once(self, done: str, do: Callable[[], Awaitable[Reply]]) -> None:
        """Let somebody do something, unless a look at the database shows that it is `done`."""
        if self.made.rows(done):
            return
        await self.up()
        reply = await do()
        unexpected = load(Language.FR).text("error-unexpected").split("{")[0]
        if not reply.ephemeral or not reply.text or unexpected in reply.text:
            self.wrong.append(f"{done}: {reply.text!r}")
        if not self.made.rows(done):
            self.wrong.append(f"{done}: not so after {reply.text!r}")

    def places(self) -> Iterator[tuple[str, Channel]]:
        """Return every channel and thread that messages stand in, each with a name that says where it is."""
        for name, channel in (
            ("announcements", self.made.announcements),
            ("operations", self.made.operations),
            ("police", self.police),
            ("forum", self.forum),
        ):
            yield name, channel
            yield from ((f"{name} thread", thread) for thread in channel.threads)

    def judge(self, expected: Counter[tuple[str, str]], audited: Counter[str]) -> list[str]:
        """Say what is wrong by what Discord and the database hold, never by what the bot says.

        `expected` counts the messages by their kind and their place, `audited` what people changed by its entry.
        """
        wrong, standing = list(self.wrong), [(name, place, one) for name, place in self.places() for one in told(place)]
        rows = self.made.rows("SELECT * FROM announcement")
        by_code = {row["code"]: row for row in rows}
        found = Counter((by_code[code_of(one)]["kind"], name) for name, _, one in standing if code_of(one) in by_code)
        if found != expected:
            wrong.append(f"missing are {expected - found}, too many {found - expected}")
        owed = Counter((row["thread_id"] or row["channel_id"], row["message_id"], row["code"]) for row in rows)
        shown = Counter((place.id, one.id, code_of(one)) for _, place, one in standing)
        if owed != shown:
            wrong.append(f"Discord lacks {owed - shown}, and has {shown - owed}")
        wrong += [f"{row['code']} is {row['state']}" for row in rows if row["state"] != "sent"]
        noted = Counter(row["action"] for row in self.made.rows("SELECT action FROM audit"))
        if noted != audited:
            wrong.append(f"the audit log lacks {audited - noted}, and has {noted - audited}")
        report = verify(self.made.database)
        if not report.is_intact:
            wrong.append(f"the audit log is altered: {report.finding}")
        if self.made.rows("PRAGMA integrity_check")[0][0] != "ok":
            wrong.append("the database is damaged")
        return wrong


def told(place: Channel) -> list[Message]:
    """Return the messages of the bot in a channel or a thread, but for Discord's own word of a thread that was made."""
    return [message for message in place.messages if message.author.bot and (message.embeds or message.content)]


def answered(message: Message) -> int | None:
    """Return which message one answers."""
    return int(message.reference["message_id"]) if message.reference else None


async def until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds; raises TimeoutError where that takes too long."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def shift(
    folder: Path, nursery: Nursery, trouble: Trouble, *, at: datetime, **settings: object
) -> AsyncIterator[Shift]:
    """Build a newsroom whose bot does not run yet: five items, one in two dossiers with a channel each.

    Clocks show `at`. Discord forgets every nonce at once where its window has passed. The bot reads BOAMP every hour.
    """
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  # instant
    window = 0.0 if trouble is Trouble.WINDOW_PASSED else 120.0
    async with world(folder, nursery, nonce_window_s=window) as made, LoopbackHatvp() as register:
        made.configure(every="1h")
        made.set_clock(at)
        police, forum = made.guild.add_channel("police"), made.guild.add_channel("lyon", kind=FORUM)
        one = Shift(made, trouble, folder, police, forum, register)
        await _lay_down(one, made.now(), settings)
        if trouble is Trouble.AMBIGUOUS:
            # Not of a post too: it is looked for a good while later, as the sweep of polls does with its clock put on.
            made.platform.faults.once(
                kind="close_after", method="POST", path="/channels/{channel_id}/messages", times=1
            )
        yield one


async def _lay_down(one: Shift, now: datetime, settings: dict[str, object]) -> None:
    made, guild = one.made, one.made.guild.id
    editor = made.editor.id
    database = await Database.open(place_empty_database(made.database), SystemClock())
    newsroom = Newsroom(
        guild_id=guild,
        language="fr",
        timezone="Europe/Paris",
        announcements_channel=made.announcements.id,
        operations_channel=made.operations.id,
        reporter_role=made.roles["reporter"].id,
        editor_role=made.roles["editor"].id,
        **settings,  # type: ignore[arg-type]  # fields of a newsroom
    )
    try:
        async with database.tx("prepare") as connection:
            await newsrooms.save(connection, newsroom)
            for channel in (made.announcements, made.operations, one.police, one.forum):
                is_forum = channel is one.forum
                await newsrooms.use_channel(connection, guild, channel.id, channel.id, is_forum=is_forum)
            await pass_baseline(connection, now)
        viewer = Viewer(guild_id=guild, user_id=editor, sees_all=True)
        opened = [
            await dossiers.create(database, viewer, channel.name, channel.id, channel.id, now)
            for channel in (one.police, one.forum)
        ]
        for kind, name, within in (
            (ItemKind.KEYWORD, "caméra-piéton", [dossier.id for dossier in opened]),
            (ItemKind.COMPANY, "Atlas", []),
            (ItemKind.KEYWORD, "radar", []),
            (ItemKind.COMPANY, "VIGIER CONSEIL", []),
            (ItemKind.COMPANY, "Axis", []),
        ):
            item = WatchItem(guild_id=guild, kind=kind, name=name, added_by=editor)
            await changes.add(database, item, made.announcements.id, now, within)
    finally:
        await database.close()


LAID_DOWN = Counter({"dossier create": 2, "watch add": 5})
"""The entries of the audit log that stand before the first stage."""


def stops_of(stages: Iterable[Stage]) -> Iterator[tuple[str, str]]:
    """Return each place of each stage where a bot is killed, once."""
    for stage in stages:
        yield from ((stage.name, stop) for stop in dict.fromkeys((*stage.stops, *stage.alone)))


def at(hour: int, minute: int = 0, second: int = 0, *, days: int = 0) -> datetime:
    """Return a time of a day from now on, as clocks in Paris show it."""
    return datetime.combine(today() + timedelta(days=days), time(hour, minute, second), PARIS)
