"""The form as HTML: fields in groups, what was filled in, hints and errors beside each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import htpy as h

from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter, Meter
from adlrisk.page.form.checking import Message
from adlrisk.page.form.fields import GROUPS, KEY, Field, Group
from adlrisk.venues.catalogue import Catalogue

FORM_ADDRESS: Final = "/page"
ERRORS_ID: Final = "errors"
OUTCOME_ID: Final = "outcome"  # where a form that was sent leads to: its errors, if there are any, else its result
LABELS: Final = {KEY: "API key"} | {field.name: field.label for group in GROUPS for field in group.fields}

_REQUIRED: Final = frozenset({"side", "size", "entry_price", "mark_price"})
_FLAGS: Final = (("", "not known"), ("true", "yes"), ("false", "no"))
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"


def render_groups(
    values: Mapping[str, str], messages: tuple[Message, ...], *, venues: Catalogue
) -> Iterator[h.Element]:
    """The groups of the form, filled in with ``values``."""
    wrong = {message.field: message.detail for message in messages}
    for group in GROUPS:
        yield _render_group(group, values, wrong, venues=venues)


def render_form(groups: h.Node, messages: tuple[Message, ...], *, needs_key: bool) -> h.Element:
    """The form. With ``needs_key`` it is sent in a body, with a key that no URL may hold."""
    wrong = {message.field: message.detail for message in messages}
    sent: dict[str, str] = {"method": "post", "enctype": "multipart/form-data"} if needs_key else {"method": "get"}
    return h.form(
        "#form", action=f"{FORM_ADDRESS}#{OUTCOME_ID}", novalidate=True, autocomplete="off", spellcheck="false", **sent
    )[
        render_key(wrong.get(KEY)) if needs_key else None,
        groups,
        h.p(".send")[
            h.button(type="submit")["Show the risk"],
            " ",
            h.a(href=FORM_ADDRESS)["Clear"],
        ],
    ]


def render_error_summary(messages: tuple[Message, ...], *, labels: Mapping[str, str] = LABELS) -> h.Node:
    """All errors at the top, each with a link to its field."""
    if not messages:
        return None
    return h.div(f"#{OUTCOME_ID}", tabindex="-1")[
        h.div(f"#{ERRORS_ID}.errors", role="alert", tabindex="-1", aria_labelledby="errors-title")[
            h.h2("#errors-title")["There is a problem"],
            h.ul[
                (
                    h.li[
                        h.a(href=f"#{message.field}")[f"{labels[message.field]}: {show_text(message.detail)}"]
                        if message.field
                        else show_text(message.detail)
                    ]
                    for message in messages
                )
            ],
        ]
    ]


def mark_outcome(messages: tuple[Message, ...]) -> h.Node:
    """The beginning of a result, unless errors are what a form leads to."""
    return None if messages else h.span(f"#{OUTCOME_ID}", tabindex="-1")


def describe_meter(meter: Meter | None, *, name: str) -> str:
    """How a venue's reading is named and scaled, in a sentence."""
    if meter is None:
        return f"{name} publishes none: leave it empty."
    if isinstance(meter, LevelMeter):
        levels = ", ".join(str(level) for level in meter.levels)
        return f"{meter.field} at {name}: {levels}, from reduced first to last."
    return f"{meter.field} at {name}: a fraction from 0 to 1, where 1 is reduced first."


def render_field(
    field: Field,
    value: str,
    *,
    error: str | None = None,
    hint: str = "",
    choices: Sequence[tuple[str, str]] = (),
    is_required: bool = False,
) -> h.Element:
    """A field with its label, what is wrong with it, and its hint; ``choices`` are values and labels."""
    described = " ".join(_describe(field.name, hint=hint, error=error))
    common: dict[str, str | bool | None] = {
        "id": field.name,
        "name": field.name,
        "aria-describedby": described or None,
        "aria-invalid": "true" if error else None,
        "required": is_required,
    }
    return h.div(class_=["field", {"wrong": error is not None}], data_field=field.name)[
        h.label(for_=field.name)[field.label],
        h.p(".error", id=f"{field.name}-error")[h.span(".hidden")["Error: "], show_text(error)] if error else None,
        _render_choices(value, choices, common)
        if field.kind in ("choice", "flag")
        else _render_input(field, value, common),
        h.p(".hint", id=f"{field.name}-hint")[hint] if hint else None,
    ]


def show_text(text: str) -> str:
    """A text of the client's without what HTML cannot hold, escaped or not."""
    return text.replace("\0", _REPLACEMENT)


def _render_group(group: Group, values: Mapping[str, str], wrong: Mapping[str, str], *, venues: Catalogue) -> h.Element:
    fields = [
        render_field(
            field,
            values.get(field.name, ""),
            error=wrong.get(field.name),
            hint=_hint_of(field, values, venues),
            choices=list(_choices_of(field, values, venues)),
            is_required=field.name in _REQUIRED,
        )
        for field in group.fields
    ]
    note = h.p(".note")[group.note] if group.note else None
    if not group.is_folded:
        return h.fieldset[h.legend[group.title], note, h.div(".fields")[fields]]
    used = sum(field.name in values for field in group.fields)
    is_wrong = any(field.name in wrong for field in group.fields)
    return h.details(".group", open=is_wrong)[
        h.summary[group.title, f" ({used} filled in)" if used else None],
        h.fieldset[h.legend(".hidden")[group.title], note, h.div(".fields")[fields]],
    ]


def _render_input(field: Field, value: str, common: Mapping[str, str | bool | None]) -> h.VoidElement:
    mode = "decimal" if field.kind == "number" else None
    return h.input(common, type="text", inputmode=mode, value=show_text(value))


def _render_choices(
    value: str, choices: Sequence[tuple[str, str]], common: Mapping[str, str | bool | None]
) -> h.Element:
    known = list(choices)
    if value not in [each for each, _ in known]:
        known.append((value, show_text(value)))  # a wrong value is shown as it was sent
    return h.select(common)[(h.option(value=show_text(each), selected=each == value)[label] for each, label in known)]


def _choices_of(field: Field, values: Mapping[str, str], venues: Catalogue) -> Iterator[tuple[str, str]]:
    if field.name == "venue":
        named = sorted((venue.rules.name, id_) for id_, venue in venues.items() if id_ != "generic")
        yield ("generic" if values.get("venue") == "generic" else "", "another venue (generic)")
        yield from ((id_, name) for name, id_ in named)
        return
    if field.name in _REQUIRED:
        yield ("", "choose")
    yield from _FLAGS if field.kind == "flag" else field.choices


def _hint_of(field: Field, values: Mapping[str, str], venues: Catalogue) -> str:
    if field.name not in ("adl_meter", "contract"):
        return field.hint
    venue = values.get("venue", "generic")
    if venue not in venues:
        return field.hint
    rules = venues[venue].rules
    if field.name == "adl_meter":
        return describe_meter(rules.meter, name=rules.name)
    return field.hint if venue == "generic" else f"{field.hint} {_describe_contracts(rules)}"


def _describe_contracts(rules: VenueRules) -> str:
    if len(rules.contracts) == 1:
        return f"{rules.name} has {rules.contracts[0]} ones only."
    return f"{rules.name} may have both: choose inverse where the contract settles in its coin."


def _describe(name: str, *, hint: str, error: str | None) -> Iterator[str]:
    if error:
        yield f"{name}-error"
    if hint:
        yield f"{name}-hint"


def render_key(error: str | None) -> h.Element:
    """The field of the API key, which is never filled in."""
    return h.fieldset[
        h.legend["API key"],
        h.div(class_=["field", {"wrong": error is not None}], data_field=KEY)[
            h.label(for_=KEY)["API key"],
            h.p(".error", id=f"{KEY}-error")[h.span(".hidden")["Error: "], show_text(error)] if error else None,
            h.input(
                id=KEY,
                name=KEY,
                type="password",
                autocomplete="off",
                aria_describedby=f"{KEY}-error {KEY}-hint" if error else f"{KEY}-hint",
                aria_invalid="true" if error else None,
            ),
            h.p(".hint", id=f"{KEY}-hint")[
                "This service asks for one. It is sent with the form, never part of an address, and not shown again."
            ],
        ],
    ]
