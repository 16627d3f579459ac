"""Read config.toml into typed, validated settings, and name every fault of it at once (DESIGN.md section 5)."""

from __future__ import annotations

from bot.config.reading import CONFIG_VARIABLE, DEFAULT_PATH, find_path, load
from bot.config.secret import TOKEN_VARIABLE, Secret, token
from bot.config.settings import (
    CompanyRegisterSettings,
    DiscordSettings,
    HttpSettings,
    NewsroomSettings,
    Settings,
    SourceSettings,
    StorageSettings,
)
from bot.config.tables import SourceDefaults

__all__ = [
    "CONFIG_VARIABLE",
    "DEFAULT_PATH",
    "TOKEN_VARIABLE",
    "CompanyRegisterSettings",
    "DiscordSettings",
    "HttpSettings",
    "NewsroomSettings",
    "Secret",
    "Settings",
    "SourceDefaults",
    "SourceSettings",
    "StorageSettings",
    "find_path",
    "load",
    "token",
]
