"""A fake of Hyperliquid. Shapes: hyperliquid.gitbook.io, "Info endpoint"."""

from typing import Any

from support.collect.fake_venue import FakeVenue, Now


class FakeHyperliquid(FakeVenue):
    """BTC, with two margin tiers, and kPEPE, with one."""

    venue = "hyperliquid"

    def initial_answers(self) -> dict[str, Any]:
        two_tiers = {
            "description": "tiered 40x",
            "marginTiers": [
                {"lowerBound": "0.0", "maxLeverage": 40},
                {"lowerBound": "150000000.0", "maxLeverage": 20},
            ],
        }
        return {
            "exchangeStatus": {"specialStatuses": None, "time": Now()},
            "metaAndAssetCtxs": [
                {
                    "universe": [
                        {"name": "BTC", "szDecimals": 5, "maxLeverage": 40, "marginTableId": 56},
                        {"name": "kPEPE", "szDecimals": 0, "maxLeverage": 10, "marginTableId": 10},
                    ],
                    "marginTables": [[56, two_tiers]],
                    "collateralToken": 0,
                },
                [_figures("60000.5", funding="0.0000125"), _figures("0.012345", funding="-0.0000401")],
            ],
            "l2Book?nSigFigs=4": _book(
                bids=[("59990", "2"), ("59900", "1"), ("59810", "50")],
                asks=[("60010", "1.5"), ("60100", "2"), ("60190", "50")],
            ),
        }


def _figures(mark: str, *, funding: str) -> dict[str, Any]:
    return {
        "funding": funding,
        "openInterest": "688.11",
        "prevDayPx": "15.322",
        "dayNtlVlm": "1169046.29406",
        "premium": "0.00031774",
        "oraclePx": mark,
        "markPx": mark,
        "midPx": mark,
        "impactPxs": [mark, mark],
    }


def _book(*, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> dict[str, Any]:
    sides = [[{"px": price, "sz": size, "n": 3} for price, size in side] for side in (bids, asks)]
    return {"coin": "BTC", "levels": sides, "time": Now()}
