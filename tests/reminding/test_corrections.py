"""Corrections reach whoever exported the old version: each once, and only what they may see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.facts import changes
from bot.models import Fact
from bot.reminding import corrections
from bot.storage.custody import exports
from tests.factories import GUILD, OPERATIONS
from tests.log_world import log_fact
from tests.reminding.world import AUTHOR, DAY, EDITOR, OWNER, Room


@pytest.fixture
async def exported(room: Room) -> Fact:
    """Log three facts, have the second one verified, and let a colleague export them."""
    for number in (1, 2, 3):
        await log_fact(room.database, room.viewer(), claim=f"Tolbrisane {number}")
    fact = (await changes.verify(room.database, room.viewer(EDITOR), 2, room.clock.now())).fact
    await room.exports(OWNER, 1, 3)
    return fact


async def test_who_exported_a_fact_is_told_that_it_was_corrected(room: Room, exported: Fact) -> None:
    await room.correct(exported.id, EDITOR)
    await room.remind()
    (told,) = room.told(OWNER)
    assert "1 fait que vous avez exporté a changé" in told
    assert "Votre export du 16 novembre 2026" in told
    assert "n° 2 · noté, non vérifié, version 2 (avant : vérifié) · le 16 novembre 2026" in told.replace("**", "")
    assert "Tolbrisane" not in told


async def test_everything_that_changed_is_one_message(room: Room, exported: Fact) -> None:
    await room.correct(1)
    await changes.dispute(room.database, room.viewer(EDITOR), exported.id, "doute", room.clock.now())
    await changes.retract(room.database, room.viewer(EDITOR), 3, "faux", room.clock.now())
    await room.remind()
    (told,) = room.told(OWNER)
    assert "3 faits que vous avez exportés ont changé" in told
    assert "contesté (avant : vérifié)" in told
    assert "retiré (avant : noté, non vérifié)" in told


async def test_each_change_is_told_once_over_restarts(room: Room, exported: Fact) -> None:
    await room.correct(exported.id, EDITOR)
    for _ in range(4):
        room.restart()
        await room.remind()
    assert len(room.told(OWNER)) == 1
    await room.correct(exported.id, EDITOR, revision=2)
    await room.remind()
    assert "version 3 (avant" in room.told(OWNER)[1]


async def test_nobody_is_told_of_their_own_correction(room: Room, exported: Fact) -> None:
    await room.exports(EDITOR, 1, 3)
    await room.correct(exported.id, EDITOR)
    await room.remind()
    assert (len(room.told(EDITOR)), len(room.told(OWNER))) == (0, 1)


async def test_a_correction_before_the_export_is_not_told(room: Room, exported: Fact) -> None:
    await room.correct(exported.id, EDITOR)
    room.clock.advance(DAY)
    await room.exports(AUTHOR, 1, 3)
    await room.remind()
    assert room.told(AUTHOR) == []


async def test_a_fact_that_was_not_in_the_export_is_not_told(room: Room, exported: Fact) -> None:
    await log_fact(room.database, room.viewer(), claim="Après")
    await room.correct(exported.id + 2)
    await room.remind()
    assert room.told(OWNER) == []


async def test_who_left_the_newsroom_is_told_nothing(room: Room, exported: Fact) -> None:
    room.discord.members[GUILD, OWNER] = None
    await room.correct(exported.id, EDITOR)
    await room.remind()
    assert room.told(OWNER) == []


async def test_who_was_away_for_a_day_is_told_without_a_restart(room: Room, exported: Fact) -> None:
    was = room.discord.members[GUILD, OWNER]
    room.discord.members[GUILD, OWNER] = None
    await room.correct(exported.id, EDITOR)
    room.clock.advance(timedelta(hours=2))
    await room.remind()
    room.discord.members[GUILD, OWNER] = was
    await room.after(1)
    assert len(room.told(OWNER)) == 1


async def test_a_clock_set_back_after_the_export_hides_no_correction(room: Room, exported: Fact) -> None:
    room.clock.advance(timedelta(days=-3_000))
    await room.correct(exported.id, EDITOR)
    await room.remind()
    (told,) = room.told(OWNER)
    assert "noté, non vérifié, version 2 (avant : vérifié)" in told


async def test_what_an_exporter_may_no_longer_see_is_told_once_they_may(room: Room, exported: Fact) -> None:
    await room.correct(exported.id, EDITOR)
    async with room.database.tx("test.embargo") as connection:
        await connection.run("UPDATE fact SET embargo_until = '2027-01-01T00:00:00+00:00' WHERE id = ?", exported.id)
    await room.remind()
    assert room.told(OWNER) == []
    async with room.database.tx("test.release") as connection:
        await connection.run("UPDATE fact SET embargo_until = NULL WHERE id = ?", exported.id)
    await room.remind()
    assert len(room.told(OWNER)) == 1


async def test_discord_away_puts_the_word_off(room: Room, exported: Fact) -> None:
    await room.correct(exported.id, EDITOR)
    room.discord.silent.add(GUILD)
    await room.remind()
    room.discord.silent.clear()
    await room.remind()
    assert len(room.told(OWNER)) == 1


async def test_who_takes_no_private_message_is_told_when_they_come_by(room: Room, exported: Fact) -> None:
    room.discord.unreachable[OWNER] = "forbidden"
    await room.correct(exported.id, EDITOR)
    await room.remind()
    await room.remind()
    assert await room.untold(OWNER) == [(None, "corrected")]


async def test_an_export_of_the_command_line_is_told_in_the_operations_channel(room: Room, exported: Fact) -> None:
    await room.exports("cli:marie", 1, 3, folder="sorties/mai")
    await room.correct(exported.id, EDITOR)
    for _ in range(3):
        room.restart()
        await room.remind()
    (told,) = room.told(OPERATIONS)
    assert "Un export contient 1 fait qui a changé" in told
    assert "Fait par cli:marie le 16 novembre 2026, dans sorties/mai." in told
    assert "n° 2 · noté, non vérifié, version 2 (avant : vérifié)" in told


async def test_the_operations_channel_hears_nothing_of_a_hidden_fact(room: Room, exported: Fact) -> None:
    await room.exports("cli:marie", 1, 3)
    await room.correct(exported.id, EDITOR)
    async with room.database.tx("test.embargo") as connection:
        await connection.run("UPDATE fact SET embargo_until = '2027-01-01T00:00:00+00:00' WHERE id = ?", exported.id)
    await room.remind()
    assert room.told(OPERATIONS) == []


async def test_more_than_one_message_can_tell_follow_in_the_next(
    room: Room, exported: Fact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "MOST", 2)
    for fact_id in range(1, 4):
        await room.correct(fact_id, EDITOR)
    await room.remind()
    assert len(room.told(OWNER)) == 1
    await room.remind()
    await room.remind()
    assert [told.split()[0] for told in room.told(OWNER)] == ["2", "1"]
    assert exported.id == 2


async def test_an_export_that_is_recorded_after_a_change_that_it_does_not_hold_is_told_of_it(
    room: Room, exported: Fact
) -> None:
    async with room.database.read() as connection:
        before = await connection.one("SELECT max(id) FROM fact_change")
    await room.correct(exported.id, EDITOR)
    await room.remind()
    async with room.database.tx("test.export") as connection:
        kind, now = exports.ExportKind.FACTS, room.clock.now()
        last = before[0] if before else 0
        await exports.record(connection, GUILD, kind, AUTHOR, now, filters={}, facts=[(1, 3)], last_change=last)
    await room.remind()
    assert len(room.told(AUTHOR)) == 1


@pytest.mark.parametrize("person", [OWNER, "cli:marie"])
async def test_hidden_facts_keep_nobody_from_hearing_of_the_others(
    room: Room, exported: Fact, monkeypatch: pytest.MonkeyPatch, person: int | str
) -> None:
    monkeypatch.setattr(corrections, "MOST", 1)
    await room.exports(person, 1, 3)
    for fact_id in (1, exported.id):
        await room.correct(fact_id, EDITOR)
    async with room.database.tx("test.embargo") as connection:
        await connection.run("UPDATE fact SET embargo_until = '2027-01-01T00:00:00+00:00' WHERE id = 1")
    await room.remind()
    assert len(room.told(OPERATIONS if isinstance(person, str) else person)) == 1
