"""A register that its publisher serves whole, as one file: how it is fetched, seen to be there and read at once."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import ClassVar

from bot.errors import SourceError, SourceFault
from bot.sources._base import Asked, Parsed, Payload, Source
from bot.sources._http.client import PoliteClient, Validators

PART_NOTICES = 200
PART_ENTITIES = 2_000
"""How much a part of a register holds at least, unless it is the last one."""

PROBE_BYTES = 200_000
ABSENT = "absent"
"""The value of `removed` for an entry that the register no longer holds, without saying when or why it left."""


class RegisterFile(Source):
    """Read a register that stands as one file at `path`, and comes as `types`; `parse_stream` gives it in parts."""

    path: ClassVar[str]
    types: ClassVar[str]
    default_every = timedelta(hours=12)
    default_pace = timedelta(seconds=1)
    overlap = timedelta(days=3)
    baseline = timedelta(days=7)
    usual_delay = None
    is_register = True
    step = None

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:
        """Yield the register of the day as a file; nothing to read where it is the one that was stored last."""
        download = await client.download(
            f"{self.base_url}{self.path}",
            max_bytes=self.max_bytes,
            validators=Validators.from_json(asked.cursor.get("validators")),
            accept=self.types,
        )
        if download.is_unchanged:
            yield Payload(is_unchanged=True)
            return
        cursor = {"validators": download.validators.to_json(), "sha256": download.sha256}
        with download:
            # Not every server answers 304: the same bytes are the same register.
            if download.sha256 == asked.cursor.get("sha256"):
                yield Payload(cursor=cursor, is_unchanged=True)
            else:
                yield Payload(file=download.path, cursor=cursor)

    async def probe(self, asked: Asked, client: PoliteClient) -> int:
        """Return 0 where the register is there; raises SourceError where it is not."""
        del asked
        try:
            answer = await client.get(f"{self.base_url}{self.path}", max_bytes=PROBE_BYTES, accept=self.types)
        except SourceError as error:
            if error.fault is not SourceFault.TOO_LARGE:
                raise
        else:
            self.check_small(answer.body)
        return 0

    def check_small(self, body: bytes) -> None:
        """Raise SourceError where an answer too small to be the whole register is not one in the making either."""

    def parse(self, payload: bytes, *, lenient: bool = False) -> Parsed:
        """Read a whole register at once; for small ones, `parse_stream` reads any."""
        return _joined(list(self.parse_stream(io.BytesIO(payload), lenient=lenient)))


def _joined(parts: Sequence[Parsed]) -> Parsed:
    """Return the parts of a register as one; of what stands in several the last one counts."""
    return Parsed(
        tuple({notice.id: notice for part in parts for notice in part.notices}.values()),
        tuple(loss for part in parts for loss in part.losses),
        frozenset().union(*(part.unknown_fields for part in parts)),
        None,
        {id_: hashed for part in parts for id_, hashed in part.revision_hashes.items()},
        tuple({entity.id: entity for part in parts for entity in part.entities}.values()),
    )
