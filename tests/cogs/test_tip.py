"""Tips from end to end: logged, dated, shown in a channel, followed up, made facts."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Platform, Reply
from bot.loopback.channels import Channel
from bot.models import ItemKind, ThingKind, TipStatus, WatchItem
from bot.storage.log import about, dossiers, tips
from tests.cogs.house import House, Room, settings_of, shown, values_of

SATURDAY = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
RIGHT = "C\u2019est bien cela"
OTHER = "Autre date…"
REOPEN = "Rouvrir le formulaire"
TEXT = "Axon aurait rencontré le cabinet du maire"
HIDDEN = "n\u2019est plus montré ici"


@pytest.fixture
async def room(house: House) -> Room:
    house.at(SATURDAY)
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


@pytest.fixture
async def axon(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.COMPANY, name="Axon")


async def add(room: Room, text: str = TEXT, **options: Any) -> Reply:
    return await room.reporter.slash("tip add", room.desk, text=text, **options)


async def linked(house: House, room: Room, tip: int = 1) -> list[str]:
    async with house.app.database.read() as connection:
        return [item.name for item in await about.items_of(connection, room.guild.id, ThingKind.TIP, tip)]


async def gathered(house: House, room: Room, tip: int = 1) -> list[str]:
    async with house.app.database.read() as connection:
        return [found.name for found in await dossiers.of_thing(connection, room.guild.id, ThingKind.TIP, tip)]


async def test_a_tip_is_stored_as_it_was_given(house: House, room: Room) -> None:
    await add(room, origin="un appel", heard="mardi dernier")
    [tip] = await house.tips(room)
    assert (tip.text, tip.origin, tip.heard, tip.heard_typed) == (TEXT, "un appel", "2026-11-17", "mardi dernier")
    assert (tip.status, tip.logged_by, tip.is_sensitive, tip.owner) == (TipStatus.NEW, room.reporter.id, False, None)


async def test_the_reply_is_private_and_says_where_the_tip_is_shown(room: Room, log: Channel) -> None:
    reply = await add(room)
    assert reply.ephemeral
    assert "Tuyau n°\u00a01 noté" in reply.text
    assert f"Montré dans <#{log.id}>" in reply.text


async def test_without_a_log_channel_the_reply_says_how_to_choose_one(house: House) -> None:
    reply = await add(await house.newsroom(house.guild("Sans journal")))
    assert "Montré nulle part" in reply.text
    assert "`/réglages journal`" in reply.text


async def test_the_reply_is_in_the_persons_language_and_the_card_in_the_newsrooms(room: Room, log: Channel) -> None:
    reply = await add(room, locale="en-GB")
    assert "Tip 1 is logged" in reply.text
    await shown(log, "Tuyau n°\u00a01 · nouveau", TEXT)


@pytest.mark.usefixtures("axon")
async def test_items_are_named_by_name_and_number(house: House, room: Room) -> None:
    drone = await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    await add(room, item=f"axon ; {drone.id}; Axon")
    assert await linked(house, room) == ["Axon", "drone"]


async def test_an_unknown_item_is_refused_and_nothing_is_stored(house: House, room: Room) -> None:
    reply = await add(room, item="Axon")
    assert "Axon" in reply.text
    assert await house.tips(room) == []


async def test_a_tip_goes_into_several_dossiers(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Mairie")
    await add(room, dossier="mairie; cam")
    assert await gathered(house, room) == ["Caméras", "Mairie"]


async def test_a_tip_for_a_closed_dossier_is_refused_and_not_stored(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await add(room, dossier="caméras")
    assert "est fermé" in reply.text
    assert await house.tips(room) == []


# --- the form ---


@pytest.mark.usefixtures("axon")
async def test_without_a_text_a_form_opens_with_what_was_given(room: Room) -> None:
    form = await room.reporter.slash("tip add", room.desk, origin="un appel", heard="hier", item="Axon", sensitive=True)
    assert values_of(form) == {
        "text": "",
        "origin": "un appel",
        "heard": "hier",
        "items": "Axon",
        "sensitive": "yes",
    }


@pytest.mark.usefixtures("axon")
async def test_the_form_logs_what_is_typed_into_it(house: House, room: Room) -> None:
    form = await room.reporter.slash("tip add", room.desk)
    reply = await room.reporter.submit(form, {"text": TEXT, "origin": "un appel", "heard": "hier", "items": "axon"})
    [tip] = await house.tips(room)
    assert (tip.text, tip.origin, tip.heard, tip.is_sensitive) == (TEXT, "un appel", "2026-11-20", False)
    assert await linked(house, room) == ["Axon"]
    assert reply.ephemeral


async def test_the_form_keeps_the_dossier_that_was_given_to_the_command(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    form = await room.reporter.slash("tip add", room.desk, dossier="caméras")
    await room.reporter.submit(form, {"text": TEXT})
    assert await gathered(house, room) == ["Caméras"]


async def test_a_dossier_closed_while_the_form_was_open_takes_nothing_more(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    form = await room.reporter.slash("tip add", room.desk, dossier="caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    refused = await room.reporter.submit(form, {"text": TEXT})
    assert "«\u00a0Caméras\u00a0» est fermé" in refused.text
    assert await house.tips(room) == []


async def test_a_tip_without_visible_words_is_refused(house: House, room: Room) -> None:
    reply = await add(room, "\u200b\u2060")
    assert "Le tuyau est vide" in reply.text
    assert await house.tips(room) == []


async def test_a_refused_form_is_reopened_with_what_was_typed_and_then_logs(house: House, room: Room) -> None:
    form = await room.reporter.slash("tip add", room.desk)
    refused = await room.reporter.submit(form, {"text": TEXT, "heard": "le 30 février 2026", "sensitive": "yes"})
    assert "30 février" in refused.text
    assert await house.tips(room) == []
    again = await room.reporter.click(refused, label=REOPEN)
    assert values_of(again) == {
        "text": TEXT,
        "origin": "",
        "heard": "le 30 février 2026",
        "items": "",
        "sensitive": "yes",
    }
    await room.reporter.submit(again, {"heard": "le 28 février 2026"})
    [tip] = await house.tips(room)
    assert (tip.heard, tip.is_sensitive) == ("2026-02-28", True)


async def test_a_form_opened_before_a_restart_logs_after_it(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        form = await room.reporter.slash("tip add", room.desk)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.reporter.submit(form, {"text": TEXT})
        assert [tip.text for tip in await house.tips(room)] == [TEXT]


async def test_a_form_sent_twice_logs_once(house: House, room: Room) -> None:
    form = await room.reporter.slash("tip add", room.desk)
    await room.reporter.submit(form, {"text": TEXT})
    again = await room.reporter.submit(form, {"text": TEXT})
    assert "déjà" in again.text
    assert len(await house.tips(room)) == 1


async def test_a_form_sent_twice_at_the_same_time_logs_once(house: House, room: Room) -> None:
    form = await room.reporter.slash("tip add", room.desk)
    await asyncio.gather(*(room.reporter.submit(form, {"text": TEXT}) for _ in range(3)))
    assert len(await house.tips(room)) == 1


# --- files ---


async def test_of_a_file_its_fingerprint_is_noted(room: Room) -> None:
    file = room.reporter.upload("courrier.pdf", b"%PDF made up")
    reply = await add(room, file=file)
    whole = await room.reporter.slash("tip show", room.desk, tip="1")
    assert "Empreinte de «\u00a0courrier.pdf\u00a0» gardée" in reply.text
    assert hashlib.sha256(b"%PDF made up").hexdigest() in whole.text


async def test_the_answer_is_promised_before_a_file_is_read(room: Room) -> None:
    reply = await add(room, file=room.reporter.upload("courrier.pdf", b"%PDF"))
    assert reply.deferred
    assert reply.ephemeral


async def test_a_file_without_a_text_is_refused_in_words(house: House, room: Room) -> None:
    file = room.reporter.upload("courrier.pdf", b"%PDF")
    reply = await room.reporter.slash("tip add", room.desk, file=file)
    assert "donnez aussi le texte" in reply.text
    assert await house.tips(room) == []


async def test_a_file_that_is_too_large_is_refused_unread(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._log_options.FILE_BYTES", 3)
    reply = await add(room, file=room.reporter.upload("courrier.pdf", b"%PDF"))
    assert "trop gros" in reply.text
    assert await house.tips(room) == []


# --- cards ---


async def test_the_card_is_posted_in_the_log(room: Room, log: Channel) -> None:
    await add(room, origin="un appel", heard="mi-novembre 2020")
    card = await shown(log, "Tuyau n°\u00a01 · nouveau", TEXT, "un appel", "mi-novembre 2020")
    assert card.components == []


async def test_the_card_is_posted_in_the_dossiers_channel_instead_of_the_log(house: House, room: Room) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    reply = await add(room, dossier="caméras")
    await shown(channel, TEXT)
    assert f"<#{channel.id}>" in reply.text
    assert [card.channel_id for card in await house.cards(room)] == [channel.id]


async def test_the_card_is_posted_once_in_each_channel_of_several_dossiers(house: House, room: Room) -> None:
    first, second = room.guild.add_channel("caméras"), room.guild.add_channel("mairie")
    for name, channel in (("Caméras", first), ("Mairie", second), ("Police", first), ("Sans salon", None)):
        await house.dossier(room, name, channel)
    await add(room, dossier="caméras; mairie; police; sans salon")
    await shown(first, TEXT)
    await shown(second, TEXT)
    assert sorted(card.channel_id for card in await house.cards(room)) == sorted([first.id, second.id])


async def test_the_card_goes_to_the_log_when_its_dossiers_have_no_channel(
    house: House, room: Room, log: Channel
) -> None:
    await house.dossier(room, "Caméras")
    await add(room, dossier="caméras")
    await shown(log, TEXT, "Caméras")


async def test_a_note_shows_on_the_card(room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, TEXT)
    await room.reporter.slash("tip note", room.desk, tip="1", text="Le cabinet dément")
    await shown(log, TEXT, "Le cabinet dément")


async def test_a_status_shows_on_the_card(room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, "nouveau")
    await room.reporter.slash("tip status", room.desk, tip="1", status="checking")
    await shown(log, "Tuyau n°\u00a01 · en vérification")


async def test_its_owner_shows_on_the_card(room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, "personne pour l\u2019instant")
    await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    await shown(log, f"<@{room.editor.id}>")


async def test_an_edit_shows_on_the_card(room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, TEXT)
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    await room.reporter.submit(form, {"text": "Deux réunions, pas une", "reason": "rappelé"})
    await shown(log, "Deux réunions, pas une", "version 2")


async def test_a_dossier_that_it_was_put_into_shows_on_the_card_of_the_log(
    house: House, room: Room, log: Channel
) -> None:
    await house.dossier(room, "Caméras")
    await add(room)
    await shown(log, TEXT)
    await room.reporter.slash("dossier add", room.desk, dossier="caméras", thing="tuyau 1")
    await shown(log, TEXT, "Caméras")


async def test_a_change_edits_the_card_and_posts_no_second_one(house: House, room: Room, log: Channel) -> None:
    await add(room)
    for text in ("une", "deux", "trois"):
        await room.reporter.slash("tip note", room.desk, tip="1", text=text)
    await shown(log, TEXT, "trois")
    assert len(log.messages) == 1
    assert len(await house.cards(room)) == 1


# --- sensitive tips ---


async def test_a_sensitive_tip_is_posted_nowhere(house: House, room: Room) -> None:
    channel = room.guild.add_channel("caméras")
    await house.dossier(room, "Caméras", channel)
    reply = await add(room, sensitive=True, dossier="caméras")
    assert "publié nulle part" in reply.text
    assert await house.cards(room) == []


async def test_what_happens_to_a_sensitive_tip_is_posted_nowhere(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras", room.guild.add_channel("caméras"))
    await add(room, sensitive=True)
    await room.reporter.slash("tip note", room.desk, tip="1", text="Le cabinet dément")
    await room.reporter.slash("tip status", room.desk, tip="1", status="checking")
    await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    await room.reporter.slash("dossier add", room.desk, dossier="caméras", thing="tuyau 1")
    assert await house.cards(room) == []


async def test_a_tip_made_sensitive_is_hidden_where_it_had_been_posted(room: Room, log: Channel) -> None:
    await add(room, origin="un appel")
    await shown(log, TEXT)
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    reply = await room.reporter.submit(form, {"sensitive": "yes"})
    card = await shown(log, HIDDEN)
    assert TEXT not in str(card.embeds)
    assert "un appel" not in str(card.embeds)
    assert "ceux qui l\u2019y ont lu" in reply.text


async def test_a_tip_made_sensitive_before_it_was_posted_is_never_posted(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        await house.log_of(room)
        await add(room)
        assert len(await house.cards(room)) == 1
        form = await room.reporter.slash("tip edit", room.desk, tip="1")
        await room.reporter.submit(form, {"sensitive": "yes"})
        assert await house.cards(room) == []


async def test_a_tip_that_is_sensitive_no_more_is_shown_again(room: Room, log: Channel) -> None:
    await add(room)
    await shown(log, TEXT)
    for answer, words in (("yes", HIDDEN), ("no", TEXT)):
        form = await room.reporter.slash("tip edit", room.desk, tip="1")
        await room.reporter.submit(form, {"sensitive": answer})
        await shown(log, words)
    assert len(log.messages) == 1


# --- dates ---


@pytest.mark.parametrize(
    ("typed", "kept", "echoed"),
    [
        ("mardi dernier", "2026-11-17", "mardi 17 novembre 2026"),
        ("12 mai", "2026-05-12", "mardi 12 mai 2026"),
        ("mi-novembre 2020", "2020-11-mid", "novembre 2020 (vers le milieu)"),
        ("mai 2025", "2025-05", "mai 2025"),
        ("03/04/2025", "2025-04-03", "jeudi 3 avril 2025"),
        ("hier à 18h30", "2026-11-20T18:30+01:00", "vendredi 20 novembre 2026 à 18:30"),
    ],
)
async def test_a_date_is_read_as_people_say_it_and_said_back_in_full(
    house: House, room: Room, typed: str, kept: str, echoed: str
) -> None:
    reply = await add(room, heard=typed)
    [tip] = await house.tips(room)
    assert (tip.heard, tip.heard_typed) == (kept, typed)
    assert f"**{echoed}** («\u00a0{typed}\u00a0»)" in reply.text
    assert reply.buttons == [RIGHT, OTHER]


async def test_an_english_newsroom_says_last_tuesday(house: House, room: Room) -> None:
    await room.administrator.slash("setup", room.desk, language="en")
    reply = await add(room, heard="last Tuesday", locale="en-GB")
    [tip] = await house.tips(room)
    assert tip.heard == "2026-11-17"
    assert "**Tuesday 17 November 2026**" in reply.text


async def test_an_english_newsroom_refuses_a_date_with_two_readings(house: House, room: Room) -> None:
    await room.administrator.slash("setup", room.desk, language="en")
    reply = await add(room, heard="03/04/2025", locale="en-GB")
    assert "3 April 2025" in reply.text
    assert "4 March 2025" in reply.text
    assert await house.tips(room) == []


@pytest.mark.parametrize(
    "typed", ["42", "10h", "30 février 2026", "sa", "un de ces jours", "2025-13-01", "dans 3 jours"]
)
async def test_a_date_that_cannot_be_is_refused_in_a_sentence_and_nothing_is_stored(
    house: House, room: Room, typed: str
) -> None:
    reply = await add(room, heard=typed)
    assert typed in reply.content
    assert reply.content.rstrip().endswith((".", "»."))
    assert "référence" not in reply.text
    assert await house.tips(room) == []


async def test_an_iso_date_needs_no_confirmation(room: Room) -> None:
    reply = await add(room, heard="2025-04-03")
    assert "**jeudi 3 avril 2025**" in reply.text
    assert reply.buttons == []


async def test_to_confirm_a_date_takes_the_question_away(house: House, room: Room) -> None:
    reply = await add(room, heard="mardi dernier")
    confirmed = await room.reporter.click(reply, label=RIGHT)
    assert confirmed.buttons == []
    assert "Tuyau n°\u00a01 noté" in confirmed.text
    [tip] = await house.tips(room)
    assert tip.heard == "2026-11-17"


async def test_another_date_opens_the_form_of_the_tip_and_replaces_it(house: House, room: Room) -> None:
    reply = await add(room, heard="mardi dernier")
    form = await room.reporter.click(reply, label=OTHER)
    assert form.modal is not None
    assert "tuyau n°\u00a01" in form.modal["title"]
    assert values_of(form)["heard"] == "mardi dernier"
    await room.reporter.submit(form, {"heard": "10 novembre"})
    [tip] = await house.tips(room)
    assert (tip.heard, tip.text) == ("2026-11-10", TEXT)


async def test_the_buttons_of_a_date_work_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        reply = await add(room, heard="hier")
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        form = await room.reporter.click(reply, label=OTHER)
        assert values_of(form)["heard"] == "hier"
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        assert (await room.reporter.click(reply, label=RIGHT)).buttons == []


async def test_a_date_is_not_read_anew_when_something_else_is_edited(house: House, room: Room) -> None:
    await add(room, heard="mardi dernier")
    house.clock.offset += timedelta(days=30)
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    await room.reporter.submit(form, {"text": "Deux réunions"})
    [tip] = await house.tips(room)
    assert (tip.text, tip.heard) == ("Deux réunions", "2026-11-17")


# --- what becomes of it ---


async def test_show_tells_everything_that_was_done(room: Room) -> None:
    await add(room, origin="un appel", heard="mardi dernier")
    await room.reporter.slash("tip note", room.desk, tip="1", text="Le cabinet dément")
    await room.editor.slash("tip assign", room.desk, tip="1", member=room.reporter)
    await room.editor.slash("tip status", room.desk, tip="1", status="dropped")
    reply = await room.reporter.slash("tip show", room.desk, tip="1")
    assert reply.ephemeral
    for words in (TEXT, "un appel", "mardi 17 novembre 2026", "Le cabinet dément", "abandonné"):
        assert words in reply.text
    assert f"confié à** <@{room.reporter.id}>" in reply.text


async def test_an_empty_note_is_refused(house: House, room: Room) -> None:
    await add(room)
    reply = await room.reporter.slash("tip note", room.desk, tip="1", text="\u200b")
    assert "La note est vide" in reply.text
    assert [tip.changes for tip in await house.tips(room)] == [1]


async def test_an_edit_makes_a_version_and_keeps_the_former_one(house: House, room: Room) -> None:
    await add(room, origin="un appel")
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    assert values_of(form) == {"text": TEXT, "origin": "un appel", "heard": "", "sensitive": "no", "reason": ""}
    reply = await room.reporter.submit(form, {"text": "Deux réunions", "reason": "rappelé"})
    assert "c\u2019est sa version 2" in reply.text
    async with house.app.database.read() as connection:
        versions = await tips.versions(connection, room.guild.id, 1)
    assert [(one.words.text, one.reason) for one in versions] == [(TEXT, None), ("Deux réunions", "rappelé")]


async def test_an_edit_keeps_the_link_of_the_message_it_was_made_from(house: House, room: Room) -> None:
    house.clock.offset = timedelta()
    message = room.editor.post(room.desk, TEXT)
    await room.reporter.submit(await room.reporter.context_menu("Noter comme tuyau", message))
    [tip] = await house.tips(room)
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    await room.reporter.submit(form, {"text": "Deux réunions"})
    [after] = await house.tips(room)
    assert after.origin_url == tip.origin_url
    assert str(message.id) in (after.origin_url or "")


async def test_an_edit_that_changes_nothing_makes_no_version(house: House, room: Room) -> None:
    await add(room, heard="mardi dernier")
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    reply = await room.reporter.submit(form)
    assert "Rien n\u2019a changé" in reply.text
    assert [tip.revision for tip in await house.tips(room)] == [1]


async def test_the_second_of_two_editors_is_shown_the_firsts_version_and_keeps_their_text(
    house: House, room: Room
) -> None:
    await add(room)
    first = await room.reporter.slash("tip edit", room.desk, tip="1")
    second = await room.editor.slash("tip edit", room.desk, tip="1")
    await room.reporter.submit(first, {"text": "Deux réunions"})
    refused = await room.editor.submit(second, {"text": "Trois réunions"})
    assert "Deux réunions" in refused.text
    assert [tip.text for tip in await house.tips(room)] == ["Deux réunions"]
    again = await room.editor.click(refused, label=REOPEN)
    assert values_of(again)["text"] == "Trois réunions"
    await room.editor.submit(again)
    [tip] = await house.tips(room)
    assert (tip.text, tip.revision) == ("Trois réunions", 3)


async def test_an_edit_sent_twice_at_the_same_time_is_not_somebody_elses(house: House, room: Room) -> None:
    await add(room)
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    replies = await asyncio.gather(*(room.reporter.submit(form, {"text": "Deux réunions"}) for _ in range(2)))
    texts = [reply.text for reply in replies]
    assert sum("c\u2019est sa version 2" in text for text in texts) == 1
    assert sum("déjà" in text for text in texts) == 1
    assert [tip.revision for tip in await house.tips(room)] == [2]


async def test_a_tip_is_given_to_a_member(house: House, room: Room) -> None:
    await add(room)
    reply = await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    assert f"confié à <@{room.editor.id}>" in reply.text
    assert [tip.owner for tip in await house.tips(room)] == [room.editor.id]


async def test_a_tip_that_is_theirs_already_is_not_given_again(house: House, room: Room) -> None:
    await add(room)
    for _ in range(2):
        reply = await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    assert "est déjà confié" in reply.text
    assert [tip.changes for tip in await house.tips(room)] == [2]


@pytest.mark.parametrize("who", ["stranger", "administrator"])
async def test_a_tip_is_not_given_to_who_has_no_role(house: House, room: Room, who: str) -> None:
    await add(room)
    reply = await room.reporter.slash("tip assign", room.desk, tip="1", member=getattr(room, who))
    assert "n\u2019a pas de rôle" in reply.text
    assert [tip.owner for tip in await house.tips(room)] == [None]


@pytest.mark.parametrize(
    ("typed", "status"), [("en vérification", "checking"), ("confirmé", "confirmed"), ("abandonné", "dropped")]
)
async def test_a_status_is_chosen_in_french(house: House, room: Room, typed: str, status: str) -> None:
    await add(room)
    reply = await room.reporter.slash("tip status", room.desk, tip="1", status=typed)
    assert f"Tuyau n°\u00a01\u00a0: {typed}." in reply.text
    assert [str(tip.status) for tip in await house.tips(room)] == [status]


async def test_the_status_that_it_has_changes_nothing(house: House, room: Room) -> None:
    await add(room)
    reply = await room.reporter.slash("tip status", room.desk, tip="1", status="new")
    assert "était déjà" in reply.text
    assert [tip.changes for tip in await house.tips(room)] == [1]


OTHERS: dict[str, dict[str, Any]] = {
    "tip note": {"text": "Le cabinet dément"},
    "tip edit": {},
    "tip assign": {},
    "tip status": {"status": "dropped"},
    "tip promote": {},
}


def given(room: Room, command: str) -> dict[str, Any]:
    return OTHERS[command] | ({"member": room.reporter} if command == "tip assign" else {})


@pytest.mark.parametrize("command", OTHERS)
async def test_a_reporter_is_refused_what_changes_somebody_elses_tip(house: House, room: Room, command: str) -> None:
    await add(room)
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    reply = await other.slash(command, room.desk, tip="1", **given(room, command))
    assert "quelqu\u2019un d\u2019autre" in reply.text
    assert [tip.changes for tip in await house.tips(room)] == [1]


@pytest.mark.parametrize("command", OTHERS)
async def test_its_owner_may_change_a_tip_that_somebody_else_logged(room: Room, command: str) -> None:
    await add(room)
    owner = room.guild.add_member("Zoé", roles=[room.reporter_role])
    await room.editor.slash("tip assign", room.desk, tip="1", member=owner)
    reply = await owner.slash(command, room.desk, tip="1", **given(room, command))
    assert reply.modal is not None or "uyau n°\u00a01" in reply.text


async def test_one_who_lost_the_role_cannot_send_the_form_of_an_edit(house: House, room: Room) -> None:
    await add(room)
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    room.reporter.roles.clear()
    reply = await room.reporter.submit(form, {"text": "Deux réunions"})
    assert "rôle de la rédaction" in reply.text
    assert [tip.text for tip in await house.tips(room)] == [TEXT]


async def test_a_made_up_button_does_not_reach_another_newsrooms_tip(house: House, room: Room) -> None:
    await add(room)
    other = await house.newsroom(house.guild("L\u2019Autre"))
    reply = await add(other, heard="hier")
    for button in reply.components[0]["components"]:
        if button["label"] == OTHER:
            button["custom_id"] = "tip-edit:1"
    reached = await other.reporter.click(reply, label=OTHER)
    assert reached.modal is None
    assert "Aucun tuyau" in reached.text


# --- promoted ---


async def test_promote_opens_the_form_of_a_fact_filled_in_with_the_tip(room: Room) -> None:
    await add(room)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    assert form.modal is not None
    assert "tuyau n°\u00a01" in form.modal["title"]
    assert values_of(form)["claim"] == TEXT


async def test_the_form_of_a_sensitive_tip_warns_that_the_fact_is_posted(room: Room) -> None:
    await add(room, sensitive=True)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    assert form.modal is not None
    assert "le fait, lui, sera montré" in form.modal["components"][0]["description"]


async def test_a_promoted_tip_is_confirmed_and_named_by_its_fact(house: House, room: Room, log: Channel) -> None:
    await add(room)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    reply = await room.reporter.submit(form, {"source": "https://mairie.example/agenda"})
    assert "vient du tuyau n°\u00a01" in reply.text
    [tip], [fact] = await house.tips(room), await house.facts(room)
    assert (tip.status, fact.tip_id, fact.claim.text) == (TipStatus.CONFIRMED, 1, TEXT)
    await shown(log, "Tuyau n°\u00a01 · confirmé", "Fait noté")


@pytest.mark.usefixtures("axon")
async def test_a_fact_takes_over_the_items_and_open_dossiers_of_its_tip(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Mairie")
    await add(room, item="Axon", dossier="caméras; mairie")
    await room.editor.slash("dossier close", room.desk, dossier="mairie")
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    await room.reporter.submit(form, {"source": "https://mairie.example/agenda"})
    async with house.app.database.read() as connection:
        items = await about.items_of(connection, room.guild.id, ThingKind.FACT, 1)
        within = await dossiers.of_thing(connection, room.guild.id, ThingKind.FACT, 1)
    assert [item.name for item in items] == ["Axon"]
    assert [dossier.name for dossier in within] == ["Caméras"]


async def test_a_promotion_refused_for_want_of_a_source_is_still_one_when_reopened(house: House, room: Room) -> None:
    await add(room)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    refused = await room.reporter.submit(form)
    assert "a besoin d\u2019une source" in refused.text
    assert [tip.status for tip in await house.tips(room)] == [TipStatus.NEW]
    again = await room.reporter.click(refused, label=REOPEN)
    await room.reporter.submit(again, {"source": "https://mairie.example/agenda"})
    assert [fact.tip_id for fact in await house.facts(room)] == [1]


async def test_a_long_tip_is_cut_to_the_length_of_a_claim(room: Room) -> None:
    await add(room, "a" * 1_500)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    assert len(values_of(form)["claim"]) == 1_000


# --- how much, how fast ---


@pytest.mark.parametrize(("option", "most"), [("text", 4_000), ("origin", 300)])
async def test_a_text_of_the_full_length_is_taken(house: House, room: Room, option: str, most: int) -> None:
    await add(room, **{"text": TEXT, option: "é" * most})
    [tip] = await house.tips(room)
    assert len(getattr(tip, option)) == most


@pytest.mark.parametrize(("option", "most"), [("text", 4_000), ("origin", 300)])
async def test_a_text_of_one_more_is_refused_with_both_numbers(
    house: House, room: Room, option: str, most: int
) -> None:
    reply = await add(room, **{"text": TEXT, option: "é" * (most + 1)})
    assert f"{most} caractères" in reply.text.replace("\u202f", "")
    assert str(most + 1) in reply.text.replace("\u202f", "")
    assert await house.tips(room) == []


@pytest.mark.parametrize(
    ("wrong", "mended"),
    [
        ({"text": "é" * 4_001}, {"text": "Un dîner"}),
        ({"heard": "le 45 mai"}, {"heard": "hier"}),
        ({"embargo": "hier"}, {"embargo": "2031-05-12 18:00"}),
        ({"dossier": "aucun"}, {"dossier": ""}),
    ],
    ids=lambda given: next(iter(given)),
)
async def test_a_command_that_is_refused_opens_as_a_form_with_all_that_was_typed(
    house: House, room: Room, wrong: dict[str, Any], mended: dict[str, str]
) -> None:
    file = room.reporter.upload("note.pdf", b"%PDF")
    reply = await add(
        room, **{"text": TEXT, "origin": "un https://appel.example", "item": "Axon", "file": file, **wrong}
    )
    assert "un https://appel.example" in reply.text
    assert await house.tips(room) == []
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    logged = await room.reporter.submit(await room.reporter.click(reply, label=REOPEN), mended)
    [tip] = await house.tips(room)
    assert (tip.origin, await linked(house, room)) == ("un https://appel.example", ["Axon"])
    assert "note.pdf" in logged.text
    assert (tip.embargo_until is not None) == ("embargo" in wrong)


async def test_a_form_that_asks_again_is_refused_as_often_as_need_be(house: House, room: Room) -> None:
    reply = await add(room, embargo="hier", dossier="aucun", sensitive=True)
    form = await room.reporter.click(reply, label=REOPEN)
    again = await room.reporter.submit(form, {"embargo": "2031-05-12"})
    assert "aucun" in again.content
    await room.reporter.submit(await room.reporter.click(again, label=REOPEN), {"dossier": ""})
    [tip] = await house.tips(room)
    assert (tip.is_sensitive, tip.embargo_until is not None) == (True, True)


async def test_a_tip_of_4000_characters_fits_its_form_and_its_card(room: Room, log: Channel) -> None:
    form = await room.reporter.slash("tip add", room.desk)
    await room.reporter.submit(form, {"text": "é" * 4_000})
    card = await shown(log, "Tuyau n°\u00a01", "Abrégé ici")
    assert "/tuyau voir tuyau:1" in str(card.embeds)


@pytest.mark.parametrize(("length", "changes"), [(2_000, 2), (2_001, 1)])
async def test_a_note_has_at_most_2000_characters(house: House, room: Room, length: int, changes: int) -> None:
    await add(room)
    await room.reporter.slash("tip note", room.desk, tip="1", text="é" * length)
    assert [tip.changes for tip in await house.tips(room)] == [changes]


async def test_a_person_logs_30_tips_a_minute_and_no_more(house: House, room: Room) -> None:
    for _ in range(30):
        await add(room)
    reply = await add(room)
    assert "30 par minute" in reply.text
    assert len(await house.tips(room)) == 30


async def test_one_persons_haste_does_not_stop_another(house: House, room: Room) -> None:
    for _ in range(30):
        await add(room)
    await room.editor.slash("tip add", room.desk, text=TEXT)
    assert len(await house.tips(room)) == 31


async def test_a_form_refused_for_haste_is_sent_again_a_minute_later(house: House, room: Room) -> None:
    form = await room.reporter.slash("tip add", room.desk)
    for _ in range(30):
        await add(room)
    refused = await room.reporter.submit(form, {"text": "le 31e"})
    house.clock.offset += timedelta(minutes=1, seconds=1)
    await room.reporter.submit(await room.reporter.click(refused, label=REOPEN))
    assert (await house.tips(room))[-1].text == "le 31e"


async def test_a_newsroom_that_is_full_takes_no_more(house: House, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.tips.changes.TIPS", 2)
    await add(room)
    await add(room, sensitive=True)
    reply = await room.editor.slash("tip add", room.desk, text=TEXT)
    assert "le plus que Vigie en garde" in reply.text
    assert len(await house.tips(room)) == 2
