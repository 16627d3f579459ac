from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import dossiers
from bot.errors import UserError
from bot.models import ThingKind
from bot.storage.database import Database
from bot.storage.log import dossiers as rows
from tests.factories import FLOOR, GUILD, START, add_item, make_item
from tests.log_world import COLLEAGUE, EDITOR, ELSEWHERE, REPORTER, log_database, log_fact, log_tip


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with log_database(tmp_path) as opened:
        yield opened


async def refusal(attempt: object) -> str:
    with pytest.raises(UserError) as refused:
        await attempt  # type: ignore[misc]
    return refused.value.text


async def test_a_name_is_taken_whatever_its_case_and_accents_also_once_closed(database: Database) -> None:
    made = await dossiers.create(database, REPORTER, "Caméras", None, FLOOR, START)
    assert await refusal(dossiers.create(database, EDITOR, "CAMERAS", None, FLOOR, START)) == "dossier-same-name"
    await dossiers.close(database, EDITOR, made.id, START)
    again = dossiers.create(database, EDITOR, "cameras", None, FLOOR, START)
    assert await refusal(again) == "dossier-same-name-closed"
    await dossiers.create(database, ELSEWHERE, "Caméras", None, FLOOR, START)


@pytest.mark.parametrize(
    ("name", "text"), [("", "dossier-name"), ("a; b", "dossier-name"), ("a" * 81, "too-long-dossier")]
)
async def test_a_name_that_cannot_be_one_is_refused(database: Database, name: str, text: str) -> None:
    assert await refusal(dossiers.create(database, REPORTER, name, None, FLOOR, START)) == text


async def test_a_thing_may_be_in_several_dossiers_and_in_one_only_once(database: Database) -> None:
    fact = await log_fact(database)
    for name in ("Caméras", "Lobbying"):
        made = await dossiers.create(database, REPORTER, name, None, FLOOR, START)
        first = await dossiers.put(database, REPORTER, made.id, ThingKind.FACT, fact.id, START)
        again = await dossiers.put(database, REPORTER, made.id, ThingKind.FACT, fact.id, START)
        assert (first.is_new, again.is_new) == (True, False)
    async with database.read() as connection:
        found = await rows.of_thing(connection, GUILD, ThingKind.FACT, fact.id)
    assert [dossier.name for dossier in found] == ["Caméras", "Lobbying"]


async def test_nothing_goes_into_a_closed_dossier_until_it_is_reopened(database: Database) -> None:
    tip = await log_tip(database)
    made = await dossiers.create(database, REPORTER, "Caméras", None, FLOOR, START)
    assert await dossiers.close(database, EDITOR, made.id, START)
    assert not await dossiers.close(database, EDITOR, made.id, START)
    closed = dossiers.put(database, REPORTER, made.id, ThingKind.TIP, tip.id, START)
    assert await refusal(closed) == "dossier-closed"
    assert await dossiers.reopen(database, REPORTER, made.id, START)
    assert (await dossiers.put(database, REPORTER, made.id, ThingKind.TIP, tip.id, START)).is_new


async def test_what_is_not_there_or_not_to_be_seen_is_not_gathered(database: Database) -> None:
    made = await dossiers.create(database, REPORTER, "Caméras", None, FLOOR, START)
    hidden = await log_tip(database, is_sensitive=True)
    theirs = await log_fact(database, ELSEWHERE)
    item = await add_item(database, make_item("Axon", guild_id=ELSEWHERE.guild_id))
    attempts = {
        "tip-unknown": dossiers.put(database, COLLEAGUE, made.id, ThingKind.TIP, hidden.id, START),
        "fact-unknown": dossiers.put(database, COLLEAGUE, made.id, ThingKind.FACT, theirs.id, START),
        "item-unknown": dossiers.put(database, COLLEAGUE, made.id, ThingKind.ITEM, item.id or 0, START),
        "dossier-unknown": dossiers.put(database, ELSEWHERE, made.id, ThingKind.FACT, theirs.id, START),
    }
    for text, attempt in attempts.items():
        assert await refusal(attempt) == text
