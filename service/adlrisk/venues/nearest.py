"""Which card is meant by a name that no card has: a wrong one would score by a wrong rule, so that none is better."""

import difflib
import re
from collections.abc import Mapping
from typing import Final

_SHOWN: Final = 32  # letters of a name that are looked at
_MIN_LIKENESS: Final = 0.8  # of difflib's ratio
_MAX_WRONG: Final = 4  # letters of both names together that have no counterpart: one or two written wrongly
_SHORTEST_START: Final = 4  # letters of the beginning of a name
_LISTED: Final = re.compile(r"\(([^()]*[,;][^()]*)\)")
_SEPARATED: Final = re.compile(r"[^a-z0-9]")
# What exchanges put behind their names, without anything between.
_ENDINGS: Final = ("io", "com", "futures", "perp", "perps", "swap", "exchange")
FORMER_NAMES: Final = {"huobi": "htx"}  # until 2023
# Other exchanges, whose names are like that of a card by chance.
_OTHERS: Final = frozenset({"bitmax"})


def fold_names(ids: Mapping[str, str], titles: Mapping[str, str]) -> dict[str, str]:
    """The ids by every name that is compared, without what spellings differ in.

    ``ids`` are by id and alias, ``titles`` the names of the cards by id: the exchanges that one lists in brackets lead
    to it.

    >>> fold_names({"rule": "rule", "far_away": "far_away"}, {"rule": "A rule elsewhere (Here; Far Off)"})
    {'here': 'rule', 'faroff': 'rule', 'rule': 'rule', 'faraway': 'far_away'}
    """
    listed = {
        _fold(name): id_
        for id_, title in titles.items()
        for names in _LISTED.findall(title)
        for name in re.split("[,;]", names)
    }
    former = {name: id_ for name, id_ in FORMER_NAMES.items() if id_ in titles}
    found = former | listed | {_fold(name): id_ for name, id_ in ids.items()}
    return {name: id_ for name, id_ in found.items() if name}


def find_nearest(name: str, ids: Mapping[str, str]) -> str | None:
    """The id of the card that is probably meant; ``ids`` are those of ``fold_names``.

    In this order: the name in another spelling or a former one, the beginning of just one or all of one but its last
    letter, a letter or two wrong, and one with a word behind it.
    """
    written = name[:_SHOWN].strip().lower()
    folded = _fold(written)
    if folded in ids or not folded or folded in _OTHERS:
        return ids.get(folded)
    alike = [known for known in ids if known[0] == folded[0]]  # the others would take most of the time
    begun = [known for known in alike if len(folded) >= _SHORTEST_START and known.startswith(folded)]
    if begun:
        short_of_one = [known for known in begun if len(known) == len(folded) + 1]
        meant = {ids[known] for known in short_of_one or begun}
        return meant.pop() if len(meant) == 1 else None
    close = difflib.get_close_matches(folded, alike, n=1, cutoff=_MIN_LIKENESS)
    if close and _count_wrong(folded, close[0]) <= _MAX_WRONG:
        return ids[close[0]]
    return _find_start(written, ids)


def _find_start(written: str, ids: Mapping[str, str]) -> str | None:
    """The id of the name with which ``written`` starts, if what follows is a word apart or one of the endings."""
    first = _SEPARATED.split(written, maxsplit=1)[0]
    if first != written:
        return ids.get(first)
    starts = (first.removesuffix(ending) for ending in _ENDINGS if first.endswith(ending))
    return next((ids[start] for start in starts if start in ids), None)


def _count_wrong(name: str, other: str) -> int:
    matched = difflib.SequenceMatcher(None, name, other).get_matching_blocks()
    return len(name) + len(other) - 2 * sum(block.size for block in matched)


def _fold(name: str) -> str:
    return _SEPARATED.sub("", name.lower())
