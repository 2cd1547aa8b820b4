"""The program with collectors that write every second instead of every ten: ``python hurried.py collect …``."""

import sys
from functools import partial

from adlrisk.__main__ import main
from adlrisk.collect import program
from adlrisk.collect.venue_loop import VenueCollector

if __name__ == "__main__":
    vars(program)["VenueCollector"] = partial(VenueCollector, write_interval_seconds=1.0)
    main(sys.argv[1:])
