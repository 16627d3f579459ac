"""A desk at work on the real bot: who takes a tender, who sees it, who may give it back, a power cut in between."""

from __future__ import annotations

from bot.loopback import Message
from bot.loopback.publishers.boamp_records import corrigendum, fns_notice
from tests.e2e.world import World, in_days, today, words_of

TAKE, GIVE_BACK = "Je prends", "Rendre"


async def until_shown(desk: World, message: Message, *words: str, without: str = "\0") -> None:
    """Wait until a message shows these words, and not that one."""

    def is_so(one: Message) -> bool:
        seen = words_of(one)
        return one.id == message.id and all(word in seen for word in words) and without not in seen

    await desk.announcements.wait_for(is_so)


async def test_one_takes_it_all_see_it_the_next_notice_too_and_only_an_editor_gives_it_back(running: World) -> None:
    colleague = running.guild.add_member("Zoé", roles=[running.roles["reporter"]], locale="fr")
    tender = fns_notice(idweb="26-2", objet="Caméras-piétons", published=today(), deadline=in_days(12))
    running.boamp.records.append(tender)
    (message,) = await running.shown(1)
    reply = await running.reporter.click(message, label=TAKE)
    assert "C\u2019est à vous" in reply.text
    has = f"Pris par** <@{running.reporter.id}>"
    await until_shown(running, message, has)
    await running.until_settled()
    await running.bots[-1].kill()
    await running.started()
    late = await colleague.click(message, label=GIVE_BACK)
    assert "demandez à la rédaction en chef" in late.text
    assert f"<@{running.reporter.id}> l\u2019a" in late.text
    moved = corrigendum(of=tender, idweb="26-3", published=today(), deadline=in_days(20))
    running.boamp.records.append(moved)
    *_, following = await running.shown(2)
    assert has in words_of(following)
    given = await running.editor.click(following, label=GIVE_BACK)
    assert "C\u2019est rendu" in given.text
    for one in (message, following):
        await until_shown(running, one, without="Pris par")
    taken = await colleague.click(following, label=TAKE)
    assert "C\u2019est à vous" in taken.text
    await until_shown(running, message, f"Pris par** <@{colleague.id}>")
    assert [row["action"] for row in running.rows("SELECT action FROM audit ORDER BY number")][-3:] == [
        "notice take", "notice release", "notice take",
    ]  # fmt: skip
