"""A loopback publisher of Open Contracting data, of those that the configuration names."""

from __future__ import annotations

from datetime import timedelta

from bot.loopback.publishers._ocds import OcdsPublisher


class LoopbackOcds(OcdsPublisher):
    """Serve releases by days, without bounds all of them; `address` is what a `[[ocds]]` table names."""

    path = "/api/releases"
    since = "dateFrom"
    until = "dateTo"
    largest = timedelta(days=31)
    zone = "UTC"

    @property
    def address(self) -> str:
        """Return the whole address, with the places of the bounds of a window."""
        return f"{self.url}{self.path}?dateFrom={{from}}&dateTo={{to}}&limit=100"
