"""A loopback TED: the Search API v3."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Refusal, Served

MAX_LIMIT = 250
MAX_CELLS = 10_000
MAX_REACH = 15_000

KNOWN_FIELDS = frozenset(
    (  # noqa: SIM905  # a table to read
        "buyer-city buyer-contact-point buyer-country buyer-email buyer-identifier buyer-internet-address"
        " buyer-legal-type buyer-name buyer-post-code change-description change-notice-version-identifier"
        " change-reason-code classification-cpv contract-nature deadline-receipt-request-date-lot"
        " deadline-receipt-tender-date-lot deadline-receipt-tender-time-lot description-lot description-proc"
        " dispatch-date estimated-value-cur-lot estimated-value-cur-proc estimated-value-lot estimated-value-proc"
        " form-type framework-maximum-value-lot identifier-lot links modification-previous-notice-identifier"
        " notice-identifier notice-title notice-type notice-version official-language ojs-number"
        " organisation-name-buyer organisation-name-tenderer place-of-performance procedure-identifier procedure-type"
        " publication-date publication-number tender-value tender-value-cur title-lot title-proc total-value"
        " total-value-cur winner-country winner-email winner-identifier winner-name"
    ).split()
)

_CONDITION = re.compile(r"publication-date\s*(>=|<=|=)\s*(\S+)|buyer-country\s+IN\s*\(([A-Z ]+)\)")
_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")


class LoopbackTed(Publisher):
    """Serve European notices; only the fields that are asked for, and `links`, stand in an answer.

    `fields` are the names that the interface knows: any other is refused. A token keeps the answer as it was when the
    first page was asked for. `times_out` is how many of the next answers are incomplete and say so; while `circles`,
    every page is the first one again.
    """

    id_field = "publication-number"
    renamed_field = "notice-title"

    def __init__(self, records: Iterable[Record] = ()) -> None:
        super().__init__(records)
        self.fields = set(KNOWN_FIELDS)
        self.times_out = 0
        self.circles = False
        self._kept: dict[str, tuple[list[Record], int]] = {}

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the documented path."""
        return {"POST /v3/notices/search": self._search}

    def load(self, payload: bytes) -> None:
        """Serve the notices of a page."""
        self.records = json.loads(payload)["notices"]

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Return the bodies of the requests so far."""
        return [json.loads(request.body) for request in self.requests]

    async def _search(self, request: web.Request) -> Served:
        body = await request.json()
        fields, limit = self._fields(body), self._limit(body)
        chosen, offset = self._chosen(body, limit)
        offset = 0 if self.circles else self.shifted(offset)
        page = [_projected(record, fields) for record in chosen[offset : offset + limit]]
        token = None
        if body.get("paginationMode") == "ITERATION":
            # It stays there after the last page, too.
            token = uuid.uuid4().hex
            self._kept[token] = (chosen, offset + limit)
        times_out, self.times_out = self.times_out > 0, max(0, self.times_out - 1)
        answer = {
            "notices": self.spoilt(page[: len(page) // 2] if times_out else page),
            "totalNoticeCount": len(chosen),
            "iterationNextToken": token,
            "timedOut": times_out,
        }
        return self.json(answer)

    def _fields(self, body: Mapping[str, Any]) -> list[str]:
        fields: list[str] = body.get("fields") or []
        if not fields:
            raise _refused("Parameter 'fields' must hold at least one value")
        for field in fields:
            if field not in self.fields:
                known = ", ".join(sorted(self.fields))
                raise _refused(f"Parameter 'fields' contains unsupported value ({field}), use one of: {known}")
        return fields

    def _limit(self, body: Mapping[str, Any]) -> int:
        limit = int(body.get("limit", 10))
        if not 1 <= limit <= MAX_LIMIT:
            raise _refused(f"Parameter 'limit' must be at most {MAX_LIMIT}")
        # The links, which every answer carries, count as a field.
        if limit * (len(body["fields"]) + 1) > MAX_CELLS:
            raise _refused(f"The number of fields times the limit must be at most {MAX_CELLS}")
        return limit

    def _chosen(self, body: Mapping[str, Any], limit: int) -> tuple[list[Record], int]:
        token = body.get("iterationNextToken")
        if token is not None:
            if token not in self._kept:
                raise Refusal.of_json(500, {"message": "Internal Server Error"})
            return self._kept[token]
        offset = (int(body.get("page", 1)) - 1) * limit
        if body.get("paginationMode") != "ITERATION" and offset + limit > MAX_REACH:
            raise _refused(f"No more than {MAX_REACH} notices can be reached by page number")
        chosen = self._found(str(body.get("query", "")))
        if body.get("onlyLatestVersions"):
            chosen = list(
                {str(record["notice-identifier"]): record for record in sorted(chosen, key=_version)}.values()
            )
        return chosen, offset

    def _found(self, query: str) -> list[Record]:
        chosen = list(self.records)
        for condition in re.split(r"\s+AND\s+", query.strip()):
            found = _CONDITION.fullmatch(condition)
            if found is None:
                raise _refused(f"Syntax error in the query: {condition!r}", "QUERY_SYNTAX_ERROR")
            if found[3]:
                wanted = set(found[3].split())
                chosen = [record for record in chosen if wanted.intersection(record.get("buyer-country") or ())]
            else:
                chosen = [record for record in chosen if _is_in(record, found[1], _day(found[2]))]
        return chosen


def _version(record: Record) -> int:
    return int(record["notice-version"])


def _projected(record: Record, fields: Iterable[str]) -> Record:
    return {name: record[name] for name in dict.fromkeys([*fields, "links"]) if name in record}


def _day(text: str) -> str | None:
    """Return a day in ISO 8601; None for a wrong one, which finds nothing and is not refused."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return None


def _is_in(record: Record, comparison: str, day: str | None) -> bool:
    published = str(record.get("publication-date") or "")[:10]
    if day is None or not published:
        return False
    return {">=": published >= day, "<=": published <= day, "=": published == day}[comparison]


def _refused(message: str, kind: str = "INVALID_PARAMETER") -> Refusal:
    return Refusal.of_json(400, {"message": message, "error": {"type": kind}})
