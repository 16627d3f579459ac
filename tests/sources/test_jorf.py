"""The Journal officiel: its index, its archives, and the people whom its texts name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers import jorf
from bot.loopback.publishers.jorf import Hostile, LoopbackJorf, archive_name
from bot.models import Notice, NoticeKind
from bot.sources import Asked, Parsed, PoliteClient, Window
from bot.sources._jorf.people import people_of
from bot.sources.jorf import INDEX_PATH, Jorf

DAY = date(2026, 11, 18)
NOW = datetime(2026, 11, 18, 6, tzinfo=UTC)


def number(place: int) -> str:
    return f"JORFTEXT0000547{place:05}"


def text(place: int = 1, title: str = "Décret relatif aux abeilles", **more: Any) -> dict[str, Any]:
    return jorf.text(**{"id": number(place), "title": title, "published": DAY, **more})


def read(*records: dict[str, Any], day: date = DAY, clock: str = jorf.NIGHT) -> Parsed:
    return Jorf().parse(jorf.archive(records, archive_name(day, clock)))


def one(**more: Any) -> Notice:
    (notice,) = read(text(**more)).notices
    return notice


@pytest.mark.parametrize(
    ("line", "people"),
    [
        (
            "Mme Amélie de MONTCHALON, ministre ; M. Gérald DARMON, garde des sceaux",
            "Amélie de MONTCHALON|Gérald DARMON",
        ),
        ("Mme Charlotte PARMENTIER-LECLOS, Mme Anne Le HÉNAFF", "Charlotte PARMENTIER-LECLOS|Anne Le HÉNAFF"),
        ("portant nomination (chambres régionales des comptes) - M. LAUNOY (Anatole)", "Anatole LAUNOY"),
        ("Mmes DUPONT-MARTIN (Anne-Marie, Claire) et LE GOFF (Solène)", "Anne-Marie DUPONT-MARTIN|Solène LE GOFF"),
        (
            "MM. Paul DURAND, Jean-Marc de LA TOUR et M. O'BRIEN (Pierre)",
            "Paul DURAND|Jean-Marc de LA TOUR|Pierre O'BRIEN",
        ),
        ("MM. Paul DURAND, préfet de région, et Jean MARTIN, sous-préfet", "Paul DURAND|Jean MARTIN"),
        ("M. le professeur Jean d\u2019ORMONT est nommé", "Jean d\u2019ORMONT"),
        ("Mme Claire d'ESTIENNE D'ORVES et M. Célestin NGUYEN VAN", "Claire d'ESTIENNE D'ORVES|Célestin NGUYEN VAN"),
        ("M. J.-P. McDONALD, M. Abd-el-Kader BEN AMMAR", "J.-P. McDONALD|Abd-el-Kader BEN AMMAR"),
        ("Vincent LAUNOY est nommé. Anne DE LA FERTÉ, inspectrice, est désignée.", "Vincent LAUNOY|Anne DE LA FERTÉ"),
        ("M. Paul DURAND est nommé en remplacement de M. Jean MARTIN", "Paul DURAND|Jean MARTIN"),
        ("MM. Paul DURAND, directeur du Centre INRAE, et le Conseil EDF", "Paul DURAND"),
        ("M. Alain Le VERN et Mme Le GOFF, conseillère", "Alain Le VERN"),
        ("M. Michel Boyer, conseiller d'État ; M. VINCENT LAUNOY ; la société M. DUPONT SA", ""),
        ("Le Centre INRAE et la Direction DGAC, à Paris CEDEX", ""),
    ],
)
def test_people_are_read_as_they_are_printed_and_never_guessed(line: str, people: str) -> None:
    assert "|".join(people_of([line])) == people


def test_the_lines_of_a_list_of_appointed_people_name_them() -> None:
    listed = ["- Paul DURAND, préfet ;", "\u2013 Anne MARTIN ;", "Mme Claire PETIT"]

    assert people_of(["Sont nommés membres du conseil :", *listed, "À Paris CEDEX, le"]) == (
        "Paul DURAND",
        "Anne MARTIN",
        "Claire PETIT",
    )


@pytest.mark.parametrize(
    ("line", "people"),
    [
        ("M. " + "Aa-" * 9_000, 0),
        ("MM. Aa AA, " * 3_000 + "MM. Bb BB", 2),
        ("A'" * 20_000, 0),
        ("nommé " * 9_000, 0),
        ("M. A.-" * 5_000, 0),
    ],
)
def test_no_line_is_too_long_for_its_names_to_be_read(line: str, people: int) -> None:
    assert len(people_of([line])) == people


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Décret du 17 novembre 2026 portant nomination (Cour des comptes)", NoticeKind.APPOINTMENT),
        ("Arrêté portant cessation de fonctions et nomination au cabinet du ministre", NoticeKind.APPOINTMENT),
        ("Arrêté relatif à la composition du Gouvernement", NoticeKind.APPOINTMENT),
        ("Liste des candidats nommés commissaires", NoticeKind.APPOINTMENT),
        ("Arrêté fixant les modalités de nomination des jurys", NoticeKind.ARTICLE),
        ("Arrêté portant délégation de signature (bureau des promotions)", NoticeKind.ARTICLE),
        ("Décret relatif à l'emploi des caméras-piétons", NoticeKind.ARTICLE),
    ],
)
def test_the_title_tells_an_appointment(title: str, kind: NoticeKind) -> None:
    assert one(title=title).kind is kind


def test_what_stands_under_personnel_measures_is_an_appointment_whatever_its_title() -> None:
    assert one(title="Arrêté du 3 mars 2026", headings=jorf.PERSONNEL).kind is NoticeKind.APPOINTMENT


@pytest.mark.parametrize(
    ("title", "headings"),
    [
        ("Décret portant naturalisation, réintégration et mention d'enfants mineurs", jorf.PERSONNEL),
        ("Décret portant changement de noms", jorf.GENERAL),
        ("Décret du 3 mars 2026", ("Mesures nominatives", "Naturalisations et réintégrations")),
        ("Demandes de changement de nom", ("Informations diverses",)),
    ],
)
def test_naturalisations_and_changes_of_name_are_passed_over_without_a_trace(
    title: str, headings: tuple[str, ...]
) -> None:
    parsed = read(text(title=title, headings=headings, body=["M. Omer PROPRIETAIRE, né le 1er janvier 1990."]))

    assert (parsed.notices, parsed.losses, parsed.revision_hashes) == ((), (), {})


def test_a_text_on_the_procedure_of_naturalisation_is_kept() -> None:
    assert one(title="Décret relatif aux demandes de naturalisation").kind is NoticeKind.ARTICLE


def test_an_erratum_is_a_text_of_its_own_in_the_same_procedure() -> None:
    first = text()
    notices = read(first, jorf.erratum(of=first, id=number(2), published=DAY)).notices

    assert [notice.id for notice in notices] == [number(1), number(2)]
    assert len({notice.procedure for notice in notices}) == 1


def test_the_text_has_ministry_headings_numbers_visas_and_body_in_this_order() -> None:
    notice = one(body=["Premier alinéa.", "Second alinéa."])

    assert notice.text.split("\n") == [
        "Premier ministre",
        "Décrets, arrêtés, circulaires > Textes généraux > Premier ministre",
        "NOR : PRMX2600001A",
        "ELI : https://www.legifrance.gouv.fr/eli/arrete/2026/11/18/PRMX2600001A/jo/texte",
        "Vu la Constitution ;",
        "Premier alinéa.",
        "Second alinéa.",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<STRUCT><ARTICLE><NUM>1</NUM><BLOC_TEXTUEL><CONTENU>{}</CONTENU></BLOC_TEXTUEL></ARTICLE></STRUCT>",
        "<BLOC_TEXTUEL><CONTENU>{}</CONTENU></BLOC_TEXTUEL>",
        "<STRUCT><SECTION_TA><ARTICLE><BLOC_TEXTUEL><CONTENU>{}</CONTENU></BLOC_TEXTUEL></ARTICLE></SECTION_TA></STRUCT>",
    ],
    ids=["articles", "flat", "sections"],
)
@pytest.mark.parametrize(
    "markup",
    ["<p>Sont nommés :<br/>M. Jean DURAND.</p>", "<![CDATA[<p>Sont nommés :<br/>M. Jean DURAND.</p>]]>"],
    ids=["elements", "escaped"],
)
def test_the_body_is_found_at_whatever_depth_and_its_lines_are_kept(body: str, markup: str) -> None:
    plain = text()
    plain["STRUCT"] = []
    xml = jorf.text_xml(plain).replace("<STRUCT></STRUCT>", body.format(markup))
    (notice,) = Jorf().parse(archive_of({f"a/{number(1)}.xml": xml})).notices

    assert notice.text.endswith("\nSont nommés :\nM. Jean DURAND.")
    assert notice.people == ("Jean DURAND",)


def archive_of(files: Mapping[str, str | bytes]) -> bytes:
    return LoopbackJorf().tar_gz(files).body


def test_a_changed_body_is_a_revision_and_another_place_in_the_contents_is_none() -> None:
    def hashes(**more: Any) -> Mapping[str, str]:
        return read(text(**more)).revision_hashes

    assert hashes(body=["a"]) == hashes(body=["a"], headings=jorf.PERSONNEL, ministry="Ministère de la culture")
    assert hashes(body=["a"]) != hashes(body=["b"])


def test_history_that_is_saved_again_is_no_news_but_a_late_text_is() -> None:
    old, late = text(1, published=DAY - timedelta(days=31)), text(2, published=DAY - timedelta(days=29))

    assert [notice.id for notice in read(old, late, clock=jorf.EVENING).notices] == [number(2)]


def test_texts_without_a_title_are_losses_until_they_are_most_of_them() -> None:
    untitled = text(2) | {"TITRE": "", "TITREFULL": ""}
    parsed = read(text(1), untitled, text(3))

    assert [notice.id for notice in parsed.notices] == [number(1), number(3)]
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [(number(2), "TITREFULL")]
    with pytest.raises(SourceError) as caught:
        read(text(1), untitled, untitled | {"ID": number(3)})
    assert (caught.value.field, caught.value.entry) == ("TITREFULL", number(2))


def test_a_text_whose_xml_is_broken_is_a_loss_until_they_are_most_of_them() -> None:
    files: dict[str, str | bytes] = {f"a/{number(place)}.xml": jorf.text_xml(text(place)) for place in (1, 2)}
    broken = files | {f"a/{number(3)}.xml": "<TEXTE><ID>"}
    parsed = Jorf().parse(archive_of(broken))

    assert len(parsed.notices) == 2
    assert [loss.notice for loss in parsed.losses] == [f"{number(3)}.xml"]
    with pytest.raises(SourceError, match="not valid XML"):
        Jorf().parse(archive_of({**broken, **dict.fromkeys(files, "<TEXTE>")}))


def test_a_contents_page_that_is_broken_costs_the_headings_alone() -> None:
    files: dict[str, str | bytes] = {"a/JORFCONT1.xml": "<JO>", f"a/{number(1)}.xml": jorf.text_xml(text())}
    parsed = Jorf().parse(archive_of(files))

    assert ([notice.id for notice in parsed.notices], [loss.notice for loss in parsed.losses]) == (
        [number(1)],
        ["JORFCONT1.xml"],
    )


def test_a_date_that_the_publisher_does_not_know_comes_from_the_contents_page() -> None:
    record = text() | {"DATE_PUBLI": "2999-01-01"}
    page = jorf.contents_page([text()])
    files: dict[str, str | bytes] = {f"a/{number(1)}.xml": jorf.text_xml(record)}
    undated = Jorf().parse(archive_of(files))

    assert Jorf().parse(archive_of({"a/JORFCONT1.xml": page, **files})).notices[0].published == DAY
    assert (undated.notices[0].published, [loss.field for loss in undated.losses]) == (None, ["DATE_PUBLI"])


def test_fields_in_a_meta_tree_are_found_too() -> None:
    chronicle = "<META_TEXTE_CHRONICLE><DATE_PUBLI>2026-11-18</DATE_PUBLI></META_TEXTE_CHRONICLE>"
    meta = f"<META><META_COMMUN><ID>{{}}</ID></META_COMMUN><META_SPEC>{chronicle}</META_SPEC></META>"
    whole = f"<TEXTE>{meta}<TITRE>Décret</TITRE></TEXTE>"
    (notice,) = Jorf().parse(archive_of({"JORFTEXT1.xml": whole.format(number(1))})).notices

    assert (notice.id, notice.published, notice.procedure) == (number(1), DAY, f"jorf:{number(1)}")


def test_a_hostile_text_refuses_the_whole_archive() -> None:
    with pytest.raises(SourceError) as caught:
        Jorf().parse(jorf.hostile(Hostile.DOCTYPE))

    assert caught.value.fault is SourceFault.DOCTYPE


def test_an_archive_without_texts_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        Jorf().parse(jorf.hostile(Hostile.EMPTY))

    assert caught.value.fault is SourceFault.NO_TEXTS


@pytest.fixture
async def journal() -> AsyncIterator[LoopbackJorf]:
    async with LoopbackJorf(text(place, published=DAY - timedelta(days=10 - place)) for place in range(11)) as journal:
        yield journal


async def fetched(
    journal: LoopbackJorf,
    client: PoliteClient,
    cursor: Mapping[str, Any] | None = None,
    since: date = DAY - timedelta(days=3),
    **more: Any,
) -> tuple[list[str], Mapping[str, Any] | None]:
    """Return the archives that were asked for, and the cursor that the read leaves."""
    before = len(journal.requests)
    asked = Asked(Window(since, more.pop("until", None)), NOW, cursor=cursor or {}, **more)
    left: Mapping[str, Any] | None = None
    async for payload in Jorf(journal.url).fetch(asked, client):
        left = payload.cursor or left
        if payload.file is not None:
            Jorf().parse(payload.file.read_bytes())
    paths = [request.path.removeprefix(INDEX_PATH) for request in journal.requests[before:]]
    return [path for path in paths if path], left


def nights(*ages: int) -> list[str]:
    return [archive_name(DAY - timedelta(days=age)) for age in ages]


async def test_the_first_read_begins_with_its_window(journal: LoopbackJorf, client: PoliteClient) -> None:
    names, cursor = await fetched(journal, client)

    assert names == nights(3, 2, 1, 0)
    assert cursor is not None
    assert cursor["last"] == nights(0)[0]
    assert sorted(cursor["validators"]) == nights(1, 0)


async def test_a_first_read_of_a_journal_that_rests_takes_its_last_issue(
    journal: LoopbackJorf, client: PoliteClient
) -> None:
    assert (await fetched(journal, client, since=DAY + timedelta(days=2)))[0] == nights(0)


async def test_later_reads_take_what_is_newer_and_ask_again_for_the_last_two(
    journal: LoopbackJorf, client: PoliteClient
) -> None:
    _, cursor = await fetched(journal, client)
    journal.records.append(text(50, published=DAY + timedelta(days=1)))

    names, left = await fetched(journal, client, cursor)

    assert names == nights(1, 0, -1)
    assert left is not None
    assert left["last"] == nights(-1)[0]
    assert all("If-None-Match" in request.headers for request in journal.requests[-3:-1])


async def test_a_journal_without_a_new_issue_is_unchanged(journal: LoopbackJorf, client: PoliteClient) -> None:
    _, cursor = await fetched(journal, client)
    asked = Asked(Window(DAY), NOW, cursor=cursor or {})
    payloads = [payload async for payload in Jorf(journal.url).fetch(asked, client)]

    assert [(payload.is_unchanged, payload.cursor) for payload in payloads] == [(True, cursor)]


async def test_a_last_archive_that_was_replaced_is_read_again(journal: LoopbackJorf, client: PoliteClient) -> None:
    _, cursor = await fetched(journal, client)
    journal.records[-1] = journal.records[-1] | {"TITREFULL": "Décret relatif aux guêpes"}
    asked = Asked(Window(DAY), NOW, cursor=cursor or {})
    (payload,) = [payload async for payload in Jorf(journal.url).fetch(asked, client)]

    assert payload.file is not None


async def test_a_last_archive_under_another_name_is_read(journal: LoopbackJorf, client: PoliteClient) -> None:
    _, cursor = await fetched(journal, client)
    renamed = archive_name(DAY, "004512")
    journal.archives[renamed] = jorf.archive([text(60)], renamed)
    journal.hidden.add(nights(0)[0])

    assert (await fetched(journal, client, cursor))[0] == [*nights(2, 1), renamed]


async def test_history_is_read_by_the_days_of_its_window_and_leaves_no_cursor(
    journal: LoopbackJorf, client: PoliteClient
) -> None:
    since, until = DAY - timedelta(days=7), DAY - timedelta(days=5)

    assert await fetched(journal, client, {"last": nights(0)[0]}, since, until=until, is_backfill=True) == (
        nights(7, 6),
        None,
    )


async def test_an_index_that_ends_before_the_last_archive_is_refused(
    journal: LoopbackJorf, client: PoliteClient
) -> None:
    _, cursor = await fetched(journal, client)
    journal.hidden.update(nights(2, 1, 0))

    with pytest.raises(SourceError) as caught:
        await fetched(journal, client, cursor)

    assert caught.value.fault is SourceFault.INDEX_SHRANK


async def test_an_index_that_lost_its_oldest_archives_is_read(journal: LoopbackJorf, client: PoliteClient) -> None:
    journal.hidden.update(nights(10, 9, 8, 7))

    assert (await fetched(journal, client, {"last": nights(2)[0]}))[0] == nights(3, 2, 1, 0)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("JORFSIMPLE_20261119.tar.gz", SourceFault.STRANGE_ARCHIVE_NAME),
        ("JORFSIMPLE_20261319-003035.tar.gz", SourceFault.STRANGE_ARCHIVE_NAME),
        ("jorfsimple-2026-11-19.tar.gz", SourceFault.STRANGE_ARCHIVE_NAME),
    ],
)
async def test_an_archive_under_another_form_of_name_is_never_passed_over_in_silence(
    name: str, fault: SourceFault, journal: LoopbackJorf, client: PoliteClient
) -> None:
    journal.archives[name] = b""

    with pytest.raises(SourceError) as caught:
        await fetched(journal, client)

    assert caught.value.fault is fault


async def test_an_index_without_archives_is_refused(journal: LoopbackJorf, client: PoliteClient) -> None:
    journal.records.clear()

    with pytest.raises(SourceError) as caught:
        await fetched(journal, client)

    assert caught.value.fault is SourceFault.NO_ARCHIVES


def test_a_paragraph_of_some_hundred_pages_is_read_in_parts() -> None:
    notice = one(body=["MM. Paul DURAND et Jean MARTIN. " + "annexe " * 9_000])

    assert max(map(len, notice.text.split("\n"))) <= 20_000
    assert notice.text.count("annexe") == 9_000
    assert notice.people == ("Paul DURAND", "Jean MARTIN")
