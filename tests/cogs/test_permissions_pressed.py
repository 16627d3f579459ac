"""Every cell of docs/permissions.md that a button, a form or a menu can be: who uses it, on what, and where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio

from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from tests.cogs.house import House
from tests.cogs.permission_buttons import BUTTONS, FORMS, Used
from tests.cogs.permissions import NEVER, Answer, World, reading, wrong_cells
from tests.permission_tables import CHANNEL, ELSEWHERE, KNOWS, OTHERS, PRIVATE, TABLES, THREAD, WHERE, coded, wanted

in_one_house = pytest.mark.asyncio(loop_scope="module")
Ask = Callable[[World, Member, Channel, str], Awaitable[Reply]]
MENUS = {row["menu"].strip("*"): coded(row["action"])[0] for row in TABLES["Menus of a message"]}
ACTIONS = {coded(row["button"])[0]: coded(row["action"]) for row in TABLES["Buttons and selects"]}
LEFT = "author without the role"
"""The author of every thing, from whom the role was taken after the button was shown or the form opened."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(lasting_house: House) -> AsyncIterator[World]:
    theirs = await lasting_house.newsroom(lasting_house.guild("L\u2019Autre"))
    with reading(lasting_house) as reader:
        made = await World.of(lasting_house, theirs, reader)
        for kind in ("item", "tip", "fact", "dossier", "digest"):
            await made.thing(kind)
        yield made


def hands(kind: str) -> Iterator[tuple[str, str]]:
    """Yield who uses something, and where: everybody where it stands, then those for whom the place matters."""
    for who in ("stranger", LEFT, "reporter", "author", "owner", "editor", "administrator", OTHERS):
        if who != "owner" or kind == "tip":
            yield who, CHANNEL
    yield from (("author", THREAD), ("author", PRIVATE), ("editor", PRIVATE), ("author", ELSEWHERE))


@contextmanager
def without_role(world: World, who: str) -> Iterator[str]:
    """Take the role from the author where they are to have lost it; give who acts then."""
    if who != LEFT:
        yield who
        return
    roles = world.people["author"].roles
    kept = roles[:]
    roles.clear()
    try:
        yield "author"
    finally:
        roles[:] = kept


def expected(action: str, who: str, where: str, thing: str, *, face: str, is_named: bool) -> str:
    """Return what the page says of an act; whose face names a thing is asked in another server about one of ours."""
    known = thing if thing in KNOWS else None
    answer = WHERE[ELSEWHERE if who == OTHERS else where][face]
    if answer == "theirs":
        return "unknown" if is_named else "no" if wanted(action, OTHERS) == "no" else answer
    return wanted(action, "stranger" if who == LEFT else who, known) if answer == "answered" else answer


async def tried(world: World, name: str, used: Used, ask: Ask, face: str) -> dict[tuple[str, ...], tuple[str, str]]:
    """Return the cells of a button, a form or a menu: what the page says of each, and what it is."""
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    action = used.action or ACTIONS[name][0]
    things = [thing for thing in KNOWS if thing.endswith(used.kind)] if used.kind in {"tip", "fact"} else ["open thing"]
    never: dict[tuple[str, str], Answer] = {}
    for thing in things:
        state = thing.rsplit(maxsplit=1)[0]
        kind, state = ("item", "muted") if used.kind == "muted" else (used.kind, state)
        for who, where in hands(used.kind):
            number, word = await world.thing(kind, state) if kind else ("", "")
            with without_role(world, who) as person:
                by, channel = world.at(person, where)
                answer = await world.answer(ask(world, by, channel, number))
                found = world.judge(answer, used.shows or word, None, number)
                if kind and found.startswith("? "):
                    if (who, where) not in never:
                        one = "ZZZZ-ZZZZ" if kind in {"notice", "taken"} else NEVER
                        never[who, where] = await world.answer(ask(world, by, channel, one))
                    found = world.judge(answer, "", never[who, where], number)
            if answer.is_noted:
                world.standing.pop((kind, state), None)
            is_elsewhere = who == OTHERS or where == ELSEWHERE
            if (found != "yes" or is_elsewhere) and word and word in answer.text:
                found = f"gave away {answer.text}"
            if is_elsewhere and not kind and not answer.is_noted and (found == "yes" or found.startswith("? ")):
                found = "theirs"
            wished = expected(action, who, where, thing, face=face, is_named=bool(kind))
            cells[name, action, thing, who, where] = wished, found
    return cells


@in_one_house
@pytest.mark.parametrize("button", BUTTONS)
async def test_who_may_use_a_button_on_what_and_where(world: World, button: str) -> None:
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for used in BUTTONS[button]:
        cells |= await tried(world, button, used, used.ask, "button")
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


@in_one_house
@pytest.mark.parametrize("form", FORMS)
async def test_who_may_send_a_form_about_what_and_where(world: World, form: str) -> None:
    """The form was opened by its person while they might; somebody else's is answered as one that is gone."""
    cells: dict[tuple[str, ...], tuple[str, str]] = {}
    for sent in FORMS[form]:
        used = Used(sent.kind, "", action=sent.action)
        cells |= await tried(world, form, used, sent.ask, "form")
        own = await world.draft(world.people["author"], form, sent.context(NEVER))
        for who in ("stranger", "reporter", "editor", "administrator"):
            by, channel = world.at(who, CHANNEL)
            answer = await world.answer(sent.send(by, channel, own))
            never = await world.answer(sent.send(by, channel, own + 1))
            best = wanted(sent.judged or sent.action, "author" if who == "reporter" else who)
            found = world.judge(answer, "", never, NEVER)
            cells[form, "somebody else\u2019s", who] = ("unknown" if best == "yes" else "no"), found
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"


@in_one_house
@pytest.mark.parametrize("menu", MENUS)
async def test_who_may_open_a_menu_and_where(world: World, menu: str) -> None:
    _, word = await world.thing("item")

    async def ask(_: World, by: Member, channel: Channel, __: str) -> Reply:
        message = world.show(channel, {"type": 2, "style": 1, "label": "…", "custom_id": "x"})
        message.content = word
        return await by.context_menu(menu, message, force=True)

    used = Used("", "", action=MENUS[menu], shows=word)
    cells = await tried(world, menu, used, ask, "menu")
    world.house.platform.check()
    assert not wrong_cells(cells), f"\n{wrong_cells(cells)}"
