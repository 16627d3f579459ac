from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.models import QuietDays, SourceNews, SourceState, SourceTrouble
from bot.storage.reading import sources
from tests.digest.world import Desk, open_desk
from tests.factories import START

LIMIT = timedelta(days=2)
HOUR = timedelta(hours=1)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Open a desk whose bot reads two sources."""
    async with open_desk(tmp_path, quiet_limits={"gazette": LIMIT, "boamp": LIMIT}) as opened:
        yield opened


async def state(desk: Desk, source: str = "gazette", **said: Any) -> None:
    """Store what is known of a source; one that answered an hour ago and brought something, if nothing else is said."""
    values = {"succeeded_at": START - HOUR, "new_at": START - HOUR, **said}
    if values.get("failures"):
        values = {"failing_since": START - HOUR, "error": "status 500", **values}
    if values.get("told"):
        values = {"told_since": START - HOUR, **values}
    async with desk.database.tx("test.state") as connection:
        await sources.save(connection, SourceState(source=source, **values))


async def told_of(desk: Desk, source: str = "gazette") -> SourceNews:
    """Have a digest made, and return what it says of a source."""
    [*_, last] = await desk.make(await desk.schedule())
    return next(one for one in last.sources if one.source == source)


async def test_a_source_that_answers_is_told_with_when_it_was_read(desk: Desk) -> None:
    await state(desk)
    assert await told_of(desk) == SourceNews(source="gazette", read_at=START - HOUR, notices=0)


async def test_the_notices_are_those_never_seen_before_since_the_last_digest(desk: Desk) -> None:
    await state(desk)
    await desk.notice(1)
    digest = await desk.schedule()
    await desk.notice(2)
    await desk.notice(2, title="Avis 2 rectifié")
    await desk.notice(3)
    await desk.notice(4, source="boamp")
    first, second = await desk.make(digest), await desk.make(digest)
    assert [{one.source: one.notices for one in parts[-1].sources} for parts in (first, second)] == [
        {"gazette": 2, "boamp": 1},
        {"gazette": 0, "boamp": 0},
    ]


async def test_a_source_that_never_answered_says_so(desk: Desk) -> None:
    assert await told_of(desk) == SourceNews(source="gazette", read_at=None, notices=0, trouble=SourceTrouble.WAITING)


@pytest.mark.parametrize("said", [{"failures": 1}, {"not_before": START + HOUR}], ids=["failing", "paused"])
async def test_a_source_that_never_answered_says_so_though_it_was_tried(desk: Desk, said: dict[str, Any]) -> None:
    await state(desk, succeeded_at=None, new_at=None, **said)
    assert (await told_of(desk)).trouble is SourceTrouble.WAITING


async def test_a_source_that_failed_is_no_trouble_before_people_were_told(desk: Desk) -> None:
    await state(desk, failures=2)
    assert (await told_of(desk)).trouble is None


async def test_a_failing_source_of_which_people_were_told_says_so_with_its_last_answer(desk: Desk) -> None:
    await state(desk, failures=3, told="source_failing")
    news = await told_of(desk)
    assert (news.trouble, news.since) == (SourceTrouble.FAILING, START - HOUR)


async def test_a_failing_source_that_never_answered_says_since_when_it_fails(desk: Desk) -> None:
    await state(desk, succeeded_at=None, new_at=None, failures=3, told="source_failing", failing_since=START - 2 * HOUR)
    news = await told_of(desk)
    assert (news.trouble, news.since) == (SourceTrouble.FAILING, START - 2 * HOUR)


@pytest.mark.parametrize(
    ("new_at", "trouble"), [(START - LIMIT, None), (START - LIMIT - HOUR, SourceTrouble.SILENT)], ids=str
)
async def test_a_source_that_brings_nothing_new_for_too_long_is_silent(
    desk: Desk, new_at: datetime, trouble: SourceTrouble | None
) -> None:
    await state(desk, new_at=new_at)
    news = await told_of(desk)
    assert (news.trouble, news.since) == (trouble, new_at if trouble else None)


@pytest.mark.parametrize("said", [{"failures": 1}, {"not_before": START + HOUR}], ids=["failing", "paused"])
async def test_a_silent_source_stays_so_though_one_poll_failed_or_waits(desk: Desk, said: dict[str, Any]) -> None:
    await state(desk, new_at=START - 2 * LIMIT, **said)
    assert (await told_of(desk)).trouble is SourceTrouble.SILENT


async def test_a_source_that_loses_far_more_than_usual_is_told(desk: Desk) -> None:
    await state(desk, degraded_since=START - HOUR)
    news = await told_of(desk)
    assert (news.trouble, news.since) == (SourceTrouble.DEGRADED, START - HOUR)


async def test_sources_that_are_not_read_are_not_told(desk: Desk) -> None:
    await state(desk, "ted", failures=9, told="source_failing")
    [part] = await desk.make(await desk.schedule())
    assert [one.source for one in part.sources] == ["gazette", "boamp"]


async def test_a_quiet_day_is_said_in_one_message(desk: Desk) -> None:
    await state(desk)
    await state(desk, "boamp")
    [part] = await desk.make(await desk.schedule())
    assert part.is_empty


async def test_a_quiet_day_is_silent_where_the_newsroom_wants_it(desk: Desk) -> None:
    await desk.settings(quiet_days=QuietDays.SILENT)
    await state(desk)
    await state(desk, "boamp")
    assert await desk.make(await desk.schedule()) == []


@pytest.mark.parametrize(
    "said",
    [
        {"failures": 3, "told": "source_failing"},
        {"new_at": START - 2 * LIMIT},
        {"succeeded_at": None, "new_at": None},
    ],
    ids=["failing", "silent", "never answered"],
)
async def test_no_day_is_silent_while_a_source_is_in_trouble(desk: Desk, said: dict[str, Any]) -> None:
    await desk.settings(quiet_days=QuietDays.SILENT)
    await state(desk, **said)
    await state(desk, "boamp")
    assert len(await desk.make(await desk.schedule())) == 1


async def test_a_day_is_silent_though_sources_were_read_and_one_failed_once(desk: Desk) -> None:
    await desk.settings(quiet_days=QuietDays.SILENT)
    digest = await desk.schedule()
    await state(desk, failures=1)
    await state(desk, "boamp")
    await desk.notice(1)
    assert await desk.make(digest) == []
