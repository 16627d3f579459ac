"""The dump of the EU Transparency Register cut at the borders of its entries, so that only what changed is parsed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element

from bot.errors import SourceError, SourceFault
from bot.sources._reading import xml

CHUNK_BYTES = 262_144
FRAME_BYTES = 65_536
"""How much may stand before the first entry, and behind the last one."""

ENTRY_BYTES = 2_000_000
ENTRY_ELEMENTS = 50_000

ROOT = "ListOfIRPublicDetail"
COUNT = "numberOfIR"
COUNT_FIELD = f"metaData.{COUNT}"

_BLANKS = b" \t\r\n"
_CODE = re.compile(rb"<identificationCode(?:\s[^<>]*)?>\s*([0-9A-Za-z._/-]{1,100})\s*</identificationCode\s*>")


class Dump:
    """Read a dump from a stream with the memory of some entries: `head` comes before the first one, `tail` at the end.

    Borders are found in the bytes: an entry that holds its own end tag as text is cut too short there, and then does
    not parse. Raises SourceError where the stream ends inside an entry, or anything but blanks stands between two.
    """

    def __init__(self, stream: BinaryIO, element: str, *, chunk_bytes: int = CHUNK_BYTES) -> None:
        self._stream = stream
        self._chunk_bytes = chunk_bytes
        self._opening = re.compile(rb"<" + element.encode() + rb"(?=[\s/>])")
        self._closing = b"</" + element.encode()
        self._buffer = b""
        self.tail = b""
        first = None
        while first is None and len(self._buffer) <= FRAME_BYTES and self._more():
            first = self._opening.search(self._buffer)
        start = first.start() if first else len(self._buffer)
        self.head, self._buffer = self._buffer[:start], self._buffer[start:]

    def entries(self) -> Iterator[bytes]:
        """Yield the bytes of each entry, as they stand there."""
        at = 0
        while self._opening.match(self._buffer, at):
            if at > self._chunk_bytes:
                self._buffer, at = self._buffer[at:], 0
            end = self._found(self._closing, at)
            end = self._found(b">", end, end - at) + 1
            yield self._buffer[at:end]
            at = end
            while True:
                while at < len(self._buffer) and self._buffer[at] in _BLANKS:
                    at += 1
                if len(self._buffer) - at > len(self._closing):
                    break
                self._buffer, at = self._buffer[at:], 0
                if not self._more():
                    break
        self.tail = self._buffer[at:]
        while (more := self._stream.read(self._chunk_bytes)) and len(self.tail) <= FRAME_BYTES:
            self.tail += more
        if len(self.tail) > FRAME_BYTES:
            raise _broken("something else stands between its entries")

    def _found(self, what: bytes, start: int, before: int = 0) -> int:
        """Return where something stands next, reading on as far as an entry may be long; `before` counts for it."""
        place = self._buffer.find(what, start)
        while place < 0:
            if len(self._buffer) - start + before > ENTRY_BYTES:
                raise _broken(f"an entry is longer than {ENTRY_BYTES} bytes")
            again = max(start, len(self._buffer) - len(what))
            if not self._more():
                raise _broken("it ends inside an entry")
            place = self._buffer.find(what, again)
        return place

    def _more(self) -> bool:
        more = self._stream.read(self._chunk_bytes)
        self._buffer += more
        return bool(more)


@dataclass(frozen=True, slots=True)
class Frame:
    """Hold what stands around the entries of a dump: how many it announces, and the tags that enclose them."""

    total: int
    opening: bytes
    closing: bytes

    @classmethod
    def of(cls, head: bytes) -> Frame:
        """Read what stands before the first entry; raises SourceError where it is no register."""
        head = xml.as_xml_1_0(head)
        tags = _open_tags(head)
        names = [re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0] for tag in tags]
        closing = b"".join(b"</" + name + b">" for name in reversed(names))
        root = xml.parse(head + closing)
        return cls(_announced(root), b"".join(tags), closing)

    def check_end(self, tail: bytes) -> None:
        """Raise SourceError where what stands behind the last entry does not close the dump."""
        xml.parse(self.opening + xml.as_xml_1_0(tail))

    def parse(self, entry: bytes) -> Element:
        """Return one entry as it stands in the frame; raises SourceError where it is not exactly one element."""
        entry = xml.as_xml_1_0(entry)
        node = xml.parse_inside(self.opening, entry, self.closing, max_elements=ENTRY_ELEMENTS)
        for _ in range(self.closing.count(b"</")):
            if len(node) != 1:
                raise _broken("an entry has no end of its own")
            node = node[0]
        return node


def code_of(entry: bytes) -> str | None:
    """Return the code by which the bytes of an entry name it, None where they do not as usual."""
    found = _CODE.search(entry)
    return found[1].decode("ascii") if found else None


def _open_tags(head: bytes) -> list[bytes]:
    """Return the start tags that are still open where a document is cut off."""
    tags: list[bytes] = []
    for tag in re.finditer(rb"<!--.*?-->|<[?!][^>]*>|<(/?)[^<>]*?(/?)>", head, re.DOTALL):
        if tag[1]:
            del tags[-1:]
        elif tag[1] is not None and not tag[2]:
            tags.append(tag[0])
    return tags


def _announced(root: Element) -> int:
    if (name := xml.local_name(root.tag)) != ROOT:
        raise _broken(f"its root is {name[:40]}, {ROOT} was expected")
    count = next((node for node in root.iter() if xml.local_name(node.tag) == COUNT), None)
    if count is None:
        raise SourceError("missing", SourceFault.MISSING, field=COUNT_FIELD)
    text = (count.text or "").strip()
    if not text.isdecimal() or len(text) > len("1000000"):
        raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field=COUNT_FIELD)
    return int(text)


def _broken(reason: str) -> SourceError:
    message = f"the answer is cut off or not valid XML ({reason})"
    return SourceError(message, SourceFault.BAD_XML, reason=reason)
