"""Which exchange an account is at: a card's own, or the one that was named where a card stands for several."""

from typing import Final

from msgspec import Struct

from adlrisk.domain.rules.card import VenueRules
from adlrisk.positions.requests.venue_calls import AccountError

# Cards of one rule at several exchanges; on all others ccxt's ids are names of one.
_OF_SEVERAL: Final = frozenset({"bitmex_family", "orderly"})
_NEEDS_ACCOUNT_ID: Final = "ccxt asks for the id of the account beside the keys, which adlrisk does not take"
_UNREADABLE: Final = {
    "coinbase": "it is closed, and its perpetuals have moved to Deribit",
    "modetrade": _NEEDS_ACCOUNT_ID,
    "woo": "whether what it publishes as collateral includes unrealized profit is not documented",
    "woofipro": _NEEDS_ACCOUNT_ID,
}
# The other card of an exchange that has one for each kind of contract, whose positions come in one list.
OTHER_CARDS: Final = {"deribit": "deribit_inverse", "deribit_inverse": "deribit"}


class Exchange(Struct, frozen=True, kw_only=True):
    """An exchange whose positions can be read."""

    name: str  # the card's id, or ccxt's where the card stands for several
    ccxt_id: str


def find_exchange(rules: VenueRules, *, named: str) -> Exchange:
    """The exchange of the card that was found under ``named``, an id or an alias.

    Raises:
        AccountError: the card stands for several of which none was named, or positions cannot be read there.
    """
    if not rules.ccxt:
        raise AccountError(f"ccxt does not support {rules.name}, so its positions cannot be read")
    if rules.id not in _OF_SEVERAL:
        found = Exchange(name=rules.id, ccxt_id=named if named in rules.ccxt else rules.ccxt[0])
    elif named in rules.ccxt:
        found = Exchange(name=named, ccxt_id=named)
    else:
        raise AccountError(f"{rules.id} stands for several exchanges: name one of {', '.join(rules.ccxt)}")
    if found.name in _UNREADABLE:
        raise AccountError(f"positions at {found.name} cannot be read: {_UNREADABLE[found.name]}")
    return found
