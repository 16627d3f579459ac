"""Digests as the tests of their cards start from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.models import (
    AuditHead,
    DigestDeadline,
    DigestFact,
    DigestHit,
    DigestNews,
    DigestTip,
    FactChange,
    FactChangeKind,
    FactStatus,
    Held,
    ItemKind,
    NoticeKind,
    SourceNews,
    SourceTrouble,
    Tier,
    TipStatus,
)

MADE = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
SINCE = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
CHANNEL = "https://discord.com/channels/1001/2001"
LABELS = {"boamp": "BOAMP", "ted": "TED", "hatvp": "HATVP", "decp": "DECP", "feed:ville": "ville"}


def make_hit(number: int = 1, **said: Any) -> DigestHit:
    """Return a hit of a company on a tender for body cameras, with what a test says otherwise."""
    values: dict[str, Any] = {
        "rows": (number,),
        "item_id": 5,
        "item": "Valmarin",
        "item_kind": ItemKind.COMPANY,
        "item_ref": None,
        "notice_id": 100 + number,
        "source": "boamp",
        "source_id": f"26-{number}",
        "kind": NoticeKind.TENDER,
        "title": "Acquisition de caméras-piétons",
        "buyer": "Ville de Lyon",
        "url": f"https://www.boamp.fr/avis/detail/26-{number}",
        "published": date(2026, 11, 20),
        "tier": Tier.VARIANT,
        "rule": "legal_form",
        "matched": "VALMARIN SAS",
        "held": Held.DIGEST,
        "is_change": False,
        "message_url": None,
    }
    return DigestHit(**{**values, **said})


def make_deadline(number: int = 1, **said: Any) -> DigestDeadline:
    """Return a tender for body cameras that closes in two days, with what a test says otherwise."""
    values: dict[str, Any] = {
        "notice_id": 100 + number,
        "source": "boamp",
        "source_id": f"26-{number}",
        "title": "Acquisition de caméras-piétons",
        "buyer": "Ville de Lyon",
        "url": f"https://www.boamp.fr/avis/detail/26-{number}",
        "deadline": MADE + timedelta(days=2, hours=3, minutes=30),
        "items": ("Valmarin",),
        "item_ids": (5,),
    }
    return DigestDeadline(**{**values, **said})


def make_change(number: int, kind: FactChangeKind, text: str | None = None) -> FactChange:
    """Return something that was done with a fact."""
    return FactChange(number=number, kind=kind, text=text, made_by=7, made_at=SINCE + timedelta(hours=number))


def make_fact(fact_id: int = 7, *changes: FactChange, **said: Any) -> DigestFact:
    """Return a fact that is new unless a test says what was done with it."""
    done = changes or (make_change(1, FactChangeKind.LOGGED),)
    values: dict[str, Any] = {
        "claim": "Valmarin a livré 40 caméras.",
        "status": FactStatus.LOGGED,
        "after": done[0].number - 1,
        "upto": done[-1].number,
        "message_url": f"{CHANNEL}/{fact_id}",
    }
    return DigestFact(fact_id=fact_id, changes=done, **{**values, **said})


def make_tip(tip_id: int = 12, **said: Any) -> DigestTip:
    """Return a tip without an owner, with what a test says otherwise."""
    values: dict[str, Any] = {
        "text": "Les caméras sont arrivées avant la signature du marché.",
        "status": TipStatus.NEW,
        "logged_at": SINCE - timedelta(days=2),
        "message_url": f"{CHANNEL}/{tip_id}",
    }
    return DigestTip(tip_id=tip_id, **{**values, **said})


def make_source(source: str = "boamp", **said: Any) -> SourceNews:
    """Return a source that was read half an hour ago and brought 41 notices, with what a test says otherwise."""
    values: dict[str, Any] = {"read_at": MADE - timedelta(minutes=28), "notices": 41}
    return SourceNews(source=source, **{**values, **said})


def make_news(**said: Any) -> DigestNews:
    """Return a digest of a Monday with nothing to tell, with what a test says otherwise."""
    return DigestNews(**{"made_at": MADE, "since": SINCE, "sources": (make_source(),), **said})


def monday(**said: Any) -> DigestNews:
    """Return a digest with something of each kind, as a newsroom may read it on a Monday."""
    corvoy = {"item_id": 9, "item": "Hélène Corvoy", "item_kind": ItemKind.OFFICIAL, "item_ref": "ELU-3"}
    values: dict[str, Any] = {
        "hits": (
            make_hit(
                1,
                kind=NoticeKind.AWARD,
                title="Vidéoprotection : caméras-piétons pour la police municipale, lot 2",
                tier=Tier.IDENTIFIER,
                rule="siren",
                matched="834 712 556",
                held=None,
                message_url=f"{CHANNEL}/3001",
            ),
            make_hit(2, is_change=True, url=None, title=""),
            make_hit(
                3,
                source="ted",
                title="Body-worn cameras and storage [framework]",
                buyer=None,
                published=date(2025, 6, 3),
                held=Held.LATE,
            ),
            make_hit(
                4,
                source="hatvp",
                kind=NoticeKind.REGISTRATION,
                title="Déclaration d'intérêts de Mme Hélène CORVOY",
                buyer=None,
                url="https://www.hatvp.fr/fiche-nominative/?declarant=corvoy-helene",
                tier=Tier.WEAK,
                rule="initial",
                matched="H. Corvoy",
                held=Held.WEAK,
                **corvoy,
            ),
        ),
        "deadlines": (
            make_deadline(5, items=("Valmarin", "caméra-piéton")),
            make_deadline(6, title="Maintenance de la vidéoprotection", buyer=None, deadline=date(2026, 11, 30)),
        ),
        "facts": (
            make_fact(7),
            make_fact(
                8,
                make_change(2, FactChangeKind.VERIFIED),
                make_change(3, FactChangeKind.CORRECTED, "le bon de livraison porte 40, pas 30"),
                claim="Corvoy a signé le bon de livraison le 12 mai.",
            ),
            make_fact(
                9,
                make_change(4, FactChangeKind.RETRACTED, "homonyme"),
                claim="Corvoy possède 5 % de Valmarin.",
                status=FactStatus.RETRACTED,
            ),
        ),
        "tips": (make_tip(12), make_tip(11, text=None), make_tip(10, status=TipStatus.CHECKING)),
        "tips_left": 3,
        "sources": (
            make_source(),
            make_source("decp", notices=0, read_at=SINCE),
            make_source(
                "ted",
                notices=3,
                read_at=MADE - timedelta(days=6),
                trouble=SourceTrouble.FAILING,
                since=datetime(2026, 11, 17, 7, 0, tzinfo=UTC),
            ),
            make_source(
                "hatvp", notices=0, trouble=SourceTrouble.SILENT, since=datetime(2026, 10, 1, 6, 0, tzinfo=UTC)
            ),
            make_source("feed:ville", notices=0, read_at=None, trouble=SourceTrouble.WAITING),
        ),
        "audit_head": AuditHead(1_204, "3f9a" * 16),
    }
    return make_news(**{**values, **said})
