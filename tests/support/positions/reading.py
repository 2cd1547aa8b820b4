"""What the readers make of the samples: the account and its positions, by the real ccxt."""

import importlib
import pkgutil
from functools import cache

from adlrisk.library import catalogue
from adlrisk.positions.account_requests import AccountRequests
from adlrisk.positions.open_position import OpenPosition
from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.venue_calls import VenueCalls
from support.positions import samples
from support.positions.answered import answered
from support.positions.samples.sample import Sample

_MODULES = [
    importlib.import_module(f"{samples.__name__}.{found.name}") for found in pkgutil.iter_modules(samples.__path__)
]
SAMPLES: list[Sample] = [sample for module in _MODULES for sample in getattr(module, "SAMPLES", ())]
NOT_IN_CCXT = {"bitmex"}
THROUGH_CCXT = [sample for sample in SAMPLES if sample.venue not in NOT_IN_CCXT]


def read(sample: Sample) -> tuple[AccountRequests, list[OpenPosition]]:
    """The account of ``sample``, and its positions; read once, which takes a part of a second."""
    return _read(SAMPLES.index(sample))


def read_named(sample: Sample, name: str) -> list[OpenPosition]:
    """What was asked for by ccxt's ``name`` of a contract, of an account that is opened anew."""
    return [one for one in _open(sample).fetch_open_positions([name]) if one.is_requested]


@cache
def _read(index: int) -> tuple[AccountRequests, list[OpenPosition]]:
    account = _open(SAMPLES[index])
    return account, account.fetch_open_positions()


def _open(sample: Sample) -> AccountRequests:
    card = catalogue()[sample.venue].rules
    ccxt_id = sample.venue if sample.venue in card.ccxt else card.ccxt[0]
    markets = [dict(market) for market in sample.markets]
    exchange = answered(ccxt_id, markets, dict(sample.answers))
    return AccountRequests(card, exchange, VenueCalls(Credentials({})), venue=sample.venue)
