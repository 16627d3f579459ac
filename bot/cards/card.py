"""What a card is: text with its weight, fields and buttons, and no markup of anyone's."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LOG_FACT = "log-fact"
"""The action of the button that makes a fact of a notice; its argument is the code of the announcement."""

NOT_THIS = "not-this"
"""The action of the button that says that a hit is not the item; its argument is the code of the announcement."""

MUTE = "mute"
"""The action of the button that mutes an item; its argument is the code of the announcement."""

TAKE = "take"
"""The action of the button that takes a notice to look into; its argument is the code of the announcement."""

GIVE_BACK = "give-back"
"""The action of the button that gives a notice back; its argument is the code of the announcement."""

UNFOLLOW = "unfollow"
"""The action of the button that ends that a procedure is followed by hand; its argument is our id of the follow."""

FOLLOW = "follow"
"""The action of the button that follows a procedure by hand; its argument is our row of a notice of it."""

KEEP_TIP = "keep-tip"
"""The action of the button that says that a tip is to be kept; its argument is the newsroom and the reminder's code."""

ERASE_TIP = "erase-tip"
"""The action of the button that says that a tip is to be erased; its argument is that of KEEP_TIP."""


class CardKind(StrEnum):
    """What a card shows."""

    ANNOUNCEMENT = "announcement"
    FALLBACK = "fallback"
    OPERATIONS = "operations"
    TIP = "tip"
    FACT = "fact"
    CORRECTION = "correction"
    SEARCH = "search"
    DIGEST = "digest"
    STORM = "storm"
    REMINDER = "reminder"
    FOLLOW_UP = "follow-up"


class Accent(StrEnum):
    """How a card is coloured, by what it means."""

    NEWS = "news"
    CHANGE = "change"
    AWARD = "award"
    TROUBLE = "trouble"
    RECOVERY = "recovery"
    CONFIRMED = "confirmed"
    DOUBT = "doubt"
    NEUTRAL = "neutral"


class Style(StrEnum):
    """How a span stands out: a label, the words that matched, a remark, what no longer holds, signs to be compared.

    A line that begins with a `quote` is set apart as somebody's words.
    """

    PLAIN = "plain"
    STRONG = "strong"
    MARK = "mark"
    QUIET = "quiet"
    STRUCK = "struck"
    QUOTE = "quote"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a run of text of one style, as it came: it is cleaned when shown.

    `url` is the address it leads to. With `channel_id` Discord shows that channel's name instead of the text, with
    `user_id` that member's, whom it does not call.
    """

    text: str
    style: Style = Style.PLAIN
    url: str | None = None
    channel_id: int | None = None
    user_id: int | None = None


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """Hold a labelled part of a card."""

    label: str
    lines: tuple[Line, ...]
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """Name what a button does, on what, and how it is labelled."""

    action: str
    label: str
    argument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """Hold all that a message shows; `url` is where the title leads, `footer` ends with the code where there is one."""

    kind: CardKind
    title: str
    accent: Accent = Accent.NEUTRAL
    url: str | None = None
    body: tuple[Line, ...] = ()
    fields: tuple[Field, ...] = ()
    footer: str = ""
    buttons: tuple[Button, ...] = ()


def card_to_json(card: Card) -> str:
    """Return a card as one line of JSON, the same for the same card, to keep what was sent."""
    return json.dumps(dataclasses.asdict(card), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def card_from_json(line: str) -> Card:
    """Read a card that `card_to_json` wrote; raises ValueError, KeyError or TypeError for anything else."""
    values: dict[str, Any] = json.loads(line)
    return Card(
        kind=CardKind(values["kind"]),
        title=values["title"],
        accent=Accent(values["accent"]),
        url=values["url"],
        body=_lines(values["body"]),
        fields=tuple(Field(field["label"], _lines(field["lines"]), field["inline"]) for field in values["fields"]),
        footer=values["footer"],
        buttons=tuple(Button(**button) for button in values["buttons"]),
    )


def card_sha256(card: Card) -> str:
    """Return the checksum of a card's JSON, in hex."""
    return hashlib.sha256(card_to_json(card).encode("utf-8", "surrogatepass")).hexdigest()


def _lines(lines: list[list[dict[str, Any]]]) -> tuple[Line, ...]:
    return tuple(tuple(_span(span) for span in line) for line in lines)


def _span(span: dict[str, Any]) -> Span:
    user_id = span.get("user_id")  # cards that were kept before members were named do not have it
    return Span(span["text"], Style(span["style"]), span["url"], span["channel_id"], user_id)
