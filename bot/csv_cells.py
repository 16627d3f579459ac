"""Cells that no spreadsheet runs, and the CSV that every export writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import BinaryIO, Final

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

_SPACES: Final = " \u00a0\u200b\ufeff"
_SIGNS: Final = "=+@|%\uff1d\uff0b\uff0d\uff20-"
_LINE_SIGNS: Final = "\t\r\n"
_RUNS: Final = re.compile(rf"'*(?:[{_LINE_SIGNS}]|[{_SPACES}]*[{_SIGNS}])")
_FIRST: Final = frozenset(f"'\0{_SPACES}{_SIGNS}{_LINE_SIGNS}")
"""What a cell begins with that the pattern has to look at; most begin otherwise."""
_ROWS_AT_ONCE: Final = 200


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet runs: with one `'` before what it could take for a formula, without NUL.

    The rule is that of reference/reliability.md 6.2: a cell that begins, after spaces, NBSP, ZWSP and BOM, with one of
    `= + - @ | %` or the full-width form of the first four, or directly with a tab, CR or LF, is marked, and so is one
    that already carries `'` before such a beginning: `unguarded` gives back every text without NUL. A number that we
    wrote ourselves needs no mark.
    """
    if text[:1] not in _FIRST and "\0" not in text:
        return text
    text = text.replace("\0", "")
    return f"'{text}" if _RUNS.match(text) else text


def unguarded(text: str) -> str:
    """Return a cell without the one `'` that `guarded` put before it."""
    return text[1:] if text[:1] == "'" and _RUNS.match(text) else text


class CsvTable:
    """Write a table as RFC 4180 has it, for spreadsheets too: UTF-8 with BOM, commas, every cell quoted, CRLF.

    Every cell is `guarded`. `stream` takes the bytes and is not closed; what was added stands in it at once. `rows`
    counts what was added, without the header.
    """

    def __init__(self, stream: BinaryIO, columns: Sequence[str]) -> None:
        self._stream = stream
        self.rows = 0
        stream.write(BYTE_ORDER_MARK)
        self._write([columns])

    def add(self, row: Sequence[str]) -> None:
        """Write one row."""
        self._write([row])
        self.rows += 1

    def add_all(self, rows: Iterable[Sequence[str]]) -> None:
        """Write rows as they come, a few hundred in memory at a time."""
        coming = iter(rows)
        while batch := list(islice(coming, _ROWS_AT_ONCE)):
            self._write(batch)
            self.rows += len(batch)

    def _write(self, batch: Iterable[Sequence[str]]) -> None:
        self._stream.write(lines_of(map(quotable, row) for row in batch))


def lines_of(rows: Iterable[Iterable[str]], separator: str = ",") -> bytes:
    """Return rows of `quotable` cells, at least one, byte for byte as the csv module writes them with QUOTE_ALL."""
    lines = '"\r\n"'.join(map(f'"{separator}"'.join, rows))
    return f'"{lines}"\r\n'.encode()


def quotable(written: str | None) -> str:
    """Return what a person wrote as it stands in a cell, between its quotation marks; nothing for None.

    It is `guarded`, and its own quotation marks are doubled.
    """
    if not written:
        return ""
    # Nearly all of it begins with a letter or a digit, which starts no formula: no need to look closer.
    cell = written if written[0].isalnum() and "\0" not in written else guarded(written)
    return cell.replace('"', '""') if '"' in cell else cell
