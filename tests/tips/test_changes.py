from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access import Action
from bot.errors import UserError
from bot.models import AuditEntry, Tip, TipChangeKind, TipFilter, TipStatus, TipWords
from bot.storage.custody import audit
from bot.storage.database import Database
from bot.storage.log import tips
from bot.tips import changes
from bot.tips.changes import TipEditedError, words_of
from tests.factories import GUILD, START
from tests.log_world import COLLEAGUE, EDITOR, ELSEWHERE, REPORTER, log_database, log_tip

CANARY = "canari-7Q2X"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def refusal(attempt: object) -> str:
    with pytest.raises(UserError) as refused:
        await attempt  # type: ignore[misc]
    return refused.value.text


async def test_an_edit_adds_a_version_and_keeps_the_former_ones(database: Database) -> None:
    tip = await log_tip(database, text="Un dîner", origin="un appel")
    words = replace(words_of(tip), text="Un déjeuner")
    await changes.edit(database, COLLEAGUE, tip.id, words, START, seen=1, reason="il était midi")
    async with database.read() as connection:
        versions = await tips.versions(connection, GUILD, tip.id)
    assert [(one.revision, one.words.text, one.reason, one.made_by) for one in versions] == [
        (1, "Un dîner", None, REPORTER.user_id),
        (2, "Un déjeuner", "il était midi", COLLEAGUE.user_id),
    ]
    assert versions[1].words.origin == "un appel"


async def test_the_second_of_two_edits_is_shown_the_first(database: Database) -> None:
    tip = await log_tip(database)
    await changes.edit(database, EDITOR, tip.id, TipWords(text="La version du premier"), START, seen=1)
    with pytest.raises(TipEditedError) as refused:
        await changes.edit(database, REPORTER, tip.id, TipWords(text="La version du second"), START, seen=1)
    assert refused.value.tip.text == "La version du premier"


async def test_an_edit_that_changes_nothing_makes_no_version(database: Database) -> None:
    tip = await log_tip(database)
    changed = await changes.edit(database, REPORTER, tip.id, words_of(tip), START, seen=1)
    assert (changed.is_changed, changed.tip.revision, changed.tip.changes) == (False, 1, 1)


async def test_every_change_is_numbered_and_signed(database: Database) -> None:
    tip = await log_tip(database)
    await changes.note(database, COLLEAGUE, tip.id, "rappelé", START)
    await changes.assign(database, EDITOR, tip.id, COLLEAGUE.user_id, START)
    await changes.set_status(database, COLLEAGUE, tip.id, TipStatus.CHECKING, START)
    async with database.read() as connection:
        noted = await tips.changes(connection, GUILD, tip.id)
    assert [(one.number, one.kind, one.made_by, one.text, one.before, one.after) for one in noted] == [
        (1, TipChangeKind.LOGGED, REPORTER.user_id, None, None, None),
        (2, TipChangeKind.NOTED, COLLEAGUE.user_id, "rappelé", None, None),
        (3, TipChangeKind.ASSIGNED, EDITOR.user_id, None, None, str(COLLEAGUE.user_id)),
        (4, TipChangeKind.STATUS, COLLEAGUE.user_id, None, "new", "checking"),
    ]


async def test_what_is_so_already_is_no_change(database: Database) -> None:
    tip = await log_tip(database)
    await changes.assign(database, EDITOR, tip.id, COLLEAGUE.user_id, START)
    again = await changes.assign(database, EDITOR, tip.id, COLLEAGUE.user_id, START)
    same = await changes.set_status(database, EDITOR, tip.id, TipStatus.NEW, START)
    assert (again.is_changed, same.is_changed, same.tip.changes) == (False, False, 2)


async def test_a_sensitive_tip_is_there_for_its_author_its_owner_and_editors_only(database: Database) -> None:
    tip = await log_tip(database, is_sensitive=True)
    assert await refusal(changes.note(database, COLLEAGUE, tip.id, "x", START)) == "tip-unknown"
    assert await refusal(changes.set_status(database, COLLEAGUE, tip.id, TipStatus.DROPPED, START)) == "tip-unknown"
    async with database.read() as connection:
        assert await tips.count(connection, COLLEAGUE, TipFilter()) == 0
        assert await tips.count(connection, EDITOR, TipFilter()) == 1
    await changes.assign(database, EDITOR, tip.id, COLLEAGUE.user_id, START)
    await changes.note(database, COLLEAGUE, tip.id, "x", START)


async def test_another_newsroom_finds_nothing(database: Database) -> None:
    tip = await log_tip(database)
    assert await refusal(changes.note(database, ELSEWHERE, tip.id, "x", START)) == "tip-unknown"
    assert await refusal(changes.assign(database, ELSEWHERE, tip.id, 9, START)) == "tip-unknown"
    async with database.read() as connection:
        assert await tips.listed(connection, ELSEWHERE, TipFilter()) == []


async def test_a_tip_is_logged_with_its_first_notes(database: Database) -> None:
    changed = await changes.add(database, REPORTER, TipWords(text="Un dîner"), START, notes=["Fichier : plan.pdf"])
    async with database.read() as connection:
        noted = await tips.changes(connection, GUILD, changed.tip.id)
    assert [(one.kind, one.text) for one in noted] == [
        (TipChangeKind.LOGGED, None),
        (TipChangeKind.NOTED, "Fichier : plan.pdf"),
    ]


CHANGES: dict[str, Callable[[Database, Tip], Awaitable[object]]] = {
    "add": lambda database, _: changes.add(
        database, REPORTER, TipWords(text=CANARY, origin=CANARY), START, notes=[CANARY]
    ),
    "edit": lambda database, tip: changes.edit(
        database, REPORTER, tip.id, TipWords(text=CANARY), START, seen=1, reason=CANARY
    ),
    "note": lambda database, tip: changes.note(database, REPORTER, tip.id, CANARY, START),
    "assign": lambda database, tip: changes.assign(database, EDITOR, tip.id, COLLEAGUE.user_id, START),
    "set_status": lambda database, tip: changes.set_status(database, EDITOR, tip.id, TipStatus.DROPPED, START),
}
"""Every change of a tip, with the canary in each word that it takes."""
ACTIONS = {
    "add": Action.TIP_ADD,
    "edit": Action.TIP_EDIT,
    "note": Action.TIP_NOTE,
    "assign": Action.TIP_ASSIGN,
    "set_status": Action.TIP_STATUS,
}


def test_no_change_of_a_tip_is_left_out_of_these() -> None:
    coroutines = inspect.getmembers(changes, inspect.iscoroutinefunction)
    own = {name for name, one in coroutines if one.__module__ == changes.__name__ and not name.startswith("_")}
    assert own == CHANGES.keys()


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_leaves_one_entry_in_the_audit_log_without_a_word_of_the_tip(
    database: Database, change: str
) -> None:
    tip = await log_tip(database)
    before = await entries(database)
    await CHANGES[change](database, tip)
    [entry] = (await entries(database))[len(before) :]
    by = EDITOR if change in {"assign", "set_status"} else REPORTER
    assert (entry.action, entry.made_by) == (ACTIONS[change], str(by.user_id))
    assert entry.subject == ("tip:2" if change == "add" else "tip:1")
    assert CANARY not in str(entry)


@pytest.mark.parametrize("change", CHANGES)
async def test_every_row_of_a_change_is_sealed_by_its_entry(database: Database, change: str) -> None:
    tip = await log_tip(database)
    await CHANGES[change](database, tip)
    async with database.read() as connection:
        unsealed = await connection.one(
            "SELECT (SELECT count(*) FROM tip_revision WHERE sealed_in IS NULL)"
            " + (SELECT count(*) FROM tip_change WHERE sealed_in IS NULL)"
        )
    assert unsealed is not None
    assert unsealed[0] == 0


async def test_what_changes_nothing_leaves_no_entry(database: Database) -> None:
    tip = await log_tip(database)
    await changes.edit(database, REPORTER, tip.id, words_of(tip), START, seen=1)
    await changes.set_status(database, REPORTER, tip.id, TipStatus.NEW, START)
    assert len(await entries(database)) == 1


async def entries(database: Database) -> list[AuditEntry]:
    async with database.read() as connection:
        return (await audit.listed(connection, GUILD))[::-1]
