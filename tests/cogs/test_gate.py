"""Forms pass the same gate as buttons: when they are sent, whatever was allowed when they opened."""

from __future__ import annotations

import discord
from discord import app_commands, ui

from bot.access import Action
from bot.errors import UserError
from bot.loopback import Reply
from cogs._gate import GatedForm
from tests.cogs.house import House, Room


class Form(GatedForm, title="Note"):
    action = Action.WATCH_ADD
    text = ui.TextInput["Form"](label="Texte", custom_id="text")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        if self.text.value == "boom":
            raise RuntimeError("broken")
        if self.text.value == "wrong":
            raise UserError("watch-name-missing")
        await interaction.response.send_message(f"sent {self.text.value}", ephemeral=True)


async def opened(house: House, room: Room) -> Reply:
    """Open the form through a command whose name the table knows."""

    @app_commands.command(name="help", description="A form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    house.client.tree.remove_command("help")
    house.client.tree.add_command(form)
    return await room.reporter.slash("help", room.desk)


async def test_a_form_is_taken_from_who_may_send_it(house: House, room: Room) -> None:
    reply = await room.reporter.submit(await opened(house, room), {"text": "x"})
    assert reply.text == "sent x"


async def test_a_form_is_refused_from_one_who_lost_the_role_meanwhile(house: House, room: Room) -> None:
    form = await opened(house, room)
    room.reporter.roles.clear()
    reply = await room.reporter.submit(form, {"text": "x"})
    assert reply.ephemeral
    assert "rôle de la rédaction" in reply.text


async def test_a_refused_form_says_what_to_do(house: House, room: Room) -> None:
    reply = await room.reporter.submit(await opened(house, room), {"text": "wrong"})
    assert "Tapez un nom" in reply.text


async def test_an_error_of_ours_in_a_form_is_answered_by_a_reference(house: House, room: Room) -> None:
    reply = await room.reporter.submit(await opened(house, room), {"text": "boom"})
    assert "référence" in reply.text
