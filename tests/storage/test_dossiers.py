from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from bot.access import Viewer
from bot.models import Dossier, FactFilter, ThingKind, TipFilter
from bot.storage.database import Connection, Database
from bot.storage.log import dossiers, facts, tips
from bot.storage.log.dossiers import Numbers
from bot.storage.watching import watchlist
from tests.factories import CHANNEL, GUILD, START, add_newsroom
from tests.searching import eyes_of, log_tip
from tests.storage.things import BY, add_thing

EDITOR = 8
LATER = START + timedelta(hours=1)

every_kind = pytest.mark.parametrize("kind", ThingKind)


@pytest.fixture(autouse=True)
async def newsroom(database: Database) -> None:
    await add_newsroom(database)


async def _open(database: Database, name: str, channel: int | None = None) -> Dossier:
    async with database.tx("test.open") as connection:
        return await dossiers.add(connection, GUILD, name, name.casefold(), channel, BY, START)


async def _close(database: Database, dossier: Dossier) -> bool:
    async with database.tx("test.close") as connection:
        return await dossiers.close(connection, GUILD, dossier.id, EDITOR, LATER)


async def _put(database: Database, dossier: Dossier, kind: ThingKind, thing_id: int, minutes: int = 0) -> bool:
    async with database.tx("test.put") as connection:
        now = START + timedelta(minutes=minutes)
        return await dossiers.put(connection, GUILD, dossier.id, kind, thing_id, BY, now)


async def _found(database: Database, dossier: Dossier) -> Dossier | None:
    async with database.read() as connection:
        return await dossiers.find(connection, GUILD, dossier.id)


async def _names(database: Database, kind: ThingKind, thing_id: int) -> list[str]:
    async with database.read() as connection:
        return [dossier.name for dossier in await dossiers.of_thing(connection, GUILD, kind, thing_id)]


@pytest.mark.parametrize("channel", [None, CHANNEL])
async def test_a_new_dossier_is_open_and_has_what_was_said_of_it(database: Database, channel: int | None) -> None:
    made = await _open(database, "Caméras", channel)
    assert made == Dossier(
        id=made.id, guild_id=GUILD, name="Caméras", channel_id=channel, created_by=BY, created_at=START
    )


async def test_a_dossier_is_found_as_it_was_made(database: Database) -> None:
    made = await _open(database, "Caméras", CHANNEL)
    assert await _found(database, made) == made


async def test_a_dossier_that_is_not_there_is_not_found(database: Database) -> None:
    async with database.read() as connection:
        assert await dossiers.find(connection, GUILD, 404) is None


async def test_a_dossier_is_found_by_its_folded_name(database: Database) -> None:
    made = await _open(database, "Caméras")
    async with database.read() as connection:
        assert await dossiers.named(connection, GUILD, "caméras") == made


async def test_a_name_that_no_dossier_has_is_free(database: Database) -> None:
    await _open(database, "Caméras")
    async with database.read() as connection:
        assert await dossiers.named(connection, GUILD, "drones") is None


async def test_a_closed_dossier_is_still_found_by_its_name(database: Database) -> None:
    made = await _open(database, "Caméras")
    await _close(database, made)
    async with database.read() as connection:
        assert await dossiers.named(connection, GUILD, "caméras") == await _found(database, made)


async def test_a_second_dossier_of_a_name_is_refused(database: Database) -> None:
    await _open(database, "Caméras")
    with pytest.raises(sqlite3.IntegrityError, match=r"dossier\.name_key"):
        await _open(database, "CAMÉRAS")


async def test_a_dossier_in_a_channel_that_is_not_the_newsrooms_is_refused(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        await _open(database, "Caméras", 404)


async def test_dossiers_are_listed_by_name_the_open_ones_first(database: Database) -> None:
    made = {name: await _open(database, name) for name in ("drones", "caméras", "badges", "radars")}
    for name in ("badges", "caméras"):
        await _close(database, made[name])
    async with database.read() as connection:
        names = [dossier.name for dossier in await dossiers.every(connection, GUILD)]
    assert names == ["drones", "radars", "badges", "caméras"]


async def test_closed_dossiers_count_too(database: Database) -> None:
    await _open(database, "drones")
    await _close(database, await _open(database, "caméras"))
    async with database.read() as connection:
        assert await dossiers.count(connection, GUILD) == 2


async def test_closing_notes_by_whom_and_when(database: Database) -> None:
    made = await _open(database, "Caméras")
    assert await _close(database, made)
    closed = await _found(database, made)
    assert closed is not None
    assert (closed.closed_by, closed.closed_at) == (EDITOR, LATER)


async def test_a_closed_dossier_is_not_closed_again(database: Database) -> None:
    made = await _open(database, "Caméras")
    await _close(database, made)
    before = await _found(database, made)
    async with database.tx("test.close") as connection:
        assert not await dossiers.close(connection, GUILD, made.id, 9, LATER + timedelta(hours=1))
    assert await _found(database, made) == before


async def test_closing_one_dossier_leaves_the_others_open(database: Database) -> None:
    made, other = await _open(database, "Caméras"), await _open(database, "Drones")
    await _close(database, made)
    assert await _found(database, other) == other


async def test_a_reopened_dossier_is_as_before_it_was_closed(database: Database) -> None:
    made = await _open(database, "Caméras")
    await _close(database, made)
    async with database.tx("test.reopen") as connection:
        assert await dossiers.reopen(connection, GUILD, made.id)
    assert await _found(database, made) == made


async def test_an_open_dossier_is_not_reopened(database: Database) -> None:
    made = await _open(database, "Caméras")
    async with database.tx("test.reopen") as connection:
        assert not await dossiers.reopen(connection, GUILD, made.id)


async def test_reopening_one_dossier_leaves_the_others_closed(database: Database) -> None:
    made, other = await _open(database, "Caméras"), await _open(database, "Drones")
    for dossier in (made, other):
        await _close(database, dossier)
    async with database.tx("test.reopen") as connection:
        await dossiers.reopen(connection, GUILD, made.id)
    found = await _found(database, other)
    assert found is not None
    assert found.closed_at == LATER


@every_kind
async def test_a_thing_that_is_put_into_a_dossier_is_in_it(database: Database, kind: ThingKind) -> None:
    made, thing = await _open(database, "Caméras"), await add_thing(database, kind)
    assert await _put(database, made, kind, thing)
    assert await _names(database, kind, thing) == ["Caméras"]


@every_kind
async def test_a_thing_is_put_into_a_dossier_once(database: Database, kind: ThingKind) -> None:
    made, thing = await _open(database, "Caméras"), await add_thing(database, kind)
    await _put(database, made, kind, thing)
    assert not await _put(database, made, kind, thing, minutes=5)
    async with database.read() as connection:
        assert await dossiers.things(connection, GUILD, made.id, kind) == [thing]


@every_kind
async def test_what_is_not_there_cannot_be_put_into_a_dossier(database: Database, kind: ThingKind) -> None:
    made = await _open(database, "Caméras")
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        await _put(database, made, kind, 404)


@every_kind
async def test_a_thing_may_be_in_several_dossiers(database: Database, kind: ThingKind) -> None:
    thing = await add_thing(database, kind)
    for name in ("radars", "caméras"):
        await _put(database, await _open(database, name), kind, thing)
    assert await _names(database, kind, thing) == ["caméras", "radars"]


@every_kind
async def test_the_dossiers_of_several_things_are_told_apart(database: Database, kind: ThingKind) -> None:
    cameras, radars = await _open(database, "caméras"), await _open(database, "radars")
    first, second, in_none, not_asked = [await add_thing(database, kind, name=f"drone {n}") for n in range(4)]
    for dossier, thing in ((radars, first), (cameras, first), (cameras, second), (radars, not_asked)):
        await _put(database, dossier, kind, thing)
    async with database.read() as connection:
        found = await dossiers.of_things(connection, GUILD, kind, (first, second, in_none))
    assert found == {first: [cameras, radars], second: [cameras]}


@every_kind
async def test_a_dossier_lists_what_was_added_last_first(database: Database, kind: ThingKind) -> None:
    made = await _open(database, "Caméras")
    things = [await add_thing(database, kind, name=f"drone {number}") for number in range(4)]
    for thing, minutes in zip(things, (2, 9, 0, 2), strict=True):
        await _put(database, made, kind, thing, minutes)
    async with database.read() as connection:
        listed = await dossiers.things(connection, GUILD, made.id, kind)
    assert listed == [things[1], things[3], things[0], things[2]]


async def test_a_dossier_tells_the_kinds_of_its_things_apart(database: Database) -> None:
    made = await _open(database, "Caméras")
    things = {kind: await add_thing(database, kind) for kind in ThingKind}
    assert len(set(things.values())) == 1, "ids that could be taken for one another"
    await _put(database, made, ThingKind.TIP, things[ThingKind.TIP])
    async with database.read() as connection:
        listed = {kind: await dossiers.things(connection, GUILD, made.id, kind) for kind in ThingKind}
    assert listed == {ThingKind.ITEM: [], ThingKind.TIP: [1], ThingKind.FACT: []}


@every_kind
async def test_a_thing_that_is_taken_out_is_in_no_dossier(database: Database, kind: ThingKind) -> None:
    thing = await add_thing(database, kind)
    for name in ("radars", "caméras"):
        await _put(database, await _open(database, name), kind, thing)
    async with database.tx("test.take_out") as connection:
        await dossiers.take_out(connection, GUILD, kind, thing)
    assert await _names(database, kind, thing) == []


@every_kind
async def test_taking_one_thing_out_leaves_the_others_in(database: Database, kind: ThingKind) -> None:
    made = await _open(database, "Caméras")
    thing, other = await add_thing(database, kind), await add_thing(database, kind, name="radar")
    for each in (thing, other):
        await _put(database, made, kind, each)
    async with database.tx("test.take_out") as connection:
        await dossiers.take_out(connection, GUILD, kind, thing)
    assert await _names(database, kind, other) == ["Caméras"]


async def test_each_dossier_is_told_how_much_of_each_kind_it_gathers(database: Database) -> None:
    full, empty, half = [await _open(database, name) for name in ("caméras", "drones", "radars")]
    for number in range(2):
        for kind in ThingKind:
            thing = await add_thing(database, kind, name=f"drone {number}")
            await _put(database, full, kind, thing)
            if kind is ThingKind.FACT:
                await _put(database, half, kind, thing)
    async with database.read() as connection:
        numbers = await dossiers.numbers(connection, eyes_of(BY))
    assert numbers == {full.id: Numbers(item=2, fact=2, tip=2), half.id: Numbers(fact=2)}
    assert empty.id not in numbers


@pytest.mark.parametrize(
    ("viewer", "number"), [(eyes_of(BY), 1), (eyes_of(EDITOR), 0), (eyes_of(EDITOR, sees_all=True), 1)]
)
async def test_a_sensitive_tip_counts_for_those_who_may_know_of_it(
    database: Database, viewer: Viewer, number: int
) -> None:
    made = await _open(database, "caméras")
    tip = await log_tip(database, "virement", by=BY, is_sensitive=True)
    await _put(database, made, ThingKind.TIP, tip)
    async with database.read() as connection:
        numbers = await dossiers.numbers(connection, viewer)
    assert numbers.get(made.id, Numbers()).tip == number


async def test_a_removed_item_does_not_count(database: Database) -> None:
    made, item = await _open(database, "caméras"), await add_thing(database, ThingKind.ITEM)
    await _put(database, made, ThingKind.ITEM, item)
    async with database.tx("test.remove") as connection:
        await watchlist.remove(connection, GUILD, item, BY, START)
    async with database.read() as connection:
        assert await dossiers.numbers(connection, eyes_of(BY)) == {}


async def test_another_newsrooms_dossiers_are_not_counted(database: Database) -> None:
    made = await _open(database, "caméras")
    await _put(database, made, ThingKind.FACT, await add_thing(database, ThingKind.FACT))
    async with database.read() as connection:
        assert await dossiers.numbers(connection, Viewer(guild_id=3001, user_id=BY, sees_all=True)) == {}


@pytest.mark.parametrize("kind", [ThingKind.FACT, ThingKind.TIP])
@pytest.mark.parametrize(
    ("wanted", "index"), [({"dossier_id": 1}, "dossier_{}_dossier"), ({"item_id": 1}, "{}_item_item")]
)
async def test_what_is_gathered_is_found_from_its_links(
    database: Database, kind: ThingKind, wanted: dict[str, Any], index: str
) -> None:
    """Looking at every fact of a newsroom instead takes a sixth of a second for a hundred thousand."""
    plans: list[str] = []
    plain = Connection.all

    async def plan(self: Connection, sql: str, *values: object) -> list[object]:
        rows = await plain(self, f"EXPLAIN QUERY PLAN {sql}", *values)
        plans.append(" / ".join(row["detail"] for row in rows))
        return []

    async def plan_of_one(self: Connection, sql: str, *values: object) -> None:
        await plan(self, sql, *values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "all", plan)
        patch.setattr(Connection, "one", plan_of_one)
        async with database.read() as connection:
            if kind is ThingKind.FACT:
                await facts.listed(
                    connection, Viewer(guild_id=GUILD, user_id=EDITOR, sees_all=True), FactFilter(**wanted)
                )
                await facts.count(
                    connection, Viewer(guild_id=GUILD, user_id=EDITOR, sees_all=True), FactFilter(**wanted)
                )
            else:
                await tips.listed(connection, eyes_of(BY), TipFilter(**wanted))
                await tips.count(connection, eyes_of(BY), TipFilter(**wanted))
    assert len(plans) == 2
    for told in plans:
        assert index.format(kind) in told
        assert re.search(rf"SEARCH {kind} USING (COVERING )?INDEX \w+ \(guild_id=\? AND id=\?", told)
