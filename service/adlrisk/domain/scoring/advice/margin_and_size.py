"""What more margin does here, and what closing part does."""

from typing import Final

from adlrisk.domain.position.number_format import SENTENCE_DIGITS, format_number
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.domain.scoring.advice.action import BAND_FALLS, EASES, GUARDS, SCORE_FALLS, Advice, Effect
from adlrisk.domain.scoring.advice.amounts import Relief, limit_of, margin_to_add, size_to_close
from adlrisk.domain.scoring.advice.case import Case, Traits, judged_leverage, with_currency
from adlrisk.domain.scoring.advice.sentences import ADD_MARGIN, EFFECTS, RANKS, RATIOS, REDUCE_SIZE
from adlrisk.domain.scoring.band import band_of

_WALLET_FLOOR: Final = 1.0  # of the formula profit_times_margin_ratio, settlement currency


def advise_margin(case: Case, traits: Traits) -> Advice | None:
    """More margin: until the band falls, or signals are off; else it lowers the key."""
    relief = margin_to_add(case, traits) if traits.of_share or "leverage" in case.concerns else None
    if relief is not None and not (traits.lowers_key and _answers_rank_first(case, relief)):
        sentence = ADD_MARGIN["turns off"].format(
            amount=with_currency(relief.text, case), ratios=_say_ratios(case, relief), effect=_say_effect(relief)
        )
        return _rate(relief), sentence, relief.amount, "settlement"
    if not traits.lowers_key:
        return EASES, ADD_MARGIN["unknown"].format(name=judged_leverage(case)[0]), None, None
    sentence = ADD_MARGIN["lowers the key"].format(formula=case.rules.ranking.formula, confidence=case.rules.confidence)
    return EASES, sentence, None, None


def advise_size(case: Case, traits: Traits) -> Advice | None:
    """Closing part: until the band falls, or signals are off; else it leaves less to be taken."""
    mode, equity = traits.margin_mode, case.state.equity
    if case.account is not None and case.account.leg_hedges:
        return GUARDS, REDUCE_SIZE["hedging leg"], None, None
    if mode != "isolated" and (traits.of_share or "leverage" in case.concerns):
        if equity is not None and equity <= 0.0:
            return EASES, REDUCE_SIZE["insolvent"], None, None
        relief = size_to_close(case, traits)
        if relief is not None and not (traits.can_be_taken and _answers_rank_first(case, relief)):
            return _say_part(case, relief, is_cross=mode == "cross")
    if not traits.can_be_taken or ("profit" not in case.concerns and "adl_meter" not in case.concerns):
        return EASES, REDUCE_SIZE["too little"].format(name=judged_leverage(case)[0]), None, None
    if mode == "isolated":
        return EASES, REDUCE_SIZE["isolated"].format(rank=RANKS[_rank_after_closing_part(case)]), None, None
    return EASES, REDUCE_SIZE["either" if mode is None else "cross"], None, None


def _say_part(case: Case, relief: Relief, *, is_cross: bool) -> Advice:
    """Closing ``relief``, whose amount holds only if the margin is cross."""
    sentence = REDUCE_SIZE["turns off" if is_cross else "turns off if cross"].format(
        amount=relief.text,
        size=format_number(case.position.size, SENTENCE_DIGITS),
        ratios=_say_ratios(case, relief),
        effect=_say_effect(relief),
    )
    return (_rate(relief), sentence, relief.amount, "contracts") if is_cross else (EASES, sentence, None, None)


def _answers_rank_first(case: Case, relief: Relief) -> bool:
    """Whether what ``relief`` turns off is only near, while profit or meter have fired."""
    return not relief.fired and ("profit" in case.fired or "adl_meter" in case.fired)


def _rate(relief: Relief) -> Effect:
    if not relief.fired:
        return EASES
    return SCORE_FALLS if relief.band is None else BAND_FALLS


def _say_ratios(case: Case, relief: Relief) -> str:
    thresholds = case.rules.score.precomputed
    said = []
    for signal in relief.turns_off:
        threshold = thresholds.leverage if signal == "leverage" else thresholds.top_heavy_share
        limit = threshold.formatter(limit_of(threshold, fired=relief.fired), threshold.digits)
        said.append(RATIOS[signal].format(name=judged_leverage(case)[0], limit=limit))
    return " and ".join(said)


def _say_effect(relief: Relief) -> str:
    if not relief.fired:
        return EFFECTS["near"]
    if relief.band is None:
        return EFFECTS["score"].format(points=_say_range(str(relief.points), str(relief.upper)))
    return EFFECTS["band"].format(band=_say_range(relief.band, band_of(relief.upper)))


def _say_range(lower: str, upper: str) -> str:
    """One value, or both ends while a signal is unknown: unknown is not low."""
    return lower if lower == upper else f"{lower}–{upper}"


def _rank_after_closing_part(case: Case) -> str:
    """What closing part of an isolated position does to its rank: a key of ``RANKS``."""
    if case.queue is None or not case.queue.eligible:
        return "none"
    if not FORMULAS[case.queue.formula].needs_maintenance_margin:
        return "same"
    given, wallet = case.position.wallet_balance, case.state.margin
    if case.queue.formula == "profit_times_margin_ratio" and (
        given is not None or (wallet is not None and wallet < 2.0 * _WALLET_FLOOR)
    ):
        return "lower"  # the wallet balance stays, or counts as the floor, while the profit is halved
    return "tiers"
