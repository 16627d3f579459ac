"""What the documents promise: every command and option is there, and nothing that is not."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from types import SimpleNamespace

import discord
import pytest
import typer
from discord import app_commands
from discord.ext import commands

from bot.cli import app
from bot.client import command_groups

ROOT = Path(__file__).parent.parent
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "docs").glob("*.md"))


async def slash_commands() -> list[app_commands.Command]:
    bot = commands.Bot(command_prefix="!", intents=discord.Intents(guilds=True))
    bot.app = SimpleNamespace()
    for name in command_groups():
        await importlib.import_module(f"cogs.{name}").setup(bot)
    return [command for command in bot.tree.walk_commands() if isinstance(command, app_commands.Command)]


async def test_every_slash_command_is_documented_with_exactly_its_options() -> None:
    rows = dict(re.findall(r"^\| `/([a-z ]+)`((?: `[a-z_]+`)*) \|", COMMANDS, re.MULTILINE))
    documented = {name: set(re.findall(r"`([a-z_]+)`", options)) for name, options in rows.items()}
    real = {
        command.qualified_name: {parameter.display_name for parameter in command.parameters}
        for command in await slash_commands()
    }
    assert documented == real


def test_every_subcommand_of_vigie_is_documented_with_exactly_its_options() -> None:
    rows = re.findall(r"^\| `vigie ([a-z]+)[^`]*` \| ([^|]*)\|", COMMANDS, re.MULTILINE)
    documented = {name: set(re.findall(r"`(--[a-z-]+)`", options)) for name, options in rows}
    group = typer.main.get_command(app)
    real = {
        name: {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
        - {"--help"}
        for name, command in group.commands.items()
    }
    assert documented == real


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_between_the_documents_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_readme_names_every_page_of_the_documents() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"docs/{page.name}" not in readme] == []


def test_the_readme_fits_a_page_and_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 80
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z]+)", readme, re.MULTILINE):
        assert f"\n{target}:" in makefile
