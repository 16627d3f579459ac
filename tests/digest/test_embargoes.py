"""What digests tell of tips and facts under embargo: nothing before it ends, and then once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.embargo import put, release
from bot.models import AnnouncementState, Digest, Fact, ThingKind, Tip
from bot.storage.log import embargoes
from tests.digest.world import Desk, meanwhile, shown
from tests.factories import CHANNEL
from tests.fake_discord import Ending, FakeDiscord, Message

SECRET, WORD = "Axon possède un yacht", "yacht"
LONG = timedelta(days=2)


def words_of(message: Message) -> str:
    return shown(message.cards[-1])


async def sent(desk: Desk, digest: Digest) -> Message:
    """Have a digest made and sent, and return its message."""
    await desk.make(digest)
    await desk.delivery.settle()
    [*_, message] = desk.discord.in_channel(CHANNEL)
    return message


def ever_posted(desk: Desk) -> str:
    return "\n".join(shown(card) for message in desk.discord.truth for card in message.cards)


async def hide(desk: Desk, thing: Tip | Fact) -> None:
    """Put a thing under embargo for two days."""
    now = desk.clock.now()
    done = await put(desk.database, desk.editor, embargoes.kind_of(thing), thing.id, now + LONG, now, seen=None)
    assert done.is_changed


async def end(desk: Desk) -> None:
    """Let every embargo come to its end."""
    desk.clock.advance(LONG)
    assert await release(desk.database, desk.clock.now())
    await desk.delivery.settle()


async def logged(desk: Desk, kind: ThingKind) -> Tip | Fact:
    return await desk.tip(SECRET) if kind is ThingKind.TIP else await desk.fact(SECRET)


both = pytest.mark.parametrize("kind", [ThingKind.TIP, ThingKind.FACT])


@both
async def test_a_digest_tells_nothing_of_it(desk: Desk, kind: ThingKind) -> None:
    digest, thing = await desk.schedule(), await logged(desk, kind)
    await hide(desk, thing)
    [part] = await desk.make(digest)
    assert (part.facts, part.tips, part.tips_left) == ((), (), 0)


@both
async def test_one_that_was_made_and_not_sent_never_sends_its_words(desk: Desk, kind: ThingKind) -> None:
    digest, thing = await desk.schedule(), await logged(desk, kind)
    await desk.make(digest)
    await hide(desk, thing)
    await desk.delivery.settle()
    assert "n° 1" in ever_posted(desk)
    assert WORD not in ever_posted(desk)


@both
async def test_a_message_that_was_sent_is_edited_and_keeps_nothing_of_it(desk: Desk, kind: ThingKind) -> None:
    digest, thing = await desk.schedule(), await logged(desk, kind)
    message = await sent(desk, digest)
    assert WORD in words_of(message)
    await hide(desk, thing)
    await desk.delivery.settle()
    assert WORD not in words_of(message)
    assert WORD not in str(await desk.rows())


@both
async def test_its_card_is_edited_too(desk: Desk, kind: ThingKind) -> None:
    thing = await logged(desk, kind)
    await desk.delivery.settle()
    [card] = desk.discord.truth
    assert WORD in words_of(card)
    await hide(desk, thing)
    await desk.delivery.settle()
    assert WORD not in words_of(card)
    async with desk.database.read() as connection:
        rows = await connection.all("SELECT shown FROM announcement")
    assert WORD not in str([row["shown"] for row in rows])
    await end(desk)
    assert WORD in words_of(card)
    assert len(desk.discord.truth) == 1


@both
async def test_put_under_embargo_while_the_digest_is_being_made_it_is_hidden_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, kind: ThingKind
) -> None:
    digest, thing = await desk.schedule(), await logged(desk, kind)
    meanwhile(monkeypatch, lambda: hide(desk, thing))
    await desk.make(digest)
    await desk.delivery.settle()
    assert WORD not in ever_posted(desk)


@both
async def test_put_under_embargo_as_its_card_is_about_to_be_sent_it_is_never_sent(desk: Desk, kind: ThingKind) -> None:
    thing = await logged(desk, kind)
    now = desk.clock.now()
    async with desk.database.tx("test.embargo") as connection:
        await embargoes.put_until(connection, thing, now + LONG, 9, now)
    await desk.delivery.settle()
    assert desk.discord.truth == []


async def test_the_next_digest_tells_a_fact_whose_embargo_ended_once(desk: Desk) -> None:
    digest = await desk.schedule()
    await hide(desk, await desk.fact(SECRET))
    assert WORD not in words_of(await sent(desk, digest))
    await end(desk)
    told = words_of(await sent(desk, digest))
    assert (SECRET in told, "embargo levé" in told) == (True, True)
    assert WORD not in words_of(await sent(desk, digest))


async def test_what_was_done_with_it_meanwhile_is_told_as_it_then_stands(desk: Desk) -> None:
    digest, fact = await desk.schedule(), await desk.fact(SECRET)
    await hide(desk, fact)
    await desk.dispute(fact)
    assert await desk.make(digest)
    await end(desk)
    [part] = await desk.make(digest)
    [told] = part.facts
    assert (told.claim, told.status.value) == (SECRET, "disputed")
    assert [change.kind.value for change in told.changes] == ["released"]


async def test_a_digest_that_hid_it_hides_it_still_once_it_ended(desk: Desk) -> None:
    digest, fact = await desk.schedule(), await desk.fact(SECRET)
    message = await sent(desk, digest)
    await hide(desk, fact)
    await end(desk)
    assert WORD not in words_of(message)
    assert WORD in words_of(await sent(desk, digest))


async def test_a_tip_that_nobody_owns_is_told_again_once_it_ended(desk: Desk) -> None:
    digest, tip = await desk.schedule(), await desk.tip(SECRET)
    await hide(desk, tip)
    assert WORD not in words_of(await sent(desk, digest))
    await end(desk)
    assert WORD in words_of(await sent(desk, digest))


@both
@pytest.mark.parametrize("ending", [Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER, Ending.DOUBT_LATE])
async def test_put_under_embargo_while_its_card_was_in_doubt_it_ends_hidden(
    desk: Desk, ending: Ending, kind: ThingKind
) -> None:
    discord = FakeDiscord(desk.clock)
    desk.delivery.connect(discord)
    thing = await logged(desk, kind)
    discord.plan("send", ending)
    await desk.delivery.settle()
    await hide(desk, thing)
    for _ in range(2):
        desk.clock.advance(timedelta(seconds=30))
        await desk.delivery.settle()
    async with desk.database.read() as connection:
        [row] = await connection.all("SELECT state, message_id FROM announcement")
    message = next(message for message in discord.truth if message.id == row["message_id"])
    assert row["state"] == AnnouncementState.SENT
    assert WORD not in words_of(message)
