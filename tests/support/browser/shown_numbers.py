"""The numbers that a page shows, and whether they are those of the API's answers, as far as digits are shown."""

import bisect
import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import urljoin, urlsplit

import httpx
from playwright.sync_api import Page

_TOKEN: Final = re.compile(r"(?<![\w.,:-])[−-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?(?![\w:-])")
_WORDS: Final = re.compile(r"[\w.,:%+−-]+")
# All text of a part but what carries its number, commands to copy, and ticks, which are a picture's own.
_READ_TEXT: Final = """selector => [...document.querySelectorAll(selector)].flatMap(part => {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest('data, pre, code') && !parent.parentElement.querySelector(':scope > :is(.tick, .grid, .zero)'))
      found.push(walker.currentNode.textContent);
  }
  return found;
})"""
_READ_CARRIERS: Final = (
    "selector => [...document.querySelectorAll(`${selector} data`)].map(one => [one.value, one.textContent])"
)
_NO_PROBABILITY: Final = "8 of 10 is not 80 %"  # an example in the page's own words
_ULP: Final = 1e-12


@dataclass(frozen=True, kw_only=True)
class Known:
    """The numbers of requests and answers, and the words of the answers' sentences."""

    numbers: set[float] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    marks: set[float] = field(default_factory=set)

    @classmethod
    def of(cls, contents: Iterable[Any]) -> Self:
        """All that is in these requests and answers."""
        known = cls()
        for content in contents:
            known.add(content)
        return known

    def add(self, content: Any) -> None:
        """Take in what is in ``content``, at any depth."""
        if isinstance(content, bool) or content is None:
            return
        if isinstance(content, (int, float)):
            self.numbers.add(float(content))
        elif isinstance(content, str):
            self.words.update(word.strip(".,:") for word in _WORDS.findall(content))
        elif isinstance(content, list):
            for part in content:
                self.add(part)
        else:
            self.marks.update(content[name] for name in ("mark_price",) if name in content)
            for part in content.values():
                self.add(part)

    def sort(self) -> list[float]:
        """The numbers and what follows from them: how far a price is from the mark price, and that after a move."""
        changes = [number / mark - 1 for mark in self.marks for number in self.numbers]
        moved = [mark * (1 + number) for mark in self.marks for number in self.numbers]
        return sorted({*self.numbers, *changes, *moved})


def ask_again(page: Page) -> Known:
    """Requests and answers behind a page: the requests of its link to JSON, sent to the API anew.

    The commands on the page have to be among them.
    """
    link = page.locator("#api a", has_text="JSON").get_attribute("href")
    assert link is not None
    exchanges = page.request.get(link).json()
    commands = [shlex.split(text) for text in page.locator("#api pre").all_text_contents()]
    shown = [(urlsplit(words[2]).path, json.loads(words[words.index("-d") + 1])) for words in commands]
    sent = [(exchange["path"], exchange["request"]) for exchange in exchanges]
    assert shown
    assert [one for one in shown if one not in sent] == []
    known = Known()
    for path, body in sent:
        answer = httpx.post(urljoin(page.url, path), json=body, timeout=60)
        known.add(body)
        known.add(answer.json())
    return known


def find_foreign_numbers(page: Page, known: Known, *, selector: str, own: frozenset[str]) -> list[str]:
    """Numbers in a part of the page that are none of the API's; ``own`` are those of the page's fixed words."""
    found, values = [], known.sort()
    for exact, text in page.evaluate(_READ_CARRIERS, selector):
        (token,) = _TOKEN.findall(text.lstrip("+").replace("×", " "))
        scale = 100.0 if "%" in text else 1.0
        if not has_near(values, float(exact), abs(float(exact)) * _ULP):
            found.append(f"{text}: {exact} is not in the answers")
        if not is_rounding(token, float(exact) * scale):
            found.append(f"{text}: shown for {exact}")
    for text in page.evaluate(_READ_TEXT, selector):
        said = text.replace(_NO_PROBABILITY, "").replace("+", " ").replace("×", " ")
        found += [
            f"{token} in {text!r}"
            for token in _TOKEN.findall(said)
            if not (token in own or {token, f"{token}%"} & known.words or is_rounding_of_any(token, values))
        ]
    return found


def is_rounding(token: str, value: float) -> bool:
    """Whether ``value``, rounded to the digits of ``token``, is what is written."""
    return abs(read_number(token) - value) <= half_of_last_digit(token) * (1 + 1e-9) + abs(value) * _ULP


def is_rounding_of_any(token: str, values: list[float]) -> bool:
    """Whether one of the sorted values, or its amount, is written, as it is or in per cent."""
    shown, half = read_number(token), half_of_last_digit(token)
    return any(
        has_near(values, sign * shown / scale, half / scale * (1 + 1e-9))
        for scale in (1.0, 100.0)
        for sign in (1.0, -1.0)
    )


def has_near(values: list[float], value: float, most: float) -> bool:
    """Whether one of the sorted values differs by ``most`` at most."""
    place = bisect.bisect_left(values, value - most)
    return place < len(values) and values[place] <= value + most


def read_number(token: str) -> float:
    """The number that is written."""
    return float(token.replace(",", "").replace("−", "-"))


def half_of_last_digit(token: str) -> float:
    """By how much a number may differ from what is written."""
    mantissa, _, exponent = token.partition("e")
    return float(0.5 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])))
