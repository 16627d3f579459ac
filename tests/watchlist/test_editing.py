"""Editing: only what is given changes, within what entry allows, and it is told from what to what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import QueryError, UserError
from bot.models import ItemKind, Newsroom, Priority, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.log import dossiers
from bot.storage.watching import watchlist
from bot.watchlist import changes, editing
from bot.watchlist.editing import Edited, Edits, ItemField
from tests.empty_database import place_empty_database
from tests.factories import START, SettableClock

GUILD, COMMON, OWN = 10, 1, 2


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    async with opened.tx("test") as connection:
        newsroom = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris", announcements_channel=COMMON)
        await newsrooms.save(connection, newsroom)
    yield opened
    await opened.close()


@pytest.fixture
async def item(database: Database) -> WatchItem:
    said = {"aliases": ("Taser",), "identifiers": ("732829320",), "any_of": ("drone",), "none_of": ("jouet",)}
    more = {"sources": ("boamp",), "channel_id": OWN, "ref": "A1", "note": "vu", "priority": Priority.DIGEST}
    return await add(database, "Axon", **said, **more)


async def add(database: Database, name: str, **said: Any) -> WatchItem:
    made = WatchItem(**{"kind": ItemKind.COMPANY, "name": name, "guild_id": GUILD, "added_by": 5, **said})
    return await changes.add(database, made, 3, START)


async def edited(database: Database, item: WatchItem, **given: Any) -> Edited:
    return await editing.edit(
        database, item, Edits(**given), by=7, floor_id=9, known_sources={"boamp", "ted"}, now=START
    )


async def stored(database: Database, item: WatchItem) -> WatchItem | None:
    async with database.read() as connection:
        return await watchlist.find(connection, GUILD, item.id or 0)


async def open_dossier(database: Database, name: str) -> int:
    async with database.tx("test.dossier") as connection:
        return (await dossiers.add(connection, GUILD, name, name.casefold(), None, 5, START)).id


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ({"name": " Axis  SAS "}, {"name": "Axis SAS"}),
        ({"aliases": "A.X.O.N. ; Taser"}, {"aliases": ("A.X.O.N.", "Taser")}),
        ({"identifiers": "998100473"}, {"identifiers": ("998100473",)}),
        ({"any_of": '"a1; b2"; caméra'}, {"any_of": ('"a1; b2"', "caméra")}),
        ({"none_of": "factice"}, {"none_of": ("factice",)}),
        ({"sources": "TED"}, {"sources": ("ted",)}),
        ({"channel_id": 77}, {"channel_id": 77}),
        ({"channel_id": COMMON}, {"channel_id": None}),
        ({"priority": Priority.INSTANT}, {"priority": Priority.INSTANT}),
        ({"ref": "B2"}, {"ref": "B2"}),
        ({"note": "revu"}, {"note": "revu"}),
        *(({name: "-"}, {name: ()}) for name in ("aliases", "identifiers", "any_of", "none_of", "sources")),
        *(({name: " - "}, {name: None}) for name in ("ref", "note")),
    ],
)
async def test_only_what_is_given_changes(
    database: Database, item: WatchItem, given: dict[str, Any], after: dict[str, Any]
) -> None:
    done = await edited(database, item, **given)
    assert await stored(database, item) == done.after.item == replace(item, **after)
    assert done.before.item == item
    [name] = done.fields
    assert name == {"channel_id": ItemField.CHANNEL}.get(next(iter(after)), next(iter(after)))


async def test_a_name_is_never_emptied(database: Database, item: WatchItem) -> None:
    with pytest.raises(QueryError):
        await edited(database, item, name="-")
    assert await stored(database, item) == item


async def test_a_dash_among_other_words_empties_nothing(database: Database, item: WatchItem) -> None:
    done = await edited(database, item, note="a - b", ref="-1")
    assert (done.after.item.note, done.after.item.ref) == ("a - b", "-1")


async def test_the_aliases_of_a_keyword_are_queries(database: Database) -> None:
    keyword = await add(database, "drone", kind=ItemKind.KEYWORD)
    done = await edited(database, keyword, aliases='"a1; b2"; radar')
    assert done.after.item.aliases == ('"a1; b2"', "radar")


async def test_what_was_so_already_is_no_change(database: Database, item: WatchItem) -> None:
    async with database.read() as connection:
        before = await watchlist.version_of(connection)
    done = await edited(database, item, name="Axon", aliases="Taser", channel_id=OWN)
    assert done.fields == []
    async with database.read() as connection:
        assert await watchlist.version_of(connection) == before


async def test_an_edited_item_reaches_the_automaton(database: Database, item: WatchItem) -> None:
    async with database.read() as connection:
        before = await watchlist.version_of(connection)
    await edited(database, item, none_of="-")
    async with database.read() as connection:
        assert await watchlist.version_of(connection) > before


async def test_an_edit_is_made_on_what_stands_there_not_on_what_was_seen(database: Database, item: WatchItem) -> None:
    await edited(database, item, note="le premier")
    done = await edited(database, item, ref="B2")
    assert (done.before.item.note, done.after.item.note, done.after.item.ref) == ("le premier", "le premier", "B2")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"name": "x" * 201}, "watch-name-too-long"),
        ({"note": "x" * 501}, "watch-note-too-long"),
        ({"aliases": ";".join(f"alias {n}" for n in range(31))}, "watch-too-many-aliases"),
        ({"identifiers": "1,23457E+13"}, "watch-identifier-ruined"),
        ({"sources": "nulle-part"}, "watch-source-unknown"),
        ({"any_of": "(drone"}, "query-unbalanced-parenthesis"),
        ({"name": "AXIS"}, "watch-same-name"),
        ({"ref": "Z9"}, "watch-same-ref"),
        ({"dossier_ids": [404]}, "dossier-unknown"),
    ],
)
async def test_what_entry_would_refuse_is_refused_and_nothing_changes(
    database: Database, item: WatchItem, given: dict[str, Any], reason: str
) -> None:
    await add(database, "Axis", ref="Z9")
    with pytest.raises(UserError) as refused:
        await edited(database, item, **given)
    assert refused.value.text == reason
    assert await stored(database, item) == item


async def test_an_item_does_not_stand_in_its_own_way(database: Database, item: WatchItem) -> None:
    done = await edited(database, item, name="AXON", ref="A1")
    assert done.after.item.name == "AXON"


async def test_a_removed_item_is_not_edited(database: Database, item: WatchItem) -> None:
    await changes.remove(database, item, 5, START)
    with pytest.raises(UserError) as refused:
        await edited(database, item, note="x")
    assert refused.value.text == "watch-gone"


async def test_another_newsroom_cannot_edit(database: Database, item: WatchItem) -> None:
    with pytest.raises(UserError) as refused:
        await edited(database, replace(item, guild_id=20), note="x")
    assert refused.value.text == "watch-gone"
    assert await stored(database, item) == item


async def test_without_a_common_channel_an_item_keeps_its_own(database: Database, item: WatchItem) -> None:
    async with database.tx("test.setup") as connection:
        await newsrooms.save(connection, Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris"))
    done = await edited(database, item, channel_id=COMMON)
    assert done.after.item.channel_id == COMMON


async def test_the_dossiers_given_replace_those_that_it_was_in(database: Database, item: WatchItem) -> None:
    first, second = await open_dossier(database, "Caméras"), await open_dossier(database, "Drones")
    assert (await edited(database, item, dossier_ids=[first])).fields == [ItemField.DOSSIERS]
    done = await edited(database, item, dossier_ids=[second])
    assert done.before.of(ItemField.DOSSIERS) == ["Caméras"]
    assert done.after.of(ItemField.DOSSIERS) == ["Drones"]
    assert (await edited(database, item, dossier_ids=[])).after.dossiers == []


async def test_an_item_stays_in_a_closed_dossier_but_enters_none(database: Database, item: WatchItem) -> None:
    old, other = await open_dossier(database, "Caméras"), await open_dossier(database, "Drones")
    await edited(database, item, dossier_ids=[old])
    async with database.tx("test.close") as connection:
        await dossiers.close(connection, GUILD, old, 5, START)
        await dossiers.close(connection, GUILD, other, 5, START)
    assert (await edited(database, item, dossier_ids=[old], note="revu")).fields == [ItemField.NOTE]
    with pytest.raises(UserError) as refused:
        await edited(database, item, dossier_ids=[old, other])
    assert (refused.value.text, refused.value.values) == ("dossier-closed", {"name": "Drones"})
