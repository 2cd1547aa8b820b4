"""Laws of a position's state: every figure compared with its exact fraction."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple, Self

from adlrisk.venues.catalogue import load_catalogue
from support.fuzz.near import LAST_BITS, ROUNDING, assert_near, given_balance, sign_of

Request = Mapping[str, Any]
Content = Mapping[str, Any]

_CATALOGUE: Final = load_catalogue()
_UNREACHABLE: Final = Fraction(1e-12)
_OF_TERMS: Final = 4 * ROUNDING  # prices: of the magnitudes that they are the sum of
_NEAR: Final = 1e-9
_NEEDS_EQUITY: Final = (
    "return_on_margin", "margin", "equity", "effective_leverage", "bankruptcy_price", "liquidation_price",
    "liquidation_distance",
)  # fmt: skip


class Values(NamedTuple):
    """A position's exact values; amounts in settlement currency."""

    s: int
    inverse: bool
    q: Fraction
    entry: Fraction
    mark: Fraction

    @classmethod
    def of(cls, position: Request) -> Self:
        """Those of ``position``."""
        return cls(
            s=sign_of(position["side"]),
            inverse=position.get("contract", "linear") == "inverse",
            q=Fraction(position["size"]) * Fraction(position.get("contract_size", 1)),
            entry=Fraction(position["entry_price"]),
            mark=Fraction(position["mark_price"]),
        )

    def worth(self, price: Fraction) -> Fraction:
        """The value at ``price``."""
        return self.q / price if self.inverse else self.q * price

    @property
    def notional(self) -> Fraction:
        """The value at mark."""
        return self.worth(self.mark)

    @property
    def entry_notional(self) -> Fraction:
        """The value at entry."""
        return self.worth(self.entry)

    @property
    def pnl(self) -> Fraction:
        """The unrealized PnL."""
        gained = self.notional - self.entry_notional
        return -self.s * gained if self.inverse else self.s * gained


class Maintenance(NamedTuple):
    """The maintenance margin that must be in force: max(0, value·rate − amount) + others."""

    rate: Fraction
    amount: Fraction
    on_entry: bool
    others: Fraction
    is_given: bool

    @classmethod
    def of(cls, position: Request, answer: Content) -> Self | None:
        """That of ``position`` in ``answer``; ``None``: it is unknown, or by a card or record that is not at hand."""
        rate, basis = position.get("maintenance_margin_rate"), position.get("maintenance_basis")
        if (rate is None or basis is None) and answer["venue"]["source"] != "catalogue":
            raise LookupError("an overridden card")
        if rate is None and (answer.get("market") or {}).get("status") == "used":
            raise LookupError("perhaps a record's tier")
        rules = _CATALOGUE[answer["venue"]["id"]].rules
        rate = rules.maintenance_margin_rate if rate is None else rate
        sent = position.get("maintenance_margin")
        on_entry = (basis or rules.maintenance_basis) == "entry"
        if rate is None:
            return None if sent is None else cls(Fraction(0), Fraction(0), on_entry, Fraction(sent), is_given=True)
        amount = Fraction(position.get("maintenance_amount", 0))
        alone = cls(Fraction(rate), amount, on_entry, Fraction(0), is_given=False)
        if sent is None:
            return alone
        own = alone.own(Values.of(position))
        if sent >= own:
            return alone._replace(others=Fraction(sent) - own, is_given=True)
        scale = Fraction(sent) / own
        return alone._replace(rate=alone.rate * scale, amount=amount * scale, is_given=True)

    def own(self, values: Values) -> Fraction:
        """The position's own part at its mark; 0 if the difference is mere rounding."""
        worth = values.entry_notional if self.on_entry else values.notional
        due = worth * self.rate - self.amount
        return due if due > Fraction(ROUNDING) * self.amount else Fraction(0)


def check_state(
    position: Request, state: Content, *, margin: Fraction | None = None, maintenance: Maintenance | str | None = "skip"
) -> None:
    """Value and PnL are exact to the last bits, equity to the last bits of its terms, prices to those of theirs.

    ``margin``, if known, replaces what the position says; prices are checked unless ``maintenance`` is "skip".
    """
    values = Values.of(position)
    assert_near(state["notional"], values.notional)
    assert_near(state["entry_notional"], values.entry_notional)
    assert_near(state["unrealized_pnl"], values.pnl)
    assert_near(state["return_on_entry"], values.pnl / values.entry_notional)
    assert_near(state["pnl_to_notional"], values.pnl / values.notional)
    if not _check_backing(position, state, values, margin=margin):
        assert all(state[name] is None for name in _NEEDS_EQUITY)
        assert state["profit_share"] == (None if state["unrealized_pnl"] > 0 else 0)
        return
    _check_ratios(state)
    if not isinstance(maintenance, str):
        anchor = (
            (values.mark, state["equity"]) if position.get("equity") is not None else (values.entry, state["margin"])
        )
        check_prices(state, values, anchor=anchor[0], backing=Fraction(anchor[1]), maintenance=maintenance)


def _check_backing(position: Request, state: Content, values: Values, *, margin: Fraction | None) -> bool:
    """Equity decides over margin, margin over leverage; return whether there is any of them."""
    terms = abs(values.pnl)
    if position.get("equity") is not None:
        equity = given_balance(position["equity"])
        assert Fraction(state["equity"]) == equity
        assert_near(state["margin"], equity - values.pnl, of=max(abs(equity), terms), within=2 * ROUNDING)
        return True
    if margin is None:
        if position.get("margin") is not None:
            margin = Fraction(position["margin"])
        elif position.get("leverage") is not None:
            margin = values.entry_notional / Fraction(position["leverage"])
        else:
            return False
    assert_near(state["margin"], margin, within=1e-12)
    assert_near(state["equity"], margin + values.pnl, of=max(abs(margin), terms), within=2 * ROUNDING)
    return True


def _check_ratios(state: Content) -> None:
    equity, leverage, margin, pnl = (
        state[name] for name in ("equity", "effective_leverage", "margin", "unrealized_pnl")
    )
    assert (leverage is None) == (equity <= 0)
    if leverage is not None:
        assert_near(leverage, Fraction(state["notional"]) / Fraction(equity))
    assert state["profit_share"] == (pnl / equity if pnl > 0 < equity else 0)
    assert state["return_on_margin"] == (pnl / margin if margin > 0 else None)


def check_prices(
    state: Content, values: Values, *, anchor: Fraction, backing: Fraction, maintenance: Maintenance | None
) -> None:
    """Equity is 0 at the bankruptcy price and meets maintenance at the liquidation price, which comes no later.

    ``backing`` is the equity at the price ``anchor``. Inverse prices are compared as reciprocals.
    """
    s, q, mark = values.s, values.q, values.mark
    anchor, start = (1 / anchor, 1 / values.entry) if values.inverse else (anchor, values.entry)
    towards = -s if values.inverse else s  # the sign of the equity's slope
    floor = start * _UNREACHABLE
    terms = anchor + abs(backing) / q
    bankruptcy = anchor - towards * backing / q
    never = _check_price(state["bankruptcy_price"], bankruptcy, floor, terms, inverse=values.inverse)
    shown = state["liquidation_price"]
    distance = None if shown is None else s * (float(mark) - shown) / float(mark)
    assert state["liquidation_distance"] == distance
    if maintenance is None:
        assert shown is None
        return
    if maintenance.is_given:
        total, equity = maintenance.own(values) + maintenance.others, Fraction(state["equity"])
        if abs(equity - total) <= Fraction(_NEAR) * (total + maintenance.amount + abs(equity)):
            return
        if equity < total:
            assert shown == float(mark)
            return
    if never and towards < 0:
        assert shown is None
        return
    free = backing - maintenance.others
    spent = anchor - towards * free / q
    if maintenance.on_entry:
        slope = Fraction(1)
        liquidation = spent + towards * (maintenance.rate * values.entry_notional - maintenance.amount) / q
    else:
        slope = 1 - towards * maintenance.rate
        liquidation = (anchor - towards * (free + maintenance.amount) / q) / slope
    if spent > floor:
        liquidation = max(liquidation, spent) if towards > 0 else min(liquidation, spent)
    more = (maintenance.others + maintenance.amount) / q + maintenance.rate * start
    _check_price(shown, liquidation, floor, (terms + more) / slope, inverse=values.inverse)


def _check_price(shown: float | None, exact: Fraction, floor: Fraction, terms: Fraction, *, inverse: bool) -> bool:
    """Check one price against its exact value, or reciprocal, and return whether it is out of reach."""
    allowed = terms * Fraction(_OF_TERMS)
    if shown is None:
        assert exact <= floor + allowed, float(exact)
        return True
    price = 1 / Fraction(shown) if inverse else Fraction(shown)
    assert exact > floor - allowed
    assert_near(price, exact, of=terms, within=_OF_TERMS + 2 * LAST_BITS)
    return False
