"""Reminders before a deadline: when they come, that they come once, and what silences them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.cards import LOG_FACT, MUTE, TAKE, UNFOLLOW, CardKind, render
from bot.following_up import follow
from bot.models import NoticeKind
from bot.storage import newsrooms
from bot.storage.watching import dismissals, takes
from tests.factories import CHANNEL, GUILD, START
from tests.following_up.world import DAY, DEADLINE, OTHER_CHANNEL, Desk

LEFT_3 = "3 days left \u2013 Acquisition de caméras-piétons"
NEAR = 21
"""The days after `START` on which the usual deadline is 3 days away."""


async def test_a_deadline_is_recalled_once_in_the_morning_its_days_before(desk: Desk) -> None:
    await desk.announce()
    await desk.at(START + timedelta(days=NEAR, minutes=-1))
    assert desk.told() == []
    await desk.after(NEAR)
    assert desk.told() == [LEFT_3]
    desk.restart()
    for days in (22, 23, 24, 60):
        await desk.after(days)
    assert desk.told() == [LEFT_3]


async def test_a_reminder_follows_the_first_message_and_says_buyer_deadline_and_items(desk: Desk) -> None:
    await desk.announce()
    await desk.after(NEAR)
    said = desk.read()
    for words in ("Ville de Lyon", "10 December 2026 at 13:00", "caméra-piéton"):
        assert words in said
    (row,) = await desk.rows()
    assert row.follows == 1


@pytest.mark.parametrize(
    ("announced", "comes"),
    [(19.9, 21), (20.1, 21.1), (22.0, 23), (22.8, None), (23.5, None)],
)
async def test_what_was_announced_late_is_recalled_a_day_later_at_the_soonest_and_never_on_the_last_day(
    desk: Desk, announced: float, comes: float | None
) -> None:
    desk.clock.moment = START + timedelta(days=announced)
    await desk.announce()
    came = None
    for tenths in range(round(announced * 10), 245):
        await desk.at(START + timedelta(days=tenths / 10))
        if desk.told() and came is None:
            came = tenths / 10
    assert came == comes


async def test_what_was_due_while_the_bot_was_away_comes_even_on_the_last_day(desk: Desk) -> None:
    await desk.announce()
    await desk.at(DEADLINE - timedelta(hours=3))
    assert desk.told() == ["Last day \u2013 Acquisition de caméras-piétons"]


async def test_a_deadline_that_is_over_is_not_recalled(desk: Desk) -> None:
    await desk.announce()
    await desk.at(DEADLINE)
    assert desk.told() == []


async def test_a_date_without_a_time_lasts_its_whole_day(desk: Desk) -> None:
    await desk.announce(deadline=date(2026, 12, 10))
    await desk.at(datetime(2026, 12, 10, 22, 30, tzinfo=UTC))
    assert desk.told() == ["Last day \u2013 Acquisition de caméras-piétons"]
    desk.restart()
    await desk.settings(deadline_days=4)
    await desk.at(datetime(2026, 12, 10, 23, 1, tzinfo=UTC))
    assert len(desk.told()) == 1


async def test_days_are_counted_in_the_newsrooms_zone(desk: Desk) -> None:
    await desk.announce(deadline=datetime(2026, 12, 10, 23, 30, tzinfo=UTC))
    await desk.after(NEAR)
    assert desk.told() == []
    await desk.after(NEAR + 1)
    assert desk.told() == [LEFT_3]


async def test_a_deadline_that_moved_is_recalled_anew_and_the_old_reminder_says_so(desk: Desk) -> None:
    row = await desk.announce()
    await desk.after(NEAR)
    await desk.revise(row, deadline=DEADLINE + 10 * DAY)
    await desk.after(NEAR + 0.5)
    assert desk.told() == ["Deadline changed: Acquisition de caméras-piétons"]
    assert "20 December 2026" in desk.read()
    await desk.after(NEAR + 10)
    assert desk.told()[1:] == [LEFT_3]


async def test_a_reminder_that_waits_is_dropped_when_the_deadline_moves_or_the_award_comes(desk: Desk) -> None:
    row = await desk.announce()
    desk.clock.moment = START + timedelta(days=NEAR)
    await desk.chore.work()
    assert len(await desk.rows()) == 1
    await desk.revise(row, deadline=DEADLINE + 10 * DAY)
    await desk.work()
    assert (desk.told(), await desk.rows()) == ([], [])


async def test_the_deadline_of_the_newest_corrigendum_counts(desk: Desk) -> None:
    await desk.announce()
    await desk.publish(2, kind=NoticeKind.CHANGE, deadline=DEADLINE + 10 * DAY, published=date(2026, 11, 20))
    await desk.after(NEAR)
    assert desk.told() == []
    await desk.after(NEAR + 10)
    assert desk.told() == [LEFT_3]


@pytest.mark.parametrize("kind", [NoticeKind.AWARD, NoticeKind.CANCELLATION])
async def test_what_was_awarded_or_cancelled_has_no_deadline_any_more(desk: Desk, kind: NoticeKind) -> None:
    await desk.announce()
    await desk.publish(2, kind=kind, deadline=None, published=date(2026, 11, 30))
    await desk.after(NEAR)
    assert desk.told() == []


async def test_a_reminder_that_was_sent_says_that_the_procedure_was_cancelled(desk: Desk) -> None:
    await desk.announce()
    await desk.after(NEAR)
    await desk.publish(2, kind=NoticeKind.CANCELLATION, deadline=None, published=date(2026, 12, 8))
    await desk.after(NEAR + 1)
    assert desk.told() == ["Procedure cancelled: Acquisition de caméras-piétons"]


async def test_a_removed_item_silences_the_reminder_and_a_mute_until_it_ends(desk: Desk) -> None:
    await desk.announce()
    await desk.change_item(muted_until=(START + timedelta(days=22)).isoformat())
    await desk.after(NEAR)
    assert desk.told() == []
    await desk.after(NEAR + 1.5)
    assert len(desk.told()) == 1


async def test_an_item_that_was_removed_follows_nothing(desk: Desk) -> None:
    await desk.announce()
    await desk.change_item(removed_at=START.isoformat(), removed_by=7)
    await desk.after(NEAR)
    assert desk.told() == []


async def test_not_this_one_silences_the_reminder(desk: Desk) -> None:
    row = await desk.announce()
    async with desk.database.tx("test.dismiss") as connection:
        await dismissals.add(connection, GUILD, desk.item.id or 0, row, None, "x", 7, START)
    await desk.after(NEAR)
    assert desk.told() == []


async def test_a_newsroom_that_wants_none_gets_none(desk: Desk) -> None:
    await desk.settings(deadline_days=None)
    await desk.announce()
    await desk.after(NEAR)
    assert desk.told() == []


async def test_each_channel_that_was_told_is_reminded_once_though_two_notices_were_announced(desk: Desk) -> None:
    await desk.announce()
    await desk.announce(2, procedure="gazette:26-1")
    await desk.announce(3, procedure="gazette:26-1", channel=OTHER_CHANNEL)
    await desk.after(NEAR)
    assert (desk.told(), desk.told(OTHER_CHANNEL)) == ([LEFT_3], [LEFT_3])


async def test_what_was_never_sent_is_not_recalled(desk: Desk) -> None:
    desk.delivery.connect(None)
    await desk.announce()
    desk.clock.moment = START + timedelta(days=NEAR)
    await desk.chore.work()
    assert await desk.rows() == []


async def test_a_backlog_of_reminders_comes_a_few_a_day_the_nearest_first_and_all_in_time(desk: Desk) -> None:
    await desk.settings(deadline_days=1)
    for number in range(1, 13):
        await desk.announce(number, title=f"Marché {number}", deadline=DEADLINE + number * DAY)
    desk.clock.moment = START + timedelta(days=2)
    await desk.settings(deadline_days=60)
    await desk.work()
    assert desk.told() == [f"{24 + number - 2} days left \u2013 Marché {number}" for number in range(1, 6)]
    await desk.after(2.5)
    assert len(desk.told()) == 5
    await desk.after(3)
    assert len(desk.told()) == 10
    await desk.after(4)
    assert len(desk.told()) == 12


async def test_a_deadline_of_the_last_day_waits_for_no_other(desk: Desk) -> None:
    for number in range(1, 9):
        await desk.announce(number, deadline=DEADLINE)
    await desk.at(DEADLINE - timedelta(days=1))
    assert len(desk.told()) == 8


async def test_quiet_hours_hold_a_reminder_back(desk: Desk) -> None:
    await desk.announce()
    await desk.settings(quiet_from="08:00", quiet_until="10:00")
    await desk.after(NEAR)
    assert desk.told() == []
    await desk.at(START + timedelta(days=NEAR, hours=1))
    assert len(desk.told()) == 1


async def test_a_clock_that_was_ahead_and_came_back_reminds_once(desk: Desk) -> None:
    desk.clock.moment = START + 400 * DAY
    await desk.announce()
    await desk.at(START + timedelta(days=NEAR))
    assert desk.told() == [LEFT_3]
    await desk.at(START)
    await desk.at(START + timedelta(days=NEAR))
    assert (desk.told(), desk.told(CHANNEL)) == ([LEFT_3], [LEFT_3])


async def test_the_card_has_the_buttons_of_the_desk_and_those_of_a_follow_where_no_item_names_it(desk: Desk) -> None:
    await desk.announce()
    await follow(desk.database, GUILD, await desk.publish(2, procedure="gazette:26-2"), 7, START)
    await desk.work()
    await desk.after(NEAR)
    buttons = [
        [button.action for button in message.cards[-1].buttons]
        for message in desk.discord.in_channel(CHANNEL)
        if message.cards[0].kind is CardKind.FOLLOW_UP
    ]
    assert buttons == [[LOG_FACT, TAKE, MUTE], [LOG_FACT, TAKE, UNFOLLOW]]


async def test_a_card_that_discord_refuses_is_sent_as_a_short_one_with_the_deadline_and_the_link(desk: Desk) -> None:
    await desk.announce()
    desk.discord.refuses = lambda card: card.kind is CardKind.FOLLOW_UP
    await desk.after(NEAR)
    said = desk.read()
    assert said.startswith(LEFT_3)
    assert "10 December 2026" in said
    assert "gazette.example" in said


async def test_who_took_a_tender_is_named_on_its_reminder(desk: Desk) -> None:
    row = await desk.announce()
    async with desk.database.tx("test.take") as connection:
        await takes.add(connection, GUILD, row, desk.item.id, 7, START)
    await desk.after(NEAR)
    assert "<@7>" in desk.read()


async def test_texts_of_others_do_no_harm_on_a_reminder(desk: Desk) -> None:
    await desk.announce(title="@everyone **x** [y](https://evil.example)", buyer="<@1> `z`" + "é" * 5_000)
    await desk.after(NEAR)
    shown = desk.discord.in_channel(CHANNEL)[-1].cards[-1]
    rendered = render(shown)
    assert not rendered.is_cut
    assert "<@1>" not in (rendered.description or "")


async def lose(desk: Desk) -> None:
    async with desk.database.tx("test.lose") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, "deleted", desk.clock.now())


async def test_a_deleted_channel_is_reminded_nowhere_but_where_its_item_leads_now(desk: Desk) -> None:
    await desk.announce()
    await lose(desk)
    await desk.change_item(channel_id=OTHER_CHANNEL)
    await desk.after(NEAR)
    assert desk.told(OTHER_CHANNEL) == [LEFT_3]
    await desk.after(NEAR + 1)
    assert [row.channel_id for row in await desk.rows()] == [OTHER_CHANNEL]


async def test_a_reminder_waits_till_its_item_leads_anywhere(desk: Desk) -> None:
    await desk.announce()
    await lose(desk)
    await desk.after(NEAR)
    assert [row.channel_id for row in await desk.rows()] == [CHANNEL]
    await desk.change_item(channel_id=OTHER_CHANNEL)
    await desk.after(NEAR + 0.5)
    assert desk.told(OTHER_CHANNEL) == [LEFT_3]


async def test_one_procedure_of_a_deleted_channel_and_its_successor_is_one_reminder(desk: Desk) -> None:
    await desk.announce(procedure="P")
    await desk.announce(2, procedure="P", channel=OTHER_CHANNEL)
    await lose(desk)
    await desk.change_item(channel_id=OTHER_CHANNEL)
    await desk.after(NEAR)
    assert desk.told(OTHER_CHANNEL) == [LEFT_3]
    assert len(await desk.rows()) == 1


async def test_the_nearest_of_many_deadlines_have_a_card_each_and_the_others_one_list(desk: Desk) -> None:
    await desk.settings(storm=3)
    for number in range(1, 9):
        await desk.announce(number, title=f"Marché {number}", deadline=DEADLINE + timedelta(minutes=number))
    await desk.after(NEAR)
    assert desk.told() == [
        *(f"3 days left \u2013 Marché {number}" for number in (1, 2, 3)),
        "5 other deadlines come near",
    ]
    listed = desk.read()
    assert all(f"Marché {number}" in listed for number in range(4, 9))
    assert listed.count("10 December 2026 at 13:0") == listed.count("https://discord.com/channels/") == 5
    desk.restart()
    await desk.after(NEAR + 1)
    assert len(desk.told()) == 4


async def test_what_ended_before_the_list_was_sent_is_left_out_of_it(desk: Desk) -> None:
    for number in range(1, 5):
        await desk.announce(number, title=f"Marché {number}", procedure=f"P{number}")
    await desk.settings(storm=1, quiet_from="08:00", quiet_until="12:00")
    await desk.after(NEAR)
    await desk.publish(9, "P3", kind=NoticeKind.AWARD, deadline=None)
    await desk.after(NEAR + 0.3)
    assert desk.told()[-1] == "2 other deadlines come near"
    assert "Marché 3" not in desk.read()


async def test_a_deadline_that_was_listed_and_moves_has_a_reminder_again(desk: Desk) -> None:
    await desk.settings(storm=1)
    rows = [await desk.announce(number, title=f"Marché {number}") for number in range(1, 5)]
    await desk.after(NEAR)
    await desk.revise(rows[3], deadline=DEADLINE + 10 * DAY)
    await desk.after(NEAR + 10)
    assert desk.told()[2:] == ["3 days left \u2013 Marché 4"]


async def test_a_long_list_counts_what_it_does_not_show(desk: Desk) -> None:
    await desk.settings(storm=1)
    for number in range(1, 19):
        await desk.announce(number, title="é" * 300 + str(number))
    await desk.after(NEAR)
    assert desk.told()[-1] == "17 other deadlines come near"
    shown = render(desk.discord.in_channel(CHANNEL)[-1].cards[-1])
    assert not shown.is_cut
    assert "And 2 other deadlines" in (shown.description or "")


async def test_a_notice_that_does_not_say_when_it_was_published_is_of_the_day_on_which_it_was_read(desk: Desk) -> None:
    await desk.announce(1, procedure="P", published=START.date())
    await desk.publish(2, "P", published=None, deadline=DEADLINE + DAY)
    await desk.publish(3, "P", published=START.date() - 2 * DAY, deadline=DEADLINE + 2 * DAY)
    await desk.after(NEAR + 1)
    (row,) = await desk.rows()
    assert row.details["deadline"].startswith("2026-12-11")
