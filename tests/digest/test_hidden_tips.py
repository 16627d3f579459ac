from __future__ import annotations

from datetime import timedelta

import pytest

from bot.models import AnnouncementState, Digest, TipStatus
from bot.tips import changes, erasing
from tests.digest.world import Desk, meanwhile, shown
from tests.factories import CHANNEL
from tests.fake_discord import Ending, FakeDiscord, Message

SECRET = "Le préfet a dîné chez Axon"
SURNAME = "préfet"


def words_of(message: Message) -> str:
    return shown(message.cards[-1])


async def sent(desk: Desk, digest: Digest) -> Message:
    """Have a digest made and sent, and return its message."""
    await desk.make(digest)
    await desk.delivery.settle()
    [*_, message] = desk.discord.in_channel(CHANNEL)
    return message


def ever_posted(desk: Desk) -> str:
    return "\n".join(shown(card) for message in desk.discord.in_channel(CHANNEL) for card in message.cards)


async def test_a_tip_that_nobody_owns_stands_on_the_message(desk: Desk) -> None:
    await desk.tip(SECRET)
    assert SECRET in words_of(await sent(desk, await desk.schedule()))


async def test_the_words_of_a_tip_made_sensitive_before_the_digest_was_sent_are_never_sent(desk: Desk) -> None:
    tip = await desk.tip(SECRET)
    await desk.make(await desk.schedule())
    await desk.edit(tip, is_sensitive=True)
    await desk.delivery.settle()
    assert "n° 1" in ever_posted(desk)
    assert SURNAME not in ever_posted(desk)


async def test_they_are_not_sent_when_it_is_made_not_sensitive_again_before(desk: Desk) -> None:
    tip = await desk.tip(SECRET)
    await desk.make(await desk.schedule())
    await desk.edit(await desk.edit(tip, is_sensitive=True), is_sensitive=False)
    await desk.delivery.settle()
    assert SURNAME not in ever_posted(desk)


async def test_a_message_that_was_sent_is_edited_and_shows_them_no_more(desk: Desk) -> None:
    tip = await desk.tip(SECRET)
    message = await sent(desk, await desk.schedule())
    await desk.edit(tip, is_sensitive=True)
    await desk.delivery.settle()
    assert SURNAME not in words_of(message)
    [row] = await desk.rows()
    assert SURNAME not in str(row)


async def test_the_edit_changes_nothing_else_on_the_card(desk: Desk) -> None:
    await desk.fact("Axon a gagné.")
    digest = await desk.schedule()
    await desk.hit(await desk.item(), 1)
    await desk.fact("Axon a perdu.")
    await desk.tip("Un autre tuyau")
    tip = await desk.tip(SECRET)
    await desk.delivery.settle()
    message = await sent(desk, digest)
    before = words_of(message).splitlines()
    await desk.edit(tip, is_sensitive=True)
    await desk.delivery.settle()
    after = words_of(message).splitlines()
    assert len(message.cards) == 2
    [(old, new)] = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert (SURNAME in old, "n° 2" in new) == (True, True)


async def test_every_digest_that_shows_a_tip_is_edited(desk: Desk) -> None:
    tip, digest = await desk.tip(SECRET), await desk.schedule()
    messages = [await sent(desk, digest), await sent(desk, digest)]
    await desk.edit(tip, is_sensitive=True)
    await desk.delivery.settle()
    assert [SURNAME in words_of(message) for message in messages] == [False, False]


async def test_they_stay_hidden_when_the_tip_is_made_not_sensitive_again(desk: Desk) -> None:
    first, second = await desk.tip(SECRET), await desk.tip("Un autre tuyau")
    message = await sent(desk, await desk.schedule())
    hidden = await desk.edit(first, is_sensitive=True)
    await desk.delivery.settle()
    await desk.edit(hidden, is_sensitive=False)
    await desk.edit(second, is_sensitive=True)
    await desk.delivery.settle()
    assert SURNAME not in words_of(message)


async def test_a_tip_that_is_no_longer_sensitive_is_in_the_digests_after(desk: Desk) -> None:
    tip, digest = await desk.tip(SECRET, is_sensitive=True), await desk.schedule()
    assert SURNAME not in words_of(await sent(desk, digest))
    await desk.edit(tip, is_sensitive=False)
    assert SURNAME in words_of(await sent(desk, digest))


async def test_a_tip_made_sensitive_again_is_hidden_in_the_digests_since_too(desk: Desk) -> None:
    tip, digest = await desk.tip(SECRET), await desk.schedule()
    await sent(desk, digest)
    tip = await desk.edit(await desk.edit(tip, is_sensitive=True), is_sensitive=False)
    later = await sent(desk, digest)
    await desk.edit(tip, is_sensitive=True)
    await desk.delivery.settle()
    assert SURNAME not in words_of(later)


async def test_a_tip_that_somebody_took_dropped_or_noted_something_of_changes_no_message(desk: Desk) -> None:
    taken, dropped, noted = await desk.tip("Un"), await desk.tip("Deux"), await desk.tip("Trois")
    message = await sent(desk, await desk.schedule())
    before = message.cards[-1]
    await desk.assign(taken)
    await desk.set_status(dropped, TipStatus.DROPPED)
    await changes.note(desk.database, desk.editor, noted.id, "à recouper", desk.clock.now())
    await desk.delivery.settle()
    assert message.cards == [before]


async def test_a_tip_that_was_reworded_is_reworded_in_every_digest_that_names_it(desk: Desk) -> None:
    tip, digest = await desk.tip("Un témoin, Durand, l'a dit"), await desk.schedule()
    messages = [await sent(desk, digest), await sent(desk, digest)]
    await desk.edit(tip, text="Un témoin l'a dit")
    await desk.delivery.settle()
    shows = [("Durand" in words_of(message), "Un témoin l'a dit" in words_of(message)) for message in messages]
    assert (shows, [len(message.cards) for message in messages]) == ([(False, True)] * 2, [2, 2])


async def test_a_tip_that_is_reworded_again_is_reworded_again(desk: Desk) -> None:
    tip = await desk.tip("Un dîner")
    message = await sent(desk, await desk.schedule())
    for text in ("Un déjeuner", "Un goûter"):
        tip = await desk.edit(tip, text=text)
        await desk.delivery.settle()
    assert ["Un goûter" in shown(card) for card in message.cards] == [False, False, True]


async def test_a_tip_that_is_reworded_stays_hidden_where_it_was_sensitive_once(desk: Desk) -> None:
    tip = await desk.tip(SECRET)
    message = await sent(desk, await desk.schedule())
    tip = await desk.edit(await desk.edit(tip, is_sensitive=True), is_sensitive=False)
    await desk.edit(tip, text=f"{SECRET}, dit-on")
    await desk.delivery.settle()
    assert (SURNAME in words_of(message), len(message.cards)) == (False, 2)


async def test_a_tip_made_sensitive_while_the_digest_is_being_made_is_hidden_there_for_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip, digest = await desk.tip(SECRET), await desk.schedule()
    meanwhile(monkeypatch, lambda: desk.edit(tip, is_sensitive=True))
    await desk.make(digest)
    await desk.edit(await desk.look(tip), is_sensitive=False)
    await desk.delivery.settle()
    assert SURNAME not in ever_posted(desk)


@pytest.mark.parametrize("ending", [Ending.DOUBT_BEFORE, Ending.DOUBT_AFTER, Ending.DOUBT_LATE])
@pytest.mark.parametrize("window", [timedelta(), timedelta(minutes=5)], ids=["forgotten", "compared"])
async def test_a_tip_made_sensitive_while_the_digest_was_in_doubt_ends_hidden(
    desk: Desk, ending: Ending, window: timedelta
) -> None:
    """A first try that arrives late answers the second one, with what it showed itself."""
    discord = FakeDiscord(desk.clock, window)
    desk.delivery.connect(discord)
    tip = await desk.tip(SECRET)
    await desk.delivery.settle()
    await desk.make(await desk.schedule())
    discord.plan("send", ending)
    await desk.delivery.settle()
    await desk.edit(tip, is_sensitive=True)
    desk.clock.advance(timedelta(seconds=30))
    await desk.delivery.settle()
    desk.clock.advance(timedelta(seconds=30))
    await desk.delivery.settle()
    [row] = await desk.rows()
    message = next(message for message in discord.truth if message.id == row.message_id)
    assert row.state is AnnouncementState.SENT
    assert SURNAME not in words_of(message)


async def test_an_edit_that_takes_an_erased_tip_out_is_tried_again_where_it_is_refused(desk: Desk) -> None:
    tip = await desk.tip(SECRET)
    message = await sent(desk, await desk.schedule())
    desk.discord.plan("edit", Ending.REFUSED)
    await erasing.erase(desk.database, desk.editor, tip.id, desk.clock.now())
    await desk.delivery.settle()
    assert SURNAME in words_of(message)
    desk.clock.advance(timedelta(hours=1))
    await desk.delivery.settle()
    assert SURNAME not in words_of(message)
