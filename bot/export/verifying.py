"""Verify the files of an export against its manifest: intact, or which row of which file was altered."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final, Protocol

from bot.csv_cells import BYTE_ORDER_MARK
from bot.errors import UserError
from bot.export.files import MANIFEST, UNFINISHED, manifest_bytes, manifest_hash
from bot.export.table import ROW_HASH_BYTES, row_hash
from bot.models import AuditHead

MOST_ROW_BYTES: Final = 8 * 1024 * 1024
"""A row is shorter: what a quotation mark that was altered makes of the rest of a file is not read into memory."""
MOST_MANIFEST_BYTES: Final = 256 * 1024 * 1024

_FORMER: Final = {
    *("export", "newsroom", "files", "filters", "timezone", "exported_by", "exported_at", "audit_head", "separator"),
    "vigie",
}
_FIELDS: Final = _FORMER | {"manifest_sha256"}
_FORMER_FILE: Final = {"name", "sha256", "rows"}
_FILE: Final = _FORMER_FILE | {"row_hashes"}
_ENDINGS: Final = (".csv", ".jsonl")
"""How the names of the files beside a manifest end."""
_LEFT_BY_SYSTEMS: Final = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What a file manager leaves in every folder that it shows."""
_HEXADECIMAL: Final = re.compile(rf"(?:[0-9a-f]{{{2 * ROW_HASH_BYTES}}})*")
_DAMAGED_ARCHIVE: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


class ExportFault(StrEnum):
    """Say what is wrong with an export."""

    MANIFEST_MISSING = "manifest_missing"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    MANIFEST_ALTERED = "manifest_altered"
    FILE_MISSING = "file_missing"
    FILE_ADDED = "file_added"
    FILE_ALTERED = "file_altered"
    ROW_ALTERED = "row_altered"
    ROW_ADDED = "row_added"
    ROW_MISSING = "row_missing"
    ARCHIVE_DAMAGED = "archive_damaged"


@dataclass(frozen=True, slots=True)
class ExportFinding:
    """Name the first altered place of an export; `row` counts the rows of a file from 1, a heading too."""

    fault: ExportFault
    file: str
    row: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """Hold what verifying an export came to; `finding` is None where all is intact.

    `manifest` is None where it cannot be read, `manifest_sha256` the checksum of the file as it stands there. An export
    `is_former` when a Vigie made it that wrote no evidence of its rows and its manifest.
    """

    manifest: Mapping[str, Any] | None
    manifest_sha256: str | None
    finding: ExportFinding | None
    is_former: bool = False

    @property
    def newsroom(self) -> int | None:
        """Return the guild id of the newsroom that it is of."""
        return int(self.manifest["newsroom"]) if self.manifest is not None else None

    @property
    def exported_at(self) -> datetime | None:
        """Return when the manifest says that it was made; None where that is no moment."""
        try:
            moment = datetime.fromisoformat(self.manifest["exported_at"]) if self.manifest is not None else None
        except (ValueError, TypeError):
            return None
        return moment if moment is not None and moment.tzinfo is not None else None

    @property
    def head(self) -> AuditHead | None:
        """Return the head of the audit log that the manifest carries."""
        head = self.manifest["audit_head"] if self.manifest is not None else None
        return AuditHead(head["number"], head["hash"]) if head is not None else None


class _AlteredError(Exception):
    """Carry the first finding."""

    def __init__(self, fault: ExportFault, file: str, row: int | None = None) -> None:
        super().__init__(fault)
        self.finding = ExportFinding(fault, file, row)


class _Files(Protocol):
    """Give the files of an export, wherever they stand."""

    def names(self) -> set[str]:
        """Return their names."""
        ...

    def open(self, name: str) -> IO[bytes]:
        """Open one to read its bytes."""
        ...


def verify_export(path: Path) -> ExportReport:
    """Verify an export: a folder, or the zip in which its files were handed over.

    Reads them from beginning to end, a row in memory at a time: call it in a thread. Raises UserError where there is no
    file as an export has them, OSError where they cannot be read.
    """
    report = ExportReport(manifest=None, manifest_sha256=None, finding=None)
    try:
        with _opened(path) as files:
            if not any(_is_of_export(name) for name in files.names()):
                raise UserError("cli-verify-no-export", path=str(path))
            content = _manifest_of(files)
            report = replace(report, manifest_sha256=hashlib.sha256(content).hexdigest())
            manifest = _read_manifest(content)
            report = replace(report, manifest=manifest, is_former="manifest_sha256" not in manifest)
            _check(files, manifest["files"])
    except _AlteredError as error:
        return replace(report, finding=error.finding)
    except _DAMAGED_ARCHIVE:
        return replace(report, finding=ExportFinding(ExportFault.ARCHIVE_DAMAGED, path.name))
    return report


def _is_of_export(name: str) -> bool:
    return name.removesuffix(UNFINISHED).endswith((MANIFEST, *_ENDINGS))


def _manifest_of(files: _Files) -> bytes:
    if MANIFEST not in files.names():
        raise _AlteredError(ExportFault.MANIFEST_MISSING, MANIFEST)
    with files.open(MANIFEST) as file:
        return file.read(MOST_MANIFEST_BYTES)


def _check(files: _Files, listed: Sequence[Mapping[str, Any]]) -> None:
    """Raise _AlteredError for the first file that was added, taken away or altered."""
    names = files.names()
    for name in sorted(names - {MANIFEST, *(told["name"] for told in listed)} - _LEFT_BY_SYSTEMS):
        raise _AlteredError(ExportFault.FILE_ADDED, name)
    for told in listed:
        if told["name"] not in names:
            raise _AlteredError(ExportFault.FILE_MISSING, told["name"])
        with files.open(told["name"]) as file:
            _compare(file, told)


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> set[str]:
        return {file.name for file in self._path.iterdir()}

    def open(self, name: str) -> IO[bytes]:
        return (self._path / name).open("rb")


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def names(self) -> set[str]:
        return set(self._archive.namelist())

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(name)


@contextmanager
def _opened(path: Path) -> Iterator[_Files]:
    if path.is_dir():
        yield _Folder(path)
        return
    with contextlib.closing(zipfile.ZipFile(path)) as archive:
        yield _Archive(archive)


def _read_manifest(content: bytes) -> Mapping[str, Any]:
    """Return a manifest that says of itself, where it can, that it is as it was written."""
    try:
        manifest = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise _AlteredError(ExportFault.MANIFEST_UNREADABLE, MANIFEST) from None
    if not isinstance(manifest, dict) or not _is_of_shape(manifest) or manifest_bytes(manifest) != content:
        raise _AlteredError(ExportFault.MANIFEST_ALTERED, MANIFEST)
    if manifest.get("manifest_sha256", manifest_hash(manifest)) != manifest_hash(manifest):
        raise _AlteredError(ExportFault.MANIFEST_ALTERED, MANIFEST)
    return manifest


def _is_of_shape(manifest: dict[str, Any]) -> bool:
    """Return whether a manifest has the fields that a Vigie writes, all of this version or all of a former one."""
    is_former = set(manifest) == _FORMER and manifest["audit_head"] is None
    if not is_former and set(manifest) != _FIELDS:
        return False
    files, head = manifest["files"], manifest["audit_head"]
    if not isinstance(files, list) or not all(_is_file(file, _FORMER_FILE if is_former else _FILE) for file in files):
        return False
    if head is not None and not (
        isinstance(head, dict)
        and set(head) == {"number", "hash"}
        and isinstance(head["number"], int)
        and isinstance(head["hash"], str)
    ):
        return False
    return isinstance(manifest["newsroom"], str) and manifest["newsroom"].isascii() and manifest["newsroom"].isdigit()


def _is_file(told: Any, fields: set[str]) -> bool:
    return (
        isinstance(told, dict)
        and set(told) == fields
        and isinstance(told["rows"], int)
        and all(isinstance(told[name], str) for name in fields - {"rows"})
        and told["name"] not in {"", ".", "..", MANIFEST}
        and not set(told["name"]) & {"/", "\\", "\0"}
        and all(_HEXADECIMAL.fullmatch(told[name]) for name in fields - {"rows", "name"})
    )


def _compare(file: IO[bytes], told: Mapping[str, Any]) -> None:
    """Raise _AlteredError for the first row of a file that is not as the manifest says."""
    name, sha256 = told["name"], hashlib.sha256()
    if "row_hashes" not in told:
        while chunk := file.read(1 << 20):
            sha256.update(chunk)
        if sha256.hexdigest() != told["sha256"]:
            raise _AlteredError(ExportFault.FILE_ALTERED, name)
        return
    expected, number = bytes.fromhex(told["row_hashes"]), 0
    rows = _rows(file, is_table=name.endswith(".csv"), seen=sha256)
    for number, row in enumerate(rows, 1):
        own, there = row_hash(row), _hash_at(expected, number)
        if own != there:
            raise _AlteredError(_row_fault(own, next(rows, None), expected, number), name, number)
    if number * ROW_HASH_BYTES < len(expected):
        raise _AlteredError(ExportFault.ROW_MISSING, name, number + 1)
    if sha256.hexdigest() != told["sha256"]:
        raise _AlteredError(ExportFault.FILE_ALTERED, name)


def _hash_at(expected: bytes, number: int) -> bytes:
    return expected[(number - 1) * ROW_HASH_BYTES : number * ROW_HASH_BYTES]


def _row_fault(own: bytes, following: bytes | None, expected: bytes, number: int) -> ExportFault:
    """Return whether a row that is not the one expected was altered, or one was added or taken away before it."""
    if not _hash_at(expected, number) or (following is not None and row_hash(following) == _hash_at(expected, number)):
        return ExportFault.ROW_ADDED
    return ExportFault.ROW_MISSING if own == _hash_at(expected, number + 1) else ExportFault.ROW_ALTERED


class _Digest(Protocol):
    def update(self, content: bytes, /) -> None: ...


def _rows(file: IO[bytes], *, is_table: bool, seen: _Digest) -> Iterator[bytes]:
    """Yield the rows of a file with the ends of their lines; a cell of a table may hold such ends between its marks."""
    parts: list[bytes] = []
    size, is_inside, is_first = 0, False, True
    while line := file.readline(MOST_ROW_BYTES):
        seen.update(line)
        is_inside ^= is_table and line.count(b'"') % 2 == 1
        parts.append(line.removeprefix(BYTE_ORDER_MARK) if is_first and is_table else line)
        size, is_first = size + len(line), False
        if not is_inside or size >= MOST_ROW_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON in which no field stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def _refused(constant: str) -> Any:
    raise ValueError(constant)
