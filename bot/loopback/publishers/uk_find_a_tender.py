"""A loopback Find a Tender."""

from __future__ import annotations

from datetime import timedelta

from bot.loopback.publishers._ocds import OcdsPublisher


class LoopbackUkFindATender(OcdsPublisher):
    """Serve notices as the United Kingdom's Find a Tender does: no window of more than six hours is answered whole."""

    path = "/api/1.0/ocdsReleasePackages"
    since = "updatedFrom"
    until = "updatedTo"
    others = frozenset({"stages"})
    largest = timedelta(hours=6)
