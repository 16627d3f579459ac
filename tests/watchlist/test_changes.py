from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.models import ItemKind, Newsroom, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.watching import watchlist
from bot.watchlist import changes
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE, Span, moment_of, muted_now, stamp
from tests.empty_database import place_empty_database

NOW = datetime(2026, 3, 2, 12, 0, 0, 654_321, tzinfo=UTC)
GUILD = 10


class Stopped:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), Stopped())
    async with opened.tx("test") as connection:
        for guild_id in (GUILD, 20):
            await newsrooms.save(
                connection,
                Newsroom(guild_id=guild_id, language="fr", timezone="Europe/Paris", announcements_channel=1),
            )
    yield opened
    await opened.close()


def company(name: str = "Axon", **more: Any) -> WatchItem:
    return WatchItem(**{"kind": ItemKind.COMPANY, "name": name, "guild_id": GUILD, "added_by": 1, **more})


async def add(database: Database, item: WatchItem) -> WatchItem:
    return await changes.add(database, item, 5, NOW)


async def live(database: Database) -> list[str]:
    async with database.read() as connection:
        return [item.name for item in await watchlist.every(connection, GUILD)]


async def test_another_newsrooms_item_stands_in_nobodys_way(database: Database) -> None:
    await add(database, company(ref="A"))
    await add(database, company(ref="A", guild_id=20))
    assert await live(database) == ["Axon"]


async def test_a_removed_item_stands_in_nobodys_way(database: Database) -> None:
    item = await add(database, company(ref="A"))
    await changes.remove(database, item, 1, NOW)
    assert (await add(database, company(ref="A"))).id != item.id


async def test_of_two_people_who_add_the_same_at_once_one_is_told(database: Database) -> None:
    ended = await asyncio.gather(add(database, company("Axon")), add(database, company("AXON")), return_exceptions=True)
    assert [type(one) for one in ended] in ([WatchItem, UserError], [UserError, WatchItem])
    assert len(await live(database)) == 1


async def test_what_only_the_schema_refuses_is_said_in_the_same_words(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await add(database, company())
    find = watchlist.clash
    seen: list[int] = []

    async def blind_once(*arguments: Any) -> Any:
        seen.append(1)
        return None if len(seen) == 1 else await find(*arguments)

    monkeypatch.setattr(watchlist, "clash", blind_once)
    with pytest.raises(UserError) as refused:
        await add(database, company("axon"))
    assert refused.value.text == "watch-same-name"
    assert refused.value.values["id"] == first.id


async def test_restoring_twice_restores_once(database: Database) -> None:
    item = await add(database, company())
    await changes.remove(database, item, 1, NOW)
    assert await changes.restore(database, item, 7, NOW)
    assert not await changes.restore(database, item, 7, NOW)


async def test_restoring_under_a_ref_that_was_taken_meanwhile_is_refused(database: Database) -> None:
    item = await add(database, company(ref="A"))
    await changes.remove(database, item, 1, NOW)
    await add(database, company("Autre", ref="A"))
    with pytest.raises(UserError) as refused:
        await changes.restore(database, item, 7, NOW)
    assert refused.value.text == "watch-same-ref"
    assert await live(database) == ["Autre"]


async def test_removing_twice_removes_once(database: Database) -> None:
    item = await add(database, company())
    assert await changes.remove(database, item, 1, NOW)
    assert not await changes.remove(database, item, 1, NOW)


async def test_a_mute_is_compared_to_the_second(database: Database) -> None:
    item = await add(database, company())
    until = NOW + timedelta(days=1)
    await changes.mute(database, GUILD, item.id or 0, seen=None, until=until, by=7, now=NOW)
    undone = await changes.mute(database, GUILD, item.id or 0, seen=moment_of(stamp(until)), until=None, by=7, now=NOW)
    assert undone.is_changed
    assert undone.item.muted_until is None


async def test_a_mute_that_was_changed_meanwhile_is_left_alone(database: Database) -> None:
    item = await add(database, company())
    until = NOW + timedelta(days=1)
    await changes.mute(database, GUILD, item.id or 0, seen=None, until=until, by=7, now=NOW)
    late = await changes.mute(database, GUILD, item.id or 0, seen=None, until=UNTIL_FURTHER_NOTICE, by=7, now=NOW)
    assert not late.is_changed
    assert late.item.muted_until == until


async def test_another_newsroom_cannot_mute(database: Database) -> None:
    item = await add(database, company())
    with pytest.raises(UserError) as refused:
        await changes.mute(database, 20, item.id or 0, seen=None, until=UNTIL_FURTHER_NOTICE, by=7, now=NOW)
    assert refused.value.text == "watch-gone"


@pytest.mark.parametrize(("span", "days"), [(Span.DAY, 1), (Span.WEEK, 7), (Span.MONTH, 30)])
def test_a_span_ends_to_the_second_so_that_a_button_can_carry_it(span: Span, days: int) -> None:
    end = span.end(NOW)
    assert end == NOW.replace(microsecond=0) + timedelta(days=days)
    assert moment_of(stamp(end)) == end


def test_until_further_notice_can_be_carried_by_a_button() -> None:
    assert moment_of(stamp(Span.OPEN.end(NOW))) == UNTIL_FURTHER_NOTICE


def test_no_mute_is_carried_as_nought() -> None:
    assert (stamp(None), moment_of(0)) == (0, None)


@pytest.mark.parametrize(("until", "is_muted"), [(None, False), (NOW, False), (NOW + timedelta(seconds=1), True)])
def test_a_mute_that_has_run_out_is_none(until: datetime | None, is_muted: bool) -> None:  # noqa: FBT001
    assert (muted_now(company(muted_until=until), NOW) is not None) is is_muted
