from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models import Dossier, ItemKind, Priority, WatchItem
from bot.watchlist import csv_file
from bot.watchlist.csv_file import COLUMNS, HeaderError, Watchlist

DANGEROUS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def read(text: str | bytes) -> Watchlist:
    return csv_file.read(io.BytesIO(text if isinstance(text, bytes) else text.encode()))


def items(text: str | bytes) -> list[WatchItem]:
    watchlist = read(text)
    assert watchlist.bad_lines == ()
    return [entry.item for entry in watchlist.entries]


def bad_lines(text: str | bytes) -> list[tuple[int, str]]:
    return [(bad.line, bad.reason.text) for bad in read(text).bad_lines]


def test_every_column_is_read() -> None:
    text = (
        ",".join(COLUMNS)
        + "\nacme,company,Acme SAS,Acme;A.C.M.E.,732829320;73282932000074,défense;drone,golf,boamp;ted,#alertes,"
        "Drones,digest,à suivre\n"
    )
    (entry,) = read(text).entries
    assert entry.item == WatchItem(
        kind=ItemKind.COMPANY,
        name="Acme SAS",
        ref="acme",
        aliases=("Acme", "A.C.M.E."),
        identifiers=("732829320", "73282932000074"),
        any_of=("défense", "drone"),
        none_of=("golf",),
        sources=("boamp", "ted"),
        priority=Priority.DIGEST,
        note="à suivre",
    )
    assert (entry.line, entry.channel, entry.dossiers) == (2, "#alertes", ("Drones",))


def test_only_kind_and_name_are_required_in_any_order() -> None:
    assert items("name,kind\nJean Dupont,official\n") == [WatchItem(kind=ItemKind.OFFICIAL, name="Jean Dupont")]


def test_an_item_without_ref_is_called_by_its_line_offline_only() -> None:
    first, second = read("ref,kind,name\n,keyword,drone\nr2,keyword,caméra\n").entries
    assert first.item.ref is None
    assert first.offline_item().ref == "line:2"
    assert second.offline_item().ref == "r2"


def test_the_line_of_a_record_is_its_first_one() -> None:
    entries = read('kind,name,note\n\nkeyword,drone,"a\nb\nc"\nkeyword,caméra,\n').entries
    assert [entry.line for entry in entries] == [3, 6]
    assert entries[0].item.note == "a\nb\nc"


def test_semicolons_between_cells_make_the_bar_separate_lists() -> None:
    (item,) = items('kind;name;aliases\ncompany;"Acme; et fils";Acme, Inc.|ACME\n')
    assert item.name == "Acme; et fils"
    assert item.aliases == ("Acme, Inc.", "ACME")


def test_a_list_of_a_semicolon_file_without_any_bar_keeps_the_semicolons_of_ours() -> None:
    text = 'kind;name;aliases;any_of\ncompany;Acme;"Acme SAS;ACME";"re:/a|b/;""c;d"""\n'
    (item,) = items(text)
    assert item.aliases == ("Acme SAS", "ACME")
    assert item.any_of == ("re:/a|b/", '"c;d"')


def test_a_separator_with_a_backslash_belongs_to_its_element() -> None:
    assert items("kind,name,aliases\ncompany,Acme,Dupont\\; et fils;b\n")[0].aliases == ("Dupont; et fils", "b")


def test_the_aliases_of_a_keyword_are_queries() -> None:
    text = 'kind,name,aliases\nkeyword,drone,"""a;b"";c"\ncompany,Acme,"""a;b"";c"\n'
    assert [item.aliases for item in items(text)] == [('"a;b"', "c"), ('"a', 'b"', "c")]


def test_the_columns_that_a_file_has_are_told() -> None:
    assert read("Kind,name,note,,\nkeyword,drone,x\n").columns == {"kind", "name", "note"}


def test_the_bar_separates_nothing_in_a_comma_file() -> None:
    assert items("kind,name,aliases\ncompany,Acme,A|B;C\n")[0].aliases == ("A|B", "C")


@pytest.mark.parametrize("bar", [";", "|"])
def test_a_separator_inside_a_phrase_or_a_regular_expression_separates_nothing(bar: str) -> None:
    cell = rf're:/a{bar}b\/{bar}c/{bar} "d{bar}e" {bar}{bar}f'
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter="," if bar == ";" else ";").writerows(
        [["kind", "name", "any_of"], ["company", "x", cell]]
    )
    assert items(stream.getvalue())[0].any_of == (rf"re:/a{bar}b\/{bar}c/", f'"d{bar}e"', "f")


def test_an_unclosed_quotation_mark_in_a_query_holds_nothing_together() -> None:
    assert items('kind,name,any_of\ncompany,x,"5"" pipe;drone"\n')[0].any_of == ('5" pipe', "drone")


def test_empty_and_repeated_elements_of_a_list_are_left_out() -> None:
    assert items("kind,name,aliases\ncompany,Acme, a ;;b;a; \n")[0].aliases == ("a", "b")


def test_spaces_inside_a_regular_expression_stay() -> None:
    assert items("kind,name\nkeyword,re:/a  b/\n")[0].name == "re:/a  b/"


def test_a_line_break_inside_a_name_becomes_a_space() -> None:
    assert items('kind,name\ncompany,"Acme \r\n SAS"\n')[0].name == "Acme SAS"


def test_a_byte_order_mark_is_no_part_of_the_header() -> None:
    assert len(items("\ufeffkind,name\nkeyword,drone\n")) == 1


def test_windows_line_ends_and_a_last_line_without_one_are_read() -> None:
    assert [item.name for item in items("kind,name\r\nkeyword,a1\r\nkeyword,b2")] == ["a1", "b2"]


def test_header_kind_and_priority_ignore_case_and_spaces() -> None:
    (item,) = items("Kind , NAME, Priority\n Company ,Acme, Instant \n")
    assert (item.kind, item.priority) == (ItemKind.COMPANY, Priority.INSTANT)


def test_empty_lines_and_lines_of_empty_cells_are_skipped() -> None:
    assert len(items("\n\nkind;name;;\n\n;;;\nkeyword;drone;;\n")) == 1


def test_a_short_line_lacks_only_its_last_cells() -> None:
    assert items("kind,name,aliases,note\nkeyword,drone\n")[0].aliases == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "watchlist-empty"),
        ("\n \n", "watchlist-empty"),
        ("kind,nom\n", "watchlist-header-missing"),
        ("keyword,drone\n", "watchlist-header-missing"),
        ("kind\tname\n", "watchlist-header-missing"),
        ("kind,name,colour\n", "watchlist-header-unknown"),
        ("kind,name,,note\n", "watchlist-header-unknown"),
        ("kind,name,kind\n", "watchlist-header-twice"),
        ('kind,"name\n', "watchlist-not-csv"),
        ("kind,name\n".encode("utf-16"), "watchlist-not-utf8"),
    ],
)
def test_a_wrong_header_refuses_the_file(text: str | bytes, reason: str) -> None:
    with pytest.raises(HeaderError) as refusal:
        read(text)
    assert refusal.value.text == reason


def test_every_bad_line_is_named_and_the_others_are_read() -> None:
    text = (
        b"kind,name,priority\n"
        b"person,Jean,\n"
        b"keyword,,\n"
        b"keyword,drone,now\n"
        b"company,Acme, Inc.,instant\n"
        b"keyword,cam\xe9ra,\n"
        b'keyword,"a"b,\n'
        b"keyword,radar,\n"
    )
    assert bad_lines(text) == [
        (2, "watchlist-kind"),
        (3, "watchlist-no-name"),
        (4, "watchlist-priority"),
        (5, "watchlist-cells"),
        (6, "watchlist-not-utf8"),
        (7, "watchlist-not-csv"),
    ]
    assert [entry.item.name for entry in read(text).entries] == ["radar"]


def test_every_fault_of_a_line_is_named() -> None:
    assert bad_lines("kind,name,priority\nx,,y\n") == [
        (2, "watchlist-kind"),
        (2, "watchlist-no-name"),
        (2, "watchlist-priority"),
    ]


def test_a_record_that_holds_a_line_that_is_no_utf8_is_left_out() -> None:
    watchlist = read(b'kind,name,note\nkeyword,drone,"a\n\xe9\nb"\nkeyword,radar,\n')
    assert [(bad.line, bad.reason.text) for bad in watchlist.bad_lines] == [(3, "watchlist-not-utf8")]
    assert [entry.line for entry in watchlist.entries] == [5]


def test_bad_lines_are_told_in_their_order() -> None:
    assert bad_lines(b'kind,name\nkeyword,"a\n\xe9\n') == [(2, "watchlist-not-csv"), (3, "watchlist-not-utf8")]


def test_a_quotation_mark_that_is_never_closed_is_named_where_it_opens() -> None:
    text = "kind,name\nkeyword,drone\n" + 'keyword,"radar\n' + "keyword,sonar\n" * 3
    assert bad_lines(text) == [(3, "watchlist-not-csv")]


def test_reading_goes_on_after_a_cell_without_end() -> None:
    text = "kind,name\n" + 'keyword,"radar\n' + "keyword,sonar\n" * 20_000
    watchlist = read(text)
    assert [(bad.line, bad.reason.text) for bad in watchlist.bad_lines] == [(2, "watchlist-not-csv")]
    assert watchlist.entries[-1].line == 20_002


def test_an_endless_line_is_named_without_being_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "LINE_MAX_BYTES", 100)
    longest = 0

    class Stream(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal longest
            line = super().readline(size)
            longest = max(longest, len(line))
            return line

    stream = Stream(b"kind,name\nkeyword," + b"x" * 10_000 + b"\nkeyword,drone\n")
    watchlist = csv_file.read(stream)
    assert [(bad.line, bad.reason.text) for bad in watchlist.bad_lines] == [(2, "watchlist-line-too-long")]
    assert [entry.line for entry in watchlist.entries] == [3]
    assert longest == 100


def test_a_watchlist_beyond_the_limit_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "MAX_ITEMS", 2)
    watchlist = read("kind,name\n" + "keyword,drone\n" * 4)
    assert len(watchlist.entries) == 2
    assert [(bad.line, bad.reason.text) for bad in watchlist.bad_lines] == [(4, "watchlist-too-many")]


def test_a_zero_byte_is_dropped() -> None:
    assert items(b"kind,name\nkeyword,dr\0one\n")[0].name == "drone"


@pytest.mark.parametrize("sign", DANGEROUS)
def test_the_mark_against_formulas_is_taken_off(sign: str) -> None:
    assert items(f"kind,name\nkeyword,'{sign}drone\n")[0].name == f"{sign}drone"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    watchlist = csv_file.read(io.BytesIO(b"kind,name,note\n" + content))
    assert all(entry.item.name and entry.line > 1 for entry in watchlist.entries)


def written(*items: WatchItem, dossiers: dict[int, list[Dossier]] | None = None) -> bytes:
    stream = io.BytesIO()
    csv_file.write(stream, items, dossiers or {})
    return stream.getvalue()


def dossier(number: int, name: str) -> Dossier:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    return Dossier(id=number, guild_id=1, name=name, channel_id=None, created_by=1, created_at=at)


def test_a_watchlist_is_written_with_every_cell_quoted_and_guarded() -> None:
    item = WatchItem(id=4, kind=ItemKind.KEYWORD, name="=Ville", any_of=('"a;b"', "c;d"), note="x\ny", channel_id=5)
    assert (
        written(item)
        == (
            '\ufeff"ref","kind","name","aliases","identifiers","any_of","none_of","sources","channel","dossier","priority",'
            '"note"\r\n"","keyword","\'=Ville","","","""a;b"";c\\;d","","","<#5>","","instant","x\ny"\r\n'
        ).encode()
    )


def test_dossiers_are_written_by_name_whatever_their_order() -> None:
    item = WatchItem(id=4, kind=ItemKind.COMPANY, name="Acme")
    first, second = dossier(1, "Zèbre"), dossier(2, "éole")
    one_way, other_way = (written(item, dossiers={4: order}) for order in ([first, second], [second, first]))
    assert one_way == other_way
    assert b'"\xc3\xa9ole;Z\xc3\xa8bre"' in one_way


def test_what_was_written_is_read_back_whole() -> None:
    item = WatchItem(
        kind=ItemKind.COMPANY,
        name="'=Acme",
        ref="-1",
        aliases=("Dupont; et fils", "a\\"),
        identifiers=("732829320",),
        any_of=("=Ville", '"a;b"'),
        none_of=("golf",),
        sources=("boamp", "ted"),
        priority=Priority.DIGEST,
        note="@x\n\ny",
    )
    (entry,) = read(written(item)).entries
    assert entry.item == item


def test_writing_says_how_many_items_there_were() -> None:
    stream = io.BytesIO()
    assert csv_file.write(stream, [WatchItem(kind=ItemKind.COMPANY, name=f"Firm {n}") for n in range(3)], {}) == 3
