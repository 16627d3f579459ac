"""Lists of tips and facts: what they show, by which filters, and the pages that turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Member, Platform, Reply
from bot.models import ItemKind, TipWords
from bot.storage.log import tips
from tests.cogs.house import House, Room, settings_of

NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
NEXT = "Suivants"
PREVIOUS = "Précédents"
SOURCE = "https://mairie.example/agenda"


@pytest.fixture
async def room(house: House) -> Room:
    house.at(NOON)
    return await house.newsroom(house.guild())


async def log_tips(room: Room, number: int, **options: Any) -> None:
    for one in range(1, number + 1):
        await room.reporter.slash("tip add", room.desk, text=f"Tuyau entendu {one:02}", **options)


async def log_facts(room: Room, number: int, **options: Any) -> None:
    for one in range(1, number + 1):
        await room.reporter.slash("fact add", room.desk, claim=f"Constat {one:02}", source=SOURCE, **options)


async def tips_of(room: Room, by: Member | None = None, **options: Any) -> Reply:
    return await (by or room.reporter).slash("tip list", room.desk, **options)


async def facts_of(room: Room, **options: Any) -> Reply:
    return await room.reporter.slash("fact list", room.desk, **options)


# --- what a list shows ---


async def test_a_tip_is_listed_with_its_number_status_author_day_and_owner(room: Room) -> None:
    await log_tips(room, 1)
    await room.reporter.slash("tip assign", room.desk, tip="1", member=room.editor)
    reply = await tips_of(room)
    assert reply.ephemeral
    assert "1 tuyau" in reply.text
    assert (
        f"**1** · nouveau · Tuyau entendu 01 · <@{room.reporter.id}>, 21 novembre 2026 · "
        f"confié à <@{room.editor.id}>" in reply.text
    )


async def test_a_fact_is_listed_with_its_number_status_author_and_day(room: Room) -> None:
    await log_facts(room, 1)
    await room.editor.slash("fact verify", room.desk, fact="1", reason="un seul acte")
    reply = await facts_of(room)
    assert reply.ephemeral
    assert "1 fait" in reply.text
    assert f"**1** · vérifié · Constat 01 · <@{room.reporter.id}>, 21 novembre 2026" in reply.text


@pytest.mark.parametrize(("command", "how"), [("tip list", "`/tuyau ajouter`"), ("fact list", "`/fait ajouter`")])
async def test_an_empty_list_says_how_to_log_one(room: Room, command: str, how: str) -> None:
    reply = await room.reporter.slash(command, room.desk)
    assert how in reply.text
    assert reply.buttons == []


async def test_a_list_speaks_the_persons_language(room: Room) -> None:
    await log_facts(room, 1)
    reply = await facts_of(room, locale="en-GB")
    assert "1 fact" in reply.text
    assert "21 November 2026" in reply.text


async def test_the_day_is_that_of_the_newsrooms_zone(house: House, room: Room) -> None:
    house.at(datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    await log_tips(room, 1)
    assert "22 novembre 2026" in (await tips_of(room)).text


async def test_hostile_words_are_shown_harmless(room: Room) -> None:
    await room.reporter.slash("tip add", room.desk, text="@everyone **gras** <@123>")
    reply = await tips_of(room)
    assert "@everyone" not in reply.text.replace("@\u200beveryone", "")
    assert "**gras**" not in reply.text


# --- filters ---


async def test_tips_are_listed_by_status(room: Room) -> None:
    await log_tips(room, 2)
    await room.reporter.slash("tip status", room.desk, tip="2", status="dropped")
    reply = await tips_of(room, status="abandonné")
    assert "1 tuyau" in reply.text
    assert "entendu 02" in reply.text
    assert "entendu 01" not in reply.text


async def test_facts_are_listed_by_status(room: Room) -> None:
    await log_facts(room, 2)
    await room.editor.slash("fact retract", room.desk, fact="2", reason="Homonyme")
    reply = await facts_of(room, status="retiré")
    assert "Constat 02" in reply.text
    assert "Constat 01" not in reply.text


@pytest.mark.parametrize("kind", ["tip", "fact"])
async def test_a_list_is_about_an_item(house: House, room: Room, kind: str) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axon")
    log, words = (log_tips, "entendu 01") if kind == "tip" else (log_facts, "Constat 01")
    await log(room, 1, item="Axon")
    await log(room, 2)
    reply = await room.reporter.slash(f"{kind} list", room.desk, item="axon")
    assert "1 tuyau" in reply.text or "1 fait" in reply.text
    assert words in reply.text


@pytest.mark.parametrize("kind", ["tip", "fact"])
async def test_a_list_is_of_a_dossier_closed_ones_too(house: House, room: Room, kind: str) -> None:
    await house.dossier(room, "Caméras")
    log = log_tips if kind == "tip" else log_facts
    await log(room, 1, dossier="caméras")
    await log(room, 2)
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.reporter.slash(f"{kind} list", room.desk, dossier="caméras")
    assert "1 tuyau" in reply.text or "1 fait" in reply.text


async def test_filters_hold_together(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await log_tips(room, 2, dossier="caméras")
    await log_tips(room, 1)
    await room.reporter.slash("tip status", room.desk, tip="1", status="checking")
    await room.reporter.slash("tip status", room.desk, tip="3", status="checking")
    reply = await tips_of(room, dossier="caméras", status="checking")
    assert "1 tuyau" in reply.text
    assert "**1** ·" in reply.text


async def test_facts_are_listed_by_the_day_they_were_logged_both_days_included(house: House, room: Room) -> None:
    for day in (18, 19, 20, 21):
        house.at(datetime(2026, 11, day, 11, 0, tzinfo=UTC))
        await room.reporter.slash("fact add", room.desk, claim=f"Constat du {day}", source=SOURCE)
    reply = await facts_of(room, since="jeudi dernier", until="hier")
    assert "2 faits" in reply.text
    assert "Constat du 19" in reply.text
    assert "Constat du 20" in reply.text
    assert "**jeudi 19 novembre 2026**" in reply.text
    assert "**vendredi 20 novembre 2026**" in reply.text


async def test_a_period_begins_and_ends_at_midnight_in_the_newsrooms_zone(house: House, room: Room) -> None:
    for minute in ("2026-11-18T22:59", "2026-11-18T23:00", "2026-11-19T22:59", "2026-11-19T23:00"):
        house.at(datetime.fromisoformat(f"{minute}:00+00:00"))
        await room.reporter.slash("fact add", room.desk, claim=f"Constat de {minute}", source=SOURCE)
    reply = await facts_of(room, since="2026-11-19", until="2026-11-19")
    assert "2 faits" in reply.text
    assert "2026-11-18T23" in reply.text
    assert "2026-11-19T22" in reply.text


async def test_a_month_is_all_of_its_days(house: House, room: Room) -> None:
    for moment in ("2026-09-30T21:59", "2026-09-30T22:00", "2026-10-31T22:59", "2026-10-31T23:00"):
        house.at(datetime.fromisoformat(f"{moment}:00+00:00"))
        await room.reporter.slash("fact add", room.desk, claim=f"Constat de {moment}", source=SOURCE)
    house.at(NOON)
    reply = await facts_of(room, since="octobre", until="octobre")
    assert "2 faits" in reply.text


async def test_a_period_that_ends_before_it_begins_is_refused(room: Room) -> None:
    reply = await facts_of(room, since="hier", until="12 mai")
    assert "finit avant de commencer" in reply.text


async def test_an_unknown_item_is_refused(room: Room) -> None:
    reply = await facts_of(room, item="Axon")
    assert "Axon" in reply.text
    assert reply.embeds == []


# --- pages ---


@pytest.mark.parametrize("kind", ["tip", "fact"])
async def test_ten_stand_on_a_page_and_need_no_buttons(room: Room, kind: str) -> None:
    await (log_tips if kind == "tip" else log_facts)(room, 10)
    reply = await room.reporter.slash(f"{kind} list", room.desk)
    assert reply.buttons == []


@pytest.mark.parametrize(("kind", "words"), [("tip", "Tuyau entendu"), ("fact", "Constat")])
async def test_the_eleventh_stands_on_a_second_page(room: Room, kind: str, words: str) -> None:
    await (log_tips if kind == "tip" else log_facts)(room, 11)
    reply = await room.reporter.slash(f"{kind} list", room.desk)
    assert f"{words} 11" in reply.text
    assert f"{words} 01" not in reply.text
    assert reply.buttons == [PREVIOUS, NEXT]
    second = await room.reporter.click(reply, label=NEXT)
    assert f"{words} 01" in second.text
    assert f"{words} 02" not in second.text
    first = await room.reporter.click(second, label=PREVIOUS)
    assert f"{words} 11" in first.text


async def test_a_page_keeps_the_filters_and_the_period(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await log_facts(room, 11, dossier="caméras")
    await log_facts(room, 3)
    house.clock.offset += timedelta(days=1)
    await log_facts(room, 1, dossier="caméras")
    reply = await facts_of(room, dossier="caméras", until="2026-11-21", status="noté")
    assert "11 faits" in reply.text
    second = await room.reporter.click(reply, label=NEXT)
    assert "11 faits" in second.text
    assert "Constat 01" in second.text
    assert "**samedi 21 novembre 2026**" in second.text


async def test_a_page_that_is_gone_shows_the_last_one(room: Room) -> None:
    await log_tips(room, 11)
    reply = await tips_of(room, status="nouveau")
    await room.reporter.slash("tip status", room.desk, tip="1", status="dropped")
    turned = await room.reporter.click(reply, label=NEXT)
    assert "10 tuyaux" in turned.text
    assert "entendu 02" in turned.text


@pytest.mark.parametrize(("kind", "words"), [("tip", "Tuyau entendu 01"), ("fact", "Constat 01")])
async def test_pages_turn_after_a_restart(platform: Platform, tmp_path: Path, kind: str, words: str) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        await (log_tips if kind == "tip" else log_facts)(room, 11)
        reply = await room.reporter.slash(f"{kind} list", room.desk)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label=NEXT)
        assert words in turned.text


@pytest.mark.parametrize(("kind", "words"), [("tip", "Tuyau entendu"), ("fact", "Constat")])
async def test_one_who_lost_the_role_turns_no_page(room: Room, kind: str, words: str) -> None:
    await (log_tips if kind == "tip" else log_facts)(room, 11)
    reply = await room.reporter.slash(f"{kind} list", room.desk)
    [custom_id] = [one["custom_id"] for one in reply.components[0]["components"] if one["label"] == NEXT]
    room.reporter.roles.clear()
    refused = await room.reporter.click(reply, custom_id=custom_id)
    assert "rôle de la rédaction" in refused.text
    assert f"{words} 01" not in refused.text


async def test_a_stranger_who_presses_a_page_in_a_channel_is_told_nothing(room: Room) -> None:
    await log_tips(room, 11)
    reply = await tips_of(room)
    assert reply.message is not None
    reply.message.seen_by = None  # as if somebody had shown it to all
    refused = await room.stranger.click(reply, label=NEXT)
    assert "rôle de la rédaction" in refused.text
    assert "entendu" not in refused.text


async def test_another_newsrooms_page_shows_ones_own_list(house: House, room: Room) -> None:
    await log_tips(room, 11)
    reply = await tips_of(room)
    [wanted] = [one["custom_id"] for one in reply.components[0]["components"] if one["label"] == NEXT]
    other = await house.newsroom(house.guild("L\u2019Autre"))
    for number in range(11):
        await other.reporter.slash("tip add", other.desk, text=f"Autre chose {number}")
    own = await tips_of(other)
    for button in own.components[0]["components"]:
        if button["label"] == NEXT:
            button["custom_id"] = wanted
    turned = await other.reporter.click(own, custom_id=wanted)
    assert "Autre chose 0" in turned.text
    assert "entendu" not in turned.text


@pytest.mark.parametrize(("label", "told"), [("title", "11 tuyaux"), ("footer", "Page 1 sur 2")])
async def test_a_page_says_how_many_there_are(room: Room, label: str, told: str) -> None:
    await log_tips(room, 11)
    [embed] = (await tips_of(room)).embeds
    assert told in str(embed[label])


async def test_ten_of_the_longest_tips_fit_on_a_page(house: House, room: Room) -> None:
    async with house.app.database.tx("test") as connection:
        for _ in range(10):
            words = TipWords(text="*_~`|[]\\" * 400, is_sensitive=True)
            tip = await tips.add(connection, room.guild.id, words, room.reporter.id, house.clock.now())
            await tips.assign(connection, tip, room.editor.id, room.reporter.id, house.clock.now())
    reply = await tips_of(room)
    assert [f"**{number}** ·" in reply.text for number in range(1, 11)] == [True] * 10
