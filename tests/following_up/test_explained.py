"""What `/why` says of a reminder or an alarm that came, comes, or does not: a sentence of its own for each way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.following_up.explained import FollowUpFate, FollowUpTold, explained
from bot.locales import Language, Texts
from bot.models import AnnouncementKind, NoticeKind
from bot.reference import AnnouncementKey
from bot.storage.archive import notices
from bot.storage.outbox import announcements
from bot.storage.outbox import explained as stored
from cogs._why_fates import follow_up_lines
from tests.factories import CHANNEL, GUILD
from tests.following_up.world import DEADLINE, Desk

WAY = Callable[[Desk], Awaitable[None]]


async def told(desk: Desk, row: int = 1) -> list[FollowUpTold]:
    """Return what becomes of the reminder and the alarm of the first notice."""
    async with desk.database.read() as connection:
        notice = (await notices.latest(connection, [row]))[row]
        rows = [one.announcement for one in await stored.tellings(connection, GUILD, row)]
    return await explained(desk.database, GUILD, row, notice, rows, desk.clock.now())


async def words(desk: Desk, language: Language = Language.EN) -> str:
    return "\n".join(follow_up_lines(Texts(language, ZoneInfo("Europe/Paris")), await told(desk)))


async def waiting(desk: Desk) -> None:
    await desk.announce()


async def without_a_deadline(desk: Desk) -> None:
    await desk.announce(deadline=None)


async def awarded(desk: Desk) -> None:
    await desk.announce()
    await desk.publish(2, kind=NoticeKind.AWARD, deadline=None)


async def cancelled(desk: Desk) -> None:
    await desk.announce()
    await desk.publish(2, kind=NoticeKind.CANCELLATION, deadline=None)


async def muted(desk: Desk) -> None:
    await desk.announce()
    await desk.change_item(muted_until=(desk.clock.now() + timedelta(days=900)).isoformat())


async def switched_off(desk: Desk) -> None:
    await desk.announce()
    await desk.settings(deadline_days=None, award_days=None)


async def too_late(desk: Desk) -> None:
    desk.clock.moment = DEADLINE - timedelta(hours=20)
    await desk.announce()


async def missed(desk: Desk) -> None:
    await desk.announce()
    desk.clock.moment = DEADLINE + timedelta(days=1)


async def without_a_procedure(desk: Desk) -> None:
    await desk.announce(procedure=None)


async def ended_once(desk: Desk) -> None:
    """Hold a procedure of which one lot was awarded, and another one put off since."""
    await desk.announce(procedure="P")
    await desk.publish(2, "P", kind=NoticeKind.AWARD, deadline=None, published=date(2026, 11, 20))
    await desk.publish(3, "P", kind=NoticeKind.CHANGE, published=date(2026, 11, 21))


async def unread(desk: Desk) -> None:
    await desk.announce()
    desk.clock.moment = DEADLINE + timedelta(days=100)


async def its_turn(desk: Desk) -> None:
    await desk.announce()
    desk.clock.moment = DEADLINE + timedelta(days=100)
    await desk.poll()


WAYS: tuple[tuple[WAY, FollowUpFate, str, str], ...] = (
    (waiting, FollowUpFate.REMINDER_WAITS, "due on 7 December 2026 at 09:00", "prévu le 7 décembre 2026 à 09:00"),
    (waiting, FollowUpFate.ALARM_WAITS, "by then, an alarm on 10 March 2027", "alerte le 10 mars 2027"),
    (without_a_deadline, FollowUpFate.NO_DEADLINE, "the notice names no deadline", "ne donne pas de date limite"),
    (awarded, FollowUpFate.AWARDED, "the award is published", "l\u2019attribution est publiée"),
    (cancelled, FollowUpFate.CANCELLED, "the procedure is cancelled", "la procédure est annulée"),
    (muted, FollowUpFate.NOT_FOLLOWED, "in <#2001>: nothing follows this procedure there", "dans <#2001>"),
    (switched_off, FollowUpFate.REMINDER_OFF, "No reminder before the deadline: the newsroom wants", "`/réglages`"),
    (switched_off, FollowUpFate.ALARM_OFF, "No alarm of a missing award: the newsroom wants", "n\u2019en veut pas"),
    (too_late, FollowUpFate.REMINDER_TOO_LATE, "came too near to the deadline (10 December", "trop près de la date"),
    (missed, FollowUpFate.REMINDER_MISSED, "was over before Vigie came to it", "est passée avant que Vigie"),
    (without_a_procedure, FollowUpFate.ALARM_NO_PROCEDURE, "does not name its procedure", "ne nomme pas sa procédure"),
    (
        ended_once,
        FollowUpFate.ALARM_ENDED,
        "a cancellation of this procedure was published before",
        "a déjà été publiée",
    ),
    (unread, FollowUpFate.ALARM_UNREAD, "has not been read for two days", "n\u2019est plus lue depuis deux jours"),
    (its_turn, FollowUpFate.ALARM_SOON, "waits its turn: a channel gets five a day", "cinq par jour au plus"),
)


@pytest.mark.parametrize(("way", "fate", "english", "french"), WAYS, ids=[one[1] for one in WAYS])
async def test_each_way_has_its_own_sentence(
    desk: Desk, way: WAY, fate: FollowUpFate, english: str, french: str
) -> None:
    await way(desk)
    assert fate in [one.fate for one in await told(desk)]
    assert english in await words(desk)
    assert french in await words(desk, Language.FR)


def test_no_way_is_left_out() -> None:
    assert {fate for _, fate, _, _ in WAYS} == {*FollowUpFate}


async def test_what_came_explains_itself(desk: Desk) -> None:
    await desk.announce()
    await desk.after(21)
    assert [one.fate for one in await told(desk)] == [FollowUpFate.ALARM_WAITS]


async def test_what_is_said_comes_true(desk: Desk) -> None:
    await desk.announce()
    [reminder, alarm] = await told(desk)
    for moment in (reminder.when, alarm.when):
        assert moment is not None
        before = len(await desk.rows())
        await desk.at(moment - timedelta(minutes=1))  # type: ignore[arg-type,operator]  # both are moments
        assert len(await desk.rows()) == before
        await desk.at(moment)  # type: ignore[arg-type]
        assert len(await desk.rows()) == before + 1


async def test_nothing_is_said_of_a_notice_that_stands_nowhere_or_calls_for_no_offers(desk: Desk) -> None:
    await desk.publish(1)
    assert await told(desk) == []
    await desk.announce(2, kind=NoticeKind.ARTICLE)
    assert await told(desk, 2) == []


async def test_no_alarm_is_promised_that_never_comes(desk: Desk) -> None:
    await desk.settings(deadline_days=None)
    await ended_once(desk)
    assert FollowUpFate.ALARM_WAITS not in {one.fate for one in await told(desk)}
    await desk.after(24 + 91)
    assert await desk.rows() == []


async def test_the_moment_that_is_named_is_the_one_at_which_it_comes(desk: Desk) -> None:
    """The deadline came nearer: the reminder rests a day after that was told, not after the first message."""
    row = await desk.announce(procedure="P", deadline=DEADLINE + timedelta(days=30))
    desk.clock.moment = DEADLINE - timedelta(days=2, hours=1)
    await desk.revise(row, deadline=DEADLINE)
    key = AnnouncementKey(
        guild_id=GUILD, channel_id=CHANNEL, kind=AnnouncementKind.NOTICE, subject="gazette:26-1", revision=2
    )
    async with desk.database.tx("test.change") as connection:
        await announcements.owe(connection, key, now=desk.clock.now(), thing_id=row, follows=1)
    await desk.delivery.settle()
    desk.clock.advance(timedelta(hours=1))
    [reminder] = [one for one in await told(desk) if one.fate is FollowUpFate.REMINDER_WAITS]
    assert reminder.when == DEADLINE - timedelta(days=1, hours=1)
    await desk.at(reminder.when - timedelta(minutes=1))  # type: ignore[arg-type]  # it is a moment
    assert await desk.rows() == []
    await desk.at(reminder.when)  # type: ignore[arg-type]
    assert len(await desk.rows()) == 1


async def test_what_a_list_told_explains_itself(desk: Desk) -> None:
    await desk.settings(storm=1)
    for number in range(1, 5):
        await desk.announce(number, title=f"Marché {number}")
    await desk.after(21)
    assert [one.fate for one in await told(desk, 4)] == [FollowUpFate.ALARM_WAITS]


async def test_a_source_that_is_asked_and_does_not_answer_raises_no_alarm_and_says_so(desk: Desk) -> None:
    await without_an_answer(desk)
    assert FollowUpFate.ALARM_UNREAD in {one.fate for one in await told(desk)}


async def without_an_answer(desk: Desk) -> None:
    await desk.announce()
    desk.clock.moment = DEADLINE + timedelta(days=100)
    async with desk.database.tx("test.asked") as connection:
        now = desk.clock.now().isoformat()
        await connection.run("INSERT INTO source_state (source, attempted_at) VALUES ('gazette', ?)", now)
