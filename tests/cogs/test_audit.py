from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

import pytest

from bot.loopback import Member
from tests.cogs.house import House, Room


async def log(room: Room, by: Member, text: str, **options: Any) -> None:
    reply = await by.slash("tip add", room.desk, text=text, **options)
    assert reply.ephemeral


def attack(house: House, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(house.settings.storage.database, isolation_level=None)) as connection:
        connection.execute(sql)


async def test_the_list_says_who_did_what_newest_first(room: Room) -> None:
    await log(room, room.reporter, "Un dîner")
    reply = await room.editor.slash("audit list", room.desk)
    assert reply.ephemeral
    first, second = reply.embeds[0]["description"].splitlines()
    assert first.startswith("**2** · ")
    assert first.endswith(f"<@{room.reporter.id}> a noté un tuyau · tuyau 1")
    assert second.endswith(f"<@{room.administrator.id}> a changé les réglages")


async def test_an_administrator_who_is_no_editor_does_not_learn_of_a_sensitive_tip(room: Room) -> None:
    await log(room, room.reporter, "Un dîner discret", sensitive=True)
    theirs = await room.administrator.slash("audit list", room.desk)
    assert "tuyau" not in theirs.text
    assert "1 entrée" in theirs.text
    assert "tuyau 1" in (await room.editor.slash("audit list", room.desk)).text


async def test_an_administrator_who_is_no_editor_cannot_count_what_is_hidden(room: Room) -> None:
    await log(room, room.reporter, "Un dîner discret", sensitive=True)
    await room.reporter.slash("fact add", room.desk, claim="Axon a payé", source="Le registre")
    await room.editor.slash("fact export", room.desk)
    theirs = await room.administrator.slash("audit list", room.desk)
    mine = await room.editor.slash("audit list", room.desk)
    assert "a exporté des faits · export 1" in theirs.text
    assert "**" not in theirs.embeds[0]["description"]
    assert "ligne" not in theirs.text
    assert mine.embeds[0]["description"].startswith("**4** · ")
    assert "ligne" in mine.text


async def test_reporters_and_strangers_get_no_list(room: Room) -> None:
    for member in (room.reporter, room.stranger):
        for command in ("audit list", "audit verify"):
            reply = await member.slash(command, room.desk)
            assert "réglages" not in reply.text
            assert "Rien n" not in reply.text


async def test_another_newsroom_sees_its_own_log_only(house: House, room: Room) -> None:
    await log(room, room.reporter, "Un dîner")
    other = await house.newsroom(house.guild("L'Autre"))
    reply = await other.editor.slash("audit list", other.desk)
    assert "tuyau" not in reply.text
    assert "1 entrée" in reply.text


async def test_the_list_begins_on_a_day_and_turns_its_pages(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cogs._audit_pages.A_PAGE", 1)
    await log(room, room.reporter, "Un dîner")
    first = await room.editor.slash("audit list", room.desk, since="hier")
    assert "tuyau 1" in first.text
    assert "réglages" not in first.text
    second = await room.editor.click(first, label="Suivants")
    assert "réglages" in second.text
    future = await room.editor.slash("audit list", room.desk, since="01/01/2035")
    assert "0 entrée" in future.text


async def test_an_intact_log_is_told_with_its_head(house: House, room: Room) -> None:
    await log(room, room.reporter, "Un dîner")
    reply = await room.editor.slash("audit verify", room.desk)
    assert reply.ephemeral
    async with house.app.database.read() as connection:
        row = await connection.one("SELECT hash FROM audit_head")
    assert row is not None
    assert "2 entrées" in reply.text
    assert row["hash"] in reply.text


async def test_what_was_altered_behind_vigies_back_is_named(house: House, room: Room) -> None:
    await log(room, room.reporter, "Un dîner")
    attack(house, "UPDATE tip_revision SET text = 'Un déjeuner'")
    reply = await room.editor.slash("audit verify", room.desk)
    assert "la version 1 du tuyau 1" in reply.text
    assert "déjeuner" not in reply.text
    assert reply.embeds[0]["title"] == "Quelque chose a été modifié en dehors de Vigie"
    assert "Prévenez la personne qui gère Vigie" in reply.text
    assert "vigie " not in reply.text


async def test_what_was_altered_elsewhere_is_not_told_here(house: House, room: Room) -> None:
    other = await house.newsroom(house.guild("L'Autre"))
    await log(other, other.reporter, "Un dîner")
    attack(house, f"UPDATE tip_revision SET text = 'x' WHERE guild_id = {other.guild.id}")  # noqa: S608  # a number
    assert "Rien n\u2019a été modifié" in (await room.editor.slash("audit verify", room.desk)).text
