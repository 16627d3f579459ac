"""An export is whole or not there, its manifest says the truth, and the bot goes on meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import UserError
from bot.export import Export, Separator, export_facts, export_hits, export_notices, export_watchlist, packed
from bot.export.table import ExportFile, Table
from bot.export.things import STRETCH_IDS
from bot.models import FactFilter, FactStatus
from bot.storage.custody import exporting
from bot.storage.database import Database
from bot.storage.watching.hits import HitFilter
from tests.export.log_rows import Log
from tests.export.read_back import NOBODY, column, facts_of, manifest, settings_with, tips_of
from tests.factories import GUILD, START, SettableClock

PATIENCE_S = 30
PARIS = ZoneInfo("Europe/Paris")

EXPORTS: dict[str, Callable[[Path, Path], Awaitable[Export]]] = {
    "facts": facts_of,
    "tips": tips_of,
    "hits": lambda database, out: export_hits(database, GUILD, HitFilter(), out, settings_with()),
    "notices": lambda database, out: export_notices(database, GUILD, HitFilter(), out, settings_with()),
    "watchlist": lambda database, out: export_watchlist(database, GUILD, None, out, settings_with()),
}


def fill(log: Log, facts: int = 1) -> None:
    """Write something of every kind, the facts in stretches of their own."""
    for number in range(facts):
        log.fact(id=1 + number * STRETCH_IDS)
    log.tip()
    log.hit(log.item("Axon"), log.notice())


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def put_letter(folder: Path) -> None:
    folder.mkdir()
    (folder / "letter.txt").write_text("dear editor")


@pytest.mark.parametrize("kind", EXPORTS)
async def test_the_manifest_knows_every_file_with_its_checksum_and_its_rows(
    database: Path, log: Log, out: Path, kind: str
) -> None:
    fill(log)
    export = await EXPORTS[kind](database, out)
    told = manifest(out)
    assert {file["name"] for file in told["files"]} == set(names(out)) - {"manifest.json"}
    assert all(
        hashlib.sha256((out / file["name"]).read_bytes()).hexdigest() == file["sha256"] for file in told["files"]
    )
    assert [(file["name"], file["rows"]) for file in told["files"]] == [(file.name, file.rows) for file in export.files]
    assert export.files[0].rows == 1
    assert (told["export"], told["audit_head"]) == (kind, None)


async def test_the_manifest_says_what_was_asked_by_whom_and_when(database: Path, log: Log, out: Path) -> None:
    dossier, item = log.dossier("Caméras"), log.item("Axon")
    wanted = FactFilter(
        status=FactStatus.DISPUTED,
        item_id=item,
        dossier_id=dossier,
        since=datetime(2026, 3, 1, tzinfo=PARIS),
        until=datetime(2026, 4, 1, tzinfo=PARIS),
    )
    await facts_of(database, out, wanted, separator=Separator.SEMICOLON)
    told = manifest(out)
    assert told["filters"] == {
        "status": "disputed",
        "item": {"id": item, "name": "Axon"},
        "dossier": {"id": dossier, "name": "Caméras"},
        "since": "2026-03-01",
        "until": "2026-03-31",
        "sensitive_tips": "none",
    }
    del told["filters"], told["files"], told["manifest_sha256"]
    assert told == {
        "export": "facts",
        "newsroom": str(GUILD),
        "timezone": "Europe/Paris",
        "exported_by": "42",
        "exported_at": "2026-11-16T09:00:00+01:00",
        "audit_head": None,
        "separator": ";",
        "vigie": "9.9",
    }


async def test_a_period_that_is_none_of_whole_days_is_told_in_moments(database: Path, log: Log, out: Path) -> None:
    log.fact()
    await facts_of(database, out, FactFilter(since=START, until=START + timedelta(hours=1)))
    told = manifest(out)["filters"]
    assert (told["since"], told["until"]) == ("2026-11-16T09:00:00+01:00", "2026-11-16T10:00:00+01:00")


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("kind", EXPORTS)
async def test_nothing_found_leaves_files_with_headers_and_a_manifest(database: Path, out: Path, kind: str) -> None:
    export = await EXPORTS[kind](database, out)
    assert {file.rows for file in export.files} == {0}
    for file in export.files:
        lines = (out / file.name).read_bytes().count(b"\r\n")
        assert lines == (1 if file.name.endswith(".csv") else 0)
    assert "manifest.json" in names(out)


@pytest.mark.parametrize("kind", EXPORTS)
async def test_a_folder_that_holds_something_is_refused_and_left_alone(
    database: Path, log: Log, out: Path, kind: str
) -> None:
    fill(log)
    put_letter(out)
    with pytest.raises(UserError, match="export-folder-not-empty"):
        await EXPORTS[kind](database, out)
    assert names(out) == ["letter.txt"]


async def test_a_folder_made_for_an_export_is_its_owners_alone(database: Path, log: Log, out: Path) -> None:
    log.fact()
    await facts_of(database, out / "deep")
    assert (out / "deep").stat().st_mode & 0o077 == 0


async def test_an_export_that_fails_midway_leaves_nothing(database: Path, log: Log, out: Path) -> None:
    fill(log, facts=3)
    seen: list[list[str]] = []

    def fail(done: int) -> None:
        seen.append(names(out))
        if done == 2:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await export_facts(database, NOBODY, FactFilter(), out, settings_with(), fail)
    assert seen[0] == ["citations.csv.unfinished", "corrections.csv.unfinished", "facts.csv.unfinished"]
    assert names(out) == []


async def test_the_manifest_is_the_last_name_to_appear(
    database: Path, log: Log, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.fact()
    finished: list[list[str]] = []
    rename = Path.rename

    def watched(self: Path, target: Path) -> Path:
        finished.append([name for name in names(out) if not name.endswith(".unfinished")])
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", watched)
    await facts_of(database, out)
    assert [len(before) for before in finished] == [0, 1, 2, 3]
    assert "manifest.json" not in finished[-1]


async def test_an_export_that_is_cancelled_ends_its_thread_and_leaves_nothing(
    database: Path, log: Log, out: Path
) -> None:
    fill(log, facts=5)
    loop = asyncio.get_running_loop()
    begun, go_on = asyncio.Event(), threading.Event()
    heard: list[int] = []

    def tell(done: int) -> None:
        heard.append(done)
        loop.call_soon_threadsafe(begun.set)
        assert go_on.wait(PATIENCE_S)

    export = asyncio.create_task(export_facts(database, NOBODY, FactFilter(), out, settings_with(), tell))
    await begun.wait()
    export.cancel()
    await asyncio.sleep(0)
    export.cancel()
    await asyncio.sleep(0)
    assert not export.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await export
    assert heard == [1]
    assert names(out) == []


@pytest.mark.parametrize("exported", [facts_of, tips_of])
async def test_the_bot_answers_in_the_middle_of_an_export(
    database: Path, log: Log, out: Path, exported: Callable[..., Awaitable[Export]], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log)
    loop = asyncio.get_running_loop()
    answers: list[str] = []

    async def answer() -> str:
        return "pong"

    def ask(*arguments: object) -> exporting.Stretch | None:
        answers.append(asyncio.run_coroutine_threadsafe(answer(), loop).result(PATIENCE_S))
        return stretch_after(*arguments)

    stretch_after = exporting.stretch_after
    monkeypatch.setattr(exporting, "stretch_after", ask)
    await exported(database, out)
    assert answers == ["pong", "pong"]


async def test_an_export_beside_a_running_bot_sees_one_state_of_the_database(
    database: Path, log: Log, out: Path
) -> None:
    fill(log, facts=3)
    loop = asyncio.get_running_loop()

    async def change() -> None:
        async with bot.tx("test.change") as connection:
            await connection.run("UPDATE fact_revision SET claim = 'later' WHERE guild_id = ?", GUILD)

    def while_exporting(done: int) -> None:
        if done == 1:
            asyncio.run_coroutine_threadsafe(change(), loop).result(PATIENCE_S)

    bot = await Database.open(database, SettableClock())
    try:
        await export_facts(database, NOBODY, FactFilter(), out, settings_with(), while_exporting)
        async with bot.read() as connection:
            assert len(await connection.all("SELECT 1 FROM fact_revision WHERE claim = 'later'")) == 3
    finally:
        await bot.close()
    assert set(column(out / "facts.csv", "claim")) == {"La ville a acheté douze caméras."}


async def test_an_export_holds_no_more_than_a_stretch_at_a_time(
    database: Path, log: Log, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with log.together():
        for _ in range(2 * STRETCH_IDS + 1):
            log.fact()
    held: list[int] = []
    add_ready = Table.add_ready

    def watched(self: Table, rows: Sequence[Iterable[str]]) -> None:
        held.append(len(rows))
        add_ready(self, rows)

    monkeypatch.setattr(Table, "add_ready", watched)
    export = await facts_of(database, out)
    assert export.rows("facts.csv") == 2 * STRETCH_IDS + 1
    assert max(held) == STRETCH_IDS


async def test_small_exports_are_handed_over_as_they_are_with_the_manifest_last(
    database: Path, log: Log, out: Path
) -> None:
    log.fact()
    await facts_of(database, out)
    assert [file.name for file in await packed(out, "facts")] == [
        *("citations.csv", "corrections.csv", "facts.csv", "manifest.json"),
    ]


async def test_an_export_is_nobody_elses_from_its_first_byte_on(
    database: Path, log: Log, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log)
    out.mkdir(mode=0o755)  # noqa: ASYNC240  # once
    seen: set[int] = set()
    write = ExportFile.write

    def watched(file: ExportFile, content: bytes) -> None:
        seen.update(path.stat().st_mode & 0o077 for path in out.iterdir())
        write(file, content)

    monkeypatch.setattr(ExportFile, "write", watched)
    await tips_of(database, out)
    (archive,) = await packed(out, "tips", limit=1)
    assert seen == {0}
    assert archive.stat().st_mode & 0o077 == 0


async def test_large_exports_are_one_zip_of_the_same_files(database: Path, log: Log, out: Path) -> None:
    log.fact()
    await facts_of(database, out)
    exported = contents(out)
    (archive,) = await packed(out, "facts", limit=sum(map(len, exported.values())))
    assert archive.name == "facts.zip"
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert {name: opened.read(name) for name in opened.namelist()} == exported


async def test_the_limit_is_where_the_zip_begins(database: Path, log: Log, out: Path) -> None:
    log.fact()
    await facts_of(database, out)
    size = sum(map(len, contents(out).values()))
    assert len(await packed(out, "facts", limit=size + 1)) == 4
    assert len(await packed(out, "facts", limit=size)) == 1
