"""The nouns of Vigie as frozen values (DESIGN.md section 1)."""

from __future__ import annotations

from bot.models.announcement import Announcement, AnnouncementKind, AnnouncementState
from bot.models.dossier import Dossier, ThingKind
from bot.models.fact import (
    Citation,
    CitationKind,
    Claim,
    Fact,
    FactChange,
    FactChangeKind,
    FactFilter,
    FactStatus,
    FactVersion,
)
from bot.models.newsroom import Newsroom
from bot.models.notice import NOTICE_FIELDS, Notice, NoticeKind, parse_moment
from bot.models.source import SourceState
from bot.models.tip import Tip, TipChange, TipChangeKind, TipFilter, TipStatus, TipVersion, TipWords
from bot.models.watching import Held, Hit, ItemKind, Priority, Tier, WatchItem

__all__ = [
    "NOTICE_FIELDS",
    "Announcement",
    "AnnouncementKind",
    "AnnouncementState",
    "Citation",
    "CitationKind",
    "Claim",
    "Dossier",
    "Fact",
    "FactChange",
    "FactChangeKind",
    "FactFilter",
    "FactStatus",
    "FactVersion",
    "Held",
    "Hit",
    "ItemKind",
    "Newsroom",
    "Notice",
    "NoticeKind",
    "Priority",
    "SourceState",
    "ThingKind",
    "Tier",
    "Tip",
    "TipChange",
    "TipChangeKind",
    "TipFilter",
    "TipStatus",
    "TipVersion",
    "TipWords",
    "WatchItem",
    "parse_moment",
]
