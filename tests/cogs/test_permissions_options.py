"""What each option proposes to whom: every row of docs/permissions.md about options, on one furnished newsroom."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.cogs.house import House
from tests.cogs.permissions import World, reading, wrong_cells
from tests.permission_tables import (
    CHANNEL,
    ELSEWHERE,
    KNOWS,
    OTHERS,
    PRIVATE,
    RULES,
    TABLES,
    THREAD,
    WHERE,
    coded,
    wanted,
)

in_one_house = pytest.mark.asyncio(loop_scope="module")
PROPOSED = {row["proposed"]: coded(row["options"]) for row in TABLES["What options propose"]}
TO_ACT = " to act on"

MADE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "tips": tuple((thing, "tip", thing.rsplit(maxsplit=1)[0]) for thing in KNOWS if thing.endswith("tip")),
    "facts": tuple((thing, "fact", thing.rsplit(maxsplit=1)[0]) for thing in KNOWS if thing.endswith("fact")),
    "watch items": (("an item", "item", "open"), ("a muted item", "item", "muted")),
    "muted items": (("a muted item", "item", "muted"),),
    "removed items": (("a removed item", "item", "removed"),),
    "open dossiers": (("a dossier", "dossier", "open"),),
    "closed dossiers": (("a closed dossier", "dossier", "closed"),),
    "dossiers": (("a dossier", "dossier", "open"), ("a closed dossier", "dossier", "closed")),
    "digests": (("a digest", "digest", "open"),),
    "announcements": (("an announcement", "notice", "open"),),
}
MADE["items, tips and facts"] = (*MADE["tips"], *MADE["facts"], *MADE["watch items"])
MADE["whose words a source is"] = MADE["facts"]
"""The things of the newsroom that a row of the page is about: how the page calls each, its kind and its state."""
FIXED = {"sources": "boamp", "times and time zones": ""}
"""What every newsroom is proposed."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(lasting_house: House) -> AsyncIterator[World]:
    theirs = await lasting_house.newsroom(lasting_house.guild("L\u2019Autre"))
    with reading(lasting_house) as reader:
        made = await World.of(lasting_house, theirs, reader)
        for _, kind, state in {thing for things in MADE.values() for thing in things}:
            await made.thing(kind, state)
        yield made


async def proposals(world: World, who: str, where: str, option: str, typed: str = "", fact: str = "") -> str:
    """Return all that an option proposes, names and values, in lower case."""
    command, _, name = option.rpartition(" ")
    by, channel = world.at(who, where)
    filled = {"fact": fact} if fact else None
    found = await by.autocomplete(command, option=name, typed=typed, channel=channel, filled=filled, force=True)
    return "\n".join(f"{choice.name} = {choice.value}" for choice in found).lower()


def may_be_proposed(proposed: str, option: str, who: str, thing: str) -> bool:
    """Return whether the page lets somebody be proposed a thing in an option."""
    action = option.rpartition(" ")[0]
    known = thing if thing in KNOWS else None
    at_best = RULES[action]["author, owner" if who in {"author", "owner", "reporter"} else who]
    if who == OTHERS or at_best == "no":
        return False
    if known is not None and "sees" not in {KNOWS[known][who], KNOWS[known]["reporter"] if who == "owner" else ""}:
        return False
    return wanted(action, who, known) == "yes" if proposed.endswith(TO_ACT) else True


def asked() -> Iterator[tuple[str, str]]:
    yield from (
        (who, CHANNEL) for who in ("stranger", "reporter", "author", "owner", "editor", "administrator", OTHERS)
    )
    yield from (("author", THREAD), ("author", PRIVATE), ("editor", PRIVATE), ("author", ELSEWHERE))


def expected(proposed: str, option: str, who: str, where: str, things: dict[str, tuple[str, str]]) -> set[str]:
    """Return which of the things the page lets be proposed there."""
    if WHERE[where]["option"] != "proposes":
        return set()
    return {thing for thing in things if may_be_proposed(proposed, option, who, thing)}


@in_one_house
@pytest.mark.parametrize("proposed", sorted(PROPOSED.keys() - FIXED.keys() - {"holders of tips"}))
async def test_an_option_proposes_what_its_person_may_know_of_and_nothing_else(world: World, proposed: str) -> None:
    things = {thing: world.standing[kind, state] for thing, kind, state in MADE[proposed.removesuffix(TO_ACT)]}
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for option in PROPOSED[proposed]:
        for who, where in asked():
            if who == "owner" and "tips" not in proposed:
                continue
            seen = await proposals(world, who, where, option)
            found = {thing for thing, (_, word) in things.items() if word.lower() in seen}
            wished = expected(proposed, option, who, where, things)
            cells[option, who, where, "all"] = listed(wished), listed(found)
            if WHERE[where]["option"] == "nothing" or who == "stranger":
                cells[option, who, where, "nothing at all"] = "", seen
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


HIDING = re.compile("tips|facts|words")
HIDDEN = [thing for thing in KNOWS if KNOWS[thing]["reporter"] != "sees"]


@in_one_house
@pytest.mark.parametrize(
    "proposed", [name for name in PROPOSED if "tips" in name or "facts" in name or "words" in name]
)
async def test_what_is_hidden_is_proposed_neither_by_its_number_nor_by_its_words(world: World, proposed: str) -> None:
    """Nor are the sources of a fact whose number somebody only guessed."""
    things = {thing: world.standing[kind, state] for thing, kind, state in MADE.get(proposed.removesuffix(TO_ACT), ())}
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for option in PROPOSED[proposed]:
        for who in ("reporter", "author", "editor", "administrator", OTHERS):
            for thing in things.keys() & set(HIDDEN):
                number, word = things[thing]
                is_fact = "origin" in option and not option.startswith("fact add")
                typed = {"number": number, "words": word} if not is_fact else {"fact": ""}
                wished = {thing} & expected(proposed, option, who, CHANNEL, things)
                for way, text in typed.items():
                    if way == "number" and "origin" in option:
                        continue
                    seen = await proposals(world, who, CHANNEL, option, text, number if is_fact else "")
                    cells[option, who, thing, way] = listed(wished), listed({thing} if word.lower() in seen else set())
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


@in_one_house
@pytest.mark.parametrize("proposed", FIXED)
async def test_what_belongs_to_nobody_is_proposed_to_who_may_use_the_command(world: World, proposed: str) -> None:
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for option in PROPOSED[proposed]:
        for who, where in asked():
            seen = await proposals(world, who, where, option)
            rule = RULES[option.rpartition(" ")[0]]
            of = OTHERS if where == ELSEWHERE else "author, owner" if who in {"author", "owner", "reporter"} else who
            is_proposed = WHERE[where]["option"] != "nothing" and rule[of] != "no"
            cells[option, who, where] = str(is_proposed), str(bool(seen) and FIXED[proposed] in seen)
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


@in_one_house
async def test_who_holds_tips_is_proposed_with_as_many_as_one_may_know_of(world: World) -> None:
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    (option,) = PROPOSED["holders of tips"]
    for who, where in asked():
        seen = await proposals(world, who, where, option)
        rule = RULES[option.rpartition(" ")[0]]
        of = "author, owner" if who in {"author", "owner", "reporter"} else who
        may = who != OTHERS and where != ELSEWHERE and WHERE[where]["option"] == "proposes" and rule[of] == "yes"
        known = sum(KNOWS[thing][who] == "sees" for thing, _, _ in MADE["tips"]) if may else 0
        owner = str(world.people["owner"].id)
        said = f"{known} tuyau" if known else ""
        cells[option, who, where] = said, said if (said in seen) == bool(known) and (owner in seen) == may else seen
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


def listed(things: set[str]) -> str:
    return ", ".join(sorted(things)) or "nothing"
