"""The tools: which operation of the API each is, and what a model has to know before it calls it."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.api.endpoints.account.schema import Account, AccountAnswer
from adlrisk.api.endpoints.adl.schema import PartialAnswer, PartialRequest
from adlrisk.api.endpoints.fills.schema import Fills, FillsAnswer
from adlrisk.api.endpoints.plan.schema import PlanAnswer, PlanRequest
from adlrisk.api.endpoints.queue.schema import RankAnswer, RankRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.fields import VenueId
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.endpoints.stress.schema import ExposureAnswer, ExposureRequest
from adlrisk.api.endpoints.venues.schema import VenueCard

INSTRUCTIONS: Final = (
    "adlrisk tells how close a perpetual-futures position is to auto-deleveraging (ADL), by which rule of the venue, "
    "and what to do about it. Unknown is not low: where a figure is null, a signal is `fired: null`, or `missing` "
    "names a field, say that it is unknown, or ask for that field and call again; never take it for 0, never invent a "
    "price, a margin or a rate. A score counts conditions that are met, 0 to 10; it is not a probability. Ratios are "
    "fractions: 0.03 is 3 %. The tools only calculate: they place no orders, read no account and know no market beyond "
    "what they are given. Risk information, not investment advice."
)


class VenueRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The venue whose rule is asked for."""

    venue: VenueId


class Tool(Struct, frozen=True, kw_only=True):
    """A tool, which answers what ``operation`` of the API answers."""

    name: str
    title: str
    operation: str
    request: type
    answer: type
    description: str
    example: str  # arguments in JSON
    without: tuple[str, ...] = ()  # fields of the request that its schema leaves out: those of programs
    depth: Annotated[int, Meta(ge=1)] = 2  # of the objects in the schema of the answer

    @property
    def text(self) -> str:
        """The description with its example."""
        return f"{self.description} Example: {self.example}"


TOOLS: Final = (
    Tool(
        name="score_position",
        title="Score the ADL risk of a position",
        operation="scorePosition",
        request=ScoreRequest,
        answer=ScoreAnswer,
        description="Count the conditions of an ADL that one position meets: `score` and `band`, five `signals` with "
        "reasons, `actions` with amounts, liquidation price, place in the queue. Needs side, size, entry_price, "
        "mark_price, and one of margin, equity and leverage; venue, funding rate and the venue's ADL meter make it "
        "complete. Unknown is not low: `score_upper` is the score if all that is unknown were bad, and `missing` names "
        "what would settle it. For cross margin with several positions use score_account.",
        example='{"venue":"binance","position":{"side":"short","size":10,"entry_price":2000,"mark_price":1800,'
        '"margin":1000,"adl_meter":3},"market":{"funding_rate":0.0012}}',
    ),
    Tool(
        name="score_account",
        title="Score all positions of a margin account",
        operation="scoreAccount",
        request=Account,
        answer=AccountAnswer,
        description="Score all positions of a margin account together: each leg's score, the account's leverage and "
        "the common price move that would end it, and for each underlying which leg of a hedge an ADL would take "
        "first. Needs all legs (id, symbol, side, size, entry_price, mark_price), and wallet_balance or equity for the "
        "cross ones. Unknown is not low: a leg that is left out, or a balance that is not known, makes figures null, "
        "not safe.",
        example='{"venue":"okx","wallet_balance":1000,"positions":[{"id":"a","symbol":"BTC-USDT-SWAP","side":"long",'
        '"size":1,"entry_price":50000,"mark_price":50000},{"id":"b","symbol":"BTC-USDT-SWAP","side":"short",'
        '"size":0.9,"entry_price":50000,"mark_price":50000}]}',
    ),
    Tool(
        name="rank_in_queue",
        title="Rank a book in the venue's ADL queue",
        operation="rankQueue",
        request=RankRequest,
        answer=RankAnswer,
        description="Rank the positions of one contract in the venue's ADL queue, longs and shorts apart: rank 1 is "
        "reduced first. Needs mark_price and all positions that are to be compared, each with a margin or leverage; "
        "ask for few with `ids` or `top`. Unknown is not low: a rank is only among the positions given, a venue whose "
        "formula is not published is refused (name one in `formula` to see what it would give), and `confidence` says "
        "how sure the rule is.",
        example='{"venue":"bitmex","mark_price":110,"positions":[{"id":"alice","side":"long","size":10,'
        '"entry_price":100,"margin":100},{"id":"bob","side":"long","size":30,"entry_price":105,"leverage":20}]}',
        without=("columns", "layout"),
    ),
    Tool(
        name="what_an_adl_takes",
        title="Show what an ADL would take of a position",
        operation="closePartially",
        request=PartialRequest,
        answer=PartialAnswer,
        description="A position before and after an ADL closes a part of it: realized PnL, what is left, its leverage "
        "and liquidation price, the profit missed or loss saved at `scenario_prices`, and which resting `orders` are "
        "then too large. Needs the position and what is closed (`close.size` or `close.fraction`); or the legs of an "
        "account and the id of one. Unknown is not low: it does not say whether an ADL comes, and a price that is null "
        "cannot be told from what was given.",
        example='{"venue":"binance","position":{"side":"short","size":10,"entry_price":2000,"mark_price":1800,'
        '"margin":1000},"close":{"fraction":0.4},"scenario_prices":[1700,1900]}',
    ),
    Tool(
        name="plan_way_out",
        title="Plan the cheapest way to a lower score",
        operation="planPosition",
        request=PlanRequest,
        answer=PlanAnswer,
        description="The cheapest ways of a position to a lower score: margin to add, lots to close, a roll, each with "
        "its cost, what it makes worse, and the request whose answer proves it. Needs what score_position needs (or "
        "the legs of an account and the id of one) and a `target`: a band such as `low`, or a score. Fees and slippage "
        "are known only from `taker_fee` and `depth`. Unknown is not low: a target counts the signals that are known; "
        "read `missing` first.",
        example='{"venue":"binance","position":{"side":"short","size":10,"entry_price":2000,"mark_price":1800,'
        '"margin":1000,"adl_meter":3},"margin_mode":"isolated","target":"watch"}',
        without=("columns", "margin_step"),
    ),
    Tool(
        name="exposure",
        title="Estimate how probable an ADL of a position is",
        operation="estimateExposure",
        request=ExposureRequest,
        answer=ExposureAnswer,
        description="How probable an ADL of the positions in `ids` is: many moves of the mark price, each through "
        "liquidations, order book, insurance fund and ADL queue, from a book of positions or from `cohorts`. Needs "
        "mark_price, positions with maintenance margin, `fund`, `depth`, and `moves` (volatility and horizon_hours, or "
        "moves with weights). Unknown is not low: the answer is a `range` over cases of liquidity and two paths, under "
        "the `assumptions` it lists; pass these on, and quote no end of it alone.",
        example='{"venue":"bitmex","mark_price":100,"positions":[{"id":"a","side":"long","size":10,"entry_price":100,'
        '"margin":50},{"id":"b","side":"short","size":6,"entry_price":100,"margin":120}],'
        '"maintenance_margin_rate":0.01,"fund":{"balance":20},"depth":{"levels":[{"offset":0.005,"size":6}]},'
        '"moves":{"volatility":0.8,"horizon_hours":8},"ids":["b"]}',
        without=("columns", "leverage_mixes", "permanent_impact"),
    ),
    Tool(
        name="venue_rule",
        title="Get a venue's ADL rule",
        operation="getVenue",
        request=VenueRequest,
        answer=VenueCard,
        description="The ADL rule of a venue: what triggers it, how its queue is ranked, its ADL meter, the price of a "
        "fill, marks of ADL fills, thresholds, with sources, `confidence` and the day it was `checked`. Needs the "
        "venue's id. Unknown is not low: `unknown` lists what the sources leave open; do not fill it in.",
        example='{"venue":"hyperliquid"}',
        depth=1,
    ),
    Tool(
        name="classify_fill",
        title="Tell whether fills were an ADL",
        operation="classifyFills",
        request=Fills,
        answer=FillsAnswer,
        description="Tell for each fill whether it was an ADL, a liquidation, funding, or an order of the account's "
        "owner. Needs the venue and the fills exactly as the venue's API or ccxt (with `info`) gives them. Unknown is "
        "not low: a fill that no rule knows is `unknown`, which is not `own`.",
        example='{"venue":"bybit","fills":[{"execType":"AdlTrade","execQty":"0.5","side":"Buy"}]}',
    ),
)
