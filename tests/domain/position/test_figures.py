"""The venue's own figures beside a position: agreement, refusal, and the likely cause."""

import re
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import assume, example, given

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.figures import check_figures
from adlrisk.domain.position.position import Position
from support.builders import a_position, positions

_legal = st.floats(min_value=1e-12, max_value=1e15)
_extreme = st.builds(
    Position,
    side=st.sampled_from(("long", "short")),
    size=_legal,
    entry_price=_legal,
    mark_price=_legal,
    margin=_legal,
    contract=st.sampled_from(("linear", "inverse")),
    contract_size=_legal,
)
_sent = st.floats(min_value=-1e15, max_value=1e15)


def refusal(position: Position) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        check_figures(position)
    assert refused.value.problem == "figures-disagree"
    return refused.value


def exact_figures(position: Position) -> tuple[Fraction, Fraction]:
    """Notional and unrealized PnL as the contract of the API defines them, without rounding."""
    size, contract_size, entry, mark = (
        Fraction(getattr(position, name)) for name in ("size", "contract_size", "entry_price", "mark_price")
    )
    s, q = 1 if position.side == "long" else -1, size * contract_size
    if position.contract == "linear":
        return q * mark, s * q * (mark - entry)
    return q / mark, s * q * (mark - entry) / (entry * mark)


# Long 100 of 0.01 BTC (OKX's contract) from 50,000 at 52,000: notional 52,000, PnL +2,000.
OKX: dict[str, Any] = {"size": 100, "contract_size": 0.01, "entry_price": 50_000, "mark_price": 52_000, "margin": 5_000}
# Long 520 of 100 USD (COIN-M's contract) from 50,000 at 52,000: notional 1 BTC, PnL 52,000/50,000 − 1 = 0.04 BTC.
COIN_M: dict[str, Any] = {**OKX, "contract": "inverse", "size": 520, "contract_size": 100, "margin": 0.1}
# Short 20 of 0.1 ETH from 2,000 at 2,100: notional 4,200, PnL −200.
SHORT: dict[str, Any] = {
    "side": "short",
    "size": 20,
    "contract_size": 0.1,
    "entry_price": 2_000,
    "mark_price": 2_100,
    "margin": 500,
}


@pytest.mark.parametrize(
    "figures",
    [
        {**OKX, "notional": 52_000, "unrealized_pnl": 2_000},
        {**OKX, "notional": 54_000},  # 3.8 % more: the venue's mark was another
        {**OKX, "unrealized_pnl": 2_200},  # 200 off, of 100 and 104 allowed
        {**OKX, "mark_price": 50_000, "unrealized_pnl": 99},  # nothing to compare with but 0.2 % of 50,000
        {**OKX, "mark_price": 50_000, "unrealized_pnl": -99},
        {**COIN_M, "notional": 1, "unrealized_pnl": 0.04},
        {**SHORT, "notional": -4_200, "unrealized_pnl": -200},  # ccxt's sign of a short
        {**OKX, "notional": -52_000},  # BitMEX's sign of a long
    ],
)
def test_figures_of_the_same_position_agree(figures: dict[str, Any]) -> None:
    """Small differences, and either sign of a notional, are let pass."""
    check_figures(a_position(**figures))


@pytest.mark.parametrize(
    ("figures", "field", "cause"),
    [
        # 100 contracts sent as 100 BTC
        ({**OKX, "contract_size": 1, "notional": 52_000}, "notional", "contract_size 0.01 would fit"),
        ({**OKX, "contract_size": 1, "unrealized_pnl": 2_000}, "unrealized_pnl", "contract_size 0.01 would fit"),
        # 1 BTC sent beside the size of a contract
        ({**OKX, "size": 1, "notional": 52_000}, "notional", "contract_size 1 would fit"),
        # a size of contract that is not round: 0.0123 BTC, also from a mark price that has moved by 1 %
        ({**OKX, "contract_size": 1, "notional": 63_960}, "notional", "contract_size 0.0123 would fit"),
        ({**OKX, "contract_size": 1, "notional": 52_520}, "notional", "contract_size 0.01 would fit"),
        # in thousands
        ({**OKX, "notional": 52}, "notional", "contract_size 1e-05 would fit"),
        ({**COIN_M, "contract": "linear", "notional": 1}, "notional", "contract inverse would fit"),
        ({**COIN_M, "contract": "linear", "unrealized_pnl": 0.04}, "unrealized_pnl", "contract inverse would fit"),
        ({**OKX, "contract": "inverse", "notional": 52_000}, "notional", "contract linear would fit"),
        ({**COIN_M, "notional": 52_000}, "notional", "it is in quote currency"),
        ({**COIN_M, "unrealized_pnl": 2_080}, "unrealized_pnl", "it is in quote currency"),
        ({**OKX, "notional": 1}, "notional", "it is in base currency"),
        ({**OKX, "side": "short", "unrealized_pnl": 2_000}, "unrealized_pnl", "is the side right"),
        ({**SHORT, "entry_price": 2_100, "mark_price": 2_000, "unrealized_pnl": -200}, "unrealized_pnl", "swapped?"),
        ({**OKX, "entry_price": 52_000, "mark_price": 40_000, "notional": 52_000}, "notional", "it fits entry_price"),
        ({**OKX, "unrealized_pnl": 4}, "unrealized_pnl", "in percent"),  # on entry value
        ({**OKX, "unrealized_pnl": 0.04}, "unrealized_pnl", "as a fraction"),
        ({**OKX, "unrealized_pnl": 40}, "unrealized_pnl", "in percent"),  # on margin
        ({**OKX, "notional": 78_000}, "notional", "of the same moment, and of the whole position?"),
        ({**OKX, "notional": 0}, "notional", "0 is no open position"),
        ({**OKX, "unrealized_pnl": -2_500}, "unrealized_pnl", "do entry_price and mark_price belong to it?"),
        ({**OKX, "mark_price": 50_000, "unrealized_pnl": 101}, "unrealized_pnl", "belong to it?"),
        ({**OKX, "notional": 1e-300}, "notional", "check the units"),
    ],
)
def test_refusal_names_the_likely_cause(figures: dict[str, Any], field: str, cause: str) -> None:
    """A figure that is off is refused at its place, with both figures and what would explain it."""
    position = a_position(**figures)
    error = refusal(position)
    assert error.path == ("position", field)
    assert cause in error.detail
    notional, pnl = exact_figures(position)
    named = re.match(r"is (\S+), but the other fields make it (\S+);", error.detail)
    assert named is not None
    assert float(named[1]) == pytest.approx(figures[field], rel=1e-5)
    assert float(named[2]) == pytest.approx(float(notional if field == "notional" else pnl), rel=1e-5)
    assert len(f"/items/9999/position/unrealized_pnl: {error.detail}") <= 200


def test_the_edge_is_5_percent_of_the_figure_and_a_five_hundredth_of_the_notional() -> None:
    """Notional 52,000: up to 54,704 = 52,000·1.052; PnL 2,000: up to 2,204 = 2,000·1.05 + 52,000·0.002."""
    for right, wrong, field in ((54_703, 54_705, "notional"), (2_203, 2_205, "unrealized_pnl")):
        check_figures(a_position(**OKX, **{field: right}))
        refusal(a_position(**OKX, **{field: wrong}))


def test_the_position_of_another_request_is_named_by_its_own_path() -> None:
    """The caller says where the position is."""
    with pytest.raises(RefusedError) as refused:
        check_figures(a_position(**OKX, notional=1), within=("positions", 3))
    assert refused.value.path == ("positions", 3, "notional")


@given(positions(), st.floats(min_value=-0.04, max_value=0.04), st.booleans())
def test_figures_near_the_exact_ones_always_agree(position: Position, off: float, negative: bool) -> None:
    """4 % off is never refused, whatever the position."""
    notional, pnl = (float(figure) * (1 + off) for figure in exact_figures(position))
    assume(abs(notional) <= 1e15 and abs(pnl) <= 1e15)
    check_figures(msgspec.structs.replace(position, notional=-notional if negative else notional, unrealized_pnl=pnl))


@given(_extreme, _sent, _sent)
@example(a_position(size=1e15, contract_size=1e15, entry_price=1e15, mark_price=1e15), 1e15, 1e15)
@example(
    a_position(size=1e-12, contract_size=1e-12, entry_price=1e15, mark_price=1e-12, contract="inverse"), 1e15, -1e15
)
@example(
    a_position(size=1e15, contract_size=1e15, entry_price=1e-12, mark_price=1e-12, contract="inverse"), 5e-324, 5e-324
)
def test_every_legal_number_is_compared(position: Position, notional: float, pnl: float) -> None:
    """The rule of the contract in fractions decides, from 1e-12 to 1e15; nothing overflows, and details stay short."""
    exact_notional, exact_pnl = exact_figures(position)
    for field, sent, exact, compared in (
        ("notional", notional, exact_notional, abs(Fraction(notional))),
        ("unrealized_pnl", pnl, exact_pnl, Fraction(pnl)),
    ):
        beyond = abs(compared - exact) - (abs(exact) * Fraction("0.05") + exact_notional * Fraction("0.002"))
        assume(abs(beyond) > exact_notional * Fraction("1e-9"))  # the edge itself is a matter of rounding
        checked = msgspec.structs.replace(position, **{field: sent})
        if beyond > 0:
            assert len(f"/items/9999/position/{field}: {refusal(checked).detail}") <= 200
        else:
            check_figures(checked)


@given(positions(), st.sampled_from((1e-6, 1e-3, 0.01, 0.1, 10.0, 100.0, 1000.0)), st.floats(-0.03, 0.03))
def test_a_suggested_contract_size_does_fit(position: Position, factor: float, off: float) -> None:
    """With the contract size that the detail names, the same figure is let pass."""
    notional = float(exact_figures(position)[0]) * factor * (1 + off)
    assume(notional <= 1e15)
    checked = msgspec.structs.replace(position, notional=notional)
    detail = refusal(checked).detail
    assume("contract_size" in detail)
    fitting = float(detail.partition("contract_size ")[2].split()[0])
    check_figures(msgspec.structs.replace(checked, contract_size=fitting))
