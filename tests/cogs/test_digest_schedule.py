"""Digests scheduled from end to end: what is stored, what the reply says, what is refused, what is proposed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.loopback import Member, Reply
from bot.models import Every
from tests.cogs.house import House, Room

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
async def room(house: House) -> Room:
    house.at(FRIDAY)
    return await house.newsroom(house.guild())


async def schedule(room: Room, by: Member | None = None, **options: Any) -> Reply:
    """Schedule a digest of the announcements channel, as the editor unless said otherwise."""
    given = {"channel": room.desk, "every": "daily", "at": "08:30", **options}
    return await (by or room.editor).slash("digest schedule", room.desk, **given)


# --- what is stored and said ---


async def test_a_digest_is_stored_as_it_was_asked_for(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    reply = await schedule(room, every="weekdays", at="18h15", dossier="caméras")
    [digest] = await house.digests(room)
    assert (digest.channel_id, digest.every, digest.at) == (room.desk.id, Every.WEEKDAYS, time(18, 15))
    assert (digest.dossier_id, digest.added_by) == (1, room.editor.id)
    assert reply.ephemeral


async def test_the_reply_says_what_when_where_and_what_comes_first(room: Room) -> None:
    reply = await schedule(room)
    assert reply.text.splitlines() == [
        (
            f"Résumé n°\u00a01 planifié\u00a0: **chaque jour à 08:30** dans <#{room.desk.id}>,"
            " heure de la rédaction (Europe/Paris)."
        ),
        "Le premier viendra le samedi 21 novembre 2026 à 08:30.",
        "Aucune correspondance n\u2019est en attente pour l\u2019instant.",
        (
            "Quand il n\u2019y a rien de nouveau, il le dit en une ligne\u202f; `/réglages`, bouton *Autres réglages*,"
            " peut le rendre silencieux ces jours-là."
        ),
    ]


async def test_the_reply_speaks_english_to_those_who_read_english(room: Room) -> None:
    reply = await schedule(room, every="monday", at="6:05 pm", locale="en-GB")
    assert reply.text.splitlines()[:3] == [
        f"Digest no. 1 scheduled: **every Monday at 18:05** in <#{room.desk.id}>, newsroom time (Europe/Paris).",
        "The first one comes on Monday 23 November 2026 at 18:05.",
        "No hit is waiting so far.",
    ]


async def test_the_first_one_comes_at_the_newsrooms_hour(room: Room) -> None:
    await room.administrator.slash("setup", room.desk, timezone="America/New_York")
    reply = await schedule(room, at="8")
    assert "(America/New\\_York)" in reply.text
    assert "Le premier viendra le vendredi 20 novembre 2026 à 08:00." in reply.text  # it is 4 in the morning there


async def test_the_reply_names_the_dossier(room: Room) -> None:
    await room.reporter.slash("dossier create", room.desk, name="Caméras *de* Lyon")
    reply = await schedule(room, dossier="1")
    assert "Il ne dit que ce qui touche le dossier **Caméras \\*de\\* Lyon**." in reply.text


async def test_hits_that_were_held_wait_for_the_first_digest(house: House, room: Room) -> None:
    item = await house.follow(room, kind="company", name="Axon")
    for number in range(3):
        await house.hold(room, item, f"26-{number}")
    reply = await schedule(room)
    assert "3 correspondances sont déjà en attente." in reply.text


async def test_a_newsroom_that_is_silent_on_quiet_days_is_told_so(room: Room) -> None:
    form = await room.administrator.click(await room.administrator.slash("setup", room.desk), label="Autres réglages")
    await room.administrator.submit(form, {"quiet_days": ["silent"]})
    reply = await schedule(room)
    assert "il reste silencieux" in reply.text


async def test_what_the_bot_lacks_in_the_channel_is_said(house: House, room: Room) -> None:
    elsewhere = room.guild.add_channel("veille")
    elsewhere.deny_bot("embed_links")
    reply = await schedule(room, channel=elsewhere)
    assert f"Dans <#{elsewhere.id}>, il manque à Vigie\u00a0: Intégrer des liens" in reply.text
    assert len(await house.digests(room)) == 1


async def test_a_channel_where_no_hit_is_announced_is_pointed_out(room: Room) -> None:
    elsewhere = room.guild.add_channel("veille")
    words = (
        f"Aucune correspondance n\u2019est annoncée dans <#{elsewhere.id}>\u00a0: ce résumé n\u2019y dira ni"
        " correspondance ni échéance, seulement les faits, les tuyaux sans responsable et l\u2019état des sources."
    )
    assert words in (await schedule(room, channel=elsewhere)).text
    await room.reporter.slash("watch add", room.desk, kind="company", name="Axon", channel=elsewhere)
    assert words not in (await schedule(room, channel=elsewhere, at="9")).text


async def test_a_dossiers_digest_tells_its_hits_in_any_channel(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    reply = await schedule(room, channel=room.guild.add_channel("veille"), dossier="caméras")
    assert "Aucune correspondance n\u2019est annoncée" not in reply.text


READABLE = "y lira les faits et le texte des tuyaux sans responsable (jamais celui d\u2019un tuyau sensible)"


async def test_who_will_read_facts_and_tips_is_said_of_any_channel_that_is_not_for_them(
    house: House, room: Room
) -> None:
    elsewhere, video = room.guild.add_channel("veille"), room.guild.add_channel("vidéo")
    await house.dossier(room, "Caméras", video)
    assert f"Qui lit <#{elsewhere.id}> {READABLE}" in (await schedule(room, channel=elsewhere)).text
    assert READABLE in (await schedule(room, channel=elsewhere, dossier="caméras")).text
    assert READABLE in (await schedule(room, channel=video)).text


async def test_in_the_announcements_the_log_and_the_dossiers_own_channel_it_goes_without_saying(
    house: House, room: Room
) -> None:
    video = room.guild.add_channel("vidéo")
    await house.dossier(room, "Caméras", video)
    for given in ({}, {"channel": await house.log_of(room)}, {"channel": video, "dossier": "caméras"}):
        assert READABLE not in (await schedule(room, **given)).text


async def test_the_first_one_comes_after_the_day_that_was_made_before_the_zone_changed(
    house: House, room: Room
) -> None:
    await schedule(room, at="9")
    house.at(FRIDAY + timedelta(hours=23, minutes=30))
    assert await house.app.digester.make_due() == 1
    await room.administrator.slash("setup", room.desk, timezone="America/New_York")
    listed = await room.reporter.slash("digest list", room.desk)
    assert "prochain\u00a0: le dimanche 22 novembre 2026 à 09:00" in listed.text
    preview = await room.reporter.slash("digest preview", room.desk, digest="1")
    assert "le prochain part le dimanche 22 novembre 2026 à 09:00" in preview.text


# --- what is refused ---


@pytest.mark.parametrize("typed", ["25:00", "tôt", "8h30 ou 9h", "1" * 50])
async def test_what_is_no_time_is_refused_with_an_example(house: House, room: Room, typed: str) -> None:
    reply = await schedule(room, at=typed)
    assert "Tapez par exemple 08:30, 8h30 ou 18h." in reply.text
    assert await house.digests(room) == []


async def test_a_closed_dossier_is_refused(house: House, room: Room) -> None:
    await house.dossier(room, "Caméras")
    await room.editor.slash("dossier close", room.desk, dossier="caméras")
    reply = await schedule(room, dossier="caméras")
    assert "«\u00a0Caméras\u00a0» est fermé" in reply.text
    assert await house.digests(room) == []


async def test_an_unknown_dossier_is_refused(house: House, room: Room) -> None:
    reply = await schedule(room, dossier="inconnu")
    assert "Aucun dossier ne s\u2019appelle «\u00a0inconnu\u00a0»" in reply.text
    assert await house.digests(room) == []


async def test_the_same_digest_is_scheduled_once(house: House, room: Room) -> None:
    await schedule(room)
    reply = await schedule(room, at="8h30")
    assert "déjà planifié" in reply.text
    assert len(await house.digests(room)) == 1


async def test_a_newsroom_that_is_full_schedules_no_more(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.digest.scheduling.DIGESTS", 1)
    await schedule(room)
    reply = await schedule(room, at="9")
    assert "`/résumé retirer`" in reply.text
    assert len(await house.digests(room)) == 1


@pytest.mark.parametrize("command", ["digest schedule", "digest now", "digest remove"])
async def test_a_reporter_only_reads_digests(house: House, room: Room, command: str) -> None:
    await schedule(room)
    given = {"channel": room.desk, "every": "daily", "at": "9"} if command == "digest schedule" else {"digest": "1"}
    reply = await room.reporter.slash(command, room.desk, **given)
    assert "Seule la rédaction en chef" in reply.text
    assert len(await house.digests(room)) == 1


async def test_before_setup_an_administrator_is_told_to_set_up(house: House) -> None:
    room = house.guild()
    reply = await schedule(room, room.administrator)
    assert "`/réglages` d\u2019abord" in reply.text


# --- what is proposed ---


async def hours(by: Member, room: Room, typed: str, locale: str = "fr") -> list[tuple[str, Any]]:
    proposed = await by.autocomplete(
        "digest schedule", option="at", typed=typed, channel=room.desk, locale=locale, force=True
    )
    return [(choice.name, choice.value) for choice in proposed]


async def test_half_hours_are_proposed_as_the_person_writes_them(room: Room) -> None:
    assert await hours(room.editor, room, "8") == [("8:00", "08:00"), ("8:30", "08:30")]
    assert await hours(room.editor, room, "8", "en-US") == [("8:00", "08:00"), ("8:30", "08:30")]


async def test_a_person_without_the_role_is_proposed_no_hours(room: Room) -> None:
    assert len(await hours(room.editor, room, "")) == 25
    assert await hours(room.reporter, room, "") == []


async def test_open_dossiers_are_proposed_and_closed_ones_are_not(house: House, room: Room) -> None:
    await house.dossier(room, "Abattoirs")
    await house.dossier(room, "Caméras")
    await room.editor.slash("dossier close", room.desk, dossier="abattoirs")
    proposed = await room.editor.autocomplete("digest schedule", option="dossier", typed="", channel=room.desk)
    assert [choice.value for choice in proposed] == ["2"]
