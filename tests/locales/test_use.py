"""Every text that the code asks for exists, and every text is asked for: read from the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from bot.locales import COMMAND_PREFIXES, FAMILIES, Language, load
from tests.each_file import of_each

ROOT = Path(__file__).parents[2]
FILES = [
    path
    for folder in ("bot", "cogs")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not {"loopback", "locales", "sources"} & set(path.parts)  # none of these speaks to people
]
TREES = {path: ast.parse(path.read_text("utf-8")) for path in FILES}
ENUMS = {enum.partition(":")[2] for enum in FAMILIES.values()}


def error_classes() -> dict[str, int]:
    """Return the names of UserError and all that inherit from it, with the place of the id among their arguments."""
    places = {"UserError": 0, "QueryError": 2}
    classes = [node for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    grew = True
    while grew:
        grew = False
        for node in classes:
            bases = [base.id for base in node.bases if isinstance(base, ast.Name)]
            parent = next((base for base in bases if base in places), None)
            if parent and node.name not in places:
                places[node.name] = places[parent]
                grew = True
    return places


CALLS = {"texts": 0, "plural": 0, "said": 0, **error_classes()}


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def asked(path: Path) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Yield the calls of a file that ask for a text by id, with the expression of that id."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Call):
            place = CALLS.get(name_of(node.func))
            if place is not None and len(node.args) > place:
                yield node, node.args[place]


def literals(expression: ast.expr) -> list[str] | None:
    """Return the ids that an expression can be, None when that cannot be read from it."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        return [expression.value]
    if isinstance(expression, ast.IfExp):
        parts = [literals(expression.body), literals(expression.orelse)]
        return None if None in parts else [text_id for part in parts if part for text_id in part]
    if isinstance(expression, ast.Attribute) and name_of(expression.value) in ENUMS:
        return []
    return None


def names(path: Path) -> str:
    return str(path.relative_to(ROOT))


@of_each(FILES, names)
def test_every_text_that_a_file_asks_for_exists(path: Path) -> None:
    ids = load(Language.FR).ids
    missing = [
        f"line {call.lineno}: {text_id}"
        for call, expression in asked(path)
        for text_id in literals(expression) or []
        if text_id not in ids
    ]
    assert missing == []


@of_each(FILES, names)
def test_an_id_is_written_where_it_is_asked_for(path: Path) -> None:
    unreadable = [
        f"line {call.lineno}: {ast.unparse(expression)}: write the id out, or use texts.word() and FAMILIES"
        for call, expression in asked(path)
        if literals(expression) is None and not is_passed_on(path, expression)
    ]
    assert unreadable == []


def is_passed_on(path: Path, expression: ast.expr) -> bool:
    """Tell whether an id is another error's, or a parameter that takes members of a family only."""
    if isinstance(expression, ast.Attribute):
        return expression.attr == "text"
    return isinstance(expression, ast.Name) and any(
        isinstance(node, ast.arg)
        and node.arg == expression.id
        and node.annotation
        and name_of(node.annotation) in ENUMS
        for node in ast.walk(TREES[path])
    )


@of_each(FILES, names)
def test_a_family_that_a_file_asks_for_is_declared(path: Path) -> None:
    asked_for = {
        node.args[0].value
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "word"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert asked_for - {*FAMILIES} == set()


def test_every_text_is_asked_for() -> None:
    trees = [*TREES.values(), ast.parse((ROOT / "bot/locales/texts.py").read_text("utf-8"))]
    constants = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    used = {node.value for node in constants if isinstance(node.value, str)}
    unused = load(Language.FR).ids - used - family_ids()
    assert sorted(text_id for text_id in unused if not text_id.startswith(COMMAND_PREFIXES)) == []


def family_ids() -> set[str]:
    """Return the ids that the members of all families have."""
    ids: set[str] = set()
    for family, enum in FAMILIES.items():
        module, _, name = enum.partition(":")
        for member in getattr(import_module(module), name):
            ids.add(str(member) if member.startswith(f"{family}-") else f"{family}-{member}")
    return ids
