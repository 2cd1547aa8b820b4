"""What operators may change on a rule card: a merge patch (RFC 7396), kept beside the card and applied to it."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.domain.position.bounds import Positive, Rate
from adlrisk.domain.rules.card import MinuteOfWeek, VenueRules
from adlrisk.venues.tolerance import known_part

Override = Mapping[str, Any]  # a merge patch against the bundled card; null takes a field off it

FORMAT: Final = 1


class ThinSessionPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}):
    """A stretch of the week with thin order books, UTC, its end excluded."""

    start: Annotated[MinuteOfWeek, Meta(description="First minute, such as `Sat 20:00`.")]
    to: Annotated[MinuteOfWeek, Meta(description="First minute after it.")]


class ThresholdsPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Thresholds to change; null goes back to the general default."""

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
    thin_sessions: Annotated[
        Annotated[tuple[ThinSessionPatch, ...], Meta(max_length=100)] | UnsetType | None,
        Meta(description="Weekly sessions that count as thin liquidity, all of them."),
    ] = UNSET


class FundingPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Funding terms to change."""

    interval_hours: Annotated[
        Positive | UnsetType | None, Meta(description="Funding interval of all contracts, hours; null: they differ.")
    ] = UNSET


class ExecutionPatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Terms of the forced fill to change."""

    price: Annotated[
        Literal["bankruptcy", "mark", "unknown"] | UnsetType | None,
        Meta(description="Fill price of an ADL; null: unknown."),
    ] = UNSET


class VenuePatch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A JSON merge patch (RFC 7396) of the card as it is in force: what is left out stays as it is."""

    score: Annotated[ThresholdsPatch | UnsetType, Meta(description="When the five signals fire.")] = UNSET
    funding: Annotated[FundingPatch | UnsetType, Meta(description="Funding terms.")] = UNSET
    execution: Annotated[ExecutionPatch | UnsetType, Meta(description="Terms of the forced fill.")] = UNSET
    maintenance_margin_rate: Annotated[
        Rate | UnsetType | None,
        Meta(
            description="Maintenance margin rate of all contracts, a fraction; null: they differ, or it is not known."
        ),
    ] = UNSET


class _Kept(Struct, frozen=True, kw_only=True):
    """An override as it is kept: with the format it is written in."""

    version: int
    override: dict[str, Any]


class UnreadableError(ValueError):
    """A kept value is broken, or of a format that this version does not know."""


def as_override(patch: VenuePatch) -> dict[str, Any]:
    """The patch as plain values, fields that it leaves out left out."""
    plain: dict[str, Any] = msgspec.to_builtins(patch)
    return plain


def patched(override: Override, patch: Override) -> dict[str, Any]:
    """One patch that does what ``override`` and then ``patch`` do.

    >>> patched({"score": {"profit": 0.1, "leverage": 9}}, {"score": {"profit": None}})
    {'score': {'profit': None, 'leverage': 9}}
    """
    merged = dict(override)
    for name, part in patch.items():
        before = merged.get(name)
        merged[name] = patched(before, part) if isinstance(before, Mapping) and isinstance(part, Mapping) else part
    return merged


def overridden(rules: VenueRules, override: Override) -> VenueRules:
    """The card with the patch applied: values replaced, null taken off so that the field's own default holds.

    Raises:
        msgspec.ValidationError: the result is no valid card.
    """
    return msgspec.convert(_applied(msgspec.to_builtins(rules), known_override(override)), type=VenueRules)


def encode_override(override: Override) -> bytes:
    """The override as it is kept."""
    return msgspec.json.encode({"version": FORMAT, "override": override})


def decode_override(kept: bytes) -> dict[str, Any]:
    """The override that was kept, fields that a newer version has added to it included: a change must not lose them.

    Raises:
        UnreadableError: it is broken, or of another format.
    """
    try:
        read = msgspec.json.decode(kept, type=_Kept)
        if read.version == FORMAT:
            known_override(read.override)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    if read.version != FORMAT:
        raise UnreadableError(f"format {read.version} is not {FORMAT}")
    return read.override


def known_override(override: Override) -> dict[str, Any]:
    """The override without what this version does not know.

    Raises:
        msgspec.ValidationError: what it knows is wrong.
    """
    return as_override(msgspec.convert(known_part(override, VenuePatch), VenuePatch))


def _applied(card: Mapping[str, Any], patch: Override) -> dict[str, Any]:
    result = dict(card)
    for name, part in patch.items():
        if part is None:
            result.pop(name, None)
        elif isinstance(part, Mapping):
            before = result.get(name)
            result[name] = _applied(before if isinstance(before, Mapping) else {}, part)
        else:
            result[name] = part
    return result
