"""Two newsrooms on one bot: nothing of one is found, counted or changed by the other."""

from __future__ import annotations

import sqlite3

import pytest

from bot.models import AnnouncementKind, Dossier, Held, ThingKind
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.log import dossiers
from bot.storage.outbox import announcements
from bot.storage.outbox.announcements import Place
from bot.storage.watching import hits, watchlist
from tests.factories import CHANNEL, GUILD, START, add_item, add_newsroom, make_item, make_notice, owe_notice
from tests.storage.things import BY, add_thing

THERE, CHANNEL_THERE = 3001, 4001

every_kind = pytest.mark.parametrize("kind", ThingKind)


@pytest.fixture
async def item_here(database: Database) -> int:
    """Store two newsrooms that watch the same thing and were told of the same notice; return the item of ours."""
    await add_newsroom(database)
    await add_newsroom(database, THERE, channel=CHANNEL_THERE, operations=None)
    here = await add_item(database, make_item(ref="A1"))
    await add_item(database, make_item(ref="A1", guild_id=THERE))
    await owe_notice(database, here, make_notice())
    assert here.id is not None
    return here.id


async def test_another_newsroom_cannot_find_an_item(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert await watchlist.find(connection, THERE, item_here) is None


async def test_another_newsroom_does_not_list_an_item(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert item_here not in [item.id for item in await watchlist.every(connection, THERE)]


async def test_another_newsroom_cannot_remove_an_item(database: Database, item_here: int) -> None:
    async with database.tx("test.remove") as connection:
        assert not await watchlist.remove(connection, THERE, item_here, 8, START)


async def test_another_newsroom_cannot_mute_an_item(database: Database, item_here: int) -> None:
    async with database.tx("test.mute") as connection:
        assert not await watchlist.mute(connection, THERE, item_here, START)


async def test_another_newsroom_does_not_see_an_items_hits(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert await hits.of_item(connection, THERE, item_here, 10) == []


async def test_another_newsroom_does_not_count_an_items_hits(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert await hits.record(connection, THERE, item_here) == hits.ItemRecord(0, 0, None, 0)


@pytest.mark.usefixtures("item_here")
async def test_another_newsroom_cannot_find_an_announcement_by_its_code(database: Database) -> None:
    async with database.read() as connection:
        ours = await announcements.get(connection, GUILD, 1)
        assert await announcements.by_code(connection, THERE, ours.code) is None


@pytest.mark.usefixtures("item_here")
async def test_another_newsroom_cannot_get_an_announcement(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(LookupError):
            await announcements.get(connection, THERE, 1)


@pytest.mark.usefixtures("item_here")
async def test_another_newsroom_does_not_see_which_channels_are_parked(database: Database) -> None:
    async with database.tx("test.park") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, "deleted", START)
        assert await newsrooms.parked(connection, THERE) == {}


@pytest.mark.usefixtures("item_here")
async def test_a_name_that_another_newsroom_uses_is_free(database: Database) -> None:
    async with database.read() as connection:
        item = make_item(guild_id=THERE, name="autre")
        assert await watchlist.clash(connection, THERE, item, "autre") is None


@pytest.mark.usefixtures("item_here")
async def test_an_announcement_cannot_show_another_newsrooms_hit(database: Database) -> None:
    key = AnnouncementKey(guild_id=THERE, channel_id=CHANNEL_THERE, kind=AnnouncementKind.NOTICE, subject="x")
    async with database.tx("test.leak") as connection:
        owed = await announcements.owe(connection, key, now=START, thing_id=1)
        assert owed is not None
        with pytest.raises(Exception, match="FOREIGN KEY"):
            await announcements.link(connection, THERE, owed, 1)


@pytest.mark.usefixtures("item_here")
async def test_one_newsrooms_hold_says_nothing_of_anothers(database: Database) -> None:
    async with database.read() as connection:
        assert await hits.earlier(connection, THERE, 1) == {}
        assert Held.MUTED not in (await hits.earlier(connection, GUILD, 1)).values()


def test_a_place_tells_channels_of_two_newsrooms_apart() -> None:
    assert Place(GUILD, 1) != Place(THERE, 1)


async def _dossier(database: Database, guild_id: int) -> Dossier:
    async with database.tx("test.dossier") as connection:
        return await dossiers.add(connection, guild_id, "Caméras", "cameras", None, BY, START)


@pytest.fixture
async def dossier_here(database: Database) -> Dossier:
    """Open a dossier of ours that holds one thing of each kind, all with the id 1, beside a newsroom without any."""
    await add_newsroom(database)
    await add_newsroom(database, THERE, channel=CHANNEL_THERE, operations=None)
    ours = await _dossier(database, GUILD)
    for kind in ThingKind:
        thing = await add_thing(database, kind)
        assert thing == 1
        async with database.tx("test.put") as connection:
            await dossiers.put(connection, GUILD, ours.id, kind, thing, BY, START)
    return ours


async def test_another_newsroom_cannot_find_a_dossier(database: Database, dossier_here: Dossier) -> None:
    async with database.read() as connection:
        assert await dossiers.find(connection, THERE, dossier_here.id) is None


@pytest.mark.usefixtures("dossier_here")
async def test_another_newsroom_cannot_find_a_dossier_by_its_name(database: Database) -> None:
    async with database.read() as connection:
        assert await dossiers.named(connection, THERE, "cameras") is None


async def test_two_newsrooms_may_have_dossiers_of_one_name(database: Database, dossier_here: Dossier) -> None:
    theirs = await _dossier(database, THERE)
    async with database.read() as connection:
        assert await dossiers.named(connection, THERE, "cameras") == theirs
        assert await dossiers.named(connection, GUILD, "cameras") == dossier_here


@pytest.mark.usefixtures("dossier_here")
async def test_another_newsroom_does_not_list_a_dossier(database: Database) -> None:
    theirs = await _dossier(database, THERE)
    async with database.read() as connection:
        assert await dossiers.every(connection, THERE) == [theirs]


@pytest.mark.usefixtures("dossier_here")
async def test_another_newsroom_does_not_count_a_dossier(database: Database) -> None:
    async with database.read() as connection:
        assert await dossiers.count(connection, THERE) == 0


async def test_another_newsroom_cannot_close_a_dossier(database: Database, dossier_here: Dossier) -> None:
    async with database.tx("test.close") as connection:
        assert not await dossiers.close(connection, THERE, dossier_here.id, BY, START)
        assert await dossiers.find(connection, GUILD, dossier_here.id) == dossier_here


async def test_another_newsroom_cannot_reopen_a_dossier(database: Database, dossier_here: Dossier) -> None:
    async with database.tx("test.reopen") as connection:
        await dossiers.close(connection, GUILD, dossier_here.id, BY, START)
        assert not await dossiers.reopen(connection, THERE, dossier_here.id)
        closed = await dossiers.find(connection, GUILD, dossier_here.id)
    assert closed is not None
    assert closed.closed_at == START


@every_kind
async def test_another_newsroom_does_not_see_what_a_dossier_gathers(
    database: Database, dossier_here: Dossier, kind: ThingKind
) -> None:
    async with database.read() as connection:
        assert await dossiers.things(connection, THERE, dossier_here.id, kind) == []


@every_kind
@pytest.mark.usefixtures("dossier_here")
async def test_another_newsroom_does_not_see_which_dossiers_a_thing_is_in(database: Database, kind: ThingKind) -> None:
    async with database.read() as connection:
        assert await dossiers.of_thing(connection, THERE, kind, 1) == []


@every_kind
async def test_another_newsroom_cannot_take_a_thing_out_of_a_dossier(
    database: Database, dossier_here: Dossier, kind: ThingKind
) -> None:
    async with database.tx("test.take_out") as connection:
        await dossiers.take_out(connection, THERE, kind, 1)
        assert await dossiers.things(connection, GUILD, dossier_here.id, kind) == [1]


@every_kind
@pytest.mark.parametrize("guild_id", [GUILD, THERE])
async def test_another_newsrooms_thing_cannot_be_put_into_a_dossier(
    database: Database, dossier_here: Dossier, kind: ThingKind, guild_id: int
) -> None:
    theirs = await add_thing(database, kind, THERE)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        async with database.tx("test.put") as connection:
            await dossiers.put(connection, guild_id, dossier_here.id, kind, theirs, BY, START)


@every_kind
@pytest.mark.parametrize("guild_id", [GUILD, THERE])
@pytest.mark.usefixtures("dossier_here")
async def test_a_thing_cannot_be_put_into_another_newsrooms_dossier(
    database: Database, kind: ThingKind, guild_id: int
) -> None:
    theirs = await _dossier(database, THERE)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        async with database.tx("test.put") as connection:
            await dossiers.put(connection, guild_id, theirs.id, kind, 1, BY, START)
