"""Digests from end to end once they are scheduled: named, listed, previewed, made at once, removed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.loopback import Member, Message, Platform
from bot.loopback.replies import text_of
from bot.models import WatchItem
from tests.cogs.house import House, Room, settings_of

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
CODE = re.compile(r"(?: · )?réf\.\s\w{4}-\w{4}")
UNKNOWN = "Aucun résumé planifié ne s\u2019appelle"


@pytest.fixture
async def room(house: House) -> Room:
    house.at(FRIDAY)
    return await house.newsroom(house.guild())


@pytest.fixture
async def axon(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind="company", name="Axon", priority="digest")


async def schedule(room: Room, **options: Any) -> None:
    """Schedule a digest of the announcements channel."""
    given = {"channel": room.desk, "every": "daily", "at": "08:30", **options}
    reply = await room.editor.slash("digest schedule", room.desk, **given)
    assert "planifié" in reply.text


async def silence(room: Room) -> None:
    """Have the newsroom's digests stay silent on quiet days."""
    settings = await room.administrator.slash("setup", room.desk)
    form = await room.administrator.click(settings, label="Autres réglages")
    await room.administrator.submit(form, {"quiet_days": ["silent"]})


async def labels(by: Member, room: Room, typed: str = "", **options: Any) -> list[str]:
    proposed = await by.autocomplete("digest preview", option="digest", typed=typed, channel=room.desk, **options)
    return [choice.name for choice in proposed]


async def owed(house: House, room: Room) -> int:
    """Return how many messages of digests were ever owed in a newsroom."""
    async with house.app.database.read() as connection:
        row = await connection.one(
            "SELECT count(*) FROM announcement WHERE guild_id = ? AND kind = 'digest'", room.guild.id
        )
    return int(row[0]) if row else 0


def without_code(message: Message) -> list[dict[str, Any]]:
    """Return the embeds of a digest's message without its code, as a preview shows them."""
    embeds = []
    for embed in message.embeds:
        footer = CODE.sub("", (embed.get("footer") or {}).get("text", ""))
        rest = {name: value for name, value in embed.items() if name != "footer"}
        embeds.append(rest | ({"footer": {"text": footer}} if footer else {}))
    return embeds


# --- naming ---


async def test_a_digest_is_proposed_by_its_days_its_time_its_channel_and_its_dossier(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await schedule(room)
    await schedule(room, channel=room.guild.add_channel("veille"), every="weekdays", at="18h", dossier="caméras")
    assert await labels(room.reporter, room) == [
        "chaque jour à 08:30 · #annonces",
        "du lundi au vendredi à 18:00 · #veille · dossier Caméras",
    ]
    assert await labels(room.reporter, room, "veille", locale="en-GB") == [
        "Monday to Friday at 18:00 · #veille · dossier Caméras"
    ]


async def test_a_closed_dossier_is_told_in_the_label(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await schedule(room, dossier="caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    assert await labels(room.reporter, room) == ["chaque jour à 08:30 · #annonces · dossier Caméras (fermé)"]


async def test_channels_of_one_name_are_told_apart_by_the_number(house: House, room: Room) -> None:
    for _ in range(2):
        await schedule(room, channel=room.guild.add_channel("veille"))
    assert await labels(room.reporter, room) == [
        "chaque jour à 08:30 · #veille · n°\u00a01",
        "chaque jour à 08:30 · #veille · n°\u00a02",
    ]
    await room.editor.slash("digest remove", room.desk, digest="chaque jour à 08:30 · #veille · n° 2")
    assert [digest.id for digest in await house.digests(room)] == [1]


async def test_a_channel_that_is_gone_is_named_by_its_id(room: Room) -> None:
    elsewhere = room.guild.add_channel("veille")
    await schedule(room, channel=elsewhere)
    elsewhere.delete()
    assert await labels(room.reporter, room) == [f"chaque jour à 08:30 · #{elsewhere.id}"]


@pytest.mark.parametrize("typed", ["2", "du lundi au vendredi à 18:00 · #annonces", "Du lundi", "du LUNDI au"])
async def test_a_digest_is_named_by_number_or_by_its_label(house: House, room: Room, typed: str) -> None:
    await schedule(room)
    await schedule(room, every="weekdays", at="18h")
    await room.editor.slash("digest remove", room.desk, digest=typed)
    assert [digest.id for digest in await house.digests(room)] == [1]


async def test_a_beginning_that_two_digests_have_is_refused_with_both(house: House, room: Room) -> None:
    await schedule(room)
    await schedule(room, at="18h")
    reply = await room.editor.slash("digest remove", room.desk, digest="chaque jour")
    assert "chaque jour à 08:30" in reply.text
    assert "chaque jour à 18:00" in reply.text
    assert len(await house.digests(room)) == 2


@pytest.mark.parametrize("command", ["digest preview", "digest now", "digest remove"])
async def test_what_is_no_digest_is_refused(room: Room, command: str) -> None:
    await schedule(room)
    reply = await room.editor.slash(command, room.desk, digest="9")
    assert UNKNOWN in reply.text


@pytest.mark.parametrize("command", ["digest preview", "digest now", "digest remove"])
async def test_another_newsrooms_digest_is_not_there(house: House, room: Room, command: str) -> None:
    other = await house.newsroom(house.guild("L\u2019Autre"))
    await schedule(room)
    reply = await other.editor.slash(command, other.desk, digest="1")
    assert UNKNOWN in reply.text
    assert await labels(other.editor, other) == []
    assert len(await house.digests(room)) == 1


async def test_a_stranger_is_proposed_no_digest(room: Room) -> None:
    await schedule(room)
    assert await labels(room.stranger, room, force=True) == []


# --- list ---


async def test_the_list_says_when_where_and_what_waits(house: House, room: Room, axon: WatchItem) -> None:
    await house.dossier(room, "Caméras")
    await schedule(room)
    await schedule(room, every="monday", at="18h", dossier="caméras")
    await house.hold(room, axon, "26-1")
    reply = await room.reporter.slash("digest list", room.desk)
    assert reply.ephemeral
    assert reply.text.splitlines() == [
        "2 résumés planifiés",
        f"**chaque jour à 08:30** dans <#{room.desk.id}> (n°\u00a01)",
        "prochain\u00a0: le samedi 21 novembre 2026 à 08:30 · pas encore publié · 1 correspondance en attente",
        f"**le lundi à 18:00** dans <#{room.desk.id}> (n°\u00a02) · dossier **Caméras**",
        "prochain\u00a0: le lundi 23 novembre 2026 à 18:00 · pas encore publié · 0 correspondance en attente",
    ]


async def test_the_list_speaks_english_to_those_who_read_english(room: Room) -> None:
    await schedule(room)
    reply = await room.reporter.slash("digest list", room.desk, locale="en-GB")
    assert reply.text.splitlines() == [
        "1 scheduled digest",
        f"**every day at 08:30** in <#{room.desk.id}> (no. 1)",
        "next: on Saturday 21 November 2026 at 08:30 · not posted yet · 0 hits waiting",
    ]


async def test_the_list_says_when_a_digest_came_last(house: House, room: Room) -> None:
    await schedule(room)
    await room.editor.slash("digest now", room.desk, digest="1")
    house.at(FRIDAY + timedelta(hours=1))
    reply = await room.reporter.slash("digest list", room.desk)
    assert "dernier\u00a0: le vendredi 20 novembre 2026 à 10:00" in reply.text


async def test_the_digest_of_a_closed_dossier_is_paused(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await schedule(room, dossier="caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.reporter.slash("digest list", room.desk)
    assert "dossier **Caméras** (fermé\u00a0: en pause)" in reply.text
    assert "prochain" not in reply.text


async def test_without_a_digest_the_list_says_how_to_schedule_one(room: Room) -> None:
    reply = await room.reporter.slash("digest list", room.desk)
    assert "`/résumé planifier`" in reply.text


async def test_the_pages_of_digests_turn_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        for hour in range(9):
            await schedule(room, at=str(hour))
        reply = await room.reporter.slash("digest list", room.desk)
        assert ("à 07:00" in reply.text, "à 08:00" in reply.text) == (True, False)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        turned = await room.reporter.click(reply, label="Suivants")
        assert ("à 07:00" in turned.text, "à 08:00" in turned.text) == (False, True)


async def test_one_who_lost_the_role_turns_no_page_of_digests(room: Room) -> None:
    for hour in range(9):
        await schedule(room, at=str(hour))
    reply = await room.reporter.slash("digest list", room.desk)
    room.reporter.roles.clear()
    refused = await room.reporter.click(reply, label="Suivants")
    assert "rôle de la rédaction" in refused.text


async def test_a_page_of_the_longest_names_fits(room: Room) -> None:
    await room.reporter.slash("dossier create", room.desk, name="*" * 80)
    for hour in range(8):
        await schedule(room, every="weekdays", at=str(hour), dossier="1")
    reply = await room.reporter.slash("digest list", room.desk)
    assert all(f"à {hour:02}:00" in reply.text for hour in range(8))


# --- preview and now ---


async def test_a_preview_says_where_and_when_and_posts_nothing(house: House, room: Room, axon: WatchItem) -> None:
    await schedule(room)
    await house.hold(room, axon, "26-1")
    reply = await room.reporter.slash("digest preview", room.desk, digest="1")
    assert reply.ephemeral
    assert reply.message is not None
    assert reply.message.content == (
        f"Aperçu\u00a0: voici le message qui partirait maintenant dans <#{room.desk.id}>."
        " Rien n\u2019est publié\u202f; le prochain part le samedi 21 novembre 2026 à 08:30."
    )
    assert "Caméras-piétons, lot 26-1" in reply.text
    assert await owed(house, room) == 0


async def test_what_is_previewed_is_what_is_then_sent(house: House, room: Room, axon: WatchItem) -> None:
    await schedule(room)
    for number in range(60):
        await house.hold(room, axon, f"26-{number:02}")
    preview = await room.reporter.slash("digest preview", room.desk, digest="1", locale="en-GB")
    [told] = re.findall(r"these are the (\d+) messages", preview.text)
    number = int(told)
    await preview.wait_for(lambda reply: len(reply.followups) == number - 1)
    assert preview.message is not None
    previewed = [preview.message, *preview.followups]
    assert [message.seen_by for message in previewed] == [room.reporter.id] * number
    reply = await room.editor.slash("digest now", room.desk, digest="1")
    assert f"{number} messages partent pour <#{room.desk.id}>." in reply.text
    await room.desk.wait_for(lambda _: len(room.desk.messages) == number)
    assert [without_code(message) for message in room.desk.messages] == [*map(without_code, previewed)]


async def test_a_preview_of_many_messages_shows_five_and_counts_the_others(
    house: House, room: Room, axon: WatchItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cards.digest.PART_UNITS", 600)  # in a message far fewer hits
    await schedule(room)
    for number in range(30):
        await house.hold(room, axon, f"26-{number:02}")
    preview = await room.reporter.slash("digest preview", room.desk, digest="1")
    await preview.wait_for(lambda reply: len(reply.followups) == 4)
    reply = await room.editor.slash("digest now", room.desk, digest="1")
    [told] = re.findall(r"(\d+) messages partent", reply.text)
    assert preview.message is not None
    assert preview.message.content == (
        f"Aperçu\u00a0: voici les 5 premiers messages qui partiraient maintenant dans <#{room.desk.id}>,"
        f" et {int(told) - 5} autres messages, qui seraient envoyés de même."
        " Rien n\u2019est publié\u202f; le prochain part le samedi 21 novembre 2026 à 08:30."
    )
    assert len(preview.followups) == 4


async def test_a_digest_that_would_stay_silent_says_so(house: House, room: Room) -> None:
    await silence(room)
    await schedule(room)
    preview = await room.reporter.slash("digest preview", room.desk, digest="1")
    assert "n\u2019enverrait maintenant aucun message" in preview.text
    reply = await room.editor.slash("digest now", room.desk, digest="1")
    assert "aucun message ne part" in reply.text
    assert await owed(house, room) == 0


async def test_a_digest_is_made_at_once_and_stays_scheduled(house: House, room: Room, axon: WatchItem) -> None:
    await schedule(room)
    await house.hold(room, axon, "26-1")
    reply = await room.editor.slash("digest now", room.desk, digest="1")
    assert reply.ephemeral
    assert reply.text == (
        f"1 message part pour <#{room.desk.id}>. Le résumé planifié reste planifié\u00a0: chaque jour à 08:30."
    )
    message = await room.desk.wait_for(lambda message: "Caméras-piétons, lot 26-1" in str(message.embeds))
    assert CODE.search(text_of(message))
    listed = await room.reporter.slash("digest list", room.desk)
    assert "0 correspondance en attente" in listed.text
    assert "prochain\u00a0: le samedi 21 novembre 2026 à 08:30" in listed.text


async def test_what_was_told_at_once_is_not_told_again(house: House, room: Room, axon: WatchItem) -> None:
    await schedule(room)
    await house.hold(room, axon, "26-1")
    await room.editor.slash("digest now", room.desk, digest="1")
    await room.desk.wait_for(lambda message: "lot 26-1" in str(message.embeds))
    preview = await room.editor.slash("digest preview", room.desk, digest="1")
    assert "lot 26-1" not in preview.text


async def test_what_the_bot_lacks_in_the_channel_is_said_when_it_is_made_at_once(house: House, room: Room) -> None:
    elsewhere = room.guild.add_channel("veille")
    await schedule(room, channel=elsewhere)
    elsewhere.deny_bot("send_messages")
    reply = await room.editor.slash("digest now", room.desk, digest="1")
    assert f"Dans <#{elsewhere.id}>, il manque à Vigie\u00a0: Envoyer des messages" in reply.text
    assert await owed(house, room) == 1


@pytest.mark.parametrize("command", ["digest preview", "digest now"])
async def test_the_digest_of_a_closed_dossier_is_not_made(house: House, room: Room, command: str) -> None:
    await house.dossier(room, "Caméras")
    await schedule(room, dossier="caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await room.editor.slash(command, room.desk, digest="1")
    assert "`/dossier rouvrir`" in reply.text
    assert await owed(house, room) == 0


# --- remove ---


async def test_a_removed_digest_is_said_and_gone(house: House, room: Room) -> None:
    await schedule(room)
    reply = await room.editor.slash("digest remove", room.desk, digest="1")
    assert reply.ephemeral
    assert reply.text.splitlines() == [
        (
            f"Résumé n°\u00a01 retiré\u00a0: **chaque jour à 08:30** dans <#{room.desk.id}>."
            " Ce qu\u2019il a publié reste dans le salon."
        ),
        (
            "Un autre résumé de ce salon, planifié d\u2019ici 31 jours (`/résumé planifier`), reprendra là où"
            " celui-ci s\u2019est arrêté. Passé ce délai, seules les correspondances retenues attendront encore le"
            " résumé de leur salon."
        ),
    ]
    assert await house.digests(room) == []
    assert await labels(room.reporter, room) == []
    again = await room.editor.slash("digest remove", room.desk, digest="1")
    assert UNKNOWN in again.text


async def test_what_waited_is_told_by_the_next_digest_of_the_channel(house: House, room: Room, axon: WatchItem) -> None:
    await schedule(room)
    await schedule(room, at="18h")
    await house.hold(room, axon, "26-1")
    await house.hold(room, axon, "26-2")
    reply = await room.editor.slash("digest remove", room.desk, digest="1")
    assert reply.text.splitlines()[1:] == [
        "2 correspondances étaient en attente\u00a0: le prochain résumé de ce salon les dira."
    ]
    listed = await room.reporter.slash("digest list", room.desk)
    assert "2 correspondances en attente" in listed.text


async def test_what_waited_is_told_by_a_digest_that_is_scheduled_again(
    house: House, room: Room, axon: WatchItem
) -> None:
    await schedule(room)
    await house.hold(room, axon, "26-1")
    await house.announce(room, [axon], notice_id="26-2")
    reply = await room.editor.slash("digest remove", room.desk, digest="1")
    assert reply.text.splitlines()[1] == "2 correspondances étaient en attente."
    again = await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="9")
    assert "2 correspondances sont déjà en attente." in again.text


async def test_what_a_removed_digest_had_not_sent_is_waiting_again(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        item = await house.follow(room, kind="company", name="Axon", priority="digest")
        await house.dossier(room, "Caméras")
        await room.reporter.slash("dossier add", room.desk, dossier="caméras", thing=f"item {item.id}")
        elsewhere = room.guild.add_channel("veille")
        await schedule(room, channel=elsewhere, dossier="caméras")
        await house.hold(room, item, "26-1")
        await room.editor.slash("digest now", room.desk, digest="1")
        reply = await room.editor.slash("digest remove", room.desk, digest="1")
    assert "1 correspondance était en attente." in reply.text


async def test_what_waited_for_a_dossiers_digest_is_told_by_its_next_one(
    house: House, room: Room, axon: WatchItem
) -> None:
    await house.dossier(room, "Caméras")
    await room.reporter.slash("dossier add", room.desk, dossier="caméras", thing=f"item {axon.id}")
    await schedule(room)
    await schedule(room, dossier="caméras")
    await schedule(room, at="18h", dossier="caméras")
    await house.hold(room, axon, "26-1")
    reply = await room.editor.slash("digest remove", room.desk, digest="2")
    assert reply.text.splitlines()[1:] == [
        "Il était celui du dossier **Caméras**.",
        "1 correspondance était en attente\u00a0: le prochain résumé de ce dossier dans ce salon la dira.",
    ]


async def test_the_removed_digest_of_a_dossier_names_it(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await schedule(room, dossier="caméras")
    reply = await room.editor.slash("digest remove", room.desk, digest="1", locale="en-GB")
    assert reply.text.splitlines() == [
        f"Digest no. 1 removed: **every day at 08:30** in <#{room.desk.id}>. What it posted stays in the channel.",
        "It was that of the dossier **Caméras**.",
        (
            "Another digest of this dossier in this channel, scheduled within 31 days (`/digest schedule`), will go on"
            " where this one ended. After that, only hits that were held still wait for the digest of their channel."
        ),
    ]
