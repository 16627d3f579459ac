"""Forms: shown, sent, refused with what was typed, and opened again; a restart in between changes nothing.

What a form is about stands in its draft (`bot.storage.log.drafts`); Discord only carries the draft's id. discord.py
forgets its forms when it stops, so none is left to it: `receive` takes every form that is sent.
"""

from __future__ import annotations

from bot.storage.log.drafts import Draft
from cogs._forms.form import (
    NO,
    YES,
    ChoiceSpec,
    Form,
    Input,
    Option,
    TextInputSpec,
    registered,
    yes_or_no,
)
from cogs._forms.opening import Reopen, open_form
from cogs._forms.receiving import receive
from cogs._forms.refusal import refuse_with_draft

__all__ = [
    "NO",
    "YES",
    "ChoiceSpec",
    "Draft",
    "Form",
    "Input",
    "Option",
    "Reopen",
    "TextInputSpec",
    "open_form",
    "receive",
    "refuse_with_draft",
    "registered",
    "yes_or_no",
]
