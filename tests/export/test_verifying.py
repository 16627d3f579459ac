"""Any byte of an export that is altered is found, and the row that it is in is named."""

from __future__ import annotations

import asyncio
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.export import MANIFEST, packed
from bot.export.files import manifest_bytes, manifest_hash
from bot.export.verifying import ExportFault, ExportFinding, verify_export
from bot.storage.migrations import migrate
from tests.export.log_rows import writing
from tests.export.read_back import facts_of, manifest
from tests.factories import START

FILES = ("facts.csv", "citations.csv", "corrections.csv", MANIFEST)
FACTS = 30


async def _exported(folder: Path) -> Path:
    database = folder / "vigie.sqlite3"
    migrate(database, START)
    with writing(database) as log:
        log.newsroom()
        for number in range(FACTS):
            log.fact(claim=f'Axon, dit "{number}",\r\na payé.')
    await facts_of(database, folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(_exported(tmp_path_factory.mktemp("exported")))


@pytest.fixture
def out(exported: Path, tmp_path: Path) -> Path:
    """Copy an export to alter it."""
    return Path(shutil.copytree(exported, tmp_path / "out"))


@pytest.fixture(scope="module")
def flippable(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy it once for all that is put back as it was."""
    return Path(shutil.copytree(exported, tmp_path_factory.mktemp("flippable") / "out"))


def finding(path: Path) -> ExportFinding:
    found = verify_export(path).finding
    assert found is not None
    return found


def records(content: bytes) -> list[bytes]:
    """Return the rows of a table as it was written: each ends after an even number of quotation marks."""
    found: list[bytes] = [b""]
    for line in content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
        found[-1] += line
        if found[-1].count(b'"') % 2 == 0:
            found.append(b"")
    return found[:-1]


def rewrite(out: Path, **changes: Any) -> None:
    """Alter the manifest and make it say again that it is as it was written."""
    told = {**manifest(out), **changes}
    told["manifest_sha256"] = manifest_hash(told)
    (out / MANIFEST).write_bytes(manifest_bytes(told))


def test_an_export_is_intact_as_it_was_written(out: Path) -> None:
    report = verify_export(out)
    assert (report.finding, report.is_former, report.newsroom) == (None, False, 1001)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 100_000), bit=st.integers(0, 7))
def test_any_flipped_byte_is_found_and_its_row_named(flippable: Path, name: str, place: int, bit: int) -> None:
    content = (flippable / name).read_bytes()
    place %= len(content)
    altered = bytearray(content)
    altered[place] ^= 1 << bit
    (flippable / name).write_bytes(altered)
    try:
        found = finding(flippable)
    finally:
        (flippable / name).write_bytes(content)
    assert found.file == name
    if name != MANIFEST:
        assert found.row == _row_at(content, place)
        assert found.fault in {ExportFault.ROW_ALTERED, ExportFault.ROW_MISSING}


def _row_at(content: bytes, place: int) -> int:
    """Return the number of the row in which a byte of a table stands."""
    place -= 3
    for number, row in enumerate(records(content), 1):
        place -= len(row)
        if place < 0:
            return number
    raise LookupError(place)


@pytest.mark.parametrize("place", [1, 2, FACTS // 2, FACTS])
@pytest.mark.parametrize(
    ("fault", "altered"),
    [
        (ExportFault.ROW_MISSING, lambda _: b""),
        (ExportFault.ROW_ADDED, lambda row: b'"99","x"\r\n' + row),
        (ExportFault.ROW_ALTERED, lambda row: row.replace(b"Axon", b"Oxon")),
    ],
    ids=["taken away", "added", "altered"],
)
def test_the_first_row_that_is_not_as_it_was_is_named(out: Path, place: int, fault: ExportFault, altered: Any) -> None:
    rows = records((out / "facts.csv").read_bytes())
    rows[place] = altered(rows[place])
    (out / "facts.csv").write_bytes(b"\xef\xbb\xbf" + b"".join(rows))
    assert finding(out) == ExportFinding(fault, "facts.csv", place + 1)


def test_rows_behind_the_last_one_are_found(out: Path) -> None:
    with (out / "citations.csv").open("ab") as file:
        file.write(b'"99"\r\n')
    assert finding(out) == ExportFinding(ExportFault.ROW_ADDED, "citations.csv", FACTS + 2)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_taken_away_is_named(out: Path, name: str) -> None:
    (out / name).unlink()
    fault = ExportFault.MANIFEST_MISSING if name == MANIFEST else ExportFault.FILE_MISSING
    assert finding(out) == ExportFinding(fault, name)


def test_a_file_that_was_added_is_named(out: Path) -> None:
    (out / ".DS_Store").write_text("left by a file manager")
    assert verify_export(out).finding is None
    (out / "letter.txt").write_text("dear editor")
    assert finding(out) == ExportFinding(ExportFault.FILE_ADDED, "letter.txt")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"{", b'{"files": []}', b"\xff", b"[" * 100_000, b'{"newsroom": NaN}', b'{"a": 1, "a": 1}',
        b'{"rows": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(10),
)  # fmt: skip
def test_a_manifest_that_is_none_is_said_to_be_none(out: Path, content: bytes) -> None:
    (out / MANIFEST).write_bytes(content)
    assert finding(out).fault in {ExportFault.MANIFEST_UNREADABLE, ExportFault.MANIFEST_ALTERED}


@pytest.mark.parametrize("name", ["../facts.csv", "/etc/passwd", "", "..", "a/b.csv", "a\\b.csv", MANIFEST])
def test_a_manifest_names_files_beside_it_only(out: Path, name: str) -> None:
    files = manifest(out)["files"]
    rewrite(out, files=[{**files[0], "name": name}, *files[1:]])
    assert finding(out) == ExportFinding(ExportFault.MANIFEST_ALTERED, MANIFEST)


def test_another_manifest_that_agrees_with_itself_is_found_by_the_log_alone(out: Path) -> None:
    before = verify_export(out).manifest_sha256
    rewrite(out, exported_by="43")
    report = verify_export(out)
    assert report.finding is None
    assert report.manifest_sha256 != before


def test_an_export_of_before_there_was_evidence_of_its_rows_is_verified_file_by_file(out: Path) -> None:
    told = manifest(out)
    del told["manifest_sha256"]
    files = [{name: file[name] for name in ("name", "sha256", "rows")} for file in told["files"]]
    (out / MANIFEST).write_bytes(manifest_bytes({**told, "files": files, "audit_head": None}))
    report = verify_export(out)
    assert (report.finding, report.is_former) == (None, True)
    (out / "facts.csv").write_bytes((out / "facts.csv").read_bytes().replace(b"Axon", b"Oxon"))
    assert finding(out) == ExportFinding(ExportFault.FILE_ALTERED, "facts.csv")


async def test_the_zip_that_is_handed_over_is_verified_too(out: Path) -> None:
    [archive] = await packed(out, "faits", limit=0)
    assert verify_export(archive).finding is None
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(archive)
    assert finding(archive).fault is ExportFault.ARCHIVE_DAMAGED


def test_an_altered_quotation_mark_is_not_read_to_the_end_of_a_large_file(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.export.verifying.MOST_ROW_BYTES", 1_000)
    content = (out / "facts.csv").read_bytes()
    (out / "facts.csv").write_bytes(content.replace(b'","', b',","', 1))
    assert finding(out) == ExportFinding(ExportFault.ROW_ALTERED, "facts.csv", 1)


def test_the_manifest_has_a_hash_for_each_row(out: Path) -> None:
    told = json.loads((out / MANIFEST).read_bytes())
    assert {file["name"]: len(file["row_hashes"]) // 8 - file["rows"] for file in told["files"]} == {
        "facts.csv": 1, "citations.csv": 1, "corrections.csv": 1,
    }  # fmt: skip
