from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import SourceError, SourceFault
from bot.sources._reading import json_stream
from bot.sources._reading.json_known import HEAD_BYTES, Known, fingerprint
from bot.sources._reading.json_stream import elements

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["]}", '"', "\\", "é", "€", "🙂", "\u2028"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


class Trickle(io.BytesIO):
    """A stream that gives some bytes at a time, and cuts wherever that falls."""

    def __init__(self, raw: bytes, step: int) -> None:
        super().__init__(raw)
        self._step = step

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._step if size is None or size < 0 else min(size, self._step))


def values(payload: bytes, path: str = "publications", **settings_: Any) -> list[Any]:
    return [element.value for element in elements(io.BytesIO(payload), path, **settings_)]


def reason(payload: bytes, **settings_: Any) -> str:
    with pytest.raises(SourceError) as caught:
        values(payload, **settings_)
    return str(caught.value)


@pytest.fixture
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "CHUNK_BYTES", 7)
    monkeypatch.setattr(json_stream, "WINDOW_BYTES", 11)


@pytest.mark.usefixtures("_small_windows")
@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, max_size=4), st.integers(1, 9), st.sampled_from([None, 1]))
def test_an_array_is_read_as_json_reads_it_wherever_the_pieces_end(
    array: list[Any], step: int, indent: int | None
) -> None:
    document = {"before": [1, {"publications": 2}], "data": {"publications": array, "after": "é"}, "total": 1.5}
    payload = json.dumps(document, indent=indent, ensure_ascii=step == 1).encode()

    found = list(elements(Trickle(payload, step), "data.publications"))
    assert [element.value for element in found] == array
    assert [json.loads(element.raw) for element in found] == array


def test_an_element_comes_with_its_very_bytes() -> None:
    payload = '{"publications": [ {"a" : "é🙂"} ,\r\n 1.50, "\\u00e9" ]}'.encode()

    found = list(elements(io.BytesIO(payload), "publications"))
    assert [element.raw.decode() for element in found] == ['{"a" : "é🙂"}', "1.50", '"\\u00e9"']
    assert found[1].value == Decimal("1.50")


def test_a_payload_that_is_the_array_itself_and_a_byte_order_mark_are_read() -> None:
    assert values(b"\xef\xbb\xbf [1, 2]\n", "") == [1, 2]


@pytest.mark.parametrize(
    "payload",
    [
        b'{"publications": [1, 2]',
        b'{"publications": [1, 2}',
        b'{"publications": [1, 2',
        b'{"publications": [1 2]}',
        b'{"publications": [1,, 2]}',
        b'{"publications": [1, ]}',
        b'{"publications": [{"a": "b',
        b'{"publications": [1]} more',
        b'{"publications": [1], "publications": [2]}',
        b'{"publications": [{"a": 1, "a": 2}]}',
        b'{"publications": [NaN]}',
        b'{"publications": [-Infinity]}',
        b'{"publications": {"a": 1}}',
        b'{"publications": null}',
        b'{"autres": [1]}',
        b'{"publications": ' + b"[" * 50_000,
        b'{"publications": ["\xe9"]}',
        b'{"publications": ["\xc3',
    ],
)
def test_what_is_not_the_whole_of_such_an_object_is_refused(payload: bytes) -> None:
    with pytest.raises(SourceError):
        values(payload)


def test_a_fault_is_told_with_its_byte_and_without_reading_on() -> None:
    stream = io.BytesIO(b'{"publications": ["\xc3\xa9", {"a": tru}' + b"," + b" " * 5_000_000)
    with pytest.raises(SourceError) as caught:
        list(elements(stream, "publications"))

    assert "byte 30" in str(caught.value)
    assert stream.tell() <= 2_000_000


def test_a_missing_array_is_told_by_its_path() -> None:
    with pytest.raises(SourceError) as caught:
        values(b'{"data": {"autres": []}}', "data.publications")

    assert (caught.value.fault, caught.value.field) == (SourceFault.MISSING, "data.publications")


@pytest.mark.usefixtures("_small_windows")
def test_an_element_is_read_up_to_the_cap_and_no_further() -> None:
    text = json.dumps({"publications": ["x" * 100]}).encode()

    assert len(values(text, max_bytes=200)[0]) == 100
    assert "more than 40 bytes" in reason(text, max_bytes=40)


def test_a_string_that_never_ends_is_not_read_whole() -> None:
    stream = io.BytesIO(b'{"publications": ["' + b"x" * 8_000_000)
    with pytest.raises(SourceError):
        list(elements(stream, "publications", max_bytes=1_000_000))

    assert stream.tell() < 5_000_000


@pytest.mark.usefixtures("_small_windows")
def test_known_elements_are_found_by_their_bytes_in_any_order_and_others_read() -> None:
    def entry(number: int, said: str = "é") -> bytes:
        return json.dumps({"id": str(number), "text": said * HEAD_BYTES, "end": number}, ensure_ascii=False).encode()

    known = Known({str(number): fingerprint(entry(number)) for number in range(4)})
    payload = b'{"publications": [' + b" , ".join([entry(2), entry(1, "ê"), entry(0), b'{"id": "9"}', entry(3)]) + b"]}"

    found = [
        known.found if element.is_recognised else f"read {element.value['id']}"
        for element in elements(Trickle(payload, 501), "publications", recognise=known.recognise)
    ]
    assert found == ["2", "read 1", "0", "read 9", "3"]


def test_a_known_element_that_a_payload_cuts_off_is_not_recognised() -> None:
    entry = json.dumps({"text": "x" * 2 * HEAD_BYTES}).encode()
    known = Known({"1": fingerprint(entry)})

    with pytest.raises(SourceError):
        list(elements(io.BytesIO(b'{"publications": [' + entry[:-1]), "publications", recognise=known.recognise))
