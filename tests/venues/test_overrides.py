"""Overrides: merge patches as in RFC 7396, in a versioned stored format."""

from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.overrides import (
    UnreadableError,
    VenuePatch,
    apply_override,
    decode_override,
    encode_override,
    merge_patches,
    to_override,
)

CATALOGUE = load_catalogue()
BINANCE = CATALOGUE["binance"].rules

numbers = st.floats(min_value=1e-6, max_value=1.0)
thresholds = st.fixed_dictionaries(
    {}, optional={name: st.none() | numbers for name in ("leverage", "profit", "top_heavy_share", "adl_meter")}
)
patches = st.fixed_dictionaries(
    {},
    optional={
        "score": thresholds,
        "funding": st.fixed_dictionaries({}, optional={"interval_hours": st.none() | numbers}),
        "execution": st.fixed_dictionaries({}, optional={"price": st.sampled_from((None, "mark", "bankruptcy"))}),
        "maintenance_margin_rate": st.none() | st.floats(min_value=1e-6, max_value=0.5),
    },
)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": 1}}, {"a": {"b": "d", "c": 1}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"a": "b"}, {}, {"a": "b"}),
    ],
)
def test_patches_merge_as_in_the_rfc(target: Any, patch: Any, result: Any) -> None:
    """RFC 7396, appendix A, except that nulls stay in an override."""
    assert merge_patches(target, patch) == result


@given(first=patches, second=patches)
def test_a_merged_patch_equals_both_patches(first: Any, second: Any) -> None:
    """Applied in sequence or merged, the card is the same; and the merged patch survives storage."""
    one_by_one = apply_override(apply_override(BINANCE, first), second)
    merged = merge_patches(first, second)
    assert apply_override(BINANCE, merged) == one_by_one
    assert decode_override(encode_override(merged)) == merged


def test_null_removes_a_value() -> None:
    """A removed value has its general default again, not the card's own value."""
    assert apply_override(BINANCE, {"funding": {"interval_hours": None}}).funding.interval_hours is None
    assert apply_override(BINANCE, {"score": {"leverage": None}}).score.leverage == 15.0
    assert apply_override(BINANCE, {"execution": {"price": None}}).execution.price == "unknown"
    assert apply_override(BINANCE, {}) == BINANCE


def test_a_patch_omits_unset_fields() -> None:
    """A decoded patch holds what was sent and nothing else, nulls included."""
    sent = b'{"score":{"leverage":null,"profit":0.5},"maintenance_margin_rate":null}'
    assert to_override(msgspec.json.decode(sent, type=VenuePatch)) == {
        "score": {"leverage": None, "profit": 0.5},
        "maintenance_margin_rate": None,
    }


def test_an_overridden_card_has_its_own_revision() -> None:
    """A changed card is marked as an override; one changed back to its values is the catalogue's."""
    changed = CATALOGUE.with_overrides({"okx": {"score": {"leverage": 9.0}}})
    assert changed["okx"].ref.source == "override"
    assert changed["okx"].ref.revision != CATALOGUE["okx"].ref.revision
    assert changed["binance"].ref == CATALOGUE["binance"].ref
    same = CATALOGUE.with_overrides({"okx": {"score": {"leverage": CATALOGUE["okx"].rules.score.leverage}}})
    assert same["okx"].ref == CATALOGUE["okx"].ref


@pytest.mark.parametrize(
    "kept",
    [
        b"", b"{", b"[]", b"\xff", b"null", b'{"version":1}', b'{"version":1,"override":[]}',
        b'{"version":1,"override":{"score":{"leverage":-1}}}', b'{"version":2,"override":{}}',
        b'{"version":1,"override":' + b"[" * 100_000,
    ],
)  # fmt: skip
def test_unreadable_values_raise_their_own_error(kept: bytes) -> None:
    """Corrupt, invalid and future values all raise the same error."""
    with pytest.raises(UnreadableError):
        decode_override(kept)
