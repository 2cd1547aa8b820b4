"""``POST /account`` and the account fields of ``POST /score``, compared with the exact reference.

A figure that is computed by one formula has a bound in roundings, as in docs/testing/numbers.md. A solved price or move
is held against what the account has left there: nothing but rounding, with room on this side and none on the other.
"""

import json
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, example, given, settings

from support.accounts.bisection import first_not_above_zero
from support.accounts.drawn import accounts, ordinary_accounts, whole_range_scores
from support.accounts.reference import (
    RESIDUE,
    Account,
    Card,
    Leg,
    Move,
    is_clear,
    limit_of_common_moves,
    limit_of_prices,
)
from support.exact import UNIT, Figure
from support.fuzz.drawn import CATALOGUE
from support.fuzz.in_process import InProcess
from support.running import ROOT

# In units of 2⁻⁵³ of the figure's terms. Sums of exact sums of legs are rounded once, the legs as in numbers.md.
ROUNDINGS = {
    "equity": 8,
    "wallet_balance": 8,
    "maintenance_margin": 6,
    "gross_notional": 4,
    "net_notional": 5,
    "margin_free": 12,
    "margin_ratio": 16,
    "gross_leverage": 14,
    "net_leverage": 15,
    "notional": 2,
    "entry_notional": 2,
    "unrealized_pnl": 5,
    "return_on_entry": 2,
    "margin": 14,
    "return_on_margin": 22,
    "profit_share": 16,
    "effective_leverage": 14,
    "liquidation_distance": 4,
    "priority": 40,
}
OF_A_POSITION = ("notional", "entry_notional", "unrealized_pnl", "return_on_entry")  # as in /score, see test_numbers.py
SOLVED = Fraction(1, 10**9)  # what the account may have left at a solved price, as a fraction of the gross figures
NEXT = Fraction(1, 10**9)  # how far on either side of a solved price its sign is looked at
LAST_BITS = 2.0**-50  # a price next to the mark may be rounded past it
OUT_OF_REACH = Fraction(1, 10**11)  # of a price, inverse its reciprocal: below it null is right as well

tried = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
HEDGE: dict[str, Any] = {
    "venue": "generic",
    "wallet_balance": 1000.0,
    "positions": [
        {
            "id": side,
            "symbol": "BTC",
            "side": side,
            "size": size,
            "entry_price": 50_000.0,
            "mark_price": 50_000.0,
            "maintenance_margin_rate": 0.004,
        }
        for side, size in (("long", 1.0), ("short", 0.9))
    ],
}


# A loss of 1e-13 on no wallet balance: nothing cancels, so it is not the residue of anything.
LOSS_OF_NEXT_TO_NOTHING: dict[str, Any] = {
    "venue": "generic",
    "wallet_balance": 0.0,
    "positions": [{"id": "long", "side": "long", "size": 1e-6, "entry_price": 1e-6, "mark_price": 9e-7}],
}


@pytest.fixture(scope="module")
def service() -> Iterator[InProcess]:
    with InProcess() as running:
        yield running


def ask(service: InProcess, path: str, request: dict[str, Any]) -> dict[str, Any]:
    answer = service.ask("POST", path, json.dumps(request).encode())
    assert answer.status == 200, answer.content
    content: dict[str, Any] = answer.content
    return content


def card_of(venue: str) -> Card:
    rules = CATALOGUE[venue].rules
    return Card(rate=rules.maintenance_margin_rate, basis=rules.maintenance_basis, formula=rules.ranking.formula)


def check_money(name: str, shown: float | None, figure: Figure | None) -> None:
    """Within its bound, or off by a part that is a residue and shown as 0; null only where it is unknown."""
    if figure is None:
        assert shown is None, (name, shown)
        return
    assert shown is not None, (name, float(figure.exact))
    if shown == 0.0 and not is_clear(figure):
        return
    error = abs(Fraction(shown) - figure.exact) - figure.cut
    assert error <= ROUNDINGS[name] * UNIT * figure.terms, (name, shown, float(figure.exact), figure.units(shown))


def check_ratio(
    name: str, shown: float | None, part: Figure | None, whole: Figure | None, *, at_zero: float | None = None
) -> None:
    """``part`` over a ``whole`` that is above 0; else null, or what is said there."""
    if part is None or whole is None:
        assert shown is None, (name, shown)
    elif not is_clear(whole) or whole.cut:
        return  # whether it is above 0 at all is a matter of rounding, and so is the quotient
    elif whole.exact < 0:
        assert shown == at_zero, (name, shown)
    else:
        assert shown is not None, name
        check_money(name, shown, part.over(whole)._replace(cut=part.cut / whole.exact))


def test_documented_bounds_of_accounts_match_the_tested_ones() -> None:
    """The page has each figure with its bound and no other, but for those of a position, which have theirs above."""
    rows = re.findall(
        r"^\| (`[^|]*`) \| (\d+) \| [^|]* \|$", (ROOT / "docs/testing/numbers.md").read_text(), re.MULTILINE
    )
    documented = {name.strip("`"): int(bound) for names, bound in rows for name in names.split(", ")}
    assert documented == {name: bound for name, bound in ROUNDINGS.items() if name not in OF_A_POSITION}


# The account.


def check_account(shown: dict[str, Any], account: Account) -> None:
    equity, gross, net = account.equity, account.gross_notional, account.net_notional
    for name in ("equity", "wallet_balance", "maintenance_margin", "gross_notional", "net_notional", "margin_free"):
        check_money(name, shown[name], getattr(account, name))
    check_ratio("margin_ratio", shown["margin_ratio"], account.maintenance_margin, equity)
    check_ratio("gross_leverage", shown["gross_leverage"], gross, equity)
    check_ratio("net_leverage", shown["net_leverage"], net, equity)
    check_nearest(shown["nearest_liquidation"], account)


def check_nearest(shown: dict[str, Any] | None, account: Account) -> None:
    """The common move to liquidation, both ways; none is not the same as unknown."""
    if account.equity is None or account.maintenance_margin is None:
        assert shown is None
        return
    assert shown is not None
    assert set(shown) == {"falls", "rises"}
    left = account.equity.minus(account.maintenance_margin)
    if not is_clear(left):
        return
    if left.exact < 0:
        assert shown == {"falls": 0, "rises": 0}
        return
    for name, direction in (("falls", -1), ("rises", 1)):
        move = account.room_by_common_move(direction)
        by = shown[name]
        assert by is None or (by * direction >= 0 and -1 < by <= 1), (name, by)
        end = limit_of_common_moves(rising=direction > 0)
        check_solved(name, None if by is None else abs(by), move, start=0.0, end=end)


def check_solved(name: str, shown: float | None, move: Move, *, start: float, end: float) -> None:
    """``shown`` is where the room that there is at ``start`` ends, on the way to ``end``; null if it does not."""
    found = move.end(start=start, end=end)
    if shown is None:
        assert found is None or is_out_of_reach(move, found, start=start, end=end), (name, found)
        return
    assert min(start, end) * (1 - LAST_BITS) <= shown <= max(start, end) * (1 + LAST_BITS), (name, shown)
    check_nothing_is_left(name, shown, move)
    if found is None:  # a residue at the very end at most
        assert abs(move.room(shown)) <= RESIDUE * move.terms(shown), (name, shown, "found none")
        return
    before, after = (float(Fraction(found) * (1 + side * NEXT)) for side in ((-1, 1) if end > start else (1, -1)))
    if all(abs(move.room(point)) > RESIDUE * move.terms(point) for point in (before, min(after, max(start, end)))):
        assert abs(Fraction(shown) - Fraction(found)) <= NEXT * Fraction(found), (name, shown, found)
        assert move.room(float(Fraction(shown) * (1 + (NEXT if end < start else -NEXT) * 2))) > 0, (name, shown)


def check_nothing_is_left(name: str, shown: float, move: Move) -> None:
    """The room at a solved point is 0 to the last digits of the gross figures there."""
    left, terms = move.room(shown), move.terms(shown)
    # A fall to nearly nothing is shown as a fraction near 1, whose last bit is much of what is left of the price.
    blurred = move.terms(math.nextafter(shown, math.inf)) if name != "falls" else terms / (1 - Fraction(shown))
    assert abs(left) <= SOLVED * terms + 4 * UNIT * blurred, (name, shown, float(left), float(terms))


def is_out_of_reach(move: Move, found: float, *, start: float, end: float) -> bool:
    """Whether the end of the room is so far, or so nearly none, that null is as right."""
    if abs(move.room(start)) <= RESIDUE * move.terms(start):
        return True
    far = move.room(end)
    if abs(far) <= RESIDUE * move.terms(end) or abs(far) <= RESIDUE * move.terms(start):
        return True
    if start == 0.0:  # a common move
        if found >= 1 - OUT_OF_REACH:
            return True
        nearer, further = found, found * (1 - 2.0**-20)
    else:
        nearer, further = found, found * (1 - 2.0**-20 if end < start else 1 + 2.0**-20)
    slope, values = move.room(further) - move.room(nearer), move.value(further) - move.value(nearer)
    return abs(slope) <= RESIDUE * abs(values)


# Its legs.


def check_leg(answer: dict[str, Any], leg: Leg, account: Account, card: Card, *, sent_on: bool, alone: bool) -> None:
    """The state and the key of a cross leg, or of the position of a score."""
    state, equity = answer["state"], account.equity
    pnl, margin = leg.unrealized_pnl, account.margin_of(leg)
    for name in ("notional", "entry_notional", "unrealized_pnl", "return_on_entry"):
        check_money(name, state[name], getattr(leg, name))
    check_money("equity", state["equity"], equity)
    check_money("margin", state["margin"], margin)
    check_ratio("return_on_margin", state["return_on_margin"], None if margin is None else pnl, margin)
    check_ratio("effective_leverage", state["effective_leverage"], leg.notional, equity)
    if pnl.exact <= 0:
        assert state["profit_share"] == 0
    else:
        check_ratio("profit_share", state["profit_share"], pnl, equity, at_zero=0)
    check_key(answer, leg, account, card)
    check_bankruptcy(state["bankruptcy_price"], leg, account, alone=alone)
    check_liquidation(state["liquidation_price"], leg, account, sent_on=sent_on)
    price, distance = state["liquidation_price"], state["liquidation_distance"]
    if price is None:
        assert distance is None
        return
    away = Figure.of(leg.sent["mark_price"]).minus(Figure.of(price)).over(Figure.of(leg.sent["mark_price"]))
    check_money("liquidation_distance", distance, away.times(Figure.of(leg.s)))


def check_key(answer: dict[str, Any], leg: Leg, account: Account, card: Card) -> None:
    """The venue's ranking key, from the account's equity, wallet balance and maintenance margin."""
    queue, equity, formula = answer["queue"], account.equity, card.formula
    if formula is None or equity is None:
        assert queue is None
        return
    if not is_clear(equity):
        return
    if equity.exact < 0:
        assert (queue["eligible"], queue["priority"]) == (False, None)
        return
    if formula == "value_ratio_leverage" and not is_clear(equity.minus(leg.unrealized_pnl)):
        return
    won = leg.unrealized_pnl.exact > 0
    if formula == "pnl_over_margin_ratio" or (formula == "profit_times_margin_ratio" and won):
        if account.maintenance_margin is None or account.maintenance_margin.exact == 0:
            assert queue is None
            return
        if account.maintenance_margin.cut:
            return
    key = account.key(leg, formula)
    assert queue["eligible"] is (key is not None)
    check_money("priority", queue["priority"], key)


def check_bankruptcy(shown: float | None, leg: Leg, account: Account, *, alone: bool) -> None:
    """The price at which equity is 0, on the losing side of the mark while there is equity."""
    if account.equity is None:
        assert shown is None
        return
    move = account.room_by_price(leg, maintained=False)
    if not is_clear(account.equity):
        return
    if account.equity.exact > 0:
        check_price("bankruptcy_price", shown, leg, move)
    elif alone:
        check_price_behind("bankruptcy_price", shown, leg, move)
    else:
        assert shown is None, shown


def check_liquidation(shown: float | None, leg: Leg, account: Account, *, sent_on: bool) -> None:
    """The price at which equity meets maintenance margin; the mark, if it is due and the venue's figure says so."""
    if account.equity is None or account.maintenance_margin is None:
        assert shown is None
        return
    move = account.room_by_price(leg, maintained=True)
    left = account.equity.minus(account.maintenance_margin)
    if not is_clear(left):
        return
    if left.exact > 0:
        check_price("liquidation_price", shown, leg, move)
    elif not sent_on:
        check_price_behind("liquidation_price", shown, leg, move)
    else:
        assert shown == leg.sent["mark_price"]


def check_price(name: str, shown: float | None, leg: Leg, move: Move) -> None:
    """Nearest below the mark for a long, above it for a short."""
    mark, rising = leg.sent["mark_price"], leg.s < 0
    if shown is None and is_price_out_of_reach(move.end(start=mark, end=limit_of_prices(mark, rising=rising)), leg):
        return
    check_solved(name, shown, move, start=mark, end=limit_of_prices(mark, rising=rising))


def check_price_behind(name: str, shown: float | None, leg: Leg, move: Move) -> None:
    """A single position that is past the price: it lies on the winning side of the mark."""
    mark, rising = leg.sent["mark_price"], leg.s > 0
    found = move.beginning(start=mark, end=limit_of_prices(mark, rising=rising))
    if shown is None:
        end = limit_of_prices(mark, rising=rising)
        assert (
            found is None or is_price_out_of_reach(found, leg) or is_out_of_reach(move, found, start=mark, end=end)
        ), (name, found)
        return
    assert shown >= mark * (1 - LAST_BITS) if rising else shown <= mark * (1 + LAST_BITS), (name, shown)
    check_nothing_is_left(name, shown, move)
    assert found is not None or abs(move.room(shown)) <= RESIDUE * move.terms(shown), (name, shown)


def is_price_out_of_reach(found: float | None, leg: Leg) -> bool:
    """The rule of docs/decisions/0006, on the entry or on the mark."""
    if found is None:
        return True
    if leg.inverse:
        return 1 / Fraction(found) <= OUT_OF_REACH * max(1 / leg.entry, 1 / leg.mark)
    return Fraction(found) <= OUT_OF_REACH * max(leg.entry, leg.mark)


def check_answer(request: dict[str, Any], answer: dict[str, Any]) -> None:
    card = card_of(request["venue"])
    account = Account.of_request(request, card)
    if account.legs:
        check_account(answer["account"], account)
    alone = len(account.legs) == 1
    sent_on = not alone or bool(answer["account"]["maintenance_margin"])
    of = {scored["id"]: scored for scored in answer["positions"]}
    assert [scored["id"] for scored in answer["positions"]] == [leg["id"] for leg in request["positions"]]
    for leg in account.legs:
        assert "state" in of[leg.id], of[leg.id]
        check_leg(of[leg.id], leg, account, card, sent_on=sent_on, alone=alone)
        signal = of[leg.id]["signals"][0]
        assert signal["value"] == answer["account"]["gross_leverage"]


@tried
@example(request=HEDGE)
@example(request=LOSS_OF_NEXT_TO_NOTHING)
@given(request=accounts())
def test_account_of_any_size_is_the_exact_one(service: InProcess, request: dict[str, Any]) -> None:
    """Every figure of the account and of its cross legs agrees with the reference over the whole legal range."""
    check_answer(request, ask(service, "/account", request))


@tried
@given(request=ordinary_accounts())
def test_ordinary_account_is_the_exact_one(service: InProcess, request: dict[str, Any]) -> None:
    """The same for accounts as traders have them."""
    check_answer(request, ask(service, "/account", request))


@tried
@given(request=whole_range_scores())
def test_position_that_tells_of_its_account_is_scored_exactly(service: InProcess, request: dict[str, Any]) -> None:
    """With equity, wallet balance and maintenance margin in any combination, with and without a rate."""
    card = card_of(request["venue"])
    account = Account.of_position(request["position"], card)
    sent = "maintenance_margin" in request["position"]
    check_leg(ask(service, "/score", request), account.legs[0], account, card, sent_on=sent, alone=True)


# The reference itself, held against figures that were worked out by hand.

INVERSE = {"contract": "inverse", "size": 100.0}


def test_reference_finds_the_prices_of_a_hedge() -> None:
    """Long 1 and short 0.9 at 50,000 with 1,000: 4,000/0.0924 and 40,000; the short has neither price."""
    account = Account.of_request(HEDGE, Card())
    long, short = account.legs
    for leg, maintained, price in ((long, True, 4000 / 0.0924), (long, False, 40_000.0)):
        found = account.room_by_price(leg, maintained=maintained).end(start=50_000.0, end=1e-9)
        assert found == pytest.approx(price, rel=1e-15)
    for maintained in (True, False):
        assert account.room_by_price(short, maintained=maintained).end(start=50_000.0, end=1e99) is None
    assert account.equity == Figure.of(1000)
    assert account.maintenance_margin is not None
    assert account.maintenance_margin.exact == pytest.approx(380)
    assert account.gross_notional.exact == pytest.approx(95_000)
    assert account.net_notional.exact == pytest.approx(5_000)


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        ({"margin": 5.0, "maintenance_margin_rate": 0.004, "maintenance_margin": 4.4}, 99 / 0.996),  # the others' 4
        ({"margin": 5.0, "maintenance_margin_rate": 0.01, "maintenance_margin": 0.5}, 95 / 0.995),  # scaled to half
        ({"margin": 5.0, "maintenance_margin_rate": 0.01, "maintenance_basis": "entry"}, 96.0),
        ({"margin": 5.0, "maintenance_margin_rate": 0.01, "maintenance_amount": 2.0}, 95.0),  # kept at bankruptcy
        ({"margin": 5.0, "maintenance_margin": 2.0}, 97.0),
        ({"equity": 5.0, "entry_price": 80.0, "maintenance_margin": 2.0}, 97.0),
        # 5 + 100 · (1/100 − 1/P) = 4 + 0.004 · 100/P
        (INVERSE | {"margin": 5.0, "maintenance_margin": 4.004, "maintenance_margin_rate": 0.004}, 100.4 / 2.0),
    ],
)
def test_reference_finds_prices_worked_out_by_hand(changes: dict[str, Any], price: float) -> None:
    """Others' maintenance margin, its scaling, its basis, its floor of 0, and none by the price."""
    position = {"side": "long", "size": 1.0, "entry_price": 100.0, "mark_price": 100.0, **changes}
    account = Account.of_position(position, Card())
    found = account.room_by_price(account.legs[0], maintained=True).end(start=100.0, end=1e-9)
    assert found == pytest.approx(price, rel=1e-12)


@given(root=st.floats(1e-9, 1e9))
def test_bisection_ends_at_the_double_next_to_the_root(root: float) -> None:
    """Both ways, and without a change of sign there is none."""

    def above(point: float) -> Fraction:
        return Fraction(point) - Fraction(root) - Fraction(1, 10**99)

    assert first_not_above_zero(above, start=2 * root, end=0.0) == root
    assert first_not_above_zero(lambda point: -above(point), start=0.0, end=2 * root) == math.nextafter(root, 2 * root)
    assert first_not_above_zero(above, start=2 * root, end=math.nextafter(root, 2 * root)) is None
