"""Overrides: operators' changes to a rule card, stored as JSON merge patches (RFC 7396)."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.domain.position.bounds import Positive, Rate
from adlrisk.domain.position.position import Contract
from adlrisk.domain.rules.card import ExecutionPrice, VenueRules
from adlrisk.domain.rules.leverage_mix import LeverageMix
from adlrisk.domain.rules.signal_thresholds import MAX_EVENTS, EventText, EventTime, MinuteOfWeek
from adlrisk.venues.tolerance import drop_unknown_fields

Override = Mapping[str, Any]  # a merge patch of the bundled or local card; null removes a field

FORMAT: Final = 1


class ThinSessionPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """A weekly session with thin order books, UTC; the end is excluded."""

    start: Annotated[MinuteOfWeek, Meta(description="First minute, such as `Sat 20:00`.")]
    to: Annotated[MinuteOfWeek, Meta(description="First minute after it.")]


class EventPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """A window of time in which the market is under stress, such as major news; the end is excluded."""

    start: Annotated[EventTime, Meta(description="First moment, RFC 3339 with UTC offset.")]
    to: Annotated[EventTime, Meta(description="First moment after it.")]
    what: Annotated[EventText, Meta(description="What happens, as the reason names it; up to 100 characters.")]


class ThresholdsPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Thresholds to change; null restores the general default."""

    leverage: Annotated[Positive | UnsetType | None, Meta(description="Effective leverage, fires at or above.")] = UNSET
    profit: Annotated[Positive | UnsetType | None, Meta(description="PnL over notional, fires above; a fraction.")] = (
        UNSET
    )
    top_heavy_share: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)] | UnsetType | None,
        Meta(description="Profit share of equity, fires at or above; a fraction."),
    ] = UNSET
    funding_rate_8h: Annotated[
        Positive | UnsetType | None, Meta(description="Funding rate per 8 hours in size, fires at or above.")
    ] = UNSET
    adl_meter: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)] | UnsetType | None,
        Meta(description="Normalised meter reading, fires above."),
    ] = UNSET
    near_liquidation: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)] | UnsetType | None,
        Meta(description="Distance to the liquidation price at or below which liquidation is the nearer danger."),
    ] = UNSET
    thin_sessions: Annotated[
        Annotated[tuple[ThinSessionPatch, ...], Meta(max_length=100)] | UnsetType | None,
        Meta(description="Weekly sessions that count as thin liquidity, all of them."),
    ] = UNSET
    events: Annotated[
        Annotated[tuple[EventPatch, ...], Meta(max_length=MAX_EVENTS)] | UnsetType | None,
        Meta(
            description="Windows in which `market_stress` fires, such as major news, all of them: a list replaces the "
            "one in force; null: none."
        ),
    ] = UNSET


class FundingPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Funding terms to change."""

    interval_hours: Annotated[
        Positive | UnsetType | None, Meta(description="Funding interval of all contracts, hours; null: they differ.")
    ] = UNSET


class ExecutionPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Terms of the forced fill to change."""

    price: Annotated[
        ExecutionPrice | UnsetType | None,
        Meta(description="Fill price of an ADL; null: unknown."),
    ] = UNSET


class VenuePatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A JSON merge patch (RFC 7396) of the card in force: omitted fields stay as they are."""

    score: Annotated[ThresholdsPatch | UnsetType, Meta(description="When the five signals fire.")] = UNSET
    funding: Annotated[FundingPatch | UnsetType, Meta(description="Funding terms.")] = UNSET
    execution: Annotated[ExecutionPatch | UnsetType, Meta(description="Terms of the forced fill.")] = UNSET
    contracts: Annotated[
        Annotated[tuple[Contract, ...], Meta(min_length=1, extra_json_schema={"uniqueItems": True})] | UnsetType | None,
        Meta(description="The kinds of contract that the venue has, all of them; null: both, so that none is refused."),
    ] = UNSET
    maintenance_margin_rate: Annotated[
        Rate | UnsetType | None,
        Meta(
            description="Maintenance margin rate of all contracts, a fraction; null: they differ, or it is not known."
        ),
    ] = UNSET
    leverage_mix: Annotated[
        LeverageMix | UnsetType | None,
        Meta(
            description="Leverage that open interest is taken to be opened with, all of it; shares sum to 1; null: our "
            "own estimate."
        ),
    ] = UNSET


class _StoredOverride(Struct, frozen=True, kw_only=True):
    """An override in its stored format."""

    version: int
    override: dict[str, Any]


class UnreadableError(ValueError):
    """A stored value is corrupt, or in an unknown format."""


def to_override(patch: VenuePatch) -> dict[str, Any]:
    """The patch as plain values, without the fields that it omits."""
    plain: dict[str, Any] = msgspec.to_builtins(patch)
    return plain


def merge_patches(override: Override, patch: Override) -> dict[str, Any]:
    """One patch equivalent to ``override`` followed by ``patch``.

    >>> merge_patches({"score": {"profit": 0.1, "leverage": 9}}, {"score": {"profit": None}})
    {'score': {'profit': None, 'leverage': 9}}
    """
    merged = dict(override)
    for name, part in patch.items():
        before = merged.get(name)
        merged[name] = (
            merge_patches(before, part) if isinstance(before, Mapping) and isinstance(part, Mapping) else part
        )
    return merged


def apply_override(rules: VenueRules, override: Override) -> VenueRules:
    """The card with the patch applied; a null removes the value, so that the field's default holds.

    Raises:
        msgspec.ValidationError: the result is not a valid card.
    """
    return msgspec.convert(_apply_patch(msgspec.to_builtins(rules), validate_override(override)), type=VenueRules)


def encode_override(override: Override) -> bytes:
    """The override in its stored format."""
    return msgspec.json.encode({"version": FORMAT, "override": override})


def decode_override(stored: bytes) -> dict[str, Any]:
    """A stored override, including fields of newer versions: a change must not lose them.

    Raises:
        UnreadableError: it is corrupt, or in another format.
    """
    try:
        read = msgspec.json.decode(stored, type=_StoredOverride)
        if read.version == FORMAT:
            validate_override(read.override)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    if read.version != FORMAT:
        raise UnreadableError(f"format {read.version} is not {FORMAT}")
    return read.override


def validate_override(override: Override) -> dict[str, Any]:
    """The validated override, without fields that this version does not know.

    Raises:
        msgspec.ValidationError: a known field has an invalid value.
    """
    return to_override(msgspec.convert(drop_unknown_fields(override, VenuePatch), VenuePatch))


def _apply_patch(card: Mapping[str, Any], patch: Override) -> dict[str, Any]:
    result = dict(card)
    for name, part in patch.items():
        if part is None:
            result.pop(name, None)
        elif isinstance(part, Mapping):
            before = result.get(name)
            result[name] = _apply_patch(before if isinstance(before, Mapping) else {}, part)
        else:
            result[name] = part
    return result
