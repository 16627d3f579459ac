"""What a person types into a command, a menu or a form, checked as the real client checks it before sending."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.loopback.channels import Channel
from bot.loopback.limits import LABEL, TEXT_DISPLAY, TEXT_INPUT, utf16
from bot.loopback.state import Attachment, Json, Message, Person, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.loopback.state import Command

SUB_COMMAND, SUB_COMMAND_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE = 1, 2, 3, 4, 5, 6, 7, 8
MENTIONABLE, NUMBER, ATTACHMENT = 9, 10, 11
STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 3, 5, 6, 7, 8
FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 19, 21, 22, 23
STRING_LENGTH = 6000
TEXT_INPUT_LENGTH = 4000


class PersonCannot(Exception):  # noqa: N818  # reads as what it says: a person cannot
    """What the real client refuses before anything reaches the bot."""


class Resolved:
    """The objects that an interaction carries beside the ids that name them."""

    def __init__(self, viewer: Person, channel: Channel) -> None:
        self._viewer = viewer
        self._channel = channel
        self.found: dict[str, Json] = {}

    def add(self, thing: Any) -> str:
        """Keep an object; return its id as the interaction names it."""
        if isinstance(thing, Attachment):
            self._put("attachments", thing.id, thing.payload())
        elif isinstance(thing, Role):
            self._put("roles", thing.id, thing.payload())
        elif isinstance(thing, Channel):
            self._put("channels", thing.id, thing.partial(self._viewer.id))
        elif isinstance(thing, Person):
            self._put("users", thing.id, thing.user.payload())
            payload = thing.payload() | {"permissions": str(self._channel.bits(thing.id))}
            self._put(
                "members", thing.id, {key: payload[key] for key in payload if key not in {"user", "deaf", "mute"}}
            )
        elif isinstance(thing, Message):
            self._put("messages", thing.id, thing.payload())
        else:
            raise PersonCannot(f"{thing!r} is nothing that can be picked")
        return str(thing.id)

    def _put(self, kind: str, thing_id: int, payload: Json) -> None:
        self.found.setdefault(kind, {})[str(thing_id)] = payload


def leaf_of(command: Command, words: list[str], locale: str) -> tuple[list[Json], list[Json]]:
    """Return the sub-command objects from the root down, and the options at the end; PersonCannot without them."""
    chain: list[Json] = []
    options: list[Json] = command.body.get("options") or []
    for word in words:
        below = [option for option in options if option["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP}]
        found = next((option for option in below if called(option, word, locale)), None)
        if found is None:
            raise PersonCannot(f"/{command.name} has no sub-command {word!r}, only {[item['name'] for item in below]}")
        chain.append(found)
        options = found.get("options") or []
    if any(option["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP} for option in options):
        names = " ".join([command.name, *(item["name"] for item in chain)])
        raise PersonCannot(f"/{names} needs one of {[item['name'] for item in options]}")
    return chain, options


def called(thing: Json, word: str, locale: str) -> bool:
    """Tell whether a command or option goes by that name, in the base language or in the person's."""
    return word in {thing["name"], (thing.get("name_localizations") or {}).get(locale)}


def fill(options: list[Json], given: Mapping[str, Any], resolved: Resolved, locale: str) -> list[Json]:
    """Return the options of an interaction from what a person gave; None counts as not given."""
    wanted = {name: value for name, value in given.items() if value is not None}
    filled = []
    for option in options:
        name = next((name for name in wanted if called(option, name, locale)), None)
        if name is None:
            if option.get("required"):
                raise PersonCannot(f"option {option['name']!r} is required")
            continue
        value = _value(option, wanted.pop(name), resolved, locale)
        filled.append({"name": option["name"], "type": option["type"], "value": value})
    if wanted:
        raise PersonCannot(f"no option {sorted(wanted)}, only {[option['name'] for option in options]}")
    return filled


def wrap(chain: list[Json], options: list[Json]) -> list[Json]:
    """Return options wrapped in the sub-commands that lead to them."""
    for step in reversed(chain):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    return options


def _value(option: Json, value: Any, resolved: Resolved, locale: str) -> Any:
    kind, name = option["type"], option["name"]
    if kind in {STRING, INTEGER, NUMBER}:
        return _typed(option, value, locale)
    if kind == BOOLEAN:
        _require(isinstance(value, bool), name, "true or false", value)
        return value
    _require(_fits_kind(kind, option, value), name, f"an object of option type {kind}", value)
    return resolved.add(value)


def _fits_kind(kind: int, option: Json, value: Any) -> bool:
    if kind == CHANNEL:
        kinds = option.get("channel_types")
        return isinstance(value, Channel) and (not kinds or value.type in kinds)
    expected: dict[int, tuple[type, ...]] = {
        USER: (Person,),
        ROLE: (Role,),
        MENTIONABLE: (Person, Role),
        ATTACHMENT: (Attachment,),
    }
    return isinstance(value, expected.get(kind, ()))


def _typed(option: Json, value: Any, locale: str) -> Any:
    name, kind = option["name"], option["type"]
    for choice in option.get("choices") or []:
        localised = (choice.get("name_localizations") or {}).get(locale)
        if value in (choice["value"], choice["name"], localised):
            return choice["value"]
    if option.get("choices"):
        raise PersonCannot(f"option {name!r} is one of {[item['value'] for item in option['choices']]}, not {value!r}")
    if kind == STRING:
        _require(isinstance(value, str), name, "a text", value)
        least, most = option.get("min_length") or 0, option.get("max_length") or STRING_LENGTH
        _require(least <= utf16(value) <= most and bool(value.strip()), name, f"{least} to {most} characters", value)
        return value
    number = int if kind == INTEGER else (int, float)
    _require(isinstance(value, number) and not isinstance(value, bool), name, "a number", value)
    low, high = option.get("min_value"), option.get("max_value")
    _require(
        (low is None or value >= low) and (high is None or value <= high), name, f"between {low} and {high}", value
    )
    return value


def _require(holds: bool, name: str, expected: str, value: Any) -> None:  # noqa: FBT001  # the condition itself
    if not holds:
        shown = repr(value)
        raise PersonCannot(f"option {name!r} must be {expected}, not {shown[:60]}")


def check_count(component: Json, values: list[Any], *, what: str) -> None:
    """Raise PersonCannot unless as many values are picked as a select, upload or checkbox group allows."""
    required = component.get("required", True)
    least = component.get("min_values")
    least = 1 if least is None else least
    most = component.get("max_values")
    most = (len(component.get("options") or []) if component["type"] == CHECKBOX_GROUP else 1) if most is None else most
    if not values and not required:
        return
    if not least <= len(values) <= most:
        raise PersonCannot(f"{what} takes {least} to {most} values, not {len(values)}")


def pick(component: Json, values: list[Any], resolved: Resolved) -> list[str]:
    """Return the values of a select as sent; texts may be values or labels, other kinds take objects."""
    what = f"select {component.get('custom_id')!r}"
    check_count(component, values, what=what)
    if component["type"] in {STRING_SELECT, RADIO_GROUP, CHECKBOX_GROUP}:
        picked = []
        for value in values:
            options = component.get("options") or []
            found = next((option for option in options if value in (option["value"], option.get("label"))), None)
            if found is None:
                raise PersonCannot(f"{what} has no option {value!r}")
            picked.append(str(found["value"]))
        return picked
    kinds = {
        USER_SELECT: USER,
        ROLE_SELECT: ROLE,
        MENTIONABLE_SELECT: MENTIONABLE,
        CHANNEL_SELECT: CHANNEL,
        FILE_UPLOAD: ATTACHMENT,
    }
    for value in values:
        if not _fits_kind(kinds[component["type"]], component, value):
            raise PersonCannot(f"{what} does not take {value!r}")
    return [resolved.add(value) for value in values]


def fill_form(modal: Json, given: Mapping[str, Any], resolved: Resolved) -> list[Json]:
    """Return the components of a submitted form; what is not given keeps what the form proposed."""
    left = dict(given)
    components: list[Json] = []
    for number, outer in enumerate(modal["components"], 1):
        if outer["type"] == TEXT_DISPLAY:
            components.append({"type": TEXT_DISPLAY, "id": number})
        elif outer["type"] == LABEL:
            inner = _field(outer["component"], left, resolved)
            components.append({"type": LABEL, "id": number, "component": inner})
        else:
            fields = [_field(inner, left, resolved) for inner in outer["components"]]
            components.append({"type": outer["type"], "id": number, "components": fields})
    if left:
        raise PersonCannot(f"the form has no field {sorted(left)}")
    return components


def _field(field: Json, left: dict[str, Any], resolved: Resolved) -> Json:
    kind, custom_id = field["type"], field["custom_id"]
    sent: Json = {"type": kind, "id": field.get("id") or 0, "custom_id": custom_id}
    given = left.pop(custom_id, None)
    if kind == TEXT_INPUT:
        text = field.get("value") or "" if given is None else given
        if not isinstance(text, str):
            raise PersonCannot(f"field {custom_id!r} takes a text, not {text!r}")
        least, most = field.get("min_length") or 0, field.get("max_length") or TEXT_INPUT_LENGTH
        if field.get("required", True) and not text.strip():
            raise PersonCannot(f"field {custom_id!r} is required")
        if text and not least <= utf16(text) <= most:
            raise PersonCannot(f"field {custom_id!r} takes {least} to {most} characters, not {utf16(text)}")
        return sent | {"value": text}
    if kind == CHECKBOX:
        return sent | {"value": bool(field.get("default")) if given is None else bool(given)}
    if given is None:
        chosen = [option["value"] for option in field.get("options") or [] if option.get("default")]
    else:
        chosen = list(given) if isinstance(given, (list, tuple)) else [given]
    if kind == RADIO_GROUP:
        picked = pick(field | {"min_values": 1, "max_values": 1}, chosen, resolved)
        return sent | {"value": picked[0] if picked else None}
    return sent | {"values": pick(field, chosen, resolved)}
