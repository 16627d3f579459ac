"""The menus of a message, and the button of an announcement: a fact or a tip out of what stands in a channel."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.loopback import Message, Platform
from bot.loopback.channels import Channel
from bot.models import CitationKind, ItemKind, ThingKind, WatchItem
from bot.storage.log import about
from tests.cogs.house import House, Room, settings_of, shown, values_of

AS_FACT = "Noter comme fait"
AS_TIP = "Noter comme tuyau"
COMPARE = "Comparer à nos surveillances"
WORDS = "Axon a gagné le marché de Lyon"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
async def room(house: House) -> Room:
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


@pytest.fixture
async def axon(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.COMPANY, name="Axon")


@pytest.fixture
def message(room: Room) -> Message:
    return room.editor.post(room.desk, WORDS)


def link_of(room: Room, message: Message) -> str:
    return f"https://discord.com/channels/{room.guild.id}/{room.desk.id}/{message.id}"


# --- as a fact ---


async def test_the_form_of_a_fact_holds_the_words_and_the_link_of_the_message(room: Room, message: Message) -> None:
    form = await room.reporter.context_menu(AS_FACT, message)
    assert values_of(form) == {
        "claim": WORDS,
        "source": link_of(room, message),
        "quote": WORDS,
        "date": "",
        "items": "",
    }


async def test_the_author_the_link_and_the_date_of_the_message_become_the_facts_source(
    house: House, room: Room, message: Message
) -> None:
    form = await room.reporter.context_menu(AS_FACT, message)
    await room.reporter.submit(form, {"claim": "Axon a le marché"})
    [fact], [citation] = await house.facts(room), await house.citations(room)
    assert (fact.claim.text, fact.logged_by) == ("Axon a le marché", room.reporter.id)
    assert (citation.kind, citation.url, citation.quote) == (CitationKind.MESSAGE, link_of(room, message), WORDS)
    assert room.editor.name in (citation.origin or "")
    assert str(room.editor.id) in (citation.origin or "")
    assert message.created_at.astimezone(PARIS).isoformat(timespec="minutes") in (citation.origin or "")


async def test_a_message_is_named_in_french_and_in_english(room: Room, message: Message) -> None:
    form = await room.reporter.context_menu("Log as fact", message, locale="en-GB")
    assert form.modal is not None
    assert form.modal["title"] == "Log a fact"


async def test_a_quote_that_was_emptied_is_not_kept(house: House, room: Room, message: Message) -> None:
    form = await room.reporter.context_menu(AS_FACT, message)
    await room.reporter.submit(form, {"quote": ""})
    assert [citation.quote for citation in await house.citations(room)] == [None]


async def test_another_source_than_the_message_is_taken_as_typed(house: House, room: Room, message: Message) -> None:
    form = await room.reporter.context_menu(AS_FACT, message)
    await room.reporter.submit(form, {"source": "https://boamp.example/26-1", "quote": ""})
    [citation] = await house.citations(room)
    assert (citation.kind, citation.url, citation.origin) == (CitationKind.LINK, "https://boamp.example/26-1", None)


async def test_a_refused_form_of_a_message_still_knows_it_when_reopened(
    house: House, room: Room, message: Message
) -> None:
    form = await room.reporter.context_menu(AS_FACT, message)
    refused = await room.reporter.submit(form, {"date": "le 30 février 2026"})
    again = await room.reporter.click(refused, label="Rouvrir le formulaire")
    await room.reporter.submit(again, {"date": ""})
    [citation] = await house.citations(room)
    assert str(room.editor.id) in (citation.origin or "")


async def test_a_long_message_is_cut_to_the_lengths_of_the_form(house: House, room: Room) -> None:
    message = room.editor.post(room.desk, "é" * 1_900)
    form = await room.reporter.context_menu(AS_FACT, message)
    await room.reporter.submit(form)
    [fact], [citation] = await house.facts(room), await house.citations(room)
    assert (len(fact.claim.text), len(citation.quote or "")) == (1_000, 1_900)


async def test_the_menu_works_on_a_form_sent_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        form = await room.reporter.context_menu(AS_FACT, room.editor.post(room.desk, WORDS))
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.submit(form)
        assert [citation.kind for citation in await house.citations(room)] == [CitationKind.MESSAGE]


# --- as a tip ---


async def test_the_author_the_link_and_the_date_of_the_message_become_the_tips_origin(
    house: House, room: Room, message: Message
) -> None:
    await room.reporter.submit(await room.reporter.context_menu(AS_TIP, message))
    [tip] = await house.tips(room)
    assert (tip.text, tip.origin_url, tip.logged_by) == (WORDS, link_of(room, message), room.reporter.id)
    assert room.editor.name in (tip.origin or "")
    assert str(room.editor.id) in (tip.origin or "")
    assert tip.heard == message.created_at.astimezone(PARIS).isoformat(timespec="minutes")


async def test_the_date_of_a_message_needs_no_confirmation(room: Room, message: Message) -> None:
    reply = await room.reporter.submit(await room.reporter.context_menu(AS_TIP, message))
    assert reply.buttons == []


async def test_a_tip_of_a_message_can_be_sensitive(house: House, room: Room, message: Message) -> None:
    await room.reporter.submit(await room.reporter.context_menu(AS_TIP, message), {"sensitive": "yes"})
    assert [tip.is_sensitive for tip in await house.tips(room)] == [True]
    assert await house.cards(room) == []


async def test_the_card_of_the_tip_leads_to_the_message(room: Room, message: Message, log: Channel) -> None:
    await room.reporter.submit(await room.reporter.context_menu(AS_TIP, message))
    card = await shown(log, WORDS)
    assert link_of(room, message) in str(card.embeds)


async def test_a_message_without_words_opens_an_empty_form(room: Room) -> None:
    message = room.editor.post(room.desk, "", [room.editor.upload("bail.pdf", b"%PDF")])
    form = await room.reporter.context_menu(AS_TIP, message)
    assert values_of(form)["text"] == ""
    assert room.editor.name in values_of(form)["origin"]


# --- of our own announcements ---


async def test_the_menu_on_an_announcement_is_filled_in_from_its_notice(
    house: House, room: Room, axon: WatchItem
) -> None:
    announced = await house.announce(room, [axon])
    form = await room.reporter.context_menu(AS_FACT, announced)
    assert values_of(form)["claim"] == "Caméras-piétons"
    assert values_of(form)["items"] == str(axon.id)
    await room.reporter.submit(form)
    [citation] = await house.citations(room)
    assert (citation.kind, citation.title) == (CitationKind.NOTICE, "Caméras-piétons")


async def test_the_button_of_an_announcement_is_filled_in_from_its_notice(
    house: House, room: Room, axon: WatchItem
) -> None:
    announced = await house.announce(room, [axon])
    form = await room.reporter.click(announced, label=AS_FACT)
    await room.reporter.submit(form, {"claim": "Lyon achète des caméras"})
    [citation] = await house.citations(room)
    assert citation.kind is CitationKind.NOTICE
    async with house.app.database.read() as connection:
        items = await about.items_of(connection, room.guild.id, ThingKind.FACT, 1)
    assert [item.name for item in items] == ["Axon"]


async def test_an_item_that_is_no_longer_watched_does_not_stand_in_the_way(
    house: House, room: Room, axon: WatchItem
) -> None:
    announced = await house.announce(room, [axon])
    await room.reporter.slash("watch remove", room.desk, item="Axon")
    await room.reporter.submit(await room.reporter.click(announced, label=AS_FACT))
    assert len(await house.facts(room)) == 1


async def test_the_button_works_after_a_restart_before_anything_is_sent(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
        announced = await house.announce(room, [item])
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        form = await room.reporter.click(announced, label=AS_FACT)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.submit(form)
        assert [citation.kind for citation in await house.citations(room)] == [CitationKind.NOTICE]


async def test_another_newsrooms_announcement_is_refused_in_words(house: House, room: Room, axon: WatchItem) -> None:
    announced = await house.announce(room, [axon])
    other = await house.newsroom(house.guild("L\u2019Autre"))
    own = await house.follow(other, kind=ItemKind.KEYWORD, name="drone")
    copied = await house.announce(other, [own], notice_id="26-9")
    for button in copied.components[0]["components"]:
        if button["label"] == AS_FACT:
            [button["custom_id"]] = [
                one["custom_id"] for one in announced.components[0]["components"] if one["label"] == AS_FACT
            ]
    reply = await other.reporter.click(copied, label=AS_FACT)
    assert "n\u2019est pas de votre rédaction" in reply.text
    assert reply.modal is None


async def test_a_stranger_is_refused_the_button(house: House, room: Room, axon: WatchItem) -> None:
    announced = await house.announce(room, [axon])
    reply = await room.stranger.click(announced, label=AS_FACT)
    assert "rôle de la rédaction" in reply.text
    assert reply.modal is None


async def test_the_menu_on_the_card_of_a_tip_cites_it_as_a_message(house: House, room: Room, log: Channel) -> None:
    await room.reporter.slash("tip add", room.desk, text=WORDS)
    card = await shown(log, WORDS)
    form = await room.reporter.context_menu(AS_FACT, card)
    assert WORDS in values_of(form)["claim"]
    await room.reporter.submit(form)
    assert [citation.kind for citation in await house.citations(room)] == [CitationKind.MESSAGE]


async def test_our_cards_are_taken_as_they_read_without_the_escapes_of_discord(room: Room, log: Channel) -> None:
    text = "Axon_1 (lot [2]) a *perdu* l'appel n\u00b0 1. ~ sic"
    await room.reporter.slash("tip add", room.desk, text=text)
    card = await shown(log, "Axon")
    assert "\\" in str(card.embeds[0]["description"])
    values = values_of(await room.reporter.context_menu(AS_FACT, card))
    assert text in values["claim"]
    assert text in values["quote"]
    assert "**" not in values["claim"]


async def test_what_a_person_wrote_keeps_its_backslashes(room: Room) -> None:
    message = room.editor.post(room.desk, r"C:\_partage **ici**")
    form = await room.reporter.context_menu(AS_FACT, message)
    assert values_of(form)["claim"] == r"C:\_partage **ici**"


async def test_a_form_is_filled_in_with_at_most_20_items_and_can_be_sent(house: House, room: Room) -> None:
    items = [await house.follow(room, kind=ItemKind.KEYWORD, name=f"caméra {number}") for number in range(27)]
    announced = await house.announce(room, items)
    form = await room.reporter.click(announced, label=AS_FACT)
    filled = values_of(form)["items"].split("; ")
    assert len(filled) == 20
    assert set(filled) <= {str(item.id) for item in items}
    await room.reporter.submit(form)
    async with house.app.database.read() as connection:
        assert len(await about.items_of(connection, room.guild.id, ThingKind.FACT, 1)) == 20


# --- compared with the watchlist ---


async def test_our_own_card_is_compared_by_what_it_shows(house: House, room: Room, log: Channel) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await room.reporter.slash("tip add", room.desk, text=WORDS)
    card = await shown(log, WORDS)
    reply = await room.reporter.context_menu(COMPARE, card)
    assert "**Axon**" in reply.text


async def test_a_message_is_compared_with_the_watchlist(house: House, room: Room, message: Message) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    reply = await room.reporter.context_menu(COMPARE, message)
    assert reply.ephemeral
    assert "**Axon**" in reply.text
    assert "drone" not in reply.text


async def test_a_message_that_names_nothing_watched_is_answered_so(house: House, room: Room, message: Message) -> None:
    await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    reply = await room.reporter.context_menu(COMPARE, message)
    assert reply.text.strip()
    assert "drone" not in reply.text


@pytest.mark.usefixtures("axon")
async def test_a_message_without_words_is_not_compared(room: Room) -> None:
    message = room.editor.post(room.desk, "", [room.editor.upload("bail.pdf", b"%PDF")])
    reply = await room.reporter.context_menu(COMPARE, message)
    assert "n\u2019a pas de texte" in reply.text


async def test_an_empty_watchlist_says_so(room: Room, message: Message) -> None:
    reply = await room.reporter.context_menu(COMPARE, message)
    assert "/veille ajouter" in reply.text


async def test_another_newsrooms_items_are_not_compared(house: House, room: Room, message: Message) -> None:
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await house.follow(other, kind=ItemKind.COMPANY, name="Axon")
    await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    reply = await room.reporter.context_menu(COMPARE, message)
    assert "**Axon**" not in reply.text


@pytest.mark.parametrize("menu", [AS_FACT, AS_TIP, COMPARE])
async def test_a_stranger_is_refused_every_menu(house: House, room: Room, message: Message, menu: str) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    reply = await room.stranger.context_menu(menu, message, force=True)
    assert reply.ephemeral
    assert "rôle de la rédaction" in reply.text
    assert reply.modal is None


@pytest.mark.parametrize("menu", [AS_FACT, AS_TIP, COMPARE])
async def test_before_setup_nobody_but_administrators_uses_a_menu(house: House, menu: str) -> None:
    room = house.guild("Sans réglages")
    reply = await room.reporter.context_menu(menu, room.editor.post(room.desk, WORDS), force=True)
    assert "n\u2019est pas encore réglée" in reply.text
