"""The configuration that a command works with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.config import Settings

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The configuration file; else VIGIE_CONFIG, else ./config.toml.", metavar="PATH"),
]


def chosen_path(option: Path | None) -> Path:
    """Return the path of the configuration file that the options and the environment choose."""
    from bot.config import find_path  # noqa: PLC0415  # help needs none of it

    return find_path(option, os.environ)


def settings_of(option: Path | None) -> Settings:
    """Return the configuration; raises ConfigError with every fault of it."""
    from bot.app import source_defaults  # noqa: PLC0415  # help needs none of it
    from bot.config import load  # noqa: PLC0415

    return load(chosen_path(option), source_defaults())
