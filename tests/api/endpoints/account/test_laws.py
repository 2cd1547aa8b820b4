"""Laws of ``POST /account``: how answers to related requests are related, and what is unknown is null."""

import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE
from adlrisk.domain.rules.meter import LevelMeter
from support.accounts.drawn import (
    VENUES_WITHOUT_AMOUNTS,
    accounts,
    isolated_legs,
    ordinary_accounts,
    value_at_entry,
    value_at_mark,
)
from support.fuzz.drawn import CATALOGUE
from support.fuzz.in_process import InProcess

Drawn = dict[str, Any]

tried = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)

ACCOUNT_MONEY = ("equity", "wallet_balance", "maintenance_margin", "gross_notional", "net_notional", "margin_free")
ACCOUNT_RATIOS = ("margin_ratio", "gross_leverage", "net_leverage")
LEG_MONEY = ("notional", "entry_notional", "unrealized_pnl", "margin", "equity")
SENT_MONEY = ("size", "margin", "maintenance_amount")
HEDGE: Drawn = {
    "venue": "generic",
    "wallet_balance": 1000.0,
    "positions": [
        {"id": side, "symbol": "BTC", "side": side, "size": size, "entry_price": 50_000.0, "mark_price": 50_000.0,
         "maintenance_margin_rate": 0.004}
        for side, size in (("long", 1.0), ("short", 0.9))
    ],
}  # fmt: skip
TWO: Drawn = {
    "venue": "htx",
    "positions": [
        {"id": "btc", "symbol": "BTC-USDT-SWAP", "side": "long", "size": 1.0, "entry_price": 50_000.0,
         "mark_price": 60_000.0, "maintenance_margin_rate": 0.004},
        {"id": "eth", "symbol": "ETH-USDT-SWAP", "side": "short", "size": 10.0, "entry_price": 3_000.0,
         "mark_price": 3_100.0, "maintenance_margin_rate": 0.01},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Iterator[InProcess]:
    with InProcess() as running:
        yield running


def ask(service: InProcess, request: Drawn, path: str = "/account") -> Drawn:
    answer = service.ask("POST", path, json.dumps(request).encode())
    assert answer.status == 200, answer.content
    content: Drawn = answer.content
    return content


def of_id(answer: Drawn, name: str) -> Drawn:
    found: Drawn = next(scored for scored in answer["positions"] if scored["id"] == name)
    return found


def terms_of(request: Drawn, account: Drawn) -> float:
    """The magnitudes that the account's figures add up."""
    entries = sum(map(value_at_entry, request["positions"]))
    return float(abs(account["wallet_balance"] or 0.0) + account["gross_notional"] + entries)


# One leg, and what changes nothing.


@tried
@given(request=accounts(), chosen=st.integers(0, 11))
def test_one_cross_leg_is_scored_as_on_its_own(service: InProcess, request: Drawn, chosen: int) -> None:
    """As ``/score`` scores it with the account's equity, wallet balance and maintenance margin, bit for bit."""
    leg = request["positions"][chosen % len(request["positions"])]
    cross = {name: part for name, part in leg.items() if name not in ("margin_mode", "margin")}
    one = {**request, "positions": [cross]}
    assume("wallet_balance" in one or "equity" in one)
    answer = ask(service, one)
    account = answer["account"]
    told = {name: account[name] for name in ("equity", "wallet_balance")}
    if account["maintenance_margin"]:  # 0 is not sent on
        told["maintenance_margin"] = account["maintenance_margin"]
    assume(all(abs(number) <= LARGEST for number in told.values()))
    assume(told.get("maintenance_margin", 1.0) >= SMALLEST_POSITIVE)
    position = {name: cross[name] for name in cross if name not in ("id", "symbol", "underlying")}
    alone = {"venue": request["venue"], "position": {**position, **told, "margin_mode": "cross"}}
    if "symbol" in leg:
        alone["symbol"] = leg["symbol"]
    (scored,) = answer["positions"]
    assert scored.pop("id") == leg["id"]
    assert scored == ask(service, alone, "/score")


@tried
@given(request=accounts(), shuffle=st.randoms(use_true_random=False))
def test_order_of_legs_changes_only_the_order_of_the_answer(service: InProcess, request: Drawn, shuffle: Any) -> None:
    """Not a bit of any figure, and not a word of any reason."""
    legs = list(request["positions"])
    shuffle.shuffle(legs)

    def sorted_parts(answer: Drawn) -> Drawn:
        of_underlyings = [{**part, "legs": sorted(part["legs"])} for part in answer["underlyings"]]
        return {
            **answer,
            "positions": sorted(answer["positions"], key=lambda scored: str(scored["id"])),
            "underlyings": sorted(of_underlyings, key=lambda part: str(part["legs"])),
        }

    first, second = ask(service, request), ask(service, {**request, "positions": legs})
    assert [scored["id"] for scored in second["positions"]] == [leg["id"] for leg in legs]
    assert sorted_parts(second) == sorted_parts(first)


@tried
@given(drawn=ordinary_accounts().flatmap(lambda account: st.tuples(st.just(account), isolated_legs(account))))
def test_isolated_leg_changes_no_account_figure(service: InProcess, drawn: tuple[Drawn, Drawn]) -> None:
    """Nor any cross leg; and it is scored as on its own."""
    request, isolated = drawn
    without, beside = ask(service, request), ask(service, {**request, "positions": [isolated, *request["positions"]]})
    assert beside["account"] == without["account"]
    scored, *others = beside["positions"]
    assert others == without["positions"]
    position = {name: isolated[name] for name in isolated if name not in ("id", "symbol", "underlying")}
    alone = {"venue": request["venue"], "position": position}
    if "symbol" in isolated:
        alone["symbol"] = isolated["symbol"]
    assert scored == {"id": "isolated", **ask(service, alone, "/score")}


@tried
@given(
    request=ordinary_accounts(amounts=False),
    part=st.integers(1, 30).map(lambda tenths: tenths / 10),
    off=st.integers(-30, 30),
)
def test_merged_legs_of_a_side_change_no_account_figure(
    service: InProcess, request: Drawn, part: float, off: int
) -> None:
    """To 1e-9: two legs of a symbol and side, or one of their size at their average entry."""
    first, *others = request["positions"]
    size, entry = first["size"] * part, first["entry_price"] * (1 + off / 100)
    second = {**first, "id": "second", "size": size, "entry_price": entry}
    both = first["size"] + size
    weighted = (
        both / (first["size"] / first["entry_price"] + size / entry)
        if first.get("contract") == "inverse"
        else (first["size"] * first["entry_price"] + size * entry) / both
    )
    apart = {**request, "positions": [first, second, *others]}
    merged = {**request, "positions": [{**first, "size": both, "entry_price": weighted}, *others]}
    ours, theirs = ask(service, apart)["account"], ask(service, merged)["account"]
    terms = terms_of(apart, ours)
    for name in ACCOUNT_MONEY:
        assert ours[name] == pytest.approx(theirs[name], abs=1e-9 * terms), name
    assume(ours["equity"] > 1e-3 * terms)
    for name in ACCOUNT_RATIOS:
        assert ours[name] == pytest.approx(theirs[name], rel=1e-9, abs=1e-9), name
    for name in ("falls", "rises"):
        one, other = ours["nearest_liquidation"][name], theirs["nearest_liquidation"][name]
        if one is None or other is None:
            assert one is None or abs(one) > 1 - 1e-9, name
            assert other is None or abs(other) > 1 - 1e-9, name
        else:
            assert one == pytest.approx(other, abs=1e-8), name


# The solved prices, put in.


@tried
@example(request=HEDGE)
@given(request=ordinary_accounts())
def test_liquidation_price_as_the_mark_gives_a_margin_ratio_of_one(service: InProcess, request: Drawn) -> None:
    """Of every leg: its price as the mark of its symbol; not where maintenance margin there is 0, and clamped."""
    answer = ask(service, request)
    assume(answer["account"]["margin_free"] > 0)
    for leg in request["positions"]:
        price = of_id(answer, leg["id"])["state"]["liquidation_price"]
        if price is None or not SMALLEST_POSITIVE <= price <= LARGEST:
            continue
        at_price = [
            {**other, "mark_price": price} if other["symbol"] == leg["symbol"] else other
            for other in request["positions"]
        ]
        check_ratio_is_one(service, {**request, "positions": at_price})


@tried
@example(request=HEDGE)
@given(request=ordinary_accounts())
def test_nearest_liquidation_as_a_move_of_all_marks_gives_a_margin_ratio_of_one(
    service: InProcess, request: Drawn
) -> None:
    """Both ways."""
    answer = ask(service, request)
    assume(answer["account"]["margin_free"] > 0)
    for by in answer["account"]["nearest_liquidation"].values():
        if by is not None and by > -1 + 1e-6:
            moved = [{**leg, "mark_price": leg["mark_price"] * (1 + by)} for leg in request["positions"]]
            check_ratio_is_one(service, {**request, "positions": moved})


def check_ratio_is_one(service: InProcess, request: Drawn) -> None:
    account = ask(service, request)["account"]
    terms = terms_of(request, account)
    if account["maintenance_margin"] <= 1e-6 * terms:  # its last bits are as large as what is asked for
        return
    assert account["margin_ratio"] == pytest.approx(1, abs=1e-9), account


# Scale.


@tried
@given(
    drawn=ordinary_accounts(venues=VENUES_WITHOUT_AMOUNTS).flatmap(
        lambda account: st.tuples(st.just(account), st.none() | isolated_legs(account))
    ),
    told=st.sampled_from(("wallet_balance", "equity", "maintenance_margin")),
    power=st.integers(-8, 8),
)
def test_scaling_all_money_scales_money_and_nothing_else(
    service: InProcess, drawn: tuple[Drawn, Drawn | None], told: str, power: int
) -> None:
    """By a power of two, bit for bit."""
    request, isolated = drawn
    legs = request["positions"] + ([] if isolated is None else [isolated])
    request = {**request, "positions": legs}
    if told == "equity":
        request["equity"] = request.pop("wallet_balance")
    elif told == "maintenance_margin":
        request["maintenance_margin"] = value_at_mark(legs[0]) / 64
    factor = 2.0**power

    def scaled(part: Drawn, names: tuple[str, ...]) -> Drawn:
        return {**part, **{name: part[name] * factor for name in names if part.get(name) is not None}}

    large = scaled(request, ("wallet_balance", "equity", "maintenance_margin")) | {
        "positions": [scaled(leg, SENT_MONEY) for leg in legs]
    }
    ours, theirs = ask(service, request), ask(service, large)
    assert theirs["account"] == scaled(ours["account"], ACCOUNT_MONEY)
    for one, other in zip(ours["positions"], theirs["positions"], strict=True):
        assert other["state"] == scaled(one["state"], LEG_MONEY)
        for name in ("score", "score_upper", "band", "missing", "queue"):
            assert other[name] == one[name], name
        assert [(signal["fired"], signal["value"]) for signal in other["signals"]] == [
            (signal["fired"], signal["value"]) for signal in one["signals"]
        ]
    for one, other in zip(ours["underlyings"], theirs["underlyings"], strict=True):
        taken = scaled(one["if_taken"], ("net_notional_after", "equity_after"))
        assert other == scaled(one, ("net_notional",)) | {"if_taken": taken}


@tried
@given(request=accounts())
def test_figures_are_finite_and_of_their_sign(service: InProcess, request: Drawn) -> None:
    """Over the whole legal range; the client asserts that no number is infinite or NaN."""
    answer = ask(service, request)
    account, nearest = answer["account"], answer["account"]["nearest_liquidation"]
    assert account["gross_notional"] >= account["net_notional"] * (1 - 1e-15) >= 0
    assert account["maintenance_margin"] is None or account["maintenance_margin"] >= 0
    for name in ("margin_ratio", "gross_leverage", "net_leverage"):
        assert account[name] is None or account[name] >= 0
    assert nearest is None or nearest["falls"] is None or -1 < nearest["falls"] <= 0
    assert nearest is None or nearest["rises"] is None or 0 <= nearest["rises"] <= 1
    for scored in answer["positions"]:
        for name in ("bankruptcy_price", "liquidation_price"):
            assert scored["state"][name] is None or scored["state"][name] > 0


# A hedge, and the legs of a symbol.


def test_legs_of_a_symbol_move_together(service: InProcess) -> None:
    """Long 1 and short 0.9 at 50,000 with 1,000: 1000 + 0.1 (P − 50,000) = 0.004 · 1.9 P; the short has no price."""
    answer = ask(service, HEDGE)
    long, short = of_id(answer, "long")["state"], of_id(answer, "short")["state"]
    assert long["liquidation_price"] == pytest.approx(43_290.04, abs=0.005)
    assert long["bankruptcy_price"] == pytest.approx(40_000, rel=1e-12)
    assert (short["liquidation_price"], short["liquidation_distance"], short["bankruptcy_price"]) == (None, None, None)
    assert answer["account"]["gross_leverage"] == pytest.approx(95)
    assert answer["account"]["net_leverage"] == pytest.approx(5)
    nearest = answer["account"]["nearest_liquidation"]
    assert nearest == {"falls": pytest.approx(43_290.043290 / 50_000 - 1, rel=1e-9), "rises": None}


def test_leverage_of_cross_legs_is_judged_on_gross_leverage(service: InProcess) -> None:
    """At 95 it fires for both, with gross and net in the reason; a leg's own leverage stays its own."""
    answer = ask(service, HEDGE)
    for name, own in (("long", 50), ("short", 45)):
        scored = of_id(answer, name)
        signal = scored["signals"][0]
        assert (signal["fired"], signal["value"]) == (True, answer["account"]["gross_leverage"])
        assert "gross" in signal["reason"].lower()
        assert "net" in signal["reason"].lower()
        assert scored["state"]["effective_leverage"] == pytest.approx(own)
        for action in scored["actions"]:
            if action["action"] == "add_margin":
                assert "gross leverage" in action["reason"], action


def test_legs_without_a_symbol_do_not_move_together(service: InProcess) -> None:
    """Even one whose id is another's symbol: 1000 + (P − 50,000) = 0.004 P + 180, the short's maintenance margin."""
    long, short = HEDGE["positions"]
    apart = [{**long, "symbol": "short"}, {name: part for name, part in short.items() if name != "symbol"}]
    answer = ask(service, {**HEDGE, "positions": apart})
    assert of_id(answer, "long")["state"]["liquidation_price"] == pytest.approx(49_180 / 0.996, rel=1e-12)
    # 1000 − 0.9 (P − 50,000) = 0.9 · 0.004 P + 200
    assert of_id(answer, "short")["state"]["liquidation_price"] == pytest.approx(45_800 / 0.9036, rel=1e-12)
    assert [part["legs"] for part in answer["underlyings"]] == [["long"], ["short"]]
    assert answer["account"]["net_notional"] == answer["account"]["gross_notional"]


def test_underlying_hedges_across_symbols_but_does_not_move_them(service: InProcess) -> None:
    """Legs of one underlying net out; the price of each is that of its symbol alone."""
    long, short = HEDGE["positions"]
    legs = [{**long, "symbol": "BTC-PERP", "underlying": "BTC"}, {**short, "symbol": "BTC"}]
    answer = ask(service, {**HEDGE, "positions": legs})
    assert answer["account"]["net_notional"] == pytest.approx(5_000)
    assert [(part["underlying"], part["legs"]) for part in answer["underlyings"]] == [("BTC", ["long", "short"])]
    assert of_id(answer, "long")["state"]["liquidation_price"] == pytest.approx(49_180 / 0.996, rel=1e-12)


@pytest.mark.parametrize("equity", [300.0, 379.0, 380.0])
def test_account_that_is_due_is_at_its_marks(service: InProcess, equity: float) -> None:
    """Equity does not exceed maintenance margin of 380: no move is needed, and every leg's liquidation is due."""
    answer = ask(service, {**HEDGE, "wallet_balance": equity})
    assert answer["account"]["nearest_liquidation"] == {"falls": 0, "rises": 0}
    assert answer["account"]["margin_ratio"] == pytest.approx(380 / equity)
    for scored in answer["positions"]:
        assert scored["state"]["liquidation_price"] == 50_000
        assert scored["state"]["liquidation_distance"] == 0
        assert any("liquidation is due" in action["reason"] for action in scored["actions"])


@pytest.mark.parametrize("equity", [0.0, -100.0])
def test_account_whose_equity_is_used_up_has_no_ratios(service: InProcess, equity: float) -> None:
    """And its legs no bankruptcy prices: there is equity at no price near, whichever leg moves."""
    answer = ask(service, {**HEDGE, "wallet_balance": equity})
    account = answer["account"]
    assert [account[name] for name in ACCOUNT_RATIOS] == [None, None, None]
    assert (account["equity"], account["margin_free"]) == (equity, pytest.approx(equity - 380))
    assert account["nearest_liquidation"] == {"falls": 0, "rises": 0}
    for scored in answer["positions"]:
        assert scored["state"]["bankruptcy_price"] is None
        assert scored["signals"][0]["fired"] is True


@pytest.mark.parametrize(
    ("maintenance_margin", "price"),
    [
        (480.0, 4_100 / 0.0924),  # 100 more than the legs' own 380
        (190.0, 4_000 / 0.0962),  # half of it, so half of the rate
    ],
)
def test_sent_maintenance_margin_decides_over_the_legs(
    service: InProcess, maintenance_margin: float, price: float
) -> None:
    """Above it the rest stands still, below it rate and amount are scaled."""
    answer = ask(service, {**HEDGE, "maintenance_margin": maintenance_margin})
    assert answer["account"]["maintenance_margin"] == maintenance_margin
    assert of_id(answer, "long")["state"]["liquidation_price"] == pytest.approx(price, rel=1e-12)
    assert answer["account"]["nearest_liquidation"]["falls"] == pytest.approx(price / 50_000 - 1, rel=1e-12)


def test_fall_to_nothing_is_no_liquidation(service: InProcess) -> None:
    """A long that all of its value backs: equity is 0 at a price of 0, which is never reached."""
    leg = {**HEDGE["positions"][0], "maintenance_margin_rate": 0.004, "maintenance_amount": 1e9}
    answer = ask(service, {**HEDGE, "wallet_balance": 50_000.0, "positions": [leg]})
    assert answer["account"]["nearest_liquidation"] == {"falls": None, "rises": None}
    assert answer["positions"][0]["state"]["liquidation_price"] is None


# Which leg is taken.


@tried
@given(
    drawn=ordinary_accounts().flatmap(lambda account: st.tuples(st.just(account), st.none() | isolated_legs(account))),
    meters=st.lists(st.none() | st.sampled_from((1.0, 2.0, 3.0)), min_size=13, max_size=13),
)
def test_first_of_an_underlying_is_the_leg_likelier_to_be_taken(
    service: InProcess, drawn: tuple[Drawn, Drawn | None], meters: list[float | None]
) -> None:
    """By meter where every leg has one, band, key, notional and id; and what is left open without it."""
    request, isolated = drawn
    legs = request["positions"] + ([] if isolated is None else [isolated])
    rules = CATALOGUE[request["venue"]].rules
    if isinstance(rules.meter, LevelMeter):
        legs = [leg if meter is None else {**leg, "adl_meter": meter} for leg, meter in zip(legs, meters, strict=False)]
    answer = ask(service, {**request, "positions": legs})
    sent = {leg["id"]: leg for leg in legs}
    assert sorted(itertools.chain(*(part["legs"] for part in answer["underlyings"]))) == sorted(sent)
    for part in answer["underlyings"]:
        scores = [of_id(answer, name) for name in part["legs"]]
        assert part["first"] == first_of(scores)["id"]
        signed = {
            name: of_id(answer, name)["state"]["notional"] * (1 if sent[name]["side"] == "long" else -1)
            for name in part["legs"]
        }
        near = pytest.approx(math.fsum(signed.values()), abs=1e-12 * math.fsum(map(abs, signed.values())))
        assert part["net_notional"] == near
        del signed[part["first"]]
        assert part["if_taken"]["net_notional_after"] == pytest.approx(
            math.fsum(signed.values()), abs=1e-12 * (1 + abs(part["net_notional"]))
        )
        if sent[part["first"]].get("margin_mode") != "isolated":
            at_mark = rules.execution.price == "mark"
            assert part["if_taken"]["equity_after"] == (answer["account"]["equity"] if at_mark else None)


def first_of(scores: list[Drawn]) -> Drawn:
    """The rule of the contract, on the answer's own figures."""
    metered = all(scored["signals"][4]["value"] is not None for scored in scores)

    def place(scored: Drawn) -> Any:
        priority = (scored["queue"] or {}).get("priority")
        return (
            -scored["signals"][4]["value"] if metered else 0.0,
            -("low", "watch", "high").index(scored["band"]),
            math.inf if priority is None else -priority,
            -scored["state"]["notional"],
            scored["id"],
        )

    return min(scores, key=place)


# What cannot be read, or is not known, is never left out.

DAMAGED: dict[str, Any] = {
    "no object": 7,
    "no size": {"id": "bad", "symbol": "ETH-USDT-SWAP", "side": "long", "entry_price": 1.0, "mark_price": 1.0},
    "negative size": {"id": "bad", "side": "long", "size": -1.0, "entry_price": 1.0, "mark_price": 1.0},
    "unknown side": {"id": "bad", "side": "sell", "size": 1.0, "entry_price": 1.0, "mark_price": 1.0},
    "margin in cross mode": {"id": "bad", "side": "long", "size": 1.0, "entry_price": 1.0, "mark_price": 1.0,
                             "margin": 5.0},
    "equity in cross mode": {"id": "bad", "side": "long", "size": 1.0, "entry_price": 1.0, "mark_price": 1.0,
                             "margin_mode": "cross", "equity": 5.0},
    "maintenance margin in cross mode": {"id": "bad", "side": "long", "size": 1.0, "entry_price": 1.0,
                                         "mark_price": 1.0, "maintenance_margin": 5.0},
    "unknown margin mode": {"id": "bad", "side": "long", "size": 1.0, "entry_price": 1.0, "mark_price": 1.0,
                            "margin_mode": "portfolio"},
}  # fmt: skip
OF_LEGS = ("gross_notional", "net_notional", "gross_leverage", "net_leverage")
NEEDS_LEGS: dict[str, tuple[str, ...]] = {
    # what was sent: figures of the account that an unreadable leg makes unknown
    "wallet_balance": (*OF_LEGS, "equity", "maintenance_margin", "margin_ratio", "margin_free"),
    "equity": (*OF_LEGS, "wallet_balance", "maintenance_margin", "margin_ratio", "margin_free"),
    "wallet_balance maintenance_margin": (*OF_LEGS, "equity", "margin_ratio", "margin_free"),
    "equity maintenance_margin": (*OF_LEGS, "wallet_balance"),
    "equity wallet_balance": (*OF_LEGS, "maintenance_margin", "margin_ratio", "margin_free"),
}
SENT = {"wallet_balance": 20_000.0, "equity": 25_000.0, "maintenance_margin": 1_000.0}


@pytest.mark.parametrize("told", NEEDS_LEGS)
@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_unreadable_cross_leg_makes_what_needs_it_null(service: InProcess, kind: str, told: str, place: int) -> None:
    """A problem at its place; no figure of the account or of another leg leaves it out."""
    legs = list(TWO["positions"])
    legs.insert(place, DAMAGED[kind])
    sent = {name: SENT[name] for name in told.split()}
    answer = ask(service, {**TWO, **sent, "positions": legs})
    account, problem = answer["account"], answer["positions"][place]
    assert problem["status"] in (400, 422)
    pointers = [error["pointer"] for error in problem["errors"]]
    assert pointers
    assert all(pointer.startswith(f"/positions/{place}") for pointer in pointers), pointers
    figures = (*ACCOUNT_MONEY, *ACCOUNT_RATIOS)
    assert {name for name in figures if account[name] is None} == set(NEEDS_LEGS[told])
    assert account["nearest_liquidation"] is None
    for name, number in sent.items():
        assert account[name] == number
    known = "equity" in sent
    for scored in (part for number, part in enumerate(answer["positions"]) if number != place):
        state = scored["state"]
        for name in ("equity", "margin", "effective_leverage"):
            assert (state[name] is not None) is known, name
        assert scored["signals"][0]["fired"] is not False
        assert scored["signals"][0]["value"] is None
        if not (known and "maintenance_margin" in sent):
            assert state["liquidation_price"] is None
            assert scored["queue"] is None  # htx's key needs both
    assert [part["legs"] for part in answer["underlyings"]] == [["btc"], ["eth"]]


def test_unreadable_isolated_leg_changes_nothing_else(service: InProcess) -> None:
    """It has no part in the account."""
    bad = {"id": "bad", "side": "long", "size": -1.0, "entry_price": 1.0, "mark_price": 1.0, "margin": 1.0,
           "margin_mode": "isolated"}  # fmt: skip
    request = {**TWO, "wallet_balance": 20_000.0}
    answer = ask(service, {**request, "positions": [bad, *TWO["positions"]]})
    without = ask(service, request)
    assert answer["account"] == without["account"]
    assert answer["positions"][1:] == without["positions"]
    assert answer["positions"][0]["errors"][0]["pointer"] == "/positions/0/size"


def test_leg_that_cannot_be_scored_counts_in_the_account(service: InProcess) -> None:
    """A meter off the scale is a problem at its place; the position is there all the same."""
    request = {**TWO, "wallet_balance": 20_000.0}
    first, second = TWO["positions"]
    answer = ask(service, {**request, "positions": [first, {**second, "adl_meter": 9.0}]})
    without = ask(service, request)
    assert answer["account"] == without["account"]
    assert answer["positions"][0] == without["positions"][0]
    problem = answer["positions"][1]
    assert problem["type"] == "/problems/meter-out-of-scale"
    assert [error["pointer"] for error in problem["errors"]] == ["/positions/1/adl_meter"]


def test_cross_leg_without_a_rate_leaves_all_maintenance_unknown(service: InProcess) -> None:
    """Of the account and of every leg; equity and what follows from it alone are known."""
    first, second = TWO["positions"]
    legs = [first, {name: part for name, part in second.items() if name != "maintenance_margin_rate"}]
    answer = ask(service, {**TWO, "wallet_balance": 20_000.0, "positions": legs})
    account = answer["account"]
    null = {name for name in (*ACCOUNT_MONEY, *ACCOUNT_RATIOS) if account[name] is None}
    assert null == {"maintenance_margin", "margin_ratio", "margin_free"}
    assert account["equity"] == 29_000  # 20,000 + 10,000 − 1,000
    assert account["nearest_liquidation"] is None
    for scored in answer["positions"]:
        assert scored["state"]["liquidation_price"] is None
        assert scored["state"]["effective_leverage"] is not None
        assert scored["queue"] is None
        assert not {"maintenance_margin", "maintenance_margin_rate"}.isdisjoint(scored["missing"])
    # All else still: 29,000 + (P − 60,000) = 0, and 29,000 − 10 (P − 3,100) = 0.
    assert of_id(answer, "btc")["state"]["bankruptcy_price"] == pytest.approx(31_000)
    assert of_id(answer, "eth")["state"]["bankruptcy_price"] == pytest.approx(6_000)


def test_account_without_equity_is_unknown_by_name(service: InProcess) -> None:
    """Neither wallet balance nor equity is sent: `missing` names the former, and nothing is taken for insolvent."""
    answer = ask(service, TWO)
    account = answer["account"]
    null = {name for name in (*ACCOUNT_MONEY, *ACCOUNT_RATIOS) if account[name] is None}
    assert null == {"equity", "wallet_balance", "margin_free", *ACCOUNT_RATIOS}
    assert account["maintenance_margin"] == pytest.approx(240 + 310)
    assert account["nearest_liquidation"] is None
    for scored in answer["positions"]:
        assert scored["missing"].count("wallet_balance") == 1
        assert "margin" not in scored["missing"]
        assert scored["signals"][0]["fired"] is None
        assert scored["queue"] is None
        assert scored["state"]["equity"] is None
    assert of_id(answer, "btc")["state"]["profit_share"] is None  # a profit, of an unknown equity
    assert of_id(answer, "eth")["state"]["profit_share"] == 0


# Requests that are refused.


@pytest.mark.parametrize(
    ("changes", "slug", "pointer"),
    [
        ({"id": "btc"}, "duplicate-id", "/positions/1/id"),
        ({"contract": "inverse"}, "mixed-settlement", None),
        ({"symbol": "BTC-USDT-SWAP", "mark_price": 61_000.0}, "contract-mismatch", "/positions/1/mark_price"),
        (
            {"symbol": "BTC-USDT-SWAP", "mark_price": 60_000.0, "contract_size": 0.01},
            "contract-mismatch",
            "/positions/1/contract_size",
        ),
    ],
)
def test_legs_that_contradict_one_another_are_refused(
    service: InProcess, changes: Drawn, slug: str, pointer: str | None
) -> None:
    """By name and by place."""
    first, second = TWO["positions"]
    request = {**TWO, "wallet_balance": 20_000.0, "positions": [first, {**second, **changes}]}
    answer = service.ask("POST", "/account", json.dumps(request).encode())
    assert (answer.status, answer.content["type"]) == (422, f"/problems/{slug}"), answer.content
    if pointer is not None:
        assert [error["pointer"] for error in answer.content["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("first", "second", "status"), [("USDT", "USDC", 422), ("USDT", "USDT", 200), ("USDT", None, 200)]
)
def test_cross_legs_of_two_settlements_are_refused(
    service: InProcess, first: str, second: str | None, status: int
) -> None:
    """Named differently; one that names none is taken to be of the other's."""
    legs = [{**leg, "settlement": name} for leg, name in zip(TWO["positions"], (first, second), strict=True)]
    answer = service.ask("POST", "/account", json.dumps({**TWO, "wallet_balance": 1.0, "positions": legs}).encode())
    assert answer.status == status, answer.content
    assert status == 200 or answer.content["type"] == "/problems/mixed-settlement"


def test_two_legs_of_a_symbol_and_side_are_allowed(service: InProcess) -> None:
    """They are added up for the account, and scored apart."""
    first, second = TWO["positions"]
    answer = ask(service, {**TWO, "wallet_balance": 20_000.0, "positions": [first, {**first, "id": "more"}, second]})
    assert answer["account"]["gross_notional"] == pytest.approx(151_000)
    one, more = of_id(answer, "btc"), of_id(answer, "more")
    assert {**one, "id": "more"} == more
