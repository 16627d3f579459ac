"""Every cell of the table of what may be done with a fact: what it is afterwards, or why that is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.access import Viewer
from bot.errors import UserError
from bot.facts import changes
from bot.facts.allowed import ALLOWED, Refusal
from bot.facts.citing import read_citation
from bot.facts.entry import Correction
from bot.models import Claim, Fact, FactChangeKind, FactStatus
from bot.storage.database import Database
from bot.storage.log import facts
from tests.factories import GUILD, START
from tests.log_world import COLLEAGUE, EDITOR, log_database, sourced_fact

CHIEF = Viewer(guild_id=GUILD, user_id=10, sees_all=True)

Act = Callable[[Database, Viewer, Fact], Awaitable[changes.Changed]]


def cite(database: Database, by: Viewer, fact: Fact) -> Awaitable[changes.Changed]:
    cited = read_citation("Un livre", "", guild_id=GUILD, now=START)
    return changes.cite(database, by, fact.id, [cited], START)


def correct(database: Database, by: Viewer, fact: Fact) -> Awaitable[changes.Changed]:
    correction = Correction(Claim(text="Autre énoncé"), (), None)
    return changes.correct(database, by, fact.id, correction, "motif", START, seen=fact.revision)


ACTS: dict[FactChangeKind, Act] = {
    FactChangeKind.CITED: cite,
    FactChangeKind.CORRECTED: correct,
    FactChangeKind.VERIFIED: lambda database, by, fact: changes.verify(database, by, fact.id, START),
    FactChangeKind.DISPUTED: lambda database, by, fact: changes.dispute(database, by, fact.id, "démenti", START),
    FactChangeKind.RETRACTED: lambda database, by, fact: changes.retract(database, by, fact.id, "faux", START),
}
MADE: dict[FactStatus, tuple[FactChangeKind, ...]] = {
    FactStatus.LOGGED: (),
    FactStatus.VERIFIED: (FactChangeKind.VERIFIED,),
    FactStatus.DISPUTED: (FactChangeKind.VERIFIED, FactChangeKind.DISPUTED),
    FactStatus.RETRACTED: (FactChangeKind.RETRACTED,),
}
"""How a fact comes to have each status."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


def test_the_table_has_every_cell() -> None:
    assert {status: set(row) for status, row in ALLOWED.items()} == {status: set(ACTS) for status in FactStatus}


@pytest.mark.parametrize("change", ACTS)
@pytest.mark.parametrize("status", FactStatus)
async def test_a_fact_becomes_what_the_table_says(
    database: Database, status: FactStatus, change: FactChangeKind
) -> None:
    fact = await sourced_fact(database)
    for made in MADE[status]:
        fact = (await ACTS[made](database, EDITOR, fact)).fact
    outcome = ALLOWED[status][change]
    refused = None
    try:
        await ACTS[change](database, CHIEF if change is FactChangeKind.VERIFIED else COLLEAGUE, fact)
    except UserError as error:
        refused = error.text
    async with database.read() as connection:
        after = await facts.get(connection, GUILD, fact.id)
    if isinstance(outcome, Refusal):
        assert (refused, after) == (outcome, fact)
    else:
        assert (refused, after.status) == (None, outcome)
