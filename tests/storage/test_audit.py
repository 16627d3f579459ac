"""What an entry of the audit log holds, whatever it is given, and who sees which entries."""

from __future__ import annotations

import getpass
import json
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from bot.access import Action, Viewer
from bot.audit import verify
from bot.models import AuditHead, ThingKind
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.tips.erasing import erase
from tests.factories import GUILD, START, add_newsroom
from tests.log_world import COLLEAGUE, EDITOR, LOG, REPORTER, THERE, log_database, log_fact, log_tip

ADMINISTRATOR = Viewer(guild_id=GUILD, user_id=3, sees_all=False)


class Colour(StrEnum):
    RED = "red"


async def note(database: Database, **said: Any) -> AuditHead:
    async with database.tx("test.note") as connection:
        return await audit.note(connection, GUILD, said.pop("by", 7), Action.SETUP, START, **said)


async def subjects(database: Database, viewer: Viewer, **asked: Any) -> list[str | None]:
    async with database.read() as connection:
        return [entry.subject for entry in await audit.seen(connection, viewer, **asked)]


@pytest.mark.parametrize(
    "detail",
    [
        {}, {"b": 1, "a": None}, {10: "ten", 9: "nine"}, {"é": ("x", "y")}, {"colour": Colour.RED}, {"lone": "\ud800"},
        {"at": START}, {"deep": {"list": [{"2": 1, "10": 2}]}}, {"ratio": 0.1}, {"nul": "\0"}, {"large": 2**70},
    ],
    ids=repr,
)  # fmt: skip
async def test_whatever_the_details_are_the_log_verifies(database: Database, detail: dict[Any, Any]) -> None:
    await add_newsroom(database)
    await note(database, detail=detail)
    assert verify(database.path).is_intact


async def test_a_user_of_the_machine_whose_name_is_no_unicode_can_be_noted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_newsroom(database)
    monkeypatch.setenv("LOGNAME", b"l\xe9a".decode("utf-8", "surrogateescape"))
    await note(database, by=f"cli:{getpass.getuser()}")
    assert verify(database.path).is_intact


async def test_an_entry_seals_every_row_of_its_thing_that_was_not_sealed(tmp_path: Path) -> None:
    async with log_database(tmp_path) as database:
        fact = await log_fact(database)
        async with database.read() as connection:
            [row] = await connection.all("SELECT rows FROM audit_opening")
    assert [seal[:-1] for seal in json.loads(row["rows"])] == [
        ["fact_revision", fact.id, 1], ["citation", fact.id, 1, 1], ["fact_change", fact.id, 1],
    ]  # fmt: skip


async def test_each_newsroom_has_a_log_of_its_own(tmp_path: Path) -> None:
    async with log_database(tmp_path) as database:
        first = await note(database)
        async with database.tx("test.note") as connection:
            there = await audit.note(connection, THERE, 7, Action.SETUP, START)
        second = await note(database)
    assert [head.number for head in (first, there, second)] == [1, 1, 2]
    assert first.hash != there.hash


async def test_entries_about_what_somebody_may_not_know_of_are_left_out(tmp_path: Path) -> None:
    async with log_database(tmp_path, log=LOG) as database:
        open_tip = await log_tip(database)
        hidden = await log_tip(database, REPORTER, "Un dîner discret", is_sensitive=True)
        await note(database, subject="source:boamp")
        told = ["source:boamp", f"tip:{hidden.id}", f"tip:{open_tip.id}"]
        assert await subjects(database, EDITOR) == told
        assert await subjects(database, REPORTER) == told
        for viewer in (COLLEAGUE, ADMINISTRATOR):
            assert await subjects(database, viewer) == ["source:boamp", f"tip:{open_tip.id}"]
            async with database.read() as connection:
                assert await audit.count_seen(connection, viewer) == 2


async def test_entries_about_an_erased_tip_are_seen_by_editors_only(tmp_path: Path) -> None:
    async with log_database(tmp_path) as database:
        tip = await log_tip(database)
        await erase(database, EDITOR, tip.id, START)
        assert await subjects(database, EDITOR) == [f"tip:{tip.id}"] * 2
        assert await subjects(database, ADMINISTRATOR) == []
        async with database.read() as connection:
            [_, first] = await audit.seen(connection, EDITOR)
        assert first.detail is None


async def test_entries_are_listed_from_a_moment_on_newest_first(database: Database) -> None:
    await add_newsroom(database)
    for day in range(3):
        async with database.tx("test.note") as connection:
            await audit.note(connection, GUILD, 7, Action.SETUP, START + timedelta(days=day), subject=f"x:{day}")
    assert await subjects(database, EDITOR, since=START + timedelta(days=1)) == ["x:2", "x:1"]
    assert await subjects(database, EDITOR, offset=1, limit=1) == ["x:1"]


async def test_an_item_and_a_dossier_are_named_as_subjects(database: Database) -> None:
    await add_newsroom(database)
    await note(database, thing=(ThingKind.ITEM, 4))
    assert await subjects(database, ADMINISTRATOR) == ["item:4"]
