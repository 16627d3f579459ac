"""A package of the Open Contracting Data Standard (OCDS 1.1): from bytes to its releases and its next page.

Shapes: https://standard.open-contracting.org/latest/en/schema/release_package/ and …/record_package/.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from bot.errors import SourceError, SourceFault
from bot.sources._base import Loss
from bot.sources._reading import strict_json
from bot.sources._reading.entry import records_at

UTF8_ONLY = ("utf-8",)
UTF8_ELSE_LATIN1 = ("utf-8", "latin-1")

_START_BYTES = 1_024
_BLANK = b"\xef\xbb\xbf \t\r\n"
_UTF8_SIGN = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_ZEROS = re.compile(r"(?<=:) 000(?=,)")


@dataclass(frozen=True, slots=True)
class Package:
    """Hold the releases of a package in their order, what of it could not be read, and the link to its next page."""

    releases: tuple[Mapping[str, Any], ...]
    losses: tuple[Loss, ...] = ()
    next: str | None = None

    def newest(self) -> str:
        """Return the latest `date` of its releases as `universal_time` writes it, "" where none says one."""
        return max((_published(release.get("date")) for release in self.releases), default="")


def universal_time(moment: date | datetime) -> str:
    """Return a moment, a day as its beginning, in the one form in which publications are ordered and named.

    What has no offset is taken as universal time. Raises OverflowError at the very ends of the calendar.
    """
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read(payload: bytes, charsets: tuple[str, ...] = UTF8_ONLY, *, lenient: bool = False) -> Package:
    """Return what a release package or a record package holds; in lenient reading also a release or a list of them.

    Of a record its embedded releases count; where they are only linked, its compiled release, else the record is a
    loss. Raises SourceError where the payload is no package.
    """
    answer = _load(payload, charsets)
    if lenient:
        answer = _wrapped(answer)
    if not isinstance(answer, dict):
        raise SourceError("an object with releases or records was expected", SourceFault.ENVELOPE_EXPECTED)
    if "records" in answer and "releases" not in answer:
        releases, losses = _of_records(_listed(answer, "records"))
    else:
        releases, losses = _listed(answer, "releases"), []
    return Package(tuple(releases), tuple(losses), _next(answer))


def _published(raw: Any) -> str:
    try:
        return universal_time(datetime.fromisoformat(raw)) if isinstance(raw, str) else ""
    except (ValueError, OverflowError):
        return ""


def _load(payload: bytes, charsets: tuple[str, ...]) -> Any:
    """Return the JSON of a payload; a number that is written ` 000` is read as zero, once nothing else helps."""
    start = payload[:_START_BYTES].lstrip(_BLANK)
    if not start or start.startswith(b"<"):
        return strict_json.load(payload)  # which says in plain words what this is
    text = _decoded(payload, charsets)
    try:
        return strict_json.loads(text)
    except ValueError as error:
        mended, count = _ZEROS.subn(" 0", text)
        if not count:
            raise _bad_json(error) from None
    try:
        return strict_json.loads(mended)
    except ValueError as error:
        raise _bad_json(error) from None


def _decoded(payload: bytes, charsets: tuple[str, ...]) -> str:
    try:
        return payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Text in UTF-8 with one damaged byte must not come out as two signs for each accent.
        if charsets == UTF8_ONLY or 4 * len(_UTF8_SIGN.findall(payload)) > len(_HIGH_BYTE.findall(payload)):
            message = f"the answer is not UTF-8 (byte {error.start})"
            raise SourceError(message, SourceFault.CHARSET, byte=error.start) from None
    return payload.decode("latin-1")


def _bad_json(error: ValueError) -> SourceError:
    return SourceError(f"the answer is cut off or not valid JSON ({error})", SourceFault.BAD_JSON, reason=str(error))


def _wrapped(answer: Any) -> Any:
    if isinstance(answer, list):
        return {"releases": answer}
    if isinstance(answer, dict) and "ocid" in answer and not answer.keys() & {"releases", "records"}:
        return {"releases": [answer]}
    return answer


def _listed(answer: dict[str, Any], field: str) -> list[dict[str, Any]]:
    if field not in answer:
        raise SourceError("missing", SourceFault.MISSING, field=field)
    return records_at(answer, field)


def _of_records(records: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[Loss]]:
    releases: list[dict[str, Any]] = []
    losses: list[Loss] = []
    for place, record in enumerate(records, start=1):
        listed = record.get("releases")
        embedded = [release for release in listed if _is_embedded(release)] if isinstance(listed, list) else []
        compiled = record.get("compiledRelease")
        if embedded and isinstance(listed, list) and len(embedded) == len(listed):
            releases += embedded
        elif isinstance(compiled, dict):
            releases.append(compiled)
        else:
            releases += embedded
            entry = record.get("ocid")
            losses.append(
                Loss(entry if isinstance(entry, str) else f"#{place}", "releases", "only links to releases stand there")
            )
    return releases, losses


def _is_embedded(release: Any) -> bool:
    return isinstance(release, dict) and "ocid" in release


def _next(answer: dict[str, Any]) -> str | None:
    links = answer.get("links")
    link = links.get("next") if isinstance(links, dict) else None
    if link is None or link == "":
        return None
    if not isinstance(link, str):
        raise SourceError("text was expected", SourceFault.TEXT_EXPECTED, field="links.next")
    return link
