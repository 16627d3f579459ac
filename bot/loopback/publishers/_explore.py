"""The Explore v2.1 interface of Opendatasoft, through which several French registers are published."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from aiohttp import web

from bot.loopback.publishers._publisher import Handler, Publisher, Record, Refusal, Served

MAX_LIMIT = 100
MAX_REACH = 10_000

_CONDITION = re.compile(
    r"\s*(\w+)\s*(>=|<=|=|>|<)\s*(?:date'(\d{4}-\d{2}-\d{2})'|\"(\d{4}-\d{2}-\d{2})\"|'(\d{4}-\d{2}-\d{2})')\s*"
)
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}


class ExplorePublisher(Publisher):
    """Serve the records of one `dataset`; unknown parameters are ignored, as the real interface ignores them.

    The list is in nobody's order: what matters is the `order_by` of the request.
    """

    dataset: ClassVar[str]

    @property
    def routes(self) -> Mapping[str, Handler]:
        """Return the documented path."""
        return {f"/api/explore/v2.1/catalog/datasets/{self.dataset}/records": self._records}

    def load(self, payload: bytes) -> None:
        """Serve the records of a page."""
        self.records = json.loads(payload)["results"]

    def chooses(self, record: Record, condition: str) -> bool:
        """Return whether a record meets one condition of `where`, here a comparison with a date.

        Refuses anything else as the real parser refuses what it cannot read.
        """
        found = _CONDITION.fullmatch(condition)
        if not found:
            raise refused("ODSQLError", f"ODSQL query is malformed: {condition!r}")
        wanted = found[3] or found[4] or found[5]
        return bool(record.get(found[1])) and _COMPARISONS[found[2]](record[found[1]][:10], wanted)

    async def _records(self, request: web.Request) -> Served:
        params = dict(request.query)
        limit, offset = _number(params, "limit", 10), _number(params, "offset", 0)
        if limit > MAX_LIMIT:
            raise refused(
                "InvalidRESTParameterError",
                f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= {MAX_LIMIT} is expected.",
            )
        if limit + offset > MAX_REACH:
            raise refused(
                "InvalidRESTParameterError",
                f"Invalid value for offset API parameter: offset + limit must be at most {MAX_REACH}.",
            )
        chosen = _ordered(self._where(params.get("where", "")), params.get("order_by", ""))
        offset = self.shifted(offset)
        return self.json({"total_count": len(chosen), "results": self.spoilt(chosen[offset : offset + limit])})

    def _where(self, clause: str) -> list[Record]:
        chosen = list(self.records)
        for condition in re.split(r"\s+and\s+", clause, flags=re.IGNORECASE) if clause.strip() else []:
            self.chooses({}, condition)  # A wrong clause is refused over no records, too.
            chosen = [record for record in chosen if self.chooses(record, condition)]
        return chosen


def refused(code: str, message: str) -> Refusal:
    """Return a refusal as the interface words it."""
    return Refusal.of_json(400, {"error_code": code, "message": message})


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    raw = params.get(name, str(default))
    if not raw.isdecimal():
        raise refused("InvalidRESTParameterError", f"Invalid value for {name} API parameter: {raw}")
    return int(raw)


def _ordered(records: list[Record], order_by: str) -> list[Record]:
    ordered = list(records)
    for part in reversed([part.split() for part in order_by.split(",") if part.strip()]):
        ordered.sort(key=lambda record: str(record.get(part[0]) or ""), reverse=part[1:] == ["desc"])
    return ordered
