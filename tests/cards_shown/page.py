"""Pictures as one page of Discord's web components, each picture once dark and once light."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Any

from tests.cards_shown.captured import Picture, Shown
from tests.cards_shown.markdown import to_html

FOLDER = Path(__file__).parent
ROW, BUTTON = 1, 2
PLACEHOLDERS = {3, 5, 6, 7, 8}
"""The types of the components that are a list to pick from."""
STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "destructive", 5: "secondary"}
AVATAR = (
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'>"
    "<rect width='40' height='40' fill='%23{colour}'/><text x='20' y='27' font-size='20' font-family='sans-serif' "
    "font-weight='700' fill='%23fff' text-anchor='middle'>{letter}</text></svg>"
)
IMPORTS = {
    "lit": "lit/index.js",
    "lit/": "lit/",
    "lit-html": "lit-html/lit-html.js",
    "lit-html/": "lit-html/",
    "lit-element/": "lit-element/",
    "@lit/context": "@lit/context/index.js",
    "@lit/reactive-element": "@lit/reactive-element/reactive-element.js",
    "@lit/reactive-element/": "@lit/reactive-element/",
    "@skyra/discord-components-core": "@skyra/discord-components-core/dist/index.js",
}


class Theme(StrEnum):
    """How a reader has set Discord."""

    DARK = "dark"
    LIGHT = "light"


def page(pictures: Iterable[Picture]) -> str:
    """Return the page; a picture in a theme is the element whose id `element_id` gives."""
    shown = "\n".join(_channel(one, theme) for one in pictures for theme in Theme)
    modules = {name: f"./node_modules/{path}" for name, path in IMPORTS.items()}
    return f"""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Cards</title>
<link rel="stylesheet" href="page.css">
<script type="importmap">{json.dumps({"imports": modules})}</script>
<script type="module" src="page.js"></script>
</head><body>
{shown}
</body></html>
"""


def element_id(picture: Picture, theme: Theme) -> str:
    """Return the id of the element that is a picture in a theme."""
    return f"{picture.name}-{theme}"


def _channel(picture: Picture, theme: Theme) -> str:
    light = "light-theme" if theme is Theme.LIGHT else ""
    messages = "".join(_message(one, picture.names) for one in picture.messages)
    about = f"channel-name='{escape(picture.channel)}' channel-type='{picture.channel_kind}'"
    return f"<discord-messages id='{element_id(picture, theme)}' {about} {light}>{messages}</discord-messages>"


def _message(shown: Shown, names: Mapping[str, str]) -> str:
    flags = " ".join(word for word, is_set in (("bot", shown.is_bot), ("ephemeral", shown.is_ephemeral)) if is_set)
    avatar = escape(_avatar(shown.author, is_bot=shown.is_bot))
    return "".join(
        (
            f"<discord-message author='{escape(shown.author)}' avatar='{avatar}' timestamp='{shown.time}' {flags}>",
            *_answered(shown),
            f"<div class='content'>{to_html(shown.content, names)}</div>" if shown.content else "",
            *(_embed(embed, names) for embed in shown.embeds),
            *(f"<div slot='attachments' class='file'>{escape(name)}</div>" for name in shown.files),
            *_components(shown.components),
            *_thread(shown),
            "</discord-message>",
        )
    )


def _answered(shown: Shown) -> Iterator[str]:
    if shown.answers is not None:
        author, title = shown.answers
        avatar = escape(_avatar(author, is_bot=True))
        yield f"<discord-reply slot='reply' author='{escape(author)}' avatar='{avatar}' bot>"
        yield f"<span class='answered'>{escape(title)}</span></discord-reply>"


def _embed(embed: Mapping[str, Any], names: Mapping[str, str]) -> str:
    colour = f"color='#{embed['color']:06x}'" if embed.get("color") else ""
    # A title may hold escapes, which the component would show as they are.
    title = to_html(embed.get("title", ""), names)
    if embed.get("url"):
        title = f"<discord-link href='{escape(embed['url'])}'>{title}</discord-link>"
    parts = [f"<div class='title'>{title}</div>"] if embed.get("title") else []
    parts += [f"<div class='text'>{to_html(embed['description'], names)}</div>"] if embed.get("description") else []
    parts = [f"<discord-embed-description slot='description'>{''.join(parts)}</discord-embed-description>"]
    fields = embed.get("fields") or []
    if fields:
        parts += ["<discord-embed-fields slot='fields'>", *(_field(one, names) for one in fields)]
        parts += ["</discord-embed-fields>"]
    if embed.get("footer", {}).get("text"):
        parts += [f"<discord-embed-footer slot='footer'>{escape(embed['footer']['text'])}</discord-embed-footer>"]
    return f"<discord-embed slot='embeds' {colour}>{''.join(parts)}</discord-embed>"


def _field(field: Mapping[str, Any], names: Mapping[str, str]) -> str:
    name = f"<div class='field-name'>{to_html(field['name'], names)}</div>"
    return f"<discord-embed-field>{name}{to_html(field['value'], names)}</discord-embed-field>"


def _components(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    rows = list(rows)
    if rows:
        inside = "".join(
            f"<discord-action-row>{''.join(map(_component, row.get('components', [])))}</discord-action-row>"
            for row in rows
            if row["type"] == ROW
        )
        yield f"<discord-attachments slot='components'>{inside}</discord-attachments>"


def _component(component: Mapping[str, Any]) -> str:
    if component["type"] == BUTTON:
        url = f"url='{escape(component['url'])}'" if component.get("url") else ""
        off = "disabled" if component.get("disabled") else ""
        emoji = (component.get("emoji") or {}).get("name", "")
        label = " ".join(part for part in (emoji, component.get("label", "")) if part)
        style = STYLES[component["style"]]
        return f"<discord-button type='{style}' {url} {off}>{escape(label)}</discord-button>"
    if component["type"] in PLACEHOLDERS:
        chosen = [one["label"] for one in component.get("options", []) if one.get("default")]
        pick = f"<div class='pick'>{escape(', '.join(chosen) or component.get('placeholder') or '…')}</div>"
        return pick if chosen else pick + _choices(component.get("options", []))
    raise ValueError(f"no picture of a component of type {component['type']}")


def _choices(options: Iterable[Mapping[str, Any]]) -> str:
    """Return what there is to choose from, as the opened list shows it."""
    told = "".join(
        f"<div class='choice'>{escape(one['label'])}<small>{escape(one.get('description') or '')}</small></div>"
        for one in options
    )
    return f"<div class='choices'>{told}</div>" if told else ""


def _thread(shown: Shown) -> Iterator[str]:
    if shown.thread is not None:
        yield f"<discord-thread slot='thread' name='{escape(shown.thread)}' cta='Voir'></discord-thread>"


def _avatar(name: str, *, is_bot: bool) -> str:
    return AVATAR.format(colour="2f6fde" if is_bot else "6b7785", letter=name[:1].upper())
