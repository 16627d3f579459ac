"""Entities decoded, tags removed, words cut at a line end and split letters put together (matching.md section 1)."""

from __future__ import annotations

import html
import re
from functools import cache

_INLINE_TAGS = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|"
    "tt|u|var|wbr"
)
_BLOCK_TAGS = (
    "address|article|aside|blockquote|body|br|button|caption|center|col|colgroup|dd|details|div|dl|dt|fieldset|figure|"
    "figcaption|footer|form|h[1-6]|head|header|hr|html|img|input|label|legend|li|link|main|meta|nav|ol|option|p|pre|"
    "script|section|select|style|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul"
)
_TAG = (
    rf"/?(?P<name{{0}}>(?i:{_INLINE_TAGS}|{_BLOCK_TAGS}))"
    r"(?:[\s/][^<>&\x1f]*+(?:&(?!lt;|gt;)[^<>&\x1f]*+)*+)?(?:>|&gt;)"
)
# What is opened again before it is closed ends there: a text of openings alone is so read once.
_UNSEEN = (
    r"(?P<unseen>(?i:script|style))(?:[\s/][^<>\x1f]*+)?>[^<\x1f]*+"
    r"(?:<(?!/?(?i:(?P=unseen))\b)[^<\x1f]*+)*+</(?i:(?P=unseen))\s*+>"
)
"""An element whose contents nobody reads."""
_MARKUP = (
    rf"(?<=<){_UNSEEN}"
    rf"|(?<=<){_TAG.format(1)}"
    r"|(?<=<)!--[^<\-\x1f]*+(?:(?!-->|<!--)[<\-][^<\-\x1f]*+)*+-->"
    rf"|(?<=&)lt;{_TAG.format(2)}"
    r"|(?<=&)(?:amp;){0,3}(?P<entity>\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
)
_CUT = r"(?<=\w[\-\u2010\u2011\xad])[ \t]*+(?:\r?\n|<(?i:br)[ \t]*+/?>(?:\r?\n)?)[ \t]*(?=\w)"
# Each begins with one class of characters so that the search runs over ordinary text at the speed of that class.
_SPECIAL = rf"[<&\-\u2010\u2011\xad](?:{_MARKUP}|{_CUT})"
_ONLY_MARKUP = rf"[<&](?:{_MARKUP})"
_ONLY_CUT = rf"[\-\u2010\u2011\xad](?:{_CUT})"
_SHORT_I = {"\u0438": "\u0439", "\u0418": "\u0419"}
_WITH_BREVES = rf"[<&\-\u2010\u2011\xad\u0438\u0418](?:{_MARKUP}|{_CUT}|(?<=[\u0438\u0418])\u0306)"
_INLINE = re.compile(_INLINE_TAGS)
_BREAK = re.compile(r"[\-\u2010\u2011\xad][ \t]*+<(?i:br)")
_CUT_SIGNS = ("-", "\u2010", "\u2011", "\xad")
_MANY_LINES = 2_000

Piece = tuple[int, int, str]
"""Where a special stands in a text, from and to, and what replaces it."""


def plain(source: str) -> str:
    """Return a text without markup; the very same one where there is none."""
    search = _search(source)
    return search.sub(_replacement, source) if search else source


def pieces(source: str) -> list[Piece]:
    """Return what `plain` replaces in a text, in order."""
    search = _search(source)
    return [(*match.span(), _replacement(match)) for match in search.finditer(source)] if search else []


def _search(source: str) -> re.Pattern[str] | None:
    """Return the expression that finds what there may be to replace, None where there is nothing."""
    if "\u0306" in source:
        return _compiled(_WITH_BREVES)
    markup = "&" in source or "<" in source
    if ("\n" in source and _may_have_cuts(source)) or (markup and _BREAK.search(source)):
        return _compiled(_SPECIAL if markup else _ONLY_CUT)
    return _compiled(_ONLY_MARKUP) if markup else None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return an expression compiled the first time that a text needs it."""
    return re.compile(pattern)


def _may_have_cuts(source: str) -> bool:
    if source.count("\n") > _MANY_LINES:
        return any(sign in source for sign in _CUT_SIGNS)
    return any(line.rstrip(" \t\r").endswith(_CUT_SIGNS) for line in source.split("\n"))


def _replacement(match: re.Match[str]) -> str:
    whole = match[0]
    groups = match.groupdict()
    tag = groups.get("name1") or groups.get("name2")
    if tag:
        if _INLINE.fullmatch(tag.lower()):
            return ""
        return "\n" if tag.lower() == "br" else "\n\n"
    if groups.get("unseen"):
        return "\n\n"
    if groups.get("entity"):
        decoded = html.unescape(f"&{groups['entity']};")
        return whole if decoded.startswith("&") and len(decoded) > 1 else decoded
    if whole[0] == "<":
        return ""
    return _SHORT_I.get(whole[0]) or ("" if whole[0] == "\xad" else "-")
