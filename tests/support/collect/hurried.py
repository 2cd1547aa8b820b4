"""The program with collectors for a busy machine: ``python hurried.py collect …``.

They write every second instead of every ten, and know whether liquidations spike once they heard half of five minutes
instead of nine tenths: starting a collector and taking over from one may take longer than half a minute there.
"""

import sys
from typing import Any

import msgspec

from adlrisk.__main__ import main
from adlrisk.collect import program
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.domain.rules.conditions import Conditions


def hurry(exchange: Any, markets: Any, *, conditions: Conditions, **named: Any) -> VenueCollector:
    """A collector of a venue, as the program makes it otherwise."""
    spike = msgspec.structs.replace(conditions.spike, least_heard=0.5)
    conditions = msgspec.structs.replace(conditions, spike=spike)
    return VenueCollector(exchange, markets, conditions=conditions, write_interval_seconds=1.0, **named)


if __name__ == "__main__":
    vars(program)["VenueCollector"] = hurry
    main(sys.argv[1:])
