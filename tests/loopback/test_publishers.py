"""What every loopback publisher does, on one of no real source."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from bot.loopback.publishers import Publisher, PublisherFault, Record, Refusal, Served, publisher_of
from bot.loopback.publishers._publisher import Handler

MODIFIED = datetime(2026, 11, 18, 0, 4, tzinfo=UTC)


class Registry(Publisher):
    """Serve entries with their id and title a level down."""

    id_field = "entry.id"
    renamed_field = "entry.parts.title"

    @property
    def routes(self) -> Mapping[str, Handler]:
        return {
            "/list": self._list,
            "POST /list": self._list,
            "/file": self._file,
            "/archive.{form}": self._archive,
            "/table": self._table,
        }

    def load(self, payload: bytes) -> None:
        raise NotImplementedError

    async def _list(self, request: web.Request) -> Served:
        if "wrong" in request.query:
            raise Refusal.of_json(400, {"message": "Unknown parameter"})
        return self.json(self.spoilt(self.records))

    async def _file(self, request: web.Request) -> Served:
        return self.file(Served(b"0123456789", "text/plain"), request, MODIFIED)

    async def _archive(self, request: web.Request) -> Served:
        files: dict[str, str | bytes] = {"a/é.txt": "été", "b.bin": b"\xff"}
        return self.zip(files) if request.match_info["form"] == "zip" else self.tar_gz(files)

    async def _table(self, _request: web.Request) -> Served:
        return self.csv(self.spoilt([{"name": "été", "kind": "a;b"}]), ["name", "kind"], delimiter=";", bom=True)


def entry(number: str) -> Record:
    return {"entry": {"id": number, "parts": [{"title": f"title {number}"}, {"other": 1}]}, "kind": "x"}


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with Registry([entry("1"), entry("2"), entry("3")]) as registry:
        yield registry


async def ask(url: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(url, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_a_fault_may_come_after_right_answers(registry: Registry) -> None:
    registry.fail_next(PublisherFault.ERROR, after=2)

    assert [(await ask(f"{registry.url}/list"))[0] for _ in range(4)] == [200, 200, 500, 200]


async def test_an_unknown_path_uses_up_no_fault(registry: Registry) -> None:
    registry.fail_next(PublisherFault.ERROR)

    assert [(await ask(f"{registry.url}{path}"))[0] for path in ("/nothing", "/list")] == [404, 500]


async def test_what_the_interface_refuses_is_refused(registry: Registry) -> None:
    assert (await ask(f"{registry.url}/list?wrong=1"))[0] == 400


async def test_a_field_is_renamed_wherever_it_stands(registry: Registry) -> None:
    registry.fail_next(PublisherFault.RENAMED)
    _, _, body = await ask(f"{registry.url}/list")

    assert body.count(b'"title_v2"') == 3
    assert b'"title"' not in body


async def test_one_id_is_given_to_all_and_nothing_else_changes(registry: Registry) -> None:
    registry.fail_next(PublisherFault.ONE_ID)
    _, _, body = await ask(f"{registry.url}/list")

    assert body.count(b'"id": "1"') == 3
    assert b"title 3" in body


async def test_the_records_of_the_caller_are_left_as_they_are(registry: Registry) -> None:
    for fault in (PublisherFault.RENAMED, PublisherFault.ONE_ID, PublisherFault.REORDERED, PublisherFault.REPEATED):
        registry.fail_next(fault)
        await ask(f"{registry.url}/list")

    assert registry.records == [entry("1"), entry("2"), entry("3")]


async def test_what_was_posted_is_kept(registry: Registry) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{registry.url}/list", json={"a": 1}) as answer:
        assert answer.status == 200

    assert [(request.method, request.body) for request in registry.requests] == [("POST", b'{"a": 1}')]


async def test_a_file_is_sent_from_a_place_on(registry: Registry) -> None:
    _, headers, _ = await ask(f"{registry.url}/file")
    status, part, body = await ask(f"{registry.url}/file", Range="bytes=4-", **{"If-Range": headers["ETag"]})

    assert (status, part["Content-Range"], body) == (206, "bytes 4-9/10", b"456789")


@pytest.mark.parametrize("bound", ['"other"', "Tue, 17 Nov 2026 00:04:00 GMT"])
async def test_a_part_of_another_version_is_the_whole_file(bound: str, registry: Registry) -> None:
    assert (await ask(f"{registry.url}/file", Range="bytes=4-", **{"If-Range": bound}))[::2] == (200, b"0123456789")


async def test_a_place_beyond_the_end_is_refused(registry: Registry) -> None:
    assert (await ask(f"{registry.url}/file", Range="bytes=10-"))[0] == 416


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"If-Modified-Since": "Wed, 18 Nov 2026 00:04:00 GMT"}, 304),
        ({"If-Modified-Since": "Tue, 17 Nov 2026 00:04:00 GMT"}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": "Wed, 18 Nov 2026 00:04:00 GMT"}, 200),
    ],
)
async def test_a_file_is_sent_only_where_it_is_newer(asked: dict[str, str], status: int, registry: Registry) -> None:
    assert (await ask(f"{registry.url}/file", **asked))[0] == status


async def test_a_server_may_know_neither_parts_nor_versions(registry: Registry) -> None:
    registry.has_ranges = registry.has_validators = False
    status, headers, _ = await ask(f"{registry.url}/file", Range="bytes=4-")

    assert (status, headers.get("ETag"), headers.get("Last-Modified")) == (200, None, None)


async def test_another_charset_reaches_the_files_of_an_archive(registry: Registry) -> None:
    registry.fail_next(PublisherFault.CHARSET, times=2)
    _, _, zipped = await ask(f"{registry.url}/archive.zip")
    _, _, packed = await ask(f"{registry.url}/archive.tar.gz")

    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert [archive.read(name) for name in archive.namelist()] == [b"\xe9t\xe9", b"\xff"]
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        assert [body.read() for member in tar if (body := tar.extractfile(member))] == [b"\xe9t\xe9", b"\xff"]


async def test_archives_of_the_same_files_are_the_same(registry: Registry) -> None:
    first, second = [(await ask(f"{registry.url}/archive.tar.gz"))[2] for _ in range(2)]

    assert first == second


async def test_a_table_quotes_its_cells_and_begins_with_its_mark(registry: Registry) -> None:
    assert (await ask(f"{registry.url}/table"))[2].decode() == '\ufeffname;kind\r\nété;"a;b"\r\n'


async def test_a_bomb_is_small_until_it_is_opened(registry: Registry) -> None:
    registry.fail_next(PublisherFault.BOMB, bomb_bytes=5_000_000)
    _, headers, body = await ask(f"{registry.url}/list")

    assert headers["Content-Encoding"] == "gzip"
    assert len(body) * 100 < len(gzip.decompress(body)) == 5_000_000


def test_a_publisher_is_found_by_the_name_of_its_source() -> None:
    assert publisher_of("boamp").__name__ == "LoopbackBoamp"


@pytest.mark.parametrize("name", ["nothing", "numbers", "_faults"])
def test_a_module_without_a_publisher_is_none(name: str) -> None:
    with pytest.raises(LookupError):
        publisher_of(name)
