"""What a channel that Discord no longer has was to be told goes where it leads now: once, and wherever that is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.delivery import Delivery
from bot.models import AnnouncementKind, NoticeKind
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.outbox import announcements, rerouting
from bot.storage.watching import follows
from tests.factories import CHANNEL, GUILD, make_notice, place_of
from tests.fake_discord import Ending, FakeDiscord
from tests.pipeline.fates import faults
from tests.pipeline.test_routing import ONE, OTHER, OWN, announced, close, open_dossier
from tests.pipeline.wire import Wire

LATER = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)
LATER_STILL = datetime(2026, 12, 27, 12, 0, tzinfo=UTC)


async def delete(wire: Wire, channel: int = CHANNEL) -> None:
    async with wire.database.tx("test.delete") as connection:
        await newsrooms.park(connection, GUILD, channel, "deleted", wire.clock.now())


async def lead(wire: Wire, channel: int) -> None:
    """Give the item a channel of its own."""
    async with wire.database.tx("test.lead") as connection:
        await connection.run("UPDATE watch_item SET channel_id = ? WHERE id = ?", channel, wire.item.id)
        await connection.run("UPDATE installation SET watchlist_version = watchlist_version + 1")
        await connection.run("UPDATE watch_item SET changed_in = (SELECT watchlist_version FROM installation)")


async def lead_on(wire: Wire) -> int:
    async with wire.database.tx("test.lead_on") as connection:
        return await rerouting.lead_on(connection, GUILD, wire.clock.now())


async def test_a_change_of_what_a_deleted_channel_was_told_is_told_where_its_item_leads_now(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    await delete(wire)
    await lead(wire, OWN)
    await wire.poll([make_notice(deadline=LATER)])
    assert await announced(wire) == {CHANNEL: ["26-1 r1"], OWN: ["26-1 r2"]}


async def test_a_second_change_is_told_there_once(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    await delete(wire)
    await lead(wire, OWN)
    await wire.poll([make_notice(deadline=LATER)])
    await wire.send_all()
    await wire.poll([make_notice(deadline=LATER_STILL)])
    assert await announced(wire) == {CHANNEL: ["26-1 r1"], OWN: ["26-1 r2", "26-1 r3"]}
    assert await faults(wire.database) == []


async def test_what_waited_for_a_dossiers_deleted_channel_is_announced_once_the_dossier_is_closed(wire: Wire) -> None:
    dossier = await open_dossier(wire, "Police", ONE, wire.item)
    await wire.poll([make_notice()])
    await delete(wire, ONE)
    assert (await lead_on(wire), await announced(wire)) == (0, {ONE: ["26-1 r1"]})
    await close(wire, dossier)
    assert (await lead_on(wire), await lead_on(wire)) == (1, 0)
    assert await announced(wire) == {CHANNEL: ["26-1 r1"]}
    assert await faults(wire.database) == []


async def test_what_waited_goes_to_each_of_the_dossiers_that_gather_its_item_now(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await delete(wire)
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await lead_on(wire)
    assert await announced(wire) == {ONE: ["26-1 r1"], OTHER: ["26-1 r1"]}
    assert await faults(wire.database) == []


async def test_a_channel_that_was_told_already_is_not_told_again(wire: Wire) -> None:
    dossier = await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.poll([make_notice()])
    await wire.send_all(place_of(OTHER))
    await delete(wire, ONE)
    await close(wire, dossier)
    await lead_on(wire)
    assert await announced(wire) == {OTHER: ["26-1 r1"]}
    assert await faults(wire.database) == []


async def test_a_storm_goes_where_its_items_lead(wire: Wire) -> None:
    await wire.brake(1)
    await wire.poll([make_notice("26-1"), make_notice("26-2")])
    await delete(wire)
    await lead(wire, OWN)
    await lead_on(wire)
    assert (await wire.kinds(), await wire.kinds(place_of(OWN))) == ([], ["storm"])


async def test_what_discord_may_have_stays_where_it_was_tried(wire: Wire) -> None:
    await wire.poll([make_notice()])
    async with wire.database.tx("test.tried") as connection:
        await connection.run(
            "UPDATE announcement SET state = 'sending', first_try_at = created_at, history_from = 1 WHERE notice_id > 0"
        )
    await delete(wire)
    await lead(wire, OWN)
    assert (await lead_on(wire), await announced(wire)) == (0, {CHANNEL: ["26-1 r1"]})


async def test_a_channel_that_forbids_us_keeps_what_waits_for_it(wire: Wire) -> None:
    await wire.poll([make_notice()])
    async with wire.database.tx("test.forbid") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, "forbidden", wire.clock.now())
    await lead(wire, OWN)
    assert await lead_on(wire) == 0


@pytest.mark.parametrize("is_gone", [True, False])
async def test_what_is_followed_by_hand_in_a_former_channel_leads_to_the_newsrooms(
    wire: Wire, *, is_gone: bool
) -> None:
    """The card stands in the former channel; what comes of the procedure is told in the new one."""
    await wire.remove(wire.item)
    await wire.poll([make_notice(procedure="P")])
    async with wire.database.tx("test.follow") as connection:
        row = (await connection.all("SELECT id FROM notice WHERE procedure = 'P'"))[0]["id"]
        await follows.add(connection, GUILD, row, CHANNEL, 7, wire.clock.now())
        key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.NOTICE, subject="gazette:26-1")
        await announcements.owe(connection, key, now=wire.clock.now(), thing_id=row)
    await wire.send_all()
    if is_gone:
        await delete(wire)
    async with wire.database.tx("test.move") as connection:
        await connection.run("UPDATE newsroom SET announcements_channel = ?", OWN)
    award = {"procedure": "P", "kind": NoticeKind.AWARD, "deadline": None}
    await wire.poll([make_notice("26-2", **award), make_notice(procedure="P", deadline=LATER)])
    assert sorted(await wire.about(place_of(OWN))) == ["26-1 r2", "26-2 r1"]
    await wire.send_all()
    await wire.poll([make_notice("26-3", **award), make_notice(procedure="P", deadline=LATER_STILL)])
    assert sorted((await wire.about(place_of(OWN)))[2:]) == ["26-1 r3", "26-3 r1"]
    assert await wire.about() == ["26-1 r1"]


async def test_what_finds_its_channel_deleted_goes_on_at_once(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await lead(wire, OWN)
    discord = FakeDiscord(wire.clock)
    discord.plan("send", Ending.CHANNEL_GONE)
    delivery = Delivery(wire.database, wire.clock)
    delivery.connect(discord)
    await delivery.settle()
    assert (len(discord.in_channel(CHANNEL)), len(discord.in_channel(OWN))) == (0, 1)
    assert await wire.told() == ["channel_deleted"]
    assert await faults(wire.database) == []
