"""The page of all sentences that an answer can have, with placeholders, and the rule by which actions are ordered.

Sentences of actions are the templates of the service. Those of the other parts are collected from the answers to a
grid of positions, with names and numbers replaced.
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, get_args

import msgspec

from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import Mechanism, VenueRules
from adlrisk.domain.rules.formulas import FORMULAS, Confidence
from adlrisk.domain.rules.signal_thresholds import Event, Thresholds
from adlrisk.domain.scoring.advice import sentences as said
from adlrisk.domain.scoring.advice.action import ActionName
from adlrisk.domain.scoring.alerts import ADL_IN_PROGRESS
from adlrisk.domain.scoring.band import Band
from adlrisk.domain.scoring.danger import Danger
from adlrisk.domain.scoring.guidance import guidance_for
from adlrisk.domain.scoring.score import Score, score
from adlrisk.domain.scoring.shared_account import SharedAccount
from adlrisk.domain.scoring.standing import Place
from adlrisk.library import catalogue
from venue_pages.markdown import GENERATED, plain, table

MOST_WORDS: Final = 25

# What each answers, if it fired or is near, and its amount; equally useful ones come in this order.
ACTIONS: Final[dict[ActionName, tuple[str, str]]] = {
    "add_margin": (
        (
            "leverage; profit, where it counts only as a share of the equity; profit and meter, where the venue ranks "
            "by a key that margin lowers and effective leverage is above 1×"
        ),
        "the least margin after which the band is lower; where none lowers it, after which leverage and share are off",
    ),
    "reduce_size": (
        "leverage and the share, unless the margin is isolated; profit and meter, where the position can be taken",
        "the same in contracts, with cross margin; null while the margin mode is unknown",
    ),
    "take_profit": ("profit and meter, where there is a profit", "all contracts"),
    "keep_margin_buffer": (
        (
            "leverage and market stress, where liquidation is within a fifth of the price or unknown; a liquidation "
            "that is near or due, whatever fired"
        ),
        "the margin after which liquidation is further away than `near_liquidation` of the card",
    ),
    "avoid_crowded_entry": ("funding and market stress", ""),
    "hedge": ("funding, market stress and meter, unless `hedged` is true", ""),
    "watch_hedge": ("the same, where `hedged` is true and the venue closes positions by force", ""),
}
ORDER: Final = (
    ("1", "moves a near or due liquidation away", "`keep_margin_buffer`"),
    ("2", "lowers the band", "`add_margin`, `reduce_size` with an amount that does"),
    ("3", "closes the position", "`take_profit`"),
    ("4", "lowers the score within its band", "`add_margin`, `reduce_size` with an amount"),
    ("5", "lowers a key, or what can be taken", "`add_margin`, `reduce_size` otherwise"),
    ("6", "prepares for what comes", "`keep_margin_buffer` otherwise, `avoid_crowded_entry`, `hedge`, `watch_hedge`"),
)


def sentences_page() -> str:
    """The order of actions, and the sentences of every part of an answer."""
    actions = ((f"`{action}`", *cells) for action, cells in ACTIONS.items())
    own = ((f"`{action}`", plain(text)) for action, texts in action_sentences().items() for text in texts)
    others = ((part, plain(text)) for part, texts in collected_sentences().items() for text in texts)
    return (
        f"{GENERATED}\n# Sentences\n\n"
        "Every sentence that an answer of `/score`, `/scores` and `/account` can have. None has more than "
        f"{MOST_WORDS} words. Numbers in them have four significant digits, more where a verdict depends on them; "
        "fields have all digits. An amount is rounded up, so that what the sentence says comes true; the band or score "
        "after it is a range, such as 0–6, while a signal is unknown.\n\n"
        "## Actions\n\n"
        "Which signals an action answers, if they fired or are near, and its `amount`:\n\n"
        f"{table(('action', 'answers', 'amount'), actions)}\n"
        "Their order. Steps 2 to 6 are gone through for what fired first, then for what is only near:\n\n"
        f"{table(('step', 'what it does', 'action'), ORDER)}\n"
        f"{table(('action', 'sentence'), own)}\n"
        "## Other parts\n\n"
        "`N` is a number; `VENUE`, `METER` and `SCALE` are the venue's, `FORMULA` and `CONFIDENCE` its "
        "ranking's.\n\n"
        f"{table(('part', 'sentence'), others)}"
    )


def action_sentences() -> dict[str, tuple[str, ...]]:
    """The templates by action, and those of their placeholders."""
    return {
        "add_margin": tuple(said.ADD_MARGIN.values()),
        "reduce_size": tuple(said.REDUCE_SIZE.values()),
        "take_profit": (said.TAKE_PROFIT, *said.FORCED_FILLS.values(), said.SHARED_OUT),
        "keep_margin_buffer": tuple(said.KEEP_MARGIN_BUFFER.values()),
        "avoid_crowded_entry": (
            *said.CROWDING.values(),
            said.ON_CROWDED_SIDE,
            said.ON_CROWDED_SIDE_OF_KEEPERS,
            *said.ON_OTHER_SIDE.values(),
            said.ON_OTHER_SIDE_IN_NO_QUEUE,
            said.STRESS,
            said.OPEN_INTEREST,
        ),
        "hedge": tuple(said.HEDGE.values()),
        "watch_hedge": (said.WATCH_HEDGE,),
        "{ratios}": tuple(said.RATIOS.values()),
        "{effect}": tuple(said.EFFECTS.values()),
        "{rank}": tuple(text for text in said.RANKS.values() if text),
        "{passed}": tuple(said.PASSED.values()),
    }


@cache
def collected_sentences() -> dict[str, tuple[str, ...]]:
    """All sentences of guidance; those of standing, danger and signals in the answers to a grid of positions."""
    found: dict[str, dict[str, None]] = {"guidance": {part: None for text in _all_guidance() for part in split(text)}}
    found["guidance"][ADL_IN_PROGRESS] = None
    said: dict[str, dict[tuple[str, str], VenueRules]] = {}  # each sentence of a venue once: most come in many answers
    for rules, answer in _score_grid():
        for part, text in parts_of(answer):
            said.setdefault(part, {})[text, rules.id] = rules
    for part, texts in said.items():
        found.setdefault(part, {}).update((replace_names(text, rules), None) for (text, _), rules in texts.items())
    return {part: tuple(sorted(texts)) for part, texts in found.items()}


def parts_of(answer: Score) -> Iterator[tuple[str, str]]:
    """The sentences of an answer with the name of the part; apart from actions, but for that of an alert."""
    reasons = [
        ("guidance", answer.guidance),
        ("standing", answer.standing.reason),
        ("nearer_danger", answer.nearer_danger.reason),
        *((signal.signal, signal.reason) for signal in answer.signals),
        *((alert.alert, alert.reason) for alert in answer.alerts),
        *((action.action, action.reason) for action in answer.actions if action.action == "close_before_settlement"),
    ]
    if answer.trigger is not None:
        reasons.append(("trigger", answer.trigger.reason))
    for part, reason in reasons:
        for text in split(reason):
            yield part, text


def split(reason: str) -> list[str]:
    """The sentences of a reason.

    >>> split("It pays 0.1 % per 8 h. Crypto.com has none.")
    ['It pays 0.1 % per 8 h.', 'Crypto.com has none.']
    """
    return re.split(r"(?<=\.) (?=[A-Z{])", reason)


def count_words(sentence: str) -> int:
    """Words and numbers; signs that stand alone, such as ``%``, are none.

    >>> count_words("Equity is -10: 3 % of it.")
    6
    """
    return sum(any(sign.isalnum() for sign in word) for word in sentence.split())


def replace_names(sentence: str, rules: VenueRules) -> str:
    """The sentence with placeholders for numbers and for what is the venue's own."""
    if rules.meter is not None:
        field, endpoint = re.escape(rules.meter.field), re.escape(rules.meter.endpoint)
        sentence = re.sub(rf"^{field} reads (\S+) \(.*\)\.$", r"METER reads \1 (SCALE).", sentence)
        sentence = re.sub(rf"^{field} reads", "METER reads", sentence)
        sentence = sentence.replace(f"({rules.meter.field} ", "(METER ")
        sentence = re.sub(rf"(adl_meter: |the place as ){field}(?: \({endpoint}\))?\.$", r"\1METER.", sentence)
    sentence = sentence.replace(rules.name, "VENUE")
    for formula in FORMULAS:
        sentence = re.sub(rf"\b{formula}\b", "FORMULA", sentence)
    sentence = re.sub(rf"(?<=FORMULA, )({'|'.join(get_args(Confidence))})", "CONFIDENCE", sentence)
    sentence = re.sub(r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?=\d)", "DAY ", sentence)
    return re.sub(r"(?<!\w)(?<!where )-?\d+(?:[.:]\d+)*(?:e[+-]?\d+)?", "N", sentence)


_WEDNESDAY: Final = datetime(2026, 11, 18, 12, tzinfo=UTC)
_SATURDAY_NIGHT: Final = datetime(2026, 11, 21, 22, tzinfo=UTC)
# A long from 100: at a loss, at a small and at a large profit.
_MARKS: Final = (99.0, 102.0, 130.0)
_BACKINGS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"equity": -1.0},
    {"equity": 3.0},
    {"equity": 8.0},
    {"equity": 60.0},
    {"equity": 3.0, "maintenance_margin_rate": 0.01},
    {"equity": 9.0, "maintenance_margin_rate": 0.01},
    {"equity": 60.0, "maintenance_margin_rate": 0.01},
    {"equity": 300.0, "maintenance_margin_rate": 0.01},
    {"equity": 8.0, "maintenance_margin": 9.0},
)
_MARKETS: Final = (
    Market(),
    Market(funding_rate=0.0, liquidation_spike=False),
    Market(funding_rate=0.00085, liquidation_spike=False, thin_liquidity=False),
    Market(funding_rate=-0.00005, funding_interval_hours=8.0, thin_liquidity=True),
    Market(funding_rate=0.002, funding_interval_hours=8.0, liquidation_spike=True),
    Market(funding_rate=-0.002, funding_interval_hours=8.0, liquidation_spike=True),
)


def _all_guidance() -> Iterator[str]:
    cases = itertools.product(get_args(Band), get_args(Place), get_args(Danger), (True, False), get_args(Mechanism))
    for band, place, danger, is_due, mechanism in cases:
        for knows_band in (True, False):
            yield guidance_for(band, place, danger, is_due=is_due, knows_band=knows_band, mechanism=mechanism)


def _score_grid() -> Iterator[tuple[VenueRules, Score]]:
    for rules in _cards():
        for mark, backing, market in itertools.product(_MARKS, _BACKINGS, _MARKETS):
            for reading in _readings(rules):
                position = _build(mark_price=mark, adl_meter=reading, **backing)
                for moment in (_WEDNESDAY, _SATURDAY_NIGHT) if not backing else (_WEDNESDAY,):
                    yield rules, score(position, market=market, rules=rules, as_of=moment)
        for market, before in itertools.product(
            _trigger_markets(), (None, *_readings(rules)[1:2], *_readings(rules)[3:4])
        ):
            position = _build(mark_price=99.0, adl_meter=None if before is None else _readings(rules)[1],
                              adl_meter_before=before)  # fmt: skip
            yield rules, score(position, market=market, rules=rules, as_of=_WEDNESDAY)
        yield rules, score(_build(mark_price=99.0), market=Market(), rules=_with_event(rules), as_of=_WEDNESDAY)
        for account in _accounts():
            for equity in (-1.0, 60.0) if account.knows_liquidation else (None, 60.0):
                position = _build(mark_price=99.0, equity=equity)
                yield rules, score(position, market=Market(), rules=rules, as_of=_WEDNESDAY, account=account)


def _with_event(rules: VenueRules) -> VenueRules:
    event = Event(start="2026-11-18T00:00:00Z", to="2026-11-19T00:00:00Z", what="{what}")
    return msgspec.structs.replace(rules, score=Thresholds(events=(event,)))


def _trigger_markets() -> Iterator[Market]:
    yield Market(open_interest_high=True)
    for is_on, rating in ((None, "low"), (False, "medium"), (True, "high")):
        yield Market(adl_trigger=is_on, adl_rating=rating)
    for fund, peak in ((-5.0, 100.0), (0.0, None), (50.0, None), (60.0, 50.0), (60.0, 100.0), (70.0, 100.0),
                       (84.0, 100.0), (100.0, 100.0)):  # fmt: skip
        yield Market(insurance_fund=fund, fund_peak=peak)
    for time in ("18T11:00", "18T12:00", "18T12:30", "18T14:00", "18T14:30", "19T11:30", "25T12:00"):
        yield Market(settles_at=f"2026-11-{time}:00Z")


def _build(**fields: Any) -> Position:
    return Position(side="long", size=1.0, entry_price=100.0, **fields)


def _cards() -> Iterable[VenueRules]:
    """A card of each kind: one for every combination of what sentences depend on."""
    kinds: dict[tuple[object, ...], VenueRules] = {}
    for venue in catalogue().values():
        rules = venue.rules
        kind = (rules.mechanism, rules.ranking.formula, rules.meter is None, rules.confidence == "disputed",
                rules.funding.interval_hours is None, rules.meter is not None and bool(rules.meter.none),
                rules.trigger.settlement_hours, rules.trigger.drawdown)  # fmt: skip
        kinds.setdefault(kind, rules)
    return kinds.values()


def _readings(rules: VenueRules) -> tuple[float | None, ...]:
    if rules.meter is None:
        return (None,)
    levels = getattr(rules.meter, "levels", (1.0, 0.5, 0.0))
    return (None, levels[0], levels[len(levels) // 2], levels[-1], *rules.meter.none[:1])


def _accounts() -> Iterator[SharedAccount]:
    known = SharedAccount(
        legs=2, gross_notional=1000.0, gross_leverage=20.0, net_leverage=2.0, prices=(None, None),
        nearest_move=None, leg_hedges=False,
        knows_liquidation=True, knows_wallet=True, missing_backing=(), missing_maintenance=None,
    )  # fmt: skip
    for leverage, net in ((20.0, 2.0), (5.0, 2.0), (5.0, None), (None, None)):
        yield msgspec.structs.replace(known, gross_leverage=leverage, net_leverage=net)
    yield msgspec.structs.replace(known, gross_leverage=5.0, nearest_move=0.02)
    for missing in (("wallet_balance",), ("positions",), ("wallet_balance", "positions")):
        yield msgspec.structs.replace(
            known, gross_notional=None, gross_leverage=None, net_leverage=None, knows_liquidation=False,
            missing_backing=missing, missing_maintenance="positions",
        )  # fmt: skip
