"""Which of 500 quotes a market maker may leave in the book: what would each be, once it is filled, in an ADL?

One request in brief sorts them; the best are scored in full before anything rests on them. The quotes are drawn from a
seed around a made-up price. Run it with ``python docs/examples/market_maker.py http://localhost:8000``.
"""

import asyncio
import random
import sys

from adlrisk import Market, Position, ScoreAnswer
from adlrisk.api.endpoints.score.schema import BriefScore, ScoresItem
from adlrisk.client import AsyncClient, Problem
from adlrisk.domain.position.position import Side

VENUES = ("okx", "bybit", "bitmex", "gate", "hyperliquid")
SIDES: tuple[Side, ...] = ("long", "short")
PRICE = 50_000.0


async def main(url: str) -> None:
    """Choose, and print what was chosen."""
    async with AsyncClient(url) as client:
        chosen, refused = await choose(client, draw(500, seed=1))
        print(f"{len(chosen)} of 500 may rest, {refused} cannot be scored; the best:")
        for candidate in chosen[:5]:
            position, answer = candidate.position, await score_in_full(client, candidate)
            print(f"{candidate.venue:12} {position.side:5} {position.leverage:4.0f}×  {answer.guidance}")


async def choose(client: AsyncClient, candidates: list[ScoresItem]) -> tuple[list[ScoresItem], int]:
    """Those that even at worst would be low, the furthest from their liquidation first; and how many cannot be told."""
    answer = await client.scores(items=candidates, detail="brief")
    pairs = list(zip(candidates, answer.results, strict=True))  # in the order of the request
    chosen = [(one, score) for one, score in pairs if isinstance(score, BriefScore) and may_rest(score)]
    chosen.sort(key=lambda pair: -distance(*pair))
    return [one for one, _ in chosen], sum(isinstance(score, Problem) for _, score in pairs)


def may_rest(score: BriefScore) -> bool:
    """Unknown is not low: what counts is the band that it may have at most."""
    return score.band_upper == "low" and score.danger != "liquidation" and not score.alerts


def distance(candidate: ScoresItem, score: BriefScore) -> float:
    """How far the price may move against it; 0 where that is not known."""
    end = score.liquidation_price
    return 0.0 if end is None else abs(candidate.position.mark_price - end) / candidate.position.mark_price


async def score_in_full(client: AsyncClient, candidate: ScoresItem) -> ScoreAnswer:
    """The whole answer, with reasons and the rules behind it."""
    return await client.score(venue=candidate.venue, position=candidate.position, market=candidate.market)


def draw(count: int, *, seed: int) -> list[ScoresItem]:
    """Quotes at several venues, on both sides, at leverages from 1 to 50, a little away from the price."""
    chance = random.Random(seed)  # noqa: S311 (an example, no secret)
    calm = Market(funding_rate=0.0001, funding_interval_hours=8, liquidation_spike=False, thin_liquidity=False)
    drawn = []
    for number in range(count):
        side = chance.choice(SIDES)
        away = chance.uniform(0.0, 0.02) * (-1 if side == "long" else 1)
        position = Position(
            side=side,
            size=round(chance.uniform(0.01, 2.0), 2),
            entry_price=round(PRICE * (1 + away), 1),
            mark_price=PRICE,
            leverage=chance.randint(1, 50),
            maintenance_margin_rate=0.005,
        )
        drawn.append(ScoresItem(id=f"quote-{number}", venue=chance.choice(VENUES), position=position, market=calm))
    return drawn


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
