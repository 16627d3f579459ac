"""The conditions of lists of tips and facts, and who may see a tip, as SQL with its values."""

from __future__ import annotations

from typing import Final

from bot.access import Viewer
from bot.models import FactFilter, ThingKind, TipFilter
from bot.storage._values import to_text

FACTS: Final = """
    (?1 IS NULL OR fact.status = ?1)
    AND (?2 IS NULL OR EXISTS (SELECT 1 FROM fact_item WHERE fact_item.fact_id = fact.id AND fact_item.item_id = ?2))
    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM dossier_fact WHERE dossier_fact.fact_id = fact.id
        AND dossier_fact.dossier_id = ?3))
    AND (?4 IS NULL OR fact.logged_at >= ?4) AND (?5 IS NULL OR fact.logged_at < ?5)
"""
"""Which facts of a stretch of ids are asked for; its values are those of `asked`, the first of the query."""

TIPS: Final = """
    (?1 IS NULL OR tip.status = ?1)
    AND (?2 IS NULL OR EXISTS (SELECT 1 FROM tip_item WHERE tip_item.tip_id = tip.id AND tip_item.item_id = ?2))
    AND (?3 IS NULL OR EXISTS (SELECT 1 FROM dossier_tip WHERE dossier_tip.tip_id = tip.id
        AND dossier_tip.dossier_id = ?3))
    AND (?4 IS NULL OR tip.logged_at >= ?4) AND (?5 IS NULL OR tip.logged_at < ?5)
"""
"""Which tips of a stretch of ids are asked for; its values are those of `asked`, the first of the query."""

_STANDING: Final = """
    (?1 IS NULL OR {thing}.status = ?1)
    AND (?4 IS NULL OR {thing}.logged_at >= ?4) AND (?5 IS NULL OR {thing}.logged_at < ?5)
"""

KNOWN: Final = "((NOT tip.is_sensitive AND tip.embargo_until IS NULL) OR ? OR ? IN (tip.logged_by, tip.owner))"
"""Whether somebody may know of a tip, or might have before it was erased; its values are those of `eyes`."""

SEEN: Final = f"(tip.erased_at IS NULL AND {KNOWN})"
"""Whether somebody may know of a tip (`bot.access.sees`); its values are those of `eyes`."""

SEEN_FACT: Final = "(fact.embargo_until IS NULL OR ? OR ? = fact.logged_by)"
"""Whether somebody may know of a fact (`bot.access.sees`); its values are those of `eyes`."""

CONCEALED: Final = f"""
    (tip_change.kind = 'promoted' AND NOT EXISTS (SELECT 1 FROM fact
        WHERE fact.guild_id = tip_change.guild_id AND fact.id = CAST(tip_change.text AS INTEGER) AND {SEEN_FACT}))
"""
"""Whether a change of a tip made it a fact that somebody may not know of; its values are those of `eyes`."""


def gathered(kind: ThingKind, wanted: FactFilter | TipFilter) -> str:
    """Return FACTS or TIPS for a query over all of a newsroom's, which starts from what an item or a dossier gathers.

    Its values are those of `asked` and, as the sixth, the guild id.
    """
    conditions = [_STANDING.format(thing=kind)]
    if wanted.item_id is not None:
        conditions.append(f"{kind}.id IN (SELECT {kind}_id FROM {kind}_item WHERE guild_id = ?6 AND item_id = ?2)")
    if wanted.dossier_id is not None:
        linked = f"SELECT {kind}_id FROM dossier_{kind} WHERE guild_id = ?6 AND dossier_id = ?3"
        conditions.append(f"{kind}.id IN ({linked})")
    return " AND ".join(conditions)


def asked(wanted: FactFilter | TipFilter) -> tuple[object, ...]:
    """Return the five values of FACTS or TIPS."""
    return (wanted.status, wanted.item_id, wanted.dossier_id, to_text(wanted.since), to_text(wanted.until))


def eyes(viewer: Viewer) -> tuple[object, ...]:
    """Return the two values of SEEN, of SEEN_FACT, and of what is made of them."""
    return (viewer.sees_all, viewer.user_id)
