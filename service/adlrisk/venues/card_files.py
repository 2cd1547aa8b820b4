"""Card files: rule cards as TOML, those of this package and those of a folder of the operators' own."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import msgspec

from adlrisk.decoding.places import find_types, find_value
from adlrisk.decoding.plain_words import explain
from adlrisk.decoding.reasons import REQUIRED, UNKNOWN_FIELD, read_reason
from adlrisk.domain.rules.card import VenueRules

_SUFFIX: Final = ".toml"
_MAX_BYTES: Final = 1 << 20  # as much as a ConfigMap holds


class CardError(ValueError):
    """An invalid rule card; the message names its file and field."""


def read_bundled_cards() -> dict[str, VenueRules]:
    """The cards of this package by id."""
    return _read_cards(files("adlrisk.venues") / "cards")


def read_local_cards(folder: str) -> dict[str, VenueRules]:
    """The cards of ``folder`` by id; none if its name is empty. Hidden files are not looked at, as a volume has some.

    Raises:
        CardError: it is no folder, or one of its files cannot be read, is no valid card, or not named for the card's
            id and ``.toml``.
    """
    if not folder:
        return {}
    path = Path(folder)
    if not path.is_dir():
        raise CardError(f"{folder}: no folder")
    return _read_cards(path)


def read_card(card: Traversable) -> VenueRules:
    """The rules of one card.

    Raises:
        CardError: the card is invalid; the message names file and field.
    """
    if not card.name.endswith(_SUFFIX):
        raise CardError(f"{card.name}: the name of a card is its id and {_SUFFIX}")
    content = b""
    try:
        content = _read_content(card)
        rules = msgspec.toml.decode(content, type=VenueRules)
    except OSError as error:
        raise CardError(f"{card.name}: {error.strerror or error}") from error
    except RecursionError as error:
        raise CardError(f"{card.name}: nested too deeply") from error
    except ValueError as error:  # of msgspec, of its TOML parser, and of a text that is no UTF-8
        raise CardError(f"{card.name}: {_explain_error(str(error), content)}") from error
    if rules.id != card.name.removesuffix(_SUFFIX):
        raise CardError(f"{card.name}: id: {rules.id!r} is not the name of the file")
    return rules


def _read_content(card: Traversable) -> bytes:
    if not card.is_file():  # a pipe would be waited for
        raise CardError(f"{card.name}: no file")
    with card.open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise CardError(f"{card.name}: larger than {_MAX_BYTES} bytes")
    return content


def _read_cards(folder: Traversable) -> dict[str, VenueRules]:
    try:
        cards = sorted((card for card in folder.iterdir() if not card.name.startswith(".")), key=lambda card: card.name)
    except OSError as error:
        raise CardError(f"{folder.name}: {error.strerror or error}") from error
    return {(rules := read_card(card)).id: rules for card in cards}


def _explain_error(message: str, content: bytes) -> str:
    """The place in the card, and what is wrong there, where the card is TOML at all."""
    try:
        plain = msgspec.toml.decode(content)
    except (ValueError, RecursionError):
        return message
    reason = read_reason(message)
    if reason.account == UNKNOWN_FIELD or reason.account.startswith(REQUIRED):
        detail = reason.account
    else:
        detail = explain(reason.account, find_types(VenueRules, reason.steps), find_value(plain, reason.steps))
    place = "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in reason.steps)
    return f"{place.removeprefix('.') or 'card'}: {detail}"
