r"""Lists inside one text, as people type them and as a CSV cell holds them: the same reading, and its inverse.

Elements are separated by `;` (`|` in a semicolon file). A separator that belongs to an element is written `\;`. In a
list of queries one inside a phrase between quotation marks or inside `re:/…/` separates nothing either, and stands as
it is. A backslash means nothing else: only those directly before a separator are doubled.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

QUOTES: Final = '"\u201c\u201d\u201e\u00ab\u00bb'
"""The signs that open and close a phrase of a query, each of them either."""


def split_list(text: str, separator: str = ";") -> list[str]:
    """Return the elements of a list of names, as they stand between the separators, empty ones too."""
    return _split(_scanner(separator, is_query=False), text)


def split_queries(text: str, separator: str = ";") -> list[str]:
    """Return the elements of a list of queries, as they stand between the separators, empty ones too."""
    return _split(_scanner(separator, is_query=True), text)


def join_list(elements: Iterable[str], separator: str = ";") -> str:
    """Return the text of a list of names, whose elements `split_list` gives back."""
    return _join(_scanner(separator, is_query=False), elements, separator)


def join_queries(elements: Iterable[str], separator: str = ";") -> str:
    """Return the text of a list of queries, whose elements `split_queries` gives back.

    That holds for queries whose quotation marks and regular expressions are closed, as `bot.matching` asks of them.
    """
    return _join(_scanner(separator, is_query=True), elements, separator)


@lru_cache
def _scanner(separator: str, *, is_query: bool) -> re.Pattern[str]:
    """Return the pattern of the pieces of a list: protected ones, separators with what stands before, all other."""
    one, other = re.escape(separator), rf"\s(){QUOTES}"
    # As in a query, a regular expression begins where a word could.
    protected = rf"(?<![^{other}{one}])re:/(?:\\.|[^/\\])*+/|[{QUOTES}][^{QUOTES}]*+[{QUOTES}]|" if is_query else ""
    return re.compile(
        rf"(?P<separated>(?P<slashes>\\*+){one})|(?P<text>{protected}\\++|[^{other}{one}\\]+|[{other}])", re.DOTALL
    )


def _split(scanner: re.Pattern[str], text: str) -> list[str]:
    elements: list[str] = []
    element: list[str] = []
    for piece in scanner.finditer(text):
        if piece["text"]:
            element.append(piece["text"])
            continue
        kept, is_escaped = divmod(len(piece["slashes"]), 2)
        element.append("\\" * kept)
        if is_escaped:
            element.append(piece["separated"][-1])
        else:
            elements.append("".join(element))
            element = []
    return [*elements, "".join(element)]


def _join(scanner: re.Pattern[str], elements: Iterable[str], separator: str) -> str:
    written = ["".join(map(_written, scanner.finditer(element))) for element in elements]
    # What ends an element would otherwise escape the separator behind it.
    ended = [text + "\\" * (len(text) - len(text.rstrip("\\"))) for text in written[:-1]]
    return separator.join([*ended, *written[-1:]])


def _written(piece: re.Match[str]) -> str:
    separated = piece["separated"]
    return f"{separated[:-1] * 2}\\{separated[-1]}" if separated else piece[0]
