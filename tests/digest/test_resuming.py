"""Digests that begin in the middle: what a dossier's finds there, and one that was removed and is scheduled again."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot.models import Digest, Dossier, Held, ThingKind
from bot.storage.watching import watchlist
from tests.digest.world import DOSSIER_CHANNEL, OTHER_CHANNEL, Desk, hits_of
from tests.factories import CHANNEL

EVENING = time(18)


async def told(desk: Desk, digest: Digest) -> tuple[list[str], list[str]]:
    """Have a digest made, and return the titles of the hits and the claims of the facts that it tells."""
    parts = await desk.make(digest)
    return [hit.title for hit in hits_of(parts)], [fact.claim for part in parts for fact in part.facts]


async def test_what_was_held_for_a_channel_is_told_there_when_its_item_comes_into_the_dossier_later(desk: Desk) -> None:
    item, dossier = await desk.item(channel_id=DOSSIER_CHANNEL), await desk.dossier(channel=DOSSIER_CHANNEL)
    digest = await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.hit(item, 1)
    await desk.hit(item, 2, held=None)
    await desk.make(digest)
    await desk.put(dossier, ThingKind.ITEM, item.id)
    assert await told(desk, digest) == (["Avis 1"], [])
    assert await told(desk, digest) == ([], [])


async def test_what_was_held_for_another_channel_is_not(desk: Desk) -> None:
    item, dossier = await desk.item(channel_id=OTHER_CHANNEL), await desk.dossier(channel=DOSSIER_CHANNEL)
    digest = await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.hit(item, 1)
    await desk.make(digest)
    await desk.put(dossier, ThingKind.ITEM, item.id)
    assert await told(desk, digest) == ([], [])


async def test_a_dossiers_first_digest_tells_what_was_held_for_its_channel_before(desk: Desk) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    await desk.hit(item, 1, held=Held.STORM)
    await desk.hit(item, 2, held=None)
    assert await told(desk, await desk.schedule(dossier=dossier)) == (["Avis 1"], [])


@pytest.mark.parametrize("is_of_dossier", [False, True])
async def test_a_digest_that_is_scheduled_again_goes_on_where_it_ended(desk: Desk, *, is_of_dossier: bool) -> None:
    digest, dossier = await ended(desk, is_of_dossier=is_of_dossier)
    await find(desk, dossier)
    desk.clock.advance(timedelta(days=31))
    again = await desk.schedule(CHANNEL, dossier if is_of_dossier else None, EVENING)
    assert await told(desk, again) == (["Avis 3", "Avis 2"], ["Après"])
    assert again.told_at == (await desk.now(digest)).told_at


@pytest.mark.parametrize("is_of_dossier", [False, True])
async def test_after_a_month_it_begins_anew_with_what_was_held(desk: Desk, *, is_of_dossier: bool) -> None:
    _, dossier = await ended(desk, is_of_dossier=is_of_dossier)
    await find(desk, dossier)
    desk.clock.advance(timedelta(days=31, minutes=1))
    again = await desk.schedule(CHANNEL, dossier if is_of_dossier else None, EVENING)
    assert await told(desk, again) == (["Avis 2"], [])
    assert again.told_at is None


@pytest.mark.parametrize("is_of_dossier", [False, True])
async def test_of_another_channel_or_dossier_it_begins_anew(desk: Desk, *, is_of_dossier: bool) -> None:
    _, dossier = await ended(desk, is_of_dossier=is_of_dossier)
    await find(desk, dossier)
    other = await desk.schedule(CHANNEL, None if is_of_dossier else dossier, EVENING)
    assert await told(desk, other) == (["Avis 2"], [])


async def test_it_goes_on_where_the_one_that_is_still_scheduled_is(desk: Desk) -> None:
    removed, dossier = await ended(desk, is_of_dossier=False)
    stays = await desk.schedule(at=EVENING)
    await find(desk, dossier)
    await desk.make(stays)
    assert (await desk.now(removed)).seen != (await desk.now(stays)).seen
    again = await desk.schedule(at=time(12))
    assert again.seen == (await desk.now(stays)).seen


async def ended(desk: Desk, *, is_of_dossier: bool) -> tuple[Digest, Dossier]:
    """Have a digest made that tells a hit and a fact, and remove it; return it with the dossier of the item."""
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    digest = await desk.schedule(CHANNEL, dossier if is_of_dossier else None)
    await desk.hit(item, 1, held=None)
    await desk.fact("Avant", dossier)
    await desk.make(digest)
    await desk.delivery.settle()
    await desk.remove(digest)
    return digest, dossier


async def find(desk: Desk, dossier: Dossier) -> None:
    """Find something of the dossier's item twice, held and announced, and log a fact there."""
    async with desk.database.read() as connection:
        [item] = await watchlist.every(connection, desk.guild_id)
    await desk.hit(item, 2)
    await desk.hit(item, 3, held=None)
    await desk.fact("Après", dossier)
