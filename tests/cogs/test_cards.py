from __future__ import annotations

from bot.cards import Accent, Card, CardKind, Field, Span, Style, render
from cogs._cards import to_embed


def test_an_embed_carries_all_that_was_rendered() -> None:
    card = Card(
        kind=CardKind.ANNOUNCEMENT,
        title="Title *1*",
        url="https://v.example/x",
        accent=Accent.AWARD,
        body=((Span("Buyer: ", Style.STRONG), Span("Corvoy")),),
        fields=(Field("Item", ((Span("words", Style.MARK),),), inline=True),),
        footer="ref. A7K3-92QF",
    )
    sent = to_embed(render(card)).to_dict()
    assert sent == {
        "type": "rich",
        "flags": 0,
        "title": "Title \\*1\\*",
        "url": "https://v.example/x",
        "description": "**Buyer:** Corvoy",
        "color": 0x2C9660,
        "fields": [{"name": "Item", "value": "**words**", "inline": True}],
        "footer": {"text": "ref. A7K3-92QF"},
    }


def test_what_a_card_lacks_is_left_out_of_the_embed() -> None:
    embed = to_embed(render(Card(kind=CardKind.OPERATIONS, title="Title")))
    assert set(embed.to_dict()) == {"type", "flags", "title", "color"}
