"""A homonym as a reporter lives it: said once, held back from then on, a restart in between, and undone.

What is logged on the item then is told by the next announcement.
"""

from __future__ import annotations

from bot.loopback.publishers.boamp_records import mapa_award
from bot.loopback.replies import text_of
from tests.e2e.world import World, today, words_of

NOT_THIS = "Ce n\u2019est pas ça"


def awarded(desk: World, number: int, winner: str) -> None:
    """Publish the award of a contract to a company."""
    desk.boamp.records.append(
        mapa_award(idweb=f"26-{number}", objet=f"Marché {number}", published=today(), winner=winner, amount="12000.00")
    )


async def remembers(desk: World) -> None:
    """Log a disputed fact and two tips, and see the next announcement tell what may be told, and be kept true."""
    channel = desk.announcements
    logged = {"claim": "Atlas a signé sans publicité.", "source": "Journal de Corvoy, 12 mai", "item": "Atlas"}
    await desk.reporter.slash("fact add", channel, **logged)
    await desk.editor.slash("fact dispute", channel, fact="1", reason="Le maire dément.")
    await desk.reporter.slash("tip add", channel, text="Un dîner chez Trabuquet", item="Atlas")
    await desk.reporter.slash("tip add", channel, text="La source de Mervaudic", item="Atlas", sensitive=True)
    awarded(desk, 16, "Atlas Sanitaire")
    *_, told = await desk.shown(4)
    words = words_of(told)
    assert "Contesté" in words
    assert "Atlas a signé sans publicité." in words
    assert "1 tuyau ouvert" in words
    assert ("Trabuquet" in words, "Mervaudic" in words) == (False, False)
    await desk.editor.slash("fact retract", channel, fact="1", reason="C'était une autre société.")
    await channel.wait_for(lambda seen: seen.id == told.id and "Retiré" in words_of(seen))


async def test_an_organisation_that_is_not_the_item_is_held_back_until_it_is_undone(running: World) -> None:
    reporter, channel = running.reporter, running.announcements
    await reporter.slash("watch add", channel, kind="company", name="Atlas")
    awarded(running, 11, "ATLAS COPCO FRANCE SAS")
    (message,) = await running.shown(1)
    await running.until_settled()
    asked = await reporter.click(message, label=NOT_THIS)
    done = await reporter.click(asked, label="Ce nom\u00a0: ATLAS COPCO FRANCE SAS")
    assert "C\u2019est noté" in done.text
    await channel.wait_for(lambda seen: "rien à voir avec Atlas" in words_of(seen))

    awarded(running, 12, "Atlas Copco France")
    await running.until_polled()
    await running.until_settled()
    assert running.posted() == [message]

    await running.bots[-1].kill()
    await running.started()
    awarded(running, 13, "Atlas Copco France")
    awarded(running, 14, "Atlas Sanitaire")
    _, other = await running.shown(2)
    assert "Atlas Sanitaire" in words_of(other)
    await running.until_polled()
    await running.until_settled()
    assert len(running.posted()) == 2

    listed = await reporter.slash("watch hits", channel, item="Atlas")
    assert listed.text.count("écartée") >= 3
    undone = await reporter.click(done, label="Annuler")
    assert "2 avis retenus entre-temps" in undone.text
    await channel.wait_for(lambda seen: seen.id == message.id and "écart" not in text_of(seen).casefold())
    awarded(running, 15, "Atlas Copco France")
    *_, back = await running.shown(3)
    assert "Marché 15" in words_of(back)
    await running.until_settled()
    assert len(running.posted()) == 3
    await remembers(running)
    held = running.rows(
        "SELECT held FROM hit JOIN watch_item ON watch_item.id = item_id WHERE name = 'Atlas' ORDER BY hit.id"
    )
    assert [row["held"] for row in held] == [None, "dismissed", "dismissed", None, None, None]
