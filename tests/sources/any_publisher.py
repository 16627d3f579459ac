"""A publisher that serves the sample of a source at every address, for sources that have none of their own."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.loopback.publishers import Publisher, publisher_of
from bot.loopback.publishers._publisher import Handler, Served
from bot.sources import Form
from tests.sources.layouts import Sample, sample_of

_TYPES = {Form.JSON: "application/json", Form.CSV: "text/csv"}


class AnyPublisher(Publisher):
    """Answer every request with the whole sample: what a source asks for is not looked at, what it makes of it is."""

    def __init__(self, sample: Sample) -> None:
        super().__init__()
        self._sample = sample
        self.id_field = sample.layout.id
        self.renamed_field = next(field for field in sample.layout.mandatory if field != sample.layout.id)

    @property
    def routes(self) -> Mapping[str, Handler]:
        return {"/{path:.*}": self._serve, "POST /{path:.*}": self._serve}

    def load(self, payload: bytes) -> None:
        assert payload == self._sample.raw
        self.records = list(self._sample.entries)

    async def _serve(self, _: web.Request) -> Served:
        text = self._sample.payload(self.spoilt(self.records)).decode()
        return Served(self._encoded(text), _TYPES[self._sample.layout.form])


def has_publisher(name: str) -> bool:
    """Return whether a source can be read over HTTP here, from its own publisher or from one of its sample."""
    try:
        publisher_of(name)
    except LookupError:
        return sample_of(name).layout.form in _TYPES
    return True


def publisher_for(name: str) -> Publisher:
    """Return what stands for the publisher of a source."""
    try:
        return publisher_of(name)()
    except LookupError:
        return AnyPublisher(sample_of(name))
