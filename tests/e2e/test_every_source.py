"""Every source at once, as a desk lives them: what is news is told once with its reason, what is none is not told."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import pytest_asyncio

from bot.loopback import Message
from bot.loopback.publishers import (
    PublisherFault,
    Record,
    _ocds_releases,
    boamp_records,
    bodacc,
    decp,
    eu_transparency,
    feed,
    hatvp_records,
    ted_notices,
)
from bot.loopback.publishers.hatvp_records import SPENDS
from bot.loopback.publishers.numbers import siren, siret
from bot.sources import label_of
from tests.e2e.many_notices import FIRM_NUMBER, NOTICES, Wanted, save_again
from tests.e2e.many_world import ManyWorld, many_world
from tests.e2e.nursery import Nursery
from tests.e2e.world import in_days, today, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TYPED = {0xA0: " ", 0x202F: " ", 0x2013: "-", 0x2019: "'"}
SUPPLIER = ("MOBILIER CENTRAL", siret(siren("11223344")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def many(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> AsyncIterator[ManyWorld]:
    """Give a desk whose bot reads every source, with a first read behind it that found what the desk follows."""
    async with many_world(tmp_path_factory.mktemp("many"), nursery) as made:
        made.publish(watched=True)
        await made.ready()
        yield made


@pytest.fixture(autouse=True)
def healed(many: ManyWorld) -> Iterator[None]:
    """Leave no fault behind for the next test."""
    yield
    for publisher in many.publishers.by_source().values():
        publisher.heal()


async def test_a_first_read_announces_nothing_of_any_source(many: ManyWorld) -> None:
    hits = many.desk.rows(
        "SELECT DISTINCT source FROM hit JOIN notice ON notice.id = hit.notice_id WHERE hit.held = 'baseline'"
    )
    assert {row["source"] for row in hits} == {*NOTICES}
    assert many.first_posted == []


async def test_each_source_announces_what_matches_once_with_its_reason_and_its_link(many: ManyWorld) -> None:
    many.publish(watched=False)
    wanted = many.publish(watched=True)
    told = await many.news()
    assert len(told) == len(wanted)
    for source, one in wanted.items():
        (message,) = [message for message in told if one.number in message.embeds[0]["url"]]
        assert wrongly_shown(seen(message), one, label_of(source)) == []
    assert await many.news() == []


async def test_what_was_only_saved_again_reordered_or_repeated_is_announced_by_no_source(many: ManyWorld) -> None:
    many.publish(watched=True)
    await many.read()
    revised = many.desk.rows("SELECT source, source_id, revision FROM notice WHERE revision > 1")
    for source, publisher in many.publishers.by_source().items():
        for record in publisher.records:
            save_again(source, record)
        publisher.records.reverse()
        publisher.fail_next(PublisherFault.REPEATED)
    assert await many.news() == []
    assert many.desk.rows("SELECT source, source_id, revision FROM notice WHERE revision > 1") == revised


async def test_what_vanishes_and_comes_back_is_announced_by_no_source(many: ManyWorld) -> None:
    wanted = many.publish(watched=True)
    await many.read()
    gone = {}
    for source, publisher in many.publishers.by_source().items():
        gone[source] = [record for record in publisher.records if wanted[source].number in json.dumps(record)]
        assert gone[source]
        publisher.records = [record for record in publisher.records if record not in gone[source]]
    assert await many.news() == []
    for source, publisher in many.publishers.by_source().items():
        publisher.records += gone[source]
    assert await many.news() == []


async def test_a_client_is_gone_only_when_two_dumps_lack_it_however_often_one_is_asked_for(many: ManyWorld) -> None:
    number, register = siren(f"7200{next(many.numbers):04}"), many.publishers.hatvp
    clients = [hatvp_records.client("ORVALIS", FIRM_NUMBER), hatvp_records.client("UN AUTRE", siren("22334455"))]
    register.records.append(hatvp_records.organisation("LYSANDRE", number, clients=clients))
    assert len(await many.news()) == 1
    del register.organisation(number)["clients"][0]
    for _ in range(3):
        assert await many.news() == []
    register.organisation(number)["clients"] = clients
    assert await many.news() == []

    register.organisation(number)["clients"] = clients[1:]
    assert await many.news() == []
    register.save_again(siren("50000000"))
    (gone,) = await many.news()
    assert "ORVALIS ne figure plus parmi les clients déclarés (avant : y figurait)" in seen(gone)


async def test_what_follows_a_tender_is_announced_where_it_was_though_it_names_no_item(many: ManyWorld) -> None:
    number, moment, later = next(many.numbers), datetime.now(UTC) - timedelta(minutes=5), in_days(40)
    ted, abroad, contracts = many.publishers.ted, many.publishers.abroad, many.publishers.decp
    call, unwatched = (
        ted_notices.tender(number=f"{number}{place}-2026", published=today(), title=title)
        for place, title in enumerate(("Caméras-piétons", "Chaises"))
    )
    offer = _ocds_releases.tender(
        ocid=f"ocds-abc-{number}", number=f"r{number}", title="Body-worn cameras", published=moment
    )
    ted.records += [call, unwatched]
    abroad.records.append(offer)
    contracts.records += decp.contract(
        number=f"S{number}", objet="Caméras-piétons", published=today(), suppliers=[SUPPLIER]
    )
    first = {message.id for message in await many.news()}
    assert len(first) == 3

    award = ted_notices.award(
        of=unworded(call), number=f"{number}2-2026", published=today(), winners=SUPPLIER[:1], total="500000.00"
    )
    ted.records += [
        award,
        ted_notices.modification(
            of=award, number=f"{number}3-2026", published=today(), winner=SUPPLIER[0], total="600000.00"
        ),
        *(
            ted_notices.corrigendum(of=of, number=f"{number}{place}-2026", published=today(), deadline=later)
            for place, of in enumerate((unworded(call), unwatched), start=4)
        ),
    ]
    abroad.records += [
        _ocds_releases.amendment(
            of=unworded(offer), number=f"a{number}", published=moment, deadline=later, what="The deadline moves."
        ),
        _ocds_releases.cancellation(of=unworded(offer), number=f"c{number}", published=moment, why="No money."),
    ]
    contracts.records += decp.contract(
        number=f"S{number}", objet="Avenant", published=today(), suppliers=[SUPPLIER], modification=1, amount=99_000
    )
    followed = await many.news()
    assert [fault for message in followed for fault in wrongly_following(seen(message), first)] == []
    assert sorted(message.embeds[0]["title"].split()[0] for message in followed) == [
        "Annulé",
        "Attribution",
        *["Modification"] * 2,
        *["Rectificatif"] * 2,
    ]


@pytest.mark.parametrize("first", ["boamp", "ted"])
async def test_a_procedure_in_two_bulletins_is_one_message_with_both_links(many: ManyWorld, first: str) -> None:
    number, folder, deadline = next(many.numbers), str(uuid.uuid4()), in_days(30)
    told = {
        "boamp": boamp_records.eforms_notice(
            idweb=f"26-{number}", objet="Caméras-piétons", published=today(), deadline=deadline, folder=folder
        ),
        "ted": ted_notices.tender(
            number=f"{number}-2026", published=today(), title="Caméras-piétons", deadline=deadline, procedure=folder
        ),
    }
    publishers = many.publishers.by_source()
    publishers[first].records.append(told.pop(first))
    (message,) = await many.news()
    ((second, record),) = told.items()
    publishers[second].records.append(record)
    assert await many.news() == []
    assert f"idweb:26-{number}" in seen(message)
    assert f"detail/{number}-2026" in seen(message)


async def test_a_firm_that_registers_with_25_clients_is_one_message(many: ManyWorld) -> None:
    number = next(many.numbers)
    clients = [hatvp_records.client(f"CLIENT {place}", siren(f"6000{place:04}")) for place in range(24)]
    clients.insert(12, hatvp_records.client("ORVALIS", FIRM_NUMBER))
    done = hatvp_records.action(for_=["ORVALIS"], observation="Les caméras-piétons des polices municipales")
    sheet = hatvp_records.sheet(f"S{number}", "Les équipements des polices", published=today(), actions=[done])
    year = hatvp_records.year(number, 2025, declared=today(), sheets=[sheet])
    many.publishers.hatvp.records.append(
        hatvp_records.organisation(f"LYSANDRE {number}", siren(f"7000{number:04}"), clients=clients, years=[year])
    )
    (message,) = await many.news()
    assert seen(message).startswith(f"Registre des lobbys : LYSANDRE {number} gagne le client ORVALIS\n")
    assert "caméra-piéton (mot-clé)" in seen(message)


async def test_a_client_lost_and_brackets_that_rise_are_sentences_with_before_and_after(many: ManyWorld) -> None:
    cabinet, code = siren(f"7100{next(many.numbers):04}"), f"{next(many.numbers):012}-71"
    french, european, declared = many.publishers.hatvp, many.publishers.eu_transparency, date(2026, 3, 9)
    french.records += [
        hatvp_records.organisation("ORVALIS", FIRM_NUMBER, years=[hatvp_records.year(1, 2025, declared=declared)]),
        hatvp_records.organisation("LYSANDRE", cabinet, clients=[hatvp_records.client("ORVALIS", FIRM_NUMBER)]),
    ]
    european.records.append(eu_transparency.organisation(code=code, name="ORVALIS", spends=(10_000, 24_999)))
    first = {message.id for message in await many.news()}
    assert len(first) == 3

    french.end_client(cabinet, FIRM_NUMBER, declared)
    french.change_spend(FIRM_NUMBER, 2025, SPENDS[3])
    european.spend(code, 100_000, 199_999)
    news = await many.news()
    assert {int(message.reference["message_id"]) for message in news if message.reference} == first
    told = "\n".join(map(seen, news))
    for sentence in (
        "Mandat d'ORVALIS terminé le 9 mars 2026 (avant : en cours)",
        "Dépenses de lobbying 2025 en hausse : de 50 000 à 75 000 € (avant : de 10 000 à 25 000 €)",
        "Dépenses de lobbying 2025 en hausse : de 100 000 à 199 999 € (avant : de 10 000 à 24 999 €)",
    ):
        assert sentence in told
    assert len(news) == 3


async def test_what_comes_late_waits_for_the_digest(many: ManyWorld) -> None:
    number, desk = next(many.numbers), many.desk
    long_ago = datetime.now(UTC) - timedelta(days=30)
    many.publishers.ministry.records.append(feed.entry(number, f"Caméras-piétons, bilan {number}", published=long_ago))
    assert await many.news() == []
    await desk.editor.slash("digest schedule", desk.announcements, channel=desk.announcements, every="daily", at="8h")
    preview = await desk.reporter.slash("digest preview", desk.announcements, digest="1")
    assert f"bilan {number}" in preview.text


async def test_of_a_company_just_added_only_what_is_published_from_then_on_is_announced(many: ManyWorld) -> None:
    number, bulletin, desk = siren(f"7300{next(many.numbers):04}"), many.publishers.bodacc, many.desk
    newcomer = [bodacc.company("PÉRIGNAC OPTIQUE", number)]
    bulletin.records.append(
        bodacc.announcement(number=next(many.numbers), family="dpc", published=today(), people=newcomer)
    )
    await desk.reporter.slash(
        "watch add", desk.announcements, kind="company", name="Pérignac Optique", identifiers=f"siren:{number}"
    )
    assert await many.news() == []
    found = await desk.reporter.slash("watch hits", desk.announcements, item="Pérignac Optique")
    assert "Dépôts des comptes" in found.text
    bulletin.records.append(
        bodacc.announcement(number=next(many.numbers), family="collective", published=today(), people=newcomer)
    )
    (message,) = await many.news()
    assert "Procédures collectives : PÉRIGNAC OPTIQUE" in seen(message)


async def test_a_renamed_field_is_told_once_and_the_other_sources_go_on(many: ManyWorld) -> None:
    operations, ted = many.desk.operations, many.publishers.ted
    before = len(many.desk.posted(operations))
    ted.fail_next(PublisherFault.RENAMED, times=60)
    await many.desk.shown(before + 1, operations)
    wanted = many.publish(watched=True)
    assert len(await many.news("ted")) == len(wanted) - 1
    ted.heal()
    (message,) = await many.news()
    assert wrongly_shown(seen(message), wanted["ted"], "TED") == []
    told, recovered = (seen(one) for one in many.desk.posted(operations)[before:])
    assert "La source TED ne peut plus être lue" in told
    assert "champ notice-title" in told
    assert "La source TED fonctionne de nouveau" in recovered


def seen(message: Message) -> str:
    """Return what a reader sees of a message, its blanks, dashes and apostrophes as they are typed."""
    return words_of(message).replace("**", "").translate(TYPED)


def unworded(notice: Record) -> Record:
    """Return a notice of TED or a release that no longer says what is bought."""
    if "tender" in notice:
        return notice | {"tender": notice["tender"] | {"title": "Lot 2", "description": "Lot 2"}}
    titles = {
        "notice-title": {"fra": "France - Lot 2"},
        "title-proc": {"fra": "Lot 2"},
        "title-lot": {"fra": ["Lot 2"]},
    }
    return notice | titles


def wrongly_shown(told: str, wanted: Wanted, label: str) -> list[str]:
    """Return what an announcement ought to show and does not: title, reason, source."""
    title, *lines = told.splitlines()
    reason = next((line for line in lines if line.startswith("Élément surveillé")), "")
    faults = [f"title {title!r}"] if title != wanted.title else []
    faults += [f"reason {reason!r}"] if f" : {wanted.item} (" not in reason or " Dans le" not in reason else []
    return faults + ([f"source {lines[-1]!r}"] if not lines[-1].startswith(f"{label} · ") else [])


def wrongly_following(told: str, first: set[int]) -> list[str]:
    """Return a message that follows none of these announcements."""
    found = re.search(r"\[Suite de l.annonce du [^\]]*\]\(https://discord\.com/channels/\d+/\d+/(\d+)\)", told)
    return [] if found and int(found[1]) in first else [told]
