"""Replay a day of one-minute marks over a made-up book of 10,000 accounts, without a server.

Everything in it is drawn from a seed: book, prices, order book and fund are no venue's. Run it with
``python docs/examples/replay_a_day.py``; it says when ADL began, how much it closed, and whom it reached first.
"""

from typing import Any

import numpy as np

from adlrisk import SimulateAnswer, simulate

ACCOUNTS = 10_000
MINUTES = 1440
PRICE = 100.0


def main() -> None:
    """Replay the day, and print what happened."""
    answer = replay(make_book(ACCOUNTS, seed=1), make_marks(MINUTES, seed=2))
    print("\n".join(describe(answer)))


def replay(book: dict[str, Any], marks: Any) -> SimulateAnswer:
    """What happens to ``book`` along ``marks``: the same for the same, at any time and on any machine."""
    return simulate(
        {
            "venue": "bitmex",
            "mark_price": PRICE,
            "columns": book,
            "lot_size": 0.01,
            "maintenance_margin_rate": 0.005,
            "fund": {"balance": 2_000},
            # As many contracts within one percent of the mark as 2 % of the longs hold, of which a third is left.
            "depth": {"size_for_one_percent": 0.02 * float(book["size"].sum()) / 2.0, "depth_left": 0.3},
            "marks": marks,
        }
    )


def make_book(accounts: int, *, seed: int) -> dict[str, Any]:
    """Accounts in columns, as many long as short: leverages and entries as they are spread in a crowded contract."""
    drawn = np.random.default_rng(seed)
    is_long = np.arange(accounts) % 2 == 0
    entries = PRICE * np.exp(drawn.normal(0.0, 0.03, accounts))
    leverage = np.minimum(3.0 * np.exp(drawn.normal(0.0, 0.8, accounts)), 50.0)
    # Nobody is due before the day begins: a third of the margin, at least, is left at the price of the morning.
    losses = np.maximum(np.where(is_long, entries - PRICE, PRICE - entries), 0.0) / entries
    leverage = np.minimum(leverage, 1.0 / (1.5 * losses + 0.01))
    return {
        "id": [f"account-{number}" for number in range(accounts)],
        "side": np.where(is_long, "long", "short"),
        "size": np.maximum(np.round(np.exp(drawn.normal(2.0, 1.2, accounts)), 2), 0.01),
        "entry_price": entries,
        "leverage": leverage,
    }


def make_marks(minutes: int, *, seed: int) -> Any:
    """A day of marks: a quiet morning, a fall by a fifth within the hour after noon, and half of it back by night."""
    drawn = np.random.default_rng(seed)
    noon, bottom = minutes // 2, minutes // 2 + minutes // 24
    trend = np.interp(np.arange(minutes), [0, noon, bottom, minutes], [0.0, 0.0, np.log(0.8), np.log(0.9)])
    return PRICE * np.exp(trend + np.cumsum(drawn.normal(0.0, 0.0003, minutes)))


def describe(answer: SimulateAnswer) -> list[str]:
    """What happened, in lines to read."""
    liquidated = sum(step.liquidated.accounts for step in answer.steps)
    reached = [minute for minute, step in enumerate(answer.steps) if step.adl.size]
    lines = [
        f"{len(answer.steps)} marks: {liquidated} accounts liquidated, fund left {answer.steps[-1].fund.after:,.0f}"
    ]
    if not reached:
        return [*lines, "no ADL"]
    size = sum(step.adl.size for step in answer.steps)
    haircut = sum(step.adl.haircut for step in answer.steps)
    hours, minutes = divmod(reached[0], 60)
    first = next(position for position in answer.positions or () if position.closed)
    return [
        *lines,
        f"ADL in {len(reached)} minutes from {hours:02}:{minutes:02} on: {size:,.0f} contracts, haircut {haircut:,.0f}",
        f"first reached: {first.id}, {first.outcome}, {first.closed:g} contracts",
    ]


if __name__ == "__main__":
    main()
