from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import composing, dossiers
from bot.cards import tip_card
from bot.composing import Composed, compose, tip_content
from bot.config import NewsroomSettings
from bot.delivery import Delivery
from bot.locales import Language, Texts
from bot.models import AnnouncementState, Dossier, ThingKind, Tip
from bot.setting_up import Changes, set_up
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.outbox import sending
from bot.storage.outbox.announcements import Place
from bot.tips import changes
from bot.tips.changes import words_of
from tests.factories import FLOOR, GUILD, START, SettableClock
from tests.fake_discord import FakeDiscord
from tests.log_world import (
    COLLEAGUE,
    DOSSIER_CHANNEL,
    EDITOR,
    LOG,
    PARIS,
    REPORTER,
    cards_of,
    log_database,
    log_fact,
    log_tip,
)

FRENCH = Texts(Language.FR, PARIS)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def open_dossier(database: Database, name: str = "Caméras", channel: int | None = DOSSIER_CHANNEL) -> Dossier:
    return await dossiers.create(database, REPORTER, name, channel, FLOOR, START)


async def channels_of(database: Database, tip: Tip) -> list[int]:
    return [card.channel_id for card in await cards_of(database, tip)]


async def sent(database: Database, tip: Tip) -> int:
    """Note that the first card of a tip was sent, and return its announcement's id."""
    card = (await cards_of(database, tip))[0]
    async with database.tx("test.sent") as connection:
        await sending.begin(connection, Place(GUILD, card.channel_id), card.id, START)
        await sending.sent(connection, card.id, message_id=5, shown={}, revision=tip.changes, now=START)
    return card.id


async def sensitive(database: Database, tip: Tip) -> Tip:
    words = replace(words_of(tip), is_sensitive=True)
    return (await changes.edit(database, REPORTER, tip.id, words, START, seen=tip.revision)).tip


async def test_a_tip_is_shown_in_the_log_channel(database: Database) -> None:
    assert await channels_of(database, await log_tip(database)) == [LOG]


async def test_without_a_log_channel_it_is_shown_nowhere(tmp_path: Path) -> None:
    async with log_database(tmp_path, log=None) as database:
        assert await channels_of(database, await log_tip(database)) == []


async def test_a_sensitive_tip_is_owed_to_no_channel(database: Database) -> None:
    assert await channels_of(database, await log_tip(database, is_sensitive=True)) == []


async def test_what_is_put_into_a_dossier_is_shown_in_its_channel_too(database: Database) -> None:
    tip, dossier = await log_tip(database), await open_dossier(database)
    await dossiers.put(database, REPORTER, dossier.id, ThingKind.TIP, tip.id, START)
    assert await channels_of(database, tip) == [LOG, DOSSIER_CHANNEL]


async def test_what_a_closed_dossier_kept_to_its_channel_is_shown_nowhere_new(database: Database) -> None:
    tip, dossier = await log_tip(database, is_sensitive=True), await open_dossier(database)
    await dossiers.put(database, REPORTER, dossier.id, ThingKind.TIP, tip.id, START)
    await dossiers.close(database, EDITOR, dossier.id, START)
    words = replace(words_of(tip), is_sensitive=False)
    await changes.edit(database, REPORTER, tip.id, words, START, seen=1)
    assert await channels_of(database, tip) == []


async def test_a_tip_made_sensitive_before_it_was_sent_is_withdrawn(database: Database) -> None:
    tip = await log_tip(database)
    await sensitive(database, tip)
    assert await cards_of(database, tip) == []


async def test_a_tip_made_sensitive_after_it_was_sent_is_owed_an_edit_that_hides_it(database: Database) -> None:
    tip = await log_tip(database, text="Le préfet a dîné")
    announcement_id = await sent(database, tip)
    await sensitive(database, tip)
    async with database.read() as connection:
        due = await sending.next_due(connection, Place(GUILD, LOG), START)
        assert due is not None
        composed = await compose(connection, due, START)
    assert (due.id, due.state) == (announcement_id, AnnouncementState.SENT)
    assert "préfet" not in str(composed.card)


async def test_a_card_shows_the_tip_as_it_stands_when_it_is_sent(database: Database) -> None:
    tip = await log_tip(database, text="Le préfet a dîné")
    await changes.note(database, REPORTER, tip.id, "au Fouquet's", START)
    [card] = await cards_of(database, tip)
    async with database.read() as connection:
        composed = await compose(connection, card, START)
    assert "Fouquet" in str(composed.card)
    assert composed.revision == 2


async def test_a_fact_is_shown_as_its_card(database: Database) -> None:
    fact = await log_fact(database, claim="Axon a gagné.")
    [card] = await cards_of(database, fact)
    async with database.read() as connection:
        composed = await compose(connection, card, START)
    assert "Axon a gagné." in str(composed.card)
    assert card.code in composed.card.footer


async def test_what_the_former_log_channel_does_not_have_goes_to_the_new_one(database: Database) -> None:
    pending, posted = await log_tip(database), await log_tip(database, text="Deux")
    await sent(database, posted)
    defaults = NewsroomSettings()
    await set_up(database, GUILD, Changes(log_channel=2099), defaults, FLOOR, by=7, now=START)
    assert await channels_of(database, pending) == [2099]
    assert await channels_of(database, posted) == [LOG]


async def test_what_a_dossiers_channel_is_owed_stays_there(database: Database) -> None:
    async with database.tx("test") as connection:
        newsroom = await newsrooms.find(connection, GUILD)
        assert newsroom is not None
        await newsrooms.save(connection, replace(newsroom, log_channel=DOSSIER_CHANNEL))
    dossier = await open_dossier(database)
    tip = await log_tip(database)
    await dossiers.put(database, REPORTER, dossier.id, ThingKind.TIP, tip.id, START)
    await set_up(database, GUILD, Changes(log_channel=2099), NewsroomSettings(), FLOOR, by=7, now=START)
    assert await channels_of(database, tip) == [DOSSIER_CHANNEL]


async def test_a_card_made_before_its_tip_became_sensitive_is_not_sent(database: Database) -> None:
    tip = await log_tip(database, text="Le préfet a dîné")
    [card] = await cards_of(database, tip)
    place = Place(GUILD, LOG)
    async with database.tx("test.doubt") as connection:
        await sending.begin(connection, place, card.id, START)
    async with database.read() as connection:
        composed = await compose(connection, card, START)
    await sensitive(database, tip)
    async with database.tx("test.begin") as connection:
        assert not await sending.begin(connection, place, card.id, START, shows=composed.revision)


async def test_a_tip_made_sensitive_while_its_card_was_made_is_not_posted_in_the_name_of_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its announcement is taken back meanwhile, and another tip's announcement is owed: under another id."""
    tip = await log_tip(database, text="Le préfet a dîné")
    plain, left = composing.compose, iter(["once"])

    async def compose_slowly(*values: Any) -> Composed:
        composed = await plain(*values)
        if next(left, None):
            await sensitive(database, tip)
            await log_tip(database, text="Un autre tuyau")
        return composed

    monkeypatch.setattr("bot.delivery.outbox.compose", compose_slowly)
    clock = SettableClock()
    discord, delivery = FakeDiscord(clock), Delivery(database, clock)
    delivery.connect(discord)
    await delivery.settle()
    [message] = discord.truth
    assert ["Un autre tuyau" in str(card) for card in message.cards] == [True]
    assert "préfet" not in str(message.cards)


async def test_a_tip_made_sensitive_while_its_message_was_in_doubt_ends_hidden(database: Database) -> None:
    tip = await log_tip(database, text="Le préfet a dîné")
    [card] = await cards_of(database, tip)
    async with database.tx("test.doubt") as connection:
        await sending.begin(connection, Place(GUILD, LOG), card.id, START)
    await sensitive(database, tip)
    clock = SettableClock()
    discord, delivery = FakeDiscord(clock), Delivery(database, clock)
    delivery.connect(discord)
    await delivery.settle()
    assert "préfet" not in str([message.cards for message in discord.truth])
    [settled] = await cards_of(database, tip)
    assert (settled.state, settled.shown_revision) == (AnnouncementState.SENT, settled.due_revision)


async def test_the_whole_card_quotes_what_a_tip_said_before(database: Database) -> None:
    tip = await log_tip(database, text="Le préfet a dîné")
    words = replace(words_of(tip), text="Le préfet a déjeuné")
    tip = (await changes.edit(database, REPORTER, tip.id, words, START, seen=1, reason="à midi")).tip
    async with database.read() as connection:
        whole = await tip_content(connection, tip, None, reader=REPORTER)
        posted = await tip_content(connection, tip, None)
    assert "Le préfet a dîné" in str(tip_card(FRENCH, whole, is_whole=True))
    assert "Le préfet a dîné" not in str(tip_card(FRENCH, posted))


async def test_a_version_that_was_sensitive_stays_hidden_from_those_who_may_not_see_it(database: Database) -> None:
    tip = await log_tip(database, text="Le préfet a dîné", is_sensitive=True)
    words = replace(words_of(tip), text="Un dîner a eu lieu", is_sensitive=False)
    tip = (await changes.edit(database, REPORTER, tip.id, words, START, seen=1)).tip
    async with database.read() as connection:
        theirs = await tip_content(connection, tip, None, reader=COLLEAGUE)
        own = await tip_content(connection, tip, None, reader=REPORTER)
    assert (len(theirs.earlier), len(own.earlier)) == (0, 1)
