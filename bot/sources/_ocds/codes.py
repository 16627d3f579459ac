"""The codes of the Open Contracting Data Standard that decide something, and the fields of a release."""

from __future__ import annotations

from typing import Final

from bot.models import NoticeKind

KINDS: Final = {
    "planning": NoticeKind.TENDER,
    "planningUpdate": NoticeKind.CHANGE,
    "tender": NoticeKind.TENDER,
    "tenderUpdate": NoticeKind.CHANGE,
    "tenderAmendment": NoticeKind.CHANGE,
    "tenderCancellation": NoticeKind.CANCELLATION,
    "award": NoticeKind.AWARD,
    "awardUpdate": NoticeKind.CHANGE,
    "awardCancellation": NoticeKind.CANCELLATION,
    "contract": NoticeKind.AWARD,
    "contractUpdate": NoticeKind.CHANGE,
    "contractAmendment": NoticeKind.CHANGE,
    "contractTermination": NoticeKind.CANCELLATION,
    "implementation": NoticeKind.CHANGE,
    "implementationUpdate": NoticeKind.CHANGE,
}
"""Kinds by `tag` (https://standard.open-contracting.org/latest/en/schema/codelists/#release-tag)."""

COMPILED: Final = "compiled"

UNSUCCESSFUL: Final = "unsuccessful"
VOID: Final = frozenset({UNSUCCESSFUL, "cancelled"})
"""The states of an award or a contract that nobody has."""

CANCELLED_TENDERS: Final = frozenset({"cancelled", "withdrawn"})
ENDED_TENDERS: Final = CANCELLED_TENDERS | {UNSUCCESSFUL}

NOTICE_DOCUMENTS: Final = frozenset(
    {
        "tenderNotice",
        "awardNotice",
        "contractNotice",
        "planningNotice",
        "plannedProcurementNotice",
        "marketEngagementNotice",
    }
)
"""The types of documents that are the notice itself."""

REVIEWERS: Final = frozenset({"reviewBody", "mediationBody", "reviewContactPoint", "processContactPoint"})
"""The roles of courts and help desks, which stand in every notice and are nobody's business in it."""

INTERNAL_SCHEMES: Final = frozenset({"GB-SRS", "GB-CFS"})
"""Schemes of numbers that mean nothing outside their publisher."""

IGNORED_FIELDS: Final = (
    "bids",
    "buyerID",
    "initiationType",
    "links",
    "relatedProcesses",
    "statistics",
    "versionId",
)
"""The fields of a release that are known and left out."""
