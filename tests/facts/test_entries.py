"""Every change of a fact leaves one entry of the audit log, which seals all that the change wrote."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access import Action
from bot.facts import changes
from bot.facts.citing import read_citation
from bot.facts.entry import Correction, TypedFact, read_fact
from bot.models import Claim, Fact
from bot.storage.custody import audit
from bot.storage.custody.audit import SEALED
from bot.storage.database import Database
from tests.factories import GUILD, START, add_item, add_newsroom, make_item
from tests.log_world import DATES, EDITOR, REPORTER, log_database, log_tip, sourced_fact

Act = Callable[[Database, Fact], Awaitable[object]]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def add(database: Database, _fact: Fact) -> None:
    entry = read_fact(TypedFact(claim="Axon", source="Un livre"), DATES, guild_id=GUILD, now=START)
    await changes.add(database, REPORTER, entry, START)


async def cite(database: Database, fact: Fact) -> None:
    cited = [read_citation(source, "", guild_id=GUILD, now=START) for source in ("Un livre", "Un autre")]
    await changes.cite(database, REPORTER, fact.id, cited, START)


async def correct(database: Database, fact: Fact) -> None:
    source = replace(read_citation("Un livre", "", guild_id=GUILD, now=START), n=1)
    made = Correction(Claim(text="Autre énoncé"), (source,), None)
    await changes.correct(database, EDITOR, fact.id, made, "mal lu", START, seen=fact.revision)


async def link_items(database: Database, fact: Fact) -> None:
    await add_newsroom(database)
    item = await add_item(database, make_item("Axon"))
    await changes.link_items(database, REPORTER, fact.id, [item.id or 0], START)


ACTS: dict[str, tuple[Act, Action]] = {
    "add": (add, Action.FACT_ADD),
    "cite": (cite, Action.FACT_CITE),
    "correct": (correct, Action.FACT_CORRECT),
    "verify": (lambda database, fact: changes.verify(database, EDITOR, fact.id, START), Action.FACT_VERIFY),
    "dispute": (
        lambda database, fact: changes.dispute(database, EDITOR, fact.id, "démenti", START),
        Action.FACT_DISPUTE,
    ),
    "retract": (lambda database, fact: changes.retract(database, EDITOR, fact.id, "faux", START), Action.FACT_RETRACT),
    "link_items": (link_items, Action.FACT_ADD),
}


async def entries(database: Database) -> list[tuple[str, str | None, str]]:
    """Return the action, the subject and the person of each entry, oldest first."""
    async with database.read() as connection:
        found = await audit.listed(connection, GUILD)
    return [(entry.action, entry.subject, entry.made_by) for entry in reversed(found)]


async def unsealed(database: Database) -> int:
    tables = [table for of_kind in SEALED.values() for table in of_kind]
    async with database.read() as connection:
        rows = [
            await connection.one(f"SELECT count(*) FROM {table} WHERE sealed_in IS NULL")  # noqa: S608  # our tables
            for table in tables
        ]
    return sum(row[0] for row in rows if row is not None)


def test_every_change_is_tried_here() -> None:
    public = inspect.getmembers(changes, inspect.iscoroutinefunction)
    assert {name for name, made in public if made.__module__ == changes.__name__ and name[0] != "_"} == {
        *ACTS,
        "resolved",
    }


@pytest.mark.parametrize("name", ACTS)
async def test_a_change_leaves_one_entry_that_seals_what_it_wrote(database: Database, name: str) -> None:
    fact = await sourced_fact(database)
    act, action = ACTS[name]
    before = len(await entries(database))
    await act(database, fact)
    [(done, subject, _)] = (await entries(database))[before:]
    assert (done, subject) == (action, f"fact:{2 if name == 'add' else fact.id}")
    assert await unsealed(database) == 0


async def test_a_promoted_tip_has_an_entry_of_its_own_beside_the_facts(database: Database) -> None:
    tip = await log_tip(database)
    before = len(await entries(database))
    entry = read_fact(TypedFact(claim="Axon", source="Un livre"), DATES, guild_id=GUILD, now=START)
    fact = (await changes.add(database, REPORTER, entry, START, tip_id=tip.id)).fact
    by = str(REPORTER.user_id)
    assert (await entries(database))[before:] == [
        (Action.TIP_PROMOTE, f"tip:{tip.id}", by),
        (Action.FACT_ADD, f"fact:{fact.id}", by),
    ]
    assert await unsealed(database) == 0
