"""What is told of a wrong place of config.toml: the value without its secrets, and what was expected there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from bot.errors import Expected, Standing

SHOWN_CHARS: Final = 80

_SECRET_KEY: Final = re.compile(r"token(?!_file)|secret|passw|(?<![a-z])(?:api)?key(?![a-z])", re.IGNORECASE)
_LOOKS_LIKE_TOKEN: Final = re.compile(r"[\w-]{20,}\.[\w-]{4,}\.[\w-]{20,}|(?=\w*\d)(?=\w*[A-Za-z])\w{32,}")
_USER_INFO: Final = re.compile(r"//[^/\s]*@")
_PARAMETER: Final = re.compile(r"([?&][^=&\s]*)=[^&\s\"]*")
_LIKELY: Final = {
    "table": Expected.LIKELY_TABLE,
    "key": Expected.LIKELY_KEY,
    "source": Expected.LIKELY_SOURCE,
}
_KNOWN: Final = {"table": Expected.KNOWN_TABLE, "key": Expected.KNOWN_KEY, "source": Expected.KNOWN_SOURCE}


def one_of(
    noun: str, name: str, known: Iterable[str], written: Mapping[str, str] = MappingProxyType({})
) -> tuple[Expected, dict[str, str]]:
    """Name the likely one of the names that are known where an unknown one stands, else all of them.

    `written` says how some of them are written, where that is not the name alone.
    """
    told = {one: written.get(one, one) for one in sorted(known)}
    if (likely := nearest(name, told)) is not None:
        return _LIKELY[noun], {"name": likely}
    return _KNOWN[noun], {"names": ", ".join(told.values())}


def nearest(name: str, known: Mapping[str, str]) -> str | None:
    """Return what `known` holds under the name nearest to one, whatever the case; None where none is near."""
    folded = {one.casefold(): told for one, told in known.items()}
    near = get_close_matches(name.casefold(), folded, n=1)
    return folded[near[0]] if near else None


def is_secret(key: str) -> bool:
    """Return whether what stands under a key of that name may be a secret."""
    return _SECRET_KEY.search(key) is not None


def shown(value: object, key: str) -> str:
    """Return a value as TOML would write it, shortened, and without what may be a secret."""
    if isinstance(value, dict):
        return Standing.TABLE
    return without_secrets(json.dumps(value, ensure_ascii=False, default=str), key)


def without_secrets(text: str, key: str) -> str:
    """Return a text shortened, and nothing of it where it may be a secret."""
    if is_secret(key) or _LOOKS_LIKE_TOKEN.search(text):
        return Standing.HIDDEN
    text = _PARAMETER.sub(_without_secret, _USER_INFO.sub("//…@", text))
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1]}…"


def _without_secret(parameter: re.Match[str]) -> str:
    return f"{parameter[1]}=…" if is_secret(parameter[1]) else parameter[0]
