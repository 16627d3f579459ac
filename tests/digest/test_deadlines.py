from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.models import Digest, DigestDeadline, DigestNews, Held, NoticeKind, ThingKind, Tier, WatchItem
from bot.storage.watching import watchlist
from tests.digest.world import DOSSIER_CHANNEL, OTHER_CHANNEL, Desk, open_desk
from tests.factories import GUILD, START

THERE = 3001
TODAY = START.date()
SOON = TODAY + timedelta(days=3)
SAME: dict[str, Any] = {"procedure": "boamp:1"}


def deadlines_of(parts: list[DigestNews]) -> list[DigestDeadline]:
    return [deadline for part in parts for deadline in part.deadlines]


async def titles(desk: Desk, digest: Digest | None = None) -> list[str]:
    """Have a digest made, one of the usual channel where none is given, and return what its deadlines are of."""
    return [deadline.title for deadline in deadlines_of(await desk.make(digest or await desk.schedule()))]


async def with_deadline(desk: Desk, deadline: date | datetime, number: int = 1) -> WatchItem:
    item = await desk.item(f"objet {number}")
    await desk.hit(item, number, held=None, deadline=deadline)
    return item


@pytest.mark.parametrize(
    ("days", "is_named"), [(-1, False), (0, True), (1, True), (7, True), (8, False)], ids="{:+d}".format
)
async def test_a_deadline_without_a_time_is_named_from_seven_days_before_to_its_last_hour(
    desk: Desk, *, days: int, is_named: bool
) -> None:
    await with_deadline(desk, TODAY + timedelta(days=days))
    desk.clock.moment = datetime(2026, 11, 16, 22, 59, tzinfo=UTC)
    assert await titles(desk) == ["Avis 1"] * is_named


@pytest.mark.parametrize(
    ("deadline", "is_named"),
    [
        (START + timedelta(minutes=1), True),
        (START, False),
        (START - timedelta(minutes=1), False),
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 9, 59, tzinfo=timezone(timedelta(hours=14))), True),
        (datetime(2026, 11, 24, 13, 0, tzinfo=timezone(timedelta(hours=14))), False),
        (datetime(2026, 11, 15, 20, 1, tzinfo=timezone(timedelta(hours=-12))), True),
        (datetime(2026, 11, 23, 11, 0, tzinfo=timezone(timedelta(hours=-12))), False),
    ],
    ids=str,
)
async def test_a_deadline_with_a_time_is_named_till_then_and_from_the_seventh_day_before_in_the_newsrooms_zone(
    desk: Desk, *, deadline: datetime, is_named: bool
) -> None:
    await with_deadline(desk, deadline)
    assert await titles(desk) == ["Avis 1"] * is_named


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
async def test_the_seven_days_are_those_of_the_newsroom_at_the_ends_of_the_world(desk: Desk, zone: str) -> None:
    """At 10:30 UTC it is the 17th at Kiritimati already, and the 15th at Pago Pago."""
    desk.clock.moment = datetime(2026, 11, 16, 10, 30, tzinfo=UTC)
    await desk.settings(timezone=zone)
    today = date(2026, 11, 17 if zone == "Pacific/Kiritimati" else 15)
    for number, days in enumerate((-1, 0, 7, 8)):
        await with_deadline(desk, today + timedelta(days=days), number)
    assert await titles(desk) == ["Avis 1", "Avis 2"]


async def test_deadlines_come_in_order_those_without_a_time_last_of_their_day(desk: Desk) -> None:
    moments: list[date | datetime] = [
        SOON + timedelta(days=1),
        SOON,
        datetime(2026, 11, 19, 17, 0, tzinfo=timezone(timedelta(hours=1))),
        datetime(2026, 11, 19, 9, 0, tzinfo=UTC),
        TODAY,
    ]
    for number, deadline in enumerate(moments):
        await with_deadline(desk, deadline, number)
    assert await titles(desk) == ["Avis 4", "Avis 3", "Avis 2", "Avis 1", "Avis 0"]


async def test_a_deadline_is_named_by_each_digest_until_it_has_passed(desk: Desk) -> None:
    digest = await desk.schedule()
    await with_deadline(desk, SOON)
    assert [await titles(desk, digest), await titles(desk, digest)] == [["Avis 1"], ["Avis 1"]]
    desk.clock.advance(timedelta(days=4))
    assert await titles(desk, digest) == []


async def test_a_notice_names_all_items_that_it_hit(desk: Desk) -> None:
    first, second = await desk.item("deux"), await desk.item("cent")
    for item in (first, second):
        await desk.hit(item, 1, deadline=SOON)
    [told] = deadlines_of(await desk.make(await desk.schedule()))
    assert (told.items, told.item_ids) == (("cent", "deux"), (second.id, first.id))


async def test_the_newest_revision_says_the_deadline(desk: Desk) -> None:
    item = await with_deadline(desk, SOON)
    await desk.hit(item, 1, deadline=TODAY + timedelta(days=40))
    assert await titles(desk) == []


async def test_a_corrigendum_moves_the_deadline_of_its_procedure(desk: Desk) -> None:
    item = await desk.item()
    await desk.hit(item, 1, deadline=TODAY + timedelta(days=40), **SAME)
    await desk.notice(2, deadline=SOON, kind=NoticeKind.CHANGE, **SAME)
    assert await titles(desk) == ["Avis 2"]


async def test_a_deadline_that_a_corrigendum_put_off_is_not_named(desk: Desk) -> None:
    item = await desk.item()
    await desk.hit(item, 1, deadline=SOON, **SAME)
    await desk.notice(2, deadline=TODAY + timedelta(days=40), kind=NoticeKind.CHANGE, **SAME)
    assert await titles(desk) == []


@pytest.mark.parametrize("kind", [NoticeKind.AWARD, NoticeKind.CANCELLATION])
async def test_what_was_awarded_or_cancelled_has_no_deadline(desk: Desk, kind: NoticeKind) -> None:
    item = await desk.item()
    await desk.hit(item, 1, deadline=SOON, **SAME)
    await desk.notice(2, kind=kind, **SAME)
    assert await titles(desk) == []


@pytest.mark.parametrize("kind", [NoticeKind.AWARD, NoticeKind.CANCELLATION])
async def test_an_award_or_a_cancellation_names_no_deadline_of_its_own(desk: Desk, kind: NoticeKind) -> None:
    await desk.hit(await desk.item(), 1, deadline=SOON, kind=kind)
    assert await titles(desk) == []


async def test_a_corrigendum_that_says_nothing_of_the_deadline_leaves_it(desk: Desk) -> None:
    await desk.hit(await desk.item(), 1, deadline=SOON, **SAME)
    await desk.notice(2, kind=NoticeKind.CHANGE, **SAME)
    assert await titles(desk) == ["Avis 1"]


@pytest.mark.parametrize("later", [{"deadline": TODAY + timedelta(days=40)}, {"kind": NoticeKind.AWARD}])
async def test_the_newest_notice_of_a_procedure_is_the_one_published_last_not_the_one_read_last(
    desk: Desk, later: dict[str, object]
) -> None:
    await desk.notice(2, published=TODAY, **SAME, **later)
    await desk.hit(await desk.item(), 1, deadline=SOON, published=TODAY - timedelta(days=9), **SAME)
    assert await titles(desk) == []


async def test_a_lot_tendered_again_after_an_award_has_its_deadline(desk: Desk) -> None:
    item = await desk.item()
    await desk.hit(item, 2, deadline=SOON, published=TODAY, **SAME)
    await desk.notice(1, kind=NoticeKind.AWARD, published=datetime(2026, 11, 9, 8, tzinfo=UTC), **SAME)
    assert await titles(desk) == ["Avis 2"]


async def test_another_procedure_takes_nothing_away(desk: Desk) -> None:
    await desk.hit(await desk.item(), 1, deadline=SOON, **SAME)
    await desk.notice(2, kind=NoticeKind.CANCELLATION, procedure="boamp:2")
    await desk.notice(3, kind=NoticeKind.CANCELLATION, procedure=None)
    assert await titles(desk) == ["Avis 1"]


async def test_a_notice_without_a_procedure_has_its_deadline(desk: Desk) -> None:
    await desk.hit(await desk.item(), 1, deadline=SOON, procedure=None)
    await desk.notice(2, deadline=SOON, procedure=None)
    assert await titles(desk) == ["Avis 1"]


async def test_weak_hits_name_no_deadline(desk: Desk) -> None:
    await desk.hit(await desk.item(), 1, held=Held.WEAK, tier=Tier.WEAK, deadline=SOON)
    assert await titles(desk) == []


@pytest.mark.parametrize("held", [Held.BASELINE, Held.LATE, Held.STORM, Held.DIGEST])
async def test_a_deadline_is_named_though_its_hit_was_held(desk: Desk, held: Held) -> None:
    await desk.hit(await desk.item(), 1, held=held, deadline=SOON)
    assert await titles(desk) == ["Avis 1"]


async def test_deadlines_of_removed_items_are_not_named(desk: Desk) -> None:
    item = await with_deadline(desk, SOON)
    async with desk.database.tx("test.remove") as connection:
        await watchlist.remove(connection, GUILD, item.id or 0, 7, START)
    assert await titles(desk) == []


async def test_deadlines_of_muted_items_are_named_once_they_are_no_longer(desk: Desk) -> None:
    item, digest = await with_deadline(desk, SOON), await desk.schedule()
    async with desk.database.tx("test.mute") as connection:
        await watchlist.mute(connection, GUILD, item.id or 0, START + timedelta(days=1))
    assert await titles(desk, digest) == []
    desk.clock.advance(timedelta(days=1))
    assert await titles(desk, digest) == ["Avis 1"]


async def test_deadlines_are_named_where_their_items_are_announced(desk: Desk) -> None:
    await desk.hit(await desk.item("ici"), 1, deadline=SOON)
    await desk.hit(await desk.item("ailleurs", channel_id=OTHER_CHANNEL), 2, deadline=SOON)
    assert await titles(desk, await desk.schedule()) == ["Avis 1"]
    assert await titles(desk, await desk.schedule(OTHER_CHANNEL)) == ["Avis 2"]


async def test_a_dossiers_digest_names_the_deadlines_of_its_items(desk: Desk) -> None:
    item, dossier = await with_deadline(desk, SOON, 1), await desk.dossier()
    await with_deadline(desk, SOON, 2)
    await desk.put(dossier, ThingKind.ITEM, item.id)
    assert await titles(desk, await desk.schedule(DOSSIER_CHANNEL, dossier)) == ["Avis 1"]


async def test_two_newsrooms_never_see_each_others_deadlines(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        there = here.of(THERE)
        await here.hit(await here.item("à nous"), 1, deadline=SOON)
        await there.hit(await there.item("à eux"), 1)
        [ours] = deadlines_of(await here.make(await here.schedule()))
        [theirs] = deadlines_of(await there.make(await there.schedule()))
    assert (ours.items, theirs.items) == (("à nous",), ("à eux",))


async def test_a_message_sent_late_says_the_deadline_as_it_now_is(desk: Desk) -> None:
    item = await with_deadline(desk, SOON)
    await desk.make(await desk.schedule())
    await desk.notice(1, deadline=SOON + timedelta(days=2), title="Avis 1 rectifié")
    await desk.change(item, name="renommé")
    [[told]] = [part.deadlines for part in await desk.parts()]
    assert (told.title, told.deadline, told.items) == ("Avis 1 rectifié", SOON + timedelta(days=2), ("renommé",))
