"""Every cell of docs/permissions.md that a command can be: who types it, about what, and where."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
import pytest_asyncio

from tests.cogs.house import House, Room
from tests.cogs.permission_commands import COMMANDS
from tests.cogs.permissions import NEVER, Answer, World, reading, wrong_cells
from tests.permission_tables import CHANNEL, ELSEWHERE, KNOWS, OTHERS, PRIVATE, THREAD, WHERE, wanted

in_one_house = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def theirs(lasting_house: House) -> Room:
    return await lasting_house.newsroom(lasting_house.guild("L\u2019Autre"))


@pytest.fixture(scope="module")
def reader(lasting_house: House) -> Iterator[sqlite3.Connection]:
    with reading(lasting_house) as connection:
        yield connection


PLACES = {
    "author": list(WHERE)[:4],
    "reporter": [CHANNEL, THREAD],
    "editor": [CHANNEL, PRIVATE],
    "administrator": [CHANNEL, PRIVATE],
}
"""Where each person asks who asks in more places than the channel."""


class Asking:
    """Ask for one action as each person of a newsroom, in each place."""

    def __init__(self, world: World, action: str) -> None:
        self.world, self.action, self.typed = world, action, COMMANDS[action]
        self.never: dict[tuple[str, str], Answer] = {}

    async def answer(self, who: str, where: str, number: str) -> Answer:
        world = self.world
        by, channel = world.at(who, where)
        return await world.answer(self.typed.ask(world, self.action, by, channel, number))

    async def outcome(self, who: str, where: str, thing: str) -> str:
        """Return what became of it in the words of the page, with what was given away where it may not be known."""
        world, typed = self.world, self.typed
        state = typed.state if typed.state != "open" else thing.rsplit(maxsplit=1)[0]
        number, word = await world.thing(typed.kind, state) if typed.kind else ("", "")
        answer = await self.answer(who, where, number)
        if answer.is_noted:
            world.standing.pop((typed.kind, state), None)
        found = world.judge(answer, typed.shows or word, None, number)
        if typed.names and found.startswith("? "):
            if (who, where) not in self.never:
                self.never[who, where] = await self.answer(who, where, NEVER)
            found = world.judge(answer, "", self.never[who, where], number)
        is_elsewhere = who == OTHERS or where == ELSEWHERE
        if (found != "yes" or is_elsewhere) and word and word in answer.text and not typed.repeats:
            return f"gave away {answer.text}"
        is_theirs = is_elsewhere and not answer.is_noted and (found == "yes" or found.startswith("? "))
        return "theirs" if is_theirs else found

    def expected(self, who: str, where: str, thing: str) -> str:
        answer, known = WHERE[where]["command"], thing if thing in KNOWS else None
        if answer == "refused":
            return answer
        return wanted(self.action, OTHERS if answer == "theirs" else who, known)


def things_of(action: str) -> list[str]:
    typed = COMMANDS[action]
    if typed.names and typed.kind in {"tip", "fact"}:
        return [thing for thing in KNOWS if thing.endswith(typed.kind)]
    return ["open thing"]


@in_one_house
@pytest.mark.parametrize("action", COMMANDS)
async def test_who_may_type_a_command_about_what_and_where(
    lasting_house: House, theirs: Room, reader: sqlite3.Connection, action: str
) -> None:
    world = await World.of(lasting_house, theirs, reader)
    await world.thing("item")
    await world.thing("tip")
    asking = Asking(world, action)
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for thing in things_of(action):
        for who in world.people:
            if who == "owner" and COMMANDS[action].kind != "tip":
                continue
            for where in PLACES.get(who, [CHANNEL]):
                expected = asking.expected(who, where, thing)
                cells[action, thing, who, where] = expected, await asking.outcome(who, where, thing)
    lasting_house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"
