"""The SQL of modules, read from their syntax trees, and which of it is bound to a newsroom."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bot.storage
from bot.storage.migrations import available, statements

STORAGE = Path(bot.storage.__path__[0])
UNKNOWN = "{}"
"""What stands for a part of a text that only shows when the program runs."""

_ACTS = re.compile(r"\b(SELECT|UPDATE|DELETE|REPLACE)\b")
_BEGINS_AS_QUERY = re.compile(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE|REPLACE)\b")
_TABLE_OF_ANY_NAME = re.compile(r"\b(FROM|JOIN|UPDATE|INTO)\s+\(?\s*[{%]")
_COMBINES = re.compile(r"\b(?:UNION(?: ALL)?|EXCEPT|INTERSECT)\b")
_IS_BOUND = re.compile(r"\bguild_id\s*=\s*\?")
_OVERWRITES = re.compile(r"\bON CONFLICT\s*(\([^)]*\))?[^;]*\bDO UPDATE\b")


@dataclass(frozen=True)
class Query:
    """Hold a text of a module that may be SQL; `function` is where it stands, with its module."""

    function: str
    sql: str
    line: int

    def forgets(self, tables: frozenset[str]) -> bool:
        """Return whether it reads or changes rows of these tables, or of any, without their guild id."""
        return any(_forgets(part, tables) for part in _COMBINES.split(self.sql))


def _forgets(sql: str, tables: frozenset[str]) -> bool:
    if sql.lstrip().startswith(("INSERT", "REPLACE")):
        return _insert_forgets(sql, tables)
    if not _ACTS.search(sql):
        return "WHERE" in sql and not _IS_BOUND.search(sql)
    return _names(sql, tables) and not _IS_BOUND.search(sql)


def _insert_forgets(sql: str, tables: frozenset[str]) -> bool:
    """Return whether new rows are taken from any newsroom's, or may overwrite any newsroom's."""
    if not _names(sql, tables):
        return False
    overwrites = _OVERWRITES.search(sql)
    is_ours = overwrites is None or re.search(r"\bguild_id\b", overwrites[1] or "")
    read = sql[sql.index("SELECT") :] if "SELECT" in sql else ""
    return "REPLACE" in sql or not is_ours or (_names(read, tables) and not _IS_BOUND.search(read))


def _names(sql: str, tables: frozenset[str]) -> bool:
    return bool(tables & set(re.findall(r"\w+", sql)) or _TABLE_OF_ANY_NAME.search(sql))


@cache
def newsroom_tables() -> frozenset[str]:
    """Return the tables of which each row belongs to a newsroom, and the indexes of the words of those."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in available():
            for statement in statements(migration.sql):
                connection.execute(statement)
        kinds = dict(connection.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'"))
        owned = {
            table
            for table in kinds
            if connection.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = 'guild_id'", (table,)).fetchone()
        }
    words = {table for table, kind in kinds.items() if kind == "virtual" and table.removesuffix("_words") in owned}
    return frozenset(owned | words)


def queries(module: str, source: str, folder: Path = STORAGE) -> Iterator[Query]:
    """Yield the texts of each function of a module; constants that it names, its own or imported, are written out.

    Of the constants only those that hold several texts are looked into: any of them may be taken.
    """
    tree = ast.parse(source)
    constants = _constants(tree, folder)
    for name, node in _parts(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = (text for statement in node.body for text in _texts(statement, constants))
        else:
            found = (text for text in _texts(node, constants) if _BEGINS_AS_QUERY.match(_written_out(text, constants)))
        for text in found:
            yield Query(f"{module}.{name}", _written_out(text, constants), text.lineno)


def _parts(body: list[ast.stmt], inside: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Yield the functions and methods, and the values of constants that are more than a text, by name."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield inside + node.name, node
            case ast.ClassDef():
                yield from _parts(node.body, f"{inside}{node.name}.")
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if not _is_text(value):
                yield inside + name, value


def _texts(node: ast.AST, constants: dict[str, str]) -> Iterator[ast.expr]:
    """Yield the whole texts below a node, those inside the places of another text too; no docstrings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.expr) and (_is_text(node) or _name(node) in constants):
        yield node
        inner: Iterator[ast.AST] = (
            part.value for part in ast.walk(node) if isinstance(part, ast.FormattedValue) and _name(part.value) is None
        )
    else:
        inner = ast.iter_child_nodes(node)
    for child in inner:
        yield from _texts(child, constants)


def _is_text(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_text(left) or _is_text(right)
    return False


def _written_out(node: ast.expr, constants: dict[str, str]) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_written_out(part, constants) for part in parts)
        case ast.FormattedValue(value=value):
            return _written_out(value, constants)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _written_out(left, constants) + _written_out(right, constants)
    return constants.get(_name(node) or "", UNKNOWN)


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=module), attr=name):
            return f"{module}.{name}"
    return None


def _constants(tree: ast.Module, folder: Path) -> dict[str, str]:
    """Return the texts that a module names: its own constants, and those of the modules beside it that it imports."""
    constants: dict[str, str] = {}
    for node in tree.body:
        match node:
            case ast.ImportFrom(module="bot.storage", names=names):
                for alias in names:
                    known = _constants_of(folder / f"{alias.name}.py")
                    constants |= {f"{alias.asname or alias.name}.{name}": text for name, text in known.items()}
            case ast.ImportFrom(module=str() as module, names=names) if module.startswith("bot.storage."):
                known = _constants_of(folder / f"{module.removeprefix('bot.storage.')}.py")
                constants |= {alias.asname or alias.name: known[alias.name] for alias in names if alias.name in known}
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ) if _is_text(value):
                constants[name] = _written_out(value, constants)
    return constants


def _constants_of(path: Path) -> dict[str, str]:
    return _constants(ast.parse(path.read_text(encoding="utf-8")), path.parent) if path.exists() else {}
