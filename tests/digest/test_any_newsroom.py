from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.models import Digest, Dossier, Fact, FactStatus, Held, ThingKind, Tier, WatchItem
from tests.digest.world import DOSSIER_CHANNEL, OTHER_CHANNEL, Desk, open_desk, uncoded
from tests.factories import CHANNEL

PLACES = (CHANNEL, OTHER_CHANNEL, DOSSIER_CHANNEL)
SILENT = {Held.BASELINE, Held.MUTED, Held.PAUSED, Held.COMPANION}
SEVERAL = st.integers(0, 3)

ACTS = st.one_of(
    st.tuples(
        st.just("hit"),
        SEVERAL,
        st.integers(1, 9),
        st.sampled_from([None, None, *Held]),
        st.sampled_from(list(Tier)),
    ),
    st.tuples(st.just("crowd"), SEVERAL, st.integers(20, 40)),
    st.tuples(st.just("move"), SEVERAL, st.sampled_from([None, *PLACES])),
    st.tuples(st.just("gather"), SEVERAL, st.integers(0, 1)),
    st.tuples(st.just("fact"), st.sampled_from([None, 0, 1])),
    st.tuples(st.just("verify"), SEVERAL),
    st.tuples(st.just("tip")),
    st.tuples(st.just("digest"), st.integers(0, 4)),
    st.tuples(st.just("digest"), st.integers(0, 4)),
)


@dataclass
class Known:
    """Hold what a person who saw everything would say of a hit."""

    row: int
    item: int
    notice: int
    held: Held | None
    is_told: bool = False


@dataclass
class Chronicle:
    """Say what a digest has to tell, from what happened and from nothing that the bot stores."""

    homes: dict[int, int | None] = field(default_factory=dict)
    inside: dict[int, set[int]] = field(default_factory=dict)
    hits: list[Known] = field(default_factory=list)
    changes: list[tuple[int, int | None]] = field(default_factory=list)
    told: dict[int, set[int]] = field(default_factory=dict)
    facts_told: dict[int, set[int]] = field(default_factory=dict)
    seen: dict[tuple[int, int | None], tuple[int, int]] = field(default_factory=dict)

    def hits_of(self, channel: int, dossier: int | None) -> set[int]:
        """Return the hits that a digest made now has to tell, and note that it does."""
        told = self.told.setdefault(channel, set())
        seen, _ = self.seen.get((channel, dossier), (0, 0))
        found = set()
        for place, hit in enumerate(self.hits):
            # The second dossier has a channel of its own, where the hits of its items go.
            gathered = DOSSIER_CHANNEL if hit.item in self.inside.get(1, ()) else CHANNEL
            is_own = (self.homes.get(hit.item) or gathered) == channel
            if hit.held in SILENT or hit.row in told:
                continue
            is_owed = is_own and not hit.is_told
            if dossier is not None:
                is_new = place >= seen or (is_owed and hit.held is not None)
                is_owed = is_new and hit.item in self.inside.get(dossier, set())
            if is_owed:
                found.add(hit.row)
                hit.is_told = hit.is_told or is_own
        told |= found
        return found

    def facts_of(self, channel: int, dossier: int | None) -> set[int]:
        """Return the facts that a digest made now has to tell, and note that it does."""
        told = self.facts_told.setdefault(channel, set())
        _, seen = self.seen.get((channel, dossier), (0, 0))
        found = set()
        for number, (fact, home) in enumerate(self.changes):
            # The second dossier keeps its facts to a channel of its own.
            is_in = home == dossier if dossier is not None else home != 1 or channel == DOSSIER_CHANNEL
            if number >= seen and number not in told and is_in:
                found.add(fact)
                told.add(number)
        return found

    def look(self, channel: int, dossier: int | None) -> None:
        self.seen[channel, dossier] = (len(self.hits), len(self.changes))


@dataclass
class Play:
    """Play a newsroom's life, and compare each digest with what the chronicle says."""

    desk: Desk
    items: list[WatchItem]
    dossiers: list[Dossier]
    digests: list[Digest]
    chronicle: Chronicle = field(default_factory=Chronicle)
    facts: list[tuple[Fact, int | None]] = field(default_factory=list)
    crowds: int = 100

    async def act(self, name: str, *values: object) -> None:
        await getattr(self, name)(*values)

    async def hit(self, which: int, notice: int, held: Held | None, tier: Tier) -> None:
        item = self.items[which]
        row = await self.desk.hit(item, notice, held=held, tier=tier, title=f"Avis {notice}")
        self.chronicle.hits.append(Known(row, item.id or 0, notice, held))

    async def crowd(self, which: int, many: int) -> None:
        for number in range(self.crowds, self.crowds + many):
            await self.hit(which, number, Held.STORM, Tier.EXACT)
        self.crowds += many

    async def move(self, which: int, channel: int | None) -> None:
        self.items[which] = await self.desk.change(self.items[which], channel_id=channel)
        self.chronicle.homes[self.items[which].id or 0] = channel

    async def gather(self, which: int, dossier: int) -> None:
        item = self.items[which]
        await self.desk.put(self.dossiers[dossier], ThingKind.ITEM, item.id)
        self.chronicle.inside.setdefault(dossier, set()).add(item.id or 0)

    async def fact(self, dossier: int | None) -> None:
        inside = [] if dossier is None else [self.dossiers[dossier]]
        fact = await self.desk.fact("Axon a gagné.", *inside)
        self.facts.append((fact, dossier))
        self.chronicle.changes.append((fact.id, dossier))

    async def verify(self, which: int) -> None:
        if which < len(self.facts) and self.facts[which][0].status is FactStatus.LOGGED:
            fact, dossier = self.facts[which]
            self.facts[which] = (await self.desk.verify(fact), dossier)
            self.chronicle.changes.append((fact.id, dossier))

    async def tip(self) -> None:
        await self.desk.tip()

    async def digest(self, which: int) -> None:
        digest = self.digests[which]
        dossier = None if digest.dossier_id is None else digest.dossier_id - 1
        preview = await self.desk.digester.preview(self.desk.guild_id, digest.id)
        before = len(await self.desk.rows())
        parts = await self.desk.make(digest)
        sent = await self.desk.cards(before)
        assert list(map(uncoded, sent)) == list(map(uncoded, preview))
        rows = [row for part in parts for hit in part.hits for row in hit.rows]
        facts = [fact.fact_id for part in parts for fact in part.facts]
        assert sorted(rows) == sorted(self.chronicle.hits_of(digest.channel_id, dossier))
        assert sorted(facts) == sorted(self.chronicle.facts_of(digest.channel_id, dossier))
        lines = [(hit.item_id, hit.notice_id) for part in parts for hit in part.hits]
        assert len(lines) == len(set(lines))
        self.chronicle.look(digest.channel_id, dossier)


async def begin(desk: Desk) -> Play:
    dossiers = [await desk.dossier("Un"), await desk.dossier("Deux", DOSSIER_CHANNEL)]
    return Play(
        desk,
        [await desk.item(f"objet {number}") for number in range(4)],
        dossiers,
        [
            *[await desk.schedule(channel) for channel in PLACES],
            await desk.schedule(CHANNEL, dossiers[0]),
            await desk.schedule(DOSSIER_CHANNEL, dossiers[1]),
        ],
    )


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=4, max_size=25))
def test_every_digest_tells_what_is_to_be_told_each_once_and_as_previewed(acts: list[tuple[object, ...]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_desk(Path(folder)) as desk:
                life = await begin(desk)
                for name, *values in acts:
                    await life.act(str(name), *values)
                for which in range(len(life.digests)):
                    await life.digest(which)
                owed = {hit.row for hit in life.chronicle.hits if hit.held not in SILENT}
                assert owed <= set().union(*life.chronicle.told.values())

    asyncio.run(play())
