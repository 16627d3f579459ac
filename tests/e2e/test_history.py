"""The history of a source, asked for in Discord or on the command line: read once, in silence, and found then."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.loopback import Reply
from bot.loopback.publishers import PublisherFault, Record
from bot.loopback.publishers.boamp_records import fns_notice
from tests.command_line import BAD_DATA, DONE, on_a_terminal, vigie_beside
from tests.e2e.nursery import Nursery
from tests.e2e.world import PATIENCE_S, World, in_days, today, words_of, world

AGES = range(10, 70, 10)
"""How many days ago the notices of the history were published, newest first."""

SINCE = today() - timedelta(days=63)


@pytest.fixture
async def archive(tmp_path: Path, nursery: Nursery) -> AsyncIterator[World]:
    """Give a newsroom whose source has a history that names what the newsroom follows."""
    async with world(tmp_path, nursery) as made:
        made.boamp.records += [camera(age, age=age) for age in AGES]
        yield made


async def test_a_history_is_told_by_one_message_that_is_edited_and_is_never_announced(archive: World) -> None:
    await archive.ready()
    # What polls no longer read, and would be news if they did.
    archive.boamp.records.append(camera(5, age=5))
    reply = await begin(archive)
    assert "commence" in reply.text
    await until_whole(archive)
    (told,) = archive.posted(archive.operations)
    assert told.edits > 0
    assert "Lu en entier" in words_of(told)
    assert f"{len(AGES) + 1} avis lus, dont {len(AGES) + 1} nouveaux" in words_of(told)
    assert archive.posted() == []


async def test_what_a_history_brought_is_found_and_answers_a_new_item(archive: World) -> None:
    await archive.ready()
    await begin(archive)
    await until_whole(archive)
    await archive.until_indexed()
    found = await archive.reporter.slash("search", archive.announcements, query="tranche")
    assert sorted(map(int, re.findall(r"Caméras-piétons, \*\*tranche\*\* (\d+)", found.text))) == [*AGES]
    added = await archive.reporter.slash("watch add", archive.announcements, kind="keyword", name="tranche")
    assert "tranche" in added.text
    (hits,) = archive.rows("SELECT count(DISTINCT notice_id) AS notices FROM hit")
    assert hits["notices"] == len(AGES)


async def test_a_history_goes_on_from_where_the_process_was_killed(archive: World) -> None:
    bot = await archive.ready()
    await bot.stop()
    archive.configure(every="1h")
    bot = await archive.started()
    archive.boamp.fail_next(PublisherFault.HANG, after=3)
    await begin(archive)
    await archive.boamp.wait_for_request(len(archive.boamp.requests) + 1)
    while len(windows(archive)) < 4:
        await archive.boamp.wait_for_request(len(archive.boamp.requests) + 1)
    await bot.kill()
    await archive.started()
    await until_whole(archive)
    broken_off = windows(archive)[3]
    assert windows(archive).pop(4) == broken_off
    assert len(windows(archive)) == len({*windows(archive)}) + 1
    (told,) = archive.posted(archive.operations)
    assert f"{len(AGES)} avis lus, dont {len(AGES)} nouveaux" in words_of(told)
    assert archive.posted() == []


async def test_a_source_that_a_newsroom_paused_is_read_and_not_announced_until_it_goes_on(archive: World) -> None:
    await archive.ready()
    paused = await archive.editor.slash("source pause", archive.announcements, source="boamp")
    assert "est suspendue" in paused.text
    archive.boamp.records.append(camera(1, age=0))
    await archive.until_polled()
    resumed = await archive.editor.slash("source resume", archive.announcements, source="boamp")
    assert "de nouveau annoncée" in resumed.text
    archive.boamp.records.append(camera(2, age=0))
    (message,) = await archive.shown(1)
    assert "tranche 2" in words_of(message)
    await archive.until_polled()
    assert archive.posted() == [message]
    hits = await archive.reporter.slash("watch hits", archive.announcements, item="caméra-piéton")
    assert "tranche 1" in hits.text


async def test_a_history_on_the_command_line_goes_on_with_the_next_run_from_where_it_failed(archive: World) -> None:
    archive.boamp.records.append(camera(0, age=0))
    command = ("poll", "boamp", "--since", SINCE, "--config", archive.configure())
    archive.boamp.fail_next(PublisherFault.ERROR, after=4)
    failed = await vigie_beside(*command)
    assert failed.returncode == BAD_DATA
    assert "run the same command again" in failed.stderr.casefold()
    ended = await vigie_beside(*command)
    assert ended.returncode == DONE
    assert f"{len(AGES)} notices of history read" in ended.stderr
    asked = windows(archive)
    assert asked.pop(4) == asked[3]
    assert len(asked) == len({*asked})
    assert len(archive.rows("SELECT 1 FROM notice")) == len(AGES) + 1
    assert archive.rows("SELECT 1 FROM announcement") == []


async def test_only_a_terminal_is_shown_how_far_a_history_is(archive: World) -> None:
    archive.boamp.records.append(camera(0, age=0))
    command = ("poll", "boamp", "--since", SINCE, "--config", archive.configure())
    shown = await asyncio.to_thread(on_a_terminal, *command)
    assert "History of boamp" in shown
    assert "100 %" in shown
    archive.database.unlink()
    silent = await vigie_beside(*command)
    assert "History of boamp" not in silent.stdout + silent.stderr


def camera(tranche: int, *, age: int) -> Record:
    """Return a tender of some days ago that names what the newsroom follows."""
    return fns_notice(
        idweb=f"26-{500 + tranche}",
        objet=f"Caméras-piétons, tranche {tranche}",
        published=today() - timedelta(days=age),
        deadline=in_days(90),
    )


def windows(desk: World) -> list[str]:
    """Return the windows of history that the source was asked for, in their order."""
    return [asked.params["where"] for asked in desk.boamp.requests if " < " in asked.params["where"]]


async def begin(desk: World) -> Reply:
    """Ask for the history, as an administrator does."""
    return await desk.admin.slash("source backfill", desk.announcements, source="boamp", since=f"{SINCE}")


async def until_whole(desk: World) -> None:
    """Wait until a history is read whole, and all that tells of it is sent."""
    async with asyncio.timeout(PATIENCE_S):
        while not desk.rows("SELECT 1 FROM backfill WHERE ended_at IS NOT NULL"):
            await asyncio.sleep(0.02)
    await desk.until_settled()
