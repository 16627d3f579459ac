"""The nonce and the visible code of an announcement, both derived from what it is about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bot.models import AnnouncementKind

NONCE_CHARS = 25
_CODE_LETTERS = 8
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Reference:
    """Hold the nonce that Discord compares and the code that people read (`A7K3-92QF`)."""

    nonce: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementKey:
    """Name what makes an announcement one and the same: it exists once in a channel, whatever happens."""

    guild_id: int
    channel_id: int
    kind: AnnouncementKind
    subject: str
    revision: int = 1


def reference(installation: str, key: AnnouncementKey, attempt: int = 0) -> Reference:
    """Derive the reference of an announcement from the installation and its key, never from chance or a row number.

    `attempt` above 0 gives another one, for the rare code that a newsroom already has.
    """
    parts = (installation, key.guild_id, key.channel_id, key.kind, key.subject, key.revision, attempt)
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).digest()
    number = int.from_bytes(digest[-5:])
    letters = "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
    return Reference(nonce=digest.hex()[:NONCE_CHARS], code=f"{letters[:4]}-{letters[4:]}")
