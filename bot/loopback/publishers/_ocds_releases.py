"""Made-up releases of Open Contracting data (OCDS 1.1): a tender, and what follows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.loopback.publishers._publisher import Record

BUYER = "Harwell Bay Council"
SUPPLIER = "Valmarin Systems Ltd"
SUPPLIER_NUMBER = "09876543"

CONTACT_POINT = {"name": "Odile Contact", "email": "contact@valmarin.example", "telephone": "01 99 00 12 34"}

_PAGE = "https://www.find-tender.service.gov.uk/Notice/{}"


def tender(  # noqa: PLR0913  # one keyword per part of a release
    *,
    ocid: str,
    number: str,
    title: str,
    published: datetime,
    deadline: datetime | None = None,
    description: str = "Supply and maintenance.",
    buyer: str = BUYER,
    amount: int | None = 120_000,
    cpv: Sequence[str] = ("35125300",),
    page: str = _PAGE,
) -> Record:
    """Return the release of a call for tenders; `page` is the address of its notice, with `{}` for the number."""
    part: dict[str, Any] = {
        "id": f"{ocid}-tender",
        "title": title,
        "description": description,
        "status": "active",
        "items": [{"id": "1", "additionalClassifications": [{"scheme": "CPV", "id": code} for code in cpv]}],
        "tenderPeriod": {"endDate": (deadline or published + timedelta(days=30)).isoformat()},
        "documents": [_document("tenderNotice", number, page)],
    }
    if amount is not None:
        part["value"] = {"amount": amount, "currency": "GBP"}
    return _release(ocid, number, "tender", published, buyer) | {"tender": part}


def award(  # noqa: PLR0913  # one keyword per part of a release
    *,
    ocid: str,
    number: str,
    title: str,
    published: datetime,
    supplier: str = SUPPLIER,
    supplier_number: str = SUPPLIER_NUMBER,
    amount: int | None = 118_000,
    status: str = "active",
    description: str = "Supply and maintenance.",
    buyer: str = BUYER,
    page: str = _PAGE,
) -> Record:
    """Return the release of an award."""
    release = _release(ocid, number, "award", published, buyer)
    key = f"GB-COH-{supplier_number}"
    release["parties"].append(
        {
            "id": key,
            "name": supplier,
            "identifier": {"scheme": "GB-COH", "id": supplier_number},
            "contactPoint": dict(CONTACT_POINT),
            "roles": ["supplier"],
        }
    )
    given: dict[str, Any] = {
        "id": "1",
        "title": title,
        "status": status,
        "suppliers": [{"id": key, "name": supplier}],
        "documents": [_document("awardNotice", number, page)],
    }
    if amount is not None:
        given["value"] = {"amount": amount, "currency": "GBP"}
    part = {"id": f"{ocid}-tender", "title": title, "description": description, "status": "complete"}
    return release | {"tender": part, "awards": [given]}


def amendment(*, of: Record, number: str, published: datetime, deadline: datetime, what: str) -> Record:
    """Return the release that changes a tender: its deadline, and why."""
    part = of["tender"] | {
        "tenderPeriod": {"endDate": deadline.isoformat()},
        "amendments": [{"id": "1", "description": what}],
    }
    return _after(of, number, "tenderUpdate", published) | {"tender": part}


def cancellation(*, of: Record, number: str, published: datetime, why: str) -> Record:
    """Return the release that takes a tender back."""
    part = of["tender"] | {"status": "cancelled", "amendments": [{"id": "1", "rationale": why}]}
    return _after(of, number, "tenderCancellation", published) | {"tender": part}


def _release(ocid: str, number: str, tag: str, published: datetime, buyer: str) -> Record:
    key = "GB-PPON-PHBC-1234-QRST"
    return {
        "ocid": ocid,
        "id": number,
        "tag": [tag],
        "date": published.isoformat(),
        "initiationType": "tender",
        "parties": [
            {
                "id": key,
                "name": buyer,
                "identifier": {"scheme": "GB-PPON", "id": "PHBC-1234-QRST"},
                "contactPoint": dict(CONTACT_POINT),
                "roles": ["buyer"],
            },
            {"id": "court", "name": "The High Court", "roles": ["reviewBody"]},
        ],
        "buyer": {"id": key, "name": buyer},
        "language": "en",
    }


def _after(of: Record, number: str, tag: str, published: datetime) -> Record:
    return of | {"id": number, "tag": [tag], "date": published.isoformat()}


def _document(kind: str, number: str, page: str) -> dict[str, str]:
    return {"id": number, "documentType": kind, "url": page.replace("{}", number), "format": "text/html"}
