"""Laws of scored accounts: every figure of the account and of its legs compared with exact fractions."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from adlrisk.venues.catalogue import load_catalogue
from support.fuzz.near import ROUNDING, assert_near, given_balance
from support.fuzz.state_laws import Maintenance, Values, check_state
from support.fuzz.trigger_laws import check_trigger

Request = Mapping[str, Any]
Content = Mapping[str, Any]

_CATALOGUE: Final = load_catalogue()
_NEAR: Final = 1e-9
_SUMS: Final = 1e-12
_FAR: Final = Fraction(1, 10**6)
_READ_NEVERTHELESS: Final = ("/problems/meter-out-of-scale", "/problems/venue-has-no-meter")


class Leg(NamedTuple):
    """A leg that can be read, with its exact values; ``maintenance`` is its own, ``None`` if unknown."""

    asked: Request
    values: Values
    maintenance: Maintenance | None
    answer: Content

    @property
    def is_cross(self) -> bool:
        """Whether the account backs it."""
        return bool(self.asked.get("margin_mode", "cross") == "cross")

    @property
    def signed(self) -> Fraction:
        """Its signed notional."""
        return self.values.s * self.values.notional

    @property
    def symbol(self) -> str:
        """What moves together with it."""
        given: str | None = self.asked.get("symbol")
        return f"={self.asked['id']}" if given is None else given

    @property
    def underlying(self) -> str:
        """What it is a bet on, as it is shown."""
        return self.asked.get("underlying") or self.asked.get("symbol") or self.asked["id"]  # type: ignore[no-any-return]

    def own(self) -> Fraction | None:
        """Its own maintenance margin at the mark."""
        return None if self.maintenance is None else self.maintenance.own(self.values)

    def due_at(self, factor: Fraction, scale: Fraction) -> Fraction:
        """The part of it that moves, scaled, with the price at ``factor`` times the mark."""
        if self.maintenance is None or self.maintenance.on_entry:
            return Fraction(0)
        worth = self.values.worth(self.values.mark * factor)
        return scale * max(Fraction(0), worth * self.maintenance.rate - self.maintenance.amount)

    def gained_at(self, factor: Fraction) -> Fraction:
        """What the account gains by it as the price goes from the mark to ``factor`` times the mark."""
        moved = self.values.worth(self.values.mark * factor) - self.values.notional
        return self.values.s * (-moved if self.values.inverse else moved)


def check_account(request: Request, answer: Content) -> None:
    """Legs are answered in order; the account's figures are theirs, and null where a leg's are not known."""
    asked, answered = request["positions"], answer["positions"]
    assert len(answered) == len(asked)
    assert answer["venue"]["id"] == _CATALOGUE[request["venue"]].rules.id
    if answer["venue"]["source"] != "catalogue":
        return  # the rate and basis of an overridden card are not at hand
    legs, unreadable = [], 0
    for index, (leg, result) in enumerate(zip(asked, answered, strict=True)):
        if "score" in result or result["type"] in _READ_NEVERTHELESS:
            legs.append(Leg(leg, Values.of(leg), _maintenance_of(leg, answer), result))
        else:
            unreadable += not (isinstance(leg, dict) and leg.get("margin_mode") == "isolated")
        if "score" in result:
            assert result["id"] == leg["id"]
        else:
            assert all(error["pointer"].startswith(f"/positions/{index}") for error in result["errors"])
    cross = [leg for leg in legs if leg.is_cross]
    figures = answer["account"]
    check_balance(request, figures, cross, unreadable=unreadable)
    check_exposure(request, figures, cross, unreadable=unreadable)
    check_ratios(figures)
    check_common_moves(request, figures, cross, unreadable=unreadable)
    for leg in legs:
        if "score" in leg.answer:
            check_trigger(leg.asked, request.get("markets", {}).get(leg.asked.get("symbol"), {}), leg.answer)
            check_leg(request, figures, leg, cross, unreadable=unreadable)
    check_underlyings(answer, legs, is_complete=len(legs) == len(asked))


def _maintenance_of(leg: Request, answer: Content) -> Maintenance | None:
    return Maintenance.of({**leg, "maintenance_margin": None}, {"venue": answer["venue"]})


def check_balance(request: Request, figures: Content, cross: Sequence[Leg], *, unreadable: int) -> None:
    """Equity decides over wallet balance; each follows from the other by the PnL of all cross legs."""
    equity, wallet = request.get("equity"), request.get("wallet_balance")
    gained = [leg.values.pnl for leg in cross]
    for given, other, name, sign in ((equity, wallet, "equity", 1), (wallet, equity, "wallet_balance", -1)):
        if given is not None:
            assert Fraction(figures[name]) == given_balance(given)
        elif other is None or unreadable:
            assert figures[name] is None
        else:
            terms = [given_balance(other), *(sign * pnl for pnl in gained)]
            of = sum(map(abs, terms), Fraction(0))
            assert_near(figures[name], sum(terms, Fraction(0)), of=of, within=_SUMS)
    lacks_rate = figures["maintenance_margin"] is None and None in [leg.own() for leg in cross]
    reasons = {
        "wallet_balance": equity is None and wallet is None,
        "maintenance_margin": lacks_rate,
        "positions": unreadable > 0,
    }
    assert sorted(figures["missing"]) == sorted(name for name, is_missing in reasons.items() if is_missing)


def check_exposure(request: Request, figures: Content, cross: Sequence[Leg], *, unreadable: int) -> None:
    """Maintenance margin and notionals are sums over the cross legs, null unless all of them are known."""
    own = [leg.own() for leg in cross]
    if request.get("maintenance_margin") is not None:
        assert figures["maintenance_margin"] == request["maintenance_margin"]
    elif unreadable or None in own:
        assert figures["maintenance_margin"] is None
    else:
        amounts = sum((leg.maintenance.amount for leg in cross if leg.maintenance is not None), Fraction(0))
        due = sum((part for part in own if part is not None), Fraction(0))
        assert_near(figures["maintenance_margin"], due, of=due + amounts, within=2 * ROUNDING)
    if unreadable:
        assert figures["gross_notional"] is figures["net_notional"] is None
        return
    gross = sum((leg.values.notional for leg in cross), Fraction(0))
    assert_near(figures["gross_notional"], gross)
    by_underlying: dict[str, Fraction] = {}
    for leg in cross:
        group = leg.underlying if leg.asked.get("underlying") else leg.symbol
        by_underlying[group] = by_underlying.get(group, Fraction(0)) + leg.signed
    assert_near(figures["net_notional"], sum(map(abs, by_underlying.values()), Fraction(0)), of=gross)


def check_ratios(figures: Content) -> None:
    """Ratios are over the equity shown, null where it is not above 0."""
    equity, due = figures["equity"], figures["maintenance_margin"]
    for name, amount in (
        ("margin_ratio", due),
        ("gross_leverage", figures["gross_notional"]),
        ("net_leverage", figures["net_notional"]),
    ):
        known = amount is not None and equity is not None and equity > 0
        assert figures[name] == (amount / equity if known else None)
    assert figures["margin_free"] == (None if equity is None or due is None else equity - due)


class Room(NamedTuple):
    """What is left of the equity above maintenance margin, as the prices of ``legs`` move by one factor."""

    equity: Fraction
    total: Fraction  # maintenance margin at the mark
    scale: Fraction  # of rates and amounts
    legs: Sequence[Leg]

    def at(self, factor: Fraction) -> Fraction:
        """The room with the prices at ``factor`` times the marks."""
        moving = sum((leg.due_at(Fraction(1), self.scale) for leg in self.legs), Fraction(0))
        fixed = max(Fraction(0), self.total - moving)
        gained = sum((leg.gained_at(factor) - leg.due_at(factor, self.scale) for leg in self.legs), Fraction(0))
        return self.equity + gained - fixed

    def allowed(self, factor: Fraction) -> Fraction:
        """What rounding may leave of it."""
        worth = [leg.values.notional + leg.values.worth(leg.values.mark * factor) for leg in self.legs]
        amounts = [self.scale * leg.maintenance.amount for leg in self.legs if leg.maintenance is not None]
        return Fraction(_NEAR) * (abs(self.equity) + self.total + sum(worth) + sum(amounts))


def room_of(
    request: Request, figures: Content, cross: Sequence[Leg], legs: Sequence[Leg], *, due: bool = True
) -> Room | None:
    """The room as ``legs`` move; ``None`` if it is unknown, not above 0 at the mark, or too small to judge."""
    equity, total = figures["equity"], figures["maintenance_margin"] if due else 0.0
    if equity is None or total is None or equity <= total:
        return None
    known = sum((leg.own() or Fraction(0) for leg in cross), Fraction(0))
    given = request.get("maintenance_margin")
    scale = Fraction(given) / known if given is not None and given < known else Fraction(1)
    room = Room(Fraction(equity), Fraction(total), scale if due else Fraction(0), legs)
    return room if room.at(Fraction(1)) > room.allowed(Fraction(1)) else None


def check_common_moves(request: Request, figures: Content, cross: Sequence[Leg], *, unreadable: int) -> None:
    """At each common move the room is nothing; where there is none, room is left up to −100 % and +100 %."""
    nearest, equity, total = figures["nearest_liquidation"], figures["equity"], figures["maintenance_margin"]
    if unreadable or equity is None or total is None:
        assert nearest is None
        return
    if not cross:
        assert nearest == {"falls": None, "rises": None}  # there is nothing to liquidate
        return
    if equity <= total:
        assert nearest == {"falls": 0.0, "rises": 0.0}
        return
    room = room_of(request, figures, cross, cross)
    if room is None:
        return
    for name, end, sign in (("falls", _FAR, -1), ("rises", Fraction(2), 1)):
        move = nearest[name]
        if move is None:
            assert room.at(end) >= -room.allowed(end)
            continue
        assert 0 <= sign * move <= 1
        check_no_room(room, 1 + Fraction(move))


def check_no_room(room: Room, factor: Fraction) -> None:
    """The room is lost at ``factor``, as exactly as a double next to 1 can say it."""
    assert factor > 0
    step = min(Fraction(1, 2), Fraction(2, 10**13) * max(Fraction(1), 1 / factor))
    around = [room.at(factor * (1 - step)), room.at(factor * (1 + step))]
    assert min(around) <= room.allowed(factor)
    assert max(around) >= -room.allowed(factor)


def check_leg(request: Request, figures: Content, leg: Leg, cross: Sequence[Leg], *, unreadable: int) -> None:
    """A leg's own figures are those of its size and prices, and its prices those at which its account ends."""
    state = leg.answer["state"]
    if not leg.is_cross:
        found = Maintenance.of(leg.asked, leg.answer)
        check_state(leg.asked, state, maintenance=found)
        return
    backed = {**leg.asked, "equity": figures["equity"], "leverage": None}
    check_state(backed, state)
    if figures["equity"] is None:
        return
    (leverage,) = (signal for signal in leg.answer["signals"] if signal["signal"] == "leverage")
    if figures["equity"] > 0:
        assert leverage["value"] == figures["gross_leverage"]
    if unreadable or len(cross) == 1:
        return  # one leg: tests of its own compare it with a score
    if figures["maintenance_margin"] is None:
        assert state["liquidation_price"] is None
    elif figures["equity"] <= figures["maintenance_margin"]:
        assert state["liquidation_price"] == leg.asked["mark_price"]
    together = [other for other in cross if other.symbol == leg.symbol]
    for name, due in (("liquidation_price", True), ("bankruptcy_price", False)):
        room = room_of(request, figures, cross, together, due=due)
        if room is not None:
            check_price(state[name], room, leg)
        elif not due and figures["equity"] <= 0:
            assert state[name] is None


def check_price(price: float | None, room: Room, leg: Leg) -> None:
    """The price is on the side of the leg's loss, and no room is left there; without one, room is left all the way."""
    if price is None:
        end = _FAR if leg.values.s > 0 else 1 / _FAR
        if not _FAR < leg.values.mark / leg.values.entry < 1 / _FAR:
            return  # a price of that size may be out of reach of the entry price
        assert room.at(end) >= -room.allowed(end)
        return
    factor = Fraction(price) / leg.values.mark
    assert (1 - factor) * leg.values.s >= -Fraction(_SUMS)
    check_no_room(room, factor)


def check_underlyings(answer: Content, legs: Sequence[Leg], *, is_complete: bool) -> None:
    """Legs of one underlying are listed in order, and what is left without the first is the sum of the others."""
    groups: dict[tuple[str, bool], list[Leg]] = {}
    for leg in legs:
        named = bool(leg.asked.get("underlying") or leg.asked.get("symbol"))
        groups.setdefault((leg.underlying, named), []).append(leg)
    assert [group["underlying"] for group in answer["underlyings"]] == [name for name, _ in groups]
    at_mark = _CATALOGUE[answer["venue"]["id"]].rules.execution.price == "mark"
    for shown, group in zip(answer["underlyings"], groups.values(), strict=True):
        assert shown["legs"] == [leg.asked["id"] for leg in group]
        gross = sum((leg.values.notional for leg in group), Fraction(0))
        if is_complete:
            assert_near(shown["net_notional"], sum((leg.signed for leg in group), Fraction(0)), of=gross)
        scored = {leg.asked["id"]: leg for leg in group if "score" in leg.answer}
        assert (shown["first"] is None) == (shown["if_taken"] is None)
        if shown["first"] is None:
            assert len(scored) < len(group) or not is_complete
            continue
        assert len(scored) == len(group)
        first, taken = scored[shown["first"]], shown["if_taken"]
        bands = ["low", "watch", "high"]
        if all(leg.answer.get("signals", [{"value": None}])[-1]["value"] is None for leg in group):
            assert first.answer["band"] == max((leg.answer["band"] for leg in scored.values()), key=bands.index)
        if is_complete:
            left = sum((leg.signed for leg in group if leg is not first), Fraction(0))
            assert_near(taken["net_notional_after"], left, of=gross)
        released = 0.0 if first.is_cross else first.answer["state"]["equity"]
        if released is not None:
            released = max(0.0, released)  # an isolated leg's loss ends at its margin
        equity = answer["account"]["equity"]
        if not at_mark or equity is None or released is None:
            assert taken["equity_after"] is None
        else:
            of = abs(Fraction(equity)) + abs(Fraction(released))
            assert_near(taken["equity_after"], Fraction(equity) + Fraction(released), of=of)
