from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.models import Held, ItemKind, NoticeKind, Priority
from bot.storage.archive import notices
from bot.storage.outbox.announcements import Place
from bot.storage.reading import source_pauses
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
from tests.pipeline.wire import FIRST, Wire

SECOND_CHANNEL = 2003
DAY = timedelta(days=1)
OTHER_TITLE = {"title": "Travaux de voirie", "text": "Réfection d'une chaussée."}
"""What nobody watches."""

MATERIAL = [
    ({"deadline": datetime(2026, 12, 20, 12, 0, tzinfo=UTC)}, "deadline"),
    ({"amount": Decimal(90_000), "currency": "EUR"}, "amount"),
    ({"buyer": "Métropole de Lyon"}, "buyer"),
    ({"suppliers": ("Corvoy",)}, "suppliers"),
    ({"kind": NoticeKind.CANCELLATION}, "kind"),
]
IMMATERIAL = [{"title": "Achat de caméras-piétons"}, {"text": "caméras-piétons, lot 2"}, {"cpv": ("35125300",)}]


async def test_a_new_source_announces_nothing_on_its_first_poll(fresh: Wire) -> None:
    await fresh.poll([make_notice()])
    assert (await fresh.owed(), await fresh.held()) == ([], [Held.BASELINE])


async def test_a_second_poll_announces_what_is_new(wire: Wire) -> None:
    await wire.poll([FIRST, make_notice()])
    assert await wire.about() == ["26-1 r1"]


async def test_a_notice_that_nobody_watches_is_stored_and_not_announced(wire: Wire) -> None:
    report = await wire.poll([make_notice(**OTHER_TITLE)])
    assert (report.tally.new, await wire.owed()) == (1, [])


async def test_a_notice_read_again_is_neither_an_error_nor_an_announcement(wire: Wire) -> None:
    await wire.poll([make_notice()])
    before = await wire.dump("source_state", "poll_log")
    report = await wire.poll([make_notice()])
    assert (report.tally.read, report.tally.new, await wire.dump("source_state", "poll_log")) == (1, 0, before)


async def test_a_notice_that_left_and_came_back_is_not_announced_again(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.poll([FIRST])
    wire.clock.advance(3 * DAY)
    await wire.poll([make_notice()])
    assert await wire.about() == ["26-1 r1"]


async def test_a_notice_on_two_pages_is_one(wire: Wire) -> None:
    report = await wire.poll([make_notice(), make_notice("26-2", **OTHER_TITLE)], [make_notice()])
    assert (report.tally.read, await wire.about()) == (2, ["26-1 r1"])


@pytest.mark.parametrize("said", IMMATERIAL)
async def test_a_revision_without_material_change_is_edited_in_and_not_announced(
    wire: Wire, said: dict[str, Any]
) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(**said)])
    assert [(row.revision, row.shown_revision, row.due_revision) for row in await wire.owed()] == [(1, 1, 2)]


@pytest.mark.parametrize(("said", "field"), MATERIAL)
async def test_a_material_change_is_announced_again(wire: Wire, said: dict[str, Any], field: str) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(**said)])
    first, again = await wire.owed()
    assert ([change["field"] for change in again.details["changes"]], again.follows) == ([field], first.id)


async def test_a_material_change_says_what_was_before_and_after(wire: Wire) -> None:
    await wire.poll([make_notice(buyer="Ville")])
    await wire.send_all()
    await wire.poll([make_notice(buyer="Métropole")])
    assert (await wire.owed())[1].details == {"changes": [{"field": "buyer", "before": "Ville", "after": "Métropole"}]}


async def test_a_material_change_is_announced_once(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    for _ in range(3):
        await wire.poll([make_notice(buyer="Métropole")])
    assert await wire.about() == ["26-1 r1", "26-1 r2"]


async def test_an_earlier_message_comes_to_show_a_material_change_too(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(buyer="Métropole")])
    assert (await wire.owed())[0].due_revision == 2


async def test_a_change_while_the_first_announcement_waits_gives_one_message_that_shows_it(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.poll([make_notice(buyer="Métropole")])
    assert [(row.revision, row.due_revision) for row in await wire.owed()] == [(1, 2)]


async def test_two_changes_while_the_first_of_them_waits_are_told_as_one(wire: Wire) -> None:
    await wire.poll([make_notice(buyer="Ville")])
    await wire.send_all()
    await wire.poll([make_notice(buyer="Métropole")])
    await wire.poll([make_notice(buyer="Région")])
    assert [row.details["changes"] for row in await wire.owed()] == [
        [],
        [{"field": "buyer", "before": "Ville", "after": "Région"}],
    ]


async def test_a_notice_of_the_silent_first_poll_stays_silent_when_nothing_material_changes(fresh: Wire) -> None:
    await fresh.poll([make_notice()])
    await fresh.poll([make_notice(title="Achat de caméras-piétons")])
    assert (await fresh.owed(), await fresh.held()) == ([], [Held.BASELINE, Held.BASELINE])


async def test_a_notice_of_the_silent_first_poll_is_announced_when_something_material_changes(fresh: Wire) -> None:
    await fresh.poll([make_notice()])
    await fresh.poll([make_notice(buyer="Métropole")])
    assert await fresh.about() == ["26-1 r2"]


async def test_a_revision_that_comes_to_match_is_announced(wire: Wire) -> None:
    await wire.poll([make_notice(**OTHER_TITLE)])
    await wire.poll([make_notice()])
    assert await wire.about() == ["26-1 r2"]


async def test_a_revision_that_another_item_comes_to_match_is_announced(wire: Wire) -> None:
    await add_item(wire.database, make_item("drone"))
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(title="Caméras-piétons et drones")])
    assert await wire.about() == ["26-1 r1", "26-1 r2"]


async def test_several_items_hit_by_one_notice_are_one_announcement(wire: Wire) -> None:
    await add_item(wire.database, make_item("police municipale"))
    await wire.poll([make_notice()])
    async with wire.database.read() as connection:
        shown = await connection.all("SELECT hit_id FROM announcement_hit")
    assert (await wire.about(), len(shown)) == (["26-1 r1"], 2)


async def test_an_item_with_a_channel_of_its_own_is_announced_there(wire: Wire) -> None:
    await wire.remove(wire.item)
    await add_item(wire.database, make_item("police municipale", channel_id=SECOND_CHANNEL))
    await wire.poll([make_notice()])
    assert (await wire.about(), await wire.about(place_of(SECOND_CHANNEL))) == ([], ["26-1 r1"])


async def test_items_of_two_channels_give_each_channel_its_own_announcement(wire: Wire) -> None:
    await add_item(wire.database, make_item("police municipale", channel_id=SECOND_CHANNEL))
    await wire.poll([make_notice()])
    async with wire.database.read() as connection:
        rows = await connection.all("SELECT announcement_id, hit_id FROM announcement_hit ORDER BY announcement_id")
    assert [(row["announcement_id"], row["hit_id"]) for row in rows] == [(1, 1), (2, 2)]


async def test_a_newsroom_without_a_channel_has_its_hits_held_for_the_digest(wire: Wire) -> None:
    await add_newsroom(wire.database, 3001, channel=None, operations=None)
    item = await add_item(wire.database, make_item(guild_id=3001))
    await wire.poll([make_notice()])
    assert await wire.held(item) == [Held.DIGEST]


async def test_two_newsrooms_are_each_told_of_their_own_items_only(wire: Wire) -> None:
    await add_newsroom(wire.database, 3001, channel=4001, operations=None)
    await add_item(wire.database, make_item("drone", guild_id=3001))
    await wire.poll([make_notice(), make_notice("26-2", title="Achat de drones", text="Drones.")])
    assert (await wire.about(), await wire.about(Place(3001, 4001))) == (["26-1 r1"], ["26-2 r1"])


@pytest.mark.parametrize(
    ("item", "notice", "held"),
    [
        ({"priority": Priority.DIGEST}, {}, Held.DIGEST),
        ({}, {"published": days_ago(8)}, Held.LATE),
        ({}, {"published": START - 8 * DAY}, Held.LATE),
        ({"muted": DAY}, {}, Held.MUTED),
        ({}, {"published": days_ago(7)}, None),
        ({}, {"published": None}, None),
        ({"muted": -DAY}, {}, None),
    ],
)
async def test_a_hit_is_held_for_a_reason(
    wire: Wire, item: dict[str, Any], notice: dict[str, Any], held: Held | None
) -> None:
    muted = item.pop("muted", None)
    watched = await add_item(wire.database, make_item("police municipale", **item))
    await wire.mute(watched, muted)
    await wire.poll([make_notice(**notice)])
    assert await wire.held(watched) == [held]


async def test_a_weak_hit_is_held(wire: Wire) -> None:
    official = await add_item(wire.database, make_item("Jeanne Martinet", kind=ItemKind.OFFICIAL))
    await wire.poll([make_notice(text="Signé : J. Martinet")])
    assert await wire.held(official) == [Held.WEAK]


@pytest.mark.parametrize(("usual", "held"), [(4, None), (2, Held.LATE), (None, None)])
async def test_how_late_is_too_late_is_the_sources_to_say(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, usual: int | None, held: Held | None
) -> None:
    monkeypatch.setattr(PagesSource, "usual_delay", timedelta(days=usual) if usual else None)
    await wire.poll([make_notice(published=days_ago(3))])
    assert await wire.held() == [held]


async def test_a_newsroom_that_holds_a_source_back_is_told_nothing_of_it_then_or_later(wire: Wire) -> None:
    await add_newsroom(wire.database, 3001, channel=4001, operations=None)
    await add_item(wire.database, make_item(guild_id=3001))
    await wire.poll([make_notice("26-8")])
    async with wire.database.tx("test.pause") as connection:
        await source_pauses.pause(connection, GUILD, "gazette", by=7, now=wire.clock.now())
    change = make_notice("26-9", kind=NoticeKind.CHANGE, procedure="gazette:26-8", **OTHER_TITLE)
    await wire.poll([make_notice(), change, make_notice("26-8", buyer="Métropole")])
    async with wire.database.tx("test.resume") as connection:
        await source_pauses.resume(connection, GUILD, "gazette")
    await wire.poll([make_notice(title="Achat de caméras-piétons")])
    assert (await wire.about(), await wire.held()) == (["26-8 r1"], [Held.PAUSED, Held.PAUSED, Held.PAUSED, None])
    assert await wire.about(Place(3001, 4001)) == ["26-8 r1", "26-1 r1", "26-9 r1"]


@pytest.mark.parametrize("kind", [NoticeKind.REGISTER_CHANGE, NoticeKind.COMPANY, NoticeKind.ARTICLE, None])
async def test_what_is_no_procurement_follows_no_procedure(wire: Wire, kind: NoticeKind | None) -> None:
    await wire.poll([make_notice()])
    await wire.poll([make_notice("26-2", kind=kind, procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.about() == ["26-1 r1"]


async def test_what_is_held_is_not_announced(wire: Wire) -> None:
    await wire.mute(wire.item, DAY)
    await wire.poll([make_notice()])
    assert await wire.owed() == []


async def test_a_notice_held_while_muted_is_not_announced_by_a_trifle_after_the_mute(wire: Wire) -> None:
    await wire.mute(wire.item, DAY)
    await wire.poll([make_notice()])
    await wire.mute(wire.item, None)
    await wire.poll([make_notice(title="Achat de caméras-piétons")])
    assert await wire.held() == [Held.MUTED, Held.MUTED]


@pytest.mark.parametrize("kind", [NoticeKind.CHANGE, NoticeKind.CANCELLATION, NoticeKind.AWARD])
async def test_what_follows_an_announced_procedure_is_announced_there_item_or_not(wire: Wire, kind: NoticeKind) -> None:
    await wire.poll([make_notice()])
    await wire.poll([make_notice("26-2", kind=kind, procedure="gazette:26-1", **OTHER_TITLE)])
    first, then = await wire.owed()
    assert (then.subject, then.follows) == ("gazette:26-2", first.id)


async def test_what_follows_a_procedure_that_was_not_announced_is_not_announced(wire: Wire) -> None:
    await wire.poll([make_notice(**OTHER_TITLE)])
    await wire.poll([make_notice("26-2", procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.owed() == []


async def test_what_follows_a_procedure_and_hits_an_item_is_one_announcement(wire: Wire) -> None:
    await wire.poll([make_notice()])
    await wire.poll([make_notice("26-2", procedure="gazette:26-1")])
    assert await wire.about() == ["26-1 r1", "26-2 r1"]


@pytest.mark.parametrize("change", ["mute", "remove"])
async def test_a_procedure_is_not_followed_when_all_its_items_are_muted_or_removed(wire: Wire, change: str) -> None:
    await wire.poll([make_notice()])
    if change == "mute":
        await wire.mute(wire.item, DAY)
    else:
        await wire.remove(wire.item)
    await wire.poll([make_notice("26-2", procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.about() == ["26-1 r1"]


async def test_a_procedure_is_followed_while_one_of_its_items_is_live(wire: Wire) -> None:
    await add_item(wire.database, make_item("police municipale"))
    await wire.poll([make_notice()])
    await wire.remove(wire.item)
    await wire.poll([make_notice("26-2", procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.about() == ["26-1 r1", "26-2 r1"]


async def test_a_procedure_is_followed_by_the_newsroom_that_announced_it_only(wire: Wire) -> None:
    await add_newsroom(wire.database, 3001, channel=4001, operations=None)
    await add_item(wire.database, make_item("drone", guild_id=3001))
    await wire.poll([make_notice()])
    await wire.poll([make_notice("26-2", procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.about(Place(3001, 4001)) == []


async def test_a_material_change_of_what_only_followed_a_procedure_is_announced_again(wire: Wire) -> None:
    award = {"procedure": "gazette:26-1", "kind": NoticeKind.AWARD, **OTHER_TITLE}
    await wire.poll([make_notice()])
    await wire.poll([make_notice("26-2", **award)])
    await wire.send_all()
    await wire.poll([make_notice("26-2", suppliers=("Corvoy",), **award)])
    assert await wire.about() == ["26-1 r1", "26-2 r1", "26-2 r2"]


async def test_a_notice_that_names_its_parent_by_the_sources_id_joins_the_parents_procedure(wire: Wire) -> None:
    await wire.poll([make_notice(procedure="0a1b-uuid")])
    await wire.poll([make_notice("26-2", procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.about() == ["26-1 r1", "26-2 r1"]


async def test_a_parent_and_its_child_in_one_poll_are_one_procedure(wire: Wire) -> None:
    await wire.poll([make_notice(procedure="0a1b-uuid"), make_notice("26-2", procedure="gazette:26-1", **OTHER_TITLE)])
    assert await wire.about() == ["26-1 r1", "26-2 r1"]


async def test_a_parent_that_comes_after_its_child_is_announced_where_the_child_was(wire: Wire) -> None:
    await wire.poll([make_notice("26-2", procedure="gazette:26-1")])
    await wire.poll([make_notice(procedure="0a1b-uuid", **OTHER_TITLE)])
    assert await wire.about() == ["26-2 r1", "26-1 r1"]


async def test_a_parent_whose_procedure_comes_with_a_revision_takes_its_children_along(wire: Wire) -> None:
    await wire.poll([make_notice("26-2", procedure="gazette:26-1")])
    await wire.poll([make_notice(**OTHER_TITLE)])
    await wire.poll([make_notice(procedure="0a1b-uuid", **OTHER_TITLE)])
    async with wire.database.read() as connection:
        assert await notices.procedure_of(connection, "gazette", "26-2") == "0a1b-uuid"


async def test_a_watchlist_that_changes_between_matching_and_storing_is_matched_again(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.pipeline.intake import Intake, Prepared  # noqa: PLC0415  # patched here

    preparing = Intake.prepare

    async def change_meanwhile(intake: Intake, entries: Any) -> Prepared:
        prepared = await preparing(intake, entries)
        monkeypatch.setattr(Intake, "prepare", preparing)
        await add_item(wire.database, make_item("police municipale"))
        return prepared

    monkeypatch.setattr(Intake, "prepare", change_meanwhile)
    await wire.poll([make_notice()])
    async with wire.database.read() as connection:
        items = await connection.all("SELECT item_id FROM hit ORDER BY item_id")
    assert [row["item_id"] for row in items] == [1, 2]


async def test_a_checksum_made_by_newer_rules_is_replaced_in_silence(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wire.poll([make_notice()])
    before = await wire.dump("source_state", "notice", "poll_log")
    monkeypatch.setattr(PagesSource, "revision_hash_version", 2)
    report = await wire.poll([make_notice()])
    assert (report.tally.changed, await wire.dump("source_state", "notice", "poll_log")) == (0, before)


async def test_a_change_after_the_newer_rules_is_a_revision_again(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    await wire.poll([make_notice()])
    monkeypatch.setattr(PagesSource, "revision_hash_version", 2)
    await wire.poll([make_notice()])
    report = await wire.poll([make_notice(buyer="Métropole")])
    assert report.tally.changed == 1


async def test_a_removed_item_is_hit_no_more(wire: Wire) -> None:
    await wire.remove(wire.item)
    await wire.poll([make_notice()])
    assert await wire.held() == []


async def test_the_day_of_a_late_arrival_is_the_publishers(wire: Wire) -> None:
    wire.clock.moment = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    await wire.poll([make_notice(published=date(2026, 11, 15))])
    assert await wire.held() == [Held.LATE]


async def test_an_announcement_is_owed_in_the_newsroom_and_channel_of_its_item(wire: Wire) -> None:
    await wire.poll([make_notice()])
    assert [(row.guild_id, row.channel_id) for row in await wire.owed()] == [(GUILD, CHANNEL)]
