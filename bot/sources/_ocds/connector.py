"""One connector for every publisher of Open Contracting data (OCDS 1.1), told apart by their `Profile`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, time
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from bot.models import Notice
from bot.sources._base import Asked, Form, Layout, Loss, Parsed, Payload, Source
from bot.sources._http.client import PoliteClient
from bot.sources._ocds import package as ocds_package
from bot.sources._ocds import window as ocds_window
from bot.sources._ocds.codes import IGNORED_FIELDS
from bot.sources._ocds.package import universal_time
from bot.sources._ocds.profile import Profile
from bot.sources._ocds.release import Reading
from bot.sources._reading.entry import missing_fields, refuse_one_id, unknown_fields

_OPTIONAL = ("planning", "contracts", "awards", "title", "description", "language")


def layout(*, has_ids: bool) -> Layout:
    """Return which fields a release has; `has_ids` where every release of the publisher has an id of its own."""
    required = ("ocid", "id", "date", "tag") if has_ids else ("ocid", "date", "tag")
    return Layout(
        form=Form.JSON,
        entries="releases",
        id="ocid",
        mandatory=required,
        expected=("buyer", "parties", "tender") if has_ids else (),
        optional=_OPTIONAL if has_ids else (*_OPTIONAL, "id", "buyer", "parties", "tender"),
        ignored=IGNORED_FIELDS,
    )


class OcdsSource(Source):
    """Read a publisher of OCDS data; a subclass names its `profile` and describes itself."""

    profile: ClassVar[Profile]
    may_be_empty = True

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the pages of the windows that are asked for, oldest window first; pages may repeat releases.

        Raises SourceError as `Source.fetch` says.
        """
        profile = self._profile()
        start, cursor = self._start(asked, profile)
        until = asked.window.until
        end = datetime.combine(until, time.min) if until is not None else self._wall(asked.now) + ocds_window.AHEAD
        if asked.is_backfill and profile.is_by_day:
            # Publishers include the day of the upper bound or not: what polls still tell must not be stored in silence.
            start, end = start - ocds_window.DAY, end - ocds_window.DAY
        pages = ocds_window.Pages(client, f"{self.base_url}{profile.path}", profile, self.max_bytes)
        async for body in pages.of(start, end):
            yield Payload(body, cursor=cursor)

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a release package or a record package, or in lenient reading also a release or a list of them.

        Of releases that share an id the latest counts. Raises SourceError as `Source.parse` says, and where more than
        half of the releases share one id and are not the same.
        """
        profile = self._profile()
        package = ocds_package.read(payload, profile.charsets, lenient=lenient)
        losses = list(package.losses)
        if profile.may_lack_a_link(package):
            losses.append(Loss("", "links.next", "a full page links to no other: releases may be missing"))
        found: dict[str, tuple[tuple[str, str], Notice]] = {}
        hashes: dict[str, str] = {}
        seen: list[tuple[str, str]] = []
        for place, record in enumerate(package.releases, start=1):
            reading = Reading(record, place, self.layout, profile, lenient=lenient)
            notice = reading.notice(self.name, self._language())
            content = reading.revision_hash(notice, self.revision_hash_version)
            losses += reading.losses
            seen.append((notice.id, content))
            rank = (universal_time(notice.published) if notice.published else "", notice.raw_sha256 or "")
            if notice.id not in found or rank > found[notice.id][0]:
                found[notice.id] = (rank, notice)
                hashes[notice.id] = content
        refuse_one_id(seen, self.layout.id)
        if not lenient:
            losses += missing_fields(package.releases, self.layout)
        return Parsed(
            tuple(notice for _, notice in found.values()),
            tuple(losses),
            unknown_fields(package.releases, self.layout),
            None,
            hashes,
        )

    def _profile(self) -> Profile:
        return self.profile

    def _language(self) -> str | None:
        return self.language

    def _start(self, asked: Asked, profile: Profile) -> tuple[datetime, Mapping[str, Any] | None]:
        """Return from when to read, on the publisher's clock, and the cursor that the reading leaves (None: as it was).

        Ordinary polls of a publisher with an `overlap` read little, and once a day far back; any other window is read
        whole.
        """
        whole = datetime.combine(asked.window.since, time.min)
        if profile.overlap is None or profile.again is None or asked.is_backfill:
            return whole, None
        cursor = {"again": asked.now.astimezone(UTC).isoformat()}
        if asked.last_ok is None or asked.window != self.window(asked.last_ok, asked.now):
            return whole, cursor
        short = self._wall(asked.last_ok - profile.overlap)
        if not ocds_window.again(asked.cursor, asked.now):
            return short, None
        return min(short, self._wall(asked.now - profile.again)), cursor

    def _wall(self, moment: datetime) -> datetime:
        """Return what clocks at the publisher's show at a moment, to the second."""
        return moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None, microsecond=0)
