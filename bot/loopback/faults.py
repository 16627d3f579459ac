"""Faults on demand: the ones a test asks for, and a seeded plan for long random runs."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CREATE_MESSAGE = ("POST", "/channels/{channel_id}/messages")


class FaultKind(StrEnum):
    """What goes wrong with one request; `before` the platform did what was asked, or `after` it did."""

    E500_BEFORE = "500_before"
    E500_AFTER = "500_after"
    E502_HTML_BEFORE = "502_html_before"
    E502_HTML_AFTER = "502_html_after"
    E503_BEFORE = "503_before"
    E503_AFTER = "503_after"
    E504_BEFORE = "504_before"
    E504_AFTER = "504_after"
    E520_BEFORE = "520_before"
    E520_AFTER = "520_after"
    E524_BEFORE = "524_before"
    E524_AFTER = "524_after"
    E429_USER = "429_user"
    E429_GLOBAL = "429_global"
    E429_FRONT = "429_front"
    CLOSE_BEFORE = "close_before"
    CLOSE_AFTER = "close_after"
    RESET_AFTER = "reset_after"
    CUT_AFTER = "cut_after"
    BAD_JSON_AFTER = "bad_json_after"
    SLOW = "slow"
    HANG_BEFORE = "hang_before"
    HANG_AFTER = "hang_after"
    E400 = "400"
    E401 = "401"
    E403 = "403"
    E404 = "404"
    GATEWAY_DROPPED = "gateway_dropped"
    GATEWAY_REFUSED = "gateway_refused"
    GATEWAY_RECONNECT = "gateway_reconnect"
    GATEWAY_INVALID = "gateway_invalid"

    @property
    def after(self) -> bool:
        """Tell whether the platform has done what was asked when this strikes."""
        return self.value.endswith("_after")

    @property
    def gateway(self) -> bool:
        """Tell whether it strikes the gateway and lets the request pass."""
        return self.value.startswith("gateway_")

    @property
    def doubtful(self) -> bool:
        """Tell whether the client cannot know if the request took effect."""
        return self.after or self.value.startswith(("500", "502", "503", "504", "520", "524", "close", "hang"))


@dataclass(slots=True, eq=False)
class Fault:
    """One fault asked for: strikes the next `times` requests that fit, then is spent.

    `hit` is set at the first strike and `struck` counts them; `seconds` is the length of a `slow` answer or the
    `retry_after` of a 429.
    """

    kind: FaultKind
    method: str | None
    path: str | None
    times: int = 1
    seconds: float = 0.2
    struck: int = 0
    hit: asyncio.Event = field(default_factory=asyncio.Event)

    def fits(self, method: str, path: str) -> bool:
        """Tell whether it is to strike a request to that templated path."""
        return self.struck < self.times and self.method in {None, method} and self.path in {None, path}


class FaultPlan:
    """A fault kind a request, drawn from a seed: the same seed and requests give the same faults."""

    def __init__(
        self,
        seed: int,
        rate: float,
        kinds: Sequence[FaultKind | str] | None = None,
        *,
        only: Sequence[tuple[str, str]] | None = (CREATE_MESSAGE,),
        seconds: float = 0.05,
    ) -> None:
        """Strike the share `rate` of the requests to the (method, templated path) pairs of `only`, None meaning all."""
        if not 0 <= rate <= 1:
            raise ValueError(f"a rate lies between 0 and 1: {rate}")
        self.seed = seed
        self.rate = rate
        self.kinds = tuple(FaultKind(kind) for kind in (kinds if kinds is not None else FaultKind))
        self.only = None if only is None else frozenset(only)
        self.seconds = seconds
        self.struck: Counter[FaultKind] = Counter()
        self._random = random.Random(seed)  # noqa: S311  # reproducible on purpose

    def draw(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, or None."""
        if self.only is not None and (method, path) not in self.only:
            return None
        strikes = self._random.random() < self.rate
        kind = self._random.choice(self.kinds)
        if not strikes:
            return None
        self.struck[kind] += 1
        return Fault(kind, method, path, seconds=self.seconds, struck=1)


class Faults:
    """Everything that is to go wrong on one platform."""

    def __init__(self) -> None:
        self.plan: FaultPlan | None = None
        self.pending: list[Fault] = []
        self.struck: Counter[FaultKind] = Counter()
        self.released = asyncio.Event()

    def once(
        self,
        *,
        kind: FaultKind | str,
        method: str | None = None,
        path: str | None = None,
        times: int = 1,
        seconds: float = 0.2,
    ) -> Fault:
        """Strike the next `times` requests of that method and templated path (None: any); return the fault to watch."""
        fault = Fault(FaultKind(kind), method, path, times, seconds)
        self.pending.append(fault)
        return fault

    def clear(self) -> None:
        """Forget everything that was to go wrong."""
        self.plan = None
        self.pending.clear()

    def release(self) -> None:
        """Let every request that hangs fall."""
        self.released.set()
        self.released = asyncio.Event()

    def draw(self, method: str, path: str) -> Fault | None:
        """Return the fault that strikes this request, the ones asked for first."""
        for fault in self.pending:
            if fault.fits(method, path):
                fault.struck += 1
                fault.hit.set()
                self.struck[fault.kind] += 1
                if fault.struck >= fault.times:
                    self.pending.remove(fault)
                return fault
        fault_of_plan = self.plan.draw(method, path) if self.plan else None
        if fault_of_plan:
            self.struck[fault_of_plan.kind] += 1
        return fault_of_plan
