"""Typed, validated settings: the tables of config.toml and what each key may hold (DESIGN.md section 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from bot.errors import Expected

DEFAULT_COMPANY_REGISTER: Final = "https://recherche-entreprises.api.gouv.fr"

SHORTEST_EVERY: Final = timedelta(seconds=1)
LONGEST_EVERY: Final = timedelta(days=30)
LONGEST_PACE: Final = timedelta(hours=1)
SHORTEST_KEEPING: Final = timedelta(days=90)
LONGEST_CONTACT_CHARS: Final = 200

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhd])", re.ASCII)
_MEMBER: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?", re.ASCII)
_PLACEHOLDERS: Final = frozenset({"", "…", "..."})


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


def _address(value: str) -> str:
    parts = urlsplit(value)
    # `port` raises ValueError when it is no port number.
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError
    if "@" in parts.netloc or parts.fragment or not value.isprintable() or " " in value:
        raise ValueError
    return value


def _member_name(value: str) -> str:
    if not _MEMBER.fullmatch(value):
        raise ValueError
    return value


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
    """Say where the database stands, and how long the texts of notices that nothing matched are kept.

    A relative path is read from the folder of config.toml.
    """

    database: Annotated[RelativePath, AfterValidator(_database)] = Field(description=Expected.DATABASE)
    keep_unmatched: Annotated[Duration, Field(ge=SHORTEST_KEEPING)] = Field(
        default=timedelta(days=730), description=Expected.KEEPING
    )


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


class CompanyRegisterSettings(_Table):
    """Say whether `/watch add` asks the French register of companies, and where it answers."""

    enabled: bool = Field(default=True, description=Expected.YES_OR_NO)
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        default=DEFAULT_COMPANY_REGISTER, description=Expected.BASE_URL
    )


class SourceSettings(_Table):
    """Say whether a source is read, how often, from where, and with how much time between two requests.

    `options` holds the source's own keys, each a list of texts.
    """

    enabled: bool = Field(default=True, description=Expected.YES_OR_NO)
    every: Annotated[Duration, Field(ge=SHORTEST_EVERY, le=LONGEST_EVERY)] = Field(description=Expected.EVERY)
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(description=Expected.BASE_URL)
    pace: Annotated[Duration, Field(ge=timedelta(), le=LONGEST_PACE)] = Field(description=Expected.PACE)
    options: Mapping[str, tuple[str, ...]] = Field(default_factory=dict, exclude=True)


class MemberSettings(_Table):
    """Say the same of one member of a family of sources, which the configuration names with its whole address."""

    name: Annotated[str, AfterValidator(_member_name)] = Field(description=Expected.MEMBER_NAME)
    url: Annotated[str, AfterValidator(_address)] = Field(description=Expected.ADDRESS)
    enabled: bool = Field(default=True, description=Expected.YES_OR_NO)
    every: Annotated[Duration, Field(ge=SHORTEST_EVERY, le=LONGEST_EVERY)] = Field(description=Expected.EVERY)
    pace: Annotated[Duration, Field(ge=timedelta(), le=LONGEST_PACE)] = Field(description=Expected.PACE)
    options: Mapping[str, tuple[str, ...]] = Field(default_factory=dict, exclude=True)

    def as_source(self) -> SourceSettings:
        """Return the settings as those of a source: its address stands before no path."""
        return SourceSettings.model_construct(
            enabled=self.enabled, every=self.every, base_url=self.url, pace=self.pace, options=self.options
        )


class Settings(_Table):
    """Hold everything that config.toml says, with the defaults of what it leaves out.

    `sources` has an entry for every known source, `enabled` false for those without a table, and one for every member
    of a family, as `family:member`.
    """

    newsroom: NewsroomSettings = Field(default_factory=NewsroomSettings, description=Expected.TABLE)
    storage: StorageSettings = Field(description=Expected.TABLE)
    discord: DiscordSettings = Field(default_factory=DiscordSettings, description=Expected.TABLE)
    http: HttpSettings = Field(default_factory=HttpSettings, description=Expected.TABLE)
    company_register: CompanyRegisterSettings = Field(
        default_factory=CompanyRegisterSettings, description=Expected.TABLE
    )
    sources: Annotated[Mapping[str, SourceSettings], AfterValidator(_read_only)] = Field(description=Expected.TABLE)
