"""Names for the enums and unions in the schemas: one component each, and enums of answers that may grow.

Generators make a type of each enum and union. Of one that has no name they make a type for each place where it is used,
and some forget to write it.
"""

from collections.abc import Container
from functools import partial
from typing import Any, Final, get_args

from adlrisk.api.endpoints.docs.walk import Schema, change_schema, refer_to, referred
from adlrisk.api.endpoints.shared.fields import Layout
from adlrisk.domain.deleverage.policies import FillPriceName, FillPriceRule, Policy
from adlrisk.domain.planning.option import OptionName, OrderSide
from adlrisk.domain.planning.target import TargetBand
from adlrisk.domain.position.market import AdlRating
from adlrisk.domain.position.position import Contract, MaintenanceBasis, MarginMode, Side
from adlrisk.domain.rules.card import ExecutionPrice, Mechanism
from adlrisk.domain.rules.chosen_formula import FormulaSource
from adlrisk.domain.rules.classification import ClassifiedKind
from adlrisk.domain.rules.fills import FillKind, FillSide
from adlrisk.domain.rules.formulas import Confidence, FormulaName
from adlrisk.domain.rules.meter import Weighting
from adlrisk.domain.scoring.advice.action import ActionName, Unit, Urgency
from adlrisk.domain.scoring.alerts import AlertName
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.signals import Criterion, SignalName, SignalSource
from adlrisk.domain.scoring.standing import Place
from adlrisk.domain.stress.steps import Outcome
from adlrisk.venues.catalogue import CardSource
from adlrisk.venues.market_records import LookupStatus
from adlrisk.venues.store import Reason, StoreKind

# The Literals that have a name. Any other enum is named after the place where it is, as in `ReadinessStatus`.
_LITERALS: Final[dict[str, Any]] = {
    "ActionName": ActionName,
    "AdlRating": AdlRating,
    "AlertName": AlertName,
    "AmountUnit": Unit,
    "Band": Band,
    "CardSource": CardSource,
    "ClassifiedKind": ClassifiedKind,
    "Confidence": Confidence,
    "Contract": Contract,
    "Criterion": Criterion,
    "Danger": Danger,
    "ExecutionPrice": ExecutionPrice,
    "FillKind": FillKind,
    "FillPriceName": FillPriceName,
    "FillPriceRule": FillPriceRule,
    "FillSide": FillSide,
    "FormulaName": FormulaName,
    "FormulaSource": FormulaSource,
    "Layout": Layout,
    "LookupStatus": LookupStatus,
    "MaintenanceBasis": MaintenanceBasis,
    "MarginMode": MarginMode,
    "Mechanism": Mechanism,
    "Outcome": Outcome,
    "OptionName": OptionName,
    "OrderSide": OrderSide,
    "Place": Place,
    "Policy": Policy,
    "Side": Side,
    "SignalName": SignalName,
    "SignalSource": SignalSource,
    "StoreKind": StoreKind,
    "StoreReason": Reason,
    "TargetBand": TargetBand,
    "Urgency": Urgency,
    "Weighting": Weighting,
}
_NAMES: Final = {frozenset(get_args(literal)): name for name, literal in _LITERALS.items()}


def name_parts(schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Return the schemas with each enum, and each union that has a tag, as a component that the others refer to."""
    tags = _find_tags(schemas)
    parts: dict[str, Schema] = {}
    named: dict[str, Schema] = {}
    for name, schema in schemas.items():
        properties: dict[str, Schema] = {}
        for field, part in schema.get("properties", {}).items():
            extract = partial(_extract_part, place=_name_place(name, field), parts=parts)
            properties[field] = part if field in tags.get(name, ()) else change_schema(part, extract)
        named[name] = {**schema, "properties": properties} if properties else schema
    return {**named, **parts}


def open_enums(schema: Schema, *, names: Container[str]) -> Schema:
    """Return the schema of an answer, in which each enum of ``names`` may be any other text, too.

    So a client that was generated earlier understands the answers of a later version.
    """
    return change_schema(schema, lambda part: _flatten(_open_enum(part, names)))


def _extract_part(schema: Schema, *, place: str, parts: dict[str, Schema]) -> Schema:
    """Return a reference in place of an enum or a union, which is added to ``parts``."""
    if "enum" in schema:
        name = _NAMES.get(frozenset(schema["enum"]), place)
        parts[name] = {"title": name, "type": schema["type"], "enum": schema["enum"]}
        return {key: part for key, part in schema.items() if key not in parts[name]} | refer_to(name)
    if "discriminator" in schema:
        parts[place] = {"title": place, "oneOf": schema["anyOf"], "discriminator": schema["discriminator"]}
        return refer_to(place)
    return schema


def _open_enum(schema: Schema, names: Container[str]) -> Schema:
    name = referred(schema)
    if name is None or name not in names:
        return schema
    return {key: part for key, part in schema.items() if key != "$ref"} | {
        "anyOf": [refer_to(name), {"type": "string"}]
    }


def _flatten(schema: Schema) -> Schema:
    """Return a choice without choices in it."""
    if "anyOf" not in schema:
        return schema
    members = [
        inner for member in schema["anyOf"] for inner in (member["anyOf"] if member.keys() == {"anyOf"} else [member])
    ]
    return {**schema, "anyOf": members}


def _find_tags(schemas: dict[str, Schema]) -> dict[str, set[str]]:
    """Return the fields by which members of a union are told apart, by the member's name."""
    tags: dict[str, set[str]] = {}

    def note(schema: Schema) -> Schema:
        for member in schema["anyOf"] if "discriminator" in schema else ():
            tags.setdefault(str(referred(member)), set()).add(schema["discriminator"]["propertyName"])
        return schema

    for schema in schemas.values():
        change_schema(schema, note)
    return tags


def _name_place(component: str, field: str) -> str:
    return component + "".join(word.capitalize() for word in field.split("_"))
