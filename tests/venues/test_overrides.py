"""Overrides: merge patches as RFC 7396 has them, kept in a format of their own."""

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
    """RFC 7396, appendix A, without the nulls, which an override keeps."""
    assert merge_patches(target, patch) == result


@given(first=patches, second=patches)
def test_one_merged_patch_does_what_the_two_do(first: Any, second: Any) -> None:
    """Applied one after the other or merged, the card is the same; and it survives being kept."""
    one_by_one = apply_override(apply_override(BINANCE, first), second)
    merged = merge_patches(first, second)
    assert apply_override(BINANCE, merged) == one_by_one
    assert decode_override(encode_override(merged)) == merged


def test_null_takes_a_value_off() -> None:
    """What is taken off a card has its general default again, not the card's own value."""
    assert apply_override(BINANCE, {"funding": {"interval_hours": None}}).funding.interval_hours is None
    assert apply_override(BINANCE, {"score": {"leverage": None}}).score.leverage == 15.0
    assert apply_override(BINANCE, {"execution": {"price": None}}).execution.price == "unknown"
    assert apply_override(BINANCE, {}) == BINANCE


def test_what_a_patch_leaves_out_stays_out() -> None:
    """A decoded patch holds what was sent and nothing else, nulls included."""
    sent = b'{"score":{"leverage":null,"profit":0.5},"maintenance_margin_rate":null}'
    assert to_override(msgspec.json.decode(sent, type=VenuePatch)) == {
        "score": {"leverage": None, "profit": 0.5},
        "maintenance_margin_rate": None,
    }


def test_an_overridden_card_has_a_revision_of_its_own() -> None:
    """Changed, the reference says so; changed to what it was, it is the catalogue's."""
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
def test_what_another_hand_has_written_is_unreadable_not_fatal(kept: bytes) -> None:
    """Broken, invalid and future values have one error of their own."""
    with pytest.raises(UnreadableError):
        decode_override(kept)
