"""Exact reference of a margin account: its figures in fractions, and the price moves that end it by bisection.

Written from the design's page, not from the code, and without its closed formulas: what an account has left above its
maintenance margin is computed exactly at any price, and the prices at which that is nothing are searched.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from support.accounts.bisection import first_not_above_zero
from support.exact import EQUITY_CUT, Figure, sum_of

NOTHING = Figure(Fraction(0), Fraction(0))
RESIDUE = Fraction(1, 10**12)  # of its terms: money below it may be taken for none
_FAR = 2.0**300  # how far, as a factor, prices are searched
_WHOLE_FALL = 1.0 - 2.0**-53  # the last double before the marks are 0

Basis = Literal["mark", "entry"]
Request = Mapping[str, Any]


class Card(NamedTuple):
    """What a venue's card decides: the defaults of maintenance margin, and the ranking key."""

    rate: float | None = None
    basis: Basis = "mark"
    formula: str | None = None


class Leg:
    """One position as it was sent, with the doubles taken as exact numbers."""

    def __init__(self, sent: Request, card: Card) -> None:
        self.sent = sent
        self.id: str = sent.get("id", "")
        self.is_cross = sent.get("margin_mode", "cross") == "cross"
        self.s = 1 if sent["side"] == "long" else -1
        self.inverse = sent.get("contract", "linear") == "inverse"
        self.q = Fraction(sent["size"]) * Fraction(sent.get("contract_size", 1))
        self.entry, self.mark = Fraction(sent["entry_price"]), Fraction(sent["mark_price"])
        rate = card.rate if sent.get("maintenance_margin_rate") is None else sent["maintenance_margin_rate"]
        self.rate = None if rate is None else Fraction(rate)
        self.amount = Fraction(sent.get("maintenance_amount", 0))
        self.basis = sent.get("maintenance_basis") or card.basis
        # What moves and what hedges together: a leg without a name is one of its own.
        self.symbol = ("symbol", sent["symbol"]) if sent.get("symbol") else ("leg", self.id)
        self.underlying = ("symbol", sent["underlying"]) if sent.get("underlying") else self.symbol

    def value(self, price: Fraction) -> Fraction:
        return self.q / price if self.inverse else self.q * price

    @property
    def notional(self) -> Figure:
        return _plain(self.value(self.mark))

    @property
    def entry_notional(self) -> Figure:
        return _plain(self.value(self.entry))

    @property
    def exposure(self) -> int:
        """The sign with which PnL follows the value in settlement currency."""
        return -self.s if self.inverse else self.s

    @property
    def unrealized_pnl(self) -> Figure:
        return _plain(self.exposure * (self.value(self.mark) - self.value(self.entry)))

    @property
    def return_on_entry(self) -> Figure:
        return _plain(self.s * (self.mark - self.entry) / (self.mark if self.inverse else self.entry))

    @property
    def price_ratio(self) -> Figure:
        return _plain(self.mark / self.entry if self.s > 0 else self.entry / self.mark)

    def maintenance(self, price: Fraction) -> Fraction:
        """Of the leg alone, by its rate and deduction; 0 without a rate."""
        value = self.value(self.entry if self.basis == "entry" else price)
        return Fraction(0) if self.rate is None else max(Fraction(0), value * self.rate - self.amount)

    @property
    def maintenance_margin(self) -> Figure:
        """The same now; where it is only a residue, it may count as 0."""
        due, terms = self.maintenance(self.mark), self.maintenance_terms(self.mark)
        cut = EQUITY_CUT * self.amount
        return Figure(due, terms, cut if 0 < due <= 2 * cut else Fraction(0))

    def maintenance_terms(self, price: Fraction) -> Fraction:
        value = self.value(self.entry if self.basis == "entry" else price)
        return Fraction(0) if self.rate is None else value * self.rate + self.amount


class Account:
    """The cross legs of an account and what backs them; figures are named as in the answer.

    The ``cut`` of a figure is what a residue in it may be worth that counts as 0.
    """

    def __init__(
        self, legs: Sequence[Leg], *, equity: Figure | None, wallet_balance: Figure | None, sent: float | None
    ) -> None:
        """``sent`` is the maintenance margin of the whole account, if it was sent."""
        self.legs = legs
        self.equity = (
            None if equity is None else equity._replace(cut=Fraction(0) if is_clear(equity) else abs(equity.exact))
        )
        self.wallet_balance = wallet_balance
        own = [leg.maintenance_margin for leg in legs]
        self.own = sum_of(own)._replace(cut=sum((figure.cut for figure in own), Fraction(0)))
        self.maintenance_margin: Figure | None = self.own
        self.scale = Fraction(1)  # of the legs' own maintenance margins, where less was sent
        if sent is not None:
            self.maintenance_margin = Figure.of(sent)
            if self.own.exact > Fraction(sent):
                self.scale = Fraction(sent) / self.own.exact
        elif any(leg.rate is None for leg in legs):
            self.maintenance_margin = None

    @classmethod
    def of_request(cls, request: Request, card: Card) -> "Account":
        """The account of a request of ``POST /account`` that can be read as a whole."""
        legs = [leg for leg in (Leg(sent, card) for sent in request["positions"]) if leg.is_cross]
        pnl = sum_of(leg.unrealized_pnl for leg in legs)
        equity, wallet = _given(request.get("equity")), _given(request.get("wallet_balance"))
        if equity is not None:
            wallet = equity.minus(pnl) if wallet is None else wallet
        elif wallet is not None:
            equity = wallet.plus(pnl)
        return cls(legs, equity=equity, wallet_balance=wallet, sent=request.get("maintenance_margin"))

    @classmethod
    def of_position(cls, position: Request, card: Card) -> "Account":
        """A position of ``POST /score``: the only one that its account is known to hold."""
        leg = Leg(position, card)
        equity, margin = _given(position.get("equity")), _given(position.get("margin"))
        if equity is not None:
            margin = equity.minus(leg.unrealized_pnl)
        elif margin is None and position.get("leverage") is not None:
            margin = leg.entry_notional.over(Figure.of(position["leverage"]))
        if equity is None and margin is not None:
            equity = margin.plus(leg.unrealized_pnl)
        wallet = _given(position.get("wallet_balance"))
        wallet = margin if wallet is None else wallet
        return cls([leg], equity=equity, wallet_balance=wallet, sent=position.get("maintenance_margin"))

    @property
    def gross_notional(self) -> Figure:
        return sum_of(leg.notional for leg in self.legs)

    @property
    def net_notional(self) -> Figure:
        of: dict[tuple[str, str], Figure] = {}
        for leg in self.legs:
            of[leg.underlying] = of.get(leg.underlying, NOTHING).plus(leg.notional.times(Figure.of(leg.s)))
        return sum_of(Figure(abs(net.exact), net.terms) for net in of.values())

    def margin_of(self, leg: Leg) -> Figure | None:
        """What backs ``leg``: equity without its own PnL."""
        return None if self.equity is None else self.equity.minus(leg.unrealized_pnl)._replace(cut=self.equity.cut)

    @property
    def margin_free(self) -> Figure | None:
        if self.equity is None or self.maintenance_margin is None:
            return None
        free = self.equity.minus(self.maintenance_margin)
        return free._replace(cut=self.equity.cut + self.maintenance_margin.cut)

    def key(self, leg: Leg, formula: str) -> Figure | None:
        """The ranking key of ``leg`` in an account with equity above 0; ``None`` where it is not in the queue."""
        if self.equity is None or self.wallet_balance is None:
            raise LookupError("the key needs equity")
        won, gain, maintenance = leg.unrealized_pnl.exact > 0, leg.return_on_entry, self.maintenance_margin
        leverage = leg.notional.over(self.equity)
        if formula == "pnl_leverage":
            return gain.times(leverage) if won else gain.over(leverage)
        if formula in ("price_ratio_leverage", "pnl_over_equity"):  # of winners only
            by_ratio = formula == "price_ratio_leverage"
            key = leg.price_ratio.times(leverage) if by_ratio else leg.unrealized_pnl.over(self.equity)
            return key if won else None
        if formula == "value_ratio_leverage":
            margin = self.equity.minus(leg.unrealized_pnl)
            return leg.price_ratio.times(leg.entry_notional).over(margin) if margin.exact > 0 else None
        if formula == "profit_times_margin_ratio" and not won:
            return NOTHING
        if maintenance is None:
            raise LookupError("the key needs maintenance margin")
        if formula == "profit_times_margin_ratio":
            wallet = self.wallet_balance
            floored = Figure(max(Fraction(1), wallet.exact), max(Fraction(1), wallet.terms))
            return leg.unrealized_pnl.over(floored).times(maintenance.over(self.equity))
        ratio = self.equity.over(maintenance)  # pnl_over_margin_ratio
        return gain.over(ratio) if won else gain.times(ratio)

    def of_symbol(self, leg: Leg) -> list[Leg]:
        """``leg`` and what moves with it."""
        return [other for other in self.legs if other.symbol == leg.symbol]

    def room_by_price(self, leg: Leg, *, maintained: bool) -> "Move":
        """What is left as the price of the leg's symbol moves, above maintenance margin or, without, above 0."""
        return Move(self, self.of_symbol(leg), price_of=lambda _, price: Fraction(price), maintained=maintained)

    def room_by_common_move(self, direction: int) -> "Move":
        """What is left above maintenance margin as all marks rise (1) or fall (−1) by the same fraction."""
        return Move(self, self.legs, price_of=lambda leg, by: leg.mark * (1 + direction * Fraction(by)))


class Move:
    """A move of prices, and what the account has left along it: equity less maintenance margin."""

    def __init__(
        self,
        account: Account,
        moving: Iterable[Leg],
        *,
        price_of: Callable[[Leg, float], Fraction],
        maintained: bool = True,
    ) -> None:
        """``price_of`` is the price of a moving leg at a point of the move; all other prices stand still."""
        self._account, self._moving, self._price_of, self._maintained = account, list(moving), price_of, maintained
        if account.equity is None or (maintained and account.maintenance_margin is None):
            raise LookupError("the room is not known")
        # What the account has left now, without what the moving legs bring to it.
        brought = sum((leg.exposure * leg.notional.exact for leg in self._moving), Fraction(0))
        self._still = account.equity.exact - brought
        if maintained and account.maintenance_margin is not None:
            own = sum((leg.maintenance(leg.mark) for leg in self._moving), Fraction(0))
            self._still -= account.maintenance_margin.exact - account.scale * own

    def room(self, point: float) -> Fraction:
        left = self._still
        for leg in self._moving:
            price = self._price_of(leg, point)
            left += leg.exposure * leg.value(price)
            if self._maintained:
                left -= self._account.scale * leg.maintenance(price)
        return left

    def terms(self, point: float) -> Fraction:
        """The magnitudes of what ``room`` adds up."""
        account = self._account
        total = Fraction(0) if account.equity is None else account.equity.terms
        if self._maintained and account.maintenance_margin is not None:
            total += account.maintenance_margin.terms + account.own.terms
            total += sum((leg.maintenance_terms(self._price_of(leg, point)) for leg in self._moving), Fraction(0))
        return total + self.value(point) + sum((leg.value(leg.mark) for leg in self._moving), Fraction(0))

    def value(self, point: float) -> Fraction:
        """The gross value of what moves."""
        return sum((leg.value(self._price_of(leg, point)) for leg in self._moving), Fraction(0))

    def end(self, *, start: float, end: float) -> float | None:
        """The first point from ``start``, where there is room, towards ``end`` at which there is none."""
        return first_not_above_zero(self.room, start=start, end=end)

    def beginning(self, *, start: float, end: float) -> float | None:
        """The first point from ``start``, where there is no room, towards ``end`` at which there is some."""
        return first_not_above_zero(lambda point: -self.room(point), start=start, end=end)


def is_clear(figure: Figure) -> bool:
    """Whether it is more than the residue of its terms, which may be taken for 0: its sign is no matter of rounding."""
    return abs(figure.exact) > RESIDUE * figure.terms


def limit_of_prices(mark: float, *, rising: bool) -> float:
    """How far a price is searched."""
    return mark * _FAR if rising else mark / _FAR


def limit_of_common_moves(*, rising: bool) -> float:
    """How far a common move is searched: to twice the marks, or to just above 0."""
    return 1.0 if rising else _WHOLE_FALL


def _given(number: float | None) -> Figure | None:
    return None if number is None else Figure.of(number)


def _plain(value: Fraction) -> Figure:
    """A value without cancellation."""
    return Figure(value, abs(value))
