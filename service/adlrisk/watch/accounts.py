"""Which accounts are watched, and where the keys of each are."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from adlrisk.settings import VENUE_CREDENTIALS, variable_of

_NAMED: Final = re.compile(r"(?:(?P<name>[A-Za-z0-9][A-Za-z0-9_-]{0,31})=)?(?P<venue>[A-Za-z0-9_]{1,32})\Z")
_ENDS: Final = tuple(name.removeprefix("venue_") for name in VENUE_CREDENTIALS)  # key, secret, password, wallet


class AccountsError(ValueError):
    """An account cannot be watched as it was named."""


class WatchedAccount(Struct, frozen=True, kw_only=True):
    """An account: the name that messages call it by, its venue as it was named, and the settings of its keys."""

    name: str
    venue: str  # a card's id or one of its aliases
    keys: str  # what the settings with its keys begin with: account_desk for ADLRISK_ACCOUNT_DESK_KEY


def parse_accounts(named: Sequence[str], *, environ: Mapping[str, str]) -> tuple[WatchedAccount, ...]:
    """The accounts of ``[NAME=]VENUE``, each with settings of its own; a sole one may have those of ``venue``.

    Raises:
        AccountsError: there is none, one is written wrongly, or two would have the same keys.

    >>> [(one.name, one.venue, one.keys) for one in parse_accounts(["desk=okx", "binance"], environ={})]
    [('desk', 'okx', 'account_desk'), ('binance', 'binance', 'account_binance')]
    """
    if not named:
        raise AccountsError("name what to watch, as in --account binance or --account desk=okx")
    accounts = [_parse(text) for text in named]
    if len(accounts) == 1 and _uses_venue_variables(accounts[0], environ):
        (sole,) = accounts
        return (WatchedAccount(name=sole.name, venue=sole.venue, keys="venue"),)
    seen: dict[str, str] = {}
    for one in accounts:
        if one.keys in seen:
            raise AccountsError(
                f"--account: {seen[one.keys]!r} and {one.name!r} would have the same keys, "
                f"{variable_of(one.keys)}_KEY and so on; give each a name of its own, as in --account desk=okx"
            )
        seen[one.keys] = one.name
    return tuple(accounts)


def _parse(text: str) -> WatchedAccount:
    found = _NAMED.match(text)
    if found is None:
        raise AccountsError(
            f"--account: {text[:60]!r} is neither VENUE nor NAME=VENUE; a name has at most 32 letters, digits, - and _"
        )
    venue = found["venue"]
    name = found["name"] or venue
    return WatchedAccount(name=name, venue=venue, keys=f"account_{name.lower().replace('-', '_')}")


def _uses_venue_variables(account: WatchedAccount, environ: Mapping[str, str]) -> bool:
    """Whether there are keys of ``adlrisk positions``, and none of the account's own name."""
    return _has_any("venue", environ) and not _has_any(account.keys, environ)


def _has_any(keys: str, environ: Mapping[str, str]) -> bool:
    variables = [variable_of(f"{keys}_{end}") for end in _ENDS]
    return any(environ.get(name, "") for variable in variables for name in (variable, f"{variable}_FILE"))
