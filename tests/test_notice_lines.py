from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import notice_lines
from bot.models import Notice
from bot.notice_lines import NoticeLine


def read(content: bytes) -> list[NoticeLine]:
    return list(notice_lines.read(io.BytesIO(content)))


def test_an_id_and_a_text_make_a_notice() -> None:
    (line,) = read(b'{"id": "N1", "text": "drone"}\n')
    assert line.notice == Notice(id="N1", text="drone")


def test_a_notice_survives_its_own_json() -> None:
    notice = Notice(id="N1", title="Marché", suppliers=("a", "b"), language="fr")
    assert read(json.dumps(notice.to_json()).encode())[0].notice == notice


def test_blank_lines_count_in_the_numbers_and_hold_nothing() -> None:
    assert [line.line for line in read(b'\n{"id": "a"}\n  \r\n{"id": "b"}')] == [2, 4]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert read(b'\xef\xbb\xbf{"id": "a"}\n')[0].notice == Notice(id="a")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "no JSON (Expecting property name enclosed in double quotes, column 2)"),
        (b'{"id": "a\xff"}', "no UTF-8 (byte 10)"),
        (b'{"id": "a", "text": "b", "id": "c"}', "id: this key stands twice"),
        (b'{"id": "a", "amount": -Infinity}', "-Infinity is no JSON number"),
        (b"[" * 100_000, "no JSON that can be read (nested too deeply)"),
        (b'"a"', "a notice is a JSON object"),
        (b'{"id": ""}', "id: a non-empty string is required"),
    ],
)
def test_a_line_that_holds_no_notice_says_why(content: bytes, problem: str) -> None:
    (line,) = read(content)
    assert line.notice is None
    assert line.problem == problem


def test_an_endless_line_is_passed_over_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_lines, "LINE_MAX_BYTES", 20)
    longest = 0

    class Stream(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal longest
            line = super().readline(size)
            longest = max(longest, len(line))
            return line

    content = b"x" * 10_000 + b'\n{"id": "b"}\n'
    first, second = notice_lines.read(Stream(content))
    assert (first.line, first.problem, first.size) == (1, "longer than 20 bytes", 10_001)
    assert second.notice == Notice(id="b")
    assert longest == 21


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    for line in read(content):
        assert (line.notice is None) == bool(line.problem)
