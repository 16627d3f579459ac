"""Tables are what the csv module writes, and nothing in them runs."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.csv_cells import guarded, quotable, unguarded
from bot.export.table import JsonLines, Separator, Table

RUNS = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20\t\r\n")
SPACES = " \u00a0\u200b\ufeff"
SIGNS = "\"',;=+-@|%\uff1d\uff0b\uff0d\uff20\u00a0\u200b\ufeff \t\r\n\0é\u2019€\U0001f600a1"
CELLS = st.lists(st.sampled_from(SIGNS), max_size=8).map("".join)
ROWS = st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5)
SEPARATORS = st.sampled_from(list(Separator))


def written(rows: list[tuple[str, ...]], separator: Separator) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table = Table(path, ("one", "two", "three"), separator)
        table.add(rows)
        assert table.rows == len(rows)
        digest = table.close()
        content = path.read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        return content


@given(ROWS, SEPARATORS)
def test_a_table_is_byte_for_byte_what_the_csv_module_writes(rows: list[tuple[str, ...]], separator: Separator) -> None:
    reference = io.StringIO(newline="")
    writer = csv.writer(reference, delimiter=separator.sign, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([("one", "two", "three"), *(map(guarded, row) for row in rows)])
    assert written(rows, separator) == reference.getvalue().encode("utf-8-sig")


@given(ROWS, SEPARATORS)
def test_a_table_read_back_says_what_was_written_but_for_nul(rows: list[tuple[str, ...]], separator: Separator) -> None:
    read = csv.reader(
        io.StringIO(written(rows, separator).decode("utf-8-sig"), newline=""), delimiter=separator.sign, strict=True
    )
    _, *cells = read
    assert [[unguarded(cell) for cell in row] for row in cells] == [
        [cell.replace("\0", "") for cell in row] for row in rows
    ]


@given(st.one_of(CELLS, st.text()))
def test_no_cell_runs(cell: str) -> None:
    shown = quotable(cell)
    assert not shown.startswith(RUNS)
    assert not shown.lstrip(SPACES).startswith(RUNS[:-3])


@pytest.mark.parametrize("start", ["", *SPACES, "\ufeff \u200b"])
@pytest.mark.parametrize("sign", RUNS[:-3])
def test_a_sign_of_a_formula_is_marked_behind_whatever_space(start: str, sign: str) -> None:
    assert quotable(f"{start}{sign}1+1") == f"'{start}{sign}1+1"


@pytest.mark.parametrize("ours", ["2026-11-16", "Ville de Lyon", "12 500 €", "« Oui »", "n'importe", "a=1", "a\0"])
def test_what_cannot_run_stays_as_it_was_written(ours: str) -> None:
    assert quotable(ours) == ours.replace("\0", "")


def test_nothing_is_an_empty_cell() -> None:
    assert (quotable(None), quotable("")) == ("", "")


def test_json_lines_count_what_was_added(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "some.jsonl")
    lines.add([{"a": "é\n"}, {"a": None}])
    digest = lines.close()
    content = (tmp_path / "some.jsonl").read_bytes()
    assert content == '{"a": "é\\n"}\n{"a": null}\n'.encode()
    assert (lines.rows, digest) == (2, hashlib.sha256(content).hexdigest())
