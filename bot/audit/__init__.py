"""The audit log verified, and what was there before it sealed (DESIGN.md, `audit`; reference/reliability.md)."""

from __future__ import annotations

from bot.audit.entries import StoppedError
from bot.audit.report import Chain, Fault, Finding, Place, Report, Restore, ToldHead
from bot.audit.sealing import seal_former
from bot.audit.telling import Knowledge, KnownExport, look_up
from bot.audit.verifying import holds, verify, verify_in_thread

__all__ = [
    "Chain",
    "Fault",
    "Finding",
    "Knowledge",
    "KnownExport",
    "Place",
    "Report",
    "Restore",
    "StoppedError",
    "ToldHead",
    "holds",
    "look_up",
    "seal_former",
    "verify",
    "verify_in_thread",
]
