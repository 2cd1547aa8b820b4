"""The filters of the documentation's jq commands, applied without jq, which a fresh machine does not have."""

import re
import shlex
from typing import Any


def filter_of(command: str) -> str:
    """The filter of a command that ends in jq."""
    words = shlex.split(command)
    return next(word for word in words[words.index("jq") + 1 :] if not word.startswith("-"))


def apply_filter(text: str, answer: Any) -> dict[str, Any]:
    """The object that a filter such as ``{score, do: .actions[0].reason}`` makes of ``answer``."""
    entry = r"\w+(?:: (?:\.\w+|\[\d+\])+)?"
    assert re.fullmatch(rf"\{{{entry}(?:, {entry})*\}}", text), text
    made = {}
    for one in text[1:-1].split(", "):
        name, _, path = one.partition(": ")
        made[name] = answer
        for key, index in re.findall(r"\.(\w+)|\[(\d+)\]", path or f".{name}"):
            made[name] = made[name][key or int(index)]
    return made


def apply_list_filter(text: str, answer: Any) -> list[Any]:
    """The list that a filter such as ``[.score, .signals[0].fired]`` makes of ``answer``."""
    assert re.fullmatch(r"\[\.[^,()|]+(?:, \.[^,()|]+)*\]", text), text
    names = {f"at{number}": path for number, path in enumerate(text[1:-1].split(", "))}
    written = ", ".join(f"{name}: {path}" for name, path in names.items())
    return [*apply_filter(f"{{{written}}}", answer).values()]
