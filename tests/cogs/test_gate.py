"""Buttons and selects are judged when they are used, whatever was allowed when they were shown."""

from __future__ import annotations

import re
from typing import Self

import discord
import pytest
from discord import app_commands, ui

from bot.access import Action
from bot.errors import UserError
from bot.loopback import Reply
from cogs._gate import Gated
from tests.cogs.house import House, Room


class Press(Gated[ui.Button[ui.View]], template=r"press:(?P<what>\w+)"):
    action = Action.WATCH_ADD

    def __init__(self, what: str) -> None:
        super().__init__(ui.Button(label=what, custom_id=f"press:{what}"))
        self.what = what

    @classmethod
    async def from_custom_id(cls, _: discord.Interaction, __: ui.Item[ui.View], match: re.Match[str], /) -> Self:
        return cls(match["what"])

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
            view.add_item(Press(what))
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
