from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.digest import digester, gathering
from bot.errors import UserError
from bot.models import Digest, InDigest, Slot, ThingKind
from bot.storage.database import Connection
from bot.storage.digesting import digest_news, digests
from tests.digest.world import DOSSIER_CHANNEL, OTHER_CHANNEL, Desk, hits_of, meanwhile, open_desk
from tests.factories import CHANNEL, GUILD

THERE = 3001
MORNING = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)


async def titles(desk: Desk) -> list[str]:
    """Return the titles of all hits that were told so far, in order."""
    return [hit.title for hit in hits_of(await desk.parts())]


async def state(desk: Desk) -> list[list[tuple[Any, ...]]]:
    """Return every row that the making of a digest may write."""
    tables = ("digest", "digest_slot", "announcement", "announcement_hit", "digest_fact", "digest_tip", "hit")
    async with desk.database.read() as connection:
        return [[tuple(row) for row in await connection.all(f"SELECT * FROM {table}")] for table in tables]  # noqa: S608  # names of ours


async def full(desk: Desk, hits: int = 60) -> Digest:
    """Schedule a digest that takes several messages, and let its slot come."""
    item, digest = await desk.item(), await desk.schedule()
    for number in range(hits):
        await desk.hit(item, number, title=f"Avis {number} " + "très long " * 10)
    await desk.fact()
    await desk.tip()
    desk.clock.moment = MORNING
    return digest


async def test_what_a_person_asks_for_once_is_owed_once(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.hit(await desk.item(), 1)
    made = [await desk.digester.make_now(GUILD, digest.id, 7, 7) for _ in range(2)]
    assert made[0] == made[1] == digester.Made(CHANNEL, 1)
    assert len(await desk.rows()) == 1


async def test_what_a_person_asks_for_again_is_another_message(desk: Desk) -> None:
    digest = await desk.schedule()
    for asked in (7, 77):
        await desk.digester.make_now(GUILD, digest.id, 7, asked)
    assert len(await desk.rows()) == 2


async def test_what_a_person_asks_for_leaves_the_slots_as_they_are(desk: Desk) -> None:
    digest = await desk.schedule()
    desk.clock.moment = MORNING
    await desk.make(digest)
    assert await desk.slots() == []
    assert await desk.digester.make_due() == 1


async def test_a_slot_is_made_once(desk: Desk) -> None:
    await full(desk, 1)
    assert [await desk.digester.make_due() for _ in range(2)] == [1, 0]
    assert (await desk.slots(), len(await desk.rows())) == ([("2026-11-17", 1)], 1)


async def test_a_removed_digest_is_not_made(desk: Desk) -> None:
    digest = await full(desk, 1)
    await desk.remove(digest)
    assert await desk.digester.make_due() == 0
    for act in (desk.digester.preview(GUILD, digest.id), desk.digester.make_now(GUILD, digest.id, 7, 7)):
        with pytest.raises(UserError, match="digest-unknown"):
            await act


async def test_a_digest_removed_while_it_is_being_made_is_not_made(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = await full(desk, 1)
    meanwhile(monkeypatch, lambda: desk.remove(digest))
    with pytest.raises(UserError, match="digest-unknown"):
        await desk.digester.make_now(GUILD, digest.id, 7, 7)
    assert await desk.rows() == []


async def test_the_digest_of_a_closed_dossier_rests(desk: Desk) -> None:
    dossier = await desk.dossier()
    digest = await desk.schedule(dossier=dossier)
    await desk.close(dossier)
    desk.clock.moment = MORNING
    assert await desk.digester.make_due() == 0
    for act in (desk.digester.preview(GUILD, digest.id), desk.digester.make_now(GUILD, digest.id, 7, 7)):
        with pytest.raises(UserError, match="dossier-closed"):
            await act


async def test_a_dossier_that_is_closed_takes_no_digest(desk: Desk) -> None:
    dossier = await desk.dossier()
    await desk.close(dossier)
    with pytest.raises(UserError, match="dossier-closed"):
        await desk.schedule(dossier=dossier)


async def test_several_digests_that_are_due_are_all_made(desk: Desk) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    for channel, about in ((CHANNEL, None), (OTHER_CHANNEL, None), (DOSSIER_CHANNEL, dossier)):
        await desk.schedule(channel, about)
    await desk.hit(item, 1)
    desk.clock.moment = MORNING
    assert await desk.digester.make_due() == 3
    assert [len(part.hits) for part in await desk.parts()] == [1, 0, 1]


async def test_two_digests_of_a_channel_that_are_due_at_once_are_one(desk: Desk) -> None:
    item = await desk.item()
    await desk.schedule(at=time(7))
    await desk.schedule(at=time(8, 30))
    await desk.hit(item, 1)
    desk.clock.moment = MORNING + timedelta(days=3)
    assert await desk.digester.make_due() == 2
    assert [len(part.hits) for part in await desk.parts()] == [1]


async def test_a_digest_that_is_due_after_the_other_of_its_channel_speaks_of_a_quiet_day(desk: Desk) -> None:
    await desk.schedule(at=time(7))
    await desk.schedule(at=time(8, 30))
    desk.clock.moment = MORNING.replace(hour=6, minute=0)
    assert await desk.digester.make_due() == 1
    desk.clock.moment = MORNING
    assert await desk.digester.make_due() == 1
    assert len(await desk.parts()) == 2


async def test_a_digest_that_cannot_be_made_holds_up_no_other_and_stays_due(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _ = await desk.schedule(CHANNEL), await desk.schedule(OTHER_CHANNEL)
    desk.clock.moment = MORNING
    plain = gathering.gather

    async def gather(connection: Connection, digest: Digest, *values: Any) -> Any:
        if digest.id == broken.id:
            raise ZeroDivisionError
        return await plain(connection, digest, *values)

    with monkeypatch.context() as patch:
        patch.setattr(digester, "gather", gather)
        assert await desk.digester.make_due() == 1
    assert [row.channel_id for row in await desk.rows()] == [OTHER_CHANNEL]
    assert await desk.digester.make_due() == 1
    assert [row.channel_id for row in await desk.rows()] == [OTHER_CHANNEL, CHANNEL]


async def test_a_newsroom_whose_zone_this_machine_does_not_know_holds_up_no_other(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        there = here.of(THERE)
        await there.schedule()
        await here.schedule()
        await there.settings(timezone="Europe/Atlantis")
        here.clock.moment = MORNING
        assert await here.digester.make_due() == 1
        assert (len(await here.rows()), await there.rows()) == (1, [])
        await there.settings(timezone="Europe/Paris")
        assert await here.digester.make_due() == 1
        assert len(await there.rows()) == 1


async def test_a_slot_that_was_made_before_the_zone_changed_is_not_the_next_one(desk: Desk) -> None:
    """In Auckland it is 08:30 of the 18th when Paris has that hour of the 18th before it still."""
    digest = await desk.schedule()
    await desk.settings(timezone="Pacific/Auckland")
    desk.clock.moment = datetime(2026, 11, 17, 19, 30, tzinfo=UTC)
    assert (await desk.digester.make_due(), await desk.slots()) == (1, [("2026-11-18", 1)])
    async with desk.database.read() as connection:
        slot = await digests.next_slot(connection, digest, ZoneInfo("Europe/Paris"), desk.clock.now())
    assert slot == Slot(date(2026, 11, 19), datetime(2026, 11, 19, 7, 30, tzinfo=UTC))


async def test_a_slot_that_was_not_made_is_the_next_one(desk: Desk) -> None:
    digest = await desk.schedule()
    async with desk.database.read() as connection:
        slot = await digests.next_slot(connection, digest, ZoneInfo("Europe/Paris"), desk.clock.now())
    assert slot == Slot(date(2026, 11, 17), MORNING)


async def tell(desk: Desk, hit: int) -> None:
    """Note that a hit was told, as another process would."""
    async with desk.database.tx("test.tell") as connection:
        await connection.run("UPDATE hit SET digest = ? WHERE guild_id = ? AND id = ?", InDigest.TOLD, GUILD, hit)


async def test_what_was_told_meanwhile_is_gathered_again_without_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, digest = await desk.item(), await desk.schedule()
    first = await desk.hit(item, 1)
    await desk.hit(item, 2)
    meanwhile(monkeypatch, lambda: tell(desk, first))
    assert await desk.lines(digest) == [("caméra", "Avis 2")]


async def test_an_item_that_moves_meanwhile_takes_its_hits_along(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stays, moves = await desk.item("reste"), await desk.item("part")
    here, there = await desk.schedule(), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(stays, 1)
    await desk.hit(moves, 2)
    meanwhile(monkeypatch, lambda: desk.change(moves, channel_id=OTHER_CHANNEL))
    assert await desk.lines(here) == [("reste", "Avis 1")]
    assert await desk.lines(there) == [("part", "Avis 2")]


async def test_a_hit_that_comes_meanwhile_is_in_the_next_digest(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    meanwhile(monkeypatch, lambda: desk.hit(item, 2, held=None))
    assert await desk.lines(digest) == [("caméra", "Avis 1")]
    assert await desk.lines(digest) == [("caméra", "Avis 2")]


async def test_what_another_digest_told_meanwhile_is_not_told_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes never are; two digesters stand for a digest of a dossier that overtakes the channel's own."""
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    whole, part = await desk.schedule(), await desk.schedule(CHANNEL, dossier)
    await desk.hit(item, 1)
    await desk.fact("Un", dossier)
    other = digester.Digester(desk.database, desk.clock, {}, lambda: None)
    meanwhile(monkeypatch, lambda: other.make_now(GUILD, whole.id, 7, 7))
    await desk.make(part)
    assert [(len(news.hits), len(news.facts)) for news in await desk.parts()] == [(1, 1), (0, 0)]


async def test_two_digesters_tell_each_hit_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = await desk.schedule()
    await desk.hit(await desk.item(), 1)
    await desk.fact()
    other = digester.Digester(desk.database, desk.clock, {}, lambda: None)
    meanwhile(monkeypatch, lambda: other.make_now(GUILD, digest.id, 7, 77))
    await desk.make(digest)
    assert [(len(news.hits), len(news.facts)) for news in await desk.parts()] == [(1, 1), (0, 0)]


async def test_what_never_stands_still_is_given_up_for_now_and_nothing_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    desk.clock.moment = MORNING

    async def move() -> None:
        async with desk.database.tx("test.restless") as connection:
            await connection.run(
                "UPDATE digest SET seen_notice = seen_notice + 1 WHERE guild_id = ? AND id = ?", GUILD, digest.id
            )

    with monkeypatch.context() as patch:
        meanwhile(patch, move, times=50)
        assert await desk.digester.make_due() == 0
    assert (await desk.rows(), await desk.slots()) == ([], [])
    assert await desk.digester.make_due() == 1
    assert await titles(desk) == ["Avis 1"]


BREAKS: list[tuple[object, str]] = [
    (digest_news, "refer"),
    (digests, "advance"),
    (digests, "settle"),
]


@pytest.mark.parametrize(("module", "name"), BREAKS, ids=[name for _, name in BREAKS])
async def test_a_digest_that_ends_in_the_middle_leaves_nothing_and_is_made_whole_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    await full(desk)
    before = await state(desk)
    with monkeypatch.context() as patch:
        patch.setattr(module, name, breaking_at(2 if name == "refer" else 1, getattr(module, name)))
        assert await desk.digester.make_due() == 0
    assert await state(desk) == before
    assert await desk.digester.make_due() == 1
    assert len(await desk.rows()) > 1
    assert sorted(await titles(desk)) == sorted(f"Avis {number} " + "très long " * 10 for number in range(60))


def breaking_at(call: int, plain: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Return a function that works until its call of that number, which breaks."""
    calls = iter(range(1, 1_000))

    async def act(*values: Any) -> Any:
        if next(calls) == call:
            raise ZeroDivisionError
        return await plain(*values)

    return act


async def test_a_digest_tells_since_when_its_channel_was_told_last_by_whichever(desk: Desk) -> None:
    digests_of_a_day = [await desk.schedule(at=time(8, 30)), await desk.schedule(at=time(18))]
    made = []
    for digest in [*digests_of_a_day, *digests_of_a_day]:
        made += [(part.since, part.made_at) for part in await desk.make(digest)]
        desk.clock.advance(timedelta(hours=1))
    assert [since for since, _ in made] == [None, *[at for _, at in made[:-1]]]


async def test_a_clock_that_was_ahead_dates_no_digest_from_tomorrow(desk: Desk) -> None:
    digest = await desk.schedule()
    desk.clock.advance(timedelta(days=2))
    await desk.make(digest)
    desk.clock.advance(timedelta(days=-2))
    [part] = await desk.make(digest)
    assert part.since == part.made_at
