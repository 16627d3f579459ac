"""XML as publishers send it, XML 1.1 and hostile documents included."""

from __future__ import annotations

import tracemalloc

import pytest

from bot.errors import SourceError, SourceFault
from bot.sources._reading import xml

LAUGHS = b'<!DOCTYPE a [<!ENTITY b "%s">%s]><a>&z;</a>' % (
    b"ha" * 10,
    b"".join(b'<!ENTITY %c "&%c;&%c;">' % (c + 1, c, c) for c in b"bcdefghijklmnopqrstuvwxy"),
)


@pytest.mark.parametrize(
    ("reference", "left"),
    [
        (b"&#x2;", " "),
        (b"&#x02;", " "),
        (b"&#2;", " "),
        (b"&#11;", " "),
        (b"&#xb;", " "),
        (b"&#31;", " "),
        (b"&#x1F;", " "),
        (b"&#0;", " "),
        (b"&#xD800;", " "),
        (b"&#xFFFF;", " "),
        (b"&#99999999999;", " "),
        (b"\x02", " "),
        (b"&#9;", "\t"),
        (b"&#10;", "\n"),
        (b"&#xe9;", "é"),
        (b"&#233;", "é"),
        (b"&#x1F600;", "😀"),
        (b"&amp;#x2;", "&#x2;"),
    ],
)
def test_what_xml_1_0_has_no_place_for_becomes_a_blank_and_nothing_else(reference: bytes, left: str) -> None:
    assert xml.parse(xml.as_xml_1_0(b"<a>x" + reference + b"y</a>")).text == f"x{left}y"


@pytest.mark.parametrize("header", [b"<?xml version='1.1' encoding='UTF-8'?>", b'\xef\xbb\xbf<?xml version="1.1"?>'])
def test_the_header_of_xml_1_1_is_that_of_1_0(header: bytes) -> None:
    readable = xml.as_xml_1_0(header + b"<a>version='1.1'</a>")

    assert b"1.0" in readable.partition(b"?>")[0]
    assert xml.parse(readable).text == "version='1.1'"


@pytest.mark.parametrize(
    "document",
    [
        LAUGHS,
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://ailleurs.example/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<?xml version="1.0" encoding="UTF-16"?>'.decode().encode("utf-16") + "<!DOCTYPE a><a/>".encode("utf-16-le"),
    ],
    ids=["laughs", "doctype", "external", "file", "utf-16"],
)
def test_a_document_type_is_refused(document: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        xml.parse(document)

    assert caught.value.fault is SourceFault.DOCTYPE


@pytest.mark.parametrize(
    "document", [b"<a>" * 5_000 + b"x" * 9_000_000, b"<r>" + b"<a/>" * 300_000 + b"</r>"], ids=["deep", "many"]
)
def test_a_document_beyond_its_bounds_is_refused_before_it_is_in_memory(document: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(SourceError) as caught:
            xml.parse(document, max_elements=10_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert caught.value.fault is SourceFault.XML_TOO_LARGE
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (b" ", SourceFault.EMPTY),
        (b"<!DOCTYPE html><p>maintenance", SourceFault.HTML_PAGE),
        (b"\xef\xbb\xbf<HTML><body>", SourceFault.HTML_PAGE),
        (b"<a><b></a>", SourceFault.BAD_XML),
        (b"<a>\xe9</a>", SourceFault.BAD_XML),
        (b"<a>&eacute;</a>", SourceFault.BAD_XML),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', SourceFault.BAD_XML),
        (b"<a", SourceFault.BAD_XML),
        (b"{}", SourceFault.BAD_XML),
    ],
)
def test_what_is_no_xml_is_refused_in_plain_words(document: bytes, fault: SourceFault) -> None:
    with pytest.raises(SourceError) as caught:
        xml.parse(document)

    assert caught.value.fault is fault


@pytest.mark.parametrize(
    "part", [b'<!DOCTYPE a [<!ENTITY b "c">]>', b"<b>&c;</b>", b"</a><a>", b"<b>", b"<b></c>", b"<b>\xe9</b>"]
)
def test_a_part_of_a_document_declares_nothing_and_closes_what_it_opens(part: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        xml.parse_inside(b"<a>", part, b"</a>")

    assert caught.value.fault is SourceFault.BAD_XML


def test_a_part_of_a_document_is_bounded_in_elements_and_in_depth() -> None:
    with pytest.raises(SourceError, match="elements"):
        xml.parse_inside(b"<a>", b"<b/>" * 1_000, b"</a>", max_elements=400)
    deep = xml.parse_inside(b"<a>", b"<b>" * 5_000 + b"</b>" * 5_000, b"</a>")
    with pytest.raises(SourceError, match="deeply"):
        xml.record(deep)


def test_a_namespace_that_every_element_would_repeat_is_refused() -> None:
    with pytest.raises(SourceError, match="namespace of more than") as caught:
        xml.parse(b'<a:b xmlns:a="%s">%s</a:b>' % (b"u" * 50_000, b"<a:c/>" * 40_000))

    assert caught.value.fault is SourceFault.XML_TOO_LARGE


@pytest.mark.parametrize(
    "start", [b"<a ", b"<a b='>", b"<a><!-- ", b"<a><?b "], ids=["attributes", "a value", "a comment", "an instruction"]
)
def test_a_tag_that_does_not_end_is_left_at_its_bound(start: bytes) -> None:
    with pytest.raises(SourceError, match="a tag of more than") as caught:
        xml.parse(start + b"".join(b'c%d="1" ' % place for place in range(60_000)))

    assert caught.value.fault is SourceFault.XML_TOO_LARGE


def test_a_long_text_is_no_long_tag() -> None:
    root = xml.parse(b"<a>%s<![CDATA[%s]]></a>" % (b"b " * 300_000, b"<" * 600_000))

    assert len(root.text or "") == 1_200_000


def test_nothing_is_opened_before_a_part_but_an_element() -> None:
    with pytest.raises(SourceError):
        xml.parse_inside(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>", b"&b;", b"</a>")


def test_an_element_is_a_record_without_its_namespaces() -> None:
    root = xml.parse(
        b'<o:a xmlns:o="u:o" o:k="1"><b>x</b><b/><c>  </c><d l="fr">y</d><e xmlns="u:e"><f>z</f></e></o:a>'
    )

    assert xml.record(root) == {
        "@k": "1",
        "b": ["x", None],
        "c": None,
        "d": {"@l": "fr", "#text": "y"},
        "e": {"f": "z"},
    }
