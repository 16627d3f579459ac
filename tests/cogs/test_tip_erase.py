"""`/tip erase`: who may, what is said before and after, and what becomes of everything that led to the tip."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Platform, Reply
from bot.loopback.channels import Channel
from bot.loopback.replies import text_of
from bot.models import Tip
from cogs._log_options import chosen_items
from cogs._tip_replies import standing_tip
from tests.cogs.house import House, Room, settings_of, shown

TEXT = "Morvaldine verse des commissions"
GONE = re.compile(r"Tuyau n°\s1\s: effacé le .+ par <@(\d+)>\.")


@pytest.fixture
async def log(house: House, room: Room) -> Channel:
    """Give the log channel, with the card of a tip in it."""
    channel = await house.log_of(room)
    await room.reporter.slash("tip add", room.desk, text=TEXT, origin="appel de Bistrelle")
    await shown(channel, TEXT)
    return channel


async def erase(room: Room) -> Reply:
    asked = await room.editor.slash("tip erase", room.desk, tip="1")
    return await room.editor.click(asked, label="Effacer pour toujours")


async def stored(house: House, sql: str) -> list[tuple[object, ...]]:
    async with house.app.database.read() as connection:
        return [tuple(row) for row in await connection.all(sql)]


async def test_an_editor_is_told_what_goes_and_erases_it_with_a_button(house: House, room: Room, log: Channel) -> None:
    asked = await room.editor.slash("tip erase", room.desk, tip="1")
    assert asked.ephemeral
    assert "1 version de son texte" in asked.text
    assert "1 message de Vigie" in asked.text
    assert "ce que Discord en garde" in asked.text
    assert await stored(house, "SELECT count(*) FROM tip_revision") == [(1,)]
    reply = await room.editor.click(asked, label="Effacer pour toujours")
    assert "Tuyau n°\u00a01 effacé" in reply.text
    assert reply.buttons == []
    await log.pulse.until(lambda: not log.messages, 10, "the card to go")
    assert await stored(house, "SELECT erased_by, status FROM tip") == [(room.editor.id, "dropped")]
    assert not any(word in asked.text + reply.text for word in ("Morvaldine", "Bistrelle"))


async def test_nobody_but_an_editor_may_erase_or_press_the_button(house: House, room: Room, log: Channel) -> None:
    asked = await room.editor.slash("tip erase", room.desk, tip="1")
    for member in (room.reporter, room.stranger):
        await member.slash("tip erase", room.desk, tip="1", force=True)
        own = await member.slash("help", room.desk, force=True)
        assert own.message is not None
        assert asked.message is not None
        own.message.components = asked.message.components
        await member.click(own, label="Effacer pour toujours")
        assert (
            await room.reporter.autocomplete("tip erase", option="tip", typed="", channel=room.desk, force=True) == []
        )
    assert await stored(house, "SELECT erased_at FROM tip") == [(None,)]
    assert len(log.messages) == 1


async def test_a_sensitive_tip_is_unknown_to_who_manages_the_server_alone(house: House, room: Room) -> None:
    await room.reporter.slash("tip add", room.desk, text=TEXT, sensitive=True)
    refused = await room.administrator.slash("tip erase", room.desk, tip="1")
    await erase(room)
    later = await room.administrator.slash("tip erase", room.desk, tip="1")
    assert later.text == refused.text
    assert "Aucun tuyau que vous puissiez voir" in later.text
    assert len(await stored(house, "SELECT 1 FROM tip WHERE erased_at IS NOT NULL")) == 1


async def test_the_button_works_after_a_restart_and_once(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        await room.reporter.slash("tip add", room.desk, text=TEXT)
        first = await room.editor.slash("tip erase", room.desk, tip="1")
        second = await room.editor.slash("tip erase", room.desk, tip="1")
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        assert "effacé" in (await room.editor.click(first, label="Effacer pour toujours")).text
        moment = await stored(house, "SELECT erased_at FROM tip")
        again = await room.editor.click(second, label="Effacer pour toujours")
        assert GONE.search(again.text)
        assert await stored(house, "SELECT erased_at FROM tip") == moment


async def test_whatever_leads_to_an_erased_tip_answers_with_a_sentence_or_nothing(
    house: House, room: Room, log: Channel
) -> None:
    await house.dossier(room, "Écluses")
    await room.reporter.slash("dossier add", room.desk, dossier="Écluses", thing="tuyau 1")
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    await room.reporter.submit(form, {"claim": "Un fait", "source": "Journal officiel"})
    card = log.messages[0]
    code = text_of(card).split()[-1]
    link = f"https://discord.com/channels/{room.guild.id}/{log.id}/{card.id}"
    reply = await erase(room)
    assert "le fait n°\u00a01" in reply.text
    for command in ("tip show", "tip note", "tip edit", "tip promote", "tip status", "tip erase"):
        given: dict[str, Any] = {"tip note": {"text": "x"}, "tip status": {"status": "new"}}.get(command, {})
        said = await room.editor.slash(command, room.desk, tip="1", **given)
        assert (GONE.search(said.text) or [None, None])[1] == str(room.editor.id), command
    for way in (code, link):
        assert GONE.search((await room.reporter.slash("tip show", room.desk, tip=way)).text)
    assert GONE.search((await room.reporter.slash("dossier add", room.desk, dossier="Écluses", thing="tuyau 1")).text)
    assert "Un fait" in (await room.reporter.slash("fact show", room.desk, fact="1")).text
    assert "Morvaldine" not in (await room.reporter.slash("dossier show", room.desk, dossier="Écluses")).text
    assert await room.editor.autocomplete("tip show", option="tip", typed="", channel=room.desk) == []
    assert "Morvaldine" not in (await room.editor.slash("search", room.desk, query="commissions")).text
    await room.reporter.slash("fact export", room.desk)
    house.platform.check()


async def test_forms_that_were_open_store_nothing_and_give_nothing_back(house: House, room: Room, log: Channel) -> None:
    assert log.messages
    edit = await room.reporter.slash("tip edit", room.desk, tip="1")
    promote = await room.reporter.slash("tip promote", room.desk, tip="1")
    refused = await room.reporter.submit(
        await room.reporter.slash("tip edit", room.desk, tip="1"), {"text": TEXT, "heard": "le 45 mai"}
    )
    repeated = await room.editor.submit(
        await room.editor.slash("tip add", room.desk), {"text": f"Aussi : {TEXT}", "heard": "le 45 mai"}
    )
    unrelated = await room.editor.slash("tip add", room.desk, origin=f"Aussi : {TEXT}")
    await erase(room)
    replies = [
        await room.reporter.submit(edit, {"text": f"{TEXT} encore"}),
        await room.reporter.submit(promote, {"claim": TEXT, "source": "Journal officiel"}),
        await room.reporter.click(refused, label="Rouvrir le formulaire"),
    ]
    assert all("1 a été effacé\u00a0: son formulaire l\u2019est aussi" in reply.text for reply in replies)
    assert (
        "ce qu\u2019il contenait a été effacé"
        in (await room.editor.click(repeated, label="Rouvrir le formulaire")).text
    )
    assert "Morvaldine" not in "".join(reply.text for reply in replies)
    sent_late = await room.editor.submit(unrelated, {"text": f"Le contrat est signé. {TEXT}"})
    assert "ce qu\u2019il contenait a été effacé" in sent_late.text
    assert "Le contrat est signé" in sent_late.text
    assert await stored(house, "SELECT count(*) FROM fact") == [(0,)]
    left = await stored(house, "SELECT fields || context FROM draft")
    assert [row for row in left if "Morvaldine" in str(row)] == []


async def test_a_form_that_is_sent_as_its_tip_is_erased_keeps_nothing(
    house: House, room: Room, log: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form is found before the erasure, and refused after it."""
    assert log.messages
    form = await room.reporter.slash("tip edit", room.desk, tip="1")
    asked = await room.editor.slash("tip erase", room.desk, tip="1")
    found = standing_tip

    async def late(*given: Any) -> Tip:
        await room.editor.click(asked, label="Effacer pour toujours")
        return await found(*given)

    monkeypatch.setattr("cogs._tip_forms.standing_tip", late)
    said = await room.reporter.submit(form, {"text": f"{TEXT} encore"})
    assert GONE.search(said.text)
    left = await stored(house, "SELECT fields || context FROM draft")
    assert [row for row in left if "Morvaldine" in str(row)] == []


async def test_a_form_that_is_emptied_as_it_is_sent_is_not_said_to_be_stored_and_gives_back_what_was_typed(
    house: House, room: Room, log: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert log.messages
    form = await room.reporter.slash("tip add", room.desk, origin=f"Aussi : {TEXT}")
    asked = await room.editor.slash("tip erase", room.desk, tip="1")
    chosen = chosen_items

    async def late(*given: Any) -> Any:
        await room.editor.click(asked, label="Effacer pour toujours")
        return await chosen(*given)

    monkeypatch.setattr("cogs._tip_replies.chosen_items", late)
    said = await room.reporter.submit(form, {"text": "Le contrat est signé"})
    assert "ce qu\u2019il contenait a été effacé" in said.text
    assert "Le contrat est signé" in said.text
    assert await stored(house, "SELECT count(*) FROM tip_revision") == [(0,)]
    left = await stored(house, "SELECT fields || context FROM draft")
    assert [row for row in left if "Morvaldine" in str(row) or "contrat" in str(row)] == []


async def test_a_channel_that_refuses_vigie_is_named_with_the_message_that_stays(
    house: House, room: Room, log: Channel
) -> None:
    code = text_of(log.messages[0]).split()[-1]
    log.deny_bot("view_channel")
    await room.reporter.slash("tip note", room.desk, tip="1", text="rappelé")
    await shown(room.operations, "Vigie ne peut plus écrire")
    asked = await room.editor.slash("tip erase", room.desk, tip="1")
    assert f"le message {code} dans <#{log.id}>" in asked.text
    await room.editor.click(asked, label="Effacer pour toujours")
    again = await room.editor.slash("tip erase", room.desk, tip="1")
    assert GONE.search(again.text)
    assert f"le message {code} dans <#{log.id}>" in again.text
    assert len(log.messages) == 1
    await house.app.delivery.retry_parked(room.guild.id, log.id)
    told = await shown(room.operations, code, "n\u2019a pas pu être supprimé")
    assert "Morvaldine" not in text_of(told)


async def test_an_administrator_without_a_role_is_not_told_of_a_fact_under_embargo(house: House, room: Room) -> None:
    await room.reporter.slash("tip add", room.desk, text=TEXT)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    await room.reporter.submit(form, {"source": "le registre"})
    until = f"{house.clock.now() + timedelta(days=60):%Y-%m-%d}"
    await room.reporter.slash("fact embargo", room.desk, fact="1", until=until)
    told = (await room.editor.slash("tip erase", room.desk, tip="1")).text
    assert "fait n°\u00a01" in told
    assert "ait n°\u00a01" not in (await room.administrator.slash("tip erase", room.desk, tip="1")).text
