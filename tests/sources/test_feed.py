"""Feeds in their three forms: conditional reading, identities that hold, and what is no feed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta, timezone
from html import unescape
from typing import Any

import pytest

from bot.errors import SourceError
from bot.loopback.publishers import PublisherFault
from bot.loopback.publishers.feed import LoopbackFeed, entry
from bot.models import Notice
from bot.sources import Asked, Parsed, Payload, PoliteClient, Window
from bot.sources.feed import Feed

NOW = datetime(2026, 11, 18, 8, tzinfo=UTC)
PUBLISHED = datetime(2026, 11, 17, 18, 30, tzinfo=UTC)
ADDRESS = "https://corvoy.example/flux/"


@pytest.fixture
async def publisher() -> AsyncIterator[LoopbackFeed]:
    async with LoopbackFeed([entry(1, "Caméras à Corvoy", published=PUBLISHED, text="<p>Un <b>avis</b></p>")]) as feed:
        yield feed


async def read(address: str, client: PoliteClient, cursor: dict[str, Any] | None = None) -> Payload:
    asked = Asked(Window(NOW.date()), now=NOW, cursor=cursor or {})
    (payload,) = [payload async for payload in Feed(address, member="corvoy").fetch(asked, client)]
    return payload


def parse(payload: bytes | str) -> Parsed:
    return Feed(ADDRESS, member="corvoy").parse(payload.encode() if isinstance(payload, str) else payload)


def rss(*items: str) -> Parsed:
    body = "".join(f"<item>{item}</item>" for item in items)
    return parse(f'<rss version="2.0"><channel><title>t</title>{body}</channel></rss>')


def atom(*entries: str) -> Parsed:
    body = "".join(f"<entry>{one}</entry>" for one in entries)
    return parse(f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr-FR">{body}</feed>')


def only(parsed: Parsed) -> Notice:
    (notice,) = parsed.notices
    return notice


async def test_the_three_forms_of_a_feed_say_the_same(publisher: LoopbackFeed, client: PoliteClient) -> None:
    forms = [await read(address, client) for address in (publisher.rss, publisher.atom, publisher.json_feed)]
    notices = [only(parse(form.body)) for form in forms]

    assert {(one.id, one.title, one.text, one.published, one.url, one.language) for one in notices} == {
        (
            "https://corvoy.example/actualites/1",
            "Caméras à Corvoy",
            "Un avis",
            PUBLISHED,
            "https://corvoy.example/actualites/1",
            "fr",
        )
    }
    assert {notice.source for notice in notices} == {"feed:corvoy"}


async def test_a_feed_that_did_not_change_is_not_sent_again(publisher: LoopbackFeed, client: PoliteClient) -> None:
    first = await read(publisher.rss, client)
    assert first.cursor is not None

    assert (await read(publisher.rss, client, dict(first.cursor))).is_unchanged
    publisher.records.append(entry(2, "Une autre"))
    assert len(parse((await read(publisher.rss, client, dict(first.cursor))).body).notices) == 2


async def test_what_another_address_said_of_its_version_is_not_sent_to_this_one(
    publisher: LoopbackFeed, client: PoliteClient
) -> None:
    first = await read(publisher.rss, client)
    await read(publisher.atom, client, dict(first.cursor or {}))

    assert "If-None-Match" not in publisher.requests[-1].headers


async def test_an_address_is_asked_for_as_it_is_written(publisher: LoopbackFeed, client: PoliteClient) -> None:
    with pytest.raises(SourceError, match="status 404"):
        await read(f"{publisher.rss}/", client)

    assert publisher.requests[-1].path == "/rss.xml/"


async def test_a_page_of_html_with_status_200_is_no_empty_feed(publisher: LoopbackFeed, client: PoliteClient) -> None:
    publisher.fail_next(PublisherFault.HTML)
    page = await read(publisher.rss, client)

    with pytest.raises(SourceError, match="HTML page"):
        parse(page.body)


@pytest.mark.parametrize(
    ("page", "told"),
    [
        ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "HTML page"),
        ("<opml version='2.0'/>", "no RSS, Atom or JSON feed"),
        ('{"version": "1", "items": []}', "no RSS, Atom or JSON feed"),
    ],
)
def test_a_document_that_is_no_feed_is_refused(page: str, told: str) -> None:
    with pytest.raises(SourceError, match=told):
        parse(page)


def test_a_channel_without_entries_is_read_as_nothing() -> None:
    assert rss() == Parsed(())


def test_an_entry_that_says_nothing_is_a_loss() -> None:
    parsed = atom("<author><name>Odile Contact</name></author>")

    assert parsed.notices == ()
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [("#1", "guid")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<guid>http://a.example/1</guid>", "<guid>https://a.example/1</guid>"),
        ("<guid isPermaLink='false'>7 at http://a.example</guid>", "<guid>7 at https://a.example</guid>"),
        ("<link>http://a.example/1</link>", "<link>https://a.example/1</link>"),
        ("<link>https://a.example/1?a=b</link>", "<link>https://A.example/1?a=b&amp;utm_source=rss</link>"),
    ],
)
def test_an_address_that_is_written_otherwise_makes_no_new_entry(before: str, after: str) -> None:
    text = "<title>Un avis</title><description>Voir {}://a.example/1.</description>"
    first, then = rss(before + text.format("http")), rss(after + text.format("https"))

    assert dict(first.revision_hashes) == dict(then.revision_hashes)


def test_an_id_does_not_depend_on_the_address_of_the_feed() -> None:
    assert only(rss("<guid>12</guid><title>a</title>")).id == "12"
    assert only(atom("<id>12</id><title>a</title>")).id == "12"


def test_an_entry_without_id_and_link_is_known_by_its_title_and_date() -> None:
    day = "<pubDate>Tue, 17 Nov 2026 18:30:00 +0100</pubDate>"
    first, then, later, other = (
        only(rss(item)).id
        for item in (
            f"<title>Un avis</title>{day}",
            f"<title>Un avis</title><description>x</description>{day}",
            f"<title>Un avis</title>{day.replace('18:30', '18:35')}",
            "<title>Un avis</title>",
        )
    )

    assert first == then == later != other


def test_an_id_that_is_an_address_of_somebody_does_not_come_out() -> None:
    guids = ("odile.contact@valmarin.example", "mailto:odile.contact@valmarin.example", "tag:odile@valmarin.example,1")
    notices = rss(*(f"<guid>{guid}</guid>" for guid in guids)).notices

    assert len({notice.id for notice in notices}) == 3
    assert "valmarin" not in repr([notice.to_json() for notice in notices])
    assert {notice.title for notice in notices} == {"corvoy"}


def test_a_very_long_id_is_kept_short_and_apart() -> None:
    first, then = (only(rss(f"<guid>{'x' * 300}{end}</guid>")).id for end in "ab")

    assert first != then
    assert len(first) < 100


def test_a_date_that_is_bumped_is_no_revision() -> None:
    items = [f"<guid>1</guid><title>a</title><pubDate>{day} Nov 2026 08:00:00 GMT</pubDate>" for day in (16, 17)]
    first, then = (rss(item).revision_hashes for item in items)

    assert first == then


def test_entries_that_share_one_id_are_a_broken_feed() -> None:
    with pytest.raises(SourceError, match="share one id"):
        rss(*(f"<link>https://a.example/</link><title>{place}</title>" for place in range(5)))


def test_of_two_entries_with_one_id_the_first_is_the_newest() -> None:
    parsed = rss(*(f"<guid>1</guid><title>{title}</title>" for title in ("Corrigé", "Premier")))

    assert only(parsed).title == "Corrigé"
    assert parsed.revision_hashes == rss("<guid>1</guid><title>Corrigé</title>").revision_hashes


def test_an_entry_that_stands_there_twice_is_one() -> None:
    assert len(rss(*["<guid>1</guid><title>a</title>"] * 2).notices) == 1


PARIS = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("told", "published"),
    [
        ("Tue, 17 Nov 2026 18:30:00 GMT", datetime(2026, 11, 17, 18, 30, tzinfo=UTC)),
        ("17 nov 26 18:30 +0100", datetime(2026, 11, 17, 18, 30, tzinfo=PARIS)),
        ("Tue, 17 Nov 2026 13:30:00 EST", datetime(2026, 11, 17, 18, 30, tzinfo=UTC)),
        ("Tue, 17 Nov 2026", date(2026, 11, 17)),
        ("Tue, 17 Nov 2026 18:30:00", date(2026, 11, 17)),
        ("2026-11-17T18:30:00.5+01:00", datetime(2026, 11, 17, 18, 30, 0, 500_000, tzinfo=PARIS)),
        ("2026-11-17T18:30Z", datetime(2026, 11, 17, 18, 30, tzinfo=UTC)),
        ("2026-11-17", date(2026, 11, 17)),
        ("2026-11-17 23:30:00", date(2026, 11, 17)),
    ],
)
def test_a_date_is_read_as_the_standards_write_it(told: str, published: date) -> None:
    assert only(rss(f"<guid>1</guid><pubDate> {told}\n</pubDate>")).published == published
    assert only(atom(f"<id>1</id><updated>{told}</updated>")).published == published


@pytest.mark.parametrize(
    "told",
    [
        *("", "hier", "1", "2026", "2026-11", "20261117", "2026-W47-2", "11/17/2026", "17/11/2026 18:30", "1-1-1"),
        *("mar., 17 nov. 2026 18:30:00 +0100", "Tue, 17 November 2026 18:30:00 GMT", "Tue Nov 17 18:30:00 2026"),
        *("Thu, 31 Feb 2026 18:30:00 GMT", "2026-11-17T25:00:00Z", "Tue, 17 Nov 2026 18:30:00 +9999"),
        *("Thu, 01 Jan 1970 00:00:00 GMT", "9999-12-31T23:59:59-14:00", "Tue, 17 Nov 99999999 18:30:00 GMT"),
    ],
)
def test_a_date_that_would_be_a_guess_is_none(told: str) -> None:
    assert only(rss(f"<guid>1</guid><pubDate>{told}</pubDate>")).published is None


def test_the_first_date_that_can_be_read_is_taken() -> None:
    dublin = "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2026-11-17</dc:date>"

    assert only(rss(f"<guid>1</guid><pubDate>hier</pubDate>{dublin}")).published == date(2026, 11, 17)
    assert only(atom("<id>1</id><updated>2026-11-18</updated><published>2026-11-17</published>")).published == date(
        2026, 11, 17
    )
    assert only(rss("<guid>1</guid>")).published is None


def test_a_date_keeps_its_offset() -> None:
    published = only(rss("<guid>1</guid><pubDate>Tue, 17 Nov 2026 18:30:00 +0100</pubDate>")).published

    assert isinstance(published, datetime)
    assert published.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("javascript:alert(1)", None),
        ("https://a.example/x y", None),
        ("/actualites/1", "https://corvoy.example/actualites/1"),
    ],
)
def test_a_link_leads_into_the_web_or_is_none(link: str, url: str | None) -> None:
    assert only(rss(f"<guid isPermaLink='false'>1</guid><link>{link}</link>")).url == url


@pytest.mark.parametrize(
    ("read_as", "entry", "url"),
    [
        (rss, "<guid>12345</guid>", None),
        (rss, "<guid isPermaLink='false'>https://a.example/1</guid>", None),
        (rss, "<guid>https://a.example/1</guid>", "https://a.example/1"),
        (rss, "<guid>https://a.example/1</guid><link/>", "https://a.example/1"),
        (rss, "<guid>https://a.example/1</guid><link>https://a.example/2</link>", "https://a.example/2"),
        (rss, "<link>http://[bad</link><guid>1</guid>", None),
        (atom, "<id>12345</id>", None),
        (atom, "<id>https://a.example/1</id>", None),
        (atom, "<id>1</id><link rel='enclosure' href='https://a.example/a.mp3'/>", None),
        (
            atom,
            "<id>1</id><link rel='self' href='https://a.example/self'/><link href='https://a.example/1'/>",
            "https://a.example/1",
        ),
        (
            atom,
            "<id>1</id><link href='https://a.example/1'/><link rel='replies' href='https://a.example/replies'/>",
            "https://a.example/1",
        ),
        (atom, "<id>1</id><link xml:base='https://b.example/x/' href='1'/>", "https://b.example/x/1"),
    ],
)
def test_an_id_is_no_link_unless_it_is_a_permanent_one(
    read_as: Callable[..., Parsed], entry: str, url: str | None
) -> None:
    assert only(read_as(entry)).url == url


def test_of_other_vocabularies_only_what_is_the_entry_s_own_is_read() -> None:
    item = (
        "<media:title>Photo</media:title><itunes:summary>Podcast</itunes:summary><title>Un avis</title>"
        "<media:content url='https://a.example/1.jpg'>Photo</media:content><description>Trois lots</description>"
    )
    spaces = "xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    notice = only(parse(f"<rss {spaces}><channel><item>{item}</item></channel></rss>"))

    assert (notice.title, notice.text) == ("Un avis", "Trois lots")


def test_rss_1_0_has_its_items_beside_the_channel() -> None:
    feed = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/"><dc:language>fr</dc:language>'
        '</channel><item rdf:about="https://a.example/1"><title>Un avis</title><link>https://a.example/1?a=b</link>'
        "<dc:date>2026-11-17T18:30:00+01:00</dc:date></item></rdf:RDF>"
    )
    notice = only(parse(feed))

    assert (notice.id, notice.url, notice.language) == ("https://a.example/1", "https://a.example/1?a=b", "fr")
    assert notice.published == datetime(2026, 11, 17, 18, 30, tzinfo=PARIS)


def test_atom_0_3_is_read() -> None:
    feed = (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#" xml:lang="fr"><entry><id>1</id><title>Un avis</title>'
        '<issued>2026-11-17T18:30:00+01:00</issued><content type="text/html" mode="escaped">&lt;p&gt;Lots&lt;/p&gt;'
        '</content><content type="image/png" mode="base64">QUFB</content></entry></feed>'
    )
    notice = only(parse(feed))

    assert (notice.title, notice.text, notice.language) == ("Un avis", "Lots", "fr")
    assert notice.published == datetime(2026, 11, 17, 18, 30, tzinfo=PARIS)


def test_an_atom_text_is_read_as_its_type_says() -> None:
    xhtml = "<div xmlns='http://www.w3.org/1999/xhtml'><p>Un <b>avis</b> &lt;3</p><script>x()</script><p>Lots</p></div>"

    assert only(atom(f"<id>1</id><content type='xhtml'>{xhtml}</content>")).text == "Un avis <3\nLots"
    assert only(atom("<id>1</id><content>List&lt;String&gt;</content>")).text == "List<String>"
    assert only(atom("<id>1</id><content type='html'>&lt;i&gt;Lots&lt;/i&gt;</content>")).text == "Lots"


@pytest.mark.parametrize("title", ["Prix &lt;b ou &gt;", "List&lt;String&gt;", "A &amp; B"])
def test_a_title_without_closing_tags_and_entities_is_no_markup(title: str) -> None:
    assert only(rss(f"<guid>1</guid><title>{title}</title>")).title == unescape(title)


def test_a_reader_sees_no_markup() -> None:
    html = "<p>Un&nbsp;avis &amp; <b>trois</b> lots</p><script>if (a < b) alert()</script><!-- x --><ul><li>A<li>B</ul>"
    notice = only(rss(f"<guid>1</guid><title>Lots &amp;lt; 3</title><description><![CDATA[{html}]]></description>"))

    assert notice.text == "Un avis & trois lots\nA\nB"
    assert notice.title == "Lots < 3"


def test_an_entry_without_title_has_the_first_words_of_its_text() -> None:
    notice = only(rss(f"<guid>1</guid><description>{'mot ' * 90}</description>"))

    assert notice.title.startswith("mot mot")
    assert len(notice.title) <= 121


def test_who_wrote_an_entry_is_not_read() -> None:
    item = {"id": 7, "title": "Un avis", "authors": [{"name": "Odile Contact"}], "content_text": "mèl o@a.example"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    notice = only(parse(json.dumps(feed)))

    assert (notice.id, notice.people, notice.text) == ("7", (), "mèl […]")


def test_rss_is_read_under_any_prefix() -> None:
    feed = (
        '<r:rss xmlns:r="http://backend.userland.com/rss2" version="2.0"><r:channel><r:item><r:title>Un avis</r:title>'
        "</r:item></r:channel></r:rss>"
    )

    assert only(parse(feed)).title == "Un avis"


@pytest.mark.parametrize("charset", ["utf-16", "iso-8859-1", "windows-1252", "utf-8-sig"])
def test_a_feed_says_in_which_charset_it_is(charset: str) -> None:
    declared = charset.removesuffix("-sig")
    feed = (
        f'<?xml version="1.0" encoding="{declared}"?><rss><channel><item><title>Éolien</title></item></channel></rss>'
    )

    assert only(parse(feed.encode(charset))).title == "Éolien"


@pytest.mark.parametrize(
    ("reference", "character"),
    [(f"&#{'9' * 5_000};", "\ufffd"), (f"&#{'0' * 5_000}65;", "A"), (f"&#x{'f' * 5_000};", "\ufffd")],
)
def test_a_reference_to_no_character_ends_nothing(reference: str, character: str) -> None:
    item = {"id": 7, "title": "Un avis", "content_html": f"<p>Lots {reference}</p>"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    told = only(rss(f"<guid>1</guid><description><![CDATA[<p>Lots {reference}</p>]]></description>"))

    assert only(parse(json.dumps(feed))).text == told.text == f"Lots {character}"


def test_an_entry_of_json_that_is_nested_too_deeply_is_refused() -> None:
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "_more": "deep"}]})
    refused = 0
    for depth in range(850, 1000):
        try:
            parse(feed.replace('"deep"', "[" * depth + "]" * depth))
        except SourceError:
            refused += 1

    assert refused


def test_of_a_very_long_text_the_beginning_is_read() -> None:
    parsed = rss(f"<guid>1</guid><description>{'Lot &lt;b&gt;' * 40_000}</description>")

    assert 50_000 < len(only(parsed).text) < 100_000
    assert "<" not in only(parsed).text
    assert [(loss.notice, loss.field) for loss in parsed.losses] == [("1", "description")]


HOSTILE = {
    "a prolog of newlines": '<?xml version="1.0"?>{newlines}<rss><channel><item><guid>1</guid></item></channel></rss>',
    "an author": "<rss><channel><item><guid>1</guid><author>{letters}</author></item></channel></rss>",
    "a date": "<rss><channel><item><guid>1</guid><pubDate>{digits}</pubDate></item></channel></rss>",
    "unclosed tags": "<rss><channel><item><guid>1</guid><title>{tags}</title></item></channel></rss>",
    "unclosed scripts": "<rss><channel><item><guid>1</guid><description>{scripts}</description></item></channel></rss>",
    "a guid": "<rss><channel><item><guid>{blanks}</guid></item></channel></rss>",
}


@pytest.mark.parametrize("feed", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_feed_takes_no_longer_than_its_length(feed: str) -> None:
    size = 600_000
    filled = feed.format(
        newlines="\n" * size,
        letters="a" * size,
        digits="1" * size,
        tags="&lt;a " * (size // 6),
        scripts="&lt;script>" * (size // 11),
        blanks="a " * (size // 2),
    )

    # With a time that grows with the square of the length this would take an hour.
    assert only(parse(filled)).id
