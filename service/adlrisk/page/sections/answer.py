"""Section "Answer": score and band in words, the five signals, alerts and what to do, from the answer of a score."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import htpy as h

from adlrisk.page.numbers import render_leverage, render_number, render_percent
from adlrisk.page.pictures.bars import draw_bar
from adlrisk.page.sections.ways.planned import list_planned_actions

_MEANING: Final = (
    "A score counts conditions of an ADL that are met, two points each; it is not a probability: 8 of 10 is not 80 %."
)
_SIGNALS: Final = {
    "leverage": "Leverage",
    "profit": "Profit",
    "funding": "Funding",
    "market_stress": "Market stress",
    "adl_meter": "ADL meter",
}
_BANDS: Final = {
    "low": "few conditions of an ADL are met",
    "watch": "some conditions of an ADL are met",
    "high": "most conditions of an ADL are met",
}
_PLACES: Final = {
    "front": "near the front of the queue",
    "middle": "in the middle of the queue",
    "back": "at the back of the queue",
    "not_in_queue": "not in the queue",
    "no_adl_at_venue": "no ADL at this venue",
    "unknown": "unknown",
}
_DANGERS: Final = {
    "liquidation": "liquidation",
    "adl": "an ADL",
    "none": "neither liquidation nor an ADL",
    "unknown": "unknown",
}
_ACTIONS: Final = {
    "take_profit": "Take profit",
    "add_margin": "Add margin",
    "reduce_size": "Reduce the size",
    "keep_margin_buffer": "Keep a margin buffer",
    "avoid_crowded_entry": "Do not add to the crowded side",
    "close_before_settlement": "Close before settlement",
    "watch_hedge": "Watch the hedge",
    "hedge": "Hedge elsewhere",
}
_FIRST_ACTIONS: Final = 3  # at a glance
_PERCENTAGES: Final = frozenset({"profit", "funding"})
_RECORDS: Final = {
    "used": "A market record of {symbol} filled in what was left empty.",
    "unused": "There is a market record of {symbol}; nothing was left empty that it knows.",
    "out_of_time": "The market record of {symbol} is not of that time, and was not used.",
    "absent": "There is no market record of {symbol}: what was left empty is unknown.",
}


def render_answer(score: Mapping[str, Any], *, fall: h.Node = None, is_planned: bool = False) -> h.Element:
    """The score, what it is made of, and what to do about it; ``fall`` says what a fall of 10 % leads to.

    A position that ``is_planned`` has no actions for what is held.
    """
    actions = list_planned_actions(score["actions"]) if is_planned else score["actions"]
    first = _render_planned_actions(actions) if is_planned else _render_first_actions(score)
    return h.section("#answer")[
        h.h2["Answer"],
        _render_score(score),
        h.p(".guidance")[score["guidance"]],
        _render_alerts(score["alerts"]),
        _render_standing(score, fall=fall, first_actions=first),
        _render_signals(score["signals"]),
        _render_missing(score["missing"]),
        _render_actions(actions),
        _render_origin(score),
    ]


def describe_score(score: Mapping[str, Any]) -> str:
    """Score and band in one sentence, with how high they may be."""
    said = f"Score {score['score']} of {score['max_score']}, {score['band']}: {_BANDS[score['band']]}"
    if score["score_upper"] == score["score"]:
        return f"{said}."
    return f"{said}. Up to {score['score_upper']}, {score['band_upper']}, by what is unknown."


def _render_score(score: Mapping[str, Any]) -> h.Node:
    band, upper = score["band"], score["score_upper"]
    is_open = upper != score["score"]
    return [
        h.p(f".score.band-{'unknown' if band != score['band_upper'] else band}")[
            h.strong[h.data(value=str(score["score"]))[str(score["score"])], f" of {score['max_score']}"],
            " ",
            h.span(".band")[f"{band}, may be {score['band_upper']}" if band != score["band_upper"] else band],
        ],
        draw_bar(
            "score",
            value=score["score"],
            upper=upper,
            end=score["max_score"],
            title=f"Score {score['score']} of {score['max_score']}",
            description=describe_score(score),
            css="" if is_open else f"band-{band}",  # the colour of a band is for one that is certain
        ),
        h.p(".note")[
            ["Hatched: what is unknown may add up to ", h.data(value=str(upper))[str(upper)], ". "]
            if is_open
            else None,
            _MEANING,
        ],
    ]


def _render_alerts(alerts: Sequence[Mapping[str, Any]]) -> h.Node:
    if not alerts:
        return None
    return h.div(".alerts")[
        h.h3["Alerts"],
        h.ul[(h.li[h.strong[_words(alert["alert"])], ": ", alert["reason"]] for alert in alerts)],
    ]


def _render_standing(score: Mapping[str, Any], *, fall: h.Node, first_actions: h.Node) -> h.Element:
    standing, danger = score["standing"], score["nearer_danger"]
    return h.dl(".facts")[
        h.div[
            h.dt["Am I next?"],
            h.dd[h.strong[_PLACES.get(standing["place"], standing["place"])], ". ", standing["reason"]],
        ],
        h.div[h.dt["If the price falls 10 %?"], h.dd[fall]] if fall else None,
        h.div[h.dt["What do I do?"], h.dd[first_actions]],
        h.div[
            h.dt["Nearer danger"],
            h.dd[h.strong[_DANGERS.get(danger["danger"], danger["danger"])], ". ", danger["reason"]],
        ],
        _render_trigger(score["trigger"]),
    ]


def _render_first_actions(score: Mapping[str, Any]) -> h.Node:
    actions, ways_out = score["actions"], h.a(href="#ways-out")["Ways out, the cheapest first"]
    if not actions:
        if score["missing"]:
            return h.strong[h.span(".unknown")["unknown"]], ". Fill in what is not known, below."
        return h.strong["Nothing"], ": no signal fires, and none is near."
    return [_list_first(actions), ways_out]


def _render_planned_actions(actions: Sequence[Mapping[str, Any]]) -> h.Node:
    limits = h.a(href="#ways-out")["How large it may be"]
    return [_list_first(actions) if actions else "It is not open yet. ", limits]


def _list_first(actions: Sequence[Mapping[str, Any]]) -> h.Node:
    first, *others = [_name_action(action) for action in actions[:_FIRST_ACTIONS]]
    then = f", or: {'; '.join(name.lower() for name in others)}" if others else ""
    return [h.strong[first], f"{then}. "]


def _name_action(action: Mapping[str, Any]) -> str:
    return _ACTIONS.get(action["action"]) or _words(action["action"])


def _render_trigger(trigger: Mapping[str, Any] | None) -> h.Node:
    if trigger is None:
        return h.div[
            h.dt["Is the venue deleveraging?"], h.dd[h.strong(".unknown")["unknown"], ". Nothing was said of it."]
        ]
    on = {True: "yes", False: "it says no", None: "unknown"}[trigger["adl_on"]]
    return h.div[h.dt["Is the venue deleveraging?"], h.dd[h.strong[on], ". ", trigger["reason"]]]


def _render_signals(signals: Sequence[Mapping[str, Any]]) -> h.Element:
    return h.div(".table-scroll", tabindex="0", role="region", aria_label="Five signals")[
        h.table(".signals")[
            h.caption["Five signals, two points each"],
            h.thead[h.tr[(h.th(scope="col")[name] for name in ("Signal", "Fired", "Value", "Threshold", "Why"))]],
            h.tbody[(_render_signal(signal) for signal in signals)],
        ]
    ]


def _render_signal(signal: Mapping[str, Any]) -> h.Element:
    state, mark, text = _state_of(signal)
    return h.tr(f".signal-{state}")[
        h.th(scope="row")[_SIGNALS.get(signal["signal"], signal["signal"])],
        h.td(".state")[h.span(aria_hidden="true")[mark], " ", text],
        h.td[_render_figure(signal, "value")],
        h.td[_render_figure(signal, "threshold")],
        h.td(".why")[signal["reason"], " From the market record." if signal["source"] == "cache" else None],
    ]


def _state_of(signal: Mapping[str, Any]) -> tuple[str, str, str]:
    if not signal["applicable"]:
        return "none", "–", "not here"
    if signal["fired"] is None:
        return "unknown", "?", "unknown"
    return ("fired", "●", "fired") if signal["fired"] else ("not", "○", "not")


def _render_figure(signal: Mapping[str, Any], name: str) -> h.Node:
    value = signal[name]
    if value is None:
        return "unknown" if signal["fired"] is None and signal["applicable"] and name == "value" else "–"
    if signal["signal"] == "leverage":
        return render_leverage(value)
    return render_percent(value) if signal["signal"] in _PERCENTAGES else render_number(value)


def _render_missing(missing: Sequence[str]) -> h.Node:
    if not missing:
        return None
    return h.p(".missing")[
        h.strong["Not known, and would decide: "],
        [[", " if index else "", h.a(href=f"#{name}")[_words(name)]] for index, name in enumerate(missing)],
        ".",
    ]


def _render_actions(actions: Sequence[Mapping[str, Any]]) -> h.Node:
    if not actions:
        return None
    return h.div(".actions")[
        h.h3["What to do"],
        h.ol[(h.li[h.strong[_name_action(action)], ". ", action["reason"]] for action in actions)],
    ]


def _render_origin(score: Mapping[str, Any]) -> h.Element:
    venue, market = score["venue"], score["market"]
    record = None
    if market is not None:
        text = _RECORDS.get(market["status"], "The market record of {symbol}: {status}.")
        seen = f" Observed {market['observed_at']}." if market["observed_at"] else ""
        record = [" ", text.format(symbol=market["symbol"], status=_words(market["status"])), seen]
    return h.p(".note")[
        "By the rules of ",
        h.a(href=f"/page/venues/{venue['id']}")[venue["id"]],
        f" (revision {venue['revision']}), for {_show_moment(score['as_of'])}.",
        record,
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _show_moment(moment: str) -> str:
    """A moment of the API as people write it.

    >>> _show_moment("2026-11-18T12:00:00.25Z")
    '2026-11-18 12:00:00 UTC'
    """
    return f"{moment[:10]} {moment[11:19]} UTC"
