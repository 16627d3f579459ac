from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.storage.database import Database
from bot.storage.log import drafts
from bot.storage.log.drafts import KEPT, Draft
from tests.factories import GUILD, START, add_newsroom

THERE = 3001
ME, SOMEBODY = 7, 8
CONTEXT = {"tip": 5, "seen": 2, "url": None}
VALUES = {"text": "Un « café » noir\n\nà 8 h", "sensitive": "yes"}


@pytest.fixture
async def draft(database: Database) -> Draft:
    await add_newsroom(database)
    await add_newsroom(database, THERE, channel=None, operations=None)
    return await added(database)


async def added(database: Database, age: timedelta = timedelta(), guild_id: int = GUILD) -> Draft:
    async with database.tx("test.add") as connection:
        return await drafts.add(connection, guild_id, ME, "tip", context=CONTEXT, values=VALUES, now=START - age)


async def found(database: Database, draft: Draft, guild_id: int = GUILD, person: int = ME) -> Draft | None:
    async with database.read() as connection:
        return await drafts.find(connection, guild_id, person, draft.id)


async def test_a_draft_is_found_as_it_was_made(database: Database, draft: Draft) -> None:
    assert await found(database, draft) == draft
    assert draft == Draft(id=draft.id, guild_id=GUILD, person=ME, form="tip", context=CONTEXT, values=VALUES)


async def test_a_text_that_is_half_a_character_is_kept(database: Database, draft: Draft) -> None:
    async with database.tx("test.keep") as connection:
        await drafts.keep(connection, GUILD, ME, draft.id, {"text": "\ud83d"})
    kept = await found(database, draft)
    assert kept is not None
    assert kept.values == {"text": "\ud83d"}


async def test_somebody_else_does_not_find_a_draft(database: Database, draft: Draft) -> None:
    assert await found(database, draft, person=SOMEBODY) is None


async def test_another_newsroom_does_not_find_a_draft(database: Database, draft: Draft) -> None:
    assert await found(database, draft, guild_id=THERE) is None


@pytest.mark.parametrize(("guild_id", "person"), [(GUILD, SOMEBODY), (THERE, ME)])
async def test_what_is_not_ones_own_is_neither_changed_nor_consumed(
    database: Database, draft: Draft, guild_id: int, person: int
) -> None:
    async with database.tx("test.own") as connection:
        assert not await drafts.keep(connection, guild_id, person, draft.id, {})
        assert not await drafts.consume(connection, guild_id, person, draft.id)
    assert await found(database, draft) == draft


async def test_what_is_typed_later_takes_the_place_of_what_was_typed(database: Database, draft: Draft) -> None:
    async with database.tx("test.keep") as connection:
        assert await drafts.keep(connection, GUILD, ME, draft.id, {"text": "autre"})
    kept = await found(database, draft)
    assert kept is not None
    assert (kept.values, kept.context) == ({"text": "autre"}, CONTEXT)


async def test_a_draft_is_consumed_once(database: Database, draft: Draft) -> None:
    async with database.tx("test.consume") as connection:
        assert await drafts.consume(connection, GUILD, ME, draft.id)
        assert not await drafts.consume(connection, GUILD, ME, draft.id)
    assert await found(database, draft) is None


async def store_in_vain(database: Database, draft: Draft) -> None:
    async with database.tx("test.consume") as connection:
        await drafts.consume(connection, GUILD, ME, draft.id)
        raise UserError("tips-full")


async def test_a_draft_comes_back_when_what_it_was_for_is_not_stored(database: Database, draft: Draft) -> None:
    with pytest.raises(UserError, match="tips-full"):
        await store_in_vain(database, draft)
    assert await found(database, draft) == draft


async def test_the_id_of_a_consumed_draft_is_not_given_out_again(database: Database, draft: Draft) -> None:
    async with database.tx("test.consume") as connection:
        await drafts.consume(connection, GUILD, ME, draft.id)
    assert (await added(database)).id != draft.id


@pytest.mark.usefixtures("draft")
async def test_only_what_is_older_is_purged_whoever_s_it_is(database: Database) -> None:
    old = [await added(database, KEPT + timedelta(seconds=1), guild_id) for guild_id in (GUILD, THERE)]
    old.append(await added(database, timedelta(days=-400)))
    young = await added(database, KEPT - timedelta(seconds=1))
    async with database.tx("test.purge") as connection:
        assert await drafts.purge(connection, START - KEPT) == 3
    assert [await found(database, one, one.guild_id) for one in old] == [None, None, None]
    assert await found(database, young) == young


async def test_a_purge_is_bounded_and_takes_the_oldest_first(
    database: Database, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await added(database, timedelta(days=3))
    monkeypatch.setattr(drafts, "MOST_PURGED", 1)
    async with database.tx("test.purge") as connection:
        assert await drafts.purge(connection, START + KEPT) == 1
    assert await found(database, old) is None
    assert await found(database, draft) == draft


@pytest.mark.parametrize(("age", "is_over"), [(timedelta(), False), (KEPT - timedelta(seconds=1), False), (KEPT, True)])
async def test_a_draft_is_over_after_a_day_though_it_is_gone(
    database: Database,
    draft: Draft,
    age: timedelta,
    is_over: bool,  # noqa: FBT001  # what is expected
) -> None:
    async with database.tx("test.consume") as connection:
        await drafts.consume(connection, GUILD, ME, draft.id)
    assert drafts.is_over(draft.id, START + age) == is_over


def test_an_id_that_nobody_was_given_is_over() -> None:
    assert drafts.is_over(0, START)
    assert drafts.is_over(10**18 - 1, START) is False  # of a time to come, where no draft is
    assert drafts.is_over(10**60, START)


async def test_the_database_holds_plain_json(database: Database, draft: Draft) -> None:
    async with database.read() as connection:
        row = await connection.one("SELECT context, fields FROM draft WHERE id = ?", draft.id)
    assert row is not None
    assert (json.loads(row["context"]), json.loads(row["fields"])) == (CONTEXT, VALUES)
