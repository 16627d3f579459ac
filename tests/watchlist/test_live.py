from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import QueryError
from bot.matching import Reason
from bot.models import ItemKind, Newsroom, Notice, WatchItem
from bot.storage import newsrooms, notices
from bot.storage import watchlist as rows
from bot.storage.database import Database
from bot.watchlist import changes
from bot.watchlist.entry import name_key
from bot.watchlist.live import PAGE, TRIED, Trial, Watchlist, try_text
from tests.empty_database import place_empty_database

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUILD = 10


class Stopped:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), Stopped())
    async with opened.tx("test") as connection:
        newsroom = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris", announcements_channel=1)
        await newsrooms.save(connection, newsroom)
    yield opened
    await opened.close()


def keyword(name: str, **more: object) -> WatchItem:
    return WatchItem(kind=ItemKind.KEYWORD, name=name, guild_id=GUILD, added_by=1, **more)  # type: ignore[arg-type]


async def publish(database: Database, *published: Notice, seen_at: datetime = NOW) -> None:
    async with database.tx("test") as connection:
        for notice in published:
            await notices.add(connection, notice, "hash", 1, now=seen_at, is_baseline=True)


def drones(number: int, first: int = 0, day: date | None = None) -> list[Notice]:
    return [
        Notice(id=f"26-{first + n}", source="boamp", title=f"Drone {first + n}", published=day) for n in range(number)
    ]


async def test_a_trial_counts_what_was_read_and_what_matched(database: Database) -> None:
    await publish(database, *drones(3), Notice(id="x", source="boamp", title="Ascenseur"))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 2)
    assert (trial.read, trial.matched) == (4, 3)


async def test_the_examples_are_the_newest_and_the_newest_comes_first(database: Database) -> None:
    await publish(database, *drones(4))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 2)
    assert [finding.notice.id for finding in trial.examples] == ["26-3", "26-2"]


async def test_examples_go_on_over_the_pages_that_are_read(database: Database) -> None:
    await publish(database, *drones(PAGE - 1), *(Notice(id=f"z{n}", source="boamp", title="x") for n in range(PAGE)))
    await publish(database, *drones(1, first=9000))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 2)
    assert (trial.read, trial.matched) == (2 * PAGE, PAGE)
    assert [finding.notice.id for finding in trial.examples] == ["26-9000", f"26-{PAGE - 2}"]


async def test_a_trial_looks_back_90_days_and_no_further(database: Database) -> None:
    await publish(database, *drones(1), seen_at=NOW - TRIED)
    await publish(database, *drones(1, first=1), seen_at=NOW - TRIED - timedelta(seconds=1))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 3)
    assert [finding.notice.id for finding in trial.examples] == ["26-0"]


async def test_a_trial_counts_what_each_item_matched(database: Database) -> None:
    await publish(database, *drones(2), Notice(id="x", source="boamp", title="Drone et caméra"))
    items = [keyword("drone", id=1), keyword("caméra", id=2), keyword("taser", id=3)]
    trial = await Watchlist(database).try_items(items, NOW, 1)
    assert trial.by_item == {1: 3, 2: 1}
    assert trial.matched == 3


async def test_a_trial_counts_the_days_of_publication(database: Database) -> None:
    for number, day in enumerate((date(2026, 3, 1), date(2026, 3, 1), date(2026, 2, 27), date(1999, 1, 1))):
        await publish(database, *drones(1, first=number, day=day))
    trial = await Watchlist(database).try_items([keyword("drone")], NOW, 1)
    assert trial.days == 3


@pytest.mark.parametrize(
    ("read", "matched", "days", "is_noisy"),
    [
        (10_000, 20, 5, False),
        (10_000, 21, 5, True),
        (10_000, 21, 1, True),
        (10_000, 40, 10, False),
        (10_000, 41, 10, True),
        (100, 5, 60, False),
        (100, 6, 60, True),
        (6, 5, 1, False),
        (400, 20, 60, False),
        (400, 21, 60, True),
        (0, 0, 0, False),
    ],
)
def test_more_than_twenty_a_week_or_one_in_twenty_is_noisy(read: int, matched: int, days: int, is_noisy: bool) -> None:  # noqa: FBT001
    assert Trial(read, matched, (), days).is_noisy is is_noisy


async def test_a_query_that_cannot_be_looked_for_is_refused(database: Database) -> None:
    with pytest.raises(QueryError):
        await Watchlist(database).try_items([keyword("(drone")], NOW, 1)


async def test_a_text_is_judged_whatever_the_sources_of_the_item() -> None:
    verdict = await try_text([keyword("drone", sources=("ted",))], "Des drones")
    assert [hit.matched for hit in verdict.hits] == ["drones"]
    assert verdict.near_misses == ()


async def test_what_holds_an_item_back_in_a_text_is_told() -> None:
    verdict = await try_text(
        [keyword("drone", any_of=("police",)), keyword("drone", none_of=("jouet",))], "drone jouet"
    )
    assert verdict.hits == ()
    assert [miss.reason for miss in verdict.near_misses] == [Reason.ANY_OF_MISSING, Reason.NONE_OF_PRESENT]


async def test_the_automaton_is_built_anew_only_when_a_watchlist_changed(database: Database) -> None:
    watchlist = Watchlist(database)
    first = await watchlist.live()
    assert await watchlist.live() is first
    item = await changes.add(database, keyword("drone"), 1, NOW)
    second = await watchlist.live()
    assert list(second.items) == [item.id]
    await changes.remove(database, item, 1, NOW)
    assert list((await watchlist.live()).items) == []


async def test_the_automaton_holds_the_items_of_all_newsrooms(database: Database) -> None:
    async with database.tx("test") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=20, language="fr", timezone="Europe/Paris"))
        for guild_id in (GUILD, 20):
            item = WatchItem(kind=ItemKind.KEYWORD, name="drone", guild_id=guild_id, added_by=1)
            await rows.add(connection, item, name_key(item), NOW)
    live = await Watchlist(database).live()
    assert {item.guild_id for item in live.items.values()} == {GUILD, 20}
    assert len(live.matcher.find(Notice(id="x", title="drone"))) == 2


async def test_a_newsrooms_items_are_its_own_by_name_and_as_they_now_stand(database: Database) -> None:
    watchlist = Watchlist(database)
    async with database.tx("test") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=20, language="fr", timezone="Europe/Paris"))
        other = WatchItem(kind=ItemKind.KEYWORD, name="ascenseur", guild_id=20, added_by=1)
        await rows.add(connection, other, name_key(other), NOW)
    await changes.add(database, keyword("drone"), 1, NOW)
    assert [item.name for item in await watchlist.items_of(GUILD)] == ["drone"]
    await changes.add(database, keyword("caméra"), 1, NOW)
    assert [item.name for item in await watchlist.items_of(GUILD)] == ["caméra", "drone"]
    assert await watchlist.items_of(GUILD) is await watchlist.items_of(GUILD)


async def test_a_stored_query_that_can_no_longer_be_read_does_not_stop_the_others(database: Database) -> None:
    async with database.tx("test") as connection:
        for name in ("drone (", "drone"):
            await rows.add(connection, keyword(name), name, NOW)
    live = await Watchlist(database).live()
    assert [hit.term for hit in live.matcher.find(drones(1)[0])] == ["drone"]
