"""Tables of comma-separated values, read strictly: a charset, a header, and no row of another length."""

from __future__ import annotations

import csv
import io

from bot.errors import SourceError, SourceFault
from bot.sources._base import Layout


def rows(payload: bytes, layout: Layout, *, lenient: bool = False) -> list[dict[str, str]]:
    """Return the rows of a table (RFC 4180) by the names of its header; `layout.entries` is the delimiter.

    UTF-8 with or without a byte order mark; blank lines are left out. Raises SourceError for an empty answer, HTML,
    another charset, a header that repeats a name, has no `layout.id` or, unless `lenient`, lacks a mandatory one, and
    for a row with more or fewer cells than the header, as a table that was cut off has; what is cut inside the last
    cell of a row nobody can see.
    """
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the answer is not UTF-8 (byte {error.start})"
        raise SourceError(message, SourceFault.CHARSET, byte=error.start) from None
    if not text.strip():
        raise SourceError("the answer is empty", SourceFault.EMPTY)
    if text.lstrip().startswith("<"):
        raise SourceError("the answer is HTML or XML, a table was expected", SourceFault.HTML_NOT_TABLE)
    if "\n" not in text and "\r" not in text:
        raise _broken("it ends with its header", 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.entries, strict=True)
    try:
        header = _header(next(reader), layout, lenient=lenient)
        found: list[dict[str, str]] = []
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise _broken(f"{len(cells)} cells where {len(header)} were expected", reader.line_num)
            found.append(dict(zip(header, cells, strict=True)))
    except csv.Error as error:
        raise _broken(str(error), reader.line_num) from None
    return found


def _header(cells: list[str], layout: Layout, *, lenient: bool) -> list[str]:
    names = [cell.strip() for cell in cells]
    for name in names:
        if names.count(name) > 1:
            raise _broken(f"the column {name[:60]!r} stands there twice", 1)
    for name in (layout.id, *(() if lenient else layout.mandatory)):
        if name not in names:
            raise SourceError("missing", SourceFault.MISSING, field=name)
    return names


def _broken(reason: str, line: int) -> SourceError:
    reason = f"{reason}, line {line}"
    message = f"the answer is cut off or not a valid table ({reason})"
    return SourceError(message, SourceFault.BAD_TABLE, reason=reason)
