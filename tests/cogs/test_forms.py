"""Forms from end to end: a form of the tests, filled in by people of the loopback, sent to the real bot."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import discord
import pytest
from discord import app_commands

import cogs
from bot.access import Action
from bot.entering import use_draft
from bot.errors import QueryError, UserError
from bot.locales import Language, Texts
from bot.loopback import Member, NoAnswer, Platform, Reply
from bot.markup import plain, utf16_len
from bot.storage.log import drafts
from cogs._caller import Visit
from cogs._forms import (
    YES,
    ChoiceSpec,
    Draft,
    Form,
    Input,
    TextInputSpec,
    open_form,
    refuse_with_draft,
    registered,
    yes_or_no,
)
from cogs._forms.form import sent_fields
from cogs._replies import thinking
from tests.cogs.house import House, Room, settings_of

REOPEN = "Rouvrir le formulaire"
ROLE = "rôle de la rédaction"
ALREADY = "déjà"
EXPIRED = "a expiré"
TYPED = "Ce que vous aviez tapé"
HOSTILE = (
    "@everyone **gras** [ici](https://piege.example) <@123> `code` ||caché|| \u202eetrac\u202c :tada: "
    "https://x.example\n# Titre\n"
)
CONTEXT = {"about": 12, "seen": 3}
GIVEN = {"text": "Un appel de Lyon", "origin": "téléphone", "sensitive": YES}


class Note(Form):
    name = "test-note"
    action = Action.WATCH_ADD
    example: ClassVar[Mapping[str, Any]] = CONTEXT

    stored: ClassVar[list[tuple[Any, dict[str, str]]]] = []
    meeting: ClassVar[asyncio.Barrier | None] = None

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:
        return texts("card-label", label=f"Note_{context['about']}_")

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # the interface
        return (
            TextInputSpec(key="text", label="Texte", description="Ce qui a été dit", is_long=True),
            TextInputSpec(key="origin", label="Origine", required=False, max_length=30, placeholder="lettre"),
            ChoiceSpec(key="sensitive", label="Sensible", options=yes_or_no(texts), required=False),
        )

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        text, texts = values["text"], visitor.texts
        if text.startswith("wrong"):
            raise UserError("watch-name-missing")
        if text.startswith("query"):
            raise QueryError("a AND", 5, "query-empty")
        if text.startswith("boom"):
            raise RuntimeError("broken")
        if text.startswith("lost"):
            raise discord.NotFound(SimpleNamespace(status=404, reason="Not Found"), {"code": 10062, "message": "x"})  # type: ignore[arg-type]  # all that it reads
        if text.startswith("late"):
            await thinking(interaction)
            raise UserError("watch-name-missing")
        if text.startswith("clash"):
            newer = {**draft.context, "seen": 4}
            await refuse_with_draft(
                interaction, Note, newer, {**values, "text": "essai"}, "Trop tard", extra_lines=["La **leur** :", "x"]
            )
            return
        if text.startswith("look"):
            await interaction.response.send_message("looked up", ephemeral=True)
            return
        if self.meeting is not None:
            await self.meeting.wait()
        app = interaction.client.app  # type: ignore[attr-defined]  # ours is the only client
        async with app.database.tx("test.note") as connection:
            await use_draft(connection, visitor.viewer, draft.id)
            Note.stored.append((dict(draft.context), dict(values)))
        if text.startswith("half"):
            raise RuntimeError("broken")
        await interaction.response.send_message(texts("card-label", label="noted"), ephemeral=True)


class Full(Form):
    name = "test-full"
    action = Action.WATCH_ADD

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:  # noqa: ARG002  # the interface
        return "Cinq champs"

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # the interface
        return [TextInputSpec(key=f"f{n}", label=f"Champ {n}", is_long=True, required=False) for n in range(5)]

    async def submit(self, *_: object) -> None:
        raise UserError("watch-name-missing")


class Editors(Full):
    name = "test-editors"
    action = Action.WATCH_IMPORT


@dataclass(slots=True)
class Desk:
    """Hold what a person of a test does: the command `help` opens the form, or refuses as it is told."""

    house: House
    room: Room
    form: type[Form] = Note
    context: Mapping[str, Any] = field(default_factory=lambda: dict(CONTEXT))
    values: Mapping[str, str] = field(default_factory=lambda: dict(GIVEN))
    refusal: str | None = None
    extra_lines: Sequence[str] = ()

    def install(self) -> None:
        @app_commands.command(name="help", description="A form")
        async def opens(interaction: discord.Interaction) -> None:
            if self.refusal is None:
                await open_form(interaction, self.form, context=self.context, values=self.values)
            else:
                lines = self.extra_lines
                await refuse_with_draft(
                    interaction, self.form, self.context, self.values, self.refusal, extra_lines=lines
                )

        self.house.client.tree.remove_command("help")
        self.house.client.tree.add_command(opens)

    async def open(self, member: Member | None = None) -> Reply:
        """Give the command as a person, the reporter unless said otherwise."""
        return await (member or self.room.reporter).slash("help", self.room.desk)

    async def draft_count(self) -> int:
        async with self.house.app.database.read() as connection:
            row = await connection.one("SELECT count(*) FROM draft")
        return int(row[0]) if row else 0


@pytest.fixture(autouse=True)
def nothing_stored() -> None:
    Note.stored.clear()
    Note.meeting = None


@pytest.fixture
async def desk(house: House, room: Room) -> Desk:
    made = Desk(house, room)
    made.install()
    return made


def fields_of(reply: Reply) -> dict[str, dict[str, Any]]:
    """Return the fields of an open form, each with its label and description, by custom_id."""
    assert reply.modal is not None
    return {
        label["component"]["custom_id"]: {**label, **label["component"], "label": label["label"]}
        for label in reply.modal["components"]
    }


def forge(reply: Reply, custom_id: str) -> Reply:
    """Make an open form name another one, as no client does by itself."""
    assert reply.modal is not None
    reply.modal["custom_id"] = custom_id
    return reply


def custom_id_of(reply: Reply) -> str:
    assert reply.modal is not None
    return str(reply.modal["custom_id"])


def block(text: str) -> str:
    return f"```\n{text}\n```"


def given_back(reply: Reply) -> str:
    return str(reply.embeds[0]["description"]) if reply.embeds else ""


async def test_a_form_opens_with_its_texts_and_what_it_is_filled_in_with(desk: Desk) -> None:
    form = await desk.open()
    assert form.modal is not None
    assert form.modal["title"] == "Note_12_\u00a0:"
    fields = fields_of(form)
    assert list(fields) == ["text", "origin", "sensitive"]
    text, origin, sensitive = fields.values()
    assert (text["label"], text["description"], text["value"]) == ("Texte", "Ce qui a été dit", GIVEN["text"])
    assert (text["style"], text["required"], text["max_length"]) == (2, True, 4000)
    assert (origin["style"], origin["required"], origin["max_length"]) == (1, False, 30)
    assert (origin["placeholder"], origin["value"]) == ("lettre", "téléphone")
    shown = [(option["label"], option["value"], option.get("default", False)) for option in sensitive["options"]]
    assert shown == [("Oui", "yes", True), ("Non", "no", False)]


async def test_a_form_speaks_the_persons_language(desk: Desk) -> None:
    form = await desk.room.reporter.slash("help", desk.room.desk, locale="en-GB")
    assert [option["label"] for option in fields_of(form)["sensitive"]["options"]] == ["Yes", "No"]


async def test_what_is_sent_arrives_with_what_the_form_was_about(desk: Desk) -> None:
    form = await desk.open()
    reply = await desk.room.reporter.submit(form, {"text": "Deux appels", "sensitive": "Non"})
    assert reply.ephemeral
    assert "noted" in reply.text
    assert Note.stored == [(CONTEXT, {"text": "Deux appels", "origin": "téléphone", "sensitive": "no"})]


async def test_a_field_left_empty_arrives_empty(desk: Desk) -> None:
    desk.values = {}
    await desk.room.reporter.submit(await desk.open(), {"text": "Deux appels"})
    assert Note.stored == [(CONTEXT, {"text": "Deux appels", "origin": "", "sensitive": ""})]


async def test_nothing_is_kept_of_what_was_stored(desk: Desk) -> None:
    form = await desk.open()
    assert await desk.draft_count() == 1
    await desk.room.reporter.submit(form, {"text": "Deux appels"})
    assert await desk.draft_count() == 0


async def test_a_form_that_stores_nothing_leaves_nothing_either(desk: Desk) -> None:
    reply = await desk.room.reporter.submit(await desk.open(), {"text": "look"})
    assert reply.text == "looked up"
    while await desk.draft_count():  # it goes after the answer
        await asyncio.sleep(0)


async def test_discord_py_keeps_no_form(desk: Desk) -> None:
    await desk.open()
    await desk.open(desk.room.editor)  # by then discord.py has done with the first one
    assert desk.house.client._connection._view_store._modals == {}


async def test_the_context_does_not_leave_us(desk: Desk) -> None:
    desk.context = {"about": "la source secrète"[:4], "hidden": "la source secrète"}
    assert "secrète" not in str((await desk.open()).modal)


async def test_a_refused_form_says_why_and_gives_back_what_was_typed(desk: Desk) -> None:
    reply = await desk.room.reporter.submit(await desk.open(), {"text": "wrong _one_\nligne 2", "origin": ""})
    assert reply.ephemeral
    assert reply.content == "Tapez un nom."
    text, chosen = block("wrong _one_\nligne 2"), block("Oui")
    assert given_back(reply) == f"{TYPED}\n\n**Texte**\n{text}\n\n**Sensible**\n{chosen}"
    assert reply.buttons == [REOPEN]
    assert Note.stored == []


async def test_the_reopened_form_holds_what_was_typed_and_can_be_sent(desk: Desk) -> None:
    refused = await desk.room.reporter.submit(await desk.open(), {"text": "wrong _one_", "sensitive": "Non"})
    form = await desk.room.reporter.click(refused, label=REOPEN)
    fields = fields_of(form)
    assert (fields["text"]["value"], fields["origin"]["value"]) == ("wrong _one_", "téléphone")
    assert [option["value"] for option in fields["sensitive"]["options"] if option.get("default")] == ["no"]
    await desk.room.reporter.submit(form, {"text": "right"})
    assert Note.stored == [(CONTEXT, {"text": "right", "origin": "téléphone", "sensitive": "no"})]
    assert await desk.draft_count() == 0


async def test_a_form_can_be_refused_many_times(desk: Desk) -> None:
    form = await desk.open()
    for text in ("wrong 1", "wrong 2"):
        refused = await desk.room.reporter.submit(form, {"text": text})
        form = await desk.room.reporter.click(refused, label=REOPEN)
        assert fields_of(form)["text"]["value"] == text
    assert await desk.draft_count() == 1


async def test_a_wrong_query_is_shown_with_its_place(desk: Desk) -> None:
    reply = await desk.room.reporter.submit(await desk.open(), {"text": "query"})
    assert reply.content.endswith("```\na AND\n     ^\n```")
    assert reply.buttons == [REOPEN]


async def test_a_form_refused_after_a_promise_fills_it(desk: Desk) -> None:
    reply = await desk.room.reporter.submit(await desk.open(), {"text": "late"})
    assert reply.content == "Tapez un nom."
    assert "late" in given_back(reply)
    assert reply.followups == []


async def test_a_form_whose_sending_discord_forgot_keeps_what_was_typed(desk: Desk) -> None:
    form = await desk.open()
    desk.house.platform.answer_deadline_s = 0.3
    with pytest.raises(NoAnswer):
        await desk.room.reporter.submit(form, {"text": "lost"})
    draft_id = int(custom_id_of(form).rpartition(":")[2])
    async with desk.house.app.database.read() as connection:
        kept = await drafts.find(connection, desk.room.guild.id, desk.room.reporter.id, draft_id)
    assert kept is not None
    assert kept.values == {**GIVEN, "text": "lost"}


async def test_nothing_is_given_back_of_an_empty_form(desk: Desk) -> None:
    desk.form = Full
    reply = await desk.room.reporter.submit(await desk.open())
    assert (reply.content, reply.embeds, reply.buttons) == ("Tapez un nom.", [], [REOPEN])


async def test_hostile_text_comes_back_as_it_was_typed_in_a_block_that_it_cannot_end(desk: Desk) -> None:
    hostile = ("wrong https://a.example **gras** ```\n@everyone <@1> [ici](https://b.example) ````\u202e " * 60)[:4000]
    refused = await desk.room.reporter.submit(await desk.open(), {"text": hostile})
    shown = given_back(refused)
    typed, *others = re.findall(r"```\n(.*?)\n```", shown, re.DOTALL)
    assert typed.startswith(
        "wrong https://a.example **gras** \u02cb\u02cb\u02cb\n@everyone <@1> [ici](https://b.example)"
    )
    assert ("\u202e" in shown, shown.count("```"), len(others)) == (False, 6, 2)
    assert utf16_len(shown) <= 4096
    form = await desk.room.reporter.click(refused, label=REOPEN)
    assert fields_of(form)["text"]["value"] == hostile


async def test_five_long_texts_are_each_given_back_in_part_and_kept_whole(desk: Desk) -> None:
    desk.form = Full
    texts = {f"f{n}": f"{n} " + "mot " * 999 for n in range(5)}
    refused = await desk.room.reporter.submit(await desk.open(), texts)
    shown = given_back(refused)
    assert [f"**Champ {n}**\n```\n{n} mot mot" in shown for n in range(5)] == [True] * 5
    assert shown.count("…") == 5
    assert "Le texte est coupé ici." in shown
    assert 3_500 < utf16_len(shown) <= 4_096
    form = await desk.room.reporter.click(refused, label=REOPEN)
    assert {key: field["value"] for key, field in fields_of(form).items()} == texts


async def test_a_short_text_is_not_cut_for_the_sake_of_a_long_one(desk: Desk) -> None:
    desk.form = Full
    short = "court " * 100
    shown = given_back(await desk.room.reporter.submit(await desk.open(), {"f0": "long " * 800, "f4": short}))
    assert f"**Champ 4**\n{block(short.strip())}" in shown


async def test_an_error_of_ours_gets_a_reference_and_loses_nothing(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    form = await desk.open()
    with caplog.at_level(logging.INFO):
        reply = await desk.room.reporter.submit(form, {"text": "boom, dit la source"})
    assert "référence" in reply.content
    assert "boom, dit la source" in given_back(reply)
    assert "broken" in caplog.text
    assert "dit la source" not in caplog.text
    again = await desk.room.reporter.click(reply, label=REOPEN)
    assert fields_of(again)["text"]["value"] == "boom, dit la source"


async def test_an_error_after_it_was_stored_offers_no_second_way(desk: Desk) -> None:
    reply = await desk.room.reporter.submit(await desk.open(), {"text": "half"})
    assert len(Note.stored) == 1
    assert "référence" in reply.content
    assert (reply.buttons, reply.embeds) == ([], [])


async def test_where_nothing_can_be_kept_the_text_is_given_back_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> bool:
        raise sqlite3.OperationalError("database or disk is full")

    form = await desk.open()
    monkeypatch.setattr(drafts, "keep", full)
    reply = await desk.room.reporter.submit(form, {"text": "wrong one"})
    assert reply.content == "Tapez un nom."
    assert "wrong one" in given_back(reply)
    assert reply.buttons == []


async def test_a_form_sent_twice_is_stored_once(desk: Desk) -> None:
    form = await desk.open()
    await desk.room.reporter.submit(form, {"text": "une fois"})
    again = await desk.room.reporter.submit(form, {"text": "une fois"})
    assert ALREADY in again.text
    assert (again.buttons, again.embeds) == ([], [])
    assert len(Note.stored) == 1


async def test_a_form_sent_twice_at_the_same_time_is_stored_once(desk: Desk) -> None:
    form = await desk.open()
    Note.meeting = asyncio.Barrier(2)
    sent = [desk.room.reporter.submit(form, {"text": "une fois"}) for _ in range(2)]
    replies = sorted([reply.text for reply in await asyncio.gather(*sent)], key=len)
    assert "noted" in replies[0]
    assert ALREADY in replies[1]
    assert len(Note.stored) == 1


async def test_an_old_form_does_not_send_a_newer_one(desk: Desk) -> None:
    old = await desk.open()
    await desk.room.reporter.submit(old, {"text": "une fois"})
    newer = await desk.open()
    assert ALREADY in (await desk.room.reporter.submit(old, {"text": "une fois"})).text
    await desk.room.reporter.submit(newer, {"text": "autre"})
    assert [values["text"] for _, values in Note.stored] == ["une fois", "autre"]


async def test_reopening_what_was_stored_meanwhile_is_refused(desk: Desk) -> None:
    form = await desk.open()
    refused = await desk.room.reporter.submit(form, {"text": "wrong"})
    await desk.room.reporter.submit(form, {"text": "right"})
    reply = await desk.room.reporter.click(refused, label=REOPEN)
    assert reply.modal is None
    assert ALREADY in reply.text


async def test_somebody_elses_form_cannot_be_sent(desk: Desk) -> None:
    theirs = await desk.open()
    own = await desk.open(desk.room.editor)
    reply = await desk.room.editor.submit(forge(own, custom_id_of(theirs)), {"text": "volé"})
    assert reply.ephemeral
    assert Note.stored == []
    await desk.room.reporter.submit(theirs, {"text": "à moi"})
    assert [values["text"] for _, values in Note.stored] == ["à moi"]


async def test_somebody_elses_form_cannot_be_reopened(desk: Desk) -> None:
    theirs = await desk.open()
    own = await desk.room.editor.submit(await desk.open(desk.room.editor), {"text": "wrong"})
    own.components[0]["components"][0]["custom_id"] = f"reopen:{custom_id_of(theirs).rpartition(':')[2]}"
    reply = await desk.room.editor.click(own, label=REOPEN)
    assert reply.modal is None
    assert GIVEN["text"] not in reply.text


async def test_a_form_of_one_newsroom_cannot_be_sent_in_another(desk: Desk) -> None:
    there = await desk.house.newsroom(desk.house.guild("L\u2019Autre"))
    me_there = there.guild.join(desk.room.reporter, roles=[there.reporter_role])
    here = await desk.open()
    own = await me_there.slash("help", there.desk)
    await me_there.submit(forge(own, custom_id_of(here)), {"text": "ailleurs"})
    assert Note.stored == []


async def test_a_form_does_not_pass_for_another(desk: Desk) -> None:
    desk.form = Full
    form = await desk.open()
    reply = await desk.room.reporter.submit(forge(form, custom_id_of(form).replace("test-full", "test-note")))
    assert "noted" not in reply.text
    assert Note.stored == []
    assert await desk.draft_count() == 1


async def test_a_form_asks_for_the_role_of_its_own_action_each_time(desk: Desk) -> None:
    desk.form, editor = Editors, desk.room.editor
    form = await desk.open(editor)
    refused = await editor.submit(form)
    assert refused.content == "Tapez un nom."
    editor.roles[:] = [desk.room.reporter_role]
    assert "Tapez un nom." not in (await editor.submit(form)).text
    again = await editor.click(refused, label=REOPEN)
    assert again.modal is None
    assert "la rédaction en chef" in again.text


async def test_who_lost_the_role_meanwhile_is_refused_and_loses_no_text(desk: Desk) -> None:
    form = await desk.open()
    roles = list(desk.room.reporter.roles)
    desk.room.reporter.roles.clear()
    refused = await desk.room.reporter.submit(form, {"text": "un long récit"})
    assert refused.ephemeral
    assert ROLE in refused.content
    assert "un long récit" in given_back(refused)
    assert Note.stored == []
    assert ROLE in (await desk.room.reporter.click(refused, label=REOPEN)).text
    desk.room.reporter.roles.extend(roles)
    again = await desk.room.reporter.click(refused, label=REOPEN)
    assert fields_of(again)["text"]["value"] == "un long récit"


async def test_a_stranger_who_sends_a_form_is_told_nothing_but_that(desk: Desk) -> None:
    form = await desk.open()
    desk.room.reporter.roles.clear()
    reply = await desk.room.reporter.submit(forge(form, "form:test-note:5"), {"text": "x"})
    assert ROLE in reply.content
    assert reply.embeds == []


@pytest.mark.parametrize("custom_id", ["form:of-before:179000000000000000", "something-else", "form:test-note:x"])
async def test_a_form_that_is_no_longer_ours_says_so_and_loses_no_text(desk: Desk, custom_id: str) -> None:
    reply = await desk.room.reporter.submit(forge(await desk.open(), custom_id), {"text": "un long récit"})
    assert reply.ephemeral
    assert "Ctrl+R" in reply.content
    assert given_back(reply) == f"{TYPED}\n\n{block('un long récit')}\n\n{block('téléphone')}"
    assert reply.buttons == []


async def test_a_form_sent_after_a_day_is_refused_and_loses_no_text(desk: Desk) -> None:
    form = await desk.open()
    desk.house.clock.offset += timedelta(hours=24)
    reply = await desk.room.reporter.submit(form, {"text": "un long récit"})
    assert EXPIRED in reply.content
    assert "un long récit" in given_back(reply)
    assert reply.buttons == []
    assert Note.stored == []


async def test_a_form_is_not_reopened_after_a_day(desk: Desk) -> None:
    refused = await desk.room.reporter.submit(await desk.open(), {"text": "wrong"})
    desk.house.clock.offset += timedelta(hours=24)
    reply = await desk.room.reporter.click(refused, label=REOPEN)
    assert reply.modal is None
    assert EXPIRED in reply.text


async def test_opening_a_form_deletes_what_is_older_than_a_day(desk: Desk) -> None:
    await desk.open(desk.room.editor)
    desk.house.clock.offset += timedelta(hours=24, seconds=1)
    await desk.open()
    assert await desk.draft_count() == 1


async def test_before_setup_a_form_is_refused_in_words(house: House) -> None:
    room = house.guild()
    made = Desk(house, room)
    made.install()
    reply = await made.open(room.administrator)
    assert "n\u2019est pas encore réglée" in reply.text


async def test_a_refused_command_gives_back_its_options_and_opens_as_a_form(desk: Desk) -> None:
    desk.refusal, desk.extra_lines = "Quelqu\u2019un a corrigé avant vous.", ["La version **d\u2019Édith** :", "> 3 M€"]
    refused = await desk.open()
    assert refused.ephemeral
    assert refused.content == desk.refusal
    lines = "La version **d\u2019Édith** :\n> 3 M€"
    given = {"Texte": "Un appel de Lyon", "Origine": "téléphone", "Sensible": "Oui"}
    own = "\n\n".join(f"**{label}**\n{block(text)}" for label, text in given.items())
    assert given_back(refused) == f"{lines}\n\n{TYPED}\n\n{own}"
    form = await desk.room.reporter.click(refused, label=REOPEN)
    await desk.room.reporter.submit(form)
    assert Note.stored == [(CONTEXT, GIVEN)]


async def test_a_form_refused_for_a_newer_state_is_sent_again_on_that_one(desk: Desk) -> None:
    refused = await desk.room.reporter.submit(await desk.open(), {"text": "clash"})
    assert refused.content == "Trop tard"
    assert "La **leur** :\nx" in given_back(refused)
    assert await desk.draft_count() == 1
    form = await desk.room.reporter.click(refused, label=REOPEN)
    await desk.room.reporter.submit(form)
    assert Note.stored == [({"about": 12, "seen": 4}, {**GIVEN, "text": "essai"})]


async def test_long_lines_of_others_leave_room_for_what_was_typed(desk: Desk) -> None:
    desk.refusal, desk.extra_lines = "Trop tard", ["leur " * 1_000]
    desk.values = {"text": "mien " * 700}
    shown = given_back(await desk.open())
    assert shown.count("leur") >= 250
    assert shown.count("mien") >= 400
    assert utf16_len(shown) <= 4_096


async def test_what_is_too_long_for_its_field_is_cut_there_and_the_person_told(desk: Desk) -> None:
    desk.refusal, desk.values = "Trop long", {"origin": "🗼" * 16}
    refused = await desk.open()
    assert "«\u00a0Origine\u00a0»\u00a0: le formulaire s\u2019arrête à 30 caractères" in given_back(refused)
    form = await desk.room.reporter.click(refused, label=REOPEN)
    value = fields_of(form)["origin"]["value"]
    assert value == "🗼" * 14 + "…"


async def test_a_short_field_is_filled_in_on_one_line(desk: Desk) -> None:
    desk.values = {"origin": "une\n\nlettre"}
    assert fields_of(await desk.open())["origin"]["value"] == "une lettre"


@asynccontextmanager
async def restarted(platform: Platform, folder: Path) -> AsyncIterator[House]:
    async with House(platform, settings_of(folder)).running(delivers=False) as house:
        yield house


async def test_a_form_opened_before_a_restart_is_taken_after_it(platform: Platform, tmp_path: Path) -> None:
    async with restarted(platform, tmp_path) as house:
        made = Desk(house, await house.newsroom(house.guild()))
        made.install()
        form = await made.open()
    async with restarted(platform, tmp_path):
        reply = await made.room.reporter.submit(form, {"text": "après"})
    assert "noted" in reply.text
    assert Note.stored == [(CONTEXT, {**GIVEN, "text": "après"})]


async def test_a_form_refused_before_a_restart_is_reopened_after_it(platform: Platform, tmp_path: Path) -> None:
    async with restarted(platform, tmp_path) as house:
        made = Desk(house, await house.newsroom(house.guild()))
        made.install()
        refused = await made.room.reporter.submit(await made.open(), {"text": "wrong"})
    async with restarted(platform, tmp_path):
        form = await made.room.reporter.click(refused, label=REOPEN)
        assert fields_of(form)["text"]["value"] == "wrong"


def test_two_forms_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="two forms are named 'test-note'"):
        type("Other", (Note,), {"name": "test-note"})
    assert registered()["test-note"] is Note


def test_a_form_whose_module_is_run_again_takes_its_own_place() -> None:
    again = type(Form)("Full", (Full,), {"name": "test-full", "__module__": __name__})
    assert registered()["test-full"] is again
    registered_again = type(Form)("Full", (Form,), {**dict(Full.__dict__), "__module__": __name__})
    assert registered()["test-full"] is registered_again


def test_a_name_that_no_custom_id_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot name a form"):
        type("Other", (Note,), {"name": "test:note"})


def test_a_form_without_a_name_is_only_a_base() -> None:
    before = dict(registered())
    type("Other", (Note,), {})
    assert dict(registered()) == before


@pytest.mark.parametrize(
    ("components", "expected"),
    [
        ([{"type": 18, "component": {"type": 4, "custom_id": "a", "value": "x"}}], [("a", "x", True)]),
        ([{"type": 18, "component": {"type": 3, "custom_id": "a", "values": ["x"]}}], [("a", "x", False)]),
        ([{"type": 18, "component": {"type": 3, "custom_id": "a", "values": []}}], [("a", "", False)]),
        ([{"type": 1, "components": [{"type": 4, "custom_id": "a", "value": "x"}]}], [("a", "x", True)]),
        ([{"type": 10, "id": 3}, "junk", None, {"custom_id": 5, "value": "x"}], []),
        ([{"type": 18, "component": {"type": 23, "custom_id": "a", "value": True}}], []),
        (None, []),
        ({"type": 1}, []),
    ],
)
def test_fields_are_found_in_whatever_they_are_wrapped(components: Any, expected: list[tuple[str, str, bool]]) -> None:
    assert [(sent.key, sent.value, sent.is_typed) for sent in sent_fields(components)] == expected


def faults_of(form: Form, texts: Texts) -> list[str]:
    """Return what Discord would refuse, or what would be cut, of a form."""
    inputs = form.inputs(texts, form.example)
    measured = [("title", form.title(texts, form.example), 1, 45)]
    for spec in inputs:
        measured += [(f"{spec.key} label", spec.label, 1, 45), (f"{spec.key} key", spec.key, 1, 100)]
        measured += [(f"{spec.key} description", spec.description, 1, 100)] if spec.description is not None else []
        if isinstance(spec, TextInputSpec):
            measured += [(f"{spec.key} placeholder", spec.placeholder, 1, 100)] if spec.placeholder is not None else []
            measured.append((f"{spec.key} length", "x" * spec.max_length, 1, 4000))
            continue
        measured.append((f"{spec.key} options", "x" * len(spec.options), 1, 25))
        measured.append(
            (f"{spec.key} values", "x" * len({option.value for option in spec.options}), len(spec.options), 25)
        )
        for option in spec.options:
            measured += [(f"{spec.key} option", option.label, 1, 100), (f"{spec.key} value", option.value, 1, 100)]
    measured.append(("fields", "x" * len(inputs), 1, 5))
    measured.append(("keys", "x" * len({spec.key for spec in inputs}), len(inputs), 5))
    return [
        f"{form.name}: {what}: {text[:60]!r}"
        for what, text, least, most in measured
        if not least <= utf16_len(text) <= most
    ]


@pytest.mark.parametrize("language", Language)
def test_every_form_stays_within_discords_limits(language: Language) -> None:
    for module in pkgutil.walk_packages(cogs.__path__, "cogs."):
        importlib.import_module(module.name)
    texts = Texts(language, UTC).through(plain)
    assert [fault for form in registered().values() for fault in faults_of(form(), texts)] == []
    assert {"test-note", "test-full"} <= set(registered())


def test_a_form_beyond_the_limits_is_found_out() -> None:
    class Wide(Note):
        def title(self, texts: Texts, context: Mapping[str, Any]) -> str:  # noqa: ARG002  # the interface
            return "x" * 46

        def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # the interface
            same = TextInputSpec(key="a", label="", description="x" * 101, placeholder="x" * 101, max_length=4001)
            return [same] * 5 + [ChoiceSpec(key="b", label="x" * 46, options=())]

    found = " ".join(faults_of(Wide(), Texts(Language.EN, UTC)))
    for what in (
        "title",
        "a label",
        "a description",
        "a placeholder",
        "a length",
        "b label",
        "b options",
        "fields",
        "keys",
    ):
        assert f"test-note: {what}:" in found
