"""Reading a tree that xmltodict made of XML, where anything may be an object, a list, a text or absent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")

_KINDS = {dict: "an element", list: "a list", bool: "true or false", str: "text"}


def one_line(text: str) -> str:
    """Return a text on one line, without repeated spaces and characters that cannot be stored."""
    return " ".join((text if text.isprintable() else _UNSTORABLE.sub(" ", text)).split())


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that hold something, without repeated spaces."""
    lines = (" ".join(line.split()) for line in _UNSTORABLE.sub("\n", text).split("\n"))
    return [line for line in lines if line]


class Tree:
    """Find elements and texts by path, and keep in `problems`, by path, what had another type than expected.

    A path is names joined by `/`. An element that stands once is an object, several are a list: both are read alike.
    None, `{}`, `[]` and blank text are absent.
    """

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def elements(self, node: Any, path: str) -> list[dict[str, Any]]:
        """Return the elements below a node at a path, in document order."""
        return self._only_elements(self._found(node, path), path)

    def element(self, node: Any, path: str) -> dict[str, Any]:
        """Return the first element at a path, {} where there is none."""
        return next(iter(self.elements(node, path)), {})

    def texts(self, node: Any, path: str) -> list[str]:
        """Return the texts at a path, raw, in document order."""
        return [text for _, text in self._texts(node, path)]

    def text(self, node: Any, path: str) -> str | None:
        """Return the first text at a path on one line, None where there is none."""
        for text in self.texts(node, path):
            return one_line(text)
        return None

    def in_languages(self, node: Any, path: str, languages: Sequence[str]) -> list[str]:
        """Return the texts at a path in the wanted languages (`@languageID`), in that order and without repeats.

        A text without language counts for every language; where none is wanted the first text stands for all.
        """
        found = [
            (str(child.get("@languageID") or "").upper() if isinstance(child, dict) else "", text)
            for child, text in self._texts(node, path)
        ]
        chosen = [text for wanted in languages for language, text in found if language in {"", wanted}]
        return list(dict.fromkeys(chosen or [text for _, text in found[:1]]))

    def leaves(self, node: Any, names: frozenset[str]) -> list[Any]:
        """Return what stands under any of the names at any depth below a node, in document order."""
        found: list[Any] = []
        waiting: list[Any] = [node]
        while waiting:
            current = waiting.pop()
            if isinstance(current, list):
                waiting.extend(reversed(current))
            elif isinstance(current, dict):
                found.extend(child for name in current if name in names for child in _flat(current[name]))
                waiting.extend(reversed([value for name, value in current.items() if name not in names]))
        return found

    def _found(self, node: Any, path: str) -> list[Any]:
        found = _flat(node)
        for step in path.split("/"):
            if not found:
                break
            below: list[Any] = []
            for element in self._only_elements(found, path):
                if (child := element.get(step)) is not None:
                    below += _flat(child)
            found = below
        return found

    def _only_elements(self, nodes: list[Any], path: str) -> list[dict[str, Any]]:
        elements = [node for node in nodes if isinstance(node, dict)]
        if len(elements) < len(nodes):
            other = next(node for node in reversed(nodes) if not isinstance(node, dict))
            self.problems[path] = f"an element was expected, not {_kind(other)}"
        return elements

    def _texts(self, node: Any, path: str) -> Iterator[tuple[Any, str]]:
        for child in self._found(node, path):
            value = child.get("#text") if isinstance(child, dict) else child
            if isinstance(value, str):
                if value.strip():
                    yield child, value
            elif isinstance(value, int | Decimal) and not isinstance(value, bool):
                yield child, str(value)
            elif value is not None or any(not name.startswith("@") for name in child):
                self.problems[path] = f"text was expected, not {_kind(value if value is not None else child)}"


def _flat(value: Any) -> list[Any]:
    """Return a value, or what a list of any depth holds, leaving out what is empty."""
    if not isinstance(value, list):
        return [] if _is_empty(value) else [value]
    found: list[Any] = []
    waiting: list[Any] = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, list):
            waiting.extend(reversed(current))
        elif not _is_empty(current):
            found.append(current)
    return found


def _is_empty(value: Any) -> bool:
    return not value.strip() if isinstance(value, str) else value is None or value == {}


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), "a number")
