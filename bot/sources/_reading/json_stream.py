"""The array inside a large JSON object, read element by element with bounded memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

from bot.errors import SourceError, SourceFault
from bot.sources._reading import strict_json

CHUNK_BYTES = 1_000_000
WINDOW_BYTES = 262_144
MAX_ELEMENT_BYTES = 8_000_000
"""Hundred times the largest organisation of the samples; decoding as much takes a third of a second."""

TAIL_CHARS = 16
"""A fault so near to the end of what was read may be a cut one: no literal, escape or sign of JSON is longer."""

_BLANKS = re.compile(rb"[ \t\r\n]*")
_OPEN_STRING = "Unterminated string"


Recognise = Callable[[Callable[[int], memoryview]], int]
"""Says how many of the bytes that stand next are an element read before, byte for byte, which need not be decoded; 0
where there is none. It is given a function that shows so many of the next bytes, fewer at the end of the payload."""


@dataclass(frozen=True, slots=True)
class Element:
    """Hold an element of an array and its bytes as they stand in the payload; a recognised one has no `value`."""

    value: Any
    raw: bytes
    is_recognised: bool = False


def elements(
    stream: BinaryIO,
    path: str,
    *,
    max_bytes: int = MAX_ELEMENT_BYTES,
    recognise: Recognise | None = None,
) -> Iterator[Element]:
    """Yield the elements of the array at a dotted path of a JSON object ("" is the payload itself).

    Reads UTF-8 in pieces of a megabyte; fractions become Decimal, as in `strict_json.load`. Raises SourceError for
    anything that `strict_json.load` refuses, for an element of more than `max_bytes`, for a missing array and for a
    payload without its closing brackets; the payload is whole only once the iterator ends.
    """
    reader = _Reader(stream, max_bytes)
    reader.start()
    yield from _at(reader, path.split(".") if path else [], path, recognise)
    if reader.next_byte():
        reader.refuse("something follows its end")


def _at(reader: _Reader, names: list[str], path: str, recognise: Recognise | None) -> Iterator[Element]:
    if not names:
        yield from _array(reader, path, recognise)
        return
    if reader.next_byte() != b"{":
        reader.refuse_kind(path)
    reader.skip(1)
    seen: set[str] = set()
    for name in _keys(reader):
        if name in seen:
            reader.refuse(f"the key {name[:60]!r} stands twice in one object")
        seen.add(name)
        if name == names[0]:
            yield from _at(reader, names[1:], path, recognise)
        else:
            reader.value()
    if names[0] not in seen:
        raise SourceError("missing", SourceFault.MISSING, field=path)


def _keys(reader: _Reader) -> Iterator[str]:
    """Yield the keys of an object, each when its value is next; that value is read before going on."""
    if reader.next_byte() == b"}":
        reader.skip(1)
        return
    while True:
        if reader.next_byte() != b'"':
            reader.refuse("a key was expected")
        name, _ = reader.value()
        if reader.next_byte() != b":":
            reader.refuse("':' was expected")
        reader.skip(1)
        yield name
        sign = reader.next_byte()
        reader.skip(1)
        if sign == b"}":
            return
        if sign != b",":
            reader.refuse("',' or '}' was expected")


def _array(reader: _Reader, path: str, recognise: Recognise | None) -> Iterator[Element]:
    if reader.next_byte() != b"[":
        reader.refuse_kind(path)
    reader.skip(1)
    if reader.next_byte() == b"]":
        reader.skip(1)
        return
    while True:
        reader.next_byte()
        if recognise is not None and (length := recognise(reader.shown)):
            yield Element(None, reader.taken(length), is_recognised=True)
        else:
            yield Element(*reader.value())
        sign = reader.next_byte()
        reader.skip(1)
        if sign == b"]":
            return
        if sign != b",":
            reader.refuse("',' or ']' was expected")


class _Reader:
    """Read a stream from place to place; `place` counts its bytes, for messages."""

    def __init__(self, stream: BinaryIO, max_bytes: int) -> None:
        self._stream = stream
        self._max_bytes = max_bytes
        self._decoder = strict_json.decoder()
        self._buffer = b""
        self._position = 0
        self._dropped = 0
        self._is_over = False
        # What was decoded: the next value mostly lies in it, at `_char`, which is the byte `_text_place`.
        self._text = ""
        self._char = 0
        self._text_place = 0
        self._decoded_to = 0

    @property
    def place(self) -> int:
        return self._dropped + self._position

    def start(self) -> None:
        """Step over a byte order mark; refuse at once what is no JSON."""
        self._fill(len(codecs.BOM_UTF8))
        if self._buffer.startswith(codecs.BOM_UTF8):
            self.skip(len(codecs.BOM_UTF8))
        first = self.next_byte()
        if not first:
            raise SourceError("the answer is empty", SourceFault.EMPTY)
        if first == b"<":
            raise SourceError("the answer is HTML or XML, JSON was expected", SourceFault.HTML)

    def next_byte(self) -> bytes:
        """Step over blanks and return the byte that follows, none at the end."""
        while True:
            blanks = _BLANKS.match(self._buffer, self._position)
            self._position = blanks.end() if blanks else self._position
            if self._position < len(self._buffer) or not self._fill(1):
                return self._buffer[self._position : self._position + 1]

    def skip(self, count: int) -> None:
        """Step over signs of JSON."""
        self._position += count

    def shown(self, count: int) -> memoryview:
        """Return so many of the next bytes, fewer where there are not so many."""
        self._fill(min(count, self._max_bytes))
        return memoryview(self._buffer)[self._position : self._position + count]

    def taken(self, count: int) -> bytes:
        """Step over bytes that need not be read, and return them."""
        raw = bytes(self.shown(count))
        self._position += len(raw)
        self._decoded_to = 0
        return raw

    def value(self) -> tuple[Any, bytes]:
        """Return the value that stands next and its bytes."""
        self.next_byte()
        window = WINDOW_BYTES
        if self.place < self._decoded_to:
            # Between two values stand signs of one byte only.
            self._char += self.place - self._text_place
            self._text_place = self.place
        else:
            self._decode(window)
        while True:
            value, end, fault = self._attempt()
            # A number that ends with the window may go on behind it: 1 may be 1.5e3.
            is_whole = end < len(self._text) and self._text[end] not in ".eE"
            if fault is None and (is_whole or self._is_all_decoded()):
                return value, self._taken_text(end)
            if self._is_all_decoded():
                self.refuse(fault or "it ends too early")
            if window > self._max_bytes:
                self.refuse(f"an entry of more than {self._max_bytes} bytes is not read")
            window *= 2
            self._decode(window)

    def _attempt(self) -> tuple[Any, int, str | None]:
        """Return the value that stands next and where it ends, or why it may be cut by the window's end."""
        try:
            value, end = self._decoder.raw_decode(self._text, self._char)
        except json.JSONDecodeError as error:
            if error.msg.startswith(_OPEN_STRING) or error.pos >= len(self._text) - TAIL_CHARS:
                return None, 0, error.msg
            before = self._text[self._char : error.pos].encode("utf-8")
            self.refuse(error.msg, self.place + len(before))
        except RecursionError:
            self.refuse("it is nested too deeply")
        except ValueError as error:
            self.refuse(str(error))
        return value, end, None

    def refuse(self, reason: str, place: int | None = None) -> NoReturn:
        reason = f"{reason}, byte {self.place if place is None else place}"
        message = f"the answer is cut off or not valid JSON ({reason})"
        raise SourceError(message, SourceFault.BAD_JSON, reason=reason)

    def refuse_kind(self, path: str) -> NoReturn:
        """Refuse what stands where the array, or an object on the way to it, was expected."""
        self.value()
        raise SourceError("a list of records was expected", SourceFault.RECORDS_EXPECTED, field=path or None)

    def _taken_text(self, end: int) -> bytes:
        raw = self._text[self._char : end].encode()
        self._position += len(raw)
        self._char = end
        self._text_place = self.place
        return raw

    def _decode(self, count: int) -> None:
        """Decode so many bytes from here on, or what there is of them."""
        is_last = not self._fill(count)
        piece = memoryview(self._buffer)[self._position : self._position + count]
        try:
            self._text, _ = codecs.utf_8_decode(piece, "strict", is_last)
        except UnicodeDecodeError as error:
            byte = self.place + error.start
            raise SourceError(f"the answer is not UTF-8 (byte {byte})", SourceFault.CHARSET, byte=byte) from None
        self._char = 0
        self._text_place = self.place
        self._decoded_to = self.place + len(piece)

    def _is_all_decoded(self) -> bool:
        return self._decoded_to == self._dropped + len(self._buffer) and not self._fill(
            len(self._buffer) - self._position + 1
        )

    def _fill(self, count: int) -> bool:
        """Have so many bytes from here on in the buffer; returns False where there are not so many."""
        while (there := len(self._buffer) - self._position) < count:
            if self._is_over:
                return False
            chunk = self._stream.read(max(CHUNK_BYTES, min(count - there, self._max_bytes)))
            self._is_over = not chunk
            if chunk:
                self._buffer = self._buffer[self._position :] + chunk
                self._dropped += self._position
                self._position = 0
        return True
