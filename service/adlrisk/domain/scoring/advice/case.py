"""The case that is advised on: a scored position with its market, rules and account."""

from msgspec import Struct

from adlrisk.domain.position.maintenance import Maintenance
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import FORMULAS, QueueKey
from adlrisk.domain.scoring.danger import NOT_THREATENED, Danger
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.signals import SignalName
from adlrisk.domain.scoring.standing import WITHOUT_FORCED_CLOSES, Place


class Case(Struct, frozen=True, kw_only=True, gc=False):
    """The input of all advice."""

    position: Position
    state: PositionState
    market: Market
    rules: VenueRules
    queue: QueueKey | None
    maintenance: Maintenance
    place: Place  # in the venue's queue
    danger: Danger  # the nearer one
    is_due: bool  # liquidation
    points: int  # of the score
    upper: int  # the same if every unknown signal fires
    fired: tuple[SignalName, ...]
    concerns: tuple[SignalName, ...]  # signals that fired or are near their threshold, in their order
    account: SharedAccount | None = None


class Traits(Struct, frozen=True, gc=False):
    """What decides which signals an action answers."""

    fired: tuple[SignalName, ...]
    concerns: tuple[SignalName, ...]
    margin_mode: MarginMode | None
    deleverages: bool  # whether the venue closes positions by force to cover another's bankruptcy
    can_be_taken: bool  # whether it could close this one, as it stands
    of_share: bool  # whether profit is a concern only as a share of the equity
    lowers_key: bool  # whether more margin lowers the key that ranks the position
    has_profit: bool  # that could be taken out
    hedged: bool


def find_traits(case: Case) -> Traits:
    """The traits of ``case``."""
    return Traits(
        case.fired,
        case.concerns,
        case.position.margin_mode if case.account is None else "cross",
        case.rules.mechanism not in WITHOUT_FORCED_CLOSES,
        case.place not in NOT_THREATENED,
        _is_profit_of_share(case),
        _lowers_key(case),
        case.state.unrealized_pnl > 0.0 and (case.state.equity is None or case.state.equity > 0.0),
        case.position.hedged is True,
    )


def judged_leverage(case: Case) -> tuple[str, float | None, float | None]:
    """The name of the leverage that the leverage signal judges, its value, and the notional that it is of."""
    if case.account is not None and case.account.legs > 1:
        return "gross leverage", case.account.gross_leverage, case.account.gross_notional
    return "effective leverage", case.state.effective_leverage, case.state.notional


def with_currency(amount: str, case: Case) -> str:
    """``amount`` with the settlement currency, if that is one printable word."""
    currency = case.position.settlement
    if currency is None or not currency.isprintable() or " " in currency:
        return amount
    return f"{amount} {currency}"


def _is_profit_of_share(case: Case) -> bool:
    """Whether the profit signal fired, or is near, only because profit makes up much of the equity.

    Then more margin, or less size on the same equity, turns it off.
    """
    if "profit" not in case.concerns or case.state.profit_share is None:
        return False
    limit, pnl = case.rules.score.precomputed.profit, case.state.pnl_to_notional
    return pnl <= limit.exceeded_beyond if "profit" in case.fired else pnl < limit.near_from


def _lowers_key(case: Case) -> bool:
    """Whether more margin lowers the key that ranks the position, and there is leverage to lower."""
    formula, leverage = case.rules.ranking.formula, case.state.effective_leverage
    if formula is None or leverage is None or leverage <= 1.0 or (case.queue is not None and not case.queue.eligible):
        return False
    return case.state.unrealized_pnl > 0.0 or FORMULAS[formula].divides_by_margin
