"""Changes that were undone before anybody was told of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.composing import compose
from bot.models import Held
from bot.sources import Payload
from tests.factories import add_item, make_item, make_notice, page_of
from tests.pipeline.fates import fates, faults
from tests.pipeline.wire import FIRST, Wire

A, B, C = (datetime(2026, 12, day, 12, tzinfo=UTC) for day in (10, 20, 28))


@pytest.fixture
async def told(wire: Wire) -> Wire:
    """Hold a notice that was announced with the deadline A, and whose message was sent."""
    await wire.poll([make_notice(deadline=A)])
    await wire.send_all()
    return wire


async def poll(wire: Wire, *deadlines: datetime, **said: Any) -> None:
    for deadline in deadlines:
        await wire.poll([make_notice(deadline=deadline, **said)])


async def changes(wire: Wire) -> list[list[tuple[str, str]]]:
    """Return what each message says that changed: from which day till which."""
    return [
        [(change["before"][8:10], change["after"][8:10]) for change in row.details["changes"]]
        for row in await wire.owed()
    ]


async def test_a_change_that_comes_goes_and_comes_again_while_its_message_waits_is_told(told: Wire) -> None:
    await poll(told, B, A, C)
    assert (await changes(told), await faults(told.database)) == ([[], [("10", "28")]], [])


async def test_the_message_on_a_change_that_was_undone_is_taken_back_and_the_digest_owes_nothing_for_it(
    told: Wire,
) -> None:
    await poll(told, B, A)
    assert (await told.about(), [fate.in_digest.value for fate in await fates(told.database)]) == (
        ["26-1 r1"], ["due", "none", "none"],
    )  # fmt: skip
    assert (await told.owed())[0].due_revision == 3
    assert await faults(told.database) == []


async def test_a_change_that_was_told_before_it_was_undone_is_told_to_be_undone(told: Wire) -> None:
    await poll(told, B)
    await told.send_all()
    await poll(told, A)
    assert await changes(told) == [[], [("10", "20")], [("20", "10")]]


async def test_a_notice_of_the_silent_first_poll_is_silent_again_once_its_change_is_undone(fresh: Wire) -> None:
    await poll(fresh, A, B, A)
    assert (await fresh.owed(), await fresh.held()) == ([], [Held.BASELINE] * 3)


async def test_a_message_that_brings_a_new_item_stays_for_it_when_the_change_is_undone(told: Wire) -> None:
    await add_item(told.database, make_item("drone"))
    await poll(told, B, A, title="Caméras-piétons et drones")
    assert (await told.about(), await changes(told)) == (["26-1 r1", "26-1 r2"], [[], []])
    async with told.database.read() as connection:
        card = (await compose(connection, (await told.owed())[1], told.clock.now())).card
    assert "drone" in " ".join(field.label for field in card.fields)
    assert await faults(told.database) == []


async def test_a_new_item_that_comes_as_the_change_is_undone_is_told_by_the_message_that_waits(told: Wire) -> None:
    await add_item(told.database, make_item("drone"))
    await poll(told, B)
    await poll(told, A, title="Caméras-piétons et drones")
    assert (await told.about(), await changes(told)) == (["26-1 r1", "26-1 r2"], [[], []])
    assert await faults(told.database) == []


async def test_a_message_for_a_new_item_that_waits_says_what_changed_since(told: Wire) -> None:
    await add_item(told.database, make_item("drone"))
    await poll(told, A, B, title="Caméras-piétons et drones")
    assert await changes(told) == [[], [("10", "20")]]


async def test_what_only_the_whole_of_a_reduced_notice_said_is_no_change_later(wire: Wire) -> None:
    reduced = make_notice(title="Fournitures", text="", deadline=None)
    await wire.poll(Payload(page_of(reduced), is_reduced=True))
    await poll(wire, A)
    assert await changes(wire) == [[]]
    await poll(wire, A, buyer="Métropole")
    (waiting,) = await wire.owed()
    assert [change["field"] for change in waiting.details["changes"]] == ["buyer"]


async def test_what_continued_a_message_that_is_taken_back_continues_the_one_before(told: Wire) -> None:
    await poll(told, B)
    await told.poll([FIRST, make_notice("26-2", procedure="gazette:26-1", title="Attribution", text="")])
    async with told.database.tx("test.follows") as connection:
        await connection.run("UPDATE announcement SET follows = 2 WHERE id = 3")
    await poll(told, A)
    assert [row.follows for row in await told.owed()] == [None, 1]
