"""From which status a tip comes to which, cell by cell, and what is said of those that it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UserError
from bot.locales import Language, Texts
from bot.models import TipStatus
from bot.storage.database import Database
from bot.tips import changes
from bot.tips.statuses import ALLOWED
from tests.factories import START
from tests.log_world import EDITOR, log_database, log_tip

NEVER_NEW, CHECK_FIRST = "tip-status-no-longer-new", "tip-status-checked-first"

TABLE: dict[str, dict[str, str | None]] = {
    "new":       {"checking": None, "confirmed": None, "dropped": None},
    "checking":  {"new": NEVER_NEW, "confirmed": None, "dropped": None},
    "confirmed": {"new": NEVER_NEW, "checking": None, "dropped": None},
    "dropped":   {"new": NEVER_NEW, "checking": None, "confirmed": CHECK_FIRST},
}  # fmt: skip
"""From each status, what is said of a move to another: None where it is allowed."""

PATHS = {"new": [], "checking": ["checking"], "confirmed": ["confirmed"], "dropped": ["dropped"]}
"""How a new tip comes to each status."""

CELLS = [(before, after, refusal) for before, row in TABLE.items() for after, refusal in row.items()]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


def test_the_table_has_a_cell_for_every_pair_of_statuses() -> None:
    assert {(before, after) for before, after, _ in CELLS} == {
        (before.value, after.value) for before in TipStatus for after in TipStatus if before is not after
    }
    assert ALLOWED.keys() == set(TipStatus)


@pytest.mark.parametrize(("before", "after", "refusal"), CELLS)
async def test_a_tip_comes_from_one_status_to_another_as_the_table_says(
    database: Database, before: str, after: str, refusal: str | None
) -> None:
    tip = await log_tip(database)
    for status in PATHS[before]:
        await changes.set_status(database, EDITOR, tip.id, TipStatus(status), START)
    if refusal is None:
        changed = await changes.set_status(database, EDITOR, tip.id, TipStatus(after), START)
        assert changed.tip.status.value == after
        return
    with pytest.raises(UserError) as refused:
        await changes.set_status(database, EDITOR, tip.id, TipStatus(after), START)
    assert refused.value.text == refusal


@pytest.mark.parametrize("status", TipStatus)
async def test_the_status_that_it_has_is_no_change(database: Database, status: TipStatus) -> None:
    tip = await log_tip(database)
    for step in PATHS[status.value]:
        await changes.set_status(database, EDITOR, tip.id, TipStatus(step), START)
    assert not (await changes.set_status(database, EDITOR, tip.id, status, START)).is_changed


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("refusal", [NEVER_NEW, CHECK_FIRST])
def test_a_refusal_says_which_status_to_choose(language: Language, refusal: str) -> None:
    texts = Texts(language, ZoneInfo("Europe/Paris"))
    assert texts.word("tip-status", "checking") in texts(refusal, id=4)
