"""The alarm of a missing award long after a deadline: once, where it is followed, and silenced by the award."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.models import NoticeKind
from bot.storage.watching import dismissals
from tests.factories import GUILD, START
from tests.following_up.world import DAY, DEADLINE, OTHER_CHANNEL, Desk

TITLE = "Acquisition de caméras-piétons"
MISSING = 24 + 90
"""The days after `START` on which the usual deadline is 90 days past."""


def closed(days: int, title: str = TITLE) -> str:
    return f"Closed {days} days ago, no award published: {title}"


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await desk.settings(deadline_days=None)
    return desk


async def test_a_missing_award_is_told_once_in_the_morning_ninety_days_after_the_deadline(desk: Desk) -> None:
    await desk.announce()
    await desk.at(START + timedelta(days=MISSING, minutes=-1))
    assert desk.told() == []
    await desk.after(MISSING)
    assert desk.told() == [closed(90)]
    desk.restart()
    for days in (MISSING + 1, MISSING + 40, MISSING + 800):
        await desk.after(days)
    assert len(desk.told()) == 1


async def test_a_clock_moved_on_makes_one_alarm_that_counts_the_days(desk: Desk) -> None:
    await desk.announce()
    await desk.after(MISSING + 2)
    assert desk.told() == [closed(92)]
    said = desk.read()
    for words in ("Ville de Lyon", "10 December 2026", "caméra-piéton", "Neither an award nor a cancellation"):
        assert words in said


@pytest.mark.parametrize("kind", [NoticeKind.AWARD, NoticeKind.CANCELLATION])
async def test_what_was_awarded_or_cancelled_raises_no_alarm(desk: Desk, kind: NoticeKind) -> None:
    await desk.announce()
    await desk.publish(2, kind=kind, deadline=None, published=date(2026, 12, 30))
    await desk.after(MISSING)
    assert desk.told() == []


async def test_an_award_that_comes_after_the_alarm_edits_its_card_in_silence(desk: Desk) -> None:
    await desk.announce()
    await desk.after(MISSING)
    await desk.publish(
        2, kind=NoticeKind.AWARD, deadline=None, published=date(2027, 3, 12), suppliers=("Valmarin SAS",)
    )
    sent = len(desk.discord.truth)
    await desk.after(MISSING + 3)
    assert desk.told() == [f"Outcome published: {TITLE}"]
    assert "Valmarin SAS" in desk.read()
    assert len(desk.discord.truth) == sent


async def test_an_alarm_that_waits_is_dropped_when_the_award_comes(desk: Desk) -> None:
    await desk.announce()
    desk.clock.moment = START + timedelta(days=MISSING)
    await desk.poll()
    await desk.chore.work()
    assert len(await desk.rows()) == 1
    await desk.publish(2, kind=NoticeKind.AWARD, deadline=None, published=date(2027, 3, 10))
    await desk.work()
    assert (desk.told(), await desk.rows()) == ([], [])


async def test_a_deadline_that_moved_puts_the_alarm_off(desk: Desk) -> None:
    row = await desk.announce()
    await desk.revise(row, deadline=DEADLINE + 10 * DAY)
    await desk.after(MISSING)
    assert desk.told() == []
    await desk.after(MISSING + 10)
    assert desk.told() == [closed(90)]


async def test_nothing_ties_an_award_to_a_notice_without_a_procedure(desk: Desk) -> None:
    await desk.announce(procedure=None)
    await desk.after(MISSING)
    assert desk.told() == []


async def test_a_notice_without_a_deadline_raises_nothing(desk: Desk) -> None:
    await desk.settings(deadline_days=3)
    await desk.announce(deadline=None)
    await desk.after(MISSING)
    assert desk.told() == []


async def test_two_sources_that_announced_one_procedure_raise_one_alarm_in_each_place(desk: Desk) -> None:
    await desk.announce(1, procedure="shared")
    await desk.announce(2, procedure="shared", source="journal", deadline=DEADLINE.date())
    await desk.announce(3, procedure="shared", channel=OTHER_CHANNEL)
    await desk.after(MISSING)
    assert (desk.told(), desk.told(OTHER_CHANNEL)) == ([closed(90)], [closed(90)])


async def test_a_twin_read_after_the_alarm_that_says_the_deadline_otherwise_raises_none_of_its_own(desk: Desk) -> None:
    await desk.announce()
    await desk.after(MISSING)
    await desk.publish(2, deadline=DEADLINE.date(), published=date(2027, 1, 2))
    await desk.after(MISSING + 2)
    assert len(desk.told()) == 1


async def test_a_notice_that_came_to_another_procedure_raises_no_second_alarm(desk: Desk) -> None:
    row = await desk.announce()
    await desk.after(MISSING)
    await desk.revise(row, procedure="4f0c2d9e-6f0a-4c1e-9d3b-5a1b2c3d4e5f")
    await desk.after(MISSING + 2)
    assert len(desk.told()) == 1


@pytest.mark.parametrize("how", ["removed", "muted", "dismissed"])
async def test_what_nobody_follows_any_more_raises_no_alarm(desk: Desk, how: str) -> None:
    row = await desk.announce()
    if how == "removed":
        await desk.change_item(removed_at=START.isoformat(), removed_by=7)
    elif how == "muted":
        await desk.change_item(muted_until=(START + 999 * DAY).isoformat())
    else:
        async with desk.database.tx("test.dismiss") as connection:
            await dismissals.add(connection, GUILD, desk.item.id or 0, row, None, "x", 7, START)
    await desk.after(MISSING)
    assert desk.told() == []


async def test_another_item_that_brought_it_there_still_follows_it(desk: Desk) -> None:
    other = await desk.another_item()
    await desk.announce()
    await desk.announce(2, other, procedure="gazette:26-1")
    await desk.change_item(removed_at=START.isoformat(), removed_by=7)
    await desk.after(MISSING)
    assert desk.told() == [closed(90)]
    assert "Valmarin" in desk.read()
    assert "caméra-piéton\n" not in desk.read()


async def test_many_missing_awards_come_five_a_day_the_oldest_deadline_first_and_none_is_lost(desk: Desk) -> None:
    await desk.settings(award_days=None)
    for number in range(1, 13):
        await desk.announce(number, title=f"Marché {number}", deadline=DEADLINE - number * DAY)
    await desk.after(200)
    assert desk.told() == []
    await desk.settings(award_days=30)
    await desk.after(200)
    assert desk.told() == [closed(176 + number, f"Marché {number}") for number in range(12, 7, -1)]
    await desk.after(200.5)
    assert len(desk.told()) == 5
    desk.restart()
    await desk.after(201)
    assert len(desk.told()) == 10
    await desk.after(202)
    assert {title.rpartition(" ")[2] for title in desk.told()} == {str(number) for number in range(1, 13)}


async def test_the_days_of_two_channels_are_counted_apart(desk: Desk) -> None:
    for number in range(1, 7):
        await desk.announce(number)
    await desk.announce(7, channel=OTHER_CHANNEL)
    await desk.after(MISSING)
    assert (len(desk.told()), len(desk.told(OTHER_CHANNEL))) == (5, 1)


async def test_nothing_is_missing_before_the_source_was_read_again(desk: Desk) -> None:
    await desk.announce()
    await desk.after(1)
    desk.clock.moment = START + timedelta(days=MISSING)
    await desk.work()
    assert desk.told() == []
    await desk.after(MISSING)
    assert desk.told() == [closed(90)]


@pytest.mark.parametrize("point", ["before commit", "after commit"])
async def test_a_kill_around_the_commit_leaves_one_alarm(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    await desk.announce()
    desk.clock.moment = START + timedelta(days=MISSING)
    await desk.poll()

    def kill(passed: str) -> None:
        if passed == f"following_up.owed: {point}":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("bot.storage.database.crash.point", kill)
        with pytest.raises(KeyboardInterrupt):
            await desk.chore.work()
    desk.restart()
    await desk.work()
    await desk.work()
    assert desk.told() == [closed(90)]


async def test_what_is_missing_since_today_comes_before_what_was_missed(desk: Desk) -> None:
    await desk.settings(award_days=None)
    for number in range(1, 9):
        await desk.announce(number, title=f"Ancien {number}", deadline=START - (100 + number) * DAY)
    await desk.announce(50)
    await desk.settings(award_days=90)
    await desk.after(MISSING)
    assert (closed(90) in desk.told(), len(desk.told())) == (True, 5)
    await desk.after(MISSING + 1)
    assert len(desk.told()) == 9


async def test_what_is_missing_since_long_is_found_wherever_it_was_announced_and_none_before_nine(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.following_up.chore.LOOKED_AT", 2)
    for number in range(1, 5):
        await desk.announce(number, title=f"Ancien {number}", deadline=START - (100 + number) * DAY)
    await desk.at(START + MISSING * DAY - timedelta(hours=2))
    assert desk.told() == []
    for _ in range(2):
        await desk.after(MISSING)
    assert len(desk.told()) == 4


async def test_what_is_missing_since_today_is_found_wherever_it_was_announced(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.chore, "_next", lambda _: range(0))
    await desk.announce()
    await desk.after(MISSING)
    assert desk.told() == [closed(90)]


async def test_nothing_is_missing_in_a_source_that_is_asked_and_does_not_answer(desk: Desk) -> None:
    await desk.announce()
    desk.clock.moment = START + timedelta(days=MISSING)
    async with desk.database.tx("test.failing") as connection:
        await connection.run(
            "INSERT OR REPLACE INTO source_state (source, attempted_at, succeeded_at) VALUES ('gazette', ?, ?)",
            desk.clock.now().isoformat(),
            (desk.clock.now() - 80 * DAY).isoformat(),
        )
    await desk.work()
    assert desk.told() == []
