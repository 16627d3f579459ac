"""Whatever a person changes is told by the audit log: every transaction writes an entry, or is none of a person's."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("bot", "cogs")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
ENTRY = ("bot.storage.custody.audit", "note")

OURS = {
    "client.synced": "notes which commands Discord was told",
    "channel.forums": "notes which of the channels that were just named are forums, as Discord says",
    "drafts.purge": "forgets forms that nobody sent",
    "index.prepare": "prepares the search",
    "index.notices": "makes notices found by their words",
    "poll.batch": "stores what a source published",
    "poll.resumed": "owes what a poll that was broken off had found",
    "poll.failed": "counts a poll that failed",
    "history.paused": "notes that a publisher asked to be left alone",
    "backfill.stopped": "notes that a history stopped by itself",
    "retention.texts": "drops texts that nothing matched",
    "watch.look_at": "notes where old hits stand, which no person chose",
    "watch.numbers": "keeps a question until it is answered",
    "fact.unseen": "keeps a question until it is answered",
    "backup.begin": "notes where a copy is being made; one entry tells of the copy once it is whole",
    "backup.forget": "notes that a copy came to nothing",
    "audit.seal": "seals rows of before the audit log; one entry tells how many",
    "form.opened": "keeps a form until it is sent",
    "form.sent": "keeps what was typed",
    "form.refused": "keeps what was typed",
}
"""The transactions that carry out nobody's change, by their label, each with what it does instead."""

OURS_BY_FAMILY = {
    "delivery": "sends, finds, edits and withdraws what is owed",
    "reminding": "reminds people of what rests and of what was corrected",
    "following_up": "owes what falls due of procedures, and keeps it true",
}
"""The same, by what a label begins with."""


@functools.cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


@functools.cache
def names_of(module: str) -> dict[str, tuple[str, str | None]]:
    """Return what a module imports of ours, by the name it has there: a module, or a function of one."""
    found: dict[str, tuple[str, str | None]] = {}
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                is_module = whole in MODULES
                found[alias.asname or alias.name] = (whole, None) if is_module else (node.module, alias.name)
    return found


@functools.cache
def functions_of(module: str) -> dict[str, list[ast.AST]]:
    found: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
            found.setdefault(node.name, []).append(node)
    return found


@functools.cache
def called_by(module: str, function: str) -> list[tuple[str, str]]:
    return list(called(module, functions_of(module).get(function, [])))


def called(module: str, nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    """Yield the functions of ours that some nodes call, each by its module and its name."""
    names = names_of(module)
    for node in nodes:
        for call in ast.walk(node):
            if not isinstance(call, ast.Call):
                continue
            match call.func:
                case ast.Name(id=name):
                    target, of = names.get(name, (module, name))
                    yield target, of or name
                case ast.Attribute(value=ast.Name(id=owner), attr=name):
                    target, of = names.get(owner, (module, None))
                    yield (target, name) if of is None else (module, name)
                case ast.Attribute(attr=name):
                    yield module, name


def reaches_an_entry(module: str, nodes: list[ast.AST]) -> bool:
    waiting, seen = list(called(module, nodes)), set()
    while waiting:
        one = waiting.pop()
        if one == ENTRY:
            return True
        if one in seen or one[0] not in MODULES:
            continue
        seen.add(one)
        waiting += called_by(*one)
    return False


@functools.cache
def transactions() -> list[tuple[str, str, ast.AsyncWith]]:
    """Return each write transaction of ours: its label, its module, its block."""
    return list(_transactions())


def _transactions() -> Iterator[tuple[str, str, ast.AsyncWith]]:
    for module, path in MODULES.items():
        if ".tx(" not in path.read_text(encoding="utf-8"):
            continue
        for node in ast.walk(tree_of(module)):
            if not isinstance(node, ast.AsyncWith):
                continue
            for item in node.items:
                match item.context_expr:
                    case ast.Call(func=ast.Attribute(attr="tx"), args=[ast.Constant(value=str(label))]):
                        yield label, module, node


def is_ours(label: str) -> bool:
    return label in OURS or label.partition(".")[0] in OURS_BY_FAMILY


def test_every_transaction_that_a_person_causes_reaches_an_entry_of_the_audit_log() -> None:
    silent = [
        f"{module}: {label}"
        for label, module, block in transactions()
        if not is_ours(label) and not reaches_an_entry(module, list(block.body))
    ]
    assert not silent, "these change something for a person and tell nobody: " + ", ".join(silent)


def test_no_transaction_is_excused_that_writes_an_entry_or_is_not_there() -> None:
    found = {label: reaches_an_entry(module, list(block.body)) for label, module, block in transactions()}
    assert [label for label in OURS if found.get(label, True)] == []


def test_every_label_names_one_transaction() -> None:
    labels = [label for label, _, _ in transactions()]
    assert sorted(labels) == sorted(set(labels))
