"""Cards as plain data, shown by Discord, the demo and `/why` alike; `bot.cards.terminal` draws them for a terminal."""

from __future__ import annotations

from bot.cards.announcement import AnnouncementContent, Change, Event, ShownHit, announcement_card, fallback_card
from bot.cards.card import (
    MUTE,
    Accent,
    Button,
    Card,
    CardKind,
    Field,
    Line,
    Span,
    Style,
    card_from_json,
    card_sha256,
    card_to_json,
)
from bot.cards.embed import Rendered, RenderedField, render
from bot.cards.operations import OperationsKind, operations_card

__all__ = [
    "MUTE",
    "Accent",
    "AnnouncementContent",
    "Button",
    "Card",
    "CardKind",
    "Change",
    "Event",
    "Field",
    "Line",
    "OperationsKind",
    "Rendered",
    "RenderedField",
    "ShownHit",
    "Span",
    "Style",
    "announcement_card",
    "card_from_json",
    "card_sha256",
    "card_to_json",
    "fallback_card",
    "operations_card",
    "render",
]
