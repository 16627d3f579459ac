"""An import is carried out whole or not at all, against what stands there at that moment."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UserError
from bot.lookup import folded
from bot.models import ItemKind, Newsroom, ThingKind, WatchItem
from bot.storage import newsrooms
from bot.storage.database import Database
from bot.storage.log import dossiers
from bot.storage.watching import dossier_items, watchlist
from bot.watchlist import changes, csv_file, importing
from bot.watchlist.csv_file import HeaderError
from bot.watchlist.entry import ITEMS, name_key
from bot.watchlist.importing import Imported, import_watchlist
from bot.watchlist.planning import Importer
from tests.empty_database import place_empty_database
from tests.factories import START, SettableClock

GUILD, THERE, OWN = 10, 20, 111_111_111_111_111_111
IMPORTER = Importer(guild_id=GUILD, user_id=7, floor_id=9, channels={OWN: "vidéo"}, known_sources={"boamp"})


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await Database.open(place_empty_database(tmp_path / "vigie.sqlite3"), SettableClock())
    async with opened.tx("test") as connection:
        for guild_id in (GUILD, THERE):
            await newsrooms.save(
                connection,
                Newsroom(guild_id=guild_id, language="fr", timezone="Europe/Paris", announcements_channel=1),
            )
    yield opened
    await opened.close()


async def brought(database: Database, text: str | bytes, **more: Any) -> Imported:
    content = text if isinstance(text, bytes) else text.encode()
    return await import_watchlist(database, content, replace(IMPORTER, **more), START)


async def follow(database: Database, name: str, **said: Any) -> WatchItem:
    item = WatchItem(**{"kind": ItemKind.COMPANY, "name": name, "guild_id": GUILD, "added_by": 5, **said})
    return await changes.add(database, item, 3, START)


async def open_dossier(database: Database, name: str, guild_id: int = GUILD) -> int:
    async with database.tx("test") as connection:
        return (await dossiers.add(connection, guild_id, name, folded(name), None, 5, START)).id


async def live(database: Database, guild_id: int = GUILD) -> dict[str, WatchItem]:
    async with database.read() as connection:
        return {item.name: item for item in await watchlist.every(connection, guild_id)}


async def version(database: Database) -> int:
    async with database.read() as connection:
        return await watchlist.version_of(connection)


async def dossiers_of(database: Database, item: WatchItem) -> list[str]:
    async with database.read() as connection:
        return [one.name for one in await dossiers.of_thing(connection, GUILD, ThingKind.ITEM, item.id or 0)]


async def test_new_items_are_added_with_all_that_the_file_says(database: Database) -> None:
    await open_dossier(database, "Caméras")
    done = await brought(
        database,
        "ref,kind,name,aliases,identifiers,any_of,none_of,sources,channel,dossier,priority,note\n"
        f"A1,company,Axon,Taser,732829320,drone;radar,jouet,boamp,<#{OWN}>,caméras,digest,vu\n",
    )
    assert done == Imported(added=1)
    item = (await live(database))["Axon"]
    assert (item.ref, item.aliases, item.identifiers, item.any_of, item.none_of, item.sources, item.channel_id) == (
        *("A1", ("Taser",), ("732829320",), ("drone", "radar"), ("jouet",), ("boamp",)),
        OWN,
    )
    assert (item.note, item.added_by, item.added_at) == ("vu", 7, START)
    assert await dossiers_of(database, item) == ["Caméras"]


async def test_a_channel_that_is_new_to_us_is_read_from_the_command_on(database: Database) -> None:
    await brought(database, f"kind,name,channel\ncompany,Axon,<#{OWN}>\n")
    async with database.read() as connection:
        row = await connection.one("SELECT floor_id FROM channel WHERE guild_id = ? AND channel_id = ?", GUILD, OWN)
    assert row is not None
    assert row["floor_id"] == IMPORTER.floor_id


async def test_a_changed_item_keeps_who_added_it_and_its_history(database: Database) -> None:
    before = await follow(database, "Axon")
    assert await brought(database, "kind,name,note\ncompany,Axon,vu\n") == Imported(changed=1)
    after = (await live(database))["Axon"]
    assert after == replace(before, note="vu")


async def test_an_import_that_changes_nothing_writes_nothing(database: Database) -> None:
    await follow(database, "Axon")
    before = await version(database)
    assert await brought(database, "kind,name\ncompany,Axon\n") == Imported(unchanged=1)
    assert await version(database) == before


async def test_what_was_imported_reaches_the_automaton(database: Database) -> None:
    await follow(database, "Axon")
    before = await version(database)
    await brought(database, "kind,name,note\ncompany,Axon,vu\n")
    changed = await version(database)
    await brought(database, "kind,name\ncompany,Axis\n")
    assert before < changed < await version(database)


async def test_with_one_bad_line_nothing_is_done(database: Database) -> None:
    await follow(database, "Axon")
    done = await brought(database, "kind,name,note\ncompany,Axon,vu\ncompany,Axis,\nkeyword,(,\n")
    assert [bad.line for bad in done.bad_lines] == [4]
    assert (done.added, done.changed) == (0, 0)
    assert {name: item.note for name, item in (await live(database)).items()} == {"Axon": None}


async def test_items_exchange_names_and_refs_in_one_import(database: Database) -> None:
    axon, axis = await follow(database, "Axon", ref="A1"), await follow(database, "Axis", ref="A2")
    done = await brought(database, "ref,kind,name\nA1,company,Axis\nA2,company,Axon\n,company,Éole\n")
    assert done == Imported(added=1, changed=2)
    items = await live(database)
    assert (items["Axis"].id, items["Axon"].id) == (axon.id, axis.id)
    assert (items["Axis"].ref, items["Axon"].ref) == ("A1", "A2")


async def test_a_renamed_item_stands_in_the_way_of_its_new_name(database: Database) -> None:
    await follow(database, "Axon", ref="A1")
    await brought(database, "ref,kind,name\nA1,company,Axis\n")
    with pytest.raises(UserError) as refused:
        await follow(database, "AXIS")
    assert refused.value.text == "watch-same-name"
    await follow(database, "Axon")


async def test_a_dossier_that_stays_keeps_who_put_the_item_there(database: Database) -> None:
    kept, left = await open_dossier(database, "Caméras"), await open_dossier(database, "Drones")
    item = await follow(database, "Axon")
    async with database.tx("test") as connection:
        await dossier_items.settle(connection, GUILD, {item.id or 0: [kept, left]}, 5, START)
    await open_dossier(database, "Police")
    await brought(database, "kind,name,dossier\ncompany,Axon,Caméras;Police\n")
    async with database.read() as connection:
        rows = await connection.all("SELECT dossier_id, added_by FROM dossier_item WHERE guild_id = ?", GUILD)
    assert await dossiers_of(database, item) == ["Caméras", "Police"]
    assert {row["dossier_id"]: row["added_by"] for row in rows}[kept] == 5


async def test_another_newsrooms_items_and_dossiers_are_neither_matched_nor_touched(database: Database) -> None:
    there = await follow(database, "Axon", ref="A1", guild_id=THERE)
    await open_dossier(database, "Secret", THERE)
    assert await brought(database, "ref,kind,name,note\nA1,company,Axon,vu\n") == Imported(added=1)
    assert await live(database, THERE) == {"Axon": there}
    refused = await brought(database, "kind,name,dossier\ncompany,Axis,Secret\n")
    assert [bad.reason.text for bad in refused.bad_lines] == ["dossier-unknown"]


async def test_a_removed_item_is_not_what_a_row_is_about(database: Database) -> None:
    gone = await follow(database, "Axon", ref="A1")
    await changes.remove(database, gone, 5, START)
    assert await brought(database, "ref,kind,name\nA1,company,Axon\n") == Imported(added=1)
    assert (await live(database))["Axon"].id != gone.id


async def test_what_others_do_meanwhile_is_planned_for_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, seen = importing.plan, []

    def slow(*arguments: Any) -> Any:
        made = plan(*arguments)
        seen.append(made)
        if len(seen) == 1:
            asyncio.run_coroutine_threadsafe(follow(database, "Axon", note="à eux"), loop).result()
        return made

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(importing, "plan", slow)
    assert await brought(database, "kind,name,note\ncompany,Axon,à nous\n") == Imported(changed=1)
    assert len(seen) == 2
    assert (await live(database))["Axon"].note == "à nous"


async def test_a_dossier_that_is_closed_meanwhile_takes_nothing_more(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await open_dossier(database, "Caméras")
    plan = importing.plan

    async def close() -> None:
        async with database.tx("test.close") as connection:
            await dossiers.close(connection, GUILD, number, 5, START)

    def slow(*arguments: Any) -> Any:
        made = plan(*arguments)
        asyncio.run_coroutine_threadsafe(close(), loop).result()
        return made

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(importing, "plan", slow)
    done = await brought(database, "kind,name,dossier\ncompany,Axon,Caméras\n")
    assert [bad.reason.text for bad in done.bad_lines] == ["dossier-closed"]
    assert await live(database) == {}


async def test_a_watchlist_that_never_stands_still_is_left_alone_in_words(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, names = importing.plan, iter(range(100))

    def slow(*arguments: Any) -> Any:
        made = plan(*arguments)
        asyncio.run_coroutine_threadsafe(follow(database, f"Firm {next(names)}"), loop).result()
        return made

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(importing, "plan", slow)
    with pytest.raises(UserError) as refused:
        await brought(database, "kind,name\ncompany,Axon\n")
    assert refused.value.text == "import-busy"
    assert "Axon" not in await live(database)


async def test_a_full_watchlist_is_filled_to_the_last_place_and_no_further(database: Database) -> None:
    rows = "".join(f"company,Firm {n}\n" for n in range(ITEMS - 1))
    assert (await brought(database, f"kind,name\n{rows}")).added == ITEMS - 1
    with pytest.raises(UserError) as refused:
        await brought(database, "kind,name\ncompany,Axon\ncompany,Axis\n")
    assert (refused.value.text, refused.value.values) == ("watch-full", {"most": ITEMS})
    assert await brought(database, "kind,name\ncompany,Axon\ncompany,Firm 7\n") == Imported(added=1, unchanged=1)


async def test_a_file_of_too_many_items_is_refused_before_they_are_judged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "plan", None)
    with pytest.raises(UserError) as refused:
        await brought(database, "kind,name\n" + "company,Axon\n" * (ITEMS + 1))
    assert (refused.value.text, refused.value.values) == ("import-too-many", {"found": ITEMS + 1, "most": ITEMS})


async def test_a_wrong_header_refuses_the_file(database: Database) -> None:
    with pytest.raises(HeaderError):
        await brought(database, "art,nom\n")


async def test_the_newsroom_that_exports_and_a_fresh_one_export_the_same_bytes(
    database: Database, tmp_path: Path
) -> None:
    number = await open_dossier(database, 'Affaire "A" \\')
    first = await follow(database, "'=Axon", aliases=("Dupont; et fils",), note="=1\n@x", ref="'-A")
    await follow(database, 'drone ET "a1; b2"', kind=ItemKind.KEYWORD, any_of=("=Ville", "x1;y2\\"), channel_id=OWN)
    async with database.tx("test") as connection:
        await dossier_items.settle(connection, GUILD, {first.id or 0: [number]}, 5, START)
    content = await exported(database)
    assert await brought(database, content) == Imported(unchanged=2)
    assert await exported(database) == content
    fresh = await Database.open(place_empty_database(tmp_path / "fresh.sqlite3"), SettableClock())
    try:
        async with fresh.tx("test") as connection:
            newsroom = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris", announcements_channel=1)
            await newsrooms.save(connection, newsroom)
        await open_dossier(fresh, 'Affaire "A" \\')
        assert await brought(fresh, content) == Imported(added=2)
        assert await exported(fresh) == content
    finally:
        await fresh.close()


async def test_name_keys_are_stored_as_entry_makes_them(database: Database) -> None:
    await brought(database, "kind,name\nkeyword,drone OU Caméra\ncompany,Éole SAS\n")
    async with database.read() as connection:
        stored = await watchlist.with_keys(connection, GUILD)
    assert [(name_key(item), item.kind) for item, _ in stored] == [(key, item.kind) for item, key in stored]


async def exported(database: Database) -> bytes:
    async with database.read() as connection:
        items = await watchlist.every(connection, GUILD)
        of_items = await dossiers.of_things(connection, GUILD, ThingKind.ITEM, [item.id or 0 for item in items])
    stream = io.BytesIO()
    csv_file.write(stream, items, of_items)
    return stream.getvalue()


async def test_a_wrong_number_is_named_with_its_line_and_kept(database: Database) -> None:
    rows = "kind,name,identifiers\ncompany,Axon,552081318\ncompany,Valmarin,552081317\ncompany,Corvoy,siren:1;BE1\n"
    done = await brought(database, rows)
    assert done.added == 3
    assert [(wrong.line, wrong.number.typed, wrong.number.expected) for wrong in done.wrong_numbers] == [
        (2, "552081318", "7"),
        (4, "siren:1", None),
    ]
    again = await brought(database, "kind,name,identifiers,note\ncompany,Axon,552081318,vu\n")
    assert (again.changed, again.wrong_numbers) == (1, ())


async def test_a_channel_that_is_a_forum_is_noted_as_one(database: Database) -> None:
    await brought(database, f"kind,name,channel\ncompany,Valmarin,{OWN}\n", forums={OWN})
    async with database.read() as connection:
        assert await newsrooms.forums(connection, GUILD) == {OWN}
