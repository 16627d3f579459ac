"""Limits of application commands that Discord's specification leaves out."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from bot.loopback.limits import CHOICE_TEXT, Place, utf16

if TYPE_CHECKING:
    from bot.loopback.errors import Faulty
    from bot.loopback.state import Json

CHAT, USER, MESSAGE = 1, 2, 3
SUB_COMMAND, SUB_COMMAND_GROUP, STRING = 1, 2, 3
COMMAND_TEXT = 8000
NAME_LENGTH = 32
A_SCOPE = {CHAT: 100, USER: 15, MESSAGE: 15}
LOCALES = frozenset(
    "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi th "  # noqa: SIM905  # two lines instead of 34
    "zh-CN ja zh-TW ko ar he".split()
)


def check_commands(commands: Any, faulty: Faulty) -> None:
    """Add what Discord refuses in the commands of one scope: numbers, names, order, sizes."""
    if not isinstance(commands, list):
        return
    seen: dict[tuple[int, str], int] = {}
    counts: dict[int, int] = {}
    for index, command in enumerate(commands):
        if not isinstance(command, dict):
            continue
        kind = command.get("type") or CHAT
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] > A_SCOPE.get(kind, counts[kind]):
            faulty.add((index,), "APPLICATION_COMMANDS_MAX", "Maximum number of application commands reached.")
        for name in _names(command):
            if seen.setdefault((kind, name), index) != index:
                faulty.add(
                    (index, "name"),
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                    "Application command names must be unique",
                )
        if kind == CHAT:
            _check_chat(command, faulty, (index,))
        else:
            _check_menu(command, faulty, (index,))


def _names(thing: Json) -> set[str]:
    localised = thing.get("name_localizations") or {}
    return {str(thing.get("name"))} | {str(name) for name in localised.values()}


def _check_menu(command: Json, faulty: Faulty, place: Place) -> None:
    for name in ("description", "options"):
        if command.get(name):
            faulty.add(
                (*place, name), "APPLICATION_COMMAND_CONTEXT_MENU_FIELD", "Context menu commands cannot have this"
            )
    _check_locales(command, faulty, place)


def _check_chat(command: Json, faulty: Faulty, place: Place) -> None:
    if not command.get("description"):
        faulty.add((*place, "description"), "BASE_TYPE_REQUIRED", "This field is required")
    _check_named(command, faulty, place)
    _check_options(command.get("options"), faulty, (*place, "options"), depth=0)
    size = _size(command)
    if size > COMMAND_TEXT:
        faulty.add(
            place, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({COMMAND_TEXT}), it takes {size}."
        )


def is_name(text: str) -> bool:
    r"""Tell whether a text is a chat command's or option's name: `^[-_'\p{L}\p{N}]{1,32}$` and lower case."""
    letters = all(letter in "-_'" or unicodedata.category(letter)[0] in "LNM" for letter in text)
    return letters and 1 <= len(text) <= NAME_LENGTH and text == text.lower()


def _check_named(thing: Json, faulty: Faulty, place: Place) -> None:
    named = {"name": thing.get("name")}
    localised = thing.get("name_localizations") or {}
    for key, name in named.items():
        if isinstance(name, str) and not is_name(name):
            faulty.add((*place, key), "APPLICATION_COMMAND_INVALID_NAME", f"Command name is invalid: {name!r}")
    for locale, name in localised.items():
        if isinstance(name, str) and not is_name(name):
            faulty.add(
                (*place, "name_localizations", locale),
                "APPLICATION_COMMAND_INVALID_NAME",
                f"Command name is invalid: {name!r}",
            )
    _check_locales(thing, faulty, place)


def _check_locales(thing: Json, faulty: Faulty, place: Place) -> None:
    for field in ("name_localizations", "description_localizations"):
        for locale in thing.get(field) or {}:
            if locale not in LOCALES:
                faulty.add((*place, field, locale), "BASE_TYPE_CHOICES", "Value is not a locale of Discord's.")


def _check_options(options: Any, faulty: Faulty, place: Place, *, depth: int) -> None:
    if not isinstance(options, list):
        return
    seen: dict[str, int] = {}
    kinds = [option.get("type") for option in options if isinstance(option, dict)]
    nested = [kind in {SUB_COMMAND, SUB_COMMAND_GROUP} for kind in kinds]
    if any(nested) and not all(nested):
        faulty.add(place, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands and options cannot be mixed")
    optional_before = False
    for index, option in enumerate(options):
        if not isinstance(option, dict):
            continue
        here = (*place, index)
        _check_named(option, faulty, here)
        for name in _names(option):
            if seen.setdefault(name, index) != index:
                faulty.add(
                    (*here, "name"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already used"
                )
        kind = option.get("type")
        if kind in {SUB_COMMAND, SUB_COMMAND_GROUP}:
            if (kind == SUB_COMMAND_GROUP and depth > 0) or depth > 1:
                faulty.add((*here, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands nested too deep")
            _check_options(option.get("options"), faulty, (*here, "options"), depth=depth + 1)
            continue
        if option.get("required") and optional_before:
            faulty.add(
                here,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_before = optional_before or not option.get("required")
        _check_choices(option, faulty, here)


def _check_choices(option: Json, faulty: Faulty, place: Place) -> None:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        faulty.add(
            (*place, "choices"), "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", "Choices exclude autocomplete"
        )
    seen: set[str] = set()
    for index, choice in enumerate(choices):
        if not isinstance(choice, dict):
            continue
        value = choice.get("value")
        if isinstance(value, str) and not 1 <= utf16(value) <= CHOICE_TEXT:
            faulty.add(
                (*place, "choices", index, "value"),
                "BASE_TYPE_BAD_LENGTH",
                f"Must be between 1 and {CHOICE_TEXT} in length.",
            )
        name = str(choice.get("name"))
        if name in seen:
            faulty.add(
                (*place, "choices", index, "name"),
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_ALREADY_EXISTS",
                "Choice name already used",
            )
        seen.add(name)


def _longest(thing: Json, field: str) -> int:
    texts = [thing.get(field), *(thing.get(f"{field}_localizations") or {}).values()]
    return max((utf16(text) for text in texts if isinstance(text, str)), default=0)


def _size(thing: Json) -> int:
    total = _longest(thing, "name") + _longest(thing, "description")
    for choice in thing.get("choices") or []:
        if isinstance(choice, dict):
            value = choice.get("value")
            total += _longest(choice, "name") + (utf16(value) if isinstance(value, str) else 0)
    return total + sum(_size(option) for option in thing.get("options") or [] if isinstance(option, dict))
