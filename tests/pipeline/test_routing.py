"""Where hits are announced: in the channel of the item, else in those of its dossiers, else in the newsroom's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.models import Digest, Every, Held, InDigest, Priority, ThingKind, WatchItem
from bot.storage.digesting import digest_hits, digests
from bot.storage.log import dossiers
from bot.storage.outbox import announcements
from bot.storage.outbox.announcements import Place
from bot.storage.watching import routes, watchlist
from tests.factories import CHANNEL, GUILD, START, add_item, make_item, make_notice, place_of
from tests.pipeline.fates import fates, faults
from tests.pipeline.two_sources import gazette, journal, read_journal
from tests.pipeline.wire import FIRST, Wire

OWN = 2003
ONE, OTHER = 2101, 2102
EVERYWHERE = (CHANNEL, OWN, ONE, OTHER)
LATER = datetime(2026, 12, 20, 12, 0, tzinfo=UTC)
UNWATCHED = {"title": "Travaux de voirie", "text": "Réfection d'une chaussée."}


async def open_dossier(wire: Wire, name: str, channel: int | None, *items: WatchItem) -> int:
    """Open a dossier that gathers items, and return our id of it."""
    async with wire.database.tx("test.dossier") as connection:
        if channel is not None:
            await connection.run(
                "INSERT INTO channel (guild_id, channel_id, floor_id) VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
                GUILD,
                channel,
            )
        made = await dossiers.add(connection, GUILD, name, name.casefold(), channel, 7, START)
        for item in items:
            await dossiers.put(connection, GUILD, made.id, ThingKind.ITEM, item.id or 0, 7, START)
    return made.id


async def close(wire: Wire, dossier: int) -> None:
    async with wire.database.tx("test.close") as connection:
        await dossiers.close(connection, GUILD, dossier, 7, START)


async def take_out(wire: Wire, item: WatchItem) -> None:
    async with wire.database.tx("test.out") as connection:
        await connection.run("DELETE FROM dossier_item WHERE item_id = ?", item.id)


async def announced(wire: Wire) -> dict[int, list[str]]:
    """Return what each channel is owed or was sent, by channel, those alone that are."""
    found = {channel: await wire.about(place_of(channel)) for channel in EVERYWHERE}
    return {channel: about for channel, about in found.items() if about}


async def test_the_items_own_channel_comes_before_its_dossiers(wire: Wire) -> None:
    item = await add_item(wire.database, make_item("drone", channel_id=OWN))
    await open_dossier(wire, "Police", ONE, item)
    await wire.poll([make_notice(title="Achat de drones", text="")])
    assert await announced(wire) == {OWN: ["26-1 r1"]}


async def test_every_open_dossier_with_a_channel_is_told(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.poll([make_notice()])
    assert await announced(wire) == {ONE: ["26-1 r1"], OTHER: ["26-1 r1"]}
    (fate,) = await fates(wire.database)
    assert (fate.held, fate.messages, await faults(wire.database)) == (None, {ONE: 1, OTHER: 1}, [])


async def test_two_dossiers_with_one_channel_are_one_announcement(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", ONE, wire.item)
    await wire.poll([make_notice()])
    assert await announced(wire) == {ONE: ["26-1 r1"]}


async def test_a_dossier_without_a_channel_leaves_it_to_the_newsroom(wire: Wire) -> None:
    await open_dossier(wire, "Police", None, wire.item)
    await wire.poll([make_notice()])
    assert await announced(wire) == {CHANNEL: ["26-1 r1"]}


async def test_a_closed_dossier_decides_nothing_and_a_reopened_one_does_again(wire: Wire) -> None:
    dossier = await open_dossier(wire, "Police", ONE, wire.item)
    await close(wire, dossier)
    await wire.poll([make_notice()])
    async with wire.database.tx("test.reopen") as connection:
        await dossiers.reopen(connection, GUILD, dossier)
    await wire.poll([make_notice("26-2")])
    assert await announced(wire) == {CHANNEL: ["26-1 r1"], ONE: ["26-2 r1"]}


async def test_items_of_one_dossier_and_of_the_newsroom_are_one_message_in_each_channel(wire: Wire) -> None:
    drone = await add_item(wire.database, make_item("drone"))
    radar = await add_item(wire.database, make_item("radar"))
    await open_dossier(wire, "Police", ONE, drone, radar)
    await wire.poll([make_notice(text="Drones et radars.")])
    assert await announced(wire) == {CHANNEL: ["26-1 r1"], ONE: ["26-1 r1"]}


@pytest.mark.parametrize("is_sent", [True, False])
async def test_an_item_that_moved_announces_again_nothing_that_it_announced(wire: Wire, *, is_sent: bool) -> None:
    dossier = await open_dossier(wire, "Police", ONE, wire.item)
    await wire.poll([gazette()])
    if is_sent:
        await wire.send_all()
    await close(wire, dossier)
    await wire.poll([gazette(title="Achat de caméras-piétons")])
    await read_journal(wire, journal(0, procedure=None, **UNWATCHED))
    await read_journal(wire, journal())
    assert await announced(wire) == {ONE: ["26-1 r1"]}
    assert await faults(wire.database) == []


async def test_a_change_is_told_where_the_notice_was_though_its_item_moved(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.poll([make_notice()])
    await wire.send_all()
    await take_out(wire, wire.item)
    await wire.poll([make_notice(deadline=LATER)])
    assert await announced(wire) == {ONE: ["26-1 r1", "26-1 r2"], OTHER: ["26-1 r1", "26-1 r2"]}
    assert await faults(wire.database) == []


async def test_what_is_owed_stays_where_it_is_when_its_item_leaves_the_dossier(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await wire.poll([make_notice()])
    await take_out(wire, wire.item)
    await wire.poll([make_notice("26-2")])
    assert await announced(wire) == {CHANNEL: ["26-2 r1"], ONE: ["26-1 r1"]}


async def test_a_new_announcements_channel_takes_nothing_from_a_dossiers(wire: Wire) -> None:
    await open_dossier(wire, "Police", CHANNEL, wire.item)
    drone = await add_item(wire.database, make_item("drone"))
    await wire.poll([make_notice(), make_notice("26-2", title="Achat de drones", text="")])
    assert drone.channel_id is None
    async with wire.database.tx("test.move") as connection:
        await connection.run("UPDATE newsroom SET announcements_channel = ?", OWN)
        await announcements.reroute(connection, GUILD, CHANNEL, OWN)
    assert await announced(wire) == {CHANNEL: ["26-1 r1"], OWN: ["26-2 r1"]}


async def test_a_storm_in_one_channel_leaves_the_other_its_messages(wire: Wire) -> None:
    drone = await add_item(wire.database, make_item("drone"))
    await open_dossier(wire, "Police", ONE, wire.item, drone)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.brake(2)
    page = [make_notice(f"26-{number}") for number in (1, 2)]
    await wire.poll([*page, make_notice("26-3", title="Achat de drones", text="")])
    assert (await wire.kinds(place_of(ONE)), await wire.about(place_of(OTHER))) == (["storm"], ["26-1 r1", "26-2 r1"])
    assert [fate.held for fate in await fates(wire.database)] == [None, None, Held.STORM]
    assert await faults(wire.database) == []


async def test_a_storm_in_both_channels_holds_what_neither_tells(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.brake(1)
    await wire.poll([make_notice(f"26-{number}") for number in (1, 2)])
    assert [await wire.kinds(place_of(channel)) for channel in (ONE, OTHER)] == [["storm"], ["storm"]]
    assert [fate.held for fate in await fates(wire.database)] == [Held.STORM] * 2
    assert await faults(wire.database) == []


async def test_a_change_of_what_one_channel_had_in_a_storm_and_the_other_in_a_message_is_told_in_both(
    wire: Wire,
) -> None:
    drone = await add_item(wire.database, make_item("drone"))
    await open_dossier(wire, "Police", ONE, wire.item, drone)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.brake(1)
    await wire.poll([make_notice(), make_notice("26-2", title="Achat de drones", text="")])
    assert (await wire.kinds(place_of(ONE)), await wire.about(place_of(OTHER))) == (["storm"], ["26-1 r1"])
    await wire.send_all()
    await wire.poll([make_notice(deadline=LATER)])
    assert (await wire.kinds(place_of(ONE)), await wire.about(place_of(OTHER))) == (
        ["storm", "notice"], ["26-1 r1", "26-1 r2"],
    )  # fmt: skip
    await wire.poll([make_notice(deadline=LATER, title="Achat de caméras-piétons")])
    assert (await wire.kinds(place_of(ONE)), await faults(wire.database)) == (["storm", "notice"], [])


async def test_a_trifle_of_what_one_channel_had_in_a_storm_and_the_other_in_a_message_is_told_in_none(
    wire: Wire,
) -> None:
    drone = await add_item(wire.database, make_item("drone"))
    await open_dossier(wire, "Police", ONE, wire.item, drone)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.brake(1)
    await wire.poll([make_notice(), make_notice("26-2", title="Achat de drones", text="")])
    await wire.poll([make_notice(title="Achat de caméras-piétons")])
    assert (await wire.kinds(place_of(ONE)), await wire.about(place_of(OTHER))) == (["storm"], ["26-1 r1"])


async def test_a_change_that_was_undone_is_taken_back_in_both_channels(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(deadline=LATER)])
    await wire.poll([make_notice()])
    assert await announced(wire) == {ONE: ["26-1 r1"], OTHER: ["26-1 r1"]}
    assert await faults(wire.database) == []


async def test_a_change_that_one_channel_was_told_stays_told_there_when_it_is_taken_back_in_the_other(
    wire: Wire,
) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(deadline=LATER)])
    await wire.send_all(place_of(ONE))
    await wire.poll([make_notice()])
    assert await announced(wire) == {ONE: ["26-1 r1", "26-1 r2", "26-1 r3"], OTHER: ["26-1 r1"]}
    assert [fate.in_digest for fate in await fates(wire.database)] == [InDigest.DUE] * 3
    assert await faults(wire.database) == []


async def schedule(wire: Wire, channel: int) -> Digest:
    """Schedule a daily digest of a channel."""
    async with wire.database.tx("test.schedule") as connection:
        return await digests.add(connection, GUILD, channel, None, Every.DAILY, START.time(), 7, wire.clock.now())


async def tell(wire: Wire, digest: Digest) -> int:
    """Let a digest tell what it has to; return how many hits that are."""
    async with wire.database.tx("test.digest") as connection:
        found = await digest_hits.untold(connection, digest, 10_000)
        assert await digest_hits.mark_told(connection, digest, found)
        message = await connection.all(
            """
            INSERT INTO announcement (guild_id, channel_id, kind, subject, revision, digest_id, details, code, nonce,
                created_at, next_try_at, due_revision)
            SELECT ?1, ?2, 'digest', 'digest:' || count(*), 1, ?3, '{}', printf('%09d', count(*)),
                printf('%025d', count(*)), '2026-11-16', '2026-11-16', 1 FROM announcement RETURNING id
            """,
            digest.guild_id,
            digest.channel_id,
            digest.id,
        )
        await digest_hits.refer(connection, GUILD, message[0]["id"], found)
    return len(found)


async def in_digest(wire: Wire) -> list[InDigest]:
    return [fate.in_digest for fate in await fates(wire.database)]


async def test_the_digest_of_each_of_two_channels_tells_a_hit_once(wire: Wire) -> None:
    item = await add_item(wire.database, make_item("drone", priority=Priority.DIGEST))
    await open_dossier(wire, "Police", ONE, item)
    await open_dossier(wire, "Lyon", OTHER, item)
    one, other, newsrooms = [await schedule(wire, channel) for channel in (ONE, OTHER, CHANNEL)]
    await wire.poll([make_notice(title="Achat de drones", text="")])
    assert [await tell(wire, newsrooms), await tell(wire, one), await in_digest(wire)] == [0, 1, [InDigest.DUE]]
    assert [await tell(wire, one), await tell(wire, other), await in_digest(wire)] == [0, 1, [InDigest.TOLD]]
    assert [await tell(wire, one), await tell(wire, other)] == [0, 0]


async def test_a_hit_is_told_by_the_digest_of_the_one_channel_that_has_one(wire: Wire) -> None:
    item = await add_item(wire.database, make_item("drone", priority=Priority.DIGEST))
    await open_dossier(wire, "Police", ONE, item)
    await open_dossier(wire, "Lyon", OTHER, item)
    other = await schedule(wire, OTHER)
    await wire.poll([make_notice(title="Achat de drones", text="")])
    assert (await tell(wire, other), await in_digest(wire)) == (1, [InDigest.TOLD])


async def test_where_an_item_leads_is_read_once_for_a_batch_not_once_for_an_item(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[set[int]] = []
    reading = routes.of_dossiers

    async def counted(connection: object, items: set[int]) -> object:
        asked.append(set(items))
        return await reading(connection, items)  # type: ignore[arg-type]  # the pipeline's own connection

    monkeypatch.setattr(routes, "of_dossiers", counted)
    more = [await add_item(wire.database, make_item(f"caméra-piéton {name}")) for name in ("alpha", "bravo", "charlie")]
    await wire.poll([make_notice(text="caméra-piéton alpha, caméra-piéton bravo"), make_notice("26-2")])
    assert asked[-1] == {wire.item.id, more[0].id, more[1].id}
    assert len(asked) == 1


async def test_the_channels_of_an_item_are_those_of_its_newsroom(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    async with wire.database.read() as connection:
        assert await routes.of_item(connection, GUILD, wire.item.id or 0) == (ONE,)
        assert await routes.of_item(connection, 999, wire.item.id or 0) == ()


async def test_a_moved_items_new_notices_go_to_its_new_channel(wire: Wire) -> None:
    await wire.poll([make_notice()])
    async with wire.database.tx("test.edit") as connection:
        await connection.run("UPDATE watch_item SET channel_id = ? WHERE id = ?", OWN, wire.item.id)
        await connection.run("UPDATE installation SET watchlist_version = watchlist_version + 1")
        await connection.run(
            "UPDATE watch_item SET changed_in = (SELECT watchlist_version FROM installation) WHERE id = ?", wire.item.id
        )
        assert (await watchlist.find(connection, GUILD, wire.item.id or 0)) is not None
    wire.clock.advance(timedelta(days=1))
    await wire.poll([FIRST, make_notice("26-2")])
    assert await announced(wire) == {CHANNEL: ["26-1 r1"], OWN: ["26-2 r1"]}
    assert await wire.owed(Place(GUILD, ONE)) == []
