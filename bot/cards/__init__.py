"""Cards as plain data, shown by Discord, the demo and `/why` alike; `bot.cards.terminal` draws them for a terminal."""

from __future__ import annotations

from bot.cards._beside import CompanionNotice, TwinNotice
from bot.cards._desk import ShownTake, desk_buttons, taken_lines
from bot.cards._hits import ShownHit
from bot.cards._later import ChangedSince, Earlier, LaterNotice
from bot.cards._notice import Change, changed_since, kind_in_words, party_of, register_of
from bot.cards._particulars import PARTICULAR, Particular, Period
from bot.cards.announcement import (
    AnnouncementContent,
    Event,
    announcement_card,
    fallback_card,
)
from bot.cards.answer import answer_card
from bot.cards.card import (
    ERASE_TIP,
    FOLLOW,
    GIVE_BACK,
    KEEP_TIP,
    LOG_FACT,
    MUTE,
    NOT_THIS,
    TAKE,
    UNFOLLOW,
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
from bot.cards.correction import (
    CorrectionContent,
    SourceChange,
    correction_card,
    correction_fallback_card,
)
from bot.cards.digest import digest_card, digest_fallback_card, digest_parts
from bot.cards.embed import Rendered, RenderedField, render
from bot.cards.fact import FactContent, fact_card, fact_fallback_card, hidden_fact_card
from bot.cards.operations import OperationsKind, operations_card
from bot.cards.reminder import ReminderContent, reminder_card
from bot.cards.storm import StormContent, storm_card, storm_fallback_card
from bot.cards.tip import TipContent, hidden_tip_card, tip_card, tip_fallback_card

__all__ = [
    "ERASE_TIP",
    "FOLLOW",
    "GIVE_BACK",
    "KEEP_TIP",
    "LOG_FACT",
    "MUTE",
    "NOT_THIS",
    "PARTICULAR",
    "TAKE",
    "UNFOLLOW",
    "Accent",
    "AnnouncementContent",
    "Button",
    "Card",
    "CardKind",
    "Change",
    "ChangedSince",
    "CompanionNotice",
    "CorrectionContent",
    "Earlier",
    "Event",
    "FactContent",
    "Field",
    "LaterNotice",
    "Line",
    "OperationsKind",
    "Particular",
    "Period",
    "ReminderContent",
    "Rendered",
    "RenderedField",
    "ShownHit",
    "ShownTake",
    "SourceChange",
    "Span",
    "StormContent",
    "Style",
    "TipContent",
    "TwinNotice",
    "announcement_card",
    "answer_card",
    "card_from_json",
    "card_sha256",
    "card_to_json",
    "changed_since",
    "correction_card",
    "correction_fallback_card",
    "desk_buttons",
    "digest_card",
    "digest_fallback_card",
    "digest_parts",
    "fact_card",
    "fact_fallback_card",
    "fallback_card",
    "hidden_fact_card",
    "hidden_tip_card",
    "kind_in_words",
    "operations_card",
    "party_of",
    "register_of",
    "reminder_card",
    "render",
    "storm_card",
    "storm_fallback_card",
    "taken_lines",
    "tip_card",
    "tip_fallback_card",
]
