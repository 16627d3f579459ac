"""A material change edits the card and answers it with what changed; any other is an edit alone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bot.cards import ERASE_TIP, Accent, AnnouncementContent, announcement_card, render
from bot.composing import compose
from bot.models import NOT_AWARDED, Announcement, NoticeKind
from bot.storage import newsrooms
from bot.storage.archive import notices, procedures
from bot.storage.outbox import sending
from tests.cards.faces import FRENCH, as_read
from tests.factories import CHANNEL, GUILD, START, add_item, add_notice, make_item, make_notice, place_of
from tests.pipeline.fates import faults
from tests.pipeline.test_routing import ONE, OTHER, open_dossier
from tests.pipeline.two_sources import LATER, gazette, journal, read_journal
from tests.pipeline.wire import FIRST, Wire

DEADLINE = datetime(2026, 12, 10, 12, 0, tzinfo=UTC)
MATERIAL = [
    ({"deadline": LATER}, "**Deadline:** 20 December 2026 at 13:00 (before: 10 December 2026)"),
    (
        {"deadline": datetime(2027, 1, 10, 16, 0, tzinfo=UTC)},
        "10 January 2027 at 17:00 (before: 10 December 2026 at 13:00)",
    ),
    ({"amount": Decimal(90_000)}, "**Amount:** €90,000 (before: €80,000)"),
    ({"buyer": "Métropole de Lyon"}, "**Buyer:** Métropole de Lyon (before: Ville de Lyon)"),
    ({"suppliers": ("Corvoy", "Optrelis")}, "**Suppliers:** Corvoy and Optrelis (before: Corvoy)"),
    ({"kind": NoticeKind.CANCELLATION}, "**Kind of notice:** Cancellation notice (before: Tender notice)"),
]
SILENT = [
    {"title": "Acquisition de caméras-piéton"},
    {"text": "Fournitures de caméras-piétons pour la police municipale."},
    {"url": "https://gazette.example/other"},
]
BEFORE: dict[str, Any] = {"amount": Decimal(80_000), "currency": "EUR", "suppliers": ("Corvoy",)}


async def words(wire: Wire, row: Announcement) -> str:
    """Return what a message says."""
    async with wire.database.read() as connection:
        return as_read(render((await compose(connection, row, wire.clock.now())).card))


@pytest.fixture
async def told(wire: Wire) -> Wire:
    """Hold a notice that was announced, and whose message was sent."""
    await wire.poll([make_notice(**BEFORE)])
    await wire.send_all()
    return wire


@pytest.mark.parametrize(("said", "line"), MATERIAL)
async def test_a_material_change_is_answered_once_with_what_it_was_and_is(
    told: Wire, said: dict[str, Any], line: str
) -> None:
    for _ in range(2):
        await told.poll([make_notice(**{**BEFORE, **said})])
    first, answer = await told.owed()
    assert (answer.follows, first.due_revision) == (first.id, 2)
    assert line in await words(told, answer)


async def test_the_answer_says_what_changed_and_for_whom_and_repeats_nothing_of_the_notice(told: Wire) -> None:
    await told.poll([make_notice(**{**BEFORE, "deadline": LATER})])
    _, answer = await told.owed()
    assert (await words(told, answer)).splitlines() == [
        "Updated: Acquisition de caméras-piétons",
        "**Deadline:** 20 December 2026 at 13:00 (before: 10 December 2026)",
        "Watch item: caméra-piéton",
        f"gazette · notice 26-1 · ref. {answer.code}",
    ]


async def test_the_answer_on_a_cancellation_says_so_first_and_in_the_colour_of_trouble(told: Wire) -> None:
    await told.poll([make_notice(**{**BEFORE, "kind": NoticeKind.CANCELLATION})])
    _, answer = await told.owed()
    async with told.database.read() as connection:
        card = (await compose(connection, answer, told.clock.now())).card
    assert (card.title, card.accent) == ("Cancelled: Acquisition de caméras-piétons", Accent.TROUBLE)
    assert ERASE_TIP not in {button.action for button in card.buttons}


async def test_the_answer_on_what_no_item_names_any_longer_says_that_it_was_announced_here(told: Wire) -> None:
    await told.poll([make_notice(**{**BEFORE, "title": "Marché", "text": "", "deadline": LATER})])
    first, answer = await told.owed()
    assert "this notice was announced here before" in await words(told, answer)
    assert "Marché" in await words(told, first)


@pytest.mark.parametrize("said", SILENT)
async def test_any_other_change_is_an_edit_and_no_message(told: Wire, said: dict[str, Any]) -> None:
    await told.poll([make_notice(**{**BEFORE, **said})])
    [only] = await told.owed()
    assert (only.shown_revision, only.due_revision) == (1, 2)


async def test_changes_while_the_channel_refuses_us_become_one_answer_and_the_card_is_edited_before_it(
    told: Wire,
) -> None:
    async with told.database.tx("test.park") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, "forbidden", told.clock.now())
    for deadline, amount in ((LATER, 80_000), (LATER, 85_000), (DEADLINE, 90_000)):
        await told.poll([make_notice(**{**BEFORE, "deadline": deadline, "amount": Decimal(amount)})])
    first, answer = await told.owed()
    said = await words(told, answer)
    assert ("€90,000 (before: €80,000)" in said, "Deadline" in said) == (True, False)
    async with told.database.tx("test.unpark") as connection:
        await newsrooms.unpark(connection, GUILD, CHANNEL)
        due = await sending.next_due(connection, place_of(), told.clock.now())
        assert due is not None
        assert due.id == first.id
        await sending.edited(connection, first.id, {}, 4)
        due = await sending.next_due(connection, place_of(), told.clock.now())
        assert due is not None
        assert due.id == answer.id


async def test_an_edit_that_has_to_wait_keeps_no_answer_back(told: Wire) -> None:
    await told.poll([make_notice(**{**BEFORE, "deadline": LATER})])
    first, answer = await told.owed()
    async with told.database.tx("test.wait") as connection:
        await sending.postpone(connection, first.id, told.clock.now().replace(hour=23), "refused")
        due = await sending.next_due(connection, place_of(), told.clock.now())
    assert due is not None
    assert due.id == answer.id


async def test_each_of_two_channels_is_answered_where_its_own_card_stands(wire: Wire) -> None:
    await open_dossier(wire, "Police", ONE, wire.item)
    await open_dossier(wire, "Lyon", OTHER, wire.item)
    await wire.poll([make_notice()])
    await wire.send_all()
    await wire.poll([make_notice(deadline=LATER)])
    for channel in (ONE, OTHER):
        first, answer = await wire.owed(place_of(channel))
        assert answer.follows == first.id


async def test_a_change_that_nobody_was_told_the_notice_of_is_a_whole_card(fresh: Wire) -> None:
    await fresh.poll([make_notice()])
    await fresh.poll([make_notice(deadline=LATER)])
    [only] = await fresh.owed()
    said = await words(fresh, only)
    assert ("**Buyer:** Ville de Lyon" in said, "(before: 10 December 2026)" in said) == (True, True)


async def test_a_new_item_on_a_notice_that_was_announced_gets_a_whole_card(told: Wire) -> None:
    await add_item(told.database, make_item("drone"))
    await told.poll([make_notice(**{**BEFORE, "text": "Caméras-piétons et drones."})])
    assert "**Buyer:** Ville de Lyon" in await words(told, (await told.owed())[-1])


async def test_a_corrigendum_says_what_the_notice_before_it_said(wire: Wire) -> None:
    await wire.poll([gazette(deadline=DEADLINE)])
    await wire.send_all()
    await wire.poll([FIRST, gazette(2, kind=NoticeKind.CHANGE, deadline=LATER)])
    first, corrigendum = await wire.owed()
    assert corrigendum.follows == first.id
    assert "20 December 2026 at 13:00 (before: 10 December 2026)" in await words(wire, corrigendum)
    await wire.poll([gazette(3, kind=NoticeKind.CHANGE, deadline=DEADLINE)])
    assert "10 December 2026 at 13:00 (before: 20 December 2026)" in await words(wire, (await wire.owed())[-1])


async def test_a_corrigendum_that_leaves_the_deadline_says_nothing_of_a_change(wire: Wire) -> None:
    await wire.poll([gazette(deadline=DEADLINE)])
    await wire.poll([gazette(2, kind=NoticeKind.CHANGE, deadline=DEADLINE)])
    said = await words(wire, (await wire.owed())[-1])
    assert ("(before:" in said, "**Deadline:** 10 December 2026" in said) == (False, True)


async def test_an_award_says_first_who_won_and_for_how_much(wire: Wire) -> None:
    await wire.poll([gazette()])
    await wire.poll([gazette(2, kind=NoticeKind.AWARD, deadline=None, **BEFORE)])
    lines = (await words(wire, (await wire.owed())[-1])).splitlines()
    labels = [line.partition(":**")[0].removeprefix("**") for line in lines if ":**" in line]
    assert labels[:3] == ["Winner", "Amount", "Buyer"]


async def test_an_award_without_a_winner_says_that_none_is_stated(wire: Wire) -> None:
    await wire.poll([gazette()])
    await wire.poll([gazette(2, kind=NoticeKind.AWARD, deadline=None)])
    assert "**Winner:** not stated" in await words(wire, (await wire.owed())[-1])


async def test_an_award_that_says_that_nobody_won_is_told_so(wire: Wire) -> None:
    await wire.poll([gazette()])
    async with wire.database.tx("test.award") as connection:
        award = gazette(2, kind=NoticeKind.AWARD, deadline=None, particulars=(NOT_AWARDED,))
        row = await add_notice(connection, award)
        found = AnnouncementContent(notice=await notices.get(connection, row, 1), code="A7K3-92QF", source_label="x")
    assert "**Titulaire :** marché non attribué" in as_read(render(announcement_card(FRENCH, found, START)))


async def test_a_corrigendum_is_not_compared_with_its_twin(both: Wire) -> None:
    await both.poll([gazette(deadline=DEADLINE)])
    await both.send_all()
    await read_journal(both, journal(2, kind=NoticeKind.CHANGE, deadline=LATER.date()))
    await both.send_all()
    await both.poll([gazette(2, kind=NoticeKind.CHANGE, deadline=LATER)])
    _, corrigendum = await both.owed()
    assert "20 December 2026 (before: 10 December 2026 at 13:00)" in await words(both, corrigendum)
    async with both.database.tx("test.own") as connection:
        row = await connection.one("SELECT id FROM notice WHERE source = 'gazette' AND source_id = '26-2'")
        assert row is not None
        assert await procedures.deadline_before(connection, row["id"]) == DEADLINE


async def test_what_continues_a_message_that_is_taken_back_goes_with_it(fresh: Wire) -> None:
    await fresh.poll([gazette(deadline=DEADLINE)])
    await fresh.poll([gazette(deadline=LATER)])
    report = await fresh.poll([gazette(2, kind=NoticeKind.AWARD, title="Avis", text="", deadline=None)])
    assert (report.owed, await fresh.about()) == (1, ["26-1 r2", "26-2 r1"])
    await fresh.poll([gazette(deadline=DEADLINE)])
    assert (await fresh.about(), await faults(fresh.database)) == ([], [])
