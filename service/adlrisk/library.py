"""The library's functions: the service's answers without HTTP."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from adlrisk.api.endpoints.account.answer import answer_account
from adlrisk.api.endpoints.account.schema import Account, AccountAnswer, Leg
from adlrisk.api.endpoints.fills.answer import answer_fills
from adlrisk.api.endpoints.fills.schema import Fills, FillsAnswer
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.fields import to_text
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.http.problems import ProblemError
from adlrisk.domain.position.errors import RefusedError
from adlrisk.plain_values import to_plain_value
from adlrisk.venues.catalogue import Catalogue, load_catalogue

# Left as they are for the check, which would see text in them otherwise; it takes a Decimal as a number.
_KEPT: Final = (bytes, bytearray, memoryview, date, datetime, time, timedelta, Decimal)

T = TypeVar("T")


def score(request: ScoreRequest | Mapping[str, Any]) -> ScoreAnswer:
    """The answer of ``POST /score`` to ``request``; ``as_of`` defaults to now.

    A dict with the fields of the JSON body does as well. Numbers may be of any real type (``Decimal``, numpy's), and
    times aware datetimes or text.

    Raises:
        ValidationError: a value is out of bounds or of the wrong type.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be answered.
    """
    return answer_score(check_request(request, ScoreRequest), venues=catalogue(), now=datetime.now(UTC))


def account(request: Account | Mapping[str, Any]) -> AccountAnswer:
    """The answer of ``POST /account`` to ``request``; ``as_of`` defaults to now.

    Dicts, numbers and times are taken as in ``score``. A leg that cannot be scored has its ``RefusedError`` in its
    place among the ``positions``.

    Raises:
        ValidationError: a value is out of bounds or of the wrong type.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: legs contradict each other.
    """
    checked = check_request(request, Account)
    reject_half_surrogates(checked.positions)
    return answer_account(checked, venues=catalogue(), now=datetime.now(UTC))


def classify_fills(request: Fills | Mapping[str, Any]) -> FillsAnswer:
    """The answer of ``POST /fills/classify`` to ``request``.

    The fills are taken as they are, such as ccxt's trades; what no rule knows, of whatever type, is `unknown`.

    Raises:
        ValidationError: there is no venue, or there are none or more than 10,000 fills.
        UnknownVenueError: the venue is not in the catalogue.
    """
    return answer_fills(_check_fills(request), venues=catalogue())


@cache
def catalogue() -> Catalogue:
    """The bundled rule cards by venue id."""
    return load_catalogue()


def check_request(request: object, kind: type[T]) -> T:
    """The request within the bounds of the schema: msgspec checks what it decodes, not what is built in Python."""
    plain = None
    try:
        plain = msgspec.to_builtins(request, builtin_types=_KEPT, enc_hook=to_plain_value)
        _write_times(plain)
        return msgspec.convert(plain, type=kind)
    except RecursionError as error:
        raise msgspec.ValidationError("the request: nested too deeply") from error
    except (TypeError, ValueError, OverflowError) as error:  # also of types that JSON does not have
        raise _explain(error, plain, kind) from error


def _check_fills(request: object) -> Fills:
    """The request within the bounds of the schema; the fills themselves are left as they are."""
    plain = msgspec.structs.asdict(request) if isinstance(request, Fills) else request
    try:
        return msgspec.convert(plain, type=Fills)
    except ValueError as error:
        raise _explain(error, plain, Fills) from error


def _explain(error: Exception, plain: object, kind: type) -> msgspec.ValidationError:
    """What is wrong with a request in plain values, in the words of the service."""
    from adlrisk.api.http.validation import explain_error  # noqa: PLC0415 (a valid request needs no explanation)

    pointer, detail = explain_error(str(error), plain, kind=kind)
    return msgspec.ValidationError(f"{pointer or 'the request'}: {detail}")


def reject_half_surrogates(legs: Iterable[Leg]) -> None:
    """Reject names that an answer could not be encoded with; JSON and MessagePack cannot contain them."""
    for index, leg in enumerate(legs):
        for name, text in (("id", leg.id), ("underlying", leg.underlying), ("settlement", leg.settlement)):
            reject_half_surrogate(f"/positions/{index}/{name}", text)


def reject_half_surrogate(pointer: str, text: str | None) -> None:
    """Reject a text that an answer could not be encoded with."""
    try:
        (text or "").encode()
    except UnicodeEncodeError as error:
        raise msgspec.ValidationError(f"{pointer}: has half a surrogate pair") from error


def _write_times(plain: object) -> None:
    """Replace the aware datetimes of a request in plain values by their texts.

    Raises:
        ValueError: a datetime has no timezone, or is at the end of the calendar; the message says where.
    """
    if not isinstance(plain, dict):
        return
    _write_time(plain, "as_of")
    market, markets = plain.get("market"), plain.get("markets")
    if isinstance(market, dict):
        _write_time(market, "settles_at", within="$.market")
    if isinstance(markets, dict):
        for each in markets.values():
            if isinstance(each, dict):
                _write_time(each, "settles_at", within="$.markets[...]")


def _write_time(plain: dict[str, Any], name: str, *, within: str = "") -> None:
    try:
        if name in plain:
            plain[name] = to_text(name, plain[name])
    except ValueError as error:
        raise ValueError(f"{error} - at `{within}`" if within else str(error)) from error


def to_library_error(error: ProblemError) -> msgspec.ValidationError | RefusedError:
    """The error of the library for a problem of the service."""
    if error.slug == "invalid-request":
        return msgspec.ValidationError(error.detail)
    path = tuple(int(step) if step.isdecimal() else step for step in error.errors[0].pointer.split("/")[1:])
    detail = "; ".join(f"{place.pointer}: {place.detail}" for place in error.errors)
    return RefusedError(problem=error.slug, path=path, detail=detail)
