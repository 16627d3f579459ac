"""Cells that no spreadsheet runs, and the CSV that every export writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.csv_cells import CsvTable, guarded, unguarded

SIGNS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
SPACES = " \u00a0\u200b\ufeff"

HOSTILE = st.text(alphabet="'=+-@|%\uff1d\uff0b\uff0d\uff20 \u00a0\u200b\ufeff\t\r\n\0ab;,\"é\U0001f600", max_size=12)
CELLS = st.one_of(HOSTILE, st.text(max_size=12))


def runs(cell: str) -> bool:
    """Tell whether a spreadsheet could take a cell for a formula (reference/reliability.md 6.2)."""
    return cell.startswith(("\t", "\r", "\n")) or cell.lstrip(SPACES).startswith(SIGNS)


def table(*rows: list[str], columns: tuple[str, ...] = ("a", "b")) -> bytes:
    stream = io.BytesIO()
    CsvTable(stream, columns).add_all(rows)
    return stream.getvalue()


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u200b", "\ufeff", " \u00a0"])
def test_what_begins_as_a_formula_is_marked(before: str, sign: str) -> None:
    assert guarded(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


@pytest.mark.parametrize("sign", ["\t", "\r", "\n"])
def test_what_begins_with_a_line_sign_is_marked(sign: str) -> None:
    assert guarded(f"{sign}=1") == f"'{sign}=1"


@pytest.mark.parametrize("text", ["", "drone", "'hui", "'", "a=b", "1-2", " drone", "\u200bdrone", "l'=x", "«=»"])
def test_what_runs_nowhere_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text
    assert unguarded(text) == text


def test_a_text_that_is_marked_already_gets_one_more_mark() -> None:
    assert guarded("'=x") == "''=x"
    assert unguarded("''=x") == "'=x"


def test_what_hides_a_formula_behind_nul_is_marked() -> None:
    assert guarded("\0=x") == "'=x"
    assert guarded("dr\0one") == "drone"


@given(CELLS)
def test_taking_the_mark_off_is_the_inverse_of_putting_it_on(text: str) -> None:
    assert unguarded(guarded(text)) == text.replace("\0", "")


@given(CELLS)
def test_no_guarded_cell_runs(text: str) -> None:
    assert not runs(guarded(text))


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_what_a_table_holds_reads_back_cell_by_cell_and_runs_nowhere(rows: list[tuple[str, str]]) -> None:
    header, *read = cells(table(*map(list, rows)))
    assert header == ["a", "b"]
    assert [[unguarded(cell) for cell in row] for row in read] == [
        [cell.replace("\0", "") for cell in row] for row in rows
    ]
    assert not [cell for row in read for cell in row if runs(cell)]


def test_a_table_is_what_rfc_4180_and_spreadsheets_ask_for() -> None:
    assert table(["é", 'dit "oui"'], ["", "x\r\ny"]) == (
        '\ufeff"a","b"\r\n"é","dit ""oui"""\r\n"","x\r\ny"\r\n'.encode()
    )


def test_a_table_counts_its_rows_and_not_its_header() -> None:
    stream = io.BytesIO()
    written = CsvTable(stream, ["a"])
    written.add(["1"])
    written.add_all([str(number)] for number in range(1_000))
    assert written.rows == 1_001
    assert len(cells(stream.getvalue())) == 1_002


def test_rows_are_taken_as_they_come_a_few_hundred_at_a_time() -> None:
    stream = io.BytesIO()
    longest = 0
    taken = 0

    def rows() -> Iterator[list[str]]:
        nonlocal longest, taken
        for number in range(5_000):
            taken += 1
            longest = max(longest, taken - stream.getvalue().count(b"\r\n"))
            yield [str(number)]

    CsvTable(stream, ["a"]).add_all(rows())
    assert longest < 1_000
