"""The nouns of Vigie as frozen values (DESIGN.md section 1)."""

from __future__ import annotations

from bot.models.announcement import Announcement, AnnouncementKind, AnnouncementState, message_url
from bot.models.audit import VIGIE_ITSELF, AuditEntry, AuditHead
from bot.models.backfill import Backfill
from bot.models.desk import Follow, Take
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
    Origin,
)
from bot.models.known import NOTHING_KNOWN, EarlierHits, Known, KnownFact, KnownItem, KnownTip
from bot.models.newsroom import Newsroom
from bot.models.notice import NOT_AWARDED, NOTICE_FIELDS, Notice, NoticeKind, parse_moment
from bot.models.reminder import (
    QuietTip,
    Reminded,
    RemindedFact,
    RemindedTip,
    ReminderEnding,
    ReminderReason,
    SilentItem,
)
from bot.models.source import SourceState
from bot.models.tip import Tip, TipChange, TipChangeKind, TipFilter, TipStatus, TipVersion, TipWords
from bot.models.watching import Held, Hit, InDigest, ItemKind, Priority, Tier, WatchItem

__all__ = [
    "NOTHING_KNOWN",
    "NOTICE_FIELDS",
    "NOT_AWARDED",
    "VIGIE_ITSELF",
    "Announcement",
    "AnnouncementKind",
    "AnnouncementState",
    "AuditEntry",
    "AuditHead",
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
    "EarlierHits",
    "Every",
    "Fact",
    "FactChange",
    "FactChangeKind",
    "FactFilter",
    "FactStatus",
    "FactVersion",
    "Follow",
    "Held",
    "Hit",
    "InDigest",
    "ItemKind",
    "Known",
    "KnownFact",
    "KnownItem",
    "KnownTip",
    "Newsroom",
    "Notice",
    "NoticeKind",
    "Origin",
    "Precision",
    "Priority",
    "QuietDays",
    "QuietTip",
    "Reminded",
    "RemindedFact",
    "RemindedTip",
    "ReminderEnding",
    "ReminderReason",
    "SilentItem",
    "Slot",
    "SourceNews",
    "SourceState",
    "SourceTrouble",
    "Take",
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
