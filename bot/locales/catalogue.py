"""One language's texts, read from its .po file into gettext translations."""

from __future__ import annotations

import functools
import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


class Language(StrEnum):
    """A language that the texts are written in."""

    FR = "fr"
    EN = "en"

    @property
    def locale(self) -> str:
        """Return the Babel locale that writes this language's dates and numbers: European conventions in both."""
        return {"fr": "fr_FR", "en": "en_GB"}[self.value]


@functools.lru_cache(maxsize=256)
def language_of(locale: str) -> Language | None:
    """Return the language of a locale such as `fr`, `fr-CA`, `en-US` or `fr_FR.UTF-8`, None for any other language."""
    code = re.split(r"[-_.@]", locale, maxsplit=1)[0].lower()
    return Language(code) if code in list(Language) else None


def terminal_language(environ: Mapping[str, str]) -> Language:
    """Return the language for a terminal: French when LC_ALL, LC_MESSAGES or LANG asks for it, else English.

    The first of the three that is set decides, as POSIX ranks them.
    """
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return language_of(environ[name]) or Language.EN
    return Language.EN


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Hold the texts of one language by id; `plurals` names the ids that have one form for each number."""

    language: Language
    ids: frozenset[str]
    plurals: frozenset[str]
    translations: gettext.GNUTranslations

    def text(self, text_id: str) -> str:
        """Return the text with this id; raises KeyError when there is none or when it needs a number."""
        if text_id not in self.ids or text_id in self.plurals:
            raise KeyError(text_id)
        return self.translations.gettext(text_id)

    def form(self, text_id: str, n: int) -> str:
        """Return the form of a text that the number `n` asks for; raises KeyError when the id has no plural forms."""
        if text_id not in self.plurals:
            raise KeyError(text_id)
        return self.translations.ngettext(text_id, text_id, n)


@functools.cache
def load(language: Language) -> Catalogue:
    """Read the texts of a language, once a process; call it before the event loop has work, it takes some 50 ms."""
    source = resources.files("bot.locales").joinpath(f"{language}.po").read_text("utf-8")
    catalogue = read_po(io.StringIO(source), locale=language.value, abort_invalid=True)
    ids: set[str] = set()
    plurals: set[str] = set()
    for message in catalogue:
        if not message.id:
            continue
        if isinstance(message.string, tuple | list):
            message.string = tuple(typeset(language, form) for form in message.string)
            plurals.add(message.id[0])
            ids.add(message.id[0])
        else:
            message.string = typeset(language, str(message.string))
            ids.add(str(message.id))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Catalogue(language, frozenset(ids), frozenset(plurals), gettext.GNUTranslations(compiled))


_CODE = re.compile(r"(`[^`]*`)")
_FRENCH = (
    (re.compile(r" (?=[;!?](?![\w/]))"), "\u202f"),
    (re.compile(r" (?=[:»€%](?!\w))"), "\u00a0"),
    (re.compile(r"(?<=«) "), "\u00a0"),
    (re.compile(r"(?<=\bn°) "), "\u00a0"),
)
"""No-break spaces as the Imprimerie nationale sets them."""


def typeset(language: Language, text: str) -> str:
    """Return a text with the apostrophes, ellipses and no-break spaces that its language asks for."""
    parts = _CODE.split(text)  # what stands in backticks is typed by people exactly so
    for place in range(0, len(parts), 2):
        part = parts[place].replace("'", "\u2019").replace("...", "…")
        if language is Language.FR:
            for pattern, space in _FRENCH:
                part = pattern.sub(space, part)
        parts[place] = part
    return "".join(parts)
