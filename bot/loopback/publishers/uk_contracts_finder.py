"""A loopback Contracts Finder."""

from __future__ import annotations

from datetime import timedelta

from bot.loopback.publishers._ocds import OcdsPublisher
from bot.loopback.publishers._publisher import Served


class LoopbackUkContractsFinder(OcdsPublisher):
    """Serve notices as the United Kingdom's Contracts Finder does, whose rate limit answers 403 with a page."""

    path = "/Published/Notices/OCDS/Search"
    since = "publishedFrom"
    until = "publishedTo"
    others = frozenset({"stages"})
    largest = timedelta(days=15)

    def too_often(self) -> Served:
        """Return the page that refuses."""
        return Served(b"<h1>403 Forbidden</h1>", "text/html", 403)
