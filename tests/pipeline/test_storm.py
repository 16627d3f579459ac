"""The storm brake: too many new hits for one channel in one poll become one announcement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from bot.models import AnnouncementKind, Held, InDigest, ItemKind, Notice, NoticeKind, Priority
from bot.pipeline.intake import Intake, Prepared
from bot.storage.outbox import announcements, sending
from bot.storage.outbox.announcements import Place
from bot.storage.watching import follows
from tests.factories import (
    CHANNEL,
    GUILD,
    START,
    PagesSource,
    add_item,
    add_newsroom,
    days_ago,
    make_item,
    make_notice,
    place_of,
)
from tests.pipeline.fates import Fate, fates, faults, kept_back
from tests.pipeline.wire import Kill, Wire, kill_at

STORM = 3
SECOND_CHANNEL = 2003
THERE = Place(3001, 4001)
OTHER_TITLE = {"title": "Travaux de voirie", "text": "Réfection d'une chaussée."}
"""What nobody watches."""


@pytest.fixture
async def braked(wire: Wire) -> Wire:
    """Hold a pipeline past its silent first poll whose newsroom takes three new hits at once."""
    await wire.brake(STORM)
    return wire


def some(count: int, first: int = 1, **said: Any) -> list[Notice]:
    return [make_notice(f"26-{number}", **said) for number in range(first, first + count)]


async def linked(wire: Wire, announcement_id: int) -> int:
    async with wire.database.read() as connection:
        row = await connection.one("SELECT count(*) FROM announcement_hit WHERE announcement_id = ?", announcement_id)
    return row[0] if row else 0


async def stormed(wire: Wire) -> list[str]:
    """Return the notices whose hits are held in a storm, each with the revision."""
    return [f"{fate.notice} r{fate.revision}" for fate in await fates(wire.database) if fate.held is Held.STORM]


async def test_as_many_hits_as_the_newsroom_takes_are_announced_one_by_one(braked: Wire) -> None:
    report = await braked.poll(some(STORM))
    assert await braked.about() == ["26-1 r1", "26-2 r1", "26-3 r1"]
    assert (report.owed, await stormed(braked), await faults(braked.database)) == (STORM, [], [])


async def test_one_more_makes_all_of_them_one_announcement(braked: Wire) -> None:
    report = await braked.poll(some(STORM + 1))
    assert (await braked.kinds(), report.owed) == (["storm"], 1)
    assert await stormed(braked) == ["26-1 r1", "26-2 r1", "26-3 r1", "26-4 r1"]
    assert await faults(braked.database) == []


async def test_a_storm_names_its_source_and_its_poll(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    [storm] = await braked.owed()
    assert (storm.kind, storm.details, storm.polled) == (AnnouncementKind.STORM, {"source": "gazette"}, None)
    assert storm.subject == f"storm:gazette:{braked.clock.now().isoformat()}"


async def test_what_is_held_in_a_storm_waits_for_the_digest(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    assert {(fate.held, fate.in_digest) for fate in await fates(braked.database)} == {(Held.STORM, InDigest.DUE)}


@pytest.mark.parametrize(("count", "storm"), [(26, 25), (60, 20), (60, 55), (330, 20)])
async def test_a_storm_of_several_batches_is_one(wire: Wire, count: int, storm: int) -> None:
    await wire.brake(storm)
    report = await wire.poll(some(count))
    [owed] = await wire.owed()
    assert (owed.kind, await linked(wire, owed.id), report.owed) == (AnnouncementKind.STORM, count, 1)
    assert await faults(wire.database) == []


async def test_hits_of_several_batches_that_are_not_too_many_stay_messages(wire: Wire) -> None:
    await wire.brake(60)
    report = await wire.poll(some(60))
    assert (await wire.kinds(), report.owed) == (["notice"] * 60, 60)


@pytest.mark.parametrize(("notices", "kinds"), [(1, ["notice"]), (2, ["storm"])])
async def test_hits_are_counted_and_not_messages(braked: Wire, notices: int, kinds: list[str]) -> None:
    await add_item(braked.database, make_item("police municipale"))
    await braked.poll(some(notices))
    assert (await braked.kinds(), await faults(braked.database)) == (kinds, [])


async def test_what_is_held_for_another_reason_is_not_counted(braked: Wire) -> None:
    await add_item(braked.database, make_item("police municipale", priority=Priority.DIGEST))
    await add_item(braked.database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
    late = make_notice("26-9", published=days_ago(30))
    await braked.poll([*some(STORM, text="police municipale, signé J. Martinet"), late])
    assert await braked.kinds() == ["notice"] * STORM


async def test_a_silent_first_poll_makes_no_storm(fresh: Wire) -> None:
    await fresh.brake(STORM)
    await fresh.poll(some(STORM + 1))
    assert (await fresh.owed(), await fresh.held()) == ([], [Held.BASELINE] * (STORM + 1))


async def test_two_channels_are_judged_each_alone(braked: Wire) -> None:
    await add_item(braked.database, make_item("police municipale", channel_id=SECOND_CHANNEL))
    both = some(2)
    await braked.poll([*both, *some(2, first=3, title="Formation", text="Pour la police municipale.")])
    assert (await braked.kinds(), await braked.kinds(place_of(SECOND_CHANNEL))) == (["notice"] * 2, ["storm"])
    assert await faults(braked.database) == []


async def test_one_notice_may_be_in_the_storm_of_one_channel_and_a_message_of_another(braked: Wire) -> None:
    await add_item(braked.database, make_item("police municipale", channel_id=SECOND_CHANNEL))
    await braked.poll([make_notice("26-1"), *some(3, first=2, text="Rien d'autre.")])
    assert (await braked.kinds(), await braked.about(place_of(SECOND_CHANNEL))) == (["storm"], ["26-1 r1"])


async def test_each_newsroom_has_its_own_brake(braked: Wire) -> None:
    await add_newsroom(braked.database, THERE.guild_id, channel=THERE.channel_id, operations=None, storm=5)
    await add_item(braked.database, make_item(guild_id=THERE.guild_id))
    await braked.poll(some(5))
    assert (await braked.kinds(), await braked.kinds(THERE)) == (["storm"], ["notice"] * 5)
    await braked.poll(some(6, first=11))
    assert (await braked.kinds(), await braked.kinds(THERE)) == (["storm"] * 2, [*["notice"] * 5, "storm"])
    assert await faults(braked.database) == []


async def test_the_poll_after_a_storm_is_judged_anew(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    await braked.poll(some(STORM, first=11))
    assert await braked.kinds() == ["storm", *["notice"] * STORM]


async def test_two_storms_are_two_announcements(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    await braked.poll(some(STORM + 2, first=11))
    assert [(await linked(braked, row.id)) for row in await braked.owed()] == [STORM + 1, STORM + 2]


async def test_a_storm_of_changes_is_one_announcement_and_the_messages_are_edited_all_the_same(braked: Wire) -> None:
    for first in (1, 11):
        await braked.poll(some(STORM, first=first))
    await braked.send_all()
    changed = [*some(STORM, buyer="Métropole"), *some(STORM, first=11, buyer="Métropole")]
    report = await braked.poll(changed)
    assert (await braked.kinds(), report.owed) == ([*["notice"] * 6, "storm"], 1)
    assert [row.due_revision for row in await braked.owed()] == [2, 2, 2, 2, 2, 2, 1]
    assert (len(await stormed(braked)), await faults(braked.database)) == (6, [])


async def test_a_storm_of_trifles_tells_nothing(braked: Wire) -> None:
    for first in (1, 11):
        await braked.poll(some(STORM, first=first))
    await braked.send_all()
    report = await braked.poll([*some(STORM, title="Caméras-piétons"), *some(STORM, first=11, title="Caméras-piétons")])
    assert (report.tally.changed, report.owed, await braked.kinds()) == (6, 0, ["notice"] * 6)
    assert {fate.in_digest for fate in await fates(braked.database) if fate.revision == 2} == {InDigest.NONE}


async def test_a_notice_of_a_storm_that_changes_materially_is_announced(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    await braked.poll(some(1, buyer="Métropole"))
    assert await braked.about() == [f"{(await braked.owed())[0].subject} r1", "26-1 r2"]
    assert await faults(braked.database) == []


async def test_a_notice_of_a_storm_that_changes_in_a_trifle_stays_held(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    await braked.poll(some(1, title="Caméras-piétons"))
    again = (await fates(braked.database))[-1]
    assert again == Fate("26-1", 2, 1, Held.STORM, InDigest.NONE, messages={}, storms={})
    assert await braked.kinds() == ["storm"]


async def test_notices_of_a_storm_that_all_change_materially_are_a_storm_again(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    await braked.poll(some(STORM + 1, buyer="Métropole"))
    assert (await braked.kinds(), len(await stormed(braked))) == (["storm"] * 2, 2 * (STORM + 1))
    assert await faults(braked.database) == []


async def test_what_follows_a_procedure_that_was_only_in_a_storm_is_not_announced(braked: Wire) -> None:
    await braked.poll(some(STORM + 1))
    await braked.poll([make_notice("26-9", kind=NoticeKind.AWARD, procedure="gazette:26-1", **OTHER_TITLE)])
    assert await braked.kinds() == ["storm"]


@pytest.mark.parametrize("place", [0, 1, 4])
@pytest.mark.parametrize("batch", [1, 25])
async def test_what_follows_it_within_the_poll_is_not_announced_either(
    braked: Wire, monkeypatch: pytest.MonkeyPatch, place: int, batch: int
) -> None:
    monkeypatch.setattr("bot.pipeline.poll.BATCH", batch)
    found = some(STORM + 1)
    found.insert(place, make_notice("26-9", kind=NoticeKind.CHANGE, procedure="gazette:26-1", **OTHER_TITLE))
    report = await braked.poll(found)
    assert (await braked.kinds(), report.owed, await faults(braked.database)) == (["storm"], 1, [])


async def test_what_follows_a_procedure_announced_before_is_announced_beside_a_storm(braked: Wire) -> None:
    await braked.poll(some(1))
    award = make_notice("26-9", kind=NoticeKind.AWARD, procedure="gazette:26-1", **OTHER_TITLE)
    report = await braked.poll([*some(2, first=2), award, *some(2, first=4)])
    assert (await braked.kinds(), report.owed) == (["notice", "notice", "storm"], 2)
    assert (await braked.about())[1] == "26-9 r1"


async def test_what_has_no_hit_is_not_counted(braked: Wire) -> None:
    await braked.poll(some(1))
    followers = [
        make_notice(f"26-9{number}", kind=NoticeKind.CHANGE, procedure="gazette:26-1", **OTHER_TITLE)
        for number in range(5)
    ]
    await braked.poll([*followers, *some(STORM, first=2)])
    assert await braked.kinds() == ["notice"] * (1 + 5 + STORM)


async def test_a_child_that_turns_out_to_be_of_a_procedure_announced_before_is_announced_beside_a_storm(
    braked: Wire,
) -> None:
    await braked.poll([make_notice("26-1", procedure="0a1b-uuid")])
    child = make_notice("26-9", procedure="gazette:26-2", **OTHER_TITLE)
    await braked.poll([child, make_notice("26-2", procedure="0a1b-uuid"), *some(STORM, first=3)])
    first, then, storm = await braked.owed()
    assert (then.subject, then.follows, storm.kind) == ("gazette:26-9", first.id, AnnouncementKind.STORM)
    assert (await linked(braked, storm.id), await faults(braked.database)) == (STORM + 1, [])


@pytest.mark.parametrize("batch", [1, 2, 25])
async def test_a_notice_of_a_storm_is_not_announced_beside_it_when_its_procedure_goes_on(
    braked: Wire, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("bot.pipeline.poll.BATCH", batch)
    await braked.poll(some(1))
    change = {"kind": NoticeKind.CHANGE, "procedure": "gazette:26-1"}
    lot = make_notice("26-2", **change)
    award = make_notice("26-9", **{**change, **OTHER_TITLE})
    await braked.poll([lot, *some(STORM, first=3), award])
    subjects = [row.subject for row in await braked.owed() if row.kind is AnnouncementKind.NOTICE]
    assert (subjects, await faults(braked.database)) == (["gazette:26-1", "gazette:26-9"], [])


@pytest.mark.usefixtures("_whole_batches")
async def test_nothing_is_sent_before_the_poll_has_ended(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    preparing = Intake.prepare
    seen: list[tuple[int, int]] = []

    async def look(intake: Intake, entries: Sequence[Any]) -> Prepared:
        async with wire.database.read() as connection:
            waiting = len(await sending.waiting(connection, START))
            due = await sending.next_due(connection, place_of(), wire.clock.now())
        seen.append((await kept_back(wire.database), waiting + (due is not None)))
        return await preparing(intake, entries)

    monkeypatch.setattr(Intake, "prepare", look)
    await wire.poll(some(60))
    async with wire.database.read() as connection:
        due = await sending.next_due(connection, place_of(), wire.clock.now())
    assert seen == [(0, 0), (25, 0), (50, 0)]
    assert (await kept_back(wire.database), due is not None) == (0, True)


async def test_an_announcement_of_a_poll_under_way_cannot_be_begun(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        kill_at(patch, 2)
        with pytest.raises(Kill):
            await wire.poll(some(60))
    [owed, *_] = await wire.owed()
    async with wire.database.tx("test.begin") as connection:
        assert not await sending.begin(connection, place_of(), owed.id, wire.clock.now())


class Bulletin(PagesSource):
    """Be a second source."""

    name = "bulletin"


async def test_two_sources_are_judged_each_alone(braked: Wire) -> None:
    await braked.poll(source=Bulletin([make_notice("b-9", source="bulletin", **OTHER_TITLE)]))
    told = [make_notice(f"b-{number}", source="bulletin") for number in range(STORM)]
    await braked.poll(some(STORM))
    await braked.poll(source=Bulletin(told))
    assert await braked.kinds() == ["notice"] * 2 * STORM


async def test_the_end_of_one_sources_poll_leaves_anothers_alone(braked: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await braked.poll(source=Bulletin([make_notice("b-0", source="bulletin", **OTHER_TITLE)]))
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 1)
    with monkeypatch.context() as patch:
        kill_at(patch, 5)
        with pytest.raises(Kill):
            await braked.poll(source=Bulletin([make_notice(f"b-{n}", source="bulletin") for n in range(1, 4)]))
    await braked.poll(some(STORM))
    assert (await kept_back(braked.database), await braked.kinds()) == (2, ["notice"] * (2 + STORM))


@pytest.mark.usefixtures("_whole_batches")
async def test_a_new_setting_holds_from_the_next_batch_on(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    preparing = Intake.prepare

    async def lower(intake: Intake, entries: Sequence[Any]) -> Prepared:
        if await kept_back(wire.database) == 25:
            await wire.brake(30)
        return await preparing(intake, entries)

    monkeypatch.setattr(Intake, "prepare", lower)
    await wire.poll(some(50))
    assert (await wire.kinds(), await faults(wire.database)) == (["storm"], [])


@pytest.mark.usefixtures("_whole_batches")
async def test_hits_of_a_newsroom_whose_channel_moves_within_the_poll_are_judged_where_they_go(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.brake(30)
    preparing = Intake.prepare

    async def move(intake: Intake, entries: Sequence[Any]) -> Prepared:
        if await kept_back(wire.database) == 25:
            monkeypatch.setattr(Intake, "prepare", preparing)
            async with wire.database.tx("test.move") as connection:
                await connection.run("UPDATE newsroom SET announcements_channel = ?", SECOND_CHANNEL)
                await announcements.reroute(connection, GUILD, place_of().channel_id, SECOND_CHANNEL)
        return await preparing(intake, entries)

    monkeypatch.setattr(Intake, "prepare", move)
    await wire.poll(some(50))
    assert (await wire.kinds(), await wire.kinds(place_of(SECOND_CHANNEL))) == ([], ["storm"])
    assert await faults(wire.database) == []


async def test_a_storm_of_one_poll_leaves_what_somebody_follows_by_hand(wire: Wire) -> None:
    await wire.brake(2)
    await wire.poll([make_notice("26-1", procedure="P")])
    async with wire.database.tx("test.follow") as connection:
        (row,) = await connection.all("SELECT id FROM notice WHERE procedure = 'P'")
        await follows.add(connection, GUILD, row["id"], CHANNEL, 7, wire.clock.now())
    await wire.poll([make_notice(f"26-{number}", procedure="P" if number == 2 else None) for number in range(2, 6)])
    assert sorted(await wire.kinds()) == ["notice", "notice", "storm"]
    assert {"26-1 r1", "26-2 r1"} < {*await wire.about()}
    assert await faults(wire.database) == []
