"""The keyword arguments of the client against the requests of the service."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from adlrisk.api.endpoints.account.schema import AccountRequest
from adlrisk.api.endpoints.adl.schema import AllocateRequest, PartialRequest
from adlrisk.api.endpoints.plan.schema import PlanRequest
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.stress.schema import ExposureRequest, SimulateRequest
from adlrisk.api.endpoints.venues.schema import MarketPut
from adlrisk.client import AsyncClient, Client, arguments
from adlrisk.venues.overrides import VenuePatch

PAIRS: list[tuple[Any, type[msgspec.Struct]]] = [
    (arguments.ScoreArguments, ScoreRequest),
    (arguments.AccountArguments, AccountRequest),
    (arguments.PlanArguments, PlanRequest),
    (arguments.RankArguments, RankRequest),
    (arguments.PartialArguments, PartialRequest),
    (arguments.AllocateArguments, AllocateRequest),
    (arguments.SimulateArguments, SimulateRequest),
    (arguments.ExposureArguments, ExposureRequest),
    (arguments.PatchArguments, VenuePatch),
    (arguments.MarketArguments, MarketPut),
]
IDS = [kind.__name__ for _, kind in PAIRS]


@pytest.mark.parametrize(("given", "kind"), PAIRS, ids=IDS)
def test_arguments_are_the_fields_of_the_request(given: Any, kind: type[msgspec.Struct]) -> None:
    """All of them, by the same names, and the same ones are required."""
    fields = msgspec.structs.fields(kind)
    assert given.__optional_keys__ | given.__required_keys__ == {field.name for field in fields}
    assert given.__required_keys__ == {field.name for field in fields if field.required}


@pytest.mark.parametrize(("given", "kind"), PAIRS, ids=IDS)
def test_arguments_may_be_none_where_the_field_may_be_null(given: Any, kind: type[msgspec.Struct]) -> None:
    """No more and no less."""
    hints = get_type_hints(given)
    for field in msgspec.structs.fields(kind):
        assert (type(None) in get_args(hints[field.name])) == may_be_null(field.type), field.name


def may_be_null(kind: Any) -> bool:
    return isinstance(msgspec.inspect.type_info(kind), msgspec.inspect.Metadata | msgspec.inspect.UnionType) and (
        type(None) in parts_of(kind)
    )


def parts_of(kind: Any) -> set[Any]:
    """The members of a union, whatever is said of it."""
    while hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    return set(get_args(kind))


def test_both_clients_have_the_same_methods() -> None:
    """The same names take the same arguments and are described in the same words."""
    for name, method in vars(Client).items():
        if name.startswith("_") or name in {"close", "from_ccxt"}:
            continue
        other = getattr(AsyncClient, name)
        assert method.__doc__ == other.__doc__, name
        assert get_type_hints(method) == get_type_hints(other), name
