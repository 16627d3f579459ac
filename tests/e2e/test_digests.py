"""Digests and storms as a desk lives them: scheduled, previewed, posted at their hour, late once, quiet, in a rush."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime, time, timedelta

from bot.loopback import Message, Reply
from bot.loopback.publishers.boamp_records import fns_notice
from tests.e2e.digest_world import (
    exactly_once,
    faults_of,
    lay_down_digest,
    lots,
    parts_of,
    record,
    sent,
    stormed,
    until_slots,
    until_stored,
)
from tests.e2e.log_world import restart
from tests.e2e.world import PARIS, World, in_days, today, words_of

OLD = 1
"""Notices that `World.ready` publishes before the baseline."""


def moment(hour: int, minute: int, second: int = 0, *, days: int = 0) -> datetime:
    """Return a time of a day from now on, as clocks in Paris show it, in UTC."""
    day = today() + timedelta(days=days)
    return datetime.combine(day, time(hour, minute, second), PARIS).astimezone(UTC)


async def schedule(desk: World, at: str, every: str = "daily") -> Reply:
    return await desk.editor.slash(
        "digest schedule", desk.announcements, channel=desk.announcements, every=every, at=at
    )


async def publish(desk: World, *numbers: int, deadline: datetime | None = None) -> None:
    """Publish numbered notices, and wait until the bot has stored them and sent what it owes."""
    desk.boamp.records += [record(lot, today(), deadline=deadline) for lot in numbers]
    await until_stored(desk, len(desk.boamp.records))


def all_of(reply: Reply) -> list[Message]:
    """Return every message of an answer."""
    assert reply.message is not None
    return [reply.message, *reply.followups]


def without_code(embed: dict[str, object]) -> dict[str, object]:
    """Return what an embed shows but for the code at its end."""
    shown = copy.deepcopy(embed)
    footer = shown.get("footer", {})
    assert isinstance(footer, dict)
    footer["text"] = re.sub(r"( · )?réf\.\s[0-9A-Z]{4}-[0-9A-Z]{4}$", "", str(footer.get("text", "")))
    if not footer["text"]:
        shown.pop("footer", None)
    return shown


async def test_an_editor_schedules_a_digest_by_the_hour_as_it_is_typed_and_takes_it_off_again(running: World) -> None:
    first = await schedule(running, "08:30")
    assert "chaque jour à 08:30" in first.text
    assert "Europe/Paris" in first.text
    second = await schedule(running, "18h", every="monday")
    assert "le lundi à 18:00" in second.text
    again = await schedule(running, "8h30")
    assert "déjà planifié" in again.text

    listed = await running.reporter.slash("digest list", running.announcements)
    assert listed.ephemeral
    assert "chaque jour à 08:30" in listed.text
    assert "le lundi à 18:00" in listed.text
    choices = await running.editor.autocomplete(
        "digest remove", option="digest", typed="lundi", channel=running.announcements
    )
    assert [choice.value for choice in choices] == ["2"]

    removed = await running.editor.slash("digest remove", running.announcements, digest="2")
    assert "retiré" in removed.text
    listed = await running.reporter.slash("digest list", running.announcements)
    assert "le lundi à 18:00" not in listed.text
    assert running.posted() == []


async def test_what_a_preview_shows_is_what_is_posted_then_but_for_the_code(running: World) -> None:
    desk = running
    await desk.bots[-1].stop()
    desk.configure(every="1h")  # else the digest may say that the source was read a minute later than the preview did
    await desk.started()
    await schedule(desk, "08:30")
    await desk.reporter.slash("watch add", desk.announcements, kind="keyword", name="drone", priority="digest")
    desk.boamp.records += [record(lot, today(), deadline=in_days(3), word="Drones") for lot in range(40, 70)]
    desk.boamp.records += [record(1, today(), deadline=in_days(4)), record(2, today())]
    await desk.admin.slash("source check", desk.announcements, source="boamp")
    await desk.reporter.slash("fact add", desk.announcements, claim="Lyon a signé", source="Journal de Lyon")
    await desk.reporter.slash("tip add", desk.announcements, text="Un second marché se prépare")
    await until_stored(desk, len(desk.boamp.records))

    preview = await desk.reporter.slash("digest preview", desk.announcements, digest="1")
    ((_, of),) = parts_of(all_of(preview)[:1])
    await preview.wait_for(lambda reply: len(all_of(reply)) == of)
    shown = all_of(preview)
    assert all(message.ephemeral for message in shown)
    assert len(sent(desk, "digest")) == 0
    now = await desk.editor.slash("digest now", desk.announcements, digest="1")
    assert now.ephemeral
    await desk.until_settled()

    posted = sent(desk, "digest")
    assert len(posted) >= 3
    assert parts_of(posted) == [(part, len(posted)) for part in range(1, len(posted) + 1)]
    assert [without_code(embed) for message in posted for embed in message.embeds] == [
        without_code(embed) for message in shown for embed in message.embeds
    ]
    seen = "\n".join(map(words_of, posted))
    for words in ("Lyon a signé", "Un second marché se prépare", "Échéances des 7 prochains jours", "BOAMP"):
        assert words in seen
    for number in (1, 2, *range(40, 70)):
        assert f"lot {number:04}" in seen
    assert faults_of(desk) == []


async def test_a_digest_that_was_posted_by_hand_leaves_nothing_for_the_next(running: World) -> None:
    await schedule(running, "08:30")
    await publish(running, 1, 2)
    for _ in range(2):
        await running.editor.slash("digest now", running.announcements, digest="1")
        await running.until_settled()
    first, second = sent(running, "digest")
    assert exactly_once(lots([first]), {1, 2}, "is in the first") == []
    assert lots([second]) == []
    assert "Rien de nouveau" in words_of(second)


async def test_a_digest_falls_due_while_the_bot_runs_however_the_clock_gets_there(desk: World) -> None:
    # The clock shows four seconds before a full minute, and the bot looks at each.
    desk.set_clock(moment(7, 29, 56))
    await desk.ready()
    await schedule(desk, "08:30")
    await publish(desk, 1)
    desk.set_clock(moment(8, 30, 1))
    await until_slots(desk)
    (told,) = sent(desk, "digest")
    assert lots([told]) == [1]
    assert faults_of(desk) == []


async def test_a_digest_that_fell_due_while_the_bot_was_down_is_late_once_for_all_days_missed(desk: World) -> None:
    desk.set_clock(moment(12, 0))
    await desk.ready()
    await schedule(desk, "08:30")
    await publish(desk, 1, 2)
    assert await desk.bots[-1].stop() == 0
    desk.set_clock(moment(17, 0, days=3))
    await desk.started()
    await until_slots(desk)
    (told,) = sent(desk, "digest")
    assert exactly_once(lots([told]), {1, 2}, "is in the digest") == []
    (slot,) = desk.rows("SELECT local_date, messages FROM digest_slot")
    assert tuple(slot) == ((today() + timedelta(days=3)).isoformat(), 1)

    await restart(desk)
    desk.set_clock(moment(17, 0, days=2))
    await restart(desk)
    desk.set_clock(moment(8, 31, days=4))
    await restart(desk)
    await until_slots(desk, 2)
    _, following = sent(desk, "digest")
    assert lots([following]) == []
    assert faults_of(desk) == []


async def test_a_long_digest_goes_on_in_further_messages_within_the_limits_of_discord(desk: World) -> None:
    due_at = moment(8, 30)
    expected = await lay_down_digest(desk, due_at, 150)
    desk.set_clock(due_at + timedelta(hours=1))
    await desk.started()
    await until_slots(desk, 2)
    told = sent(desk, "digest")
    assert lots(told) == expected
    assert len(told) >= 5
    assert parts_of(told) == [(part, len(told)) for part in range(1, len(told) + 1)]
    assert desk.rows("SELECT 1 FROM announcement WHERE is_plain") == []
    assert faults_of(desk) == []


async def test_a_quiet_day_is_said_in_one_line_until_the_newsroom_wants_silence(desk: World) -> None:
    desk.set_clock(moment(12, 0))
    await desk.ready()
    await schedule(desk, "08:30")
    desk.set_clock(moment(9, 0, days=1))
    await restart(desk)
    await until_slots(desk)
    (said,) = sent(desk, "digest")
    assert "rien de nouveau" in words_of(said)

    settings = await desk.admin.slash("setup", desk.announcements)
    form = await desk.admin.click(settings, label="Autres réglages")
    saved = await desk.admin.submit(form, {"quiet_days": "silent", "storm": "30"})
    assert "reste silencieux" in saved.text
    desk.set_clock(moment(9, 0, days=2))
    await restart(desk)
    await until_slots(desk, 2)
    assert sent(desk, "digest") == [said]
    await publish(desk, 1)
    desk.set_clock(moment(9, 0, days=3))
    await restart(desk)
    await until_slots(desk, 3)
    _, told = sent(desk, "digest")
    assert lots([told]) == [1]


async def test_a_poll_with_thirty_new_notices_is_one_message_and_the_digest_tells_them(desk: World) -> None:
    desk.set_clock(moment(12, 0))
    await desk.ready()
    await schedule(desk, "08:30")
    await publish(desk, *range(30))
    (storm,) = desk.posted()
    assert stormed([storm]) == [30]
    assert len(lots([storm])) == 3
    assert "prochain résumé" in words_of(storm)
    desk.set_clock(moment(9, 0, days=1))
    await restart(desk)
    await until_slots(desk)
    assert exactly_once(lots(sent(desk, "digest")), range(30), "is in the digest") == []
    assert len(desk.posted()) == 1 + len(sent(desk, "digest"))
    assert faults_of(desk) == []


async def test_twenty_new_notices_are_no_storm_unless_the_newsroom_says_so(running: World) -> None:
    await publish(running, *range(20))
    assert len(sent(running, "notice")) == 20
    settings = await running.admin.slash("setup", running.announcements)
    form = await running.admin.click(settings, label="Autres réglages")
    await running.admin.submit(form, {"quiet_days": "say", "storm": "2"})
    await publish(running, 20, 21, 22)
    assert stormed(sent(running, "storm")) == [3]
    assert len(sent(running, "notice")) == 20


async def test_hostile_titles_do_no_harm_in_a_storm_and_in_a_digest(running: World) -> None:
    await schedule(running, "08:30")
    hostile = (
        "@everyone **caméras-piétons** [cliquez](https://evil.example) <@&1234567890123456789> </setup:1> "
        "||spoiler|| https://evil.example/x \u202esnoitats # lot {:04}"
    )
    running.boamp.records += [
        fns_notice(
            idweb=f"26-{500 + lot}",
            objet=hostile.format(lot),
            published=today(),
            deadline=in_days(3),
        )
        for lot in range(25)
    ]
    await until_stored(running, 25 + OLD)
    await running.editor.slash("digest now", running.announcements, digest="1")
    await running.until_settled()
    assert len(sent(running, "storm")) == 1
    for message in running.posted():
        seen = words_of(message)
        assert "piétons" in seen
        assert not re.search(r"(?<!\\)@everyone|<@&?\d|</\w|\]\(https://evil|(?<!\\)\|\||https://evil|\u202e", seen)
    assert running.rows("SELECT 1 FROM announcement WHERE is_plain") == []


async def test_a_reporter_reads_digests_and_only_an_editor_makes_them(running: World) -> None:
    await schedule(running, "08:30")
    await publish(running, 1)
    channel, before = running.announcements, len(running.posted())
    preview = await running.reporter.slash("digest preview", channel, digest="1")
    assert lots(all_of(preview)) == [1]
    refused = [
        await running.reporter.slash("digest schedule", channel, force=True, channel=channel, every="monday", at="9h"),
        await running.reporter.slash("digest now", channel, force=True, digest="1"),
        await running.reporter.slash("digest remove", channel, force=True, digest="1"),
    ]
    assert all(reply.ephemeral and lots(all_of(reply)) == [] for reply in refused)
    assert len(running.rows("SELECT 1 FROM digest WHERE removed_at IS NULL")) == 1
    assert len(running.posted()) == before


async def test_a_member_without_a_role_learns_nothing_of_digests_and_makes_none(running: World) -> None:
    await schedule(running, "08:30")
    await publish(running, 1)
    channel, before = running.announcements, len(running.posted())
    named: dict[str, object] = {"digest": "1"}
    for command in ("list", "preview", "now", "remove", "schedule"):
        options = named if command in {"preview", "now", "remove"} else {}
        if command == "schedule":
            options = {"channel": channel, "every": "monday", "at": "9h"}
        reply = await running.outsider.slash(f"digest {command}", channel, force=True, **options)
        assert reply.ephemeral
        assert "08:30" not in reply.text
        assert lots(all_of(reply)) == []
        if options is named:
            proposed = await running.outsider.autocomplete(
                f"digest {command}", option="digest", typed="", channel=channel, force=True
            )
            assert proposed == []
    assert len(running.rows("SELECT 1 FROM digest WHERE removed_at IS NULL")) == 1
    assert len(running.posted()) == before
