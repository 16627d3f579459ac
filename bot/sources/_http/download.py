"""Files too large for memory: saved as they come, and gone on with where a transfer broke off."""

from __future__ import annotations

import asyncio
import fcntl
import functools
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, ParamSpec, Self

import aiohttp

from bot.errors import SourceError, SourceFault
from bot.sources._http.answer import (
    CHUNK_BYTES,
    PIECE_BYTES,
    Request,
    Unpacking,
    Validators,
    coding_of,
    is_unchanged,
    refusal,
    too_large,
)

RESUMES = 5
KEY_CHARS = 32
MAINTENANCE = "text/html"

P = ParamSpec("P")

_BROKEN_OFF = frozenset({SourceFault.CUT_OFF, SourceFault.TIMEOUT, SourceFault.UNREACHABLE, SourceFault.NO_HTTP})
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, slots=True)
class Download:
    """Hold a file that was saved: where it stands, decoded, with the SHA-256 and the size of what stands there.

    `validators` go into the next request for it; with `is_unchanged` the publisher has nothing newer than those that
    were sent, and there is no file. The file is removed at the end of a `with` block, by `remove`, or when the client
    closes.
    """

    path: Path
    validators: Validators
    sha256: str = ""
    size: int = 0
    is_unchanged: bool = False

    def remove(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


@dataclass(frozen=True, slots=True)
class _Version:
    """Hold which version of a file, in which coding, the first bytes on disk are of; `total` counts encoded bytes."""

    validators: Validators
    coding: str
    content_type: str
    total: int | None

    def to_json(self) -> dict[str, Any]:
        return {
            "validators": self.validators.to_json(),
            "coding": self.coding,
            "content_type": self.content_type,
            "total": self.total,
        }

    @classmethod
    def from_json(cls, kept: Any) -> Self:
        match kept:
            case {"coding": str(coding), "content_type": str(content_type), "total": int() | None as total}:
                return cls(Validators.from_json(kept.get("validators")), coding, content_type, total)
        raise ValueError("this is no version of a file")


NOTHING_YET = _Version(Validators(), "identity", "", None)


@dataclass(slots=True)
class Transfer:
    """Save the file of one address in a folder, over as many requests as it takes.

    What came of a transfer that broke off stays there, bound to the address and to the version that its validators
    name: the next transfer goes on with it. `progress` is told the bytes that stand there and how many there will be.
    """

    folder: Path
    url: str
    max_bytes: int
    progress: Callable[[int, int | None], None] | None = None
    size: int = 0
    has_begun: bool = False
    _version: _Version = field(default=NOTHING_YET, init=False)

    @property
    def key(self) -> str:
        """Return the name of its files: no address stands on disk, because it may hold a key."""
        return hashlib.sha256(self.url.encode()).hexdigest()[:KEY_CHARS]

    @property
    def path(self) -> Path:
        """Return where the whole file will stand."""
        return self.folder / f"{self.key}.whole"

    @property
    def part(self) -> Path:
        """Return where the bytes stand that came so far, as they were sent."""
        return self.folder / f"{self.key}.part"

    @property
    def about(self) -> Path:
        """Return where the version of those bytes is noted."""
        return self.folder / f"{self.key}.json"

    @property
    def can_go_on(self) -> bool:
        """Return whether a later request may go on from the bytes that stand there."""
        return self.size > 0 and self._version.validators.of_range() is not None

    def load(self) -> None:
        """Take up what an earlier transfer left; does file work."""
        try:
            self._version = _Version.from_json(json.loads(self.about.read_text(encoding="utf-8")))
            self.size = self.part.stat().st_size
        except (OSError, ValueError):
            self._version = NOTHING_YET
        if not self.can_go_on:
            self.discard()
        self.has_begun = self.size > 0

    def discard(self) -> None:
        """Forget what came so far."""
        self.part.unlink(missing_ok=True)
        self.about.unlink(missing_ok=True)
        self.size = 0
        self._version = NOTHING_YET

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for what is still missing."""
        if not self.can_go_on or self.size == self._version.total:
            return {}
        return {"Range": f"bytes={self.size}-", "If-Range": self._version.validators.of_range() or ""}

    def is_broken_off(self, error: SourceError) -> bool:
        """Return whether a request that failed is worth another one that goes on from there."""
        if not self.has_begun or error.pause_s:
            return False
        is_of_the_server = int(error.values.get("status", "0")) >= HTTPStatus.INTERNAL_SERVER_ERROR
        return error.fault in _BROKEN_OFF or is_of_the_server

    async def receive(self, response: aiohttp.ClientResponse, request: Request) -> bool:
        """Save the body of an answer; returns whether the publisher has a file for us (False: nothing newer).

        Raises SourceError for another status, for a body that is too long, and where what comes does not go on from
        what came before.
        """
        host = request.host
        if is_unchanged(response, request):
            await self.on_disk(host, self.discard)
            return False
        is_part = response.status == HTTPStatus.PARTIAL_CONTENT and self.can_go_on
        if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and self.size:
            await self.on_disk(host, self.discard)
            raise _not_continued(host, "the range is refused")
        if response.status != HTTPStatus.OK and not is_part:
            raise await refusal(response, request)
        if is_part:
            await self._check_continuation(response)
        elif self.can_go_on and response.content_type == MAINTENANCE and self._version.content_type != MAINTENANCE:
            # A maintenance page must not replace the megabytes that came before it.
            raise _not_continued(host, "a web page came in its place")
        else:
            await self.on_disk(host, self._begin, response)
        if (self._version.total or 0) > self.max_bytes:
            await self.on_disk(host, self.discard)
            raise too_large(host, self.max_bytes)
        await self._save(response, host)
        if self._version.total is not None and self.size != self._version.total:
            raise _not_continued(host, f"{self.size} of {self._version.total} bytes came")
        return True

    def finish(self, host: str) -> Download:
        """Decode what came into the whole file and return it; does file work.

        Raises SourceError where it is no gzip, a cut one, or longer decoded than allowed.
        """
        version = self._version
        checksum = hashlib.sha256()
        try:
            if version.coding == "identity":
                size = self.size
                with self.part.open("rb") as stream:
                    while piece := stream.read(PIECE_BYTES):
                        checksum.update(piece)
                self.part.replace(self.path)
            else:
                with self.part.open("rb") as stream, self.path.open("wb") as whole:
                    size = self._unpack(stream, whole, checksum.update, host)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise _not_saved(host, error) from None
        except SourceError:
            self.path.unlink(missing_ok=True)
            raise
        finally:
            self.discard()
        return Download(self.path, version.validators, checksum.hexdigest(), size)

    def _unpack(self, stream: BinaryIO, whole: BinaryIO, count: Callable[[bytes], object], host: str) -> int:
        unpacking = Unpacking(host)
        size = 0
        while chunk := stream.read(CHUNK_BYTES):
            unpacking.feed(chunk)
            while (piece := unpacking.piece()) is not None:
                size += len(piece)
                if size > self.max_bytes:
                    raise too_large(host, self.max_bytes)
                whole.write(piece)
                count(piece)
        unpacking.end()
        return size

    def _begin(self, response: aiohttp.ClientResponse) -> None:
        self.discard()
        self.part.touch(mode=0o600)
        coding = coding_of(response)
        self._version = _Version(Validators.of(response), coding, response.content_type, response.content_length)
        self.about.write_text(json.dumps(self._version.to_json()), encoding="utf-8")
        self.has_begun = True

    async def _check_continuation(self, response: aiohttp.ClientResponse) -> None:
        """Raise SourceError, and begin anew next time, where a part is not the next one of the same version."""
        version, said = self._version, Validators.of(response)
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        is_next = found is not None and int(found[1]) == self.size and coding_of(response) == version.coding
        is_same = found is not None and version.total in {None, int(found[3])}
        is_same &= said.etag in {None, version.validators.etag}
        is_same &= said.last_modified in {None, version.validators.last_modified}
        if not (is_next and is_same):
            host = response.url.host or ""
            await self.on_disk(host, self.discard)
            raise _not_continued(host, "another part came than was asked for")

    async def _save(self, response: aiohttp.ClientResponse, host: str) -> None:
        waiting = bytearray()
        try:
            async for chunk in response.content.iter_chunked(CHUNK_BYTES):
                waiting += chunk
                self.size += len(chunk)
                if self.size > self.max_bytes:
                    break
                if len(waiting) >= PIECE_BYTES:
                    piece, waiting = waiting, bytearray()
                    await self.on_disk(host, self._append, piece)
                    if self.progress is not None:
                        self.progress(self.size, self._version.total)
        finally:
            # In place, because a cancelled task gets no more turns; it is a megabyte at most.
            try:
                self._append(waiting)
            except OSError as error:
                raise _not_saved(host, error) from None
        if self.size > self.max_bytes:
            await self.on_disk(host, self.discard)
            raise too_large(host, self.max_bytes)

    def _append(self, piece: bytes | bytearray) -> None:
        with self.part.open("ab") as stream:
            stream.write(piece)

    async def on_disk(self, host: str, work: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Do file work in a thread; raises SourceError where the disk refuses."""
        try:
            await asyncio.to_thread(work, *args, **kwargs)
        except OSError as error:
            raise _not_saved(host, error) from None


@dataclass(frozen=True, slots=True)
class Folder:
    """Hold a folder for downloads that no other client works in, in this process or another, until `release`.

    `is_kept` says that what is in it outlives the client.
    """

    path: Path
    is_kept: bool
    release: Callable[[], None]

    @classmethod
    def of(cls, wanted: Path | None, host: str) -> Self:
        """Take a folder, made where there is none; a passing one where none is wanted or another client has it.

        Does file work; raises SourceError, naming the host that was to be read, where the disk refuses.
        """
        try:
            if wanted is not None and (descriptor := _locked(wanted)) is not None:
                return cls(wanted, is_kept=True, release=functools.partial(os.close, descriptor))
            lent = tempfile.TemporaryDirectory(prefix="vigie-", ignore_cleanup_errors=True)
        except OSError as error:
            raise _not_saved(host, error) from None
        return cls(Path(lent.name), is_kept=False, release=lent.cleanup)


def _locked(folder: Path) -> int | None:
    """Return the descriptor that holds a folder for us alone, None where another client has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def tidy(folder: Path, keep: set[str]) -> None:
    """Remove from a folder what other downloads left there than those to `keep`; does file work."""
    for path in folder.iterdir():
        if path.suffix in {".part", ".json", ".whole"} and path.stem not in keep:
            path.unlink(missing_ok=True)


def _not_saved(host: str, error: OSError) -> SourceError:
    reason = error.strerror or type(error).__name__
    message = f"what comes from {host} cannot be saved on disk ({reason})"
    return SourceError(message, SourceFault.NOT_SAVED, host=host, reason=reason)


def _not_continued(host: str, reason: str) -> SourceError:
    message = f"the answer of {host} is cut off or cannot be decoded ({reason})"
    return SourceError(message, SourceFault.CUT_OFF, host=host, reason=reason)
