"""Downloads of the polite client against a loopback server of one file."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers import Publisher, PublisherFault, Served
from bot.loopback.publishers._publisher import Handler
from bot.sources import PoliteClient, Progress, Timeouts, Validators
from bot.sources._http.download import RESUMES

BODY = hashlib.shake_128(b"one").digest(3_000_000)
OTHER = hashlib.shake_128(b"other").digest(2_500_000)
CAP = 4_000_000
MODIFIED = datetime(2026, 11, 18, 0, 4, tzinfo=UTC)
PATIENCE = Timeouts(1, 0.3, 5, wait=0)


class FileServer(Publisher):
    """Serve one file as a server of files does."""

    def __init__(self) -> None:
        super().__init__()
        self.body = BODY
        self.content_type = "application/json"
        self.coding: str | None = None
        self.status: int | None = None
        self.content_range: str | None = None
        self.heeds_bounds = True
        self.has_weak_tags = False

    @property
    def routes(self) -> Mapping[str, Handler]:
        return {"/{name}": self._file}

    def load(self, payload: bytes) -> None:
        self.body = payload

    async def _file(self, request: web.Request) -> Served:
        headers = {"Content-Encoding": self.coding} if self.coding else {}
        if not self.heeds_bounds and (start := self.starts()[-1]):
            said = {"Content-Range": f"bytes {start}-{len(self.body) - 1}/{len(self.body)}", "ETag": '"another"'}
            return Served(self.body[start:], self.content_type, 206, said)
        served = self.file(Served(self.body, self.content_type, headers=headers), request, MODIFIED)
        if self.has_weak_tags:
            return replace(served, headers={**served.headers, "ETag": f"W/{served.headers['ETag']}"})
        if served.status == 206 and self.content_range is not None:
            return Served(served.body, served.content_type, 206, {"Content-Range": self.content_range})
        return served

    def starts(self) -> list[int]:
        """Return from which byte on each request asked."""
        asked = (query.headers.get("Range", "bytes=0-") for query in self.requests)
        return [int(text.removeprefix("bytes=").removesuffix("-")) for text in asked]


def left_in(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with FileServer() as server:
        yield server


@pytest.fixture
async def keeping(tmp_path: Path) -> AsyncIterator[PoliteClient]:
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path / "downloads") as client:
        yield client


async def test_a_file_is_saved_whole_with_its_checksum(server: FileServer, client: PoliteClient) -> None:
    download = await client.download(f"{server.url}/a", max_bytes=CAP)

    assert download.path.read_bytes() == BODY
    assert (download.sha256, download.size) == (hashlib.sha256(BODY).hexdigest(), len(BODY))


async def test_a_gzip_body_is_saved_decoded(server: FileServer, client: PoliteClient) -> None:
    server.body, server.coding = gzip.compress(BODY), "gzip"
    download = await client.download(f"{server.url}/a", max_bytes=CAP)

    assert download.path.read_bytes() == BODY
    assert download.sha256 == hashlib.sha256(BODY).hexdigest()


async def test_a_file_is_gone_at_the_end_of_its_block(server: FileServer, client: PoliteClient) -> None:
    with await client.download(f"{server.url}/a", max_bytes=CAP) as download:
        assert download.path.exists()

    assert not download.path.exists()


async def test_nothing_is_left_when_the_client_closes(server: FileServer, tmp_path: Path) -> None:
    async with PoliteClient("c", version="1", folder=tmp_path) as client:
        await client.download(f"{server.url}/a", max_bytes=CAP)

    assert left_in(tmp_path) == []


async def test_a_file_that_did_not_change_is_not_sent_again(server: FileServer, client: PoliteClient) -> None:
    first = await client.download(f"{server.url}/a", max_bytes=CAP)
    kept = Validators.from_json(first.validators.to_json())
    second = await client.download(f"{server.url}/a", max_bytes=CAP, validators=kept)

    assert second.is_unchanged
    assert second.validators == first.validators
    assert server.requests[1].headers["If-None-Match"] == first.validators.etag


@pytest.mark.parametrize("coding", [None, "gzip"])
async def test_a_transfer_that_breaks_off_is_gone_on_with(
    coding: str | None, server: FileServer, client: PoliteClient
) -> None:
    server.body, server.coding = (gzip.compress(BODY), coding) if coding else (BODY, None)
    server.fail_next(PublisherFault.CUT, times=2)
    download = await client.download(f"{server.url}/a", max_bytes=CAP)

    assert download.path.read_bytes() == BODY
    first, second, third = server.starts()
    assert 0 == first < second < third
    assert server.requests[1].headers["If-Range"] == download.validators.etag


async def test_a_server_without_ranges_is_read_from_the_beginning(server: FileServer, client: PoliteClient) -> None:
    server.has_ranges = False
    server.fail_next(PublisherFault.CUT)

    assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY


async def test_a_server_without_validators_is_read_from_the_beginning(server: FileServer, client: PoliteClient) -> None:
    server.has_validators = False
    server.fail_next(PublisherFault.CUT)

    assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    assert server.starts() == [0, 0]


async def test_a_version_that_is_only_much_like_another_is_read_from_the_beginning(
    server: FileServer, client: PoliteClient
) -> None:
    server.has_weak_tags = True
    server.fail_next(PublisherFault.CUT)
    await client.download(f"{server.url}/a", max_bytes=CAP)

    assert server.starts() == [0, 0]


async def test_a_file_that_changed_meanwhile_is_read_from_the_beginning(
    server: FileServer, keeping: PoliteClient
) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    with pytest.raises(SourceError):
        await keeping.download(f"{server.url}/a", max_bytes=CAP)
    server.body = OTHER

    assert (await keeping.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == OTHER


async def test_a_part_of_a_file_that_changed_meanwhile_is_not_taken(server: FileServer, client: PoliteClient) -> None:
    server.heeds_bounds = False
    server.fail_next(PublisherFault.CUT)

    assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    first, second, third = server.starts()
    assert first == third == 0 < second


async def test_more_than_there_is_begins_anew(server: FileServer, tmp_path: Path) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as client:
        with pytest.raises(SourceError):
            await client.download(f"{server.url}/a", max_bytes=CAP)
        _, part = left_in(tmp_path)
        part.write_bytes(bytes(len(BODY) + 1))

        assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY


@pytest.mark.parametrize("said", ["bytes 7-2999999/3000000", "bytes */3000000", "nonsense"])
async def test_another_part_than_asked_for_is_not_taken(said: str, server: FileServer, client: PoliteClient) -> None:
    server.content_range = said
    server.fail_next(PublisherFault.CUT)

    assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    first, second, third = server.starts()
    assert first == third == 0 < second


async def test_what_came_is_gone_on_with_in_the_next_poll(server: FileServer, tmp_path: Path) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as client:
        with pytest.raises(SourceError) as caught:
            await client.download(f"{server.url}/a", max_bytes=CAP)
    asked = len(server.requests)
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as client:
        download = await client.download(f"{server.url}/a", max_bytes=CAP)

        assert download.path.read_bytes() == BODY
    assert caught.value.fault is SourceFault.BROKE_OFF
    assert len(server.starts()) == asked + 1
    assert server.starts()[asked] > len(BODY) * 0.8


async def test_what_came_of_one_address_is_not_taken_for_another(server: FileServer, tmp_path: Path) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as client:
        with pytest.raises(SourceError):
            await client.download(f"{server.url}/a", max_bytes=CAP)
        await client.download(f"{server.url}/b", {"key": "1"}, max_bytes=CAP)

    assert server.starts()[-1] == 0
    assert left_in(tmp_path) == []


async def test_two_clients_do_not_work_in_one_folder(server: FileServer, tmp_path: Path) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    async with (
        PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as first,
        PoliteClient("c", version="1", folder=tmp_path) as second,
    ):
        with pytest.raises(SourceError):
            await first.download(f"{server.url}/a", max_bytes=CAP)
        kept = left_in(tmp_path)
        other = await second.download(f"{server.url}/b", max_bytes=CAP)

        assert other.path.parent != tmp_path
        assert left_in(tmp_path) == kept
        assert (await first.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    assert server.starts()[-1] > 0


async def test_a_spoilt_note_of_what_came_begins_anew(server: FileServer, tmp_path: Path) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as client:
        with pytest.raises(SourceError):
            await client.download(f"{server.url}/a", max_bytes=CAP)
        left_in(tmp_path)[0].write_text('{"coding": "gzip"}')

        assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    assert server.starts()[-1] == 0


async def test_a_server_that_stumbles_in_between_is_asked_again(server: FileServer, client: PoliteClient) -> None:
    server.fail_next(PublisherFault.CUT)
    server.fail_next(PublisherFault.ERROR)

    assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY


async def test_a_first_answer_that_is_an_error_is_not_asked_for_again(server: FileServer, client: PoliteClient) -> None:
    server.fail_next(PublisherFault.ERROR)

    with pytest.raises(SourceError, match="status 500"):
        await client.download(f"{server.url}/a", max_bytes=CAP)
    assert len(server.requests) == 1


async def test_a_publisher_that_asks_to_wait_is_left_alone_and_gone_on_with_later(
    server: FileServer, keeping: PoliteClient
) -> None:
    server.fail_next(PublisherFault.CUT)
    server.fail_next(PublisherFault.UNAVAILABLE, retry_after="60")
    with pytest.raises(SourceError) as caught:
        await keeping.download(f"{server.url}/a", max_bytes=CAP)
    await keeping.download(f"{server.url}/a", max_bytes=CAP)

    assert caught.value.pause_s == 60
    first, second, third = server.starts()
    assert 0 == first < second == third


async def test_a_maintenance_page_does_not_replace_what_came(server: FileServer, keeping: PoliteClient) -> None:
    server.fail_next(PublisherFault.CUT)
    server.fail_next(PublisherFault.HTML)

    assert (await keeping.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    first, second, third = server.starts()
    assert 0 == first < second == third


@pytest.mark.parametrize("coding", [None, "gzip"])
async def test_a_file_longer_than_allowed_is_refused_and_nothing_is_left(
    coding: str | None, server: FileServer, tmp_path: Path
) -> None:
    server.body = gzip.compress(b" " * 5_000_000) if coding else BODY
    server.coding = coding
    async with PoliteClient("c", version="1", folder=tmp_path) as client:
        with pytest.raises(SourceError, match="longer than 100000 bytes"):
            await client.download(f"{server.url}/a", max_bytes=100_000)

    assert left_in(tmp_path) == []


@pytest.mark.parametrize(("body", "said"), [(gzip.compress(BODY)[:-900], "cut off"), (b"no gzip", "decoded as gzip")])
async def test_a_body_that_cannot_be_decoded_is_refused(
    body: bytes, said: str, server: FileServer, client: PoliteClient
) -> None:
    server.body, server.coding = body, "gzip"

    with pytest.raises(SourceError, match=said):
        await client.download(f"{server.url}/a", max_bytes=CAP)


async def test_a_slow_download_outlives_the_timeout_of_an_answer(server: FileServer) -> None:
    server.fail_next(PublisherFault.DRIP, delay_s=0.002)
    async with PoliteClient("c", version="1", timeouts=Timeouts(1, 1, 0.01)) as client:
        download = await client.download(f"{server.url}/a", max_bytes=CAP)

        assert download.path.read_bytes() == BODY


async def test_a_download_has_a_timeout_of_its_own(server: FileServer) -> None:
    server.fail_next(PublisherFault.DRIP, delay_s=1)
    async with PoliteClient("c", version="1", timeouts=Timeouts(1, 9, 9, download=0.1)) as client:
        with pytest.raises(SourceError, match="did not answer in time"):
            await client.download(f"{server.url}/a", max_bytes=CAP)


async def test_a_download_that_falls_silent_is_gone_on_with(server: FileServer) -> None:
    server.fail_next(PublisherFault.DRIP, delay_s=60)
    async with PoliteClient("c", version="1", timeouts=Timeouts(1, 0.1, 9, wait=0)) as client:
        download = await client.download(f"{server.url}/a", max_bytes=CAP)

        assert download.path.read_bytes() == BODY
    assert server.starts()[1] > 0


async def test_what_came_before_a_cancellation_is_kept(server: FileServer, tmp_path: Path) -> None:
    came = asyncio.Event()
    server.fail_next(PublisherFault.DRIP, delay_s=0.001)
    client = PoliteClient("c", version="1", folder=tmp_path, on_progress=lambda _: came.set())
    async with client:
        reading = asyncio.create_task(client.download(f"{server.url}/a", max_bytes=CAP))
        await came.wait()
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

        assert (await client.download(f"{server.url}/a", max_bytes=CAP)).path.read_bytes() == BODY
    assert server.starts()[1] > 0


async def test_a_disk_that_refuses_is_told_as_such(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with PoliteClient("c", version="1", folder=tmp_path / "file") as client:
        with pytest.raises(SourceError) as caught:
            await client.download(f"{server.url}/a", max_bytes=CAP)

    assert caught.value.fault is SourceFault.NOT_SAVED


async def test_progress_is_told_in_megabytes(server: FileServer) -> None:
    told: list[Progress] = []
    async with PoliteClient("c", version="1", on_progress=told.append) as client:
        await client.download(f"{server.url}/a", max_bytes=CAP)

    assert [entry.expected for entry in told] == [3_000_000, 3_000_000, None]
    assert 2_000_000 <= (told[1].received or 0) < 3_000_000
    assert told[-1] == Progress(1)


async def test_no_address_stands_on_disk(server: FileServer, tmp_path: Path) -> None:
    server.fail_next(PublisherFault.CUT, times=RESUMES + 1)
    async with PoliteClient("c", version="1", timeouts=PATIENCE, folder=tmp_path) as client:
        with pytest.raises(SourceError):
            await client.download(f"{server.url}/a", {"api_key": "SAM-secret"}, max_bytes=CAP)

    kept = b"".join(str(path).encode() + path.read_bytes() for path in left_in(tmp_path))
    assert b"SAM-secret" not in kept
    assert b"127.0.0.1" not in kept
