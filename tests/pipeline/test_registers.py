from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from bot.errors import SourceError
from bot.pipeline import PollReport
from bot.pipeline import registers as comparing
from bot.storage.database import Connection
from bot.storage.reading import registers, sources
from tests.pipeline.register import RegisterSource, crowd, entry, organisation
from tests.pipeline.wire import NO_CLIENT, Kill, Wire, kill_at

WATCHED = "Conseil en caméras-piétons"
"""A title that the newsroom's item matches."""


class Desk:
    """Hold a pipeline over a register that had its silent first poll."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.source = RegisterSource()

    async def dump(self, *parts: dict[str, Any]) -> PollReport:
        """Poll a dump of these organisations, beside those that stay."""
        self.source.read.clear()
        self.source.dump = {name: found for part in (crowd(), *parts) for name, found in part.items()}
        return await self.wire.poll(source=self.source)

    async def revisions(self, notice_id: str) -> list[str | None]:
        """Return of what kind each stored revision of a notice is."""
        async with self.wire.database.read() as connection:
            rows = await connection.all(
                """
                SELECT kind FROM notice_revision WHERE notice_id =
                    (SELECT id FROM notice WHERE source = 'register' AND source_id = ?) ORDER BY revision
                """,
                notice_id,
            )
        return [row["kind"] for row in rows]

    async def entities(self) -> set[str]:
        """Return the organisations that are stored, but for those that stay."""
        async with self.wire.database.read() as connection:
            return set(await registers.missing_since(connection, "register")) - set(crowd())

    async def dumps(self) -> int:
        """Return how many dumps were compared."""
        async with self.wire.database.read() as connection:
            return (await sources.find(connection, "register")).dumps


@pytest.fixture
async def desk(fresh: Wire) -> Desk:
    desk = Desk(fresh)
    await desk.dump(organisation("H1", "a", "b", title=WATCHED), organisation("H2"))
    return desk


IN, OUT = "registration", "cancellation"


async def test_the_first_dump_is_silent(desk: Desk) -> None:
    assert (await desk.wire.owed(), await desk.revisions("H1:a")) == ([], [IN])


async def test_only_what_changed_is_read_again(desk: Desk) -> None:
    report = await desk.dump(organisation("H1", "a", "b", title=WATCHED), organisation("H2", "new"))
    assert (desk.source.read, report.tally.read, report.tally.new) == (["H2"], 2, 1)


async def test_a_dump_in_which_nothing_changed_is_a_success(desk: Desk) -> None:
    report = await desk.dump(organisation("H1", "a", "b", title=WATCHED), organisation("H2"))
    assert (report.error, report.tally.read) == (None, 0)


async def test_an_organisation_that_one_dump_lacks_is_still_there(desk: Desk) -> None:
    await desk.dump(organisation("H2"))
    assert await desk.revisions("H1") == [IN]


async def test_an_organisation_that_two_dumps_lack_is_gone_and_that_is_announced_once(desk: Desk) -> None:
    for _ in range(4):
        await desk.dump(organisation("H2"))
    assert await desk.revisions("H1") == [IN, OUT]
    assert await desk.wire.about() == ["register:H1 r2"]


async def test_the_notice_of_an_organisation_tells_that_it_is_gone_and_its_others_stay_as_they_were(desk: Desk) -> None:
    for _ in range(2):
        await desk.dump(organisation("H2"))
    assert (await desk.revisions("H1"), await desk.revisions("H1:a")) == ([IN, OUT], [IN])


async def test_an_entity_without_a_notice_of_its_own_is_gone_with_all_its_notices(desk: Desk) -> None:
    await desk.dump({"H3": [entry("H3:a"), entry("H3:b")]})
    for _ in range(3):
        await desk.dump()
    assert [await desk.revisions(name) for name in ("H3:a", "H3:b")] == [[IN, OUT]] * 2


async def test_an_organisation_that_comes_back_before_it_is_gone_was_never_away(desk: Desk) -> None:
    for parts in ((), (organisation("H2"),), (), (organisation("H2"),), ()):
        await desk.dump(*parts)
    assert await desk.revisions("H2") == [IN]


async def test_an_organisation_that_comes_back_after_it_was_gone_is_read_as_it_is(desk: Desk) -> None:
    for parts in ((), (), (organisation("H2"),), (), ()):
        await desk.dump(*parts)
    assert await desk.revisions("H2") == [IN, OUT, IN, OUT]


async def test_a_notice_that_vanishes_from_an_organisation_is_gone_with_the_second_dump(desk: Desk) -> None:
    fewer = organisation("H1", "b", title=WATCHED)
    await desk.dump(fewer, organisation("H2"))
    assert await desk.revisions("H1:a") == [IN]
    await desk.dump(fewer, organisation("H2"))
    assert desk.source.read == []
    assert [await desk.revisions(name) for name in ("H1", "H1:a", "H1:b")] == [[IN], [IN, OUT], [IN]]


async def test_a_notice_that_vanished_is_gone_though_its_organisation_changes_again(desk: Desk) -> None:
    await desk.dump(organisation("H1", "b"), organisation("H2"))
    await desk.dump(organisation("H1", "b", "c"), organisation("H2"))
    assert [await desk.revisions(name) for name in ("H1:a", "H1:b", "H1:c")] == [[IN, OUT], [IN], [IN]]


async def test_a_notice_that_comes_back_is_read_as_it_is(desk: Desk) -> None:
    for entries in (("b",), ("b",), ("a", "b"), ("b",), ("a", "b")):
        await desk.dump(organisation("H1", *entries), organisation("H2"))
    assert await desk.revisions("H1:a") == [IN, OUT, IN]


async def test_a_notice_that_moves_to_another_organisation_is_not_gone(desk: Desk) -> None:
    moved = {"H2": [entry("H2"), entry("H1:a")]}
    for _ in range(3):
        await desk.dump(organisation("H1", "b"), moved)
    assert await desk.revisions("H1:a") == [IN]


@pytest.mark.parametrize("is_whole_entity", [False, True])
async def test_a_notice_that_another_organisation_still_has_is_not_gone(desk: Desk, *, is_whole_entity: bool) -> None:
    stays = organisation("H1", "a", "b", title=WATCHED)
    shared = {"H4": [entry("H4"), entry("shared")]}
    await desk.dump(stays, {"H2": [entry("shared")]}, shared)
    after = {} if is_whole_entity else {"H2": [entry("H2:new")]}
    for _ in range(3):
        await desk.dump(stays, after, shared)
    assert await desk.revisions("shared") == [IN]


async def test_a_notice_that_two_organisations_had_is_gone_once_neither_has_it(desk: Desk) -> None:
    stays = organisation("H1", "a", "b", title=WATCHED)
    first, second = {"H2": [entry("H2")]}, {"H4": [entry("H4")]}
    await desk.dump(stays, {"H2": [entry("H2"), entry("shared")]}, {"H4": [entry("H4"), entry("shared")]})
    for _ in range(2):
        await desk.dump(stays, first, second)
    assert await desk.revisions("shared") == [IN, OUT]


async def test_a_large_register_is_read_by_the_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "PAGE", 5)
    sizes: list[int] = []
    reading = Connection.all

    async def read(connection: Connection, sql: str, *values: Any) -> list[Any]:
        rows = await reading(connection, sql, *values)
        sizes.append(len(rows))
        return rows

    monkeypatch.setattr(Connection, "all", read)
    async with desk.wire.database.read() as connection:
        known = await registers.fingerprints(connection, "register", 1)
        since = await registers.missing_since(connection, "register")
    assert (known.keys(), len(since), max(sizes)) == (since.keys(), 22, 5)


async def test_a_dump_that_shrank_by_more_than_a_tenth_is_refused_and_nothing_of_it_is_stored(desk: Desk) -> None:
    desk.source.dump = dict(list(crowd().items())[:18]) | organisation("H1", "c")
    before = await desk.wire.dump("source_state")
    report = await desk.wire.poll(source=desk.source)
    error = SourceError.from_kept(report.error or "")
    assert error.values == {"source": "register", "found": "19", "before": "22"}
    assert await desk.wire.dump("source_state") == before


async def test_a_register_that_really_shrank_is_taken_once_it_is_accepted_and_by_each_poll_from_then_on(
    desk: Desk,
) -> None:
    desk.source.dump = dict(list(crowd().items())[:15])
    assert (await desk.wire.poll(source=desk.source)).error is not None
    accepted = await desk.wire.pipeline.poll(desk.source, NO_CLIENT, accepts_smaller=True)
    assert (accepted.error, await desk.entities()) == (None, {"H1", "H2"})
    assert (await desk.wire.poll(source=desk.source)).error is None
    assert await desk.entities() == set()


async def test_a_dump_of_other_organisations_is_refused_though_they_are_as_many(desk: Desk) -> None:
    desk.source.dump = {**dict(list(crowd().items())[:18]), **organisation("N1"), **organisation("N2", "a", "b")}
    assert (await desk.wire.poll(source=desk.source)).error is not None


async def test_a_dump_that_shrank_by_less_than_a_tenth_is_taken(desk: Desk) -> None:
    assert (await desk.dump()).error is None


async def test_what_two_dumps_lacked_is_no_longer_missing_from_the_third(desk: Desk) -> None:
    """22 organisations, then twice 20: a dump of 18 is nine tenths of the last one."""
    for _ in range(2):
        await desk.dump()
    desk.source.dump = dict(list(crowd().items())[:18])
    assert (await desk.wire.poll(source=desk.source)).error is None


async def test_a_dump_that_is_cut_stores_nothing(desk: Desk) -> None:
    before = await desk.wire.dump("source_state")
    desk.source.breaks_at = "H2"
    assert (await desk.dump(organisation("H1", "z"), organisation("H2"))).error is not None
    assert await desk.wire.dump("source_state") == before


async def test_an_answer_that_has_nothing_newer_counts_as_no_dump(desk: Desk) -> None:
    await desk.dump(organisation("H1"))
    desk.source.is_unchanged = True
    assert (await desk.dump()).error is None
    assert await desk.entities() == {"H1", "H2"}


async def test_from_a_register_of_which_a_part_was_not_sent_again_nothing_is_missing(desk: Desk) -> None:
    desk.source.is_partly_unchanged = True
    for _ in range(3):
        desk.source.dump = organisation("H1", "a", "c", title=WATCHED)
        await desk.wire.poll(source=desk.source)
    assert [await desk.revisions(name) for name in ("H2", "C000", "H1:c")] == [[IN]] * 3


async def test_newer_rules_for_the_hash_read_everything_again_in_silence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RegisterSource, "revision_hash_version", 2)
    same = organisation("H1", "a", "b", title=WATCHED), organisation("H2")
    report = await desk.dump(*same)
    assert (len(desk.source.read), report.tally.changed, await desk.wire.owed()) == (22, 0, [])
    async with desk.wire.database.read() as connection:
        assert not await connection.all("SELECT 1 FROM notice WHERE content_version <> 2")
    await desk.dump(*same)
    assert desk.source.read == []


async def test_what_is_gone_is_told_though_the_rules_for_the_hash_are_newer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.dump(organisation("H2"))
    monkeypatch.setattr(RegisterSource, "revision_hash_version", 2)
    await desk.dump(organisation("H2"))
    assert await desk.revisions("H1") == [IN, OUT]


@pytest.mark.parametrize("number", range(1, 15))
async def test_a_comparison_stopped_anywhere_and_repeated_counts_each_dump_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """H1 loses a notice and H2 is missing; however often the dump is begun, it is one dump."""
    monkeypatch.setattr("bot.pipeline.poll.BATCH", 2)
    monkeypatch.setattr(comparing, "ENTITIES", 1)
    shrunk = organisation("H1", "b", "c", title=WATCHED)
    for dumps, of_missing in ((2, [IN]), (3, [IN, OUT])):
        with monkeypatch.context() as patch, suppress(Kill):
            kill_at(patch, number)
            await desk.dump(shrunk)
        if (await desk.dumps()) < dumps:
            await desk.dump(shrunk)
        revisions = [await desk.revisions(name) for name in ("H1:a", "H1:c", "H2")]
        assert revisions == [of_missing, [IN], of_missing]
    assert await desk.wire.about() == []


async def test_a_poll_that_stops_before_the_entities_are_stored_reads_them_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = organisation("H1", "a", "b", "c", title=WATCHED)
    with monkeypatch.context() as patch:
        patch.setattr(registers, "save", _kill)
        with pytest.raises(Kill):
            await desk.dump(changed, organisation("H2"))
    await desk.dump(changed, organisation("H2"))
    assert desk.source.read == ["H1"]


async def _kill(*_: object) -> None:
    raise Kill
