"""Kill the bot at one of the places that it passes while a digest or a storm is on its way, start it again, check."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import Enum
from pathlib import Path

from bot.clock import SystemClock
from bot.storage.database import Database
from tests.e2e import sweep
from tests.e2e.digest_world import (
    exactly_once,
    faults_of,
    lay_down_digest,
    lay_down_newsroom,
    lots,
    parts_of,
    record,
    schedule_digest,
    sent,
    settle_before,
    stormed,
    until_slots,
    until_stored,
)
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import NONCE_WINDOW_S, Stop, Survival, Told, Trouble, start_until
from tests.e2e.world import PARIS, World, today, world
from tests.empty_database import place_empty_database

PATH = ("bot/digest", "bot/delivery", "cogs/_sender.py")
"""Where the way from a slot that falls due to the last message of its digest leads through."""

STORM_PATH = (*sweep.PATH, "bot/digest")
"""Where the way from a poll with too many new hits to the digest that tells them leads through."""

OFF_PATH = (
    sweep.OFF_PATH
    | sweep.OF_THREADS
    | {
        "digest.schedule",  # what people do with a digest before it is made
        "digest.remove",
        "delivery.edited",  # digests and storms are never edited, but for a tip that was made sensitive since
        "discord.edit: before",
        "discord.edit: after",
    }
)

HITS = 60
NEW = 30
SLOT = time(8, 30)


class Falls(Enum):
    """When a digest falls due: while the bot is down, so that it is made late, or while it runs."""

    DOWN = "while it is down"
    UP = "while it runs"


async def tell_digest(
    folder: Path,
    nursery: Nursery,
    stop_at: Stop,
    trouble: Trouble,
    *,
    falls: Falls = Falls.DOWN,
    launcher: str = "bot.loopback.launcher",
) -> Told:
    """Let a digest of several messages fall due once with a kill somewhere."""
    folder.mkdir(parents=True)  # noqa: ASYNC240  # instant
    async with world(folder, nursery, nonce_window_s=_window(trouble)) as made:
        made.launcher = launcher
        due_at = datetime.combine(today(), SLOT, PARIS).astimezone(UTC)
        expected = await lay_down_digest(made, due_at, HITS)
        made.set_clock(due_at + (timedelta(hours=3) if falls is Falls.DOWN else timedelta(seconds=-2)))
        run = await _begin(made, folder, stop_at, trouble)
        await run.survive(lambda: until_slots(made, 2))
        # A member of the desk is answered only by a bot that came up: it has looked for what is due by then.
        await run.survive(lambda: made.editor.slash("digest list", made.announcements))
        was_killed = await run.end()
        told = sent(made, "digest")
        run.wrong += faults_of(made)
        run.wrong += [] if lots(told) == expected else [f"the digest tells {lots(told)}"]
        of = len(told)
        run.wrong += [] if of >= 3 and parts_of(told)[-1] == (of, of) else [f"its parts are {parts_of(told)}"]
        run.wrong += [] if len(made.posted()) == of else [f"{len(made.posted()) - of} other messages"]
        return Told(was_killed, tuple(run.wrong), _passed(folder))


async def tell_storm(folder: Path, nursery: Nursery, stop_at: Stop, trouble: Trouble) -> Told:
    """Let a poll find too much once with a kill somewhere, and have a digest made of it."""
    folder.mkdir(parents=True)  # noqa: ASYNC240  # instant
    async with world(folder, nursery, nonce_window_s=_window(trouble)) as made:
        await _lay_down_storm(made)
        run = await _begin(made, folder, stop_at, trouble)
        await run.survive(lambda: until_stored(made, NEW))
        await run.survive(lambda: made.editor.slash("digest now", made.announcements, digest="1"))
        await run.survive(made.until_settled)
        was_killed = await run.end()
        storms, alone, told = (sent(made, kind) for kind in ("storm", "notice", "digest"))
        run.wrong += faults_of(made)
        points = _passed(folder)
        # What is left to read by whoever comes after a second commit may be no storm any more.
        least = 0 if was_killed and points.count("poll.batch: after commit") > 1 else 1
        run.wrong += [] if least <= len(storms) <= 1 else [f"there are {len(storms)} storms"]
        one_by_one = [numbers[0] for message in alone if (numbers := lots([message]))]
        run.wrong += exactly_once(one_by_one, set(one_by_one), "is announced")
        if sum(stormed(storms)) + len(one_by_one) != NEW:
            run.wrong.append(f"storms of {stormed(storms)} and {len(one_by_one)} announcements are not {NEW}")
        run.wrong += exactly_once(lots(told), range(NEW), "is in a digest")
        return Told(was_killed, tuple(run.wrong), points)


async def _lay_down_storm(made: World) -> None:
    """Store a newsroom that follows a word, with a digest that is not due and a source past its baseline; publish."""
    made.configure(every="1s")
    now = made.now()
    database = await Database.open(place_empty_database(made.database), SystemClock())
    async with database.tx("lay.down") as connection:
        await lay_down_newsroom(made, connection)
        digest = await schedule_digest(made, connection, now - timedelta(hours=2))
        await settle_before(connection, digest, now)
        await sweep.pass_baseline(connection, now)
    await database.close()
    made.boamp.records.extend(record(lot, today()) for lot in range(NEW))


async def _begin(made: World, folder: Path, stop_at: Stop, trouble: Trouble) -> Survival:
    if trouble is Trouble.AMBIGUOUS:
        made.platform.faults.once(kind="close_after", method="POST", path="/channels/{channel_id}/messages", times=1)
    await start_until(made, stop_at, folder / "points")
    run = Survival(made, trouble)
    await run.survive(made.is_up)
    return run


def _window(trouble: Trouble) -> float:
    return NONCE_WINDOW_S if trouble is Trouble.WINDOW_PASSED else 120.0


def _passed(folder: Path) -> tuple[str, ...]:
    return tuple((folder / "points").read_text(encoding="utf-8").split("\n")[:-1])
