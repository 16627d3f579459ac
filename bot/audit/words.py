"""The audit log in words: what an entry tells, and what verifying it came to, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from bot.access import Action
from bot.audit.report import Chain, Fault, Finding, Report, Restore
from bot.locales import Texts
from bot.markup import plain
from bot.sources import label_of

MOST_RESTORES: Final = 3
_NOTICE_UNITS: Final = 80


class Noted(StrEnum):
    """Name what entries tell: the actions of people (`bot.access.Action`), and what is done at the machine."""

    SETUP = "setup"
    WATCH_ADD = "watch-add"
    WATCH_EDIT = "watch-edit"
    WATCH_REMOVE = "watch-remove"
    WATCH_RESTORE = "watch-restore"
    WATCH_MUTE = "watch-mute"
    WATCH_UNMUTE = "watch-unmute"
    WATCH_HITS = "watch-hits"
    WATCH_DISMISS = "watch-dismiss"
    WATCH_IMPORT = "watch-import"
    WATCH_EXPORT = "watch-export"
    TIP_ADD = "tip-add"
    TIP_NOTE = "tip-note"
    TIP_EDIT = "tip-edit"
    TIP_ASSIGN = "tip-assign"
    TIP_STATUS = "tip-status"
    TIP_PROMOTE = "tip-promote"
    TIP_EMBARGO = "tip-embargo"
    TIP_KEEP = "tip-keep"
    TIP_WISH = "tip-wish"
    TIP_REASSIGN = "tip-reassign"
    TIP_ERASE = "tip-erase"
    FACT_ADD = "fact-add"
    FACT_CITE = "fact-cite"
    FACT_CORRECT = "fact-correct"
    FACT_VERIFY = "fact-verify"
    FACT_DISPUTE = "fact-dispute"
    FACT_RETRACT = "fact-retract"
    FACT_EMBARGO = "fact-embargo"
    FACT_EXPORT = "fact-export"
    DOSSIER_CREATE = "dossier-create"
    DOSSIER_ADD = "dossier-add"
    DOSSIER_CLOSE = "dossier-close"
    DOSSIER_REOPEN = "dossier-reopen"
    DIGEST_SCHEDULE = "digest-schedule"
    DIGEST_NOW = "digest-now"
    DIGEST_REMOVE = "digest-remove"
    NOTICE_TAKE = "notice-take"
    NOTICE_RELEASE = "notice-release"
    NOTICE_FOLLOW = "notice-follow"
    NOTICE_UNFOLLOW = "notice-unfollow"
    SOURCE_CHECK = "source-check"
    SOURCE_BACKFILL = "source-backfill"
    SOURCE_PAUSE = "source-pause"
    SOURCE_RESUME = "source-resume"
    EXPORT = "export"
    BACKUP = "backup"
    RESTORE = "restore"
    SEAL = "seal"


class Subject(StrEnum):
    """Name what an entry can be about: what stands before the colon of its subject."""

    ITEM = "item"
    TIP = "tip"
    FACT = "fact"
    DOSSIER = "dossier"
    DIGEST = "digest"
    NOTICE = "notice"
    SOURCE = "source"
    EXPORT = "export"


def subject_words(texts: Texts, subject: str, detail: Mapping[str, Any]) -> str:
    """Return what an entry is about: the thing by its number, a source by its name, a notice by its id there."""
    kind, _, number = subject.partition(":")
    if kind == Subject.NOTICE:
        number = plain(str(detail.get("notice", number)), _NOTICE_UNITS)
    return texts.word("audit-subject", kind, number=label_of(number) if kind == Subject.SOURCE else number)


def action_words(texts: Texts, action: str, detail: Mapping[str, Any]) -> str:
    """Return what an entry tells; an action that this version does not know as it stands there."""
    if action == Action.WATCH_DISMISS and "undone" in detail:
        return texts("audit-dismissal-undone") if detail["undone"] else texts("audit-dismissed")
    return texts.word("audit-action", action.replace(" ", "-"))


def report_lines(texts: Texts, report: Report, *, is_at_machine: bool) -> Iterator[str]:
    """Yield what a verification came to: each log that is intact, or the first altered place and what to do.

    Who reads it `is_at_machine`, where the file is, or else in Discord.
    """
    if report.finding is None:
        for chain in report.chains:
            yield from chain_lines(texts, chain)
        return
    yield fault_sentence(texts, report.finding)
    if report.finding.fault is Fault.DAMAGED:
        yield texts("audit-advice-damaged") if is_at_machine else texts("audit-advice-tell-damaged")
    else:
        yield texts("audit-advice-restore") if is_at_machine else texts("audit-advice-tell")
    told = report.last_told
    if told is not None:
        yield texts("audit-advice-told", entry=told.head.number, code=told.code, when=told.told_at)
    elif report.finding.guild_id is not None:
        yield texts("audit-advice-compare") if is_at_machine else texts("audit-advice-tell-compare")
    yield from _restore_lines(texts, report.restores)


def chain_lines(texts: Texts, chain: Chain) -> Iterator[str]:
    """Yield how many entries an intact log has, the hash of the last one, and what it cannot know."""
    if chain.head is None:
        yield texts("audit-empty")
    else:
        yield texts.plural("audit-intact", chain.entries, head=chain.head.hash)
    if chain.is_waiting:
        yield texts("audit-waiting")
    yield from _restore_lines(texts, chain.restores)


def _restore_lines(texts: Texts, restores: Sequence[Restore]) -> Iterator[str]:
    """Yield which heads that were told elsewhere the last restores took out of the log."""
    for restore in restores[-MOST_RESTORES:]:
        yield texts("audit-restored", at=restore.at, until=restore.known_until)


def fault_sentence(texts: Texts, finding: Finding) -> str:
    """Return what was altered, and which entry of the log tells it."""
    place = texts.word("audit-place", finding.place, thing=finding.thing_id or 0, part=finding.part or 0)
    # What SQLite tells of a damaged file is English, and for `--json`.
    values = {"place": place, "entry": finding.entry or 0, "column": finding.column or "", "told": finding.told or ""}
    return texts.word("audit-fault", finding.fault, **values)
