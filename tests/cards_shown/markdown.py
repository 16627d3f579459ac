"""Discord's markdown, as far as the bot writes it, as elements of the web component."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

_INLINE = re.compile(
    r"""\\(?P<escaped>[^a-zA-Z0-9\s])
    | `(?P<code>[^`]+)`
    | \[(?P<label>(?:\\.|[^\]\\])+)\]\((?P<url>[^)\s]+)\)
    | \*\*(?P<strong>(?:\\.|[^\\])+?)\*\*
    | ~~(?P<struck>(?:\\.|[^\\])+?)~~
    | __(?P<under>(?:\\.|[^\\])+?)__
    | (?<!\w)(?P<sign>[*_])(?P<slanted>(?:\\.|[^\\*_])+?)(?P=sign)(?!\w)
    | <@!?(?P<user>&?\d+)>
    | <\#(?P<channel>\d+)>
    | (?P<bare>https?://[^\s<>)]+)""",
    re.VERBOSE,
)
_BLOCK = re.compile(r"(?P<mark>> |-\# |\#{1,3} |- )?(?P<text>.*)", re.DOTALL)


def to_html(markdown: str, names: Mapping[str, str]) -> str:
    """Return a text as Discord shows it; `names` are those of members (`@id`), roles (`@&id`) and channels (`#id`)."""
    shown = []
    for line in markdown.split("\n"):
        block = _BLOCK.fullmatch(line)
        mark, text = (block["mark"] or "", block["text"]) if block else ("", line)
        inside = _inline(text, names)
        match mark.strip():
            case "":
                shown.append(f"<div class='line'>{inside}</div>")
            case ">":
                shown.append(f"<discord-quote>{inside}</discord-quote>")
            case "-#":
                shown.append(f"<div class='line small'>{inside}</div>")
            case "-":
                shown.append(f"<div class='line item'>{inside}</div>")
            case _:
                shown.append(f"<div class='line heading'>{inside}</div>")
    return "".join(shown)


def _inline(text: str, names: Mapping[str, str]) -> str:
    parts, at = [], 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[at : found.start()]), _element(found, names)]
        at = found.end()
    return "".join([*parts, escape(text[at:])])


def _element(found: re.Match[str], names: Mapping[str, str]) -> str:
    if found["escaped"]:
        return escape(found["escaped"])
    if found["code"]:
        return f"<discord-code embed>{escape(found['code'])}</discord-code>"
    for group, tag in (("strong", "strong"), ("struck", "s"), ("under", "u"), ("slanted", "em")):
        if found[group]:
            return f"<{tag}>{_inline(found[group], names)}</{tag}>"
    if found["user"]:
        return f"<discord-mention type='user'>{escape(names.get('@' + found['user'], '?'))}</discord-mention>"
    if found["channel"]:
        return f"<discord-mention type='channel'>{escape(names.get('#' + found['channel'], '?'))}</discord-mention>"
    url = found["url"] or found["bare"]
    label = _inline(found["label"], names) if found["label"] else escape(url)
    return f"<discord-link href='{escape(url)}'>{label}</discord-link>"
