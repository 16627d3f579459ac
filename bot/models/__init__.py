"""The nouns of Vigie as frozen values (DESIGN.md section 1)."""

from __future__ import annotations

from bot.models.announcement import Announcement, AnnouncementKind, AnnouncementState, message_url
from bot.models.backfill import Backfill
from bot.models.digest import (
    Digest,
    DigestCounts,
    DigestDeadline,
    DigestFact,
    DigestHit,
    DigestNews,
    DigestTip,
    Every,
    QuietDays,
    Slot,
    SourceNews,
    SourceTrouble,
    Watermark,
)
from bot.models.dismissal import Dismissal, DismissalKind, Precision
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
from bot.models.watching import Held, Hit, InDigest, ItemKind, Priority, Tier, WatchItem

__all__ = [
    "NOTICE_FIELDS",
    "Announcement",
    "AnnouncementKind",
    "AnnouncementState",
    "Backfill",
    "Citation",
    "CitationKind",
    "Claim",
    "Digest",
    "DigestCounts",
    "DigestDeadline",
    "DigestFact",
    "DigestHit",
    "DigestNews",
    "DigestTip",
    "Dismissal",
    "DismissalKind",
    "Dossier",
    "Every",
    "Fact",
    "FactChange",
    "FactChangeKind",
    "FactFilter",
    "FactStatus",
    "FactVersion",
    "Held",
    "Hit",
    "InDigest",
    "ItemKind",
    "Newsroom",
    "Notice",
    "NoticeKind",
    "Precision",
    "Priority",
    "QuietDays",
    "Slot",
    "SourceNews",
    "SourceState",
    "SourceTrouble",
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
    "Watermark",
    "message_url",
    "parse_moment",
]
