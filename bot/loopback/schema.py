"""Request bodies checked against Discord's own OpenAPI description (`discord_api.json`, trimmed to what is served)."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, ValidationError, validators
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.loopback.errors import Faulty
    from bot.loopback.state import Json

_CODES = {
    "maxLength": "BASE_TYPE_MAX_LENGTH",
    "minLength": "BASE_TYPE_MIN_LENGTH",
    "maxItems": "BASE_TYPE_MAX_LENGTH",
    "minItems": "BASE_TYPE_MIN_LENGTH",
    "required": "BASE_TYPE_REQUIRED",
    "enum": "BASE_TYPE_CHOICES",
    "maximum": "NUMBER_TYPE_MAX",
    "minimum": "NUMBER_TYPE_MIN",
    "type": "BASE_TYPE_BAD_TYPE",
    "oneOf": "UNION_TYPE_CHOICES",
    "anyOf": "UNION_TYPE_CHOICES",
}
_GUILD_MEDIA = 16


@cache
def _document() -> Json:
    document: Json = json.loads(files("bot.loopback").joinpath("discord_api.json").read_text("utf-8"))
    schemas = document["components"]["schemas"]
    # discord.py sends JSON integers in attachments[].id, allowed_mentions.users, applied_tags; Discord takes them.
    text = schemas["SnowflakeType"]
    schemas["SnowflakeType"] = {"anyOf": [text, {"type": "integer", "minimum": 0}]}
    # discord.py sends [15, 16] for a forum option; the specification does not know 16.
    schemas["ChannelTypes"]["oneOf"].append({"const": _GUILD_MEDIA})
    return document


@cache
def _registry() -> Registry[Any]:
    registry: Registry[Any] = Registry().with_resource("urn:discord", DRAFT202012.create_resource(_document()))
    return registry


@cache
def _resolved(reference: str) -> Json:
    node: Any = _document()
    for step in reference.removeprefix("urn:discord").removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return dict(node)


def _schema_of(branch: Json) -> Json:
    return _resolved(branch["$ref"]) if "$ref" in branch else branch


def _takes(branch: Json, instance: Any) -> bool:
    """Tell whether a branch of a union is meant for this instance: its kind of value, and its `type` if it has one."""
    schema = _schema_of(branch)
    kinds = schema.get("type")
    if kinds is not None:
        checker = Draft202012Validator.TYPE_CHECKER
        if not any(checker.is_type(instance, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
            return False
    if isinstance(instance, dict) and "type" in instance:
        allowed = schema.get("properties", {}).get("type", {}).get("enum")
        return allowed is None or instance["type"] in allowed
    return True


def _union(validator: Any, branches: list[Json], instance: Any, _schema: Json) -> Iterator[ValidationError]:
    """Report what is wrong in the branch that was meant, instead of all that is wrong in the others."""
    meant = [(index, branch) for index, branch in enumerate(branches) if _takes(branch, instance)]
    if not meant:
        yield ValidationError("is none of the kinds that are possible here")
        return
    constants = [branch["const"] for branch in branches if "const" in branch]
    if len(constants) == len(branches):
        if instance not in constants:
            yield ValidationError(f"Value must be one of {constants}.")
        return
    best: list[ValidationError] | None = None
    for index, branch in meant:
        errors = list(validator.descend(instance, branch, schema_path=index))
        if not errors:
            return
        if best is None or _nearness(errors) > _nearness(best):
            best = errors
    yield from best or []


def _nearness(errors: list[ValidationError]) -> tuple[int, int]:
    return -len(errors), max(len(error.absolute_path) for error in errors)


_Validator: Any = validators.extend(  # type: ignore[no-untyped-call]  # untyped in types-jsonschema
    Draft202012Validator, {"oneOf": _union, "anyOf": _union}
)


_ACCEPTED: set[tuple[str, str]] = set()
"""What was put and found right before: paths, and checksums of bodies."""


@cache
def _validator(method: str, path: str) -> Any:
    operation = _document()["paths"].get(path, {}).get(method.lower(), {})
    if "requestBody" not in operation:
        return None
    place = f"#/paths/{path.replace('~', '~0').replace('/', '~1')}/{method.lower()}"
    reference = f"urn:discord{place}/requestBody/content/application~1json/schema"
    return _Validator({"$ref": reference}, registry=_registry())


def check(method: str, path: str, body: Any, faulty: Faulty) -> None:
    """Add to `faulty` what the specification refuses in a body sent to a path such as `/channels/{channel_id}`."""
    validator = _validator(method, path)
    if validator is None:
        return
    # The whole list of commands comes again with each bot, and takes a while to check.
    whole = hashlib.sha256(json.dumps(body).encode()).hexdigest() if method == "PUT" else None
    if whole is not None and (path, whole) in _ACCEPTED:
        return
    before = len(faulty.found)
    _check(validator, body, faulty)
    if whole is not None and len(faulty.found) == before:
        _ACCEPTED.add((path, whole))


def _check(validator: Any, body: Any, faulty: Faulty) -> None:
    for error in validator.iter_errors(body):
        place = tuple(error.absolute_path)
        keyword = str(error.validator)
        if keyword == "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            for name in missing:
                faulty.add((*place, name), "BASE_TYPE_REQUIRED", "This field is required")
            continue
        faulty.add(place, _CODES.get(keyword, "BASE_TYPE_INVALID"), _words(error, keyword))


def _words(error: ValidationError, keyword: str) -> str:
    limit = error.validator_value
    texts = {
        "maxLength": f"Must be {limit} or fewer in length.",
        "minLength": f"Must be {limit} or more in length.",
        "maxItems": f"Must be {limit} or fewer in length.",
        "minItems": f"Must be {limit} or more in length.",
        "maximum": f"Must be less than or equal to {limit}.",
        "minimum": f"Must be greater than or equal to {limit}.",
        "enum": f"Value must be one of {limit}.",
        "type": f"Must be of type {limit}.",
    }
    return texts.get(keyword, error.message if len(error.message) <= 200 else f"{keyword} is not respected.")  # noqa: PLR2004
