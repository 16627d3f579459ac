"""Every cell of docs/permissions.md that a button of a reminder can be, most of them in private messages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from tests.cogs.house import House, shown
from tests.cogs.permission_buttons import REMINDERS, Used
from tests.cogs.permissions import NEVER, World, reading, wrong_cells
from tests.permission_tables import CHANNEL, KNOWS, OTHERS, REMINDER, WHERE, wanted

in_one_house = pytest.mark.asyncio(loop_scope="module")
ACTIONS = {name: "tip erase" if name == "EraseInPrivate" else "tip keep" for name in REMINDERS}
OF_A_REMINDER = [name for name, used in REMINDERS.items() if used.kind == "reminder"]
TIPS = [thing for thing in KNOWS if thing.endswith("tip")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(lasting_house: House) -> AsyncIterator[World]:
    theirs = await lasting_house.newsroom(lasting_house.guild("L\u2019Autre"))
    with reading(lasting_house) as reader:
        yield await World.of(lasting_house, theirs, reader)


def hands() -> Iterator[tuple[str, str]]:
    """Yield who presses, each in their own private messages, then in the newsroom's channel; the owner last."""
    people = [who for who in KNOWS["open tip"] if who not in {"thing", "owner"}]
    yield from ((who, REMINDER) for who in people)
    yield OTHERS, CHANNEL
    yield from (("reporter", CHANNEL), ("owner", CHANNEL), ("owner", REMINDER))


def expected(action: str, who: str, where: str, thing: str) -> str:
    """Return what the page says; under a reminder nothing is left to decide for who may not, nor of what is gone."""
    assert WHERE[REMINDER]["button"] == "answered"
    if who == OTHERS:
        return "no" if where == REMINDER else "unknown"
    said = wanted(action, who, thing)
    return said if said == "yes" or who == "stranger" or action != "tip keep" else "unknown"


async def press(world: World, used: Used, who: str, where: str, number: str) -> tuple[Reply, Member, Channel]:
    custom_id = used.custom_id.replace(":", f":{world.room.guild.id}", 1)
    by, channel = world.at(who, CHANNEL)
    place = by.dm if where == REMINDER else channel
    return await replace(used, custom_id=custom_id).ask(world, by, place, number), by, place


async def outcome(world: World, used: Used, who: str, where: str, number: str) -> str:
    async def pressing(named: str) -> Reply:
        return (await press(world, used, who, where, named))[0]

    answer = await world.answer(pressing(number))
    never = await world.answer(pressing(NEVER if used.kind == "tip" else "ZZZZ-ZZZZ"))
    if answer.is_noted and used.kind == "tip":
        world.standing.clear()
    return world.judge(answer, used.shows, never if never.text == answer.text.replace(number, NEVER) else None, number)


@in_one_house
@pytest.mark.parametrize("button", sorted(REMINDERS.keys() - set(OF_A_REMINDER)))
async def test_who_may_use_what_a_reminder_leads_to(world: World, button: str) -> None:
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for thing in TIPS:
        for who, where in hands():
            number, word = await world.thing("tip", thing.rsplit(maxsplit=1)[0])
            found = await outcome(world, REMINDERS[button], who, where, number)
            cells[button, thing, who, where] = expected(ACTIONS[button], who, where, thing), found
            assert word not in found
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


@in_one_house
async def test_a_reminder_is_its_persons_own(world: World) -> None:
    """Its buttons are unknown to everybody else, editors too, and refused to its person once the role is gone."""
    owner = world.people["owner"]
    for _ in range(2):
        await world.thing("tip", "sensitive", is_fresh=True)
    await owner.slash("help", world.room.desk)
    world.house.at(world.house.clock.now() + timedelta(days=100))
    await world.house.app.visits.save()
    await world.house.app.reminder.remind()
    message = await shown(owner.dm, "Rappel")
    code = str(message.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for button in reversed(OF_A_REMINDER):
        used = REMINDERS[button]
        for who, where in hands():
            said = expected(ACTIONS[button], who, where, "sensitive tip")
            wished = said if who in {"owner", "stranger"} or said == "no" else "unknown"
            if who == "owner" and where == REMINDER:
                roles, owner.roles[:] = owner.roles[:], []
                cells[button, "owner without the role", where] = "no", await outcome(world, used, who, where, code)
                owner.roles[:] = roles
            if who != "owner" or where == REMINDER:
                cells[button, who, where] = wished, await outcome(world, used, who, where, code)
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"
