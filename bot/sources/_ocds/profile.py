"""How one publisher of OCDS data is asked and read: all that differs between them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.errors import SourceError, SourceFault
from bot.sources._ocds.package import UTF8_ELSE_LATIN1, Package

STEP = r"(?!0+[mhd])(\d{1,4})([mhd])"
DATE_FORMAT = r"(?=.*%[Yy])(?=.*%[dj])(?:[^%]|%[YymbBdjHIMSfpzZ%])*"
LANGUAGE = r"[a-z]{2}"
ADDRESS = r"[^{}]*|(?=.*\{from\})(?=.*\{to\})(?:[^{}]|\{from\}|\{to\})*"
"""How the keys of a publisher's table are written, as regular expressions."""

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Say how a publisher is asked and read.

    `path` follows the base URL; `{from}` and `{to}` in them stand for the bounds of a window, written by
    `date_format` (strftime) in the source's zone; without `{from}` the publisher lists its newest first. `largest` is
    the longest window that it answers whole, `full_page` how many releases a full page holds where that is known.
    Where polls are many, `overlap` is how far an ordinary one reaches back before the last success, `again` how far
    one a day does; None: each reads the window it is asked for. `page` is the address of a notice's page, with `{}`
    for what `page_key` finds in the release id. `is_exact` says that every code and every title of the publisher is
    known to be there, so that one that is not is an error rather than a loss.
    """

    path: str = ""
    date_format: str = "%Y-%m-%dT%H:%M:%S"
    largest: timedelta
    full_page: int | None = None
    overlap: timedelta | None = None
    again: timedelta | None = None
    page: str | None = None
    page_key: str = r"(.+)"
    charsets: tuple[str, ...] = UTF8_ELSE_LATIN1
    is_exact: bool = False

    @property
    def is_by_day(self) -> bool:
        """Return whether the bounds of windows are days, without a time."""
        return "%H" not in self.date_format and "%T" not in self.date_format and "%I" not in self.date_format

    def may_lack_a_link(self, package: Package) -> bool:
        """Return whether a page is full and links to none: the last one, or one that no longer says how to go on."""
        return package.next is None and len(package.releases) == self.full_page

    def page_of(self, release_id: str) -> str | None:
        """Return the address of the page of a release, None where the publisher has none of that form."""
        found = re.fullmatch(self.page_key, release_id)
        return self.page.replace("{}", found[1]) if self.page and found else None


def of_options(chosen: Mapping[str, Any]) -> Profile:
    """Return the profile of a publisher that the configuration describes by `format` and `step`.

    Raises SourceError naming the key that cannot be read.
    """
    step = _only(chosen, "step", STEP)
    date_format = _only(chosen, "format", DATE_FORMAT)
    return Profile(date_format=date_format[0], largest=int(step[1]) * _UNITS[step[2]])


def language_of(chosen: Mapping[str, Any]) -> str | None:
    """Return the language of the publisher's notices where they do not say it themselves; raises as `of_options`."""
    return _only(chosen, "language", LANGUAGE)[0] if chosen.get("language") else None


def _only(chosen: Mapping[str, Any], key: str, form: str) -> re.Match[str]:
    value = ", ".join(chosen[key])
    found = re.fullmatch(form, value) if len(chosen[key]) == 1 else None
    if found is not None:
        return found
    raise SourceError(
        f"the key {key!r} of its configuration holds {value!r}, which cannot be read",
        SourceFault.BAD_OPTION,
        key=key,
        value=value,
    )
