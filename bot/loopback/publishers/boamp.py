"""A loopback BOAMP."""

from __future__ import annotations

from bot.loopback.publishers._explore import ExplorePublisher


class LoopbackBoamp(ExplorePublisher):
    """Serve tenders and awards as France's official bulletin does."""

    dataset = "boamp"
    id_field = "idweb"
    renamed_field = "objet"

    def resave_all(self) -> None:
        """Save every record again: the columns change that change without anything new being said."""
        for place, record in enumerate(self.records):
            self.records[place] = record | {"etat": f"RESAVED-{record.get('etat')}", "criteres": "resaved"}
