"""The page that is drawn: all that a message holds is on it, in the order in which it is read."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Platform
from bot.loopback.state import Message
from tests.cards_shown import captured
from tests.cards_shown.browser import png
from tests.cards_shown.markdown import to_html
from tests.cards_shown.page import Theme, element_id, page

EMBED: dict[str, Any] = {
    "title": "Attribution : Drones",
    "url": "https://www.boamp.fr/avis/1",
    "color": 0x2C9660,
    "description": "**Acheteur :** Ville de Brest\nParution : hier",
    "fields": [{"name": "Élément surveillé : drone", "value": "> cité\n~~barré~~ par <@7>", "inline": False}],
    "footer": {"text": "BOAMP · réf. A7K3-92QF"},
}
BUTTONS: list[dict[str, Any]] = [
    {"type": 1, "components": [{"type": 2, "style": 2, "label": "Noter comme fait", "custom_id": "a"}]}
]


def shown(**values: Any) -> captured.Shown:
    known: dict[str, Any] = {"author": "Vigie", "is_bot": True, "time": "10:42", "content": "", "files": []}
    return captured.Shown(**{**known, "embeds": [EMBED], "components": BUTTONS, **values})


def a_picture(*messages: captured.Shown) -> captured.Picture:
    return captured.Picture("award", "annonces", "text", list(messages), {"@7": "Nadia"})


def read(html: str) -> str:
    """Return the words of a page as they follow each other."""
    return " ".join(unescape(re.sub("<[^>]+>", " ", html.partition("<body>")[2])).split())


def test_a_picture_reads_title_lines_fields_footer_and_buttons_in_this_order_in_both_themes() -> None:
    words = (
        "Attribution : Drones Acheteur : Ville de Brest Parution : hier Élément surveillé : drone "
        "cité barré par Nadia BOAMP · réf. A7K3-92QF Noter comme fait"
    )
    assert read(page([a_picture(shown())])) == f"{words} {words}"


def test_each_picture_is_once_dark_and_once_light() -> None:
    one = a_picture(shown())
    html = page([one])
    dark, light = (
        re.search(rf"<discord-messages id='{element_id(one, theme)}'([^>]*)>", html)
        for theme in (Theme.DARK, Theme.LIGHT)
    )
    assert dark is not None
    assert light is not None
    assert "light-theme" in light[1]
    assert "light-theme" not in dark[1]


def test_an_answer_shows_what_it_answers_and_a_private_reply_that_it_is_private() -> None:
    html = page([a_picture(shown(answers=("Vigie", "Avis de marché : Drones"), is_ephemeral=True))])
    assert "Avis de marché : Drones</span></discord-reply>" in html
    assert re.search(r"<discord-message [^>]*\bephemeral\b", html)


def test_a_list_of_which_nothing_is_chosen_is_drawn_open() -> None:
    options = [{"label": "drone", "description": "mot-clé"}, {"label": "Corvoy"}]
    pick = {"type": 3, "placeholder": "Choisissez", "options": options}
    chosen = {**pick, "options": [{**options[0], "default": True}, options[1]]}
    opened, closed = (
        read(page([a_picture(shown(embeds=[], components=[{"type": 1, "components": [one]}]))]))
        for one in (pick, chosen)
    )
    assert (opened, closed) == (" ".join(["Choisissez drone mot-clé Corvoy"] * 2), "drone drone")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**a** ~~b~~ `c`", "<strong>a</strong> <s>b</s> <discord-code embed>c</discord-code>"),
        (r"\*a\* \_b\_", "*a* _b_"),
        (
            "[un *lien*](https://v.example/x)",
            "<discord-link href='https://v.example/x'>un <em>lien</em></discord-link>",
        ),
        (r"[un \[lien\]](https://v.example/)", "<discord-link href='https://v.example/'>un [lien]</discord-link>"),
        ("<b> & <#8>", "&lt;b&gt; &amp; <discord-mention type='channel'>?</discord-mention>"),
        ("snake_case_word", "snake_case_word"),
    ],
)
def test_markdown_is_shown_as_discord_shows_it(markdown: str, html: str) -> None:
    assert to_html(markdown, {}) == f"<div class='line'>{html}</div>"


async def test_what_is_captured_can_be_saved_and_read_again(tmp_path: Path) -> None:
    async with Platform() as platform:
        guild = platform.add_guild("La Rédaction")
        channel, nadia = guild.add_channel("annonces"), guild.add_member("Nadia")
        first, second = (
            Message(number, channel.id, platform.bot_user, platform.clock(), "post", embeds=[EMBED])
            for number in (1, 2)
        )
        second.reference = {"message_id": "1"}
        channel.messages += [first, second]
        taken = captured.picture("two", platform, [first, second])
    captured.save([taken], tmp_path / "made" / "captured.json")
    (again,) = captured.load(tmp_path / "made" / "captured.json")
    assert page([again]) == page([taken])
    assert [one.embeds for one in again.messages] == [[EMBED], [EMBED]]
    assert list(again.messages[1].answers or ()) == ["Vigie", captured.UNQUOTED]
    assert again.names[f"@{nadia.id}"] == "Nadia"


def test_an_image_is_a_png_of_its_palette() -> None:
    made = png({"width": 2, "height": 1, "palette": [0xFF0000, 0x00FF00], "rows": "AAE="})
    assert made.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x02\x00\x00\x00\x01\x08\x03")
    assert b"PLTE\xff\x00\x00\x00\xff\x00" in made
