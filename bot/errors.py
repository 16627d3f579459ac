"""The errors that people see; everything else goes whole to the log."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

KEPT_MESSAGE_CHARS = 300
KEPT_VALUE_CHARS = 200
KEPT_PLACE_CHARS = 80


class UserError(Exception):
    """Tell a person what to do, in their language; raised wherever a request cannot be carried out as asked.

    `text` is the id of a text in `bot/locales`, `values` fill its places.
    """

    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text, values)
        self.text = text
        self.values = values


class QueryError(UserError):
    """Refuse a wrong query where it is typed; raised by `bot.matching`.

    `position` counts characters of `query`; `text` says what was expected there.
    """

    def __init__(self, query: str, position: int, text: str, **values: Any) -> None:
        super().__init__(text, **values)
        self.query = query
        self.position = position

    def caret(self) -> str:
        """Return the query with a caret below the faulty character, on two lines."""
        return f"{self.query}\n{' ' * self.position}^"


class SourceFault(StrEnum):
    """Why a source could not be read, where people are told so in their language."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    STATUS = "status"
    STATUS_SAID = "status_said"
    ASKS_TO_WAIT = "asks_to_wait"
    REDIRECT_ELSEWHERE = "redirect_elsewhere"
    REDIRECTS = "redirects"
    CUT_OFF = "cut_off"
    NO_HTTP = "no_http"
    TOO_LARGE = "too_large"
    CODING = "coding"
    NO_GZIP = "no_gzip"
    CUT_GZIP = "cut_gzip"
    BROKE_OFF = "broke_off"
    NOT_SAVED = "not_saved"
    EMPTY = "empty"
    HTML = "html"
    CHARSET = "charset"
    BAD_JSON = "bad_json"
    MISSING = "missing"
    ID_EXPECTED = "id_expected"
    TEXT_EXPECTED = "text_expected"
    TEXTS_EXPECTED = "texts_expected"
    DATE_EXPECTED = "date_expected"
    MOMENT_EXPECTED = "moment_expected"
    COUNT_EXPECTED = "count_expected"
    NUMBER_EXPECTED = "number_expected"
    ENVELOPE_EXPECTED = "envelope_expected"
    RECORDS_EXPECTED = "records_expected"
    RECORD_EXPECTED = "record_expected"
    UNKNOWN_CODE = "unknown_code"
    UNREADABLE_RECORD = "unreadable_record"
    ONE_ID = "one_id"
    RETIRED = "retired"
    RAW_CONTRACTS = "raw_contracts"
    NOT_A_FEED = "not_a_feed"
    NOTHING_SINCE = "nothing_since"
    TOO_MANY_DAYS = "too_many_days"
    TOO_FULL_A_DAY = "too_full_a_day"
    MOVING_TOTAL = "moving_total"
    SHORT_PAGE = "short_page"
    SHORT_READ = "short_read"
    INCOMPLETE = "incomplete"
    SAME_PAGES = "same_pages"
    TOO_MANY_PAGES = "too_many_pages"
    UNORDERED = "unordered"
    REGISTER_SHRANK = "register_shrank"
    BAD_TABLE = "bad_table"
    HTML_NOT_TABLE = "html_not_table"
    BAD_XML = "bad_xml"
    DOCTYPE = "doctype"
    XML_TOO_LARGE = "xml_too_large"
    HTML_PAGE = "html_page"
    BAD_ARCHIVE = "bad_archive"
    UNSAFE_ARCHIVE = "unsafe_archive"
    ARCHIVE_TOO_LARGE = "archive_too_large"
    NO_TEXTS = "no_texts"
    NO_ARCHIVES = "no_archives"
    STRANGE_ARCHIVE_NAME = "strange_archive_name"
    INDEX_SHRANK = "index_shrank"
    WRONG_COUNT = "wrong_count"
    BAD_OPTION = "bad_option"
    OURS = "ours"


class SourceError(Exception):
    """Say why a source could not be read; raised by `bot/sources`, shown in the source's health.

    `message` is an English sentence, for the log. `fault` and `values` say the same to people (`Texts.source_error`);
    without a fault they read the message. `field` and `entry` name the place inside the payload where there is one.
    `pause_s` is how long the source asked us to wait, in seconds.
    """

    def __init__(
        self,
        message: str,
        fault: SourceFault | None = None,
        *,
        field: str | None = None,
        entry: str | None = None,
        pause_s: float | None = None,
        **values: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fault = fault
        self.values = {name: str(value) for name, value in values.items()}
        self.field = field
        self.entry = entry
        self.pause_s = pause_s

    @classmethod
    def of_ours(cls, source: str, reference: str) -> Self:
        """Return what people read of an error of ours in reading a source, logged under a `log_reference`."""
        message = f"error of ours in reading {source}, ref {reference}"
        return cls(message, SourceFault.OURS, source=source, reference=reference)

    @classmethod
    def from_kept(cls, kept: str) -> Self:
        """Return the error that `kept` wrote; any other text is the message of one without a fault."""
        try:
            parts = json.loads(kept)
            fault = SourceFault(parts["fault"]) if parts["fault"] in list(SourceFault) else None
            return cls(parts["message"], fault, field=parts["field"], entry=parts["entry"], **parts["values"])
        except (ValueError, TypeError, KeyError):
            return cls(kept)

    def kept(self) -> str:
        """Return the error as it is stored until the source is read again, without its pause: JSON of bounded length.

        An error without fault and place is its message.
        """
        message = _shortened(self.message, KEPT_MESSAGE_CHARS)
        if self.fault is None and self.field is None and self.entry is None:
            return message
        parts = {
            "fault": self.fault,
            "message": message,
            "field": self.field and _shortened(self.field, KEPT_PLACE_CHARS),
            "entry": self.entry and _shortened(self.entry, KEPT_PLACE_CHARS),
            "values": {name: _shortened(value, KEPT_VALUE_CHARS) for name, value in self.values.items()},
        }
        return json.dumps(parts, ensure_ascii=False)

    def __str__(self) -> str:
        place = ", ".join(
            f"{name} {value}" for name, value in (("field", self.field), ("entry", self.entry)) if value is not None
        )
        return f"{self.message} ({place})" if place else self.message


class Expected(StrEnum):
    """What config.toml may hold at a place; some of them need values to be told."""

    TABLE = "table"
    LANGUAGE = "language"
    TIME_ZONE = "time_zone"
    STORM = "storm"
    DATABASE = "database"
    GUILDS = "guilds"
    TOKEN_PATH = "token_path"  # noqa: S105  # a code, not a token
    CONTACT = "contact"
    YES_OR_NO = "yes_or_no"
    EVERY = "every"
    BASE_URL = "base_url"
    PACE = "pace"
    KEEPING = "keeping"
    MEMBER_NAME = "member_name"
    OTHER_NAME = "other_name"
    ADDRESS = "address"
    BOUNDS = "bounds"
    ENVIRONMENT = "environment"
    ARRAY = "array"
    TEXTS = "texts"
    COUNTRIES = "countries"
    DATE_FORMAT = "date_format"
    STEP = "step"
    NOTICE_LANGUAGE = "notice_language"
    LIKELY_TABLE = "likely_table"
    LIKELY_KEY = "likely_key"
    LIKELY_SOURCE = "likely_source"
    KNOWN_TABLE = "known_table"
    KNOWN_KEY = "known_key"
    KNOWN_SOURCE = "known_source"
    FILE = "file"
    READABLE_FILE = "readable_file"
    UTF8 = "utf8"
    TOML = "toml"
    SHALLOW = "shallow"
    TOKEN_FILE = "token_file"  # noqa: S105  # a code, not a token
    TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105  # a code, not a token
    TOKEN_AS_TEXT = "token_as_text"  # noqa: S105  # a code, not a token


class Standing(StrEnum):
    """What stands at a place of config.toml where that is not shown as it is written."""

    TABLE = "table"
    NOTHING = "nothing"
    HIDDEN = "hidden"
    BYTE = "byte"


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """Name one wrong place of config.toml: what stands there and what was expected.

    `key` is empty where a `line` of the file, or without one the file itself, is wrong. `values` fill the places of
    what tells `value` and `expected`.
    """

    key: str
    value: str
    expected: Expected
    values: Mapping[str, str] = field(default_factory=dict)
    line: int | None = None


class ConfigError(Exception):
    """List every fault of a configuration at once; raised by `bot.config`, ends the program with status 2."""

    def __init__(self, path: str, faults: tuple[ConfigFault, ...]) -> None:
        super().__init__(path, faults)
        self.path = path
        self.faults = faults


class DatabaseRefusedError(UserError):
    """Refuse to open a database: altered or unknown migrations, a newer version, or another bot at work on it."""


class DatabaseDamagedError(DatabaseRefusedError):
    """Refuse a database file that cannot be read whole."""


def system_reason(error: BaseException) -> str:
    """Return in a few words why the system could not connect, without the address; "" where it does not say."""
    if not isinstance(error, OSError) or not error.strerror:
        return ""
    # asyncio puts the address, or those of all attempts, in place of the words.
    is_put_together = error.strerror.startswith(("Connect call failed", "Multiple exceptions"))
    return os.strerror(error.errno) if is_put_together and error.errno else error.strerror


def _shortened(text: str, limit: int) -> str:
    """Return a text that can be stored, on one line and of at most `limit` characters."""
    shown = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return shown if len(shown) <= limit else f"{shown[: limit - 1]}…"


def log_reference(log: logging.Logger, error: BaseException) -> str:
    """Log an unexpected error whole and return the short reference under which it stands there (`ab12cd`).

    Only the edges (command, job, delivery, reading a source) call it. The traceback carries no values of variables.
    """
    reference = secrets.token_hex(3)
    log.error("ref %s: %s", reference, type(error).__name__, exc_info=error)
    return reference
