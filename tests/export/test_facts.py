"""The facts of a newsroom as tables, read back cell by cell."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.access import Viewer
from bot.csv_cells import guarded
from bot.export import Separator
from bot.export.facts import CITATION_COLUMNS, CORRECTION_COLUMNS, FACT_COLUMNS
from bot.export.origins import Told, origins_told
from bot.export.things import STRETCH_IDS
from bot.facts.origins import origin_of, origin_of_each
from bot.models import Citation, CitationKind, FactFilter, FactStatus
from tests.empty_database import place_empty_database
from tests.export.log_rows import EDITOR, REPORTER, Log, writing
from tests.export.read_back import ALL_SEEING, column, facts_of, holds, table
from tests.export.test_table import RUNS, SIGNS, SPACES
from tests.factories import CHANNEL, GUILD, START

THERE, CHANNEL_THERE = 3001, 4001
DAY = timedelta(days=1)
TEXTS = st.lists(st.sampled_from(SIGNS.replace("\0", "")), min_size=1, max_size=8).map("".join)


def test_the_headers_are_those_that_others_rely_on() -> None:
    contract = (
        "id,dossier,claim,status,event_date,date_precision,source_url,source_title,quote,sources_count,watch_items,"
        "logged_by,logged_at,verified_by,verified_at,revision,correction_reason,message_url"
    )
    assert ",".join(FACT_COLUMNS).startswith(contract)
    assert ",".join(CITATION_COLUMNS) == "fact_id,n,url,title,type,origin,quote,retrieved_at,known"
    assert {"fact_id", "revision", "claim", "reason"} <= set(CORRECTION_COLUMNS)


async def test_a_fact_is_told_in_every_column(database: Path, log: Log, out: Path) -> None:
    cameras, police = log.dossier("Caméras"), log.dossier("Police municipale")
    axon, valmarin = log.item("Axon"), log.item("Valmarin")
    tip = log.tip()
    fact = log.fact(
        'La ville a acheté "douze" caméras,\nsans publicité.',
        {"url": "https://gazette.example/26-1", "title": "Avis n° 26-1", "quote": "douze caméras"},
        {"kind": "words", "title": "Procès-verbal du conseil", "quote": "adopté"},
        dossiers=[cameras, police],
        items=[axon, valmarin],
        event_date="2026-11-mid",
        event_date_typed="mi-novembre",
        tip_id=tip,
    )
    log.verify(fact, START + timedelta(minutes=5))
    log.card("fact", fact, 777_000_000_000_000_001)
    await facts_of(database, out)
    assert table(out / "facts.csv") == [
        {
            "id": str(fact),
            "dossier": "Caméras; Police municipale",
            "claim": 'La ville a acheté "douze" caméras,\nsans publicité.',
            "status": "verified",
            "event_date": "2026-11-mid",
            "date_precision": "part",
            "source_url": "https://gazette.example/26-1",
            "source_title": "Avis n° 26-1",
            "quote": "douze caméras",
            "sources_count": "2",
            "watch_items": "Axon; Valmarin",
            "logged_by": str(REPORTER),
            "logged_at": "2026-11-16T09:00:00+01:00",
            "verified_by": str(EDITOR),
            "verified_at": "2026-11-16T09:05:00+01:00",
            "revision": "1",
            "correction_reason": "",
            "message_url": f"https://discord.com/channels/{GUILD}/{CHANNEL}/777000000000000001",
            "event_date_typed": "mi-novembre",
            "tip_id": str(tip),
            "status_by": str(EDITOR),
            "status_at": "2026-11-16T09:05:00+01:00",
            "status_reason": "",
            "origins_count": "2",
            "embargo_until": "",
        }
    ]


async def test_why_a_fact_was_retracted_goes_with_it(database: Path, log: Log, out: Path) -> None:
    fact, other = (log.fact(claim, {"kind": "words", "title": "Le maire"}) for claim in ("Faux.", "Vrai."))
    log.verify(fact, START)
    log.update("fact", fact, status="retracted")
    log.mark(fact, 3, "disputed", by=REPORTER, at=START, reason="démenti")
    log.mark(fact, 4, "retracted", by=EDITOR, at=START + timedelta(hours=1), reason="=faux")
    log.mark(other, 2, "disputed", by=REPORTER, at=START, reason="corrigé depuis")
    await facts_of(database, out)
    retracted, logged = table(out / "facts.csv")
    assert (retracted["status_by"], retracted["status_at"]) == (str(EDITOR), "2026-11-16T10:00:00+01:00")
    assert retracted["status_reason"] == "'=faux"
    assert (logged["status"], logged["status_by"], logged["status_reason"]) == ("logged", "", "")


async def test_a_bare_fact_leaves_its_cells_empty(database: Path, log: Log, out: Path) -> None:
    log.fact("Rien de plus.", {"kind": "words", "title": "Le maire, au téléphone"})
    await facts_of(database, out)
    (row,) = table(out / "facts.csv")
    empty = {name for name, cell in row.items() if not cell}
    assert empty == {
        "dossier",
        "event_date",
        "date_precision",
        "source_url",
        "quote",
        "watch_items",
        "verified_by",
        "verified_at",
        "correction_reason",
        "message_url",
        "event_date_typed",
        "tip_id",
        "status_by",
        "status_at",
        "status_reason",
        "embargo_until",
    }


@pytest.mark.parametrize(
    ("kept", "precision"),
    [
        ("2025-03-04T18:30+01:00", "minute"),
        ("2025-03-04", "day"),
        ("2025-W10", "week"),
        ("2020-11-mid", "part"),
        ("2024-late", "part"),
        ("2020-11", "month"),
        ("2025-Q1", "quarter"),
        ("2025", "year"),
    ],
)
async def test_a_date_is_as_precise_as_it_was_typed(
    database: Path, log: Log, out: Path, kept: str, precision: str
) -> None:
    log.fact(event_date=kept)
    await facts_of(database, out)
    (row,) = table(out / "facts.csv")
    assert (row["event_date"], row["date_precision"]) == (kept, precision)


async def test_the_citations_that_stand_are_told_one_a_row(database: Path, log: Log, out: Path) -> None:
    fact = log.fact(
        "Un fait.",
        {"url": "https://gazette.example/1", "title": "Avis", "quote": "un", "retrieved_at": START},
        {
            "kind": "message",
            "url": "https://discord.com/channels/1/2/3",
            "title": "Message",
            "origin": "Ana (@ana, 42), 2026-05-03T10:00:00+02:00",
        },
    )
    log.correct(fact, "Un fait.", "autre page", START + DAY, cited={1: {"url": "https://gazette.example/2"}})
    await facts_of(database, out)
    rows = [tuple(row.values()) for row in table(out / "citations.csv")]
    assert rows == [
        (str(fact), "1", "https://gazette.example/2", "", "link", "gazette.example", "", "", ""),
        (
            *(str(fact), "2", "https://discord.com/channels/1/2/3", "Message", "message", "Ana", "", ""),
            "Ana (@ana, 42), 2026-05-03T10:00:00+02:00",
        ),
    ]


async def test_as_many_origins_can_be_counted_in_the_column_as_the_fact_has(
    database: Path, log: Log, out: Path
) -> None:
    log.fact(
        "Un fait.",
        {"url": "https://www.journal.example/a"},
        {"url": "https://m.journal.example/b", "said_origin": "JOURNAL.example"},
        {"kind": "file", "title": "plan.pdf", "origin": f"sha256:{'a' * 64} (12 bytes)"},
        {"kind": "file", "title": "plan.pdf", "origin": f"sha256:{'b' * 64} (12 bytes)"},
    )
    await facts_of(database, out)
    assert column(out / "facts.csv", "origins_count") == ["3"]
    assert column(out / "citations.csv", "origin") == ["journal.example", "journal.example", "plan.pdf", "plan.pdf (3)"]


async def test_origins_are_counted_once_each_and_named_as_a_person_said_them(
    database: Path, log: Log, out: Path
) -> None:
    log.fact(
        "Un fait.",
        {"url": "https://journal.example/a", "said_origin": "AFP"},
        {"url": "https://gazette.example/b", "said_origin": "afp"},
        {"kind": "file", "title": "plan.pdf", "origin": f"sha256:{'a' * 64} (12 bytes)"},
    )
    notice = {"kind": "notice", "title": "Avis", "notice_id": log.notice()}
    log.fact("Un autre.", {**notice, "origin": "BOAMP 26-1", "party": "Ville de Lyon"})
    await facts_of(database, out)
    assert column(out / "facts.csv", "origins_count") == ["2", "1"]
    assert column(out / "facts.csv", "sources_count") == ["3", "1"]
    assert column(out / "citations.csv", "origin") == ["AFP", "AFP", "plan.pdf", "Ville de Lyon"]
    assert column(out / "citations.csv", "known") == ["", "", f"sha256:{'a' * 64} (12 bytes)", "BOAMP 26-1"]


@settings(max_examples=200)
@given(
    url=st.tuples(
        st.sampled_from(["http://", "https://", "HTTPS://", "ftp://", ""]),
        st.sampled_from(["www.", "a-", "xn--", "caf\u00e9.", "@", "-", "x" * 40, ""]),
        st.sampled_from(["journal.example", "a.b.c.d.e", "localhost", "journal-.example", "journal.example:8080"]),
        st.sampled_from(["", "/", "/a(b)", "/a b", "?q=%", "/\u202e", "/" + "a" * 3_000, "/a?b=c&d=~", "\n"]),
    ).map("".join)
)
def test_the_origin_of_a_link_is_the_same_as_everywhere_else(url: str) -> None:
    told = origins_told([("link", url, "Titre", None, None, None)])
    assert told == [origin_of(Citation(kind=CitationKind.LINK, url=url, title="Titre"))]


LINKS = [
    *("https://journal.example/a", "https://m.journal.example/a", "https://gazette.example/a", "https://t.co/a"),
    *(
        "https://web.archive.org/web/2026/journal.example/a",
        "https://x.com/a/status/1",
        "https://twitter.com/a/status/1",
    ),
    *("https://discord.com/channels/1/2/3", "https://ptb.discord.com/channels/1/2/3", "https://www.boamp.fr/a/26-1"),
    *("https://www.boamp.fr/pages/avis/?q=idweb:26-1", "https://www.boamp.fr/pages/avis/?q=idweb:26-2"),
]
KNOWN = {
    "message": [None, "Ana (@ana, 42), 2026-05-03T10:00:00+02:00"],
    "notice": ["BOAMP 26-1", "BOAMP 26-2", "TED 1-2026"],
    "file": [f"sha256:{'a' * 64} (12 bytes)", f"sha256:{'b' * 64} (12 bytes)"],
}


@settings(max_examples=200)
@given(data=st.data())
def test_the_origins_of_a_fact_are_the_same_as_everywhere_else(data: st.DataObject) -> None:
    rows: list[Told] = []
    for kind in data.draw(st.lists(st.sampled_from(CitationKind), min_size=1, max_size=4)):
        has_link = kind in {CitationKind.LINK, CitationKind.MESSAGE, CitationKind.NOTICE}
        url = data.draw(st.sampled_from(LINKS)) if has_link else None
        known = data.draw(st.sampled_from(KNOWN.get(kind, [None])))
        said = data.draw(st.sampled_from([None, None, None, "AFP", "A.F.P."]))
        party = data.draw(st.sampled_from([None, "Ville", "journal.example"])) if kind in {"notice", "file"} else None
        rows.append((kind, url, data.draw(st.sampled_from(["Un titre", "Autre"])), known, said, party))
    cited = [
        Citation(kind=CitationKind(kind), url=url, title=title, origin=known, said_origin=said, party=party)
        for kind, url, title, known, said, party in rows
    ]
    assert origins_told(rows) == origin_of_each(cited)


async def test_the_facts_that_were_written_are_kept_as_ranges_of_ids(database: Path, log: Log, out: Path) -> None:
    facts = [log.fact(f"Fait {number}.") for number in range(5)]
    log.update("fact", facts[1], status="retracted")
    log.fact("Ailleurs.", guild=log.newsroom(THERE, channel=CHANNEL_THERE))
    later = log.fact("Plus tard.")
    export = await facts_of(database, out, FactFilter(status=FactStatus.LOGGED))
    assert export.facts == ((facts[0], facts[0]), (facts[2], facts[4]), (later, later))
    assert export.tips == ()


async def test_when_a_source_was_read_is_told_in_the_newsrooms_zone(database: Path, log: Log, out: Path) -> None:
    log.fact("Un fait.", {"url": "https://gazette.example/1", "retrieved_at": START})
    await facts_of(database, out)
    assert column(out / "citations.csv", "retrieved_at") == ["2026-11-16T09:00:00+01:00"]


async def test_every_earlier_version_is_told_with_why_it_was_replaced(database: Path, log: Log, out: Path) -> None:
    fact = log.fact(
        "Dix caméras.", {"url": "https://gazette.example/1", "title": "Avis", "quote": "dix"}, event_date="2026-11"
    )
    log.verify(fact, START + DAY)
    log.correct(
        fact, "Onze caméras.", "erreur de lecture", START + 2 * DAY, cited={1: {"url": "https://gazette.example/2"}}
    )
    log.citation(fact, 2, from_revision=2, url="https://gazette.example/3")
    log.correct(fact, "Douze caméras.", "avis rectificatif", START + 3 * DAY, by=REPORTER, event_date="2026")
    await facts_of(database, out)
    first, second = table(out / "corrections.csv")
    assert first == {
        "fact_id": str(fact),
        "revision": "1",
        "claim": "Dix caméras.",
        "status": "verified",
        "event_date": "2026-11",
        "date_precision": "month",
        "source_url": "https://gazette.example/1",
        "source_title": "Avis",
        "quote": "dix",
        "sources_count": "1",
        "made_by": str(REPORTER),
        "made_at": "2026-11-16T09:00:00+01:00",
        "verified_by": str(EDITOR),
        "verified_at": "2026-11-17T09:00:00+01:00",
        "replaced_by": str(EDITOR),
        "replaced_at": "2026-11-18T09:00:00+01:00",
        "reason": "erreur de lecture",
        "event_date_typed": "2026-11",
    }
    told = ("revision", "claim", "status", "source_url", "sources_count", "verified_by", "replaced_by", "reason")
    assert [second[name] for name in told] == [
        *("2", "Onze caméras.", "logged", "https://gazette.example/2", "2", "", str(REPORTER), "avis rectificatif")
    ]
    (fact_row,) = table(out / "facts.csv")
    assert (fact_row["revision"], fact_row["correction_reason"], fact_row["claim"], fact_row["sources_count"]) == (
        *("3", "avis rectificatif", "Douze caméras.", "2"),
    )


async def test_the_link_leads_to_the_card_that_was_sent_first(database: Path, log: Log, out: Path) -> None:
    log.insert("channel", guild_id=GUILD, channel_id=2999, floor_id=1)
    fact = log.fact()
    later = log.card("fact", fact, 20, at=START + DAY)
    log.card("fact", fact, 10, channel=2999, at=START)
    unsent = log.card("fact", log.fact(), 5)
    log.update("announcement", unsent, state="set_aside", sent_at=None, reason="forbidden", message_id=None)
    assert later < unsent
    await facts_of(database, out)
    assert column(out / "facts.csv", "message_url") == [f"https://discord.com/channels/{GUILD}/2999/10", ""]


async def test_facts_stand_in_the_order_of_their_ids_over_many_stretches(database: Path, log: Log, out: Path) -> None:
    ids = [
        log.fact(f"Fait {number}.", id=number) for number in (1, STRETCH_IDS, STRETCH_IDS + 1, 9 * STRETCH_IDS, 10**9)
    ]
    export = await facts_of(database, out)
    assert column(out / "facts.csv", "id") == column(out / "citations.csv", "fact_id") == [str(fact) for fact in ids]
    assert export.rows("facts.csv") == len(ids)


async def test_another_newsrooms_rows_never_come_out(database: Path, log: Log, out: Path) -> None:
    log.newsroom(THERE, channel=CHANNEL_THERE)
    ours, theirs = log.dossier("Le nôtre"), log.dossier("Le leur", guild=THERE)
    fact = log.fact("À nous.", dossiers=[ours])
    secret = log.fact(
        *("SECRET", {"url": "https://secret.example", "title": "SECRET", "quote": "SECRET"}),
        guild=THERE,
        dossiers=[theirs],
        items=[log.item("SECRET", guild=THERE)],
    )
    log.correct(secret, "SECRET", "SECRET", START + DAY, guild=THERE)
    log.card("fact", secret, 99, guild=THERE, channel=CHANNEL_THERE)
    log.fact("À nous aussi.")
    await facts_of(database, out)
    assert column(out / "facts.csv", "id")[0] == str(fact)
    assert column(out / "facts.csv", "claim") == ["À nous.", "À nous aussi."]
    assert column(out / "facts.csv", "dossier") == ["Le nôtre", ""]
    assert len(table(out / "citations.csv")) == 2
    assert table(out / "corrections.csv") == []
    assert holds(out, b"SECRET") == []


async def test_another_newsrooms_dossier_lets_nothing_out(database: Path, log: Log, out: Path) -> None:
    log.newsroom(THERE, channel=CHANNEL_THERE)
    theirs = log.dossier("Le leur", guild=THERE)
    log.fact("À nous.")
    log.fact("À eux.", guild=THERE, dossiers=[theirs])
    await facts_of(database, out, FactFilter(dossier_id=theirs))
    assert table(out / "facts.csv") == []


async def test_filters_choose_facts_with_all_that_is_theirs(database: Path, log: Log, out: Path) -> None:
    dossier, item = log.dossier("Caméras"), log.item("Axon")
    asked = {"dossiers": [dossier], "items": [item], "logged_at": START + DAY}
    chosen = log.fact("Oui.", **asked)
    log.correct(chosen, "Oui !", "emphase", START + 2 * DAY)
    log.verify(chosen, START + 3 * DAY)
    for but in ({"dossiers": []}, {"items": []}, {"logged_at": START}, {"logged_at": START + 2 * DAY}):
        other = log.fact("Non.", **{**asked, **but})
        log.correct(other, "Non !", "emphase", START + 2 * DAY)
        log.verify(other, START + 3 * DAY)
    log.fact("Non plus.", **asked)
    wanted = FactFilter(
        status=FactStatus.VERIFIED, item_id=item, dossier_id=dossier, since=START + DAY, until=START + 2 * DAY
    )
    export = await facts_of(database, out, wanted)
    assert column(out / "facts.csv", "id") == [str(chosen)]
    assert column(out / "citations.csv", "fact_id") == [str(chosen)]
    assert column(out / "corrections.csv", "fact_id") == [str(chosen)]
    assert [file.rows for file in export.files] == [1, 1, 1]


async def test_a_tip_is_named_to_those_who_may_know_of_it(database: Path, log: Log, tmp_path: Path) -> None:
    open_tip, secret = log.tip(), log.tip(sensitive=True, logged_by=REPORTER, owner=7)
    for tip in (open_tip, secret):
        log.fact(tip_id=tip)
    viewers = {
        "nobody": Viewer(guild_id=GUILD, user_id=1, sees_all=False),
        "author": Viewer(guild_id=GUILD, user_id=REPORTER, sees_all=False),
        "owner": Viewer(guild_id=GUILD, user_id=7, sees_all=False),
        "editor": ALL_SEEING,
    }
    shown = {}
    for name, viewer in viewers.items():
        await facts_of(database, tmp_path / name, viewer=viewer)
        shown[name] = column(tmp_path / name / "facts.csv", "tip_id")
    both = [str(open_tip), str(secret)]
    assert shown == {"nobody": [str(open_tip), ""], "author": both, "owner": both, "editor": both}


async def test_a_semicolon_separates_every_table_where_it_is_asked_for(database: Path, log: Log, out: Path) -> None:
    log.correct(log.fact("Un; deux."), "Deux; trois.", "parce; que", START + DAY)
    await facts_of(database, out, separator=Separator.SEMICOLON)
    for name, told in (("facts", "Deux; trois."), ("citations", "douze caméras"), ("corrections", "parce; que")):
        (row,) = table(out / f"{name}.csv", ";")
        assert told in row.values()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(words=st.lists(TEXTS, min_size=9, max_size=9))
async def test_whatever_people_type_stands_in_its_cell_and_does_not_run(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    claim, url, title, quote, origin, dossier, item, reason, typed = words
    folder = tmp_path_factory.mktemp("typed")
    database = place_empty_database(folder / "vigie.sqlite3")
    with writing(database) as log:
        log.newsroom()
        cited = {"url": url, "title": title, "quote": quote, "origin": origin}
        dated = {"event_date": "2026", "event_date_typed": typed}
        fact = log.fact(claim, cited, dossiers=[log.dossier(dossier)], items=[log.item(item)], **dated)
        log.correct(fact, claim, reason, START)
    await facts_of(database, folder / "out")
    (fact_row,) = table(folder / "out" / "facts.csv")
    (citation,) = table(folder / "out" / "citations.csv")
    (correction,) = table(folder / "out" / "corrections.csv")
    assert [fact_row[name] for name in ("claim", "source_url", "source_title", "quote")] == [
        guarded(text) for text in (claim, url, title, quote)
    ]
    assert [fact_row[name] for name in ("dossier", "watch_items", "correction_reason")] == [
        guarded(text) for text in (dossier, item, reason)
    ]
    assert [citation[name] for name in ("url", "title", "quote", "known")] == [
        guarded(text) for text in (url, title, quote, origin)
    ]
    assert [correction[name] for name in ("claim", "reason", "event_date_typed", "source_url")] == [
        guarded(text) for text in (claim, reason, typed, url)
    ]
    for cell in (*fact_row.values(), *citation.values(), *correction.values()):
        assert not cell.startswith(RUNS)
        assert not cell.lstrip(SPACES).startswith(RUNS[:-3])
