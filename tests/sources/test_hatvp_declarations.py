from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.errors import SourceError, SourceFault
from bot.loopback.publishers.hatvp_declarations import COLUMNS, LoopbackHatvpDeclarations, declaration, published
from bot.models import Notice
from bot.sources import Asked, Parsed, Payload, PoliteClient, Window
from bot.sources.hatvp_declarations import HatvpDeclarations

NOW = datetime(2026, 11, 19, 6, tzinfo=UTC)
MAYOR = "CORVOY Hélène18939"
FILED = declaration(MAYOR, date(2026, 6, 9))
ENTRY = "CORVOY_Hélène18939:di:2026-06-09"


def table(*rows: dict[str, str], end: str = "\r\n") -> bytes:
    lines = [";".join(COLUMNS), *(";".join(row[name] for name in COLUMNS) for row in rows)]
    return ("\ufeff" + end.join(lines) + end).encode()


def parsed(*rows: dict[str, str]) -> Parsed:
    return HatvpDeclarations().parse(table(*rows))


def read(*rows: dict[str, str]) -> list[Notice]:
    return list(parsed(*rows).notices)


def test_a_publication_is_a_revision_of_what_was_filed() -> None:
    after = published(FILED, date(2026, 11, 12), 16146)
    filed, out = parsed(FILED), parsed(after)

    assert [notice.id for notice in (*filed.notices, *out.notices)] == [ENTRY, ENTRY]
    assert filed.revision_hashes != out.revision_hashes
    assert [dict(notice.particulars)["publication"] for notice in (*filed.notices, *out.notices)] == [
        "pending",
        "published",
    ]
    assert [notice.published for notice in (*filed.notices, *out.notices)] == [date(2026, 6, 9), date(2026, 11, 12)]


def test_a_title_says_who_filed_what_and_whether_it_can_be_read() -> None:
    titles = [
        notice.title for notice in read(FILED, published(FILED | {"type_document": "dspfm"}, date(2026, 11, 12), 7))
    ]

    assert titles == [
        "Hélène CORVOY, Maire de Port-Valmarin : déclaration d'intérêts déposée, pas encore publiée",
        "Hélène CORVOY, Maire de Port-Valmarin : déclaration de situation patrimoniale de fin de mandat",
    ]


def test_documents_of_one_kind_and_day_are_numbered_by_their_files_whatever_the_order() -> None:
    first, second = (published(FILED, date(2026, 11, 12), number) for number in (9_999, 16_147))
    others = [declaration(f"autre{place}", date(2026, 6, 9)) for place in range(3)]
    rows = [FILED, second, first, *others]
    by_file = {notice.id: notice.title for notice in read(*rows)}

    assert list(by_file)[:3] == [f"{ENTRY}:3", f"{ENTRY}:2", ENTRY]
    hashes = parsed(*rows).revision_hashes
    assert parsed(*rows[::-1]).revision_hashes == hashes
    assert hashes[ENTRY] == parsed(first).revision_hashes[ENTRY]


def test_a_publication_gives_no_other_declaration_of_the_day_a_new_number() -> None:
    others = [declaration(f"autre{place}", date(2026, 6, 9)) for place in range(3)]
    mayor, senator = (FILED | {"qualite": office} for office in ("Maire", "Sénatrice"))
    lists = [
        [mayor, senator],
        [mayor, published(senator, date(2026, 9, 1), 12)],
        [published(mayor, NOW.date(), 9), published(senator, date(2026, 9, 1), 12)],
    ]
    ids = [[notice.id for notice in read(*rows, *others)[:2]] for rows in lists]
    same_office = read(published(FILED, NOW.date(), 9), published(FILED, date(2026, 9, 1), 12), *others)

    assert ids == [[ENTRY, f"{ENTRY}:2"]] * 3
    assert [notice.published for notice in same_office[:2] if notice.id == ENTRY] == [date(2026, 9, 1)]


@pytest.mark.parametrize(
    ("status", "title", "publication"),
    [
        ("Déclaration déposée - publication à venir", "déclaration d'intérêts déposée, pas encore publiée", "pending"),
        (
            "Consultable en préfecture",
            "déclaration d'intérêts (Consultable en préfecture)",
            "Consultable en préfecture",
        ),
        ("Livrée", "déclaration d'intérêts (Livrée)", "Livrée"),
    ],
)
def test_a_declaration_is_pending_only_where_its_status_says_so(status: str, title: str, publication: str) -> None:
    (notice,) = read(FILED | {"statut_publication": status})

    assert notice.title == f"Hélène CORVOY, Maire de Port-Valmarin : {title}"
    assert notice.particulars == (("publication", publication),)


def test_rows_that_are_the_same_to_the_last_cell_are_one() -> None:
    assert [notice.id for notice in read(FILED, FILED)] == [ENTRY]


def test_an_unknown_kind_of_document_is_told_and_kept() -> None:
    told = parsed(FILED | {"type_document": "xyz"})

    assert "déclaration (xyz)" in told.notices[0].title
    assert [(loss.notice, loss.field) for loss in told.losses] == [
        ("CORVOY_Hélène18939:xyz:2026-06-09", "type_document")
    ]


@pytest.mark.parametrize("path", ["", "//ailleurs.example/a", "https://ailleurs.example/a"])
def test_a_link_that_is_no_path_of_the_publisher_is_a_loss(path: str) -> None:
    told = parsed(FILED | {"url_dossier": path})

    assert told.notices[0].url is None
    assert [loss.field for loss in told.losses] == ["url_dossier"]


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        (table(FILED).replace(b";Maire", b";;Maire"), SourceFault.BAD_TABLE),
        (table(FILED, FILED)[:-150], SourceFault.BAD_TABLE),
        (table(FILED).replace(b"url_photo", b"prenom"), SourceFault.BAD_TABLE),
        (table(FILED).replace(b";Maire", b';"Maire'), SourceFault.BAD_TABLE),
        (table(FILED).replace(b";Maire", b';"Maire"'), SourceFault.BAD_TABLE),
        (table(FILED)[:150], SourceFault.BAD_TABLE),
        (table(FILED).replace("é".encode(), b"\xe9"), SourceFault.CHARSET),
        (table(FILED).replace(b"qualite", b"qualites"), SourceFault.MISSING),
        (table(FILED).replace(b"2026-06-09", b"09/06/2026"), SourceFault.DATE_EXPECTED),
    ],
)
def test_a_table_of_another_shape_is_refused(payload: bytes, fault: SourceFault) -> None:
    with pytest.raises(SourceError) as caught:
        HatvpDeclarations().parse(payload)

    assert caught.value.fault is fault


def test_cells_that_hold_the_delimiter_and_other_line_ends_are_read() -> None:
    row = FILED | {"qualite": '"Membre ; ""collège"""'}

    assert 'Membre ; "collège"' in HatvpDeclarations().parse(table(row, end="\n")).notices[0].text


@pytest.mark.parametrize("has_validators", [True, False])
async def test_a_list_that_was_stored_is_not_read_again_and_its_next_one_is(
    client: PoliteClient, *, has_validators: bool
) -> None:
    async with LoopbackHatvpDeclarations([FILED]) as publisher:
        publisher.has_validators = has_validators
        first = await fetched(publisher, client)
        second = await fetched(publisher, client, first)
        publisher.publish(MAYOR, date(2026, 11, 12), 16146)
        third = await fetched(publisher, client, first)

    assert [payload.is_unchanged for payload in (first, second, third)] == [False, True, False]
    assert dict(HatvpDeclarations().parse(third.body).notices[0].particulars) == {"publication": "published"}


async def fetched(publisher: LoopbackHatvpDeclarations, client: PoliteClient, last: Payload | None = None) -> Payload:
    asked = Asked(Window(NOW.date()), NOW, cursor=(last.cursor if last else None) or {})
    (payload,) = [payload async for payload in HatvpDeclarations(publisher.url).fetch(asked, client)]
    return payload
