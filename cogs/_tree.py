"""The command tree: every command and autocomplete passes one gate, and every text has its French."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.access import Action
from bot.locales import Language, language_of, load
from cogs._errors import answer_error
from cogs._gate import passes

_PAYLOADS: dict[frozenset[object], list[dict[str, Any]]] = {}
"""What Discord is given of commands, by their names and their code: a client that is made anew says the same."""

ACTION = "action"
"""The extra of a message menu that names its action: a menu has the name that people read."""


class Tree(app_commands.CommandTree[discord.Client]):
    """Refuse by default: a command runs, and autocompletes, only for those whom the table of access lets."""

    async def interaction_check(self, interaction: discord.Interaction[discord.Client]) -> bool:
        """Return whether the caller may use the command; refused autocomplete gets an empty list."""
        return await passes(interaction, action_of(interaction.command))

    async def on_error(
        self, interaction: discord.Interaction[discord.Client], error: app_commands.AppCommandError
    ) -> None:
        """Answer a failed command."""
        await answer_error(interaction, error)


async def payload(
    tree: app_commands.CommandTree[discord.Client], where: discord.abc.Snowflake | None
) -> list[dict[str, Any]]:
    """Return what Discord is given of the commands of a scope, their texts in each language, in one order."""
    listed = tree.get_commands(guild=where)
    groups = [one for one in listed if isinstance(one, app_commands.Group)]
    every = (*listed, *(inner for group in groups for inner in group.walk_commands()))
    held = frozenset((one.qualified_name, _code_of(one)) for one in every)
    if held not in _PAYLOADS:
        translator = tree.translator or Translator()
        found = [await command.get_translated_payload(tree, translator) for command in listed]
        _PAYLOADS[held] = sorted(found, key=lambda command: (command["type"], command["name"]))
    return _PAYLOADS[held]


def _code_of(command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | app_commands.Group) -> object:
    """Return what a command runs, the same for each cog that has it; None for a group."""
    return None if isinstance(command, app_commands.Group) else getattr(command.callback, "__code__", None)


class Translator(app_commands.Translator):
    """Give Discord the French of the names and descriptions of commands; their base texts are the English ones."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002  # part of discord.py's port
    ) -> str | None:
        """Return the French of a text that `said` made, for French locales; None leaves the base text."""
        text = string.extras.get("id")
        language = language_of(locale.value)
        if text is None or language is None or language is Language.EN:
            return None
        return load(language).text(text)


def action_of(
    command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu | None,
) -> Action | None:
    """Return the action that a command is in the table of access; None, which is refused, when it is none."""
    if command is None:
        return None
    name = command.extras.get(ACTION) if isinstance(command, app_commands.ContextMenu) else command.qualified_name
    try:
        return Action(str(name))
    except ValueError:
        return None
