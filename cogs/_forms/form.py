"""What a form is: its title, its fields, what it does when it is sent; and how Discord is given it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Final

import discord
from discord import ui

from bot.access import Action
from bot.locales import Texts
from bot.markup import cut, plain
from bot.storage.log.drafts import Draft
from cogs._caller import Visit

TITLE_UNITS = 45
LABEL_UNITS = 45
DESCRIPTION_UNITS = 100
PLACEHOLDER_UNITS = 100
OPTION_UNITS = 100
TEXT_UNITS = 4_000

YES: Final = "yes"
NO: Final = "no"

_NAME = re.compile(r"[a-z0-9-]{1,60}")
_CUSTOM_ID = re.compile(rf"form:({_NAME.pattern}):(\d{{1,18}})")
_LINE_ENDS = re.compile(r"\s*[\r\n]\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextInputSpec:
    """Describe a field to type into; lengths are counted in UTF-16 units, `max_length` is 4,000 at most."""

    key: str
    label: str
    description: str | None = None
    required: bool = True
    is_long: bool = False
    max_length: int = TEXT_UNITS
    placeholder: str | None = None

    @property
    def most(self) -> int:
        """Return how many units Discord lets a person type."""
        return min(self.max_length, TEXT_UNITS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Describe what can be chosen in a field."""

    value: str
    label: str
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSpec:
    """Describe a field to choose in: 1 to 25 options; its value is that of the option, empty where none is chosen."""

    key: str
    label: str
    options: Sequence[Option]
    description: str | None = None
    required: bool = True


Input = TextInputSpec | ChoiceSpec


class Form(ABC):
    """Be a form that Vigie shows; a subclass with a `name` is found by it again when the form is sent.

    `title` and `inputs` read nothing but the context, and get texts for what shows no markdown. `example` is a context
    as it may be: the lengths of the form's texts are tested with it.
    """

    name: ClassVar[str]
    action: ClassVar[Action]
    example: ClassVar[Mapping[str, Any]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" not in cls.__dict__:
            return
        if not _NAME.fullmatch(cls.name):
            raise ValueError(f"{cls.name!r} cannot name a form")
        known = _FORMS.get(cls.name)
        # discord.py runs a module of commands anew for each client: the same class comes again.
        if known is not None and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise ValueError(f"two forms are named {cls.name!r}")
        _FORMS[cls.name] = cls

    @abstractmethod
    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:
        """Return the title, at most 45 units."""

    @abstractmethod
    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:
        """Return 1 to 5 fields."""

    @abstractmethod
    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Store what was sent, consuming the draft in the same transaction, and answer.

        `values` has every key of the inputs. Raises UserError to refuse: the person then gets back what they typed.
        """


_FORMS: dict[str, type[Form]] = {}


def registered() -> Mapping[str, type[Form]]:
    """Return every form by its name."""
    return MappingProxyType(_FORMS)


def yes_or_no(texts: Texts) -> tuple[Option, Option]:
    """Return the options YES and NO of a `ChoiceSpec`."""
    return Option(value=YES, label=texts("form-yes")), Option(value=NO, label=texts("form-no"))


def named_in(custom_id: str) -> tuple[str, int] | None:
    """Return the name of the form and the id of the draft that a custom_id of ours carries, None for another's."""
    found = _CUSTOM_ID.fullmatch(custom_id)
    return (found[1], int(found[2])) if found else None


def modal_of(form: Form, texts: Texts, draft: Draft) -> ui.Modal:
    """Return a form filled in from its draft as discord.py sends it, and then forgets it.

    A text that is longer than Discord allows is cut, what the draft holds for a field too.
    """
    plain_texts = texts.through(plain)
    modal = ui.Modal(
        title=plain(form.title(plain_texts, draft.context), TITLE_UNITS), custom_id=f"form:{draft.form}:{draft.id}"
    )
    for spec in form.inputs(plain_texts, draft.context):
        value = draft.values.get(spec.key, "")
        modal.add_item(
            ui.Label(
                text=plain(spec.label, LABEL_UNITS),
                description=plain(spec.description, DESCRIPTION_UNITS) if spec.description else None,
                component=_text_input(spec, value) if isinstance(spec, TextInputSpec) else _select(spec, value),
            )
        )
    modal.stop()  # discord.py keeps a form that is not stopped, and would answer it beside `receive`
    return modal


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold what came back in a field of a form: a text that was typed, or the option that was chosen."""

    key: str
    value: str
    is_typed: bool


def sent_fields(components: Any) -> Iterator[Sent]:
    """Yield each field of a form that was sent, in whatever it is wrapped; a choice is empty where none was made."""
    for component in components if isinstance(components, list) else []:
        if not isinstance(component, dict):
            continue
        yield from sent_fields(component.get("components"))
        yield from sent_fields([component.get("component")])
        key, value, values = (component.get(name) for name in ("custom_id", "value", "values"))
        if isinstance(key, str) and isinstance(values, list):
            yield Sent(key, str(values[0]) if values else "", is_typed=False)
        elif isinstance(key, str) and isinstance(value, str):
            yield Sent(key, value, is_typed=True)


def _text_input(spec: TextInputSpec, value: str) -> ui.TextInput[ui.Modal]:
    return ui.TextInput(
        custom_id=spec.key,
        style=discord.TextStyle.paragraph if spec.is_long else discord.TextStyle.short,
        required=spec.required,
        max_length=spec.most,
        placeholder=plain(spec.placeholder, PLACEHOLDER_UNITS) if spec.placeholder else None,
        default=cut(value if spec.is_long else _LINE_ENDS.sub(" ", value), spec.most) or None,
    )


def _select(spec: ChoiceSpec, value: str) -> ui.Select[ui.Modal]:
    return ui.Select(
        custom_id=spec.key,
        required=spec.required,
        min_values=1 if spec.required else 0,
        options=[
            discord.SelectOption(
                label=plain(option.label, OPTION_UNITS),
                value=option.value,
                description=plain(option.description, OPTION_UNITS) if option.description else None,
                default=option.value == value,
            )
            for option in spec.options
        ],
    )
