"""Made-up filings under the Lobbying Disclosure Act: registrations, reports, amendments, terminations."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.loopback.publishers._publisher import Record

_TYPES = {
    "RR": "Registration",
    "RA": "Registration - Amendment",
    "Q1": "1st Quarter - Report",
    "Q2": "2nd Quarter - Report",
    "Q3": "3rd Quarter - Report",
    "Q4": "4th Quarter - Report",
    "3A": "3rd Quarter - Amendment",
    "3T": "3rd Quarter - Termination",
}
_PERIODS = {"1": "first_quarter", "2": "second_quarter", "3": "third_quarter", "4": "fourth_quarter"}


@dataclass(frozen=True, slots=True)
class Lobbyist:
    """Hold a lobbyist with the public office that the filing says they held."""

    given: str
    family: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """Hold what was lobbied on, by whom and at whose door."""

    area: str
    description: str
    lobbyists: Sequence[Lobbyist] = ()
    bodies: Sequence[str] = ("HOUSE OF REPRESENTATIVES", "SENATE")


def filing_uuid(key: str) -> str:
    """Return the UUID of a filing, always the same for the same key."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"loopback:us_lda:{key}"))


def filing(  # noqa: PLR0913  # one keyword per part of the form
    *,
    key: str,
    kind: str,
    posted: datetime,
    registrant: str,
    client: str,
    issues: Sequence[Issue] = (),
    income: str | None = None,
    expenses: str | None = None,
    foreign: Sequence[str] = (),
    affiliated: Sequence[str] = (),
) -> Record:
    """Return a filing; `kind` is its code (RR, Q3, 3A, 3T …), `posted` is aware."""
    number = filing_uuid(key)
    period = next((name for digit, name in _PERIODS.items() if digit in kind), "third_quarter")
    return {
        "url": f"https://lda.senate.gov/api/v1/filings/{number}/",
        "filing_uuid": number,
        "filing_type": kind,
        "filing_type_display": _TYPES.get(kind, kind),
        "filing_year": posted.year,
        "filing_period": period,
        "filing_period_display": period.replace("_", " ").title(),
        "filing_document_url": f"https://lda.gov/filings/public/filing/{number}/print/",
        "filing_document_content_type": "text/html",
        "income": income,
        "expenses": expenses,
        "expenses_method": "A" if expenses else None,
        "expenses_method_display": "Method A" if expenses else None,
        "posted_by_name": None,
        "dt_posted": posted.isoformat(),
        "termination_date": None,
        "registrant": _registrant(registrant),
        "client": {"id": _number(client), "client_id": 1, "name": client, "general_description": None, "state": "VA"},
        "lobbying_activities": [_activity(issue) for issue in issues],
        "conviction_disclosures": [],
        "foreign_entities": [{"name": name, "contribution": None, "country": "FR"} for name in foreign],
        "affiliated_organizations": [{"name": name, "url": None} for name in affiliated],
    }


def _registrant(name: str) -> dict[str, Any]:
    return {
        "id": _number(name),
        "house_registrant_id": 30_000,
        "name": name,
        "description": "government relations",
        "address_1": "1 Test Street",
        "city": "WASHINGTON",
        "state": "DC",
        "contact_name": "ODILE CONTACT",
        "contact_telephone": "+1 202 555 0100",
        "dt_updated": "2026-01-13T14:47:19.098634-05:00",
    }


def _activity(issue: Issue) -> dict[str, Any]:
    return {
        "general_issue_code": issue.area[:3].upper(),
        "general_issue_code_display": issue.area,
        "description": issue.description,
        "foreign_entity_issues": None,
        "lobbyists": [
            {
                "lobbyist": {
                    "id": _number(f"{person.given} {person.family}"),
                    "prefix": None,
                    "first_name": person.given,
                    "nickname": None,
                    "middle_name": None,
                    "last_name": person.family,
                    "suffix": None,
                },
                "covered_position": person.position,
                "new": None,
            }
            for person in issue.lobbyists
        ],
        "government_entities": [{"id": _number(body), "name": body} for body in issue.bodies],
    }


def _number(name: str) -> int:
    """Return the register's number of an organisation or a person, always the same for the same name."""
    return zlib.crc32(name.encode()) % 100_000
