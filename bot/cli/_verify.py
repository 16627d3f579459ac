"""`vigie verify`: whether the audit log, or an export, is as it was written; where it is not, what was altered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli._settings import ConfigOption, settings_of
from bot.cli._terminal import Status, busy, command, put, refusal_words, say, terminal_texts
from bot.errors import ConfigError, DatabaseDamagedError, DatabaseRefusedError, UserError

if TYPE_CHECKING:
    from bot.audit import KnownExport, Report
    from bot.export.verifying import ExportReport

_ZIP = b"PK\x03\x04"
_MANIFEST = "manifest.json"


@command
def verify(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="A database, or an export: its folder or its zip. Without it, the database of the configuration.",
            metavar="DIR_OR_DATABASE",
        ),
    ] = None,
    config: ConfigOption = None,
    database: Annotated[
        Path | None,
        typer.Option(help="The database in whose audit log an export is looked up.", metavar="PATH"),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> Status:
    """Verify the audit log of a database, or the files of an export; nothing is written, and the bot may run.

    Exit status 0 where all is intact, 1 where something was altered. What is verified is in docs/audit.md.
    """
    if path is None:
        path = settings_of(config).storage.database
        if not path.is_file():
            raise UserError("cli-database-missing", path=str(path))
        return _verify_database(path, as_json=as_json, is_named=False)
    if not path.exists():
        raise UserError("cli-verify-missing", path=str(path))
    if path.name == _MANIFEST and path.is_file():
        path = path.absolute().parent
    if path.is_dir() or _begins_with(path, _ZIP):
        return _verify_export(path, _database_of(database, config), as_json=as_json)
    return _verify_database(path, as_json=as_json, is_named=True)


def _begins_with(path: Path, content: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(content)) == content
    except OSError as error:
        raise UserError("cli-file-unreadable", path=str(path), reason=refusal_words(terminal_texts(), error)) from None


def _verify_database(path: Path, *, as_json: bool, is_named: bool) -> Status:
    """Verify the audit log of a database, which the command line named or else the configuration."""
    from bot import audit  # noqa: PLC0415  # help needs none of it
    from bot.audit.words import chain_lines  # noqa: PLC0415

    texts = terminal_texts()
    refused = _refusal(path)
    if refused is not None:
        return _refused(as_json, path, refused, is_named=is_named)
    with busy(texts("cli-verify-progress")):
        try:
            report = audit.verify(path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_NOTADB:
                raise
            return _refused(as_json, path, DatabaseRefusedError("database-foreign"), is_named=is_named)
    for chain in report.chains:
        head = {"number": chain.head.number, "hash": chain.head.hash} if chain.head is not None else None
        told = {
            "kind": "audit_log",
            "newsroom": str(chain.guild_id),
            "entries": chain.entries,
            "head": head,
            "restores": [restore.to_json() for restore in chain.restores],
        }
        _tell(as_json, {**told, "intact": True, "is_sealed": not chain.is_waiting}, ())
        if not as_json:
            for line in chain_lines(texts, chain):
                put(texts("cli-verify-newsroom", guild=chain.guild_id, told=line))
    if report.finding is None:
        if not report.chains and not as_json:
            put(texts("audit-empty"))
        return Status.DONE
    return _altered(as_json, {"kind": "audit_log", **report.finding.to_json()}, report_lines_of(report))


def report_lines_of(report: Report) -> list[str]:
    """Return the first altered place with its newsroom, and what whoever sits at the machine is to do."""
    from bot.audit.words import report_lines  # noqa: PLC0415  # help needs none of it

    texts = terminal_texts()
    lines = list(report_lines(texts, report, is_at_machine=True))
    where = report.finding.guild_id if report.finding is not None else None
    if where is not None:
        lines[0] = texts("cli-verify-newsroom", guild=where, told=lines[0])
    return lines


def _refused(as_json: bool, path: Path, refused: DatabaseRefusedError, *, is_named: bool) -> Status:  # noqa: FBT001  # of this module
    """Tell why a file is no sound database."""
    words = _as_named(path, refused) if is_named else refused
    return _altered(as_json, {"kind": "audit_log", "fault": refused.text}, [terminal_texts().error(words)])


def _as_named(path: Path, refused: DatabaseRefusedError) -> DatabaseRefusedError:
    """Return what is told of a file that the command line named: nothing is to be set in config.toml."""
    if isinstance(refused, DatabaseDamagedError):
        return DatabaseDamagedError("cli-verify-damaged", path=str(path))
    return DatabaseRefusedError("cli-verify-foreign", path=str(path)) if refused.text == "database-foreign" else refused


def _refusal(path: Path) -> DatabaseRefusedError | None:
    """Return why a file is no sound database of ours; raises UserError where it is one of another version."""
    from bot.storage.custody import inspection  # noqa: PLC0415  # help needs none of it

    try:
        examination = inspection.examine(path)
    except DatabaseRefusedError as error:
        if error.text == "database-newer":
            raise
        return error
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        return DatabaseDamagedError("database-damaged", path=str(path))
    if not examination.size_bytes:
        return DatabaseRefusedError("database-empty", path=str(path))
    if examination.pending:
        raise UserError("cli-database-behind", path=str(path))
    return None


def _verify_export(path: Path, database: Path | None, *, as_json: bool) -> Status:
    from bot.audit import Knowledge, look_up  # noqa: PLC0415  # help needs none of it
    from bot.export.verifying import verify_export  # noqa: PLC0415

    texts = terminal_texts()
    with busy(texts("cli-verify-progress")):
        try:
            report = verify_export(path)
        except OSError as error:
            raise UserError(
                "cli-file-unreadable", path=error.filename or str(path), reason=refusal_words(texts, error)
            ) from None
    finding = report.finding
    if finding is not None:
        told = {"kind": "export", "path": str(path), "fault": finding.fault, "file": finding.file, "row": finding.row}
        sentence = texts.word("export-fault", finding.fault, file=finding.file, row=finding.row or 0)
        return _altered(as_json, told, [sentence, texts("cli-verify-export-advice")])
    known: KnownExport | None = None
    if database is not None and report.newsroom is not None and report.manifest_sha256 is not None:
        known = look_up(database, report.newsroom, report.head, report.manifest_sha256, report.exported_at)
    is_known = known is None or report.is_former or known.knowledge is Knowledge.KNOWN
    told = {"kind": "export", "path": str(path), **_counted(report), **_looked_up(known)}
    lines = [*_export_lines(report), *_log_lines(report, known)]
    if not is_known:
        return _altered(as_json, told, lines)
    _tell(as_json, {**told, "intact": True, "entry": known.entry if known else None}, lines)
    return Status.DONE


def _looked_up(known: KnownExport | None) -> dict[str, Any]:
    """Return what a log knows of an export, with the restore since then or the end of the log where it may not."""
    if known is None:
        return {"log": None}
    told: dict[str, Any] = {"log": known.knowledge}
    if known.restore is not None:
        told["restore"] = known.restore.to_json()
    if known.log_until is not None:
        told["log_until"] = known.log_until.isoformat()
    return told


def _counted(report: ExportReport) -> dict[str, Any]:
    files = report.manifest["files"] if report.manifest is not None else []
    head = report.head
    return {
        "files": len(files),
        "rows": sum(file["rows"] for file in files),
        "audit_head": {"number": head.number, "hash": head.hash} if head is not None else None,
    }


def _export_lines(report: ExportReport) -> list[str]:
    texts, counted = terminal_texts(), _counted(report)
    rows = texts.plural("cli-verify-rows", counted["rows"])
    lines = [texts.plural("cli-verify-export-intact", counted["files"], rows=rows)]
    if report.is_former:
        lines.append(texts("cli-verify-export-former"))
    return lines


def _log_lines(report: ExportReport, known: KnownExport | None) -> list[str]:
    """Return what the audit log knows of an export whose files are intact."""
    from bot.audit import Knowledge  # noqa: PLC0415  # help needs none of it

    texts, head = terminal_texts(), report.head
    if known is None:
        return [texts("cli-verify-log-missing")]
    if not known.is_head_known and head is not None:
        return _unknown_lines(known, head.number)
    lines = [texts("cli-verify-head-known", entry=head.number)] if head is not None else []
    if known.knowledge is Knowledge.KNOWN:
        return [*lines, texts("cli-verify-export-known", entry=known.entry)]
    return [*lines, *([] if report.is_former else _unknown_lines(known, None))]


def _unknown_lines(known: KnownExport, entry: int | None) -> list[str]:
    """Return why a log may not know an export; `entry` is of the head that it does not have, None where it has that."""
    texts, restore = terminal_texts(), known.restore
    if restore is not None:
        values = {"at": restore.at, "until": restore.known_until}
        told = (
            texts("cli-verify-export-restored", **values)
            if entry is None
            else texts("cli-verify-head-restored", entry=entry, **values)
        )
        return [told, texts("cli-verify-known-in-former")]
    until = known.log_until
    if until is not None:
        older = texts("cli-verify-export-older", until=until)
        return [older if entry is None else texts("cli-verify-head-older", entry=entry, until=until)]
    return [texts("cli-verify-export-unknown") if entry is None else texts("cli-verify-head-unknown", entry=entry)]


def _database_of(database: Path | None, config: Path | None) -> Path | None:
    """Return the database that was named, else that of the configuration where there is one of this version."""
    if database is not None:
        if not database.is_file():
            raise UserError("cli-verify-missing", path=str(database))
        refused = _refusal(database)
        if refused is not None:
            raise _as_named(database, refused)
        return database
    try:
        path = settings_of(config).storage.database
        return path if path.is_file() and _refusal(path) is None else None
    except (ConfigError, UserError):
        if config is not None:
            raise
        return None


def _altered(as_json: bool, told: Mapping[str, Any], lines: list[str]) -> Status:  # noqa: FBT001  # of this module
    _tell(as_json, {**told, "intact": False}, lines)
    return Status.BAD_DATA


def _tell(as_json: bool, told: Mapping[str, Any], lines: list[str] | tuple[()]) -> None:  # noqa: FBT001  # of this module
    """Print a verdict: as JSON with the words on standard error, or in words alone."""
    if as_json:
        put(json.dumps(told, ensure_ascii=False))
    for line in lines:
        (say if as_json else put)(line)
