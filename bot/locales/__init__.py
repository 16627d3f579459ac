"""The texts that people read, in French and English.

Each text has a symbolic id and stands in both `fr.po` and `en.po`. Ordinary spaces and apostrophes may be typed there:
the typography of the language is applied when a file is read (`bot.locales.catalogue`).
"""

from __future__ import annotations

from bot.locales.catalogue import Catalogue, Language, language_of, load, terminal_language
from bot.locales.texts import Texts

FAMILIES: dict[str, str] = {
    "item-kind": "bot.models:ItemKind",
    "kind": "bot.models:NoticeKind",
    "tier": "bot.models:Tier",
    "priority": "bot.models:Priority",
    "place": "bot.cards._hits:Place",
    "notice-field": "bot.cards.announcement:Label",
    "particular": "bot.cards:Particular",
    "particular-value": "bot.cards._particulars:Said",
    "lobby-period": "bot.cards._particulars:Period",
    "lobby-headline": "bot.cards._lobby_changes:Headline",
    "lobby-gained": "bot.cards._lobby_changes:ListOf",
    "lobby-lost": "bot.cards._lobby_changes:ListOf",
    "card-prefix": "bot.cards.announcement:Event",
    "operations": "bot.cards.operations:OperationsKind",
    "operations-next": "bot.cards.operations:OperationsKind",
    "operations-noisy-try": "bot.watchlist.narrowing:Narrowing",
    "aside": "bot.cards.operations:AsideReason",
    "rule": "bot.matching.codes:Rule",
    "reason": "bot.matching.codes:Reason",
    "obstacle": "bot.matching.codes:Obstacle",
    "doubt": "bot.matching.codes:Doubt",
    "caution": "bot.matching.codes:Caution",
    "query": "bot.matching.codes:QueryFault",
    "scheme": "bot.matching.identifiers.schemes:Scheme",
    "number-found": "bot.matching.identifiers.schemes:Found",
    "held": "bot.models:Held",
    "why-fate": "bot.watchlist.fates:Fate",
    "why-digest": "bot.watchlist.fates:DigestFate",
    "why-message": "bot.watchlist.fates:MessageFate",
    "why-route": "bot.watchlist.fates:Route",
    "why-continues": "bot.watchlist.fates:ContinuationFate",
    "why-version": "bot.watchlist.fates:RevisionFate",
    "why-follow-up": "bot.following_up.explained:FollowUpFate",
    "why-dismissed": "bot.models:DismissalKind",
    "why-kind": "bot.models:AnnouncementKind",
    "announcement-kind": "bot.models:AnnouncementKind",
    "suggest-near": "bot.watchlist.suggesting:Resemblance",
    "mute-span": "bot.watchlist.changes:Span",
    "item-field": "bot.watchlist.editing:ItemField",
    "health": "bot.pipeline.health:Health",
    "permission": "bot.setting_up:ChannelPermission",
    "source-fault": "bot.errors:SourceFault",
    "config-expected": "bot.errors:Expected",
    "config-standing": "bot.errors:Standing",
    "too-long": "bot.entering:TooLong",
    "thing": "bot.models:ThingKind",
    "the-thing": "bot.models:ThingKind",
    "reminder": "bot.models:ReminderReason",
    "reminder-next": "bot.models:ReminderReason",
    "reminder-ending": "bot.models:ReminderEnding",
    "date-part": "bot.dates.spans:Part",
    "search-count": "bot.search.finding:FindKind",
    "search-part": "bot.search.card:Part",
    "tip-status": "bot.models:TipStatus",
    "tip-change": "bot.models:TipChangeKind",
    "fact-status": "bot.models:FactStatus",
    "fact-change": "bot.models:FactChangeKind",
    "citation-kind": "bot.models:CitationKind",
    "digest-days": "bot.models:Every",
    "quiet-days": "bot.models:QuietDays",
    "audit-action": "bot.audit.words:Noted",
    "audit-subject": "bot.audit.words:Subject",
    "audit-fault": "bot.audit.report:Fault",
    "audit-place": "bot.audit.report:Place",
    "export-fault": "bot.export.verifying:ExportFault",
    "machine-refusal": "bot.cli._terminal:MachineRefusal",
}
"""Families of texts, each with the StrEnum that it puts into words: `<family>-<member>`, read by `Texts.word`."""

COMMAND_PREFIXES: tuple[str, ...] = ("cmd-", "cmdname-", "opt-", "optname-", "choice-")
"""Ids that Discord's translator makes from the names of commands, options and choices; the command tree tests them."""

__all__ = [
    "COMMAND_PREFIXES",
    "FAMILIES",
    "Catalogue",
    "Language",
    "Texts",
    "language_of",
    "load",
    "terminal_language",
]
