"""What is kept of an export, also from beside a bot that writes entries of its own."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bot import chain
from bot.access import Viewer
from bot.errors import UserError
from bot.export import AT_THE_COMMAND_LINE, MANIFEST, record, record_file
from bot.export.verifying import ExportFault, ExportFinding, verify_export
from bot.models import AuditHead
from bot.storage.custody import audit
from bot.storage.custody.exports import ExportKind, RangesOfIds
from bot.storage.database import Connection, Database
from bot.tips.erasing import erase
from tests.export.log_rows import Log
from tests.export.read_back import facts_of, tips_of
from tests.factories import GUILD, START, SettableClock

ENTRIES = 30


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def all_entries(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.all("SELECT * FROM audit WHERE guild_id = ? ORDER BY number", GUILD)]


async def test_an_export_beside_a_bot_that_writes_leaves_one_unbroken_chain(
    database: Path, log: Log, out: Path
) -> None:
    log.fact()
    bot = await Database.open(database, SettableClock())
    try:
        async with Database.join(database) as beside:

            async def of_the_bot() -> None:
                for number in range(ENTRIES):
                    async with bot.tx("test.entry") as connection:
                        await audit.note(connection, GUILD, 7, "setup", START, detail={"number": number})

            async def of_the_terminal() -> None:
                for number in range(ENTRIES):
                    export = await facts_of(database, out / str(number))
                    await record(beside, GUILD, export, "cli:ana", AT_THE_COMMAND_LINE, str(out))

            await asyncio.gather(of_the_bot(), of_the_terminal())
        async with bot.read() as connection:
            found = await all_entries(connection)
            head = await audit.head(connection, GUILD)
    finally:
        await bot.close()
    before = chain.START
    for number, row in enumerate(found, 1):
        assert row["number"] == number
        before, told = row.pop("hash"), before
        assert chain.hash_of(told, chain.Link(**row)) == before
    assert head is not None
    assert (head.number, head.hash) == (2 * ENTRIES, before)


async def test_the_head_in_a_manifest_is_that_of_the_state_that_was_exported(
    database: Path, log: Log, out: Path
) -> None:
    log.fact()
    async with Database.join(database) as beside:
        first = await facts_of(database, out / "1")
        await record(beside, GUILD, first, 7, "fact export")
        async with beside.tx("test.entry") as connection:
            head = await audit.head(connection, GUILD)
        second = await facts_of(database, out / "2")
    manifests = [(export.folder / "manifest.json").read_text(encoding="utf-8") for export in (first, second)]
    assert head is not None
    assert ('"audit_head": null' in manifests[0], head.hash in manifests[1]) == (True, True)


async def test_a_record_that_fails_takes_the_files_away_and_leaves_no_entry(
    database: Path, log: Log, out: Path
) -> None:
    log.fact()
    export = await facts_of(database, out, waits_for_record=True)
    (out / "note.txt").write_text("à garder", encoding="utf-8")
    async with Database.join(database) as beside:
        async with beside.tx("test.broken") as connection:
            await connection.run("DROP TABLE audit_head")
        with pytest.raises(sqlite3.OperationalError):
            await record(beside, GUILD, export, 7, "fact export")
        async with beside.tx("test.look") as connection:
            assert (await all_entries(connection), await connection.all("SELECT * FROM export")) == ([], [])
    assert names(out) == ["note.txt"]


async def test_an_export_of_a_tip_that_was_erased_meanwhile_is_refused_and_taken_away(
    database: Path, log: Log, out: Path
) -> None:
    tip = log.tip()
    export = await tips_of(database, out)
    async with Database.join(database) as beside:
        await erase(beside, Viewer(guild_id=GUILD, user_id=9, sees_all=True), tip, START)
        with pytest.raises(UserError) as refused:
            await record(beside, GUILD, export, 7, "export")
    assert (refused.value.text, names(out)) == ("export-tip-erased", [])


async def test_an_export_that_was_killed_before_its_record_has_no_manifest(
    database: Path, log: Log, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.fact()
    export = await facts_of(database, out, waits_for_record=True)
    assert verify_export(out).finding == ExportFinding(ExportFault.MANIFEST_MISSING, MANIFEST)
    found: list[list[str]] = []
    note = audit.note

    async def watched(*given: Any, **more: Any) -> AuditHead:
        found.append(names(out))
        return await note(*given, **more)

    monkeypatch.setattr(audit, "note", watched)
    async with Database.join(database) as beside:
        await record(beside, GUILD, export, "cli:ana", AT_THE_COMMAND_LINE, str(out))
    assert (MANIFEST in found[0], verify_export(out).finding) == (False, None)
    assert export.manifest_sha256 == verify_export(out).manifest_sha256


async def test_a_table_without_a_manifest_is_recorded_with_its_checksum(database: Path, log: Log) -> None:
    del log
    async with Database.join(database) as beside:
        filters = {"item": {"id": 1, "name": "Axon"}}
        await record_file(beside, GUILD, ExportKind.HITS, b"abc", 2, filters, by=7, action="watch hits", now=START)
        async with beside.tx("test.look") as connection:
            [entry] = await audit.listed(connection, GUILD)
            [row] = await connection.all("SELECT kind, made_by, folder, facts, tips FROM export")
    assert tuple(row) == ("hits", "7", None, "[]", "[]")
    assert entry.detail is not None
    assert entry.detail["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (entry.detail["filters"], entry.detail["rows"]) == (filters, 2)


@pytest.mark.parametrize(
    ("ids", "ranges"),
    [
        ([], ()),
        ([4], ((4, 4),)),
        ([1, 2, 3], ((1, 3),)),
        ([1, 3, 4, 9], ((1, 1), (3, 4), (9, 9))),
    ],
)
def test_ids_in_order_are_kept_as_their_runs(ids: list[int], ranges: tuple[tuple[int, int], ...]) -> None:
    gathered = RangesOfIds()
    for one in ids:
        gathered.add([one])
    whole = RangesOfIds()
    whole.add(ids)
    assert gathered.found == whole.found == ranges
