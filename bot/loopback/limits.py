"""Limits of messages, components and modals that Discord's specification leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.loopback.state import COMPONENTS_V2, Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.loopback.errors import Faulty

Place = tuple[str | int, ...]

CONTENT = 2000
EMBED_TEXT = 6000
ROWS = 5
ROW_BUTTONS = 5
V2_COMPONENTS = 40
V2_TEXT = 4000
MODAL_COMPONENTS = 5
CHOICES = 25
CHOICE_TEXT = 100

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
SECTION, TEXT_DISPLAY, CONTAINER, LABEL = 9, 10, 17, 18
LINK_STYLE, PREMIUM_STYLE = 5, 6


def utf16(text: str) -> int:
    """Return how many UTF-16 units a text takes, the safe side of how Discord counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> Iterator[tuple[int, Json]]:
    for index, item in enumerate(_list(value)):
        if isinstance(item, dict):
            yield index, item


def check_message(body: Json, faulty: Faulty, place: Place = (), *, v2: bool = False) -> None:
    """Add what Discord refuses in the body of a message; `v2` when the message edited already has components v2."""
    content = body.get("content")
    if isinstance(content, str) and utf16(content) > CONTENT:
        faulty.add((*place, "content"), "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT} or fewer in length.")
    _check_embeds(body.get("embeds"), faulty, (*place, "embeds"))
    flags = body.get("flags")
    v2 = v2 or bool(isinstance(flags, int) and flags & COMPONENTS_V2)
    components = (*place, "components")
    if v2:
        for name in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(name):
                faulty.add(
                    (*place, name),
                    "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                    "The 'IS_COMPONENTS_V2' flag forbids this field.",
                )
        _check_v2(body.get("components"), faulty, components)
    else:
        if len(_list(body.get("components"))) > ROWS:
            faulty.add(components, "BASE_TYPE_MAX_LENGTH", f"Must be {ROWS} or fewer in length.")
        for index, component in _objects(body.get("components")):
            if component.get("type") != ACTION_ROW:
                faulty.add((*components, index, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1,).")
    _check_interactive(body.get("components"), faulty, components)


def _check_embeds(embeds: Any, faulty: Faulty, place: Place) -> None:
    total = 0
    for index, embed in _objects(embeds):
        here = (*place, index)
        texts = [embed.get("title"), embed.get("description")]
        texts += [(embed.get(part) or {}).get(key) for part, key in (("footer", "text"), ("author", "name"))]
        for number, field in _objects(embed.get("fields")):
            for key in ("name", "value"):
                text = field.get(key)
                texts.append(text)
                if isinstance(text, str) and not text.strip():
                    faulty.add((*here, "fields", number, key), "BASE_TYPE_REQUIRED", "This field is required")
        total += sum(utf16(text) for text in texts if isinstance(text, str))
        for path in (("url",), ("author", "url"), ("author", "icon_url"), ("footer", "icon_url")):
            _check_url(embed, path, faulty, here)
        for part in ("image", "thumbnail"):
            _check_url(embed, (part, "url"), faulty, here, files=True)
    if total > EMBED_TEXT:
        faulty.add(
            place, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TEXT} ({total} characters)."
        )


def _check_url(embed: Json, path: tuple[str, ...], faulty: Faulty, place: Place, *, files: bool = False) -> None:
    value: Any = embed
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    schemes = {"http", "https"} | ({"attachment"} if files else set())
    if parts.scheme not in schemes or not parts.netloc or any(letter.isspace() for letter in value):
        faulty.add((*place, *path), "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def walk(components: Any, place: Place = ()) -> Iterator[tuple[Place, Json]]:
    """Return every component with its place, nested ones and accessories included."""
    for index, component in _objects(components):
        here = (*place, index)
        yield here, component
        yield from walk(component.get("components"), (*here, "components"))
        for name in ("accessory", "component"):
            inner = component.get(name)
            if isinstance(inner, dict):
                yield (*here, name), inner


def _check_v2(components: Any, faulty: Faulty, place: Place) -> None:
    found = list(walk(components, place))
    if len(found) > V2_COMPONENTS:
        faulty.add(place, "BASE_TYPE_MAX_LENGTH", f"Must be {V2_COMPONENTS} or fewer components, nested ones included.")
    text = sum(
        utf16(str(component.get("content", ""))) for _, component in found if component.get("type") == TEXT_DISPLAY
    )
    if text > V2_TEXT:
        faulty.add(place, "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", f"Must be {V2_TEXT} or fewer in length, in all.")
    for here, component in found:
        if component.get("type") == TEXT_DISPLAY and not str(component.get("content", "")).strip():
            faulty.add((*here, "content"), "BASE_TYPE_REQUIRED", "This field is required")


def _check_interactive(components: Any, faulty: Faulty, place: Place) -> None:
    seen: set[str] = set()
    for here, component in walk(components, place):
        kind = component.get("type")
        custom_id = component.get("custom_id")
        if isinstance(custom_id, str):
            if custom_id in seen:
                faulty.add(
                    (*here, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
                )
            seen.add(custom_id)
        if kind == ACTION_ROW:
            _check_row(component, faulty, here)
        elif kind == BUTTON:
            _check_button(component, faulty, here)
        elif kind in SELECTS:
            _check_select(component, faulty, here)


def _check_row(row: Json, faulty: Faulty, place: Place) -> None:
    kinds = [component.get("type") for _, component in _objects(row.get("components"))]
    here = (*place, "components")
    if kinds.count(BUTTON) > ROW_BUTTONS:
        faulty.add(here, "BASE_TYPE_MAX_LENGTH", f"Must be {ROW_BUTTONS} or fewer in length.")
    if len(kinds) > 1 and any(kind in SELECTS for kind in kinds):
        faulty.add(here, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")


def _check_button(button: Json, faulty: Faulty, place: Place) -> None:
    style, url, custom_id = button.get("style"), button.get("url"), button.get("custom_id")
    if style == LINK_STYLE:
        if not url:
            faulty.add((*place, "url"), "BASE_TYPE_REQUIRED", "A url is required")
        else:
            _check_url(button, ("url",), faulty, place)
        if custom_id:
            faulty.add((*place, "custom_id"), "COMPONENT_CUSTOM_ID_FORBIDDEN", "A link button has no custom id")
    elif style != PREMIUM_STYLE:
        if not custom_id:
            faulty.add((*place, "custom_id"), "BASE_TYPE_REQUIRED", "A custom id is required")
        if url:
            faulty.add((*place, "url"), "COMPONENT_URL_FORBIDDEN", "Only a link button has a url")
    if style != PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        faulty.add((*place, "label"), "BUTTON_COMPONENT_INVALID", "A button must have a label or an emoji")


def _check_select(select: Json, faulty: Faulty, place: Place) -> None:
    if select.get("type") != STRING_SELECT:
        return
    options = _list(select.get("options"))
    if not options:
        faulty.add((*place, "options"), "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    values = [option.get("value") for _, option in _objects(options)]
    for index, value in enumerate(values):
        if value in values[:index]:
            faulty.add(
                (*place, "options", index, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "Value already used"
            )
    for name in ("min_values", "max_values"):
        count = select.get(name)
        if isinstance(count, int) and options and count > len(options):
            faulty.add((*place, name), "NUMBER_TYPE_MAX", f"Must be less than or equal to {len(options)}.")


def check_modal(data: Json, faulty: Faulty, place: Place) -> None:
    """Add what Discord refuses in a form: 1 to 5 components at the top, each custom_id once."""
    components = _list(data.get("components"))
    if not 1 <= len(components) <= MODAL_COMPONENTS:
        faulty.add(
            (*place, "components"), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {MODAL_COMPONENTS} in length."
        )
    _check_interactive(components, faulty, (*place, "components"))
    for here, component in walk(components, (*place, "components")):
        value, longest = component.get("value"), component.get("max_length")
        if component.get("type") != TEXT_INPUT or not isinstance(value, str):
            continue
        if isinstance(longest, int) and len(value) > longest:
            faulty.add((*here, "value"), "BASE_TYPE_MAX_LENGTH", f"Must be {longest} or fewer in length.")


def check_autocomplete(data: Json, faulty: Faulty, place: Place) -> None:
    """Add what Discord refuses in an autocomplete answer: 25 choices, names and string values of 1 to 100."""
    choices = _list(data.get("choices"))
    here = (*place, "choices")
    if len(choices) > CHOICES:
        faulty.add(here, "BASE_TYPE_MAX_LENGTH", f"Must be {CHOICES} or fewer in length.")
    for index, choice in _objects(choices):
        for key in ("name", "value"):
            text = choice.get(key)
            if isinstance(text, str) and not 1 <= utf16(text) <= CHOICE_TEXT:
                faulty.add(
                    (*here, index, key), "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {CHOICE_TEXT} in length."
                )


def is_empty(body: Json, files: int) -> bool:
    """Tell whether a message body holds nothing to show."""
    shown = ("embeds", "sticker_ids", "components", "poll", "message_reference", "shared_client_theme")
    return not files and not str(body.get("content") or "").strip() and not any(body.get(name) for name in shown)


def mention_violation(body: Json) -> str | None:
    """Return why a message body could ping somebody, or None when its `allowed_mentions` forbids it."""
    allowed = body.get("allowed_mentions")
    if not isinstance(allowed, dict):
        return "no allowed_mentions"
    if "parse" not in allowed and not ("users" in allowed and "roles" in allowed):
        return "allowed_mentions without parse"
    return f"allowed_mentions.parse is {allowed['parse']}" if allowed.get("parse") else None
