"""The case that is advised on: a scored position with its market, rules and account."""

from msgspec import Struct

from adlrisk.domain.position.maintenance import Maintenance
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import QueueKey
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signals import SignalName


class Case(Struct, frozen=True, kw_only=True, gc=False):
    """The input of all advice."""

    position: Position
    state: PositionState
    market: Market
    rules: VenueRules
    queue: QueueKey | None
    maintenance: Maintenance
    is_due: bool  # liquidation: equity is not above the maintenance margin that was given
    points: int  # of the score
    fired: tuple[SignalName, ...]
    concerns: tuple[SignalName, ...]  # signals that fired or are near their threshold, in their order
    account: SharedAccount | None = None


def judged_leverage(case: Case) -> tuple[str, float | None, float | None]:
    """The name of the leverage that the leverage signal judges, its value, and the notional that it is of."""
    if case.account is not None and case.account.legs > 1:
        return "gross leverage", case.account.gross_leverage, case.account.gross_notional
    return "effective leverage", case.state.effective_leverage, case.state.notional


def is_profit_of_share(case: Case) -> bool:
    """Whether the profit signal fired, or is near, only because profit makes up much of the equity.

    Then more margin, or less size on the same equity, turns it off.
    """
    if "profit" not in case.concerns or case.state.profit_share is None:
        return False
    limit, pnl = case.rules.score.precomputed.profit, case.state.pnl_to_notional
    return pnl <= limit.exceeded_beyond if "profit" in case.fired else pnl < limit.near_from


def with_currency(amount: str, case: Case) -> str:
    """``amount`` with the settlement currency, if that is one printable word."""
    currency = case.position.settlement
    if currency is None or not currency.isprintable() or " " in currency:
        return amount
    return f"{amount} {currency}"
