"""The files that an export is made of: a table as RFC 4180 has it, none of its cells runnable, and JSON lines."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Final

from bot.csv_cells import BYTE_ORDER_MARK, lines_of, quotable


class Separator(StrEnum):
    """What stands between two cells: a comma as in RFC 4180, or the semicolon that a French Excel expects."""

    COMMA = "comma"
    SEMICOLON = "semicolon"

    @property
    def sign(self) -> str:
        """Return the character itself."""
        return "," if self is Separator.COMMA else ";"


ROW_HASH_BYTES: Final = 4
"""How much of the SHA-256 of a row is kept: enough to say which one was altered, where the file's says that one was."""


def row_hash(row: bytes) -> bytes:
    """Return by what a row of a file, with the end of its line, is known again."""
    return hashlib.sha256(row).digest()[:ROW_HASH_BYTES]


def created(path: Path) -> BinaryIO:
    """Open a new file that only its owner may read, from its first byte on: what is exported is nobody else's."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class ExportFile:
    """Write a new file and work out its checksums on the way; `rows` counts its records, without a header."""

    def __init__(self, path: Path) -> None:
        self._file = created(path)
        self._sha256 = hashlib.sha256()
        self._row_hashes = bytearray()
        self.rows = 0

    @property
    def row_hashes(self) -> str:
        """Return the first 8 hexadecimal digits of the SHA-256 of each row, the header's too, one after the other."""
        return self._row_hashes.hex()

    def write(self, content: bytes) -> None:
        """Write some bytes that are no row."""
        self._file.write(content)
        self._sha256.update(content)

    def write_rows(self, rows: Sequence[bytes]) -> None:
        """Write rows, each with the end of its line."""
        for row in rows:
            self._row_hashes += row_hash(row)
        self.write(b"".join(rows))

    def close(self) -> str:
        """Close the file and return the SHA-256 of what is in it, in hexadecimal."""
        self._file.close()
        return self._sha256.hexdigest()


class JsonLines(ExportFile):
    """Write one JSON object a line, in UTF-8 without BOM."""

    def add(self, objects: Iterable[Mapping[str, Any]]) -> None:
        """Write objects, each on its line."""
        for entry in objects:
            line = json.dumps(entry, ensure_ascii=False)
            self.write_rows([f"{line}\n".encode("utf-8", "backslashreplace")])
            self.rows += 1


class Table(ExportFile):
    """Write a table as rows come: byte for byte what the csv module writes with QUOTE_ALL and CRLF, in less time.

    In UTF-8 with BOM, so that a spreadsheet knows it.
    """

    def __init__(self, path: Path, columns: Sequence[str], separator: Separator) -> None:
        super().__init__(path)
        self._separator = separator.sign
        self.write(BYTE_ORDER_MARK)
        self._put([columns])

    def add(self, rows: Iterable[Iterable[str]]) -> None:
        """Write rows of cells that may hold any text."""
        self.add_ready([tuple(map(quotable, row)) for row in rows])

    def add_ready(self, rows: Sequence[Iterable[str]]) -> None:
        """Write rows of cells that are `quotable`, or a code, a number or a time of ours."""
        if rows:
            self._put(rows)
            self.rows += len(rows)

    def _put(self, rows: Sequence[Iterable[str]]) -> None:
        self.write_rows([lines_of([row], self._separator) for row in rows])
