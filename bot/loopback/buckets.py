"""The rate limits that a real bot meets at Discord, for a platform made with `real_buckets=True`.

Documented (Discord, "Rate Limits"): 50 requests a second for a whole bot, which answers to interactions are not counted
in; 10,000 answers of 401, 403 or 429 in 10 minutes bring a ban of the address at the front end, those 429 of which the
scope is `shared` left out. What a route takes is not documented, may change, and is read from headers; unverified here,
as people report it: 5 messages and 5 edits in 5 seconds and channel, 5 deletions a second and channel, 10 new threads
and posts in 10 minutes and channel (reported waits are of several minutes, with the scope `shared`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

MESSAGE = "/channels/{channel_id}/messages/{message_id}"
THREADS = "/channels/{channel_id}/threads"


@dataclass(slots=True)
class RateLimit:
    """So many requests in so many seconds, counted for each channel, guild or webhook by itself.

    Routes that share one are one `bucket`; without a name of its own it has that of its route. `scope` is what a 429
    says.
    """

    limit: int
    per_s: float
    bucket: str = ""
    scope: str = "user"
    windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def take(self, key: str) -> tuple[bool, int, float]:
        """Count one request; return whether it passes, how many are left, and the seconds until the window ends."""
        start, count = self._window(key)
        passes = count < self.limit
        self.windows[key] = (start, count + passes)
        return passes, self.limit - count - passes, self.left(key)

    def is_used_up(self, key: str) -> bool:
        """Tell whether nothing more would pass now; counts nothing."""
        return self._window(key)[1] >= self.limit

    def left(self, key: str) -> float:
        """Return the seconds until the window ends."""
        return max(0.0, self._window(key)[0] + self.per_s - time.monotonic())

    def _window(self, key: str) -> tuple[float, int]:
        now = time.monotonic()
        start, count = self.windows.get(key, (now, 0))
        return (now, 0) if now - start >= self.per_s else (start, count)


def discord_limits() -> dict[tuple[str, str], RateLimit]:
    """Return what Discord's routes take, by method and templated path."""
    threads = RateLimit(10, 600, "threads", scope="shared")
    return {
        ("POST", "/channels/{channel_id}/messages"): RateLimit(5, 5),
        ("PATCH", MESSAGE): RateLimit(5, 5),
        ("DELETE", MESSAGE): RateLimit(5, 1),
        ("POST", THREADS): threads,
        ("POST", f"{MESSAGE}/threads"): threads,
    }


def whole_limit() -> RateLimit:
    """Return what a whole bot may ask."""
    return RateLimit(50, 1, scope="global")


def invalid_limit() -> RateLimit:
    """Return how many refused requests an address may make before it is banned."""
    return RateLimit(10_000, 600)
