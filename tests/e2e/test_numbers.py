"""A wrong legal number, from the question in Discord to the announcement, over a killed bot: the real process."""

from __future__ import annotations

from bot.loopback.publishers.boamp_records import fns_award
from tests.e2e.world import World, today, words_of

WRONG, RIGHT = "552 081 318", "552 081 317"


async def test_a_number_put_right_after_a_power_cut_is_found_in_the_next_award_inside_its_siret(
    running: World,
) -> None:
    question = await running.reporter.slash(
        "watch add", running.announcements, kind="company", name="Corvoy Transports", identifiers=f"SIREN {WRONG}"
    )
    assert "Rien n" in question.text
    assert running.rows("SELECT count(*) AS items FROM watch_item WHERE name = 'Corvoy Transports'")[0]["items"] == 0
    await running.bots[-1].kill()
    await running.started()
    right, _ = [button for row in question.components for button in row["components"]]
    assert RIGHT in right["label"].replace("\u00a0", " ")
    reply = await running.reporter.click(question, custom_id=right["custom_id"])
    assert f"**{RIGHT}**" in reply.text
    assert reply.components == []
    await running.until_polled()
    running.boamp.records.append(
        fns_award(
            idweb="26-9",
            objet="Navettes",
            published=today(),
            prose="Attributaire : CT DISTRIBUTION, SIRET 552.081.317.66522. Montant HT : 552 081 318 euros",
        )
    )
    (message,) = await running.shown(1)
    seen = words_of(message)
    assert "Corvoy Transports" in seen
    assert "552.081.317.66522" in seen
    assert "SIREN au début d" in seen
