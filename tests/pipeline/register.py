"""A made-up full register: organisations with their notices, dumped whole each time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, ClassVar

from bot.models import Notice, NoticeKind
from bot.sources import Asked, Entity, Parsed, Payload, PoliteClient
from tests.factories import PagesSource, make_notice

Dump = Mapping[str, Sequence[Notice]]


class RegisterSource(PagesSource):
    """Read dumps that a test holds in memory: the notices of each organisation, by its id."""

    name: ClassVar[str] = "register"
    label: ClassVar[str] = "Register"
    is_register = True
    usual_delay = None

    def __init__(self, dump: Dump | None = None) -> None:
        super().__init__()
        self.dump: Dump = dump or {}
        self.read: list[str] = []
        self.cursor: dict[str, Any] | None = None
        self.is_unchanged = False
        self.is_partly_unchanged = False
        self.breaks_at: str | None = None

    async def fetch(self, asked: Asked, client: PoliteClient) -> AsyncIterator[Payload]:  # noqa: ARG002  # the interface
        self.asked.append(asked)
        body = json.dumps({name: [one.to_json() for one in found] for name, found in self.dump.items()}).encode()
        if not self.is_unchanged:
            yield Payload(body, cursor=self.cursor)
        if self.is_unchanged or self.is_partly_unchanged:
            yield Payload(is_unchanged=True)

    def parse_stream(
        self, stream: BinaryIO, *, known: Mapping[str, str] | None = None, lenient: bool = False
    ) -> Iterator[Parsed]:
        del lenient
        for name, lines in json.loads(stream.read()).items():
            if name == self.breaks_at:
                raise ValueError(name)
            fingerprint = hashlib.sha256(json.dumps(lines).encode()).hexdigest()
            if (known or {}).get(name) == fingerprint:
                yield Parsed((), entities=(Entity(name, fingerprint, None),))
                continue
            self.read.append(name)
            found = tuple(Notice.from_json(line) for line in lines)
            yield Parsed(
                found,
                revision_hashes={one.id: self.content_sha256(one) for one in found},
                entities=(Entity(name, fingerprint, tuple(one.id for one in found)),),
            )

    def removed(self, notice: Notice) -> Notice | None:
        return replace(notice, kind=NoticeKind.CANCELLATION)


def entry(notice_id: str, **said: Any) -> Notice:
    """Return a notice of the register that nobody watches, with what a test says otherwise."""
    values = {
        "source": "register",
        "kind": NoticeKind.REGISTRATION,
        "title": "Inscription",
        "text": "",
        "deadline": None,
    }
    return make_notice(notice_id, **{**values, "published": None, "procedure": None, **said})


def organisation(name: str, *entries: str, **said: Any) -> dict[str, Sequence[Notice]]:
    """Return an organisation with its own notice and further ones."""
    return {name: [entry(name, **said), *(entry(f"{name}:{one}") for one in entries)]}


def crowd(count: int = 20) -> dict[str, Sequence[Notice]]:
    """Return organisations that stay as they are."""
    return {name: found for number in range(count) for name, found in organisation(f"C{number:03}").items()}
