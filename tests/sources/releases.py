"""Releases of Open Contracting data for tests, and their reading."""

from __future__ import annotations

import json
from typing import Any

from bot.models import Notice
from bot.sources import Parsed
from bot.sources.ocds import Ocds

CORVOY = {"id": "C", "name": "Corvoy Imaging Ltd"}


def release(**more: Any) -> dict[str, Any]:
    """Return a release of an award, with other parts in their place."""
    plain = {
        "ocid": "ocds-xy12ab-1",
        "id": "01",
        "date": "2026-11-18T09:00:00Z",
        "tag": ["award"],
        "buyer": {"id": "B", "name": "Harwell Bay Council"},
        "tender": {"title": "Body-worn cameras"},
    }
    return {name: part for name, part in {**plain, **more}.items() if part is not None}


def award(**more: Any) -> dict[str, Any]:
    return {"id": "1", "title": "Cameras", "status": "active", "suppliers": [CORVOY], **more}


def money(amount: Any, currency: str = "GBP") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def read(*releases: dict[str, Any], lenient: bool = False) -> Parsed:
    return Ocds(member="essai").parse(json.dumps({"releases": releases}).encode(), lenient=lenient)


def read_one(**more: Any) -> Notice:
    (notice,) = read(release(**more)).notices
    return notice
