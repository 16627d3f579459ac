"""docs/permissions.md names every action, command, option, button, form and menu that there is, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from discord import AppCommandType, app_commands

from bot.access import PRESSED, TABLE, Action
from cogs._forms import registered
from cogs._gate import Gated
from tests.cogs.house import House
from tests.cogs.permission_buttons import BUTTONS, FORMS, REMINDERS
from tests.cogs.permission_commands import COMMANDS
from tests.permission_tables import IN_FRENCH, KNOWS, OTHERS, RULES, TABLES, WHERE, coded, read_tables

ANSWERS = {
    "Who may do what": {"yes", "no", "unknown", "theirs"},
    "Who knows of what": {"sees", "unknown", "erased", "no", "-"},
    "Where": {"answered", "proposes", "refused", "nothing", "theirs", "-"},
}
ONCE_VERIFIED = {"fact correct, once verified", "fact embargo, once verified"}


def commands(house: House) -> list[app_commands.Command[Any, ..., Any]]:
    return [one for one in house.client.tree.walk_commands() if isinstance(one, app_commands.Command)]


def components(house: House) -> dict[str, type[Gated[Any]]]:
    """Return every class of component that the bot answers, by its name."""
    classes = house.client._connection._view_store._dynamic_items.values()
    assert all(issubclass(one, Gated) for one in classes), "an ungated component"
    return {one.__name__: one for one in classes if issubclass(one, Gated)}


@pytest.mark.parametrize("part", ANSWERS)
def test_every_cell_says_one_of_the_answers_that_the_page_explains(part: str) -> None:
    for row in TABLES[part]:
        assert set(list(row.values())[1:]) <= ANSWERS[part], row


def test_every_action_of_the_table_of_access_has_its_line() -> None:
    assert set(RULES) - ONCE_VERIFIED == {action.value for action in Action} == {action.value for action in TABLE}


async def test_every_command_option_button_form_and_menu_stands_on_the_page(house: House) -> None:
    """And on no line is one that does not exist; a class of buttons has the action that its line says."""
    there = commands(house)
    assert {one.qualified_name for one in there} == set(RULES) - ONCE_VERIFIED - {action.value for action in PRESSED}
    options = [option for row in TABLES["What options propose"] for option in coded(row["options"])]
    assert sorted(options) == sorted(
        f"{one.qualified_name} {option.display_name}"
        for one in there
        for option in one.parameters
        if option.autocomplete
    )
    buttons = {coded(row["button"])[0]: coded(row["action"]) for row in TABLES["Buttons and selects"]}
    classes = components(house)
    assert set(buttons) == set(classes)
    for name, actions in buttons.items():
        assert not actions or classes[name].action in actions, name
    forms = {coded(row["form"])[0]: coded(row["action"]) for row in TABLES["Forms"]}
    ours = {name: form.action for name, form in registered().items() if form.__module__.startswith("cogs.")}
    assert ours == {name: actions[0] for name, actions in forms.items()}
    menus = {row["menu"].strip("*"): coded(row["action"])[0] for row in TABLES["Menus of a message"]}
    tree = house.client.tree.get_commands(type=AppCommandType.message)
    assert {menu.name: menu.extras["action"] for menu in tree} == menus
    assert not house.client.tree.get_commands(type=AppCommandType.user)


def test_all_that_stands_on_the_page_is_tried() -> None:
    assert set(COMMANDS) == set(RULES) - ONCE_VERIFIED - {action.value for action in PRESSED}
    assert {*BUTTONS, *REMINDERS} == {coded(row["button"])[0] for row in TABLES["Buttons and selects"]}
    assert not set(BUTTONS) & set(REMINDERS)
    forms = {coded(row["form"])[0]: set(coded(row["action"])) for row in TABLES["Forms"]}
    assert {name: {one.action for one in sent} for name, sent in FORMS.items()} == forms


def test_of_what_is_hidden_another_newsroom_knows_nothing() -> None:
    assert {row[OTHERS] for row in KNOWS.values()} == {"unknown"}
    assert set(WHERE["another server"].values()) == {"another server", "theirs"}


def test_the_french_page_says_the_same_cell_by_cell() -> None:
    french = read_tables(IN_FRENCH)
    assert len(french) == len(TABLES)
    said: dict[str, str] = {}
    for rows, theirs in zip(TABLES.values(), french.values(), strict=True):
        for ours, other in zip(rows, theirs, strict=True):
            pairs = list(zip((*ours, *ours.values()), (*other, *other.values()), strict=True))
            assert all(coded(one) == coded(its) for one, its in pairs), pairs
            assert all(said.setdefault(one, its) == its for one, its in pairs), pairs
    answers = set().union(*ANSWERS.values())
    assert len({said[one] for one in answers}) == len(answers)
