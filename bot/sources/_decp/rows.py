"""Rows of the consolidated DECP table: taken out of what was sent, and brought together contract by contract."""

from __future__ import annotations

import json
import math
import re
import tempfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from bot.errors import SourceError, SourceFault
from bot.sources._decp.contract import modification_of, uid_of
from bot.sources._reading import strict_json
from bot.sources._reading.entry import records_at, refuse_one_id

MEMORY_BYTES = 4_000_000
PAYLOAD_ROWS = 500
LIST_CHARS = 3_000
GATHERED, WHOLE, PARTIAL = "gathered", "whole", "partial"
"""What a payload made here says of the read that it is a part of."""

_OFFICIAL = {
    "objet": "objet",
    "montant": "montant",
    "codeCPV": "codecpv",
    "acheteur_id": "acheteur_id",
    "dateNotification": "datenotification",
    "datePublicationDonnees": "datepublicationdonnees",
}
"""By column of the consolidated table, that of the official one, which names nobody."""
_OFFICIAL_SUPPLIERS = ("_1", "_2", "_3")
_UNASKABLE = re.compile(r"[\"\\&=#%+]")
"""Signs that the publisher's filter takes for its own: a contract whose name has such is read in the window alone."""
_NULL = "CDL"
"""What the official table writes where it has nothing."""


class Rows:
    """Keep the rows of a window, on disk when they are many, and give them back so that no contract is split.

    A contract has one row for each supplier and amendment, and the table is in nobody's order. `is_partial` says that
    what was published of these contracts outside the window could not be had. A context manager; its methods do file
    work: call them from a thread.
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # closed by __exit__
        self._places: dict[str | None, list[int]] = {}
        self._spelled: dict[str, None] = {}
        self._contents: dict[tuple[str | None, int | None], set[int]] = {}
        self._end = 0
        self.is_partial = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, payload: bytes) -> tuple[int, int]:
        """Keep the rows of a page; return how many they are, and how many the publisher announces in all."""
        rows, total = _page(payload)
        for row in rows:
            self._keep(row)
            if isinstance(uid := row.get("uid"), str) and not _UNASKABLE.search(uid):
                self._spelled[uid] = None
        return len(rows), total

    def add_more(self, payload: bytes) -> tuple[int, int]:
        """Keep those rows of a page that belong to contracts and amendments of which there are rows; return as `add`.

        The award of which only an amendment lies in the window is not in it.
        """
        rows, total = _page(payload)
        for row in rows:
            if (uid_of(row), modification_of(row)) in self._contents:
                self._keep(row)
        return len(rows), total

    def uids(self) -> list[str]:
        """Return the contracts in lists as the publisher's filter `in` takes them, none too long for an address."""
        lists = [""]
        for uid in self._spelled:
            if len(quote(lists[-1])) + len(quote(uid)) > LIST_CHARS:
                lists.append("")
            lists[-1] += f',"{uid}"' if lists[-1] else f'"{uid}"'
        return lists if self._spelled else []

    def clear(self) -> None:
        """Forget every row."""
        self._file.seek(0)
        self._file.truncate()
        self._places.clear()
        self._spelled.clear()
        self._contents.clear()
        self._end = 0
        self.is_partial = False

    def payloads(self) -> Iterator[bytes]:
        """Yield payloads of about 500 rows, each contract whole in one of them; at least one.

        Raises SourceError where most contracts share one key: those of one contract have one object, or a few.
        """
        refuse_one_id(
            ((f"{key}/{number}", str(content)) for (key, number), told in self._contents.items() for content in told),
            "uid",
        )
        lines: list[bytes] = []
        for places in self._places.values():
            for place in places:
                self._file.seek(place)
                lines.append(self._file.readline().rstrip())
            if len(lines) >= PAYLOAD_ROWS:
                yield self._payload(lines)
                lines.clear()
        if lines or not self._places:
            yield self._payload(lines)

    def _keep(self, row: Mapping[str, Any]) -> None:
        line = json.dumps(row, default=_number).encode()
        self._file.seek(self._end)
        self._file.write(line + b"\n")
        uid = uid_of(row)
        self._places.setdefault(uid, []).append(self._end)
        self._contents.setdefault((uid, modification_of(row)), set()).add(hash(str(row.get("objet"))))
        self._end += len(line) + 1

    def _payload(self, lines: list[bytes]) -> bytes:
        gathered = PARTIAL if self.is_partial else WHOLE
        return f'{{"{GATHERED}": "{gathered}", "data": ['.encode() + b",\n".join(lines) + b"]}"


def _page(payload: bytes) -> tuple[list[dict[str, Any]], int]:
    answer = strict_json.load(payload)
    rows = rows_of(answer)
    meta = answer.get("meta")
    total = meta.get("total") if isinstance(meta, Mapping) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise SourceError("a number of notices was expected", SourceFault.COUNT_EXPECTED, field="meta.total")
    return rows, total


def _number(value: Decimal) -> float | str:
    """Return a number as JSON writes it; one that is beyond all measure stays a text."""
    number = float(value)
    return number if math.isfinite(number) else str(value)


def rows_of(answer: Any, *, lenient: bool = False) -> list[dict[str, Any]]:
    """Return the rows of an answer; raises SourceError where it holds none.

    Lenient reading also takes one row, a list of them, and an answer of the official table (data.economie.gouv.fr).
    """
    if isinstance(answer, dict) and "marches" in answer:
        message = "this is one buyer's raw file (schema of 2019 or 2022), Vigie reads the consolidated table"
        raise SourceError(message, SourceFault.RAW_CONTRACTS, field="marches")
    if lenient:
        answer = _saved(answer)
    return records_at(answer, "data")


def _saved(answer: Any) -> Any:
    """Return what somebody saved in the shape of an answer, itself where it has another one."""
    if isinstance(answer, list):
        return {"data": answer}
    if isinstance(answer, dict) and isinstance(answer.get("results"), list):
        records = [record for record in answer["results"] if isinstance(record, dict)]
        return {"data": [row for record in records for row in _official(record)]}
    return {"data": [answer]} if isinstance(answer, dict) and "uid" in answer else answer


def _official(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a record of the official table as rows of the consolidated one, one for each supplier."""
    told = {name: value for name, value in record.items() if value != _NULL}
    row = {ours: told[theirs] for ours, theirs in _OFFICIAL.items() if theirs in told}
    if isinstance(told.get("acheteur_id"), str) and isinstance(told.get("id"), str):
        row["uid"] = told["acheteur_id"] + told["id"]
    suppliers = [place for place in _OFFICIAL_SUPPLIERS if told.get(f"titulaire_id{place}")]
    for place in suppliers:
        number, kind = told[f"titulaire_id{place}"], told.get(f"titulaire_typeidentifiant{place}")
        yield row | {"titulaire_id": number, "titulaire_typeIdentifiant": kind}
    if not suppliers:
        yield row
