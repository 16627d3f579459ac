"""Read config.toml into typed, validated settings, and name every fault of it at once (DESIGN.md section 5)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from bot.errors import ConfigError, ConfigFault, Expected, Standing

CONFIG_VARIABLE: Final = "VIGIE_CONFIG"
TOKEN_VARIABLE: Final = "VIGIE_DISCORD_TOKEN"  # noqa: S105  # the name of a variable, not a token
DEFAULT_PATH: Final = Path("config.toml")
DEFAULT_DATABASE: Final = "vigie.sqlite3"

SHORTEST_EVERY: Final = timedelta(seconds=1)
LONGEST_EVERY: Final = timedelta(days=30)
LONGEST_PACE: Final = timedelta(hours=1)
LONGEST_CONTACT_CHARS: Final = 200
TOKEN_FILE_MAX_BYTES: Final = 4096
SHOWN_CHARS: Final = 80

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhd])", re.ASCII)
_PLACEHOLDERS: Final = frozenset({"", "…", "..."})
_SECRET_KEY: Final = re.compile(r"token(?!_file)|secret|passw", re.IGNORECASE)
_LOOKS_LIKE_TOKEN: Final = re.compile(r"[\w-]{20,}\.[\w-]{4,}\.[\w-]{20,}")
_USER_INFO: Final = re.compile(r"//[^/\s]*@")
_TOML_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)")
_LIKELY: Final = {
    "table": Expected.LIKELY_TABLE,
    "key": Expected.LIKELY_KEY,
    "source": Expected.LIKELY_SOURCE,
}
_KNOWN: Final = {"table": Expected.KNOWN_TABLE, "key": Expected.KNOWN_KEY, "source": Expected.KNOWN_SOURCE}


@dataclass(frozen=True, slots=True)
class SourceDefaults:
    """Hold what a source does when config.toml does not say otherwise; handed in by whoever knows the sources."""

    every: timedelta
    base_url: str
    pace: timedelta


class Secret(str):
    """Hold a text that never shows itself in a `repr`, hence in no traceback and no log of arguments."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')"


def _duration(value: object) -> object:
    if isinstance(value, timedelta):  # a default of the source, already read
        return value
    written = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise ValueError
    return timedelta(seconds=float(written[1]) * _UNITS_S[written[2]])


def _time_zone(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004  # pydantic turns only ValueError into a fault
    try:
        return ZoneInfo(value)
    except (OSError, KeyError) as error:  # a folder of the zone database, or no such zone
        raise ValueError from error


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    # `port` raises ValueError when it is no port number.
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError
    if "@" in parts.netloc or parts.query or parts.fragment or not value.isprintable() or " " in value:
        raise ValueError
    return value.rstrip("/")  # the documented paths begin with one


def _contact(value: str) -> str:
    text = value.strip()
    if text in _PLACEHOLDERS or len(text) > LONGEST_CONTACT_CHARS or not text.isprintable():
        raise ValueError
    return text


def _relative_path(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError
    folder: Path = (info.context or {})["folder"]
    return folder / Path(value).expanduser()


def _database(path: Path) -> Path:
    if path.name.startswith(":") or path.is_dir() or not path.parent.is_dir():
        raise ValueError
    return path


def _read_only(value: dict[str, SourceSettings]) -> Mapping[str, SourceSettings]:
    return MappingProxyType(value)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
RelativePath = Annotated[Path, BeforeValidator(_relative_path)]
GuildId = Annotated[int, Field(strict=True, gt=0, lt=2**63)]


class _Table(BaseModel):
    """Be a table of config.toml; the description of each field is the code of what is expected of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class NewsroomSettings(_Table):
    """Hold the defaults of a newsroom that has not run `/setup`; `storm` counts hits for one channel in one poll."""

    language: Literal["fr", "en"] = Field(default="fr", description=Expected.LANGUAGE)
    timezone: Annotated[ZoneInfo, BeforeValidator(_time_zone)] = Field(
        default=ZoneInfo("Europe/Paris"), description=Expected.TIME_ZONE
    )
    storm: int = Field(default=20, ge=1, le=1_000, description=Expected.STORM)


class StorageSettings(_Table):
    """Say where the database stands; a relative path is read from the folder of config.toml."""

    database: Annotated[RelativePath, AfterValidator(_database)] = Field(description=Expected.DATABASE)


class DiscordSettings(_Table):
    """Say which newsrooms are served (none named: all) and where the token may be read, never the token itself."""

    guilds: tuple[GuildId, ...] = Field(default=(), strict=False, description=Expected.GUILDS)
    token_file: RelativePath | None = Field(default=None, description=Expected.TOKEN_PATH)


class HttpSettings(_Table):
    """Say who stands behind the requests; required as soon as one source is enabled."""

    contact: Annotated[str, AfterValidator(_contact)] | None = Field(
        default=None,
        description=Expected.CONTACT,
    )


class SourceSettings(_Table):
    """Say whether a source is read, how often, from where, and with how much time between two requests."""

    enabled: bool = Field(default=True, description=Expected.YES_OR_NO)
    every: Annotated[Duration, Field(ge=SHORTEST_EVERY, le=LONGEST_EVERY)] = Field(description=Expected.EVERY)
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(description=Expected.BASE_URL)
    pace: Annotated[Duration, Field(ge=timedelta(), le=LONGEST_PACE)] = Field(description=Expected.PACE)


class Settings(_Table):
    """Hold everything that config.toml says, with the defaults of what it leaves out.

    `sources` has an entry for every known source, `enabled` false for those without a table.
    """

    newsroom: NewsroomSettings = Field(default_factory=NewsroomSettings, description=Expected.TABLE)
    storage: StorageSettings = Field(description=Expected.TABLE)
    discord: DiscordSettings = Field(default_factory=DiscordSettings, description=Expected.TABLE)
    http: HttpSettings = Field(default_factory=HttpSettings, description=Expected.TABLE)
    sources: Annotated[Mapping[str, SourceSettings], AfterValidator(_read_only)] = Field(description=Expected.TABLE)


_TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "newsroom": NewsroomSettings,
    "storage": StorageSettings,
    "discord": DiscordSettings,
    "http": HttpSettings,
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
    if isinstance(sources := tables.setdefault("sources", {}), dict):
        faults += _unknown_sources(sources, known)
        tables["sources"] = {name: _with_defaults(sources.get(name), known[name]) for name in known}
    settings = None
    try:
        settings = Settings.model_validate(tables, context={"folder": path.parent})
    except ValidationError as error:
        faults += [_fault(detail) for detail in error.errors(include_url=False, include_context=False)]
    faults += _missing_contact(tables)
    if settings is None or faults:
        raise ConfigError(str(path), tuple(faults))
    return settings


def token(settings: Settings, environ: Mapping[str, str]) -> Secret | None:
    """Return the Discord token from `VIGIE_DISCORD_TOKEN`, else from the file of `discord.token_file`, else None.

    Raises ConfigError when that file cannot be read or holds anything but one word. The result hides from `repr`.
    """
    if given := environ.get(TOKEN_VARIABLE, "").strip():
        return Secret(given)
    path = settings.discord.token_file
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            written = file.read(TOKEN_FILE_MAX_BYTES + 1).decode("ascii").split()
    except OSError as error:
        raise _token_file_error(path, Expected.TOKEN_UNREADABLE, reason=error.strerror or "") from None
    except ValueError:
        raise _token_file_error(path, Expected.TOKEN_AS_TEXT) from None
    if len(written) != 1 or len(written[0]) > TOKEN_FILE_MAX_BYTES:
        raise _token_file_error(path, Expected.TOKEN_FILE)
    return Secret(written[0])


def _token_file_error(path: Path, expected: Expected, **values: str) -> ConfigError:
    fault = ConfigFault("discord.token_file", _shown(str(path), "token_file"), expected, values)
    return ConfigError(str(path), (fault,))


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
    return ConfigFault("", _without_secrets(line, line), Expected.TOML, {"reason": reason}, number)


def _unknown_sources(sources: dict[str, Any], known: Mapping[str, SourceDefaults]) -> list[ConfigFault]:
    return [
        ConfigFault(f"sources.{name}", _shown(table, name), *_one_of("source", name, known))
        for name, table in sources.items()
        if name not in known
    ]


def _with_defaults(table: object, defaults: SourceDefaults) -> object:
    """Complete a source's table; one that stands nowhere is a source not enabled."""
    filled = {"every": defaults.every, "base_url": defaults.base_url, "pace": defaults.pace}
    if table is None:
        return {**filled, "enabled": False}
    return {**filled, **table} if isinstance(table, dict) else table


def _missing_contact(tables: dict[str, Any]) -> list[ConfigFault]:
    http, sources = tables.get("http", {}), tables["sources"]
    if not isinstance(http, dict) or "contact" in http or not isinstance(sources, dict):
        return []
    if not any(isinstance(table, dict) and table.get("enabled", True) is True for table in sources.values()):
        return []
    return [ConfigFault("http.contact", Standing.NOTHING, *_expected(("http", "contact")))]


def _fault(detail: ErrorDetails) -> ConfigFault:
    location = detail["loc"]
    key = ""
    for part in location:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else part
    return ConfigFault(key, _shown(detail["input"], key), *_expected(location))


def _expected(location: tuple[int | str, ...]) -> tuple[Expected, dict[str, str]]:
    """Return the code of what the key at a place of the file may hold, or of the keys that are known there."""
    table, *keys = [part for part in location if isinstance(part, str)]
    if table == "sources":
        keys = keys[1:]  # the first one names the source
    if not keys:
        known, name = Settings.model_fields, table
    else:
        known, name = _TABLES[table].model_fields, keys[-1]
    field = known.get(name)
    if field is None:
        return _one_of("key" if keys else "table", name, known)
    return Expected(field.description or ""), {"most": str(LONGEST_CONTACT_CHARS)}


def _one_of(noun: str, name: str, known: Iterable[str]) -> tuple[Expected, dict[str, str]]:
    """Name the likely one of the names that are known where an unknown one stands, else all of them."""
    if near := get_close_matches(name, known, n=1):
        return _LIKELY[noun], {"name": near[0]}
    return _KNOWN[noun], {"names": ", ".join(sorted(known))}


def _shown(value: object, key: str) -> str:
    """Return a value as TOML would write it, shortened, and without what may be a secret."""
    if isinstance(value, dict):
        return Standing.TABLE
    return _without_secrets(json.dumps(value, ensure_ascii=False, default=str), key)


def _without_secrets(text: str, key: str) -> str:
    if _SECRET_KEY.search(key) or _LOOKS_LIKE_TOKEN.search(text):
        return Standing.HIDDEN
    text = _USER_INFO.sub("//…@", text)
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"
