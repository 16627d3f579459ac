from __future__ import annotations

import sqlite3

import pytest

from bot.models import Notice
from bot.sources import Entity, Loss, Parsed
from bot.storage.reading import spool as spooling
from bot.storage.reading.spool import Entry, Spool
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


def test_batches_of_long_notices_are_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "PAGE_CHARS", 2_500)
    with Spool() as spool:
        spool.add(_parsed(*(make_notice(f"26-{number}", text="a" * 1_000) for number in range(5))))
        assert [len(batch) for batch in spool.batches(4)] == [2, 2, 1]


def test_of_two_copies_the_last_one_is_kept_with_its_checksum() -> None:
    with Spool() as spool:
        spool.add(_parsed(make_notice(buyer="A"), sha256="old"))
        spool.add(_parsed(make_notice("26-2"), make_notice(buyer="B"), sha256="new"))
        kept = [(entry.notice.id, entry.notice.buyer, entry.content_sha256) for entry in _all(spool)]
        assert kept == [("26-2", "Ville de Lyon", "new"), ("26-1", "B", "new")]


@pytest.mark.parametrize("silent", [(True, False), (False, True)])
def test_a_notice_is_silent_only_where_every_copy_is(silent: tuple[bool, bool]) -> None:
    with Spool() as spool:
        for is_silent in silent:
            spool.add(_parsed(make_notice()), is_silent=is_silent)
        spool.add(_parsed(make_notice("26-2")), is_silent=True)
        assert [entry.is_silent for entry in _all(spool)] == [False, True]


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


def test_many_notices_come_back_though_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MEMORY_KIB", 8)
    found = [make_notice(f"26-{number}", text="x" * 1_000) for number in range(500)]
    with Spool() as spool:
        spool.add(_parsed(*found))
        assert [entry.notice for entry in _all(spool)] == found


def test_particulars_come_back() -> None:
    said = (("spend", "10000-25000"), ("sector", "a"), ("sector", "b"))
    with Spool() as spool:
        spool.add(_parsed(make_notice(particulars=said)))
        assert [entry.notice.particulars for entry in _all(spool)] == [said]


def test_what_a_whole_payload_lacks_is_lacking_from_each_of_its_notices() -> None:
    with Spool() as spool:
        found = [make_notice(f"26-{number}") for number in range(5)]
        losses = (Loss("", "amount", "missing"), Loss("26-1", "buyer", "missing"))
        spool.add(Parsed(tuple(found), losses, revision_hashes={one.id: "a" for one in found}))
        assert (spool.losses, spool.lacking) == (2, 6)


def test_entities_come_back_once_each_with_their_entries() -> None:
    with Spool() as spool:
        for fingerprint in ("old", "new"):
            spool.add(Parsed((), entities=(Entity("H1", fingerprint, ("a", "b")), Entity("H2", "x", None))))
        assert [entity for page in spool.entities_read(1) for entity in page] == [Entity("H1", "new", ("a", "b"))]
        assert (spool.entities(), spool.unread_entities(["H1", "H2", "H3"])) == (2, ["H2"])
        assert spool.missing_entities(["H1", "H2", "H3"]) == ["H3"]


def test_a_thread_that_outlives_its_poll_ends_at_its_next_step() -> None:
    with Spool() as spool:
        spool.add(_parsed(make_notice()))
    with pytest.raises(sqlite3.ProgrammingError):
        spool.add(_parsed(make_notice()))


def test_an_empty_spool_has_no_batch() -> None:
    with Spool() as spool:
        assert (len(spool), _all(spool)) == (0, [])
