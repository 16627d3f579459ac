from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Platform
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.boamp import LoopbackBoamp
from bot.loopback.publishers.boamp_records import mapa_notice
from bot.models import SourceState
from bot.storage.reading import sources
from tests.cogs.house import House, Room, settings_of


@dataclass(frozen=True, slots=True)
class Reading:
    house: House
    room: Room
    boamp: LoopbackBoamp


@pytest.fixture
async def reading(platform: Platform, tmp_path: Path) -> AsyncIterator[Reading]:
    async with LoopbackBoamp() as boamp:
        house = House(platform, settings_of(tmp_path, boamp.url))
        today = house.clock.now().date()
        boamp.records.append(mapa_notice(idweb="26-1", objet="Drones", published=today))
        async with house.running():
            yield Reading(house, await house.newsroom(house.guild()), boamp)


async def save(house: House, **changes: object) -> None:
    async with house.app.database.tx("test") as connection:
        await sources.save(connection, SourceState(source="boamp", **changes))  # type: ignore[arg-type]


async def test_a_source_that_was_never_read_says_so(reading: Reading) -> None:
    reply = await reading.room.reporter.slash("source list", reading.room.desk)
    assert reply.ephemeral
    assert "**BOAMP**\u00a0: pas encore lue" in reply.text


async def test_a_source_that_is_not_enabled_says_so(room: Room) -> None:
    reply = await room.reporter.slash("source list", room.desk)
    assert "pas activée" in reply.text


async def test_a_check_reads_the_source_and_answers(reading: Reading) -> None:
    reply = await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    assert reply.deferred
    assert reply.ephemeral
    assert "1 avis lu" in reply.text
    assert "première lecture" in reply.text
    assert f"<#{reading.room.operations.id}>" in reply.text


async def test_a_check_is_reported_in_the_operations_channel_once(reading: Reading) -> None:
    await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    message = await reading.room.operations.wait_for(lambda message: "la source BOAMP" in str(message.embeds))
    assert "1 avis lu" in str(message.embeds)
    await reading.house.app.delivery.settle()
    assert len(reading.room.operations.messages) == 1


async def test_two_checks_are_two_reports(reading: Reading) -> None:
    for _ in range(2):
        await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    await reading.room.operations.wait_for(2)


async def test_a_check_is_told_to_the_newsroom_that_asked_only(reading: Reading) -> None:
    other = await reading.house.newsroom(reading.house.guild("L\u2019Autre"))
    await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    await reading.room.operations.wait_for(1)
    await reading.house.app.delivery.settle()
    assert other.operations.messages == []


async def test_a_check_without_an_operations_channel_answers_all_the_same(reading: Reading) -> None:
    room = reading.house.guild("Sans salon")
    await room.administrator.slash("setup", room.desk, announcements=room.desk)
    reply = await room.administrator.slash("source check", room.desk, source="boamp")
    assert "1 avis lu" in reply.text
    assert "/réglages technique" in reply.text


async def test_a_failed_check_says_what_the_source_said(reading: Reading) -> None:
    reading.boamp.fail_next(PublisherFault.ERROR)
    reply = await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    assert "n\u2019a pas pu être lue" in reply.text
    assert "a répondu avec le statut 500" in reply.text
    await reading.room.operations.wait_for(lambda message: "la source BOAMP" in str(message.embeds))
    shown = await reading.room.reporter.slash("source show", reading.room.desk, source="boamp")
    assert "illisible" in shown.text
    assert "Elle a dit" in shown.text
    assert "a répondu avec le statut 500" in shown.text


async def test_a_source_that_is_being_read_is_not_read_twice(reading: Reading) -> None:
    reading.boamp.fail_next(PublisherFault.HANG)
    first = asyncio.create_task(reading.house.app.poll("boamp"))
    await reading.boamp.wait_for_request(1)
    try:
        reply = await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    finally:
        first.cancel()
    assert "déjà en cours" in reply.text


async def test_a_source_that_asked_for_a_pause_is_left_alone(reading: Reading) -> None:
    await save(reading.house, not_before=reading.house.clock.now() + timedelta(hours=2))
    reply = await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    assert "demande qu\u2019on attende" in reply.text
    assert reading.boamp.requests == []


async def test_a_check_that_takes_too_long_is_answered_before_its_token_dies(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["cogs.source"], "ANSWER_WITHIN_S", 0.05)
    reading.boamp.fail_next(PublisherFault.HANG)
    reply = await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    assert "encore en cours de lecture" in reply.text


async def test_a_check_of_a_source_that_is_not_enabled_is_refused(room: Room) -> None:
    reply = await room.administrator.slash("source check", room.desk, source="boamp")
    assert "n\u2019est pas activée" in reply.text


async def test_an_unknown_source_is_refused(room: Room) -> None:
    reply = await room.reporter.slash("source show", room.desk, source="nulle-part")
    assert "n\u2019existe pas" in reply.text


async def test_show_tells_the_last_answer_and_what_it_gave(reading: Reading) -> None:
    await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    reply = await reading.room.reporter.slash("source show", reading.room.desk, source="BOAMP")
    for shown in ("fonctionne", "Dernière réponse", "1 avis lu", "DILA", "Licence Ouverte"):
        assert shown in reply.text


async def test_show_says_what_the_source_is_in_the_language_of_the_newsroom(reading: Reading) -> None:
    reply = await reading.room.reporter.slash("source show", reading.room.desk, source="boamp")
    assert "Source BOAMP" in reply.text
    assert "Le Bulletin officiel des annonces des marchés publics" in reply.text
    assert "**À savoir\u00a0:** Les montants, les codes CPV" in reply.text
    assert "Read France" not in reply.text


async def test_a_source_is_proposed_by_its_label_and_chosen_by_its_name(reading: Reading) -> None:
    proposed = await reading.room.reporter.autocomplete(
        "source show", option="source", typed="boa", channel=reading.room.desk
    )
    assert [(choice.name, choice.value) for choice in proposed] == [("BOAMP", "boamp")]


async def test_show_tells_losses_unknown_fields_and_silence(reading: Reading) -> None:
    now = reading.house.clock.now()
    await save(
        reading.house,
        baseline_at=now,
        succeeded_at=now,
        new_at=now - timedelta(days=60),
        losses=2,
        losses_total=9,
        unknown_fields=tuple(f"champ{n}" for n in range(12)),
    )
    reply = await reading.room.reporter.slash("source show", reading.room.desk, source="boamp")
    for shown in ("rien publié de nouveau", "2 éléments d\u2019avis", "9 éléments d\u2019avis", "champ0", "2 autres"):
        assert shown in reply.text


async def test_show_tells_since_when_a_source_fails_and_how_often(reading: Reading) -> None:
    now = reading.house.clock.now()
    await save(reading.house, failures=4, failing_since=now - timedelta(hours=3), error="404 <@1> `nothing`")
    reply = await reading.room.reporter.slash("source show", reading.room.desk, source="boamp")
    assert "4 relevés" in reply.text
    assert "404" in reply.text
    assert "<@1>" not in reply.text


async def test_show_tells_until_when_the_source_asked_to_wait(reading: Reading) -> None:
    await save(reading.house, not_before=reading.house.clock.now() + timedelta(hours=2))
    reply = await reading.room.reporter.slash("source show", reading.room.desk, source="boamp")
    assert "en attente, à la demande de la source" in reply.text


async def test_show_tells_when_the_next_poll_is_due(reading: Reading) -> None:
    now = reading.house.clock.now()
    reading.house.app._first_polls["boamp"] = now - timedelta(hours=30)
    due = await reading.house.app.next_poll("boamp")
    assert due == now - timedelta(hours=30) + timedelta(days=2)
    reply = await reading.room.reporter.slash("source show", reading.room.desk, source="boamp")
    assert "Prochain relevé" in reply.text


async def test_the_next_poll_waits_for_a_pause_to_end(reading: Reading) -> None:
    now = reading.house.clock.now()
    reading.house.app._first_polls["boamp"] = now
    await save(reading.house, not_before=now + timedelta(days=3, hours=1))
    assert await reading.house.app.next_poll("boamp") == now + timedelta(days=4)


async def test_a_history_is_begun_after_the_first_poll(reading: Reading) -> None:
    asked: dict[str, Any] = {"source": "boamp", "since": "2025-01-01"}
    early = await reading.room.administrator.slash("source backfill", reading.room.desk, **asked)
    assert "pas encore été lue" in early.text
    await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    begun = await reading.room.administrator.slash("source backfill", reading.room.desk, **asked)
    assert "commence, depuis le 1er janvier 2025" in begun.text


async def test_another_newsroom_is_told_that_a_history_is_being_read_and_not_for_whom(reading: Reading) -> None:
    other = await reading.house.newsroom(reading.house.guild("L\u2019Autre"))
    await reading.room.administrator.slash("source check", reading.room.desk, source="boamp")
    asked: dict[str, Any] = {"source": "boamp", "since": "2025-01-01"}
    await reading.room.administrator.slash("source backfill", reading.room.desk, **asked)
    reply = await other.administrator.slash("source backfill", other.desk, **asked)
    assert "déjà en cours de lecture" in reply.text
    assert "lu jusqu\u2019au 1er janvier 2025" in reply.text
    assert "salon" not in reply.text
    assert reading.room.guild.name not in reply.text


async def test_closing_ends_a_check_under_way(platform: Platform, tmp_path: Path) -> None:
    async with LoopbackBoamp() as boamp:
        house = House(platform, settings_of(tmp_path, boamp.url))
        async with house.running():
            cog = house.client.get_cog("Source")
            boamp.fail_next(PublisherFault.HANG)
            room = await house.newsroom(house.guild())
            asked = room.administrator.slash("source check", room.desk, source="boamp", wait_s=0.2)
            with pytest.raises(TimeoutError):
                await asked
            [check] = cog._checks  # type: ignore[union-attr]
        assert check.cancelled()


@pytest.mark.parametrize("command", ["source pause", "source resume", "source backfill"])
async def test_before_setup_nothing_of_a_source_is_changed_and_the_reply_says_why(
    reading: Reading, command: str
) -> None:
    room = reading.house.guild("Pas réglée")
    since = {"since": "2025-01-01"} if command == "source backfill" else {}
    reply = await room.administrator.slash(command, room.desk, source="boamp", **since)
    assert "pas encore réglée ici" in reply.text
