"""adlrisk: which conditions of an auto-deleveraging a perpetual-futures position meets, and what to do about it.

A score counts conditions that are met, two points each; it is not a probability: 8 of 10 is not 80 %.

This package is the library: the same answers as the service, without HTTP.

>>> from adlrisk import Market, Position, ScoreRequest, score
>>> position = Position(side="long", size=2, entry_price=50_000, mark_price=52_000, leverage=20)
>>> request = ScoreRequest(
...     venue="okx",
...     position=position,
...     market=Market(funding_rate=0.0001, funding_interval_hours=8, liquidation_spike=False),
...     as_of="2026-11-18T12:00:00Z",
... )
>>> answer = score(request)
>>> answer.band, [signal.signal for signal in answer.signals if signal.fired]
('low', ['profit'])

Positions that share a margin account are scored together:

>>> from adlrisk import Account, Leg, account
>>> hedge = Account(
...     venue="okx",
...     wallet_balance=1000,
...     positions=[
...         Leg(id="long", symbol="BTC-USDT-SWAP", side="long", size=1, entry_price=50_000, mark_price=50_000),
...         Leg(id="short", symbol="BTC-USDT-SWAP", side="short", size=0.9, entry_price=50_000, mark_price=50_000),
...     ],
... )
>>> answer = account(hedge)
>>> answer.account.gross_leverage, [leg.state.bankruptcy_price for leg in answer.positions]
(95.0, [40000.0, None])

What the fills of an account were, forced or of its owner's orders, as the venue or ccxt gives them:

>>> from adlrisk import classify_fills
>>> fills = [{"execType": "AdlTrade", "execQty": "0.5"}, {"execType": "Trade", "createType": "CreateByUser"}, {}]
>>> [(fill.kind, fill.side_of) for fill in classify_fills({"venue": "bybit", "fills": fills}).results]
[('adl', 'reduced'), ('own', None), ('unknown', None)]

A venue's rule card holds the rules behind the answer:

>>> from adlrisk import catalogue
>>> catalogue()["okx"].rules.execution.price
'mark'

``as_of`` is text with an offset, or an aware datetime:

>>> from datetime import UTC, datetime
>>> ScoreRequest(position=position, as_of=datetime(2026, 11, 18, 12, tzinfo=UTC)).as_of
'2026-11-18T12:00:00Z'

``score`` raises ``ValidationError`` for a value out of bounds or of the wrong type, ``RefusedError`` for a valid
request that cannot be answered, and ``UnknownVenueError`` for a venue that is not in the catalogue; each is a
``ValueError`` or ``LookupError``. What is no time, such as a datetime without a timezone, and a cross ``Leg`` with
margin of its own are a ``ValueError`` as soon as they are built. ``account`` raises the same; a leg that is valid but
cannot be scored has its ``RefusedError`` in its place. ``classify_fills`` raises ``ValidationError`` and
``UnknownVenueError`` only; no fill is an error.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgspec import ValidationError

    from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, Leg, ScoredLeg
    from adlrisk.api.endpoints.fills.schema import Fills, FillsAnswer
    from adlrisk.api.endpoints.score.schema import ScoreRequest
    from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
    from adlrisk.domain.position.errors import RefusedError
    from adlrisk.domain.position.market import Market
    from adlrisk.domain.position.position import Position
    from adlrisk.domain.rules.classification import ClassifiedFill
    from adlrisk.library import account, catalogue, classify_fills, score
    from adlrisk.venues.catalogue import UnknownVenueError

__all__ = [
    "Account",
    "AccountAnswer",
    "ClassifiedFill",
    "Fills",
    "FillsAnswer",
    "Leg",
    "Market",
    "Position",
    "RefusedError",
    "ScoreAnswer",
    "ScoreRequest",
    "ScoredLeg",
    "UnknownVenueError",
    "ValidationError",
    "account",
    "catalogue",
    "classify_fills",
    "score",
]

# The module of each name, imported on first use, so that `import adlrisk` costs nothing.
_MODULES = {
    "Account": "adlrisk.api.endpoints.account.schema",
    "AccountAnswer": "adlrisk.api.endpoints.account.schema",
    "Leg": "adlrisk.api.endpoints.account.schema",
    "ScoredLeg": "adlrisk.api.endpoints.account.schema",
    "account": "adlrisk.library",
    "ClassifiedFill": "adlrisk.domain.rules.classification",
    "Fills": "adlrisk.api.endpoints.fills.schema",
    "FillsAnswer": "adlrisk.api.endpoints.fills.schema",
    "classify_fills": "adlrisk.library",
    "Market": "adlrisk.domain.position.market",
    "Position": "adlrisk.domain.position.position",
    "RefusedError": "adlrisk.domain.position.errors",
    "ScoreAnswer": "adlrisk.api.endpoints.shared.score_schema",
    "ScoreRequest": "adlrisk.api.endpoints.score.schema",
    "UnknownVenueError": "adlrisk.venues.catalogue",
    "ValidationError": "msgspec",
    "catalogue": "adlrisk.library",
    "score": "adlrisk.library",
}


def __getattr__(name: str) -> Any:
    """Import the public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module 'adlrisk' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
