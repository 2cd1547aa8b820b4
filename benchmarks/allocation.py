"""Benchmark of ``POST /adl/allocate``: the computation of each policy, and the whole request with all six.

Run by ``make bench`` after the queue's table; not a test. The first table is milliseconds of compute in this process:
finding the counterparties (state, eligibility, keys, order, lots), then each policy with its fills and summary. In the
book every second position is on the other side and a third of their size is closed. The second is a request to the
running service with all six policies, from the first byte sent to the last received, and the floor: msgspec decoding
the same request and encoding the same answer. Not shown: several books at once, and a slow client.
"""

import sys
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from adlrisk.api.endpoints.adl.schema import AllocateRequest, PolicyResult
from adlrisk.api.endpoints.shared.book import read_book
from adlrisk.api.http import codecs
from adlrisk.domain.deleverage.allocation import allocate, find_counterparties
from adlrisk.domain.deleverage.policies import POLICIES
from books import CODECS, LAYOUTS, SIZES, VENUES, book, requested, seconds, serving

REQUESTED_SHARE = 0.15
LARGEST_REQUEST = 100_000


class Answered(msgspec.Struct):
    """The answer decoded into its Structs, for the floor."""

    results: list[PolicyResult]


def rounds_of(count: int) -> int:
    """The number of measurements of a book of ``count`` positions."""
    return max(3, min(15, 300_000 // count))


def adl(count: int, layout: str) -> dict[str, Any]:
    """A book of ``count`` positions with a bankrupt long, to be closed under all policies."""
    request = book(count, layout)
    sizes = request["columns"]["size"] if layout == "columns" else [row["size"] for row in request["positions"]]
    size = round(sum(sizes) * REQUESTED_SHARE, 3)
    bankrupt = {"side": "long", "size": size, "bankruptcy_price": 106.0}
    return {**request, "bankrupt": bankrupt, "lot_size": 0.001, "policies": list(POLICIES)}


def compute(count: int) -> dict[str, float]:
    """Median seconds of finding the counterparties, and of each policy."""
    request = msgspec.convert(adl(count, "columns"), AllocateRequest)
    _, columns = read_book(
        request.positions,
        request.columns,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
    )
    find = partial(
        find_counterparties,
        columns,
        VENUES["bitmex"].rules,
        bankrupt=request.bankrupt,
        fill_price=request.bankrupt.bankruptcy_price,
        lot_size=request.lot_size,
        policies=POLICIES,
    )
    rounds, others = rounds_of(count), find()
    policies = {str(policy): seconds(partial(allocate, others, policy), rounds) for policy in POLICIES}
    return {"counterparties": seconds(find, rounds), **policies}


def request(count: int, layout: str, codec: codecs.Codec, port: int) -> list[str]:
    """A row of the second table."""
    rounds = rounds_of(count)
    body = codec.encode(adl(count, layout))
    taken, content = requested("/adl/allocate", body, codec, rounds, port)
    decode, decode_answer = codec.build_decoder(AllocateRequest), codec.build_decoder(Answered)
    answered = decode_answer(content)
    floor = seconds(lambda: decode(body), rounds) + seconds(lambda: codec.encode(answered), rounds)
    megabytes = [f"{len(part) / 1e6:.1f}" for part in (body, content)]
    return [
        f"{count:,}",
        layout,
        codec.name,
        *megabytes,
        f"{taken * 1e3:.1f}",
        f"{floor * 1e3:.1f}",
        f"{taken / floor:.1f}",
    ]


def main(sizes: Sequence[int]) -> None:
    """Print the tables."""
    print_row(["positions", "counterparties", *POLICIES])
    print_row(["---"] * (2 + len(POLICIES)))
    for count in sizes:
        print_row([f"{count:,}", *(f"{taken * 1e3:.1f}" for taken in compute(count).values())])
    print()
    header = ["positions", "layout", "format", "request MB", "answer MB", "milliseconds", "floor", "ratio"]
    print_row(header)
    print_row(["---"] * len(header))
    with serving() as (port, _):
        for count in (size for size in sizes if size <= LARGEST_REQUEST):
            for layout in LAYOUTS:
                for codec in CODECS:
                    print_row(request(count, layout, codec, port))


def print_row(cells: Sequence[str]) -> None:
    """A row of a Markdown table."""
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or SIZES)
