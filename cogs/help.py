"""`/help`: what the person may do, in the words of the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.access import Role, allowed
from bot.locales import Language, Texts
from cogs._caller import visit
from cogs._replies import respond, sheet
from cogs._texts import said

if TYPE_CHECKING:
    from bot.client import Client

SUB_COMMANDS = {1, 2}


@dataclass(frozen=True, slots=True)
class Described:
    """Hold how a command is called and described in one language."""

    name: str
    description: str


class Help(commands.Cog):
    """Hold `/help`."""

    def __init__(self, bot: Client) -> None:
        self.bot = bot

    @app_commands.command(name=said("cmdname-help"), description=said("cmd-help"))
    @app_commands.guild_only()
    async def help(self, interaction: discord.Interaction) -> None:
        """List the commands that the person may use."""
        visitor = await visit(interaction)
        texts = visitor.texts
        told = await described(self.bot.tree, texts.language, interaction.guild_id)
        lines = [_role(texts, visitor.role), *_grouped(texts, [told[action] for action in allowed(visitor.role)])]
        lines += ["", texts("help-message"), texts("help-announcement"), "", texts("help-more")]
        await respond(interaction, embed=sheet(texts("help-title"), lines))


async def described(
    tree: app_commands.CommandTree[discord.Client], language: Language, guild_id: int | None = None
) -> dict[str, Described]:
    """Return every command, of all guilds and of this one, by the name that it has in the table of access."""
    if tree.translator is None:
        raise LookupError("the commands are described before their translator is set")
    own = tree.get_commands(guild=discord.Object(guild_id)) if guild_id is not None else []
    found: dict[str, Described] = {}
    for command in (*tree.get_commands(), *own):
        payload = await command.get_translated_payload(tree, tree.translator)
        found |= dict(_leaves(payload, language, "", "/"))
    return found


def _leaves(payload: Mapping[str, Any], language: Language, path: str, shown: str) -> Iterator[tuple[str, Described]]:
    """Yield the commands at the ends of a payload; the base texts stand for every language but French."""
    names = payload.get("name_localizations") or {}
    descriptions = payload.get("description_localizations") or {}
    name = f"{path}{payload['name']}"
    shown += names.get(language.value, payload["name"])
    below = [option for option in payload.get("options") or [] if option["type"] in SUB_COMMANDS]
    for option in below:
        yield from _leaves(option, language, f"{name} ", f"{shown} ")
    if not below:
        yield name, Described(shown, descriptions.get(language.value, payload.get("description", "")))


def _grouped(texts: Texts, commands: Sequence[Described]) -> Iterator[str]:
    """Yield the commands group by group: under the name of each what stands after it."""
    last = ""
    for shown in commands:
        group, _, own = shown.name.partition(" ")
        if not own:
            yield texts("help-command", name=shown.name, description=shown.description)
        else:
            if group != last:
                yield texts("help-group", name=group)
            yield texts("help-in-group", name=own, description=shown.description)
        last = group


def _role(texts: Texts, role: Role) -> str:
    if role is Role.ADMINISTRATOR:
        return texts("help-administrator")
    return texts("help-editor") if role is Role.EDITOR else texts("help-reporter")


async def setup(bot: Client) -> None:
    """Add the command."""
    await bot.add_cog(Help(bot))
