from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.models import Held, InDigest, ThingKind, Tier
from bot.storage.digesting import digest_hits
from bot.storage.watching import takes, watchlist
from tests.digest.world import DOSSIER_CHANNEL, LOG, OTHER_CHANNEL, Desk, hits_of, open_desk
from tests.factories import CHANNEL, GUILD, START

THERE = 3001


@pytest.mark.parametrize("held", [Held.DIGEST, Held.WEAK, Held.STORM, Held.LATE])
async def test_a_held_hit_is_told_though_it_was_found_before_the_digest_was_scheduled(desk: Desk, held: Held) -> None:
    await desk.hit(await desk.item(), held=held)
    [told] = hits_of(await desk.make(await desk.schedule()))
    assert (told.item, told.title, told.held) == ("caméra", "Avis 1", held)


async def test_an_announced_hit_is_told_if_it_was_found_since_the_digest_was_scheduled(desk: Desk) -> None:
    item = await desk.item()
    await desk.hit(item, 1, held=None)
    digest = await desk.schedule()
    await desk.hit(item, 2, held=None)
    assert await desk.lines(digest) == [("caméra", "Avis 2")]


@pytest.mark.parametrize("held", [Held.BASELINE, Held.MUTED])
async def test_a_hit_that_nobody_was_to_hear_of_is_never_told(desk: Desk, held: Held) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, held=held)
    assert await desk.lines(digest) == []


async def test_a_hit_is_told_once(desk: Desk) -> None:
    digest = await desk.schedule()
    await desk.hit(await desk.item())
    await desk.make(digest)
    assert await desk.lines(digest) == []


async def test_the_item_with_the_strongest_hit_comes_first_and_of_each_the_strongest(desk: Desk) -> None:
    names = [await desk.item(name) for name in ("un", "deux", "trois")]
    digest = await desk.schedule()
    for number, (item, tier) in enumerate(
        [
            (names[0], Tier.WEAK),
            (names[1], Tier.VARIANT),
            (names[2], Tier.ALIAS),
            (names[0], Tier.EXACT),
            (names[2], Tier.IDENTIFIER),
            (names[0], Tier.EXACT),
        ]
    ):
        await desk.hit(item, number, tier=tier)
    assert await desk.lines(digest) == [
        ("trois", "Avis 4"),
        ("trois", "Avis 2"),
        ("un", "Avis 5"),
        ("un", "Avis 3"),
        ("un", "Avis 0"),
        ("deux", "Avis 1"),
    ]


async def test_several_revisions_of_a_notice_are_one_line_that_says_the_newest(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    first = await desk.hit(item, 1, held=Held.WEAK, tier=Tier.WEAK)
    second = await desk.hit(item, 1, held=None, tier=Tier.EXACT, title="Avis 1 rectifié", buyer="Métropole")
    [told] = hits_of(await desk.make(digest))
    assert (told.title, told.buyer, told.tier, told.held) == ("Avis 1 rectifié", "Métropole", Tier.EXACT, None)
    assert (told.rows, told.is_change) == ((first, second), False)


async def test_a_line_says_the_notice_as_it_reads_after_a_change_that_is_no_news(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    await silently_revised(desk, await desk.hit(item, 1, title="Avis 1, faute corrigée"))
    assert await desk.lines(digest) == [("caméra", "Avis 1, faute corrigée")]


async def test_a_change_that_is_no_news_is_not_told_again(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    await desk.make(digest)
    await silently_revised(desk, await desk.hit(item, 1, title="Avis 1, faute corrigée"))
    assert await desk.lines(digest) == []


async def test_a_notice_that_was_told_and_changes_is_told_again_as_changed(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    [before] = hits_of(await desk.make(digest))
    later = await desk.hit(item, 1, title="Avis 1 rectifié")
    [after] = hits_of(await desk.make(digest))
    assert (before.is_change, after.is_change) == (False, True)
    assert (after.title, after.rows) == ("Avis 1 rectifié", (later,))


async def test_the_same_notice_is_told_of_each_item_that_it_hit(desk: Desk) -> None:
    one, two, digest = await desk.item("un"), await desk.item("deux"), await desk.schedule()
    await desk.hit(one, 1)
    await desk.hit(two, 1)
    assert await desk.lines(digest) == [("un", "Avis 1"), ("deux", "Avis 1")]


async def test_a_line_leads_to_the_message_that_announced_it(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.announce(await desk.hit(item, 1, held=None), message=77)
    await desk.announce(await desk.hit(item, 2, held=None))
    told = {hit.title: (hit.held, hit.message_url) for hit in hits_of(await desk.make(digest))}
    assert told == {
        "Avis 1": (None, f"https://discord.com/channels/{GUILD}/{CHANNEL}/77"),
        "Avis 2": (None, None),
    }


async def test_a_digest_tells_the_hits_of_its_own_channel_only(desk: Desk) -> None:
    usual, other = await desk.item("ici"), await desk.item("ailleurs", channel_id=OTHER_CHANNEL)
    here, there = await desk.schedule(), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(usual, 1)
    await desk.hit(other, 2)
    assert await desk.lines(here) == [("ici", "Avis 1")]
    assert await desk.lines(there) == [("ailleurs", "Avis 2")]


async def test_an_item_that_moved_takes_what_was_not_told_along_and_is_never_told_twice(desk: Desk) -> None:
    item, here, there = await desk.item(), await desk.schedule(), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(item, 1)
    await desk.make(here)
    await desk.hit(item, 2)
    await desk.hit(item, 3, held=None)
    await desk.change(item, channel_id=OTHER_CHANNEL)
    assert await desk.lines(here) == []
    assert await desk.lines(there) == [("caméra", "Avis 3"), ("caméra", "Avis 2")]
    await desk.change(item, channel_id=None)
    assert await desk.lines(here) == []


async def test_hits_of_a_newsroom_without_a_channel_wait_for_the_one_that_it_is_given(desk: Desk) -> None:
    await desk.settings(announcements_channel=None)
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    assert await desk.lines(digest) == []
    await desk.settings(announcements_channel=CHANNEL)
    assert await desk.lines(digest) == [("caméra", "Avis 1")]


async def test_hits_go_with_the_newsrooms_channel_when_that_moves(desk: Desk) -> None:
    item, here, there = await desk.item(), await desk.schedule(), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(item, 1)
    await desk.settings(announcements_channel=OTHER_CHANNEL)
    assert await desk.lines(here) == []
    assert await desk.lines(there) == [("caméra", "Avis 1")]


async def test_what_an_item_found_before_it_was_removed_or_muted_is_told(desk: Desk) -> None:
    removed, muted = await desk.item("retiré"), await desk.item("muet")
    digest = await desk.schedule()
    await desk.hit(removed, 1)
    await desk.hit(muted, 2)
    async with desk.database.tx("test.gone") as connection:
        assert await watchlist.remove(connection, GUILD, removed.id or 0, 7, START)
        assert await watchlist.mute(connection, GUILD, muted.id or 0, START + timedelta(days=1))
    assert await desk.lines(digest) == [("retiré", "Avis 1"), ("muet", "Avis 2")]


async def test_a_renamed_item_is_told_by_its_name_of_now(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    await desk.change(item, name="caméra-piéton")
    assert await desk.lines(digest) == [("caméra-piéton", "Avis 1")]


async def test_of_two_digests_of_a_channel_each_hit_is_in_whichever_comes_first(desk: Desk) -> None:
    item = await desk.item()
    morning, evening = await desk.schedule(at=time(8, 30)), await desk.schedule(at=time(18))
    await desk.hit(item, 1)
    await desk.hit(item, 2, held=None)
    assert len(await desk.lines(evening)) == 2
    await desk.hit(item, 3, held=None)
    assert await desk.lines(morning) == [("caméra", "Avis 3")]
    assert await desk.lines(evening) == []


async def test_a_second_digest_of_a_channel_goes_on_where_the_first_one_is(desk: Desk) -> None:
    item, morning = await desk.item(), await desk.schedule(at=time(8, 30))
    await desk.hit(item, 1, held=None)
    evening = await desk.schedule(at=time(18))
    assert await desk.lines(evening) == [("caméra", "Avis 1")]
    assert await desk.lines(morning) == []


async def test_what_was_held_for_a_removed_digest_waits_for_the_next_one(desk: Desk) -> None:
    item, digest = await desk.item(), await desk.schedule()
    await desk.hit(item, 1)
    await desk.remove(digest)
    assert await desk.lines(await desk.schedule()) == [("caméra", "Avis 1")]


async def test_the_number_that_waits_is_the_number_of_lines(desk: Desk) -> None:
    item, other = await desk.item("un"), await desk.item("deux")
    digest = await desk.schedule()
    await desk.hit(item, 1)
    await desk.hit(item, 1, title="Avis 1 rectifié")
    await desk.hit(other, 1)
    await desk.hit(other, 2, held=Held.MUTED)
    async with desk.database.read() as connection:
        waiting = await digest_hits.waiting(connection, digest)
    assert waiting == len(await desk.lines(digest)) == 2
    async with desk.database.read() as connection:
        assert await digest_hits.waiting(connection, await desk.now(digest)) == 0


async def test_a_dossiers_digest_elsewhere_takes_nothing_from_the_hits_own_channel(desk: Desk) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    own, elsewhere = await desk.schedule(), await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.hit(item, 1)
    await desk.hit(item, 2, held=None)
    assert len(await desk.lines(elsewhere)) == 2
    assert len(await desk.lines(own)) == 2
    assert await desk.lines(elsewhere) == await desk.lines(own) == []


async def test_a_dossiers_digest_in_the_hits_own_channel_tells_them_there_once_and_for_all(desk: Desk) -> None:
    inside, outside, dossier = await desk.item("dedans"), await desk.item("dehors"), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, inside.id)
    whole, part = await desk.schedule(), await desk.schedule(CHANNEL, dossier)
    await desk.hit(inside, 1)
    await desk.hit(outside, 2)
    assert await desk.lines(part) == [("dedans", "Avis 1")]
    assert await desk.lines(whole) == [("dehors", "Avis 2")]


async def test_a_dossiers_digest_tells_nothing_that_its_channel_was_told(desk: Desk) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    whole, part = await desk.schedule(), await desk.schedule(CHANNEL, dossier)
    await desk.hit(item, 1)
    assert await desk.lines(whole) == [("caméra", "Avis 1")]
    await desk.hit(item, 2)
    assert await desk.lines(part) == [("caméra", "Avis 2")]


async def test_an_item_of_two_dossiers_is_told_once_in_their_common_channel(desk: Desk) -> None:
    item, one, two = await desk.item(), await desk.dossier("Un"), await desk.dossier("Deux")
    for dossier in (one, two):
        await desk.put(dossier, ThingKind.ITEM, item.id)
    first, second = await desk.schedule(DOSSIER_CHANNEL, one), await desk.schedule(DOSSIER_CHANNEL, two)
    await desk.hit(item, 1)
    assert await desk.lines(second) == [("caméra", "Avis 1")]
    assert await desk.lines(first) == []


async def test_what_a_dossier_told_in_a_channel_is_not_told_there_again_when_its_item_moves_there(desk: Desk) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    part, whole = await desk.schedule(OTHER_CHANNEL, dossier), await desk.schedule(OTHER_CHANNEL)
    await desk.hit(item, 1)
    await desk.make(part)
    await desk.change(item, channel_id=OTHER_CHANNEL)
    await desk.hit(item, 2)
    assert await desk.lines(whole) == [("caméra", "Avis 2")]


async def test_an_item_put_into_a_dossier_later_brings_only_what_comes_after(desk: Desk) -> None:
    early, late, dossier = await desk.item("tôt"), await desk.item("tard"), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, early.id)
    digest = await desk.schedule(DOSSIER_CHANNEL, dossier)
    await desk.hit(late, 1)
    await desk.hit(early, 2)
    await desk.make(digest)
    await desk.put(dossier, ThingKind.ITEM, late.id)
    await desk.hit(late, 3)
    assert await desk.lines(digest) == [("tard", "Avis 3")]


@pytest.mark.parametrize("held", [Held.BASELINE, Held.MUTED])
async def test_a_dossiers_digest_keeps_silent_what_nobody_was_to_hear_of(desk: Desk, held: Held) -> None:
    item, dossier = await desk.item(), await desk.dossier()
    await desk.put(dossier, ThingKind.ITEM, item.id)
    digest = await desk.schedule(LOG, dossier)
    await desk.hit(item, held=held)
    assert await desk.lines(digest) == []


async def test_two_newsrooms_never_see_each_others_hits(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        there = here.of(THERE)
        ours, theirs = await here.item("à nous"), await there.item("à eux")
        mine, other = await here.schedule(), await there.schedule()
        await here.hit(ours, 1)
        await there.hit(theirs, 1)
        await there.hit(theirs, 2)
        assert await here.lines(mine) == [("à nous", "Avis 1")]
        assert await there.lines(other) == [("à eux", "Avis 1"), ("à eux", "Avis 2")][::-1]


async def test_a_dossier_never_brings_another_newsrooms_hits(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        there = here.of(THERE)
        theirs, dossier = await there.item("à eux"), await here.dossier()
        with pytest.raises(UserError):
            await here.put(dossier, ThingKind.ITEM, theirs.id)
        digest = await here.schedule(dossier=dossier)
        await there.hit(theirs, 1)
        assert await here.lines(digest) == []


async def test_another_newsrooms_digest_can_neither_be_made_nor_looked_at(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        digest = await here.schedule()
        for act in (here.digester.preview(THERE, digest.id), here.digester.make_now(THERE, digest.id, 7, 1)):
            with pytest.raises(UserError, match="digest-unknown"):
                await act
        there = here.of(THERE)
        dossier = await here.dossier()
        with pytest.raises(UserError, match="dossier-unknown"):
            await there.schedule(dossier=dossier)


async def test_a_message_shows_no_hit_of_another_newsroom_whatever_ids_it_holds(tmp_path: Path) -> None:
    async with open_desk(tmp_path, guilds=(GUILD, THERE)) as here:
        theirs = await here.hit(await here.item(), 1)
        async with here.database.read() as connection:
            with pytest.raises(LookupError):
                await digest_hits.told(connection, THERE, [[theirs]])


async def test_a_hit_says_who_has_its_notice_or_the_tender_of_its_procedure_for_that_item(desk: Desk) -> None:
    ours, other = await desk.item("un"), await desk.item("deux")
    digest = await desk.schedule()
    for item in (ours, other):
        await desk.hit(item, 1, procedure="p")
        await desk.hit(item, 2, procedure="p")
        await desk.hit(item, 3, procedure="q")
    async with desk.database.tx("test.take") as connection:
        await takes.add(connection, GUILD, 1, ours.id, 71, START)
        given_back = await takes.add(connection, GUILD, 3, ours.id, 72, START)
        await takes.end(connection, GUILD, given_back, 72, START)
    told = hits_of(await desk.make(digest))
    assert {(hit.item, hit.title): hit.taken_by for hit in told if hit.taken_by is not None} == {
        ("un", "Avis 1"): 71,
        ("un", "Avis 2"): 71,
    }
    assert len(told) == 6


async def silently_revised(desk: Desk, hit: int) -> None:
    """Make the hit of a later revision one that nothing is owed for, as a poll does where nothing material changed."""
    async with desk.database.tx("test.silent") as connection:
        await connection.run("UPDATE hit SET digest = ? WHERE guild_id = ? AND id = ?", InDigest.NONE, GUILD, hit)
