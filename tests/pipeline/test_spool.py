from __future__ import annotations

import pytest

from bot.models import Notice
from bot.pipeline import spool as spooling
from bot.pipeline.spool import Entry, Spool
from bot.sources import Loss, Parsed
from tests.factories import make_notice


def _parsed(*found: Notice, sha256: str = "a") -> Parsed:
    return Parsed(found, revision_hashes={notice.id: sha256 for notice in found})


def _all(spool: Spool, size: int = 2) -> list[Entry]:
    return [entry for batch in spool.batches(size) for entry in batch]


def test_notices_come_back_as_they_were_in_their_order() -> None:
    found = [make_notice(f"26-{number}", text="é\n\u2028\U0001f4f7") for number in range(5)]
    with Spool() as spool:
        spool.add(_parsed(*found[:3]))
        spool.add(_parsed(*found[3:]))
        assert [entry.notice for entry in _all(spool)] == found


def test_batches_have_the_size_that_was_asked() -> None:
    with Spool() as spool:
        spool.add(_parsed(*(make_notice(f"26-{number}") for number in range(5))))
        assert [len(batch) for batch in spool.batches(2)] == [2, 2, 1]


def test_of_two_copies_the_last_one_is_kept_with_its_checksum() -> None:
    with Spool() as spool:
        spool.add(_parsed(make_notice(buyer="A"), sha256="old"))
        spool.add(_parsed(make_notice("26-2"), make_notice(buyer="B"), sha256="new"))
        kept = [(entry.notice.id, entry.notice.buyer, entry.content_sha256) for entry in _all(spool)]
        assert kept == [("26-2", "Ville de Lyon", "new"), ("26-1", "B", "new")]


def test_copies_count_once() -> None:
    with Spool() as spool:
        for _ in range(2):
            spool.add(_parsed(make_notice()))
        assert len(spool) == 1


def test_what_was_lost_and_what_is_unknown_add_up() -> None:
    with Spool() as spool:
        for name in ("a", "b"):
            spool.add(Parsed((), (Loss("", "x", "missing"),), frozenset({name})))
        assert (spool.losses, spool.unknown_fields) == (2, {"a", "b"})


def test_many_notices_go_to_disk_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MEMORY_BYTES", 1_000)
    found = [make_notice(f"26-{number}") for number in range(50)]
    with Spool() as spool:
        spool.add(_parsed(*found))
        assert spool._file._rolled  # type: ignore[attr-defined]  # what this test is about
        assert [entry.notice for entry in _all(spool)] == found


def test_an_empty_spool_has_no_batch() -> None:
    with Spool() as spool:
        assert (bool(spool), _all(spool)) == (False, [])
