"""The files of an export: written under other names, renamed when all are whole, told by a manifest that comes last."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot import chain
from bot.errors import UserError
from bot.export.table import ExportFile, JsonLines, Separator, Table, created
from bot.models import AuditHead
from bot.storage.custody.exports import ExportKind, Ranges

MANIFEST: Final = "manifest.json"
UNFINISHED: Final = ".unfinished"
"""What the name of a file ends with until all of its export is written."""
SMALL_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """Hold what every export asks beside its filters: the newsroom's zone, who makes it and when, with which Vigie.

    `exported_by` is a Discord user id as text, or who sits at the command line. Where the export `waits_for_record` its
    manifest gets its name from `Export.complete`: a process that is killed before leaves no whole export behind that
    nobody knows of.
    """

    zone: ZoneInfo
    exported_by: str
    exported_at: datetime
    version: str
    separator: Separator = Separator.COMMA
    waits_for_record: bool = False


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """Hold what the manifest says of a file; `rows` counts its records, without the header.

    `row_hashes` is what `ExportFile.row_hashes` says: which row was altered is known by it.
    """

    name: str
    sha256: str
    rows: int
    row_hashes: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """Hold what was exported: the files beside the manifest, the one that the export is about first.

    `facts` and `tips` are the ids of those that were written, `last_change` is the last change of a fact that was read
    (`bot.storage.custody.exports`).
    """

    folder: Path
    files: tuple[ExportedFile, ...]
    kind: ExportKind
    made_at: datetime
    filters: Mapping[str, Any]
    manifest_sha256: str
    facts: Ranges = ()
    tips: Ranges = ()
    last_change: int = 0

    def rows(self, name: str) -> int:
        """Return how many records a file has; raises LookupError for a name that is none of them."""
        for file in self.files:
            if file.name == name:
                return file.rows
        raise LookupError(name)

    def complete(self) -> None:
        """Give the manifest its name where it waits for that."""
        unfinished = _unfinished(self.folder, MANIFEST)
        if unfinished.exists():
            unfinished.rename(self.folder / MANIFEST)

    def take_away(self) -> None:
        """Remove the files, and nothing else that stands in the folder."""
        for name in (*(file.name for file in self.files), MANIFEST):
            (self.folder / name).unlink(missing_ok=True)
        _unfinished(self.folder, MANIFEST).unlink(missing_ok=True)


class OpenExport:
    """Write the files of an export into a folder; made by `filled`."""

    def __init__(self, folder: Path, settings: ExportSettings) -> None:
        self.folder = folder
        self.settings = settings
        self._files: dict[str, ExportFile] = {}

    def table(self, name: str, columns: Sequence[str]) -> Table:
        """Return a new table with these columns."""
        table = Table(self._unfinished(name), columns, self.settings.separator)
        self._files[name] = table
        return table

    def lines(self, name: str) -> JsonLines:
        """Return a new file of JSON lines."""
        lines = JsonLines(self._unfinished(name))
        self._files[name] = lines
        return lines

    def finish(
        self,
        kind: ExportKind,
        guild_id: int,
        filters: dict[str, Any],
        head: AuditHead | None,
        *,
        facts: Ranges = (),
        tips: Ranges = (),
        last_change: int = 0,
    ) -> Export:
        """Give every file its name, write the manifest (DESIGN.md section 7), and return what was exported.

        `head` is the last entry of the audit log in the state of the database that was read, None before the first one.
        """
        written = tuple(
            ExportedFile(name, file.close(), file.rows, file.row_hashes) for name, file in self._files.items()
        )
        for file in written:
            self._unfinished(file.name).rename(self.folder / file.name)
        settings = self.settings
        manifest = {
            "export": kind.value,
            "newsroom": str(guild_id),
            "files": [dataclasses.asdict(file) for file in written],
            "filters": filters,
            "timezone": settings.zone.key,
            "exported_by": settings.exported_by,
            "exported_at": settings.exported_at.astimezone(settings.zone).isoformat(timespec="seconds"),
            "audit_head": {"number": head.number, "hash": head.hash} if head is not None else None,
            "separator": settings.separator.sign,
            "vigie": settings.version,
        }
        content = manifest_bytes({**manifest, "manifest_sha256": manifest_hash(manifest)})
        with created(self._unfinished(MANIFEST)) as unfinished:
            unfinished.write(content)
        export = Export(
            folder=self.folder,
            files=written,
            kind=kind,
            made_at=settings.exported_at,
            filters=filters,
            manifest_sha256=hashlib.sha256(content).hexdigest(),
            facts=facts,
            tips=tips,
            last_change=last_change,
        )
        if not settings.waits_for_record:
            export.complete()
        return export

    def discard(self) -> None:
        """Take away what was written."""
        for name, file in self._files.items():
            file.close()
            self._unfinished(name).unlink(missing_ok=True)
            (self.folder / name).unlink(missing_ok=True)
        self._unfinished(MANIFEST).unlink(missing_ok=True)

    def _unfinished(self, name: str) -> Path:
        return _unfinished(self.folder, name)


def _unfinished(folder: Path, name: str) -> Path:
    return folder / f"{name}{UNFINISHED}"


def manifest_hash(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 over all other fields of a manifest, in hexadecimal."""
    others = {name: value for name, value in manifest.items() if name != "manifest_sha256"}
    return hashlib.sha256(chain.canonical(others).encode()).hexdigest()


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return a manifest as it is written: no other bytes say the same."""
    return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")


@contextmanager
def filled(folder: Path, settings: ExportSettings) -> Iterator[OpenExport]:
    """Hold an export into a folder, made where it is missing; nothing of it stays unless the block ends well.

    Raises UserError where the folder already holds something.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is exported is nobody else's
    if any(folder.iterdir()):
        raise UserError("export-folder-not-empty", path=str(folder))
    files = OpenExport(folder, settings)
    try:
        yield files
    except BaseException:
        files.discard()
        raise


def days(since: datetime | None, until: datetime | None, zone: ZoneInfo) -> dict[str, str | None]:
    """Return a period as the manifest tells it: its first and last day, or a moment where it does not begin or end one.

    `until` is the first moment that is no longer asked for.
    """
    return {
        "since": None if since is None else _day_or_moment(since.astimezone(zone), timedelta()),
        "until": None if until is None else _day_or_moment(until.astimezone(zone), timedelta(days=1)),
    }


def _day_or_moment(moment: datetime, back: timedelta) -> str:
    return (moment - back).date().isoformat() if moment.time() == time() else moment.isoformat()


async def packed(folder: Path, name: str, limit: int = SMALL_BYTES) -> list[Path]:
    """Return an export's files as they are to be handed over, the manifest last; one zip from `limit` bytes on.

    The zip is called after `name` and stands beside them.
    """
    return await asyncio.to_thread(_pack, folder, name, limit)


def _pack(folder: Path, name: str, limit: int) -> list[Path]:
    files = sorted(folder.iterdir(), key=lambda file: (file.name == MANIFEST, file.name))
    if sum(file.stat().st_size for file in files) < limit:
        return files
    target = folder / f"{name}.zip"
    with created(target) as packing, zipfile.ZipFile(packing, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return [target]
