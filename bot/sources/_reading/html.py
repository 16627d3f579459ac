"""Text out of HTML fragments, as feeds and registers put them into their fields."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"<!--|<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]*+)[^<>]*+>|<[!?][^<>]*+>")
_ZEROS = re.compile(r"&#0++(?=[0-9])")
_NO_CHARACTER = re.compile(r"&#[0-9]{8,}+;?+")
"""A number beyond every character; `html.unescape` cannot read it where it is very long."""
_UNSEEN = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q"}
    | {"s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)


def plain_text(source: str) -> str:
    """Return what a reader sees of an HTML fragment; elements that are no part of a sentence end its line.

    Scripts, styles and comments are left out, with all that follows where they are never closed. Takes a time that
    grows with the length alone.
    """
    pieces: list[str] = []
    at = 0
    while found := _TAG.search(source, at):
        pieces.append(source[at : found.start()])
        name = (found["name"] or "").casefold()
        at = found.end()
        if found[0] == "<!--":
            at = _after(source, "-->", at)
        elif name in _UNSEEN and not found["end"] and not found[0].endswith("/>"):
            at = _after_element(source, name, at)
        if name not in _INLINE:
            pieces.append("\n")
    text = _ZEROS.sub("&#", "".join([*pieces, source[at:]]))
    return html.unescape(_NO_CHARACTER.sub("\ufffd", text))


def _after(source: str, end: str, start: int) -> int:
    found = source.find(end, start)
    return found + len(end) if found >= 0 else len(source)


def _after_element(source: str, name: str, start: int) -> int:
    """Return where what follows an element begins; elements of its name within it are passed over."""
    depth = 1
    for tag in _TAG.finditer(source, start):
        if (tag["name"] or "").casefold() != name or tag[0].endswith("/>"):
            continue
        depth += -1 if tag["end"] else 1
        if not depth:
            return tag.end()
    return len(source)
