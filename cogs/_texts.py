"""The names and descriptions of commands, in both languages from one place."""

from __future__ import annotations

from discord import app_commands

from bot.locales import Language, load


def said(text: str) -> app_commands.locale_str:
    """Return a text of `bot/locales` for a command's name, description, option or choice; English is the base."""
    return app_commands.locale_str(load(Language.EN).text(text), id=text)
