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

The cheapest way to a lower score; the request of each option is what its promise was scored from:

>>> from adlrisk import plan
>>> answer = plan(
...     {
...         "venue": "okx",
...         "position": position,
...         "margin_mode": "isolated",
...         "as_of": "2026-11-18T12:00:00Z",
...         "target": {"score": 0},
...     }
... )
>>> [(option.action, option.cost.fees, option.turns_off) for option in answer.options if option.reaches_target]
[('close', 52.0, ('profit',)), ('roll', 104.0, ('profit',))]
>>> score(answer.options[1].request).score
0

What would happen to a book of one contract, if its mark price fell from 100 to 94: a is liquidated, and what neither
the order book nor the insurance fund takes of it is closed against b, who is first in the queue:

>>> from adlrisk import exposure, simulate
>>> book = {
...     "venue": "bitmex",
...     "mark_price": 100,
...     "columns": {
...         "id": ["a", "b", "c"],
...         "side": ["long", "short", "short"],
...         "size": [10, 6, 4],
...         "entry_price": [100, 100, 100],
...         "margin": [50, 120, 400],
...     },
...     "maintenance_margin_rate": 0.01,
...     "fund": {"balance": 20},
...     "depth": {"levels": [{"offset": 0.005, "size": 4}, {"offset": 0.01, "size": 4}]},
... }
>>> answer = simulate({**book, "marks": [94]})
>>> answer.steps[0].adl.size, [(position.id, position.outcome) for position in answer.positions]
(2.0, [('a', 'liquidated'), ('b', 'reduced')])

How probable it is that an ADL reaches b within eight hours, where the order book is deeper: a range over all cases of
liquidity, and over moves in one gap and in steps; and the nearest fall that reaches b:

>>> deeper = {**book, "depth": {"levels": [{"offset": 0.005, "size": 6}, {"offset": 0.01, "size": 6}]}}
>>> answer = exposure({**deeper, "moves": {"volatility": 0.8, "horizon_hours": 8}, "ids": ["b"]})
>>> of_b = answer.range[0]
>>> round(of_b.probability.least, 3), round(of_b.probability.most, 3), round(of_b.nearest.down, 3)
(0.0, 0.032, -0.04)

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
margin of its own are a ``ValueError`` as soon as they are built. The other functions raise the same; a leg of
``account`` that is valid but cannot be scored has its ``RefusedError`` in its place. No fill is an error of
``classify_fills``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from msgspec import ValidationError

    from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, Leg, ScoredLeg
    from adlrisk.api.endpoints.fills.schema import Fills, FillsAnswer
    from adlrisk.api.endpoints.plan.schema import PlanAnswer, PlanRequest
    from adlrisk.api.endpoints.score.schema import ScoreRequest
    from adlrisk.api.endpoints.shared.schema import BookColumns, BookPosition
    from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
    from adlrisk.api.endpoints.stress.schema import ExposureAnswer, ExposureRequest, SimulateAnswer, SimulateRequest
    from adlrisk.domain.position.errors import RefusedError
    from adlrisk.domain.position.market import Market
    from adlrisk.domain.position.position import Position
    from adlrisk.domain.rules.classification import ClassifiedFill
    from adlrisk.domain.stress.depth import Depth, DepthLevel
    from adlrisk.domain.stress.fund import Fund
    from adlrisk.domain.stress.moves import Moves
    from adlrisk.library import account, catalogue, classify_fills, score
    from adlrisk.plans import plan
    from adlrisk.simulations import exposure, simulate
    from adlrisk.venues.catalogue import UnknownVenueError

__all__ = [
    "Account",
    "AccountAnswer",
    "BookColumns",
    "BookPosition",
    "ClassifiedFill",
    "Depth",
    "DepthLevel",
    "ExposureAnswer",
    "ExposureRequest",
    "Fills",
    "FillsAnswer",
    "Fund",
    "Leg",
    "Market",
    "Moves",
    "PlanAnswer",
    "PlanRequest",
    "Position",
    "RefusedError",
    "ScoreAnswer",
    "ScoreRequest",
    "ScoredLeg",
    "SimulateAnswer",
    "SimulateRequest",
    "UnknownVenueError",
    "ValidationError",
    "account",
    "catalogue",
    "classify_fills",
    "exposure",
    "plan",
    "score",
    "simulate",
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
    "SimulateRequest": "adlrisk.api.endpoints.stress.schema",
    "SimulateAnswer": "adlrisk.api.endpoints.stress.schema",
    "ExposureRequest": "adlrisk.api.endpoints.stress.schema",
    "ExposureAnswer": "adlrisk.api.endpoints.stress.schema",
    "BookPosition": "adlrisk.api.endpoints.shared.schema",
    "BookColumns": "adlrisk.api.endpoints.shared.schema",
    "Depth": "adlrisk.domain.stress.depth",
    "DepthLevel": "adlrisk.domain.stress.depth",
    "Fund": "adlrisk.domain.stress.fund",
    "Moves": "adlrisk.domain.stress.moves",
    "PlanRequest": "adlrisk.api.endpoints.plan.schema",
    "PlanAnswer": "adlrisk.api.endpoints.plan.schema",
    "plan": "adlrisk.plans",
    "simulate": "adlrisk.simulations",
    "exposure": "adlrisk.simulations",
}


def __getattr__(name: str) -> Any:
    """Import the public name from its module."""
    if name not in _MODULES:
        raise AttributeError(f"module 'adlrisk' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
