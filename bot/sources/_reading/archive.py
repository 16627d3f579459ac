"""Archives (tar, mostly gzipped) read from a stream, file by file, without trust: nothing is written to disk.

Not `tarfile`, which keeps an extended header of any announced size in memory and knows the links, devices and sparse
files that a bulletin has no use for.
"""

from __future__ import annotations

import posixpath
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from bot.errors import SourceError, SourceFault

BLOCK = 512
PIECE_BYTES = 65_536
GZIP_BITS = 31
MAX_NAME_CHARS = 300
MAX_HEADER_BYTES = 65_536

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_FILES = frozenset({b"0", b"\0"})
_FOLDER = b"5"
_LONG_NAME = b"L"
_EXTENDED = b"x"
_GLOBAL = b"g"
_PAX_RECORD = re.compile(rb"(\d{1,5}) ([^=\n]+)=")
_WHAT = {b"1": "a link", b"2": "a link", b"3": "a device", b"4": "a device", b"6": "a pipe"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Hold how far an archive is read: bytes of one file, decoded bytes in all, entries."""

    file_bytes: int = 20_000_000
    total_bytes: int = 600_000_000
    entries: int = 200_000


@dataclass(frozen=True, slots=True)
class Member:
    """Hold a file of an archive: its path inside it, and what it holds."""

    name: str
    body: bytes


def members(stream: BinaryIO, wanted: Callable[[str], bool], *, limits: Limits | None = None) -> Iterator[Member]:
    """Yield the files whose path is `wanted`, in the order of the archive; other files are passed over unread.

    The archive is a tar (POSIX ustar, pax or GNU), gzipped or plain: a web server that takes `.gz` for a coding has
    the client decode it. Raises SourceError where it is cut, damaged, larger than `limits`, or holds anything but files
    and folders under relative paths. What came is whole only once the iterator ends.
    """
    limits = limits or Limits()
    decoded = _Decoded(stream, limits.total_bytes)
    seen = 0
    name: str | None = None
    size: int | None = None
    while (block := decoded.block()) is not None:
        if not block.strip(b"\0"):
            decoded.drain()
            return
        header = _Header.of(block)
        if header.kind in {_LONG_NAME, _EXTENDED, _GLOBAL}:
            said = decoded.read(_bounded(header.size, MAX_HEADER_BYTES, "a header"))
            if header.kind == _LONG_NAME:
                name = _text(said.rstrip(b"\0"))
            elif header.kind == _EXTENDED:
                name, size = _extended(said)
            continue
        seen += 1
        if seen > limits.entries:
            _too_large(f"more than {limits.entries} entries")
        path = _safe(name if name is not None else _text(header.name))
        length = size if size is not None else header.size
        name = size = None
        if header.kind == _FOLDER:
            continue
        if header.kind not in _FILES:
            _unsafe(f"{_WHAT.get(header.kind, 'an entry of an unknown kind')}: {path[:100]}")
        _bounded(length, limits.file_bytes, path)
        if wanted(path):
            yield Member(path, decoded.read(length))
        else:
            decoded.skip(length)
    _broken("it has no end mark")


class _Decoded:
    """Read the decoded bytes of an archive in order, never more of them than allowed."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._left = most
        self._most = most
        self._waiting = bytearray()
        start = stream.read(PIECE_BYTES)
        if not start:
            raise SourceError("the answer is empty", SourceFault.EMPTY)
        if start.lstrip()[:1] == b"<":
            raise SourceError("the answer is an HTML page, an archive was expected", SourceFault.HTML_PAGE)
        if start.startswith(_ZIP):
            _broken("it is a zip")
        self._gzip = zlib.decompressobj(GZIP_BITS) if start.startswith(_GZIP) else None
        self._source = start

    def block(self) -> bytes | None:
        """Return the next block, None at the end of the archive."""
        return self.read(BLOCK) if self._fill(1) else None

    def read(self, size: int) -> bytes:
        """Return so many bytes, and pass over what fills their last block."""
        padded = -(-size // BLOCK) * BLOCK
        if not self._fill(padded):
            _broken("it is cut off")
        taken = bytes(self._waiting[:size])
        del self._waiting[:padded]
        return taken

    def skip(self, size: int) -> None:
        """Pass over so many bytes and what fills their last block."""
        left = -(-size // BLOCK) * BLOCK
        while left:
            if not self._fill(1):
                _broken("it is cut off")
            step = min(left, len(self._waiting))
            del self._waiting[:step]
            left -= step

    def drain(self) -> None:
        """Read what follows the end mark: the checksum of a gzip stands there."""
        self._waiting.clear()
        while self._fill(1):
            if self._waiting.strip(b"\0"):
                _broken("something follows its end")
            self._waiting.clear()

    def _fill(self, size: int) -> bool:
        """Decode until so many bytes are waiting; returns whether they are."""
        while len(self._waiting) < size:
            piece = self._piece()
            if piece is None:
                return False
            self._left -= len(piece)
            if self._left < 0:
                _too_large(f"more than {self._most} bytes")
            self._waiting += piece
        return True

    def _piece(self) -> bytes | None:
        if not self._source:
            self._source = self._stream.read(PIECE_BYTES)
        if self._gzip is None:
            piece, self._source = self._source, b""
            return piece or None
        if not self._source:
            # With the last bytes read, some that they decode to may still be waiting inside.
            rest = b"" if self._gzip.eof else self._gzip.decompress(b"", PIECE_BYTES)
            if not rest and not self._gzip.eof:
                _broken("its gzip is cut off")
            return rest or None
        if self._gzip.eof:
            self._gzip = zlib.decompressobj(GZIP_BITS)
        try:
            piece = self._gzip.decompress(self._source, PIECE_BYTES)
        except zlib.error as error:
            _broken(str(error))
        self._source = self._gzip.unconsumed_tail or self._gzip.unused_data
        return piece


@dataclass(frozen=True, slots=True)
class _Header:
    name: bytes
    size: int
    kind: bytes

    @classmethod
    def of(cls, block: bytes) -> _Header:
        """Read the header of an entry (POSIX.1-1988, ustar); raises SourceError where its checksum does not hold."""
        if _number(block[148:156]) != sum(block[:148]) + sum(b" " * 8) + sum(block[156:]):
            _broken("a header is damaged")
        name = block[:100].split(b"\0")[0]
        prefix = block[345:500].split(b"\0")[0] if block[257:263] == b"ustar\0" else b""
        return cls(prefix + b"/" + name if prefix else name, _number(block[124:136]), block[156:157])


def _number(field: bytes) -> int:
    digits = field.strip(b" \0")
    if digits.strip(b"01234567"):
        _broken("a header holds no number")
    return int(digits or b"0", 8)


def _extended(said: bytes) -> tuple[str | None, int | None]:
    """Return the path and the size that an extended header (POSIX.1-2001, pax) gives to the next entry."""
    name: str | None = None
    size: int | None = None
    while said:
        found = _PAX_RECORD.match(said)
        length = int(found[1]) if found else 0
        if found is None or not found.end() < length <= len(said):
            _broken("an extended header is damaged")
        key, value = found[2], said[found.end() : length].removesuffix(b"\n")
        said = said[length:]
        if key == b"path":
            name = _text(value)
        elif key == b"size":
            if not value.isdigit():
                _broken("an extended header is damaged")
            size = int(value[:20])
        elif key.startswith(b"GNU.sparse"):
            _unsafe("a sparse file")
    return name, size


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        _unsafe("a name that is not UTF-8")


def _safe(path: str) -> str:
    """Return a path that stays inside the folder it would be unpacked in; raises SourceError for any other."""
    if len(path) > MAX_NAME_CHARS or not path.isprintable() or "\\" in path:
        _unsafe("a name no file has")
    if path.startswith("/") or ".." in path.split("/") or (len(path) > 1 and path[1] == ":"):
        _unsafe(f"a path that leads elsewhere: {path[:100]}")
    return posixpath.normpath(path)


def _bounded(size: int, most: int, what: str) -> int:
    if size > most:
        _too_large(f"{what[:100]}: {size} bytes")
    return size


def _broken(reason: str) -> NoReturn:
    raise SourceError(f"the archive is cut off or unreadable ({reason})", SourceFault.BAD_ARCHIVE, reason=reason)


def _unsafe(reason: str) -> NoReturn:
    raise SourceError(f"the archive is not read: it holds {reason}", SourceFault.UNSAFE_ARCHIVE, reason=reason)


def _too_large(reason: str) -> NoReturn:
    raise SourceError(f"the archive is too large ({reason})", SourceFault.ARCHIVE_TOO_LARGE, reason=reason)
