from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

import bot.composing
import bot.delivery.outbox
from bot.cards import Card
from bot.delivery import STUMBLES, Backoff
from bot.models import AnnouncementState
from bot.storage.database import Database
from bot.storage.outbox import announcements
from tests.delivery_world import World, faults_of, make_world
from tests.empty_database import place_empty_database
from tests.factories import CHANNEL, GUILD, OPERATIONS, START, SettableClock
from tests.fake_discord import RETRY_AFTER_S, Ending, is_full

SECOND_CHANNEL = 2003
PENDING, SENDING, SENT, SET_ASIDE = (
    AnnouncementState.PENDING,
    AnnouncementState.SENDING,
    AnnouncementState.SENT,
    AnnouncementState.SET_ASIDE,
)


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(bot.delivery.outbox, "SEND_TIMEOUT_S", 0.02)
    clock = SettableClock()
    database = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), clock)
    yield await make_world(database, clock, more=[SECOND_CHANNEL])
    await database.close()


async def _in_doubt(world: World, ending: Ending) -> int:
    announcement = await world.owe()
    world.discord.plan("send", ending)
    await world.delivery.settle()
    return announcement


SENDS = [
    (Ending.OK, SENT, SENT),
    (Ending.REFUSED, SENT, SENT),
    (Ending.FORBIDDEN, PENDING, SENDING),
    (Ending.CHANNEL_GONE, PENDING, SENDING),
    (Ending.TOO_MANY, PENDING, SENDING),
    (Ending.DOUBT_BEFORE, SENDING, SENDING),
    (Ending.DOUBT_AFTER, SENDING, SENDING),
    (Ending.HANG_BEFORE, SENDING, SENDING),
    (Ending.HANG_AFTER, SENDING, SENDING),
    (Ending.BROKEN, SENDING, SENDING),
]
"""How a POST ends, and where that leaves a row never tried and one in doubt; a refused one goes out plain at once."""


@pytest.mark.parametrize(("ending", "expected", "_"), SENDS)
async def test_the_ending_of_a_first_post_decides_what_a_row_is(
    world: World, ending: Ending, expected: AnnouncementState, _: object
) -> None:
    await world.owe()
    world.discord.plan("send", ending)
    await world.delivery.settle()
    assert (await world.row()).state is expected


@pytest.mark.parametrize(("ending", "_", "expected"), SENDS)
async def test_a_row_in_doubt_stays_in_doubt_until_it_is_known_to_stand_there(
    world: World, ending: Ending, _: object, expected: AnnouncementState
) -> None:
    await _in_doubt(world, Ending.DOUBT_BEFORE)
    world.discord.plan("send", ending)
    await world.try_again()
    assert (await world.row()).state is expected


@pytest.mark.parametrize("first", [Ending.OK, Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER])
@pytest.mark.parametrize("then", [ending for ending, *_ in SENDS])
async def test_however_two_posts_end_the_message_stands_there_once(world: World, first: Ending, then: Ending) -> None:
    await world.owe()
    world.discord.plan("send", first, then)
    await world.settle()
    await world.delivery.retry_parked(GUILD)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (Ending.OK, SENT),
        (Ending.FORBIDDEN, SET_ASIDE),
        (Ending.CHANNEL_GONE, SENDING),
        (Ending.TOO_MANY, SENDING),
        (Ending.DOUBT_BEFORE, SENDING),
        (Ending.HANG_BEFORE, SENDING),
        (Ending.BROKEN, SENDING),
    ],
)
async def test_the_ending_of_a_look_into_the_history_decides_what_a_row_in_doubt_is(
    world: World, ending: Ending, expected: AnnouncementState
) -> None:
    await _in_doubt(world, Ending.DOUBT_AFTER)
    world.discord.plan("find", ending)
    await world.try_again()
    assert (await world.row()).state is expected


@pytest.mark.parametrize("landed", [Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER])
@pytest.mark.parametrize(
    "look",
    [
        Ending.OK,
        Ending.FORBIDDEN,
        Ending.CHANNEL_GONE,
        Ending.TOO_MANY,
        Ending.DOUBT_BEFORE,
        Ending.HANG_BEFORE,
        Ending.BROKEN,
    ],
)
async def test_however_a_look_ends_the_message_stands_there_once(world: World, landed: Ending, look: Ending) -> None:
    await _in_doubt(world, landed)
    world.discord.plan("find", look)
    await world.settle()
    await world.delivery.retry_parked(GUILD)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


@pytest.mark.parametrize(
    ("ending", "shown"),
    [
        (Ending.OK, 2),
        (Ending.REFUSED, 2),
        (Ending.MESSAGE_GONE, 2),
        (Ending.FORBIDDEN, 1),
        (Ending.CHANNEL_GONE, 1),
        (Ending.TOO_MANY, 1),
        (Ending.DOUBT_BEFORE, 1),
        (Ending.DOUBT_AFTER, 1),
        (Ending.HANG_BEFORE, 1),
        (Ending.HANG_AFTER, 1),
        (Ending.BROKEN, 1),
    ],
)
async def test_the_ending_of_an_edit_decides_whether_it_is_still_due(world: World, ending: Ending, shown: int) -> None:
    announcement = await world.owe()
    await world.settle()
    await world.revise(announcement)
    world.discord.plan("edit", ending)
    await world.delivery.settle()
    assert (await world.row()).shown_revision == shown


@pytest.mark.parametrize(
    "ending", [Ending.TOO_MANY, Ending.FORBIDDEN, Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER, Ending.HANG_AFTER]
)
async def test_an_edit_that_ended_badly_is_made_later(world: World, ending: Ending) -> None:
    announcement = await world.owe()
    await world.settle()
    await world.revise(announcement)
    world.discord.plan("edit", ending)
    await world.settle()
    await world.delivery.retry_parked(GUILD)
    await world.settle()
    assert "Nouvelles caméras" in world.discord.truth[0].cards[-1].title


@pytest.mark.parametrize("ending", [Ending.REFUSED, Ending.MESSAGE_GONE])
async def test_a_message_that_cannot_be_edited_keeps_on_record_what_it_shows(world: World, ending: Ending) -> None:
    announcement = await world.owe()
    await world.settle()
    before = (await world.row()).shown
    await world.revise(announcement)
    world.discord.plan("edit", ending)
    await world.settle()
    assert (await world.row()).shown == before


async def test_an_edit_that_goes_on_failing_leaves_the_message_and_the_others_alone(world: World) -> None:
    announcement = await world.owe()
    await world.settle()
    await world.revise(announcement)
    world.discord.plan("edit", *[Ending.BROKEN] * STUMBLES)
    await world.settle()
    assert ((await world.row()).state, len(world.discord.truth[0].cards)) == (SENT, 1)


async def test_a_plain_message_whose_edit_goes_on_failing_stays_sent(world: World) -> None:
    announcement = await world.owe()
    world.discord.plan("send", Ending.REFUSED)
    await world.settle()
    await world.revise(announcement)
    world.discord.plan("edit", *[Ending.BROKEN] * (2 * STUMBLES))
    await world.settle()
    assert (await world.row()).state is SENT


async def test_a_refused_card_goes_out_as_the_plain_one(world: World) -> None:
    await world.owe()
    world.discord.refuses = is_full
    await world.settle()
    assert [is_full(message.cards[0]) for message in world.discord.in_channel(CHANNEL)] == [False]


async def test_a_refused_card_is_told_to_the_operations_channel_once(world: World) -> None:
    await world.owe()
    world.discord.refuses = is_full
    await world.settle()
    assert await world.told() == ["card_refused"]


async def test_a_row_of_which_both_cards_are_refused_is_set_aside(world: World) -> None:
    await world.owe()
    world.discord.plan("send", Ending.REFUSED, Ending.REFUSED)
    await world.settle()
    assert ((await world.row()).state, await world.told()) == (SET_ASIDE, ["card_refused", "row_set_aside"])


async def test_a_row_set_aside_does_not_stop_those_behind_it(world: World) -> None:
    for number in (1, 2):
        await world.owe(number)
    world.discord.plan("send", Ending.REFUSED, Ending.REFUSED)
    await world.settle()
    assert (await world.row(2)).state is SENT


@pytest.mark.parametrize(("reason", "kind"), [("deleted", "channel_deleted"), ("forbidden", "channel_forbidden")])
async def test_a_channel_that_refuses_us_is_told_once_however_much_it_is_owed(
    world: World, reason: str, kind: str
) -> None:
    for number in range(1, 6):
        await world.owe(number)
    world.discord.unreachable[CHANNEL] = reason
    await world.settle()
    assert (await world.parked(), await world.told()) == ({CHANNEL: reason}, [kind])


async def test_a_parked_channel_is_not_asked_again(world: World) -> None:
    await world.owe()
    world.discord.unreachable[CHANNEL] = "forbidden"
    await world.settle()
    asked = len(world.discord.asked)
    world.clock.advance(timedelta(days=9))
    await world.delivery.settle()
    assert len(world.discord.asked) == asked


async def test_a_channel_that_lets_us_in_again_gets_all_that_it_is_owed_in_order(world: World) -> None:
    for number in range(1, 4):
        await world.owe(number)
    world.discord.unreachable[CHANNEL] = "forbidden"
    await world.settle()
    world.discord.unreachable.clear()
    await world.delivery.retry_parked(GUILD, CHANNEL)
    await world.settle()
    assert world.discord.codes(CHANNEL) == [row.code for row in await world.rows() if row.notice_id]


async def test_an_operations_channel_that_refuses_us_is_not_told_of_itself(world: World) -> None:
    await world.owe(channel=OPERATIONS)
    world.discord.unreachable[OPERATIONS] = "forbidden"
    await world.settle()
    assert await world.told() == []


async def test_a_channel_whose_history_is_forbidden_gets_what_follows_the_row_in_doubt(world: World) -> None:
    await _in_doubt(world, Ending.DOUBT_AFTER)
    await world.owe(2)
    world.discord.plan("find", Ending.FORBIDDEN)
    await world.settle()
    assert [row.state for row in await world.rows() if row.notice_id] == [SET_ASIDE, SENT]


async def test_rows_set_aside_together_are_each_looked_for_from_where_they_were_sent(world: World) -> None:
    """The second row's message is older than what the first one, sent again, makes known."""
    for number in (1, 2):
        await world.owe(number)
    world.discord.plan("send", Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER)
    world.discord.plan("find", Ending.FORBIDDEN, Ending.FORBIDDEN)
    await world.settle()
    await world.delivery.retry_parked(GUILD)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth, is_ordered=False) == []


async def test_a_row_that_moved_ahead_does_not_hide_a_message_in_doubt(world: World) -> None:
    await world.owe(1, SECOND_CHANNEL)
    world.discord.unreachable[SECOND_CHANNEL] = "deleted"
    await world.settle()
    await world.owe(2)
    world.discord.plan("send", Ending.DOUBT_AFTER)
    await world.delivery.settle()
    async with world.database.tx("test.move") as connection:
        await announcements.reroute(connection, GUILD, SECOND_CHANNEL, CHANNEL)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth, is_ordered=False) == []


async def test_a_second_doubt_that_forbids_the_history_is_told_again(world: World) -> None:
    await _in_doubt(world, Ending.DOUBT_BEFORE)
    world.discord.plan("find", Ending.FORBIDDEN)
    await world.settle()
    world.clock.advance(timedelta(days=1))
    await world.delivery.retry_parked(GUILD)
    world.discord.plan("find", Ending.FORBIDDEN)
    await world.settle()
    assert (await world.told()).count("row_set_aside") == 2


async def test_a_message_that_a_person_deleted_is_not_posted_again(tmp_path: Path) -> None:
    clock = SettableClock()
    database = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), clock)
    world = await make_world(database, clock, window=timedelta(minutes=2))
    await _in_doubt(world, Ending.DOUBT_AFTER)
    world.discord.delete_by_hand(world.discord.truth[0].id)
    await world.settle()
    row = await world.row()
    await database.close()
    assert (row.state, row.message_id, len(world.discord.truth)) == (SENT, None, 1)


async def test_a_message_that_a_person_deleted_is_not_edited(world: World) -> None:
    announcement = await world.owe()
    await world.settle()
    world.discord.delete_by_hand(world.discord.truth[0].id)
    await world.revise(announcement)
    await world.settle()
    assert len(world.discord.truth) == 1


async def test_what_was_sent_is_on_record(world: World) -> None:
    await world.owe()
    await world.settle()
    row = await world.row()
    assert row.shown is not None
    assert (row.message_id, row.shown["title"]) == (
        world.discord.truth[0].id,
        world.discord.truth[0].cards[0].title,
    )


async def test_the_pause_that_discord_asks_for_is_kept(world: World) -> None:
    await world.owe()
    world.discord.plan("send", Ending.TOO_MANY)
    await world.delivery.settle()
    assert (await world.row()).next_try_at >= START + timedelta(seconds=RETRY_AFTER_S)


async def test_a_row_waits_for_the_one_before_it_in_its_channel(world: World) -> None:
    for number in (1, 2):
        await world.owe(number)
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    assert (await world.row(2)).state is PENDING


async def test_a_channel_does_not_wait_for_another(world: World) -> None:
    await world.owe(1)
    await world.owe(2, SECOND_CHANNEL)
    world.discord.plan("send", Ending.DOUBT_BEFORE)
    await world.delivery.settle()
    assert (await world.row(2)).state is SENT


async def test_a_revision_that_comes_before_the_post_is_what_the_message_shows(world: World) -> None:
    announcement = await world.owe()
    await world.revise(announcement)
    await world.settle()
    assert ["Nouvelles caméras" in card.title for card in world.discord.truth[0].cards] == [True]


async def test_a_revision_that_comes_during_the_post_is_edited_in(world: World) -> None:
    announcement = await world.owe()
    gate = world.discord.gate[CHANNEL] = asyncio.Event()
    settling = asyncio.create_task(world.delivery.settle())
    while not world.discord.asked:
        await asyncio.sleep(0)
    await world.revise(announcement)
    gate.set()
    await settling
    assert ["Nouvelles caméras" in card.title for card in world.discord.truth[0].cards] == [False, True]


@pytest.fixture
def broken_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_card(*_: object) -> Card:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.composing.cards.announcement_card", break_card)


@pytest.mark.usefixtures("broken_cards")
async def test_a_notice_whose_card_cannot_be_made_goes_out_plain(world: World) -> None:
    await world.owe()
    await world.settle()
    assert [is_full(message.cards[0]) for message in world.discord.truth] == [False]


@pytest.mark.usefixtures("broken_cards")
async def test_a_card_that_cannot_be_made_does_not_stop_another_channel(world: World) -> None:
    await world.owe(1)
    await world.owe(2, SECOND_CHANNEL)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_a_row_that_cannot_be_made_at_all_is_set_aside_and_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_card(*_: object) -> Card:
        raise ZeroDivisionError

    await world.owe()
    with monkeypatch.context() as patch:
        for name in ("announcement_card", "fallback_card"):
            patch.setattr(f"bot.composing.cards.{name}", break_card)
        await world.settle()
    assert ((await world.row()).state, await world.told()) == (SET_ASIDE, ["row_set_aside"])


async def test_one_error_of_ours_does_not_make_a_card_plain(world: World) -> None:
    await world.owe()
    world.discord.plan("send", Ending.BROKEN)
    await world.settle()
    assert [is_full(message.cards[0]) for message in world.discord.truth] == [True]


async def test_a_long_outage_does_not_make_one_error_of_ours_the_end_of_a_row(world: World) -> None:
    await world.owe()
    world.discord.plan("send", *[Ending.DOUBT_BEFORE] * 50, Ending.BROKEN, Ending.BROKEN, Ending.BROKEN)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_an_outage_never_ends_the_trying(world: World) -> None:
    await world.owe()
    world.discord.plan("send", *[Ending.DOUBT_BEFORE] * 100)
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


def test_the_pause_after_a_failure_never_passes_the_longest() -> None:
    backoff = Backoff(timedelta(seconds=1), timedelta(minutes=5))
    assert all(backoff.after(tries) <= timedelta(minutes=5) for tries in range(10_000))


def test_the_pause_after_a_failure_grows() -> None:
    backoff = Backoff(timedelta(seconds=1), timedelta(minutes=5))
    assert backoff.after(1) <= timedelta(seconds=1) < backoff.after(3) < timedelta(minutes=2) < backoff.after(20)


async def _until(world: World, messages: int) -> None:
    while len(world.discord.truth) < messages:
        await asyncio.sleep(0.001)


async def test_a_running_delivery_sends_what_is_owed_when_it_is_woken(world: World) -> None:
    running = asyncio.create_task(world.delivery.run())
    await asyncio.sleep(0)
    await world.owe()
    world.delivery.wake()
    async with asyncio.timeout(10):
        await _until(world, 1)
        world.delivery.stop()
        await running
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_a_running_delivery_serves_other_channels_while_one_hangs(world: World) -> None:
    world.discord.gate[CHANNEL] = asyncio.Event()
    await world.owe(1)
    await world.owe(2, SECOND_CHANNEL)
    running = asyncio.create_task(world.delivery.run())
    async with asyncio.timeout(10):
        await _until(world, 1)
        world.delivery.stop()
        await running
    assert [message.place.channel_id for message in world.discord.truth] == [SECOND_CHANNEL]


async def test_nothing_is_tried_while_there_is_no_client(world: World) -> None:
    world.delivery.connect(None)
    await world.owe()
    await world.delivery.settle()
    assert world.discord.asked == []


async def test_a_new_client_takes_over_what_the_old_one_left(world: World) -> None:
    world.delivery.connect(None)
    await world.owe()
    running = asyncio.create_task(world.delivery.run())
    await asyncio.sleep(0)
    world.delivery.connect(world.discord)
    async with asyncio.timeout(10):
        await _until(world, 1)
        world.delivery.stop()
        await running
    assert (await world.row()).state is SENT


async def test_connecting_five_times_sends_once(world: World) -> None:
    await world.owe()
    running = asyncio.create_task(world.delivery.run())
    for _ in range(5):
        world.delivery.connect(world.discord)
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await _until(world, 1)
        world.delivery.stop()
        await running
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_a_stopped_delivery_settles_nothing_more(world: World) -> None:
    await world.owe()
    world.delivery.stop()
    async with asyncio.timeout(10):
        await world.delivery.settle()
    assert world.discord.asked == []


async def test_a_post_that_is_cancelled_is_looked_for_at_the_next_start(world: World) -> None:
    world.discord.plan("send", Ending.HANG_AFTER)
    await world.owe()
    settling = asyncio.create_task(world.delivery.settle())
    async with asyncio.timeout(10):
        await _until(world, 1)
    settling.cancel()
    await asyncio.wait([settling])
    await world.restart()
    await world.settle()
    assert faults_of(await world.rows(), world.discord.truth) == []


async def test_a_row_that_moves_while_its_card_is_made_is_sent_once_to_where_it_moved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    composing = bot.composing.compose
    await world.owe()

    async def move_meanwhile(*values: object) -> object:
        monkeypatch.setattr(bot.delivery.outbox, "compose", composing)
        async with world.database.tx("test.move") as connection:
            await announcements.reroute(connection, GUILD, CHANNEL, SECOND_CHANNEL)
        return await composing(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(bot.delivery.outbox, "compose", move_meanwhile)
    await world.settle()
    assert [message.place.channel_id for message in world.discord.truth] == [SECOND_CHANNEL]
