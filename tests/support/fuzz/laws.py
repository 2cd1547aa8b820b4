"""Laws of valid answers to any request; amounts are compared with exact fractions."""

import contextlib
import itertools
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import msgspec

from adlrisk import account, score
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoresItem
from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.venues.catalogue import load_catalogue
from support.fill_rules import first_match, value_at
from support.fuzz.account_laws import check_account
from support.fuzz.layouts import listed_in, rows_of
from support.fuzz.near import assert_near, sum_of
from support.fuzz.state_laws import Maintenance, Values, check_state
from support.fuzz.stress_laws import check_exposure, check_simulation
from support.fuzz.trigger_laws import check_trigger
from support.plans.laws import check_plan, of_leg
from support.plans.ranking import UnsendableBookError, rank
from support.running import WEDNESDAY
from support.shortened import shorten

Request = Mapping[str, Any]
Content = Mapping[str, Any]

SIGNALS: Final = ["leverage", "profit", "funding", "market_stress", "adl_meter"]

_CATALOGUE: Final = load_catalogue()
_ALIASES: Final = _CATALOGUE.aliases
_CHANGING: Final = "coinex"  # the venue that changes are sent to
_LONGEST_ID: Final = 64
_NEAR: Final = 1e-9


def check_score(request: Request, answer: Content) -> None:
    """Five signals in order add up to the score, with the unknown ones to its upper end; the state is exact."""
    signals = answer["signals"]
    assert [signal["signal"] for signal in signals] == SIGNALS
    assert all(signal["points"] == (2 if signal["fired"] else 0) for signal in signals)
    assert answer["score"] == sum(signal["points"] for signal in signals)
    assert answer["score_upper"] == answer["score"] + 2 * sum(
        signal["fired"] is None and signal["applicable"] for signal in signals
    )
    assert 0 <= answer["score"] <= answer["score_upper"] <= answer["max_score"] == 10
    for points, band in (("score", "band"), ("score_upper", "band_upper")):
        assert answer[band] == ("low" if answer[points] <= 3 else "watch" if answer[points] <= 6 else "high")
    assert all((signal["source"] is None) == (signal["fired"] is None) for signal in signals)
    named = request.get("venue", "generic")
    assert answer["venue"]["id"] == _ALIASES.get(named, named)
    check_state(request["position"], answer["state"], maintenance=maintenance_of(request["position"], answer))
    check_trigger(request["position"], request.get("market", {}), answer)
    queue = answer["queue"]
    if queue is not None and not queue["eligible"]:
        assert queue["priority"] is None


def maintenance_of(position: Request, answer: Content) -> Maintenance | str | None:
    """The maintenance margin in force; "skip" if only the service knows it."""
    try:
        return Maintenance.of(position, answer)
    except LookupError:
        return "skip"


def check_scores(request: Request, answer: Content) -> None:
    """Each item has a score, in the detail that was asked for, or a problem that names its place; both with its id."""
    assert len(answer["results"]) == len(request["items"])
    for index, (item, result) in enumerate(zip(request["items"], answer["results"], strict=True)):
        assert result.get("id") == id_of(item)
        if "score" not in result:
            assert result["status"] in (400, 422)
            assert all(error["pointer"].startswith(f"/items/{index}") for error in result["errors"])
        elif request.get("detail") == "brief":
            check_brief(item, result)
        else:
            check_score(item, result)


def id_of(item: Any) -> str | None:
    """The id of an item, whatever is wrong with its other fields; ``None`` if it has none."""
    is_object = isinstance(item, Mapping) and all(isinstance(name, str) for name in item)
    id_ = item.get("id") if is_object else None
    return id_ if isinstance(id_, str) and 1 <= len(id_) <= _LONGEST_ID else None


def check_brief(item: Request, result: Content) -> None:
    """All fields are those of the full answer, which satisfies the laws of a score."""
    if item.get("venue") == _CHANGING:
        return  # its card is not the bundled one
    sent = msgspec.convert(item, ScoresItem)
    full = answer_score(sent, venues=_CATALOGUE, now=WEDNESDAY)
    check_score(item, msgspec.json.decode(msgspec.json.encode(full)))
    assert result == msgspec.json.decode(msgspec.json.encode(shorten(full, sent.id)))


def check_own_plan(request: Request, answer: Content) -> None:
    """A plan keeps its laws, each of its requests re-scored by the library."""
    if request.get("venue") == _CHANGING:
        return  # its card is not the bundled one
    with contextlib.suppress(UnsendableBookError):  # nothing else can tell the place of such an account
        check_plan(request, answer, lambda body: rescore(body, leg=request.get("leg")), rank, least=False)


def rescore(body: Request, *, leg: str | None) -> Content:
    """The library's score of a body of ``/score``, or of a leg in one of ``/account``, as it is on the wire."""
    scored = (
        score(body)
        if leg is None
        else next(each for each in account(body).positions if not isinstance(each, Exception) and each.id == leg)
    )
    content: Content = msgspec.json.decode(msgspec.json.encode(scored))
    return content


def check_rank(request: Request, answer: Content) -> None:
    """Ranks count from 1, keys fall, shares rise to 1, and the sizes of the eligible add up to the total."""
    held = rows_of(request)
    sides = [request["side"]] if request.get("side") else ["long", "short"]
    assert list(answer["queues"]) == sides
    for side in sides:
        queue = answer["queues"][side]
        mine = {row["id"]: row for row in held if row["side"] == side}
        assert queue["count"] == len(mine)
        listed = listed_in(queue, "positions")
        if request.get("ids") is None:
            top = request.get("top")
            assert len(listed) == (len(mine) if top is None else min(int(top), len(mine)))
        assert {row["id"] for row in listed} <= set(mine)
        assert len({row["id"] for row in listed}) == len(listed)
        assert all(row["size"] == mine[row["id"]]["size"] for row in listed)
        check_queue(queue, listed, whole=len(listed) == len(mine))


def check_queue(queue: Content, listed: list[Any], *, whole: bool) -> None:
    """One side; ``whole`` if all of its positions are listed."""
    placed = [row for row in listed if row["eligible"]]
    assert listed[: len(placed)] == placed, "positions that are not eligible come last"
    for row in listed[len(placed) :]:
        fields = ("rank", "priority", "percentile", "adl_meter", "size_ahead", "notional_ahead")
        assert all(row[field] is None for field in fields)
    ranks, shares = [row["rank"] for row in placed], [row["percentile"] for row in placed]
    assert ranks == sorted(set(ranks))
    assert all(0.0 < share <= 1.0 for share in shares)
    assert shares == sorted(shares)
    for before, after in itertools.pairwise(row["priority"] for row in placed):
        assert after <= before + _NEAR * abs(before)
    for name in ("size_ahead", "notional_ahead"):
        ahead = [row[name] for row in placed]
        assert ahead == sorted(ahead)
    if not whole:
        return
    assert ranks == list(range(1, queue["eligible"] + 1))
    assert_near(queue["size"], sum_of(row["size"] for row in placed))
    if placed:
        assert shares[-1] == 1.0
        assert (placed[0]["size_ahead"], placed[0]["notional_ahead"]) == (0.0, 0.0)
    for place, row in enumerate(placed):
        assert_near(row["size_ahead"], sum_of(other["size"] for other in placed[:place]))


def check_partial(request: Request, answer: Content) -> None:
    """Closed and remaining size add up, and so do PnL with the ADL and missed profit."""
    is_leg = "leg" in request
    position, lot = of_leg(request, request) if is_leg else request["position"], request.get("lot_size")
    size = Fraction(position["size"])
    closed, left = answer["closed_size"], answer["after"]["size"]
    assert_near(Fraction(closed) + Fraction(left), size, within=1e-12 if lot is None else 1e-6)
    assert 0.0 <= answer["exposure_removed"] <= 1.0
    assert_near(answer["exposure_removed"], Fraction(closed) / size)
    if not is_leg:
        assert answer["account"] is None
        before = maintenance_of(position, answer)
        check_state(position, answer["before"], maintenance=before)
    if left:
        if not is_leg:
            check_rest(request, answer, before)
    else:
        assert {name for name, part in answer["after"].items() if part == 0.0} == {
            "size", "notional", "entry_notional", "unrealized_pnl", "margin", "equity",
        }  # fmt: skip
    assert [scenario["price"] for scenario in answer["scenarios"]] == list(request.get("scenario_prices", []))
    for scenario in answer["scenarios"]:
        kept, alone = Fraction(scenario["pnl_with_adl"]), Fraction(scenario["pnl_without_adl"])
        missed, realized = Fraction(scenario["missed_profit"]), Fraction(answer["realized_pnl"])
        terms = max(abs(kept), abs(alone), abs(missed), abs(realized))
        assert_near(kept + missed, alone, of=terms, within=1e-12 if lot is None else 1e-6)


def check_rest(request: Request, answer: Content, before: Maintenance | str | None) -> None:
    """The rest is a position like any other: other positions' maintenance margin stays, or scales if isolated."""
    position, after = request["position"], answer["after"]
    share = Fraction(after["size"]) / Fraction(position["size"])
    isolated = (request.get("margin_mode") or position.get("margin_mode") or "isolated") == "isolated"
    if isinstance(before, Maintenance) and isolated:
        before = before._replace(others=before.others * share)
    if position.get("equity") is None:
        held = Fraction(after["margin"])
        check_state({**position, "size": after["size"]}, after, margin=held, maintenance=before)
        return
    whole = Fraction(answer["before"]["equity"])
    fill = Fraction(answer["fill_price"])
    closed = {**position, "size": answer["closed_size"], "entry_price": position["mark_price"], "mark_price": fill}
    gained = Values.of(closed).pnl if answer["closed_size"] else Fraction(0)
    if isolated:
        assert_near(after["equity"], whole * share, within=1e-12)
    else:
        assert_near(after["equity"], whole + gained, of=max(abs(whole), abs(gained)), within=2e-13)
    check_state({**position, "size": after["size"], "equity": after["equity"]}, after, maintenance=before)


def check_allocate(request: Request, answer: Content) -> None:
    """Closed and uncovered lots equal the request under every policy, and no position is closed beyond its size."""
    held = {row["id"]: row for row in rows_of(request)}
    side, lot = request["bankrupt"]["side"], request.get("lot_size", 1e-8)
    assert answer["requested_lots"] == round(request["bankrupt"]["size"] / lot)
    assert answer["same_side"] == sum(row["side"] == side for row in held.values())
    eligible = len(held) - answer["same_side"] - answer["ineligible"]
    assert eligible >= 0
    assert [result["policy"] for result in answer["results"]] == request.get("policies", ["venue"])
    for result in answer["results"]:
        check_policy(result, held, requested=answer["requested_lots"], side=side, lot=lot, eligible=eligible)
    lowest = [result["top_leverage_after"] for result in answer["results"] if result["policy"] == "min_max_leverage"]
    if eligible and lowest:
        closed = max(result["closed_lots"] for result in answer["results"])
        assert all(
            lowest[0] <= result["top_leverage_after"] * (1.0 + _NEAR)
            for result in answer["results"]
            if result["closed_lots"] <= closed
        )


def check_policy(
    result: Content, held: Mapping[str, Request], *, requested: int, side: str, lot: float, eligible: int
) -> None:
    """One policy."""
    fills = listed_in(result, "fills")
    assert result["closed_lots"] + result["uncovered_lots"] == requested
    assert result["uncovered_lots"] >= 0
    assert sum(fill["closed_lots"] for fill in fills) == result["closed_lots"]
    assert result["accounts_hit"] == len(fills) == len({fill["id"] for fill in fills}) <= eligible
    whole = 0
    for fill in fills:
        row = held[fill["id"]]
        lots = round(row["size"] / lot)
        assert row["side"] != side
        assert 1 <= fill["closed_lots"] <= lots
        whole += fill["closed_lots"] == lots
        assert fill["closed"] == (
            row["size"] if fill["closed_lots"] == lots else size_of_lots(fill["closed_lots"], lot)
        )
        assert fill["remaining"] == size_of_lots(lots - fill["closed_lots"], lot)
        assert fill["haircut"] >= 0.0
        assert fill["leverage_after"] >= 0.0
    assert result["accounts_closed"] == whole
    if fills:
        assert result["largest_share"] == max(fill["closed_lots"] for fill in fills) / result["closed_lots"]
        assert_near(result["total_haircut"], sum_of(fill["haircut"] for fill in fills))
    else:
        assert (result["largest_share"], result["total_haircut"]) == (None, 0.0)
    if result["policy"] == "venue":
        assert len(fills) - whole <= 1
    if result["policy"] in ("venue", "pro_rata_size", "min_max_leverage") and result["uncovered_lots"]:
        assert whole == eligible


def check_fills(request: Request, answer: Content) -> None:
    """Each fill is what the first rule of the card that fits says; without one it is unknown, and says why."""
    rules = _CATALOGUE[request["venue"]].rules
    assert answer["venue"]["id"] == rules.id
    assert len(answer["results"]) == len(request["fills"])
    for fill, result in zip(request["fills"], answer["results"], strict=True):
        rule = first_match(fill, rules.fills)
        told = [result[name] for name in ("kind", "side_of", "confidence", "note")]
        if rule is None:
            assert (told[:3], result["marker"]) == (["unknown", None, None], None)
            assert result["note"]
        else:
            assert told == [rule.kind, rule.side_of, rule.confidence, rule.note]
            assert result["marker"] == {"field": rule.field, "value": value_at(fill, rule.field)}


def check_card(request: Request, answer: Content) -> None:
    """The card holds the changes."""
    for name, part in request.items():
        if isinstance(part, dict):
            check_card(part, answer[name])
        elif part is not None:
            assert answer[name] == part


def check_record(request: Request, answer: Content) -> None:
    """The record is the one put, with defaults for fields that a tier omits."""
    for name, part in request.items():
        if name == "maintenance_tiers":
            assert answer[name] == [{"up_to_notional": None, "amount": 0.0, **tier} for tier in part]
        elif name != "observed_at":
            assert answer[name] == part, name


LAWS: Final[Mapping[str, Callable[[Request, Content], None]]] = {
    "/score": check_score,
    "/scores": check_scores,
    "/account": check_account,
    "/plan": check_own_plan,
    "/queue/rank": check_rank,
    "/adl/partial": check_partial,
    "/adl/allocate": check_allocate,
    "/adl/simulate": check_simulation,
    "/adl/exposure": check_exposure,
    "/fills/classify": check_fills,
    "/venues/{venue}": check_card,
    "/venues/{venue}/markets/{symbol}": check_record,
}
