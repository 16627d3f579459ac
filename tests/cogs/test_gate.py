"""Buttons and selects are judged when they are used, whatever was allowed when they were shown."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import Mock

import discord
import pytest
from discord import app_commands, ui

from bot.access import Action
from bot.errors import UserError
from bot.loopback import Reply
from cogs._gate import GatedButton
from tests.cogs.house import House, Room
from tests.cogs.permission_buttons import BUTTONS, REMINDERS, Used


class Press(GatedButton, template=r"press:(?P<what>\w+)"):
    action = Action.WATCH_ADD
    reads = (str,)

    def __init__(self, what: str, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"press:{what}"))
        self.what = what

    async def act(self, interaction: discord.Interaction) -> None:
        if self.what == "boom":
            raise RuntimeError("broken")
        if self.what == "wrong":
            raise UserError("watch-name-missing")
        await interaction.response.send_message(f"pressed {self.what}", ephemeral=True)


@pytest.fixture
async def shown(house: House, room: Room) -> Reply:
    """Show the buttons through a command whose name the table knows."""

    @app_commands.command(name="help", description="Buttons")
    async def buttons(interaction: discord.Interaction) -> None:
        view = ui.View(timeout=None)
        for what in ("fine", "wrong", "boom"):
            view.add_item(Press(what, what))
        await interaction.response.send_message("choose", view=view, ephemeral=True)
        view.stop()

    house.client.tree.remove_command("help")
    house.client.tree.add_command(buttons)
    house.client.add_dynamic_items(Press)
    return await room.reporter.slash("help", room.desk)


async def test_a_button_acts_for_who_may(room: Room, shown: Reply) -> None:
    assert (await room.reporter.click(shown, label="fine")).text == "pressed fine"


async def test_a_button_refuses_one_who_lost_the_role_meanwhile(room: Room, shown: Reply) -> None:
    room.reporter.roles.clear()
    reply = await room.reporter.click(shown, label="fine")
    assert reply.ephemeral
    assert "rôle de la rédaction" in reply.text


async def test_a_refused_press_says_what_to_do(room: Room, shown: Reply) -> None:
    assert "Tapez un nom" in (await room.reporter.click(shown, label="wrong")).text


async def test_an_error_of_ours_in_a_press_is_answered_by_a_reference(room: Room, shown: Reply) -> None:
    assert "référence" in (await room.reporter.click(shown, label="boom")).text


def written() -> Iterator[tuple[str, str, Used]]:
    """Yield the custom_id of every button and select that there is, with the name of its class."""
    for name, ways in BUTTONS.items():
        for used in ways:
            yield name, used.custom_id.format("A7K3-92QF" if used.kind in {"notice", "taken"} else "7"), used
    for name, used in REMINDERS.items():
        number = "A7K3-92QF" if used.kind == "reminder" else "7"
        yield name, used.custom_id.format(number).replace(":", ":10:", 1).replace("::", ":").rstrip(":"), used


async def test_every_button_and_select_is_read_back_as_it_was_written_with_its_label(house: House) -> None:
    classes = {one.__name__: one for one in house.client._connection._view_store._dynamic_items.values()}
    for name, custom_id, used in written():
        match = classes[name].__discord_ui_compiled_template__.fullmatch(custom_id)
        assert match is not None, custom_id
        button: ui.Button[ui.View] = ui.Button(custom_id=custom_id, label="Libellé")
        select: ui.Select[ui.View] = ui.Select(custom_id=custom_id)
        read = (await classes[name].from_custom_id(Mock(), select if used.chosen else button, match)).item
        assert isinstance(read, ui.Select | ui.Button)
        assert read.custom_id == custom_id
        assert isinstance(read, ui.Select) or read.label == "Libellé", name
