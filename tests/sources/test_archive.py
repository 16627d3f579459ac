"""Archives read from a stream, hostile ones included."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers.jorf import Hostile, hostile
from bot.sources._reading.archive import Limits, members

FILES = {"2026/a.xml": b"x" * 1_000, "2026/b.txt": b"", f"2026/{'é' * 90}/c.xml": b"y" * 70_000}


def packed(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT, *, is_gzipped: bool = True) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w", format=form) as archive:
        archive.addfile(_folder("2026"))
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(body.getvalue(), 1) if is_gzipped else body.getvalue()


def _folder(name: str) -> tarfile.TarInfo:
    folder = tarfile.TarInfo(name)
    folder.type = tarfile.DIRTYPE
    return folder


def read(archive: bytes, limits: Limits | None = None) -> dict[str, bytes]:
    found = members(io.BytesIO(archive), lambda name: name.endswith(".xml"), limits=limits)
    return {member.name: member.body for member in found}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
@pytest.mark.parametrize("is_gzipped", [True, False])
def test_the_wanted_files_are_read_whatever_the_form(form: int, is_gzipped: bool) -> None:  # noqa: FBT001  # a parameter of the test
    files = FILES if form != tarfile.USTAR_FORMAT else {"2026/a.xml": b"x", f"{'d' * 100}/{'e' * 90}.xml": b"y"}

    assert read(packed(files, form, is_gzipped=is_gzipped)) == {
        name: body for name, body in files.items() if name.endswith(".xml")
    }


def test_an_archive_of_several_gzip_members_is_one() -> None:
    plain = packed(FILES, is_gzipped=False)

    assert read(gzip.compress(plain[:5_000]) + gzip.compress(plain[5_000:])) == read(packed(FILES))


@pytest.mark.parametrize("is_gzipped", [True, False])
def test_an_archive_cut_anywhere_is_refused(is_gzipped: bool) -> None:  # noqa: FBT001  # a parameter of the test
    whole = packed(FILES, is_gzipped=is_gzipped)
    end = len(whole) if is_gzipped else len(whole.rstrip(b"\0")) + 1
    for cut in range(0, end, max(1, end // 200)):
        with pytest.raises(SourceError):
            read(whole[:cut])


def test_an_archive_that_ends_between_two_files_is_refused() -> None:
    plain = packed({"a.xml": b"x" * 512}, is_gzipped=False)

    with pytest.raises(SourceError, match="no end mark"):
        read(gzip.compress(plain[: 3 * 512]))


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (Hostile.CLIMBING, SourceFault.UNSAFE_ARCHIVE),
        (Hostile.ABSOLUTE, SourceFault.UNSAFE_ARCHIVE),
        (Hostile.LINK, SourceFault.UNSAFE_ARCHIVE),
        (Hostile.DEVICE, SourceFault.UNSAFE_ARCHIVE),
        (Hostile.CUT, SourceFault.BAD_ARCHIVE),
    ],
)
def test_an_archive_with_what_no_bulletin_holds_is_refused(kind: Hostile, fault: SourceFault) -> None:
    with pytest.raises(SourceError) as caught:
        read(hostile(kind))

    assert caught.value.fault is fault


@pytest.mark.parametrize("name", ["C:/a.xml", "a\\b.xml", "a\nb.xml", "a/" * 200 + "b.xml", "..", "a/.."])
def test_a_name_that_no_file_has_is_refused(name: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(packed({name: b"x"}, tarfile.GNU_FORMAT))

    assert caught.value.fault is SourceFault.UNSAFE_ARCHIVE


def test_a_bomb_stops_at_the_limit_and_takes_no_memory() -> None:
    bomb = hostile(Hostile.BOMB, 100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(SourceError) as caught:
            for _ in members(io.BytesIO(bomb), lambda _name: False, limits=Limits(total_bytes=50_000_000)):
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert caught.value.fault is SourceFault.ARCHIVE_TOO_LARGE
    assert peak < 3_000_000


@pytest.mark.parametrize("limits", [Limits(file_bytes=10_000), Limits(entries=2)])
def test_a_file_too_large_and_too_many_of_them_are_refused(limits: Limits) -> None:
    with pytest.raises(SourceError) as caught:
        read(packed(FILES), limits)

    assert caught.value.fault is SourceFault.ARCHIVE_TOO_LARGE


def test_an_extended_header_of_a_gigabyte_is_refused_unread() -> None:
    header = tarfile.TarInfo("a.xml")
    header.type, header.size = tarfile.XHDTYPE, 1_000_000_000
    bomb = gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000_000), 1)

    with pytest.raises(SourceError) as caught:
        read(bomb)

    assert caught.value.fault is SourceFault.ARCHIVE_TOO_LARGE


@pytest.mark.parametrize("place", [0, 124, 148, 156])
def test_a_damaged_header_is_refused(place: int) -> None:
    spoilt = bytearray(packed(FILES, is_gzipped=False))
    spoilt[place] ^= 1

    with pytest.raises(SourceError) as caught:
        read(bytes(spoilt))

    assert caught.value.fault is SourceFault.BAD_ARCHIVE


def test_an_archive_inside_an_archive_is_not_opened() -> None:
    assert read(packed({"2026/more.tar.gz": packed(FILES), "2026/a.xml": b"x"})) == {"2026/a.xml": b"x"}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", SourceFault.EMPTY),
        (b"<!DOCTYPE html><p>maintenance", SourceFault.HTML_PAGE),
        (b"PK\x03\x04" + bytes(600), SourceFault.BAD_ARCHIVE),
        (gzip.compress(b"no archive at all"), SourceFault.BAD_ARCHIVE),
        (packed(FILES) + b"more", SourceFault.BAD_ARCHIVE),
    ],
    ids=["empty", "html", "zip", "text", "followed"],
)
def test_what_is_no_archive_is_refused_in_plain_words(body: bytes, fault: SourceFault) -> None:
    with pytest.raises(SourceError) as caught:
        read(body)

    assert caught.value.fault is fault
