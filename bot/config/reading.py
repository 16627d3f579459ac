"""Read config.toml, and name every fault of it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.config.faults import one_of, shown, without_secrets
from bot.config.settings import (
    LONGEST_CONTACT_CHARS,
    CompanyRegisterSettings,
    DiscordSettings,
    HttpSettings,
    MemberSettings,
    NewsroomSettings,
    Settings,
    SourceSettings,
    StorageSettings,
)
from bot.config.tables import Member, SourceDefaults, arrays, complete, members
from bot.errors import ConfigError, ConfigFault, Expected, Standing

CONFIG_VARIABLE: Final = "VIGIE_CONFIG"
DEFAULT_PATH: Final = Path("config.toml")
DEFAULT_DATABASE: Final = "vigie.sqlite3"

_TOML_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")

_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "newsroom": NewsroomSettings,
    "storage": StorageSettings,
    "discord": DiscordSettings,
    "http": HttpSettings,
    "company_register": CompanyRegisterSettings,
    "sources": SourceSettings,
}


def find_path(option: Path | None, environ: Mapping[str, str]) -> Path:
    """Choose the configuration file: what `--config` names, else `VIGIE_CONFIG`, else `config.toml` where we stand."""
    if option is not None:
        return option
    named = environ.get(CONFIG_VARIABLE)
    return Path(named) if named else DEFAULT_PATH


def load(path: Path, known: Mapping[str, SourceDefaults]) -> Settings:
    """Read and check a configuration file against the sources that exist.

    Raises ConfigError with every fault of the file: it cannot be read, is no TOML, or has unknown tables, keys or
    sources, or values out of place. A source without a table is not enabled.
    """
    path = path.expanduser().absolute()
    tables = _parse(path)
    faults: list[ConfigFault] = []
    if isinstance(storage := tables.setdefault("storage", {}), dict):
        storage.setdefault("database", DEFAULT_DATABASE)
    named, member_faults = members(tables, known)
    faults += member_faults
    faults += complete(tables, known)
    context = {"folder": path.parent}
    found: dict[str, SourceSettings] = {}
    for member in named:
        try:
            chosen = MemberSettings.model_validate(member.table, context=context)
        except ValidationError as error:
            faults += [_fault(detail, known, member) for detail in _details(error)]
        else:
            found[f"{member.family}:{chosen.name}"] = chosen.as_source()
    settings = None
    try:
        settings = Settings.model_validate(tables, context=context)
    except ValidationError as error:
        faults += [_fault(detail, known) for detail in _details(error)]
    faults += _missing_contact(tables, found)
    if settings is None or faults:
        raise ConfigError(str(path), tuple(faults))
    return settings.model_copy(update={"sources": MappingProxyType({**settings.sources, **found})})


def _parse(path: Path) -> dict[str, Any]:
    """Return the tables of a file, or raise ConfigError with the line that is no TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        expected = Expected.FILE if isinstance(error, FileNotFoundError) else Expected.READABLE_FILE
        fault = ConfigFault("", str(path), expected, {"reason": error.strerror or ""})
        raise ConfigError(str(path), (fault,)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"0x{error.object[error.start]:02x}"
        fault = ConfigFault("", Standing.BYTE, Expected.UTF8, {"byte": byte}, line)
        raise ConfigError(str(path), (fault,)) from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), (_syntax_fault(text, error),)) from None
    except RecursionError:
        raise ConfigError(str(path), (ConfigFault("", str(path), Expected.SHALLOW),)) from None


def _syntax_fault(text: str, error: tomllib.TOMLDecodeError) -> ConfigFault:
    reason = _TOML_PLACE.sub("", str(error)).strip()
    lines = text.splitlines()
    place = _TOML_PLACE.search(str(error))
    number = int(place[1]) if place else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    return ConfigFault("", without_secrets(line, line), Expected.TOML, {"reason": reason}, number)


def _missing_contact(tables: dict[str, Any], found: Mapping[str, SourceSettings]) -> list[ConfigFault]:
    http, sources = tables.get("http", {}), tables["sources"]
    if not isinstance(http, dict) or "contact" in http or not isinstance(sources, dict):
        return []
    if not any(
        isinstance(table, dict) and table.get("enabled", True) is True for table in sources.values()
    ) and not any(member.enabled for member in found.values()):
        return []
    return [ConfigFault("http.contact", Standing.NOTHING, *_expected(("http", "contact"), {}))]


def _details(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False, include_context=False)


def _fault(detail: ErrorDetails, known: Mapping[str, SourceDefaults], member: Member | None = None) -> ConfigFault:
    """Return a fault that a model found in the file, or in the table of a member."""
    key = ""
    for part in detail["loc"]:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    standing = Standing.NOTHING if detail["type"] == "missing" else shown(detail["input"], key)
    if member is not None:
        key = member.key(key)
    return ConfigFault(key, standing, *_expected(detail["loc"], known, member))


def _expected(
    location: tuple[int | str, ...], known: Mapping[str, SourceDefaults], member: Member | None = None
) -> tuple[Expected, dict[str, str]]:
    """Return the code of what the key at a place of the file may hold, or of the keys that are known there."""
    keys = [part for part in location if isinstance(part, str)]
    options: Mapping[str, object] = {}
    fields = Settings.model_fields
    if member is not None:
        fields, options = MemberSettings.model_fields, known[member.family].options
    elif keys[0] == "sources" and len(keys) > 1:
        _, name, *own = keys
        if not own:
            return Expected.TABLE, {}
        fields, options = SourceSettings.model_fields, known[name].options
    elif len(keys) > 1:
        fields = _TABLES[keys[0]].model_fields
    if (field := fields.get(keys[-1])) is not None:
        return Expected(field.description or ""), {"most": str(LONGEST_CONTACT_CHARS)}
    if fields is not Settings.model_fields:
        return one_of("key", keys[-1], (*(name for name in fields if name != "options"), *options))
    written = {**{table: f"[{table}]" for table in fields}, **{array: f"[[{array}]]" for array in arrays(known)}}
    return one_of("table", keys[-1], written, written)
