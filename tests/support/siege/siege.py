"""Attacks against a replica, one after the other, and what the others beside them see: ``make siege``.

SIEGE_OF names the checkout to attack, so that two states of the service are measured alike.
"""

import multiprocessing
import os
import re
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from support.siege import messages
from support.siege.attacks import ATTACKS, Attack, Siege
from support.siege.besieged import Besieged
from support.siege.others import Client, Others, memory_of
from support.siege.report import Row, report

DEFAULTS: Final = {
    "OF": str(Path(__file__).parents[3]),
    "ATTACKS": "",
    "SECONDS": "4",
    "SETTLES": "60",
    "FOLDER": ".siege",
}
_MOST_PROCESSES: Final = 4


def run(attacks: Sequence[Attack], *, of: Path, seconds: float, settles: float, folder: Path) -> Iterator[Row]:
    """The rows of the attacks; a replica is looked at again when it has settled, while others are attacked."""
    settling: deque[tuple[Row, Besieged, float]] = deque()
    context = multiprocessing.get_context("spawn")  # no copies of threads
    with ProcessPoolExecutor(_MOST_PROCESSES, mp_context=context) as processes, ExitStack() as stack:
        for number, attack in enumerate(attacks):
            besieged = stack.enter_context(
                Besieged(
                    folder / str(number),
                    of=of,
                    settings=attack.settings,
                    with_redis=attack.with_redis,
                    symbols=attack.symbols,
                    behind_seconds=attack.behind_seconds,
                    output=attack.output,
                )
            )
            siege = Siege(besieged=besieged, processes=processes, seconds=seconds)
            settling.append((_attack(attack, siege), besieged, time.monotonic() + settles))
            while settling and settling[0][2] <= time.monotonic():
                yield _look_again(*settling.popleft()[:2])
        while settling:
            time.sleep(max(0.0, settling[0][2] - time.monotonic()))
            yield _look_again(*settling.popleft()[:2])


def _attack(attack: Attack, siege: Siege) -> Row:
    if attack.ends_it:
        return Row(attack=attack.name, outcome=attack.act(siege))
    with Others(siege.besieged, reconnect=attack.others_reconnect) as others:
        outcome = attack.act(siege)
    return Row(attack=attack.name, outcome=outcome, others=others)


def _look_again(row: Row, besieged: Besieged) -> Row:
    """The row with the replica's memory and health now; the replica ends."""
    if row.others is not None:
        with Client(besieged.port) as client:
            status, _ = client.ask(messages.request("/health/ready", method="GET", close=True))
        row = replace(row, later=(memory_of(besieged.replica), status))
    besieged.close()
    return row


def main() -> None:
    """Attack as the SIEGE_* variables say, print the table, and write it into SIEGE_FOLDER."""
    given = {name: os.environ.get(f"SIEGE_{name}") or default for name, default in DEFAULTS.items()}
    folder = Path(given["FOLDER"])
    shutil.rmtree(folder, ignore_errors=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)  # so that started processes are ended
    attacks = [attack for attack in ATTACKS if re.search(given["ATTACKS"], attack.name)]
    times = {"seconds": float(given["SECONDS"]), "settles": float(given["SETTLES"])}
    rows = []
    for row in run(attacks, of=Path(given["OF"]).resolve(), folder=folder, **times):
        rows.append(row)
        sys.stderr.write(f"{row.attack}: {row.outcome}\n")
    (folder / "report.md").write_text(report(rows))
    sys.stdout.write(report(rows))


if __name__ == "__main__":
    main()
