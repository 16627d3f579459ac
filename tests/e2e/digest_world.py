"""Numbered notices, the digests and storms that tell them, and what Discord holds of those."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from bot.clock import SystemClock
from bot.indexing import Indexer
from bot.loopback import Channel, Message
from bot.loopback.publishers.boamp_columns import Record
from bot.loopback.publishers.boamp_records import fns_notice
from bot.models import Digest, Every, Held, InDigest, ItemKind, Newsroom, Slot, WatchItem
from bot.slots import last_due
from bot.storage import newsrooms
from bot.storage.database import Connection, Database
from bot.storage.digesting import digests
from bot.storage.watching import hits, watchlist
from tests.e2e.world import PARIS, World, words_of
from tests.factories import add_notice, make_hit, make_notice

PATIENCE_S = 60.0
LONG_AGO = timedelta(days=2)

_LOT = re.compile(r"\blot (\d{4})\b")
_PART = re.compile(r"\((\d+)/(\d+)\)$", re.MULTILINE)
_STORM = re.compile(r"^(\d+) correspondances? d.un coup", re.MULTILINE)
_CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}$")


def title(lot: int, word: str = "Caméras-piétons") -> str:
    """Return a title that holds a watched word and a number by which the notice is found again."""
    return f"{word}, lot {lot:04}"


def record(lot: int, published: date, *, deadline: datetime | None = None, word: str = "Caméras-piétons") -> Record:
    """Return a tender as the loopback BOAMP publishes it."""
    deadline = deadline or datetime.combine(published, datetime.min.time(), UTC) + timedelta(days=90)
    return fns_notice(idweb=f"26-{10_000 + lot}", objet=title(lot, word), published=published, deadline=deadline)


def lots(messages: Iterable[Message]) -> list[int]:
    """Return the numbers of the notices that messages tell of, in the order in which they are read."""
    return [int(lot) for message in messages for lot in _LOT.findall(words_of(message))]


def sent(made: World, kind: str, channel: Channel | None = None) -> list[Message]:
    """Return the messages in a channel that show announcements of a kind, oldest first."""
    codes = {row["code"] for row in made.rows("SELECT code FROM announcement WHERE kind = ?", kind)}
    return [message for message in made.posted(channel) if code_of(message) in codes]


def code_of(message: Message) -> str:
    """Return the code at the end of a message, empty where there is none."""
    found = _CODE.search(words_of(message))
    return found[0] if found else ""


def parts_of(messages: Iterable[Message]) -> list[tuple[int, int]]:
    """Return which message of how many each is; one that stands alone does not say so."""
    return [
        (int(found[1]), int(found[2])) if (found := _PART.search(words_of(message))) else (1, 1) for message in messages
    ]


def stormed(messages: Iterable[Message]) -> list[int]:
    """Return how many hits each of these storms stands for."""
    return [int(found[1]) for message in messages if (found := _STORM.search(words_of(message)))]


def faults_of(made: World, channel: Channel | None = None) -> list[str]:
    """Return what no channel may hold: a message of an unknown announcement, one twice, a digest in disorder, a gap."""
    rows = made.rows("SELECT code, state FROM announcement WHERE channel_id = ?", (channel or made.announcements).id)
    codes = [code_of(message) for message in made.posted(channel)]
    seen, known = Counter(codes), {row["code"] for row in rows}
    wrong = [f"{code or 'a message without code'} is nobody's" for code in seen.keys() - known]
    wrong += [f"{code} stands {seen[code]} times" for code in known if seen[code] != 1]
    wrong += [f"{row['code']} is {row['state']}" for row in rows if row["state"] != "sent"]
    (sound,) = made.rows("PRAGMA integrity_check")[0]
    wrong += [] if sound == "ok" else [f"the database is damaged: {sound}"]
    parts = parts_of(sent(made, "digest", channel))
    for (part, of), (following, of_following) in pairwise([*parts, (1, 1)]):
        is_next = (following, of_following) == (part + 1, of) if part < of else following == 1
        wrong += [] if is_next else [f"part {following}/{of_following} comes after {part}/{of}"]
    slots = made.rows("SELECT digest_id, local_date, messages FROM digest_slot")
    for slot in slots:
        subject = f"{slot['digest_id']}:{slot['local_date']}:*"
        (owed,) = made.rows("SELECT count(*) FROM announcement WHERE subject GLOB ? AND kind = 'digest'", subject)[0]
        wrong += [] if owed == slot["messages"] else [f"slot {subject} has {owed} messages of {slot['messages']}"]
    return wrong


async def until_slots(made: World, number: int = 1) -> None:
    """Wait until so many slots of digests were made and everything owed is sent."""
    async with asyncio.timeout(PATIENCE_S):
        while len(made.rows("SELECT 1 FROM digest_slot")) < number:
            await asyncio.sleep(0.02)
    await made.until_settled(PATIENCE_S)


async def until_stored(made: World, number: int) -> None:
    """Wait until so many notices are stored, their poll has ended, and everything owed is sent."""
    async with asyncio.timeout(PATIENCE_S):
        while made.rows("SELECT 1 WHERE (SELECT count(*) FROM notice) < ?", number) or made.rows(
            "SELECT 1 FROM announcement WHERE polled IS NOT NULL"
        ):
            await asyncio.sleep(0.02)
    await made.until_settled(PATIENCE_S)


async def lay_down_newsroom(made: World, connection: Connection) -> list[WatchItem]:
    """Store a newsroom with its roles and channels, and a company and a keyword to follow; return those."""
    newsroom = Newsroom(
        guild_id=made.guild.id,
        language="fr",
        timezone=PARIS.key,
        announcements_channel=made.announcements.id,
        operations_channel=made.operations.id,
        reporter_role=made.roles["reporter"].id,
        editor_role=made.roles["editor"].id,
    )
    await newsrooms.save(connection, newsroom)
    for channel in (made.announcements, made.operations):
        await newsrooms.use_channel(connection, made.guild.id, channel.id, channel.id)
    items = [
        WatchItem(guild_id=made.guild.id, kind=kind, name=name, added_by=made.reporter.id)
        for kind, name in ((ItemKind.COMPANY, "Valmarin"), (ItemKind.KEYWORD, "caméra-piéton"))
    ]
    return [await watchlist.add(connection, item, item.name, made.now() - LONG_AGO) for item in items]


async def schedule_digest(made: World, connection: Connection, due_at: datetime) -> Digest:
    """Schedule a daily digest in the announcements' channel, due at a moment, the first time one day before."""
    at = due_at.astimezone(PARIS).time().replace(second=0, microsecond=0)
    guild, channel = made.guild.id, made.announcements.id
    added = due_at - LONG_AGO
    return await digests.add(connection, guild, channel, None, Every.DAILY, at, made.editor.id, added)


async def settle_before(connection: Connection, digest: Digest, moment: datetime) -> Slot:
    """Note that the digest's slots up to a moment were made, and return the newest."""
    slot = last_due(digest.every, digest.at, PARIS, moment)
    await digests.settle(connection, digest, slot, 0, moment)
    return slot


async def lay_down_digest(made: World, due_at: datetime, number: int) -> list[int]:
    """Store a newsroom whose digest is due at a moment, with hits held for it; return their numbers as they are told.

    The slot before is made. No source is read.
    """
    config = made.configure()
    config.write_text(config.read_text(encoding="utf-8").replace("enabled = true", "enabled = false"), encoding="utf-8")
    database = await Database.open(made.database, SystemClock())
    async with database.tx("lay.down") as connection:
        items = await lay_down_newsroom(made, connection)
        digest = await schedule_digest(made, connection, due_at)
        await settle_before(connection, digest, due_at - timedelta(minutes=1))
        for lot in range(number):
            notice = make_notice(f"26-{lot}", title=title(lot), published=due_at.date(), deadline=None)
            row = await add_notice(connection, notice, due_at - LONG_AGO)
            hit = make_hit(items[lot % 2], notice)
            await hits.add(
                connection,
                made.guild.id,
                hit,
                notice_row=row,
                revision=1,
                held=Held.DIGEST,
                in_digest=InDigest.DUE,
                now=due_at - LONG_AGO,
            )
    # Else that is done while the digest is made, and its places stand between those of the digest.
    await Indexer(database).catch_up()
    await database.close()
    # By item, the newest first.
    return [lot for parity in (0, 1) for lot in reversed(range(number)) if lot % 2 == parity]


def exactly_once(told: Sequence[int], expected: Iterable[int], where: str) -> list[str]:
    """Return which numbers are not told once."""
    counted = Counter(told)
    wanted = set(expected)
    wrong = [f"lot {lot:04} {where} {counted[lot]} times" for lot in sorted(wanted) if counted[lot] != 1]
    return [*wrong, *(f"lot {lot:04} {where}, of which nobody knows" for lot in sorted(counted.keys() - wanted))]
