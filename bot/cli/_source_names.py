"""What is told of a name that is none of a source: the likely one, the members of its family, or all there are."""

from __future__ import annotations

from collections.abc import Collection

from bot.errors import UserError


def no_source(name: str, known: Collection[str]) -> UserError:
    """Return what to tell of a name that none of the `known` sources has; a member's is `family:member`."""
    from bot.config.faults import nearest  # noqa: PLC0415  # help needs none of it
    from bot.sources import sources  # noqa: PLC0415

    names = ", ".join(sorted(known))
    if not name.strip():
        return UserError("cli-no-source-named", known=names)
    for family in sources().values():
        if family.table is not None and name.casefold() in {family.name, family.table}:
            members = sorted(one for one in known if one.startswith(f"{family.name}:"))
            if members:
                return UserError("cli-family-members", name=name, known=", ".join(members))
            return UserError("cli-family-empty", name=name, table=family.table)
    likely = nearest(name, {**{one.partition(":")[2] or one: one for one in known}, **{one: one for one in known}})
    if likely is not None:
        return UserError("cli-likely-source", name=name, likely=likely)
    return UserError("cli-unknown-source", name=name, known=names)
