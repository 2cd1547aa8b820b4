"""A margin account: equity, maintenance margin and leverage of its cross legs together."""

import math
from collections import defaultdict
from collections.abc import Sequence

from adlrisk.domain.account.figures import AccountFigures, CommonMove, GivenFigures
from adlrisk.domain.account.legs import AccountLeg
from adlrisk.domain.account.moves import Moves
from adlrisk.domain.position.arithmetic import ROUNDING, given_balance
from adlrisk.domain.position.prices import Prices


class MarginAccount:
    """The cross legs of an account, what was given for them, and what follows for them together.

    Amounts are in settlement currency; what is unknown is ``None``.
    """

    def __init__(
        self,
        legs: Sequence[AccountLeg],
        given: GivenFigures,
        *,
        unreadable: int = 0,
        hidden_symbols: frozenset[str | None] = frozenset(),
    ) -> None:
        """Derive the figures.

        ``unreadable`` counts the cross legs whose figures are not known; ``hidden_symbols`` are their symbols, ``None``
        standing for any.
        """
        self.legs = legs
        self.count = len(legs) + unreadable
        self.is_readable = not unreadable
        self.wallet_balance, self.equity = self._backing(given)
        # One known position with a known equity tells all that there is to know.
        self.is_one_position = self.count == len(legs) == 1 and self.equity is not None
        known = [leg.maintenance for leg in legs if leg.maintenance is not None]
        self.lacking_rates = len(legs) - len(known)
        own, sent = math.fsum(known), given.maintenance_margin
        self.maintenance = sent or (own if self.is_readable and not self.lacking_rates else None)
        self.is_due = bool(legs) and _is_spent(self.equity, self.maintenance)
        # A maintenance margin that was sent scales those of the legs if it is below their sum: then all must be read.
        self._knows_room = self.is_readable or (sent is not None and sent >= own)
        self.missing_backing = self._missing_backing(given)
        self._hidden_symbols = hidden_symbols
        maintenance = self.maintenance if self._knows_room else None
        scale = sent / own if sent is not None and sent < own else 1.0
        self._moves = Moves(legs, equity=self.equity, maintenance=maintenance, scale=scale)
        self.figures = self._derive_figures()

    def prices(self, leg: AccountLeg) -> Prices:
        """Bankruptcy and liquidation price of ``leg`` with all legs of its symbol moving and all else still."""
        bankruptcy = liquidation = None
        if self._knows_symbol(leg):
            bankruptcy, liquidation = self._moves.prices(leg)
        return bankruptcy, leg.mark_price if self.is_due else liquidation

    def knows_liquidation(self, leg: AccountLeg) -> bool:
        """Whether a liquidation price of ``leg`` that is ``None`` says that there is none."""
        is_known = self.equity is not None and self.maintenance is not None and self._knows_room
        return is_known and self._knows_symbol(leg)

    def _knows_symbol(self, leg: AccountLeg) -> bool:
        return not self._hidden_symbols or self._hidden_symbols.isdisjoint((leg.symbol, None))

    def _backing(self, given: GivenFigures) -> tuple[float | None, float | None]:
        """Wallet balance and equity: each as given, or from the other and the PnL of all legs."""
        wallet, equity = _settle(given.wallet_balance), _settle(given.equity)
        if not self.is_readable:
            return wallet, equity
        gained = [leg.unrealized_pnl for leg in self.legs]
        if equity is None and wallet is not None:
            equity = _sum_rounded([wallet, *gained])
        elif wallet is None and equity is not None:
            wallet = _sum_rounded([equity, *(-pnl for pnl in gained)])
        return wallet, equity

    def _missing_backing(self, given: GivenFigures) -> tuple[str, ...]:
        """The request fields that would settle an unknown equity."""
        if self.equity is not None:
            return ()
        is_given = given.wallet_balance is not None
        return (*(() if is_given else ("wallet_balance",)), *(() if self.is_readable else ("positions",)))

    def missing_maintenance(self, leg: AccountLeg | None = None) -> str | None:
        """The request field that would settle an unknown maintenance margin; for ``leg`` maybe its own rate."""
        if self.maintenance is not None:
            return None
        if self.lacking_rates:
            is_only_one = self.is_readable and self.lacking_rates == 1 and leg is not None and leg.maintenance is None
            return "maintenance_margin_rate" if is_only_one else "maintenance_margin"
        return "positions"

    def _derive_figures(self) -> AccountFigures:
        equity, due = self.equity, self.maintenance
        solvent = equity if equity is not None and equity > 0.0 else None
        gross = net = None
        if self.is_readable:
            gross, net = math.fsum([leg.notional for leg in self.legs]), _net_notional(self.legs)
        lacking = (self.missing_maintenance(), None if self.is_readable else "positions")
        missing = dict.fromkeys((*self.missing_backing, *(field for field in lacking if field is not None)))
        return AccountFigures(
            equity=equity,
            wallet_balance=self.wallet_balance,
            maintenance_margin=due,
            margin_ratio=_over(due, solvent),
            gross_notional=gross,
            net_notional=net,
            gross_leverage=_over(gross, solvent),
            net_leverage=_over(net, solvent),
            margin_free=None if equity is None or due is None else equity - due,
            nearest_liquidation=self._nearest_liquidation(),
            missing=tuple(missing),
        )

    def _nearest_liquidation(self) -> CommonMove | None:
        if not (self.is_readable and self._knows_room) or self.equity is None or self.maintenance is None:
            return None
        return CommonMove(falls=0.0, rises=0.0) if self.is_due else self._moves.common()


def _is_spent(equity: float | None, maintenance: float | None) -> bool:
    """Whether equity does not exceed the maintenance margin."""
    return equity is not None and maintenance is not None and equity <= maintenance


def _settle(amount: float | None) -> float | None:
    return None if amount is None else given_balance(amount)


def _sum_rounded(terms: Sequence[float]) -> float:
    """The sum of ``terms``, whatever their order; 0 if it is mere rounding of them, or next to nothing."""
    total = math.fsum(terms)
    balance: float = given_balance(total) if abs(total) > ROUNDING * math.fsum(map(abs, terms)) else 0.0
    return balance


def _net_notional(legs: Sequence[AccountLeg]) -> float:
    """Sum over underlyings of |Σ s·n|."""
    by_underlying: dict[str, list[float]] = defaultdict(list)
    for leg in legs:
        by_underlying[leg.underlying].append(leg.signed_notional)
    return math.fsum([abs(math.fsum(signed)) for signed in by_underlying.values()])


def _over(amount: float | None, equity: float | None) -> float | None:
    return None if amount is None or equity is None else amount / equity
