"""Digests of a channel that refuses us: not made, and what Discord certainly does not have is told elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.config import NewsroomSettings
from bot.errors import UserError
from bot.models import AnnouncementState, Digest, DigestNews, Held, ThingKind, WatchItem
from bot.setting_up import Changes, set_up
from bot.storage import newsrooms
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place
from tests.digest.world import DOSSIER_CHANNEL, OTHER_CHANNEL, Desk, hits_of
from tests.factories import CHANNEL, FLOOR, GUILD

MORNING = datetime(2026, 11, 17, 7, 30, tzinfo=UTC)


async def park(desk: Desk, channel: int = CHANNEL) -> None:
    async with desk.database.tx("test.park") as connection:
        assert await newsrooms.park(connection, GUILD, channel, "forbidden", desk.clock.now())


async def try_again(desk: Desk, channel: int = CHANNEL) -> None:
    async with desk.database.tx("test.unpark") as connection:
        assert await newsrooms.unpark(connection, GUILD, channel)


async def set_channel(desk: Desk, channel: int) -> None:
    """Give the newsroom another announcements channel."""
    await set_up(
        desk.database,
        GUILD,
        Changes(announcements_channel=channel),
        NewsroomSettings(),
        FLOOR,
        by=7,
        now=desk.clock.now(),
    )


async def titles(desk: Desk, digest: Digest) -> list[str]:
    """Have a digest made, and return the titles of the hits that it tells."""
    return [hit.title for hit in hits_of(await desk.make(digest))]


def claims(parts: list[DigestNews]) -> list[str]:
    return [fact.claim for part in parts for fact in part.facts]


async def try_to_send(desk: Desk, part: int) -> int:
    """Note that Discord may have a part of the last digest, by its place; return its announcement's id."""
    row = (await desk.rows())[part]
    async with desk.database.tx("test.doubt") as connection:
        assert await sending.begin(connection, Place(GUILD, row.channel_id), row.id, desk.clock.now())
    return row.id


async def post(desk: Desk, part: int) -> None:
    """Note that a part of the last digest was sent."""
    announcement_id = await try_to_send(desk, part)
    async with desk.database.tx("test.post") as connection:
        await sending.sent(
            connection, announcement_id, message_id=900 + part, shown={}, revision=1, now=desk.clock.now()
        )


async def of_two_messages(desk: Desk) -> tuple[Digest, list[list[str]]]:
    """Have a digest made that takes two messages; return it with the titles of each."""
    item, digest = await desk.item(), await desk.schedule()
    for number in range(60):
        await desk.hit(item, number, title=f"Avis {number} " + "très long " * 4)
    parts = await desk.make(digest)
    assert len(parts) > 1
    return digest, [[hit.title for hit in part.hits] for part in parts]


async def test_a_digest_of_a_channel_that_refuses_us_is_not_made_and_stays_due(desk: Desk) -> None:
    await desk.schedule()
    await park(desk)
    desk.clock.moment = MORNING
    assert (await desk.digester.make_due(), await desk.rows(), await desk.slots()) == (0, [], [])
    await try_again(desk)
    assert (await desk.digester.make_due(), await desk.slots()) == (1, [("2026-11-17", 1)])


async def test_those_of_the_other_channels_are_made(desk: Desk) -> None:
    await desk.schedule()
    await desk.schedule(OTHER_CHANNEL)
    await park(desk)
    desk.clock.moment = MORNING
    assert await desk.digester.make_due() == 1
    assert [row.channel_id for row in await desk.rows()] == [OTHER_CHANNEL]


async def test_one_digest_tells_all_of_the_days_on_which_its_channel_refused_us(desk: Desk) -> None:
    item = await desk.item()
    await desk.schedule()
    await park(desk)
    for number in range(3):
        await desk.hit(item, number)
        desk.clock.moment = MORNING + number * timedelta(days=1)
        await desk.digester.make_due()
    await try_again(desk)
    assert await desk.digester.make_due() == 1
    assert [hit.title for hit in hits_of(await desk.parts())] == ["Avis 2", "Avis 1", "Avis 0"]


async def test_who_asks_for_a_digest_of_a_channel_that_refuses_us_is_told_so(desk: Desk) -> None:
    digest = await desk.schedule()
    await park(desk)
    with pytest.raises(UserError, match="digest-channel-parked"):
        await desk.digester.make_now(GUILD, digest.id, 7, 7)
    assert await desk.rows() == []
    assert len(await desk.digester.preview(GUILD, digest.id)) == 1


async def test_a_removed_digest_gives_back_what_discord_certainly_does_not_have(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.hit(await desk.item(), 1)
    await desk.fact("Axon a gagné.")
    await desk.make(digest)
    await desk.remove(digest)
    assert await desk.rows() == []
    parts = await desk.make(await desk.schedule(at=time(18)))
    assert ([hit.title for hit in hits_of(parts)], claims(parts)) == (["Avis 1"], ["Axon a gagné."])


async def test_what_was_announced_since_the_digest_was_scheduled_is_given_back_too(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1, held=None)
    await desk.make(digest)
    await desk.remove(digest)
    assert await titles(desk, await desk.schedule(at=time(18))) == ["Avis 1"]


async def test_a_digest_that_was_given_back_is_told_since_when_the_one_before_it_was(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.make(digest)
    await post(desk, 0)
    before = desk.clock.now()
    desk.clock.advance(timedelta(days=1))
    await desk.make(digest)
    await desk.remove(digest)
    [part] = await desk.make(await desk.schedule(at=time(18)))
    assert part.since == before


async def test_a_part_that_was_sent_stays_told_and_the_others_are_told_again(desk: Desk) -> None:
    digest, told = await of_two_messages(desk)
    await post(desk, 0)
    await desk.remove(digest)
    assert [row.state for row in await desk.rows()] == [AnnouncementState.SENT]
    again = await titles(desk, await desk.schedule(at=time(18)))
    assert sorted(again) == sorted(title for part in told[1:] for title in part)


async def test_a_part_that_discord_may_have_stays_told(desk: Desk) -> None:
    digest, told = await of_two_messages(desk)
    await try_to_send(desk, 0)
    await desk.remove(digest)
    assert [row.state for row in await desk.rows()] == [AnnouncementState.SENDING]
    again = await titles(desk, await desk.schedule(at=time(18)))
    assert sorted(again) == sorted(title for part in told[1:] for title in part)


async def test_facts_of_a_part_that_was_sent_are_not_told_again(desk: Desk) -> None:
    digest = await desk.schedule()
    for number in range(60):
        await desk.fact(f"Axon a gagné {number} fois, " + "très longuement " * 5)
    parts = await desk.make(digest)
    await post(desk, 0)
    await desk.remove(digest)
    again = await desk.make(await desk.schedule(at=time(18)))
    assert claims(again) == claims(parts[1:]) != []


async def told_here_and_there(
    desk: Desk, *, is_own_of_dossier: bool = False, is_own_first: bool = True
) -> tuple[WatchItem, Digest, Digest]:
    """Have a hit told in its own channel, and by a digest of its dossier in another one; return item and digests."""
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    own = await desk.schedule(CHANNEL, dossier if is_own_of_dossier else None)
    elsewhere = await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.hit(item, 1)
    for digest in (own, elsewhere) if is_own_first else (elsewhere, own):
        assert await titles(desk, digest) == ["Avis 1"]
    return item, own, elsewhere


@pytest.mark.parametrize("is_own_of_dossier", [False, True])
async def test_a_dossiers_digest_elsewhere_gives_back_nothing_that_the_hits_own_channel_was_told(
    desk: Desk, *, is_own_of_dossier: bool
) -> None:
    item, own, elsewhere = await told_here_and_there(desk, is_own_of_dossier=is_own_of_dossier)
    await desk.remove(elsewhere)
    assert await titles(desk, own) == []
    await desk.change(item, channel_id=OTHER_CHANNEL)
    assert await titles(desk, await desk.schedule(OTHER_CHANNEL)) == []


async def test_nor_what_it_was_told_before_the_item_moved(desk: Desk) -> None:
    item, _, elsewhere = await told_here_and_there(desk)
    await desk.change(item, channel_id=OTHER_CHANNEL)
    await desk.remove(elsewhere)
    assert await titles(desk, await desk.schedule(OTHER_CHANNEL)) == []


@pytest.mark.parametrize("is_own_first", [True, False])
async def test_the_digest_of_the_hits_own_channel_gives_back_what_a_dossiers_digest_elsewhere_tells_too(
    desk: Desk, *, is_own_first: bool
) -> None:
    _, own, elsewhere = await told_here_and_there(desk, is_own_first=is_own_first)
    await desk.remove(own)
    assert await titles(desk, await desk.schedule(at=time(18))) == ["Avis 1"]
    assert await titles(desk, elsewhere) == []


async def test_a_dossiers_digest_in_the_hits_own_channel_gives_them_back(desk: Desk) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    whole, part = await desk.schedule(), await desk.schedule(CHANNEL, dossier)
    await desk.hit(item, 1)
    await desk.make(part)
    await desk.remove(part)
    assert await titles(desk, whole) == ["Avis 1"]


@pytest.mark.parametrize("is_of_dossier", [False, True])
async def test_the_new_announcements_channel_is_told_what_the_former_one_that_refuses_us_was_not(
    desk: Desk, *, is_of_dossier: bool
) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    old, new = await desk.schedule(dossier=dossier if is_of_dossier else None), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(item, 1, held=Held.DIGEST)
    await desk.make(old)
    await park(desk)
    await set_channel(desk, OTHER_CHANNEL)
    assert await desk.rows() == []
    assert await titles(desk, new) == ["Avis 1"]


async def test_a_digest_that_the_former_announcements_channel_will_get_stays_there(desk: Desk) -> None:
    old, new = await desk.schedule(), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(await desk.item(), 1)
    await desk.make(old)
    await set_channel(desk, OTHER_CHANNEL)
    assert await titles(desk, new) == []
    assert [row.channel_id for row in await desk.rows()] == [CHANNEL, OTHER_CHANNEL]


async def test_the_digests_of_other_channels_that_refuse_us_wait_there(desk: Desk) -> None:
    item = await desk.item(channel_id=DOSSIER_CHANNEL)
    waits = await desk.schedule(DOSSIER_CHANNEL)
    await desk.hit(item, 1)
    await desk.make(waits)
    for channel in (CHANNEL, DOSSIER_CHANNEL):
        await park(desk, channel)
    await set_channel(desk, OTHER_CHANNEL)
    assert [row.channel_id for row in await desk.rows()] == [DOSSIER_CHANNEL]
