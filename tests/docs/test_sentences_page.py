"""The page of sentences: what answers say is on it, and no sentence is longer than it promises."""

import importlib
import re
from functools import cache
from typing import Any, get_args

import pytest
from hypothesis import given, settings

import adlrisk
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.domain.scoring.advice.action import ActionName
from adlrisk.library import catalogue
from support.requests import score_requests

PAGE: Any = importlib.import_module("sentences")  # as the page is written, so that the answers are collected once


@cache
def patterns_of(action: str) -> tuple[re.Pattern[str], ...]:
    """The sentences of an action, each placeholder standing for any text."""
    templates = [part for text in PAGE.action_sentences()[action] for part in PAGE.split(text)]
    return tuple(
        re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(text).replace(r"\{rank\}", ".*"))) for text in templates
    )


@settings(max_examples=300)
@given(request=score_requests)
def test_sentences_of_answers_are_on_the_page(request: ScoreRequest) -> None:
    """Whatever is asked, each sentence of the answer is a row of the page, and has 25 words at most."""
    answer, rules = adlrisk.score(request), catalogue()[request.venue].rules
    for part, text in PAGE.parts_of(answer):
        assert PAGE.replace_names(text, rules) in PAGE.collected_sentences()[part]
        assert PAGE.count_words(text) <= PAGE.MOST_WORDS, text
    for action in answer.actions:
        if action.action == "close_before_settlement":
            continue  # among the parts
        for text in PAGE.split(action.reason):
            assert any(pattern.fullmatch(text) for pattern in patterns_of(action.action)), text
            assert PAGE.count_words(text) <= PAGE.MOST_WORDS, text


@given(request=score_requests)
def test_numbers_of_actions_have_four_significant_digits(request: ScoreRequest) -> None:
    """Or are whole, or a price that fewer digits would not tell from the mark price; the fields have all digits."""
    for action in adlrisk.score(request).actions:
        for number in re.findall(r"(?<![\w.])\d[\d.]*\d|(?<![\w.])\d", action.reason):
            digits = number.replace(".", "").lstrip("0")
            is_near_mark = abs(float(number) / request.position.mark_price - 1) < 0.001
            assert len(digits) <= 4 or "." not in number or is_near_mark, action.reason


def test_no_sentence_of_the_page_is_too_long() -> None:
    """Of every part, guidance in all combinations among them, and of every template with its longest texts."""
    texts = [text for part in PAGE.collected_sentences().values() for text in part]
    texts += [part for action in PAGE.action_sentences().values() for text in action for part in PAGE.split(fill(text))]
    assert len(texts) > 150
    assert [text for text in texts if PAGE.count_words(text) > PAGE.MOST_WORDS] == []


def fill(template: str) -> str:
    """The template with the longest texts that its placeholders can have."""
    fields = re.findall(r"\{(\w+)\}", template)
    return template.format(**{field: fill(LONGEST.get(field, "8.123")) for field in fields})


LONGEST = {
    "amount": "412.5 USDT",
    "profit": "412.5 USDT",
    "name": "effective leverage",
    "ratios": " and ".join(PAGE.said.RATIOS.values()),
    "what": "something of the account",
    **{
        name: max(texts.values(), key=PAGE.count_words)
        for name, texts in (("effect", PAGE.said.EFFECTS), ("rank", PAGE.said.RANKS), ("passed", PAGE.said.PASSED))
    },
}


@pytest.mark.parametrize("venue", sorted(catalogue()))
def test_the_meter_of_every_venue_has_short_sentences(venue: str) -> None:
    """Each reading of its scale, and none, is explained in sentences of 25 words at most."""
    rules = catalogue()[venue].rules
    readings = () if rules.meter is None else (*getattr(rules.meter, "levels", (0.0, 0.7, 1.0)), *rules.meter.none)
    position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "contract": rules.contracts[0]}
    for reading in (None, *readings):
        answer = adlrisk.score({"venue": venue, "position": {**position, "adl_meter": reading}})
        for part, text in PAGE.parts_of(answer):
            assert PAGE.count_words(text) <= PAGE.MOST_WORDS, (part, text)


def test_every_action_is_in_the_table() -> None:
    """With the signals that it answers; the one before a settlement is an alert's."""
    assert {*PAGE.ACTIONS, "close_before_settlement"} == set(get_args(ActionName))
