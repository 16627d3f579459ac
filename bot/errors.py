"""The errors that people see; everything else goes whole to the log."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Any


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


class SourceError(Exception):
    """Say why a source could not be read; raised by `bot/sources`, shown in the source's health.

    `field` and `entry` name the place inside the payload where there is one. `pause_s` is how long the source asked us
    to wait, in seconds.
    """

    def __init__(
        self, message: str, *, field: str | None = None, entry: str | None = None, pause_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.entry = entry
        self.pause_s = pause_s

    def __str__(self) -> str:
        place = ", ".join(
            f"{name} {value}" for name, value in (("field", self.field), ("entry", self.entry)) if value is not None
        )
        return f"{self.message} ({place})" if place else self.message


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """Name one wrong key of config.toml: what stands there and what was expected."""

    key: str
    value: str
    expected: str


class ConfigError(Exception):
    """List every fault of a configuration at once; raised by `bot.config`, ends the program with status 2."""

    def __init__(self, path: str, faults: tuple[ConfigFault, ...]) -> None:
        super().__init__(path, faults)
        self.path = path
        self.faults = faults


class DatabaseRefusedError(UserError):
    """Refuse to open a database: altered or unknown migrations, a newer version, or another bot at work on it."""


def log_reference(log: logging.Logger, error: BaseException) -> str:
    """Log an unexpected error whole and return the short reference under which it stands there (`ab12cd`).

    Only the three edges (command, job, delivery) call it. The traceback carries no values of variables.
    """
    reference = secrets.token_hex(3)
    log.error("ref %s: %s", reference, type(error).__name__, exc_info=error)
    return reference
