"""Who goes first: people before chores, each in their order, and nobody who was cancelled."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext

from bot.storage.turns import Turns, giving_way


async def queue(turns: Turns, went: list[str], name: str, *, is_chore: bool = False) -> asyncio.Task[None]:
    """Have somebody wait for a turn; return the task once it waits or went."""

    async def go() -> None:
        async with turns:
            went.append(name)

    with giving_way() if is_chore else nullcontext():
        task = asyncio.create_task(go())
    await asyncio.sleep(0)
    return task


async def test_people_go_before_chores_that_waited_longer_and_each_in_their_order() -> None:
    turns, went = Turns(), list[str]()
    async with turns:
        tasks = [
            await queue(turns, went, name, is_chore=name.startswith("chore"))
            for name in ("chore 1", "chore 2", "person 1", "chore 3", "person 2")
        ]
    await asyncio.gather(*tasks)
    assert went == ["person 1", "person 2", "chore 1", "chore 2", "chore 3"]


async def test_only_so_many_are_inside() -> None:
    turns, went = Turns(2), list[str]()
    async with turns, turns:
        assert turns.locked()
        task = await queue(turns, went, "third")
        assert went == []
    await task
    assert (went, turns.locked()) == (["third"], False)


async def test_one_that_is_cancelled_while_it_waits_is_passed_over() -> None:
    turns, went = Turns(), list[str]()
    async with turns:
        first, second = await queue(turns, went, "first"), await queue(turns, went, "second")
        first.cancel()
        await asyncio.sleep(0)
    await second
    assert (went, turns.locked()) == (["second"], False)


async def test_one_that_is_cancelled_as_its_turn_comes_hands_it_on() -> None:
    turns, went = Turns(), list[str]()
    async with turns:
        first, second = await queue(turns, went, "first"), await queue(turns, went, "second")
    first.cancel()
    await second
    assert (went, turns.locked(), first.cancelled()) == (["second"], False, True)
