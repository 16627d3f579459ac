"""What reading a large log takes, each as a ratio to a lookup by primary key in the same run (`make bench`)."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.access import Viewer
from bot.composing import compose
from bot.models import FactFilter, FactStatus, TipFilter
from bot.search.finding import Question, search
from bot.search.query import read_query
from bot.storage.archive.full_text import facts_named, tips_named
from bot.storage.database import Connection, Database
from bot.storage.log import facts, tips
from bot.storage.outbox import announcements
from tests.factories import GUILD, START, SettableClock, add_hit, make_item, make_notice, owe_notice
from tests.many_known import BUSY, DOSSIERS, Size, write_busy_newsroom

ROUNDS = 7
GOAL_MS = 50
CARD_GOAL_MS = 5
FACTS = int(os.environ.get("BENCH_FACTS", "100000"))
SIZE = Size(facts=FACTS, tips=FACTS // 5, items=FACTS // 10, hits=FACTS * 5)
REPORTER = Viewer(guild_id=GUILD, user_id=7, sees_all=False)
A_PAGE = 10
ASKED = {
    "all": FactFilter(),
    "by status": FactFilter(status=FactStatus.LOGGED),
    "of an item with a tenth of them": FactFilter(item_id=BUSY),
    "of a dossier": FactFilter(dossier_id=DOSSIERS),
    "of a year": FactFilter(since=START - timedelta(days=500), until=START - timedelta(days=135)),
}

Work = Callable[[], Awaitable[object]]


def log_lines() -> list[str]:
    """Return a line for each way to read a large log."""
    with tempfile.TemporaryDirectory(prefix="vigie-bench-") as made:
        path = Path(made) / "log.sqlite3"
        write_busy_newsroom(path, SIZE)
        return asyncio.run(_measured(path))


async def _measured(path: Path) -> list[str]:
    database = await Database.open(path, SettableClock())
    try:
        owed = await _announcement(database)
        async with database.read() as connection:
            floor = await _seconds(lambda: connection.one("SELECT id FROM fact WHERE id = ?", FACTS // 2), ROUNDS * 20)
            row = await announcements.get(connection, GUILD, owed)
            much = f"{SIZE.facts} facts, {SIZE.tips} tips, {SIZE.items} items, {SIZE.hits} hits"
            lines = [f"reading a log of {much}, as a multiple of finding a fact by its number ({floor * 1e6:.0f} us)"]
            card = await _seconds(lambda: compose(connection, row, START + timedelta(days=1)))
            lines.append(_line("a notice's card with what is known", card, floor, CARD_GOAL_MS))
            for name, work in _works(connection).items():
                lines.append(_line(name, await _seconds(work), floor))
            for name, wanted in ASKED.items():
                number = await facts.count(connection, REPORTER, wanted)
                for page, offset in (("first", 0), ("last", max(number - A_PAGE, 0))):
                    taken = await _seconds(lambda: _page(connection, wanted, offset))  # noqa: B023  # awaited at once
                    lines.append(_line(f"/fact list {name}: its {page} page of {number} facts", taken, floor))
        question = Question(query=read_query("caméra piéton"), zone=ZoneInfo("Europe/Paris"))
        taken = await _seconds(lambda: search(database, REPORTER, question, 0, START))
        return [*lines, _line("/search for two words that nearly every fact has", taken, floor)]
    finally:
        await database.close()


def _works(connection: Connection) -> dict[str, Work]:
    last = SIZE.tips - SIZE.tips // 10 - A_PAGE
    return {
        "/fact: proposals for nothing typed": lambda: facts_named(connection, REPORTER, "", 25),
        "/fact: proposals of one's own for nothing typed": lambda: facts_named(connection, REPORTER, "", 25, own_of=7),
        "/fact: proposals for a word begun": lambda: facts_named(connection, REPORTER, "mar", 25),
        "/tip: proposals for a word begun": lambda: tips_named(connection, REPORTER, "mar", 25),
        "/tip list: how many there are": lambda: tips.count(connection, REPORTER, TipFilter()),
        "/tip list: its last page": lambda: tips.listed(connection, REPORTER, TipFilter(), offset=last, limit=A_PAGE),
    }


async def _page(connection: Connection, wanted: FactFilter, offset: int) -> None:
    """Read what a page of a list of facts is made of."""
    await facts.count(connection, REPORTER, wanted)
    await facts.listed(connection, REPORTER, wanted, offset=offset, limit=A_PAGE)


async def _announcement(database: Database) -> int:
    """Owe a notice that hits three items, the busiest among them."""
    notice = make_notice("27-1")
    owed = await owe_notice(database, make_item("x", id=BUSY), notice)
    async with database.tx("bench.hits") as connection:
        row = (await announcements.get(connection, GUILD, owed)).notice_id or 0
        for item in (BUSY + 1, BUSY + 2):
            hit = await add_hit(connection, make_item("x", id=item), notice, row)
            await announcements.link(connection, GUILD, owed, hit)
    return owed


async def _seconds(work: Work, rounds: int = ROUNDS) -> float:
    """Return the median seconds of a piece of work."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        await work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _line(name: str, taken: float, floor: float, goal: int = GOAL_MS) -> str:
    return f"  {name}: {taken / floor:7.1f} times ({taken * 1_000:.1f} ms, goal {goal})"


if __name__ == "__main__":
    print("\n".join(log_lines()))  # noqa: T201  # a report on the terminal
