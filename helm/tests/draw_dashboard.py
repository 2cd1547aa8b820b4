"""Draw the dashboard with real data into the documentation; run by ``make picture``, which takes six minutes.

Two replicas are scored by a load that a Prometheus watches: quiet first, then positions at one venue turn high,
then the store is away for a minute, then books crowd each other out.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from dashboard.picture import picture
from deployment import Load, collector, replicas
from prometheus_server import Prometheus

FILE: Final = Path(__file__).parents[2] / "docs" / "dashboard.svg"


def main(second: float = 1.0) -> None:
    """Let it happen, each second of the story taking ``second``, and draw what was seen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        replicas(Path(folder)) as (ports, store),
        collector(Path(folder), store) as collects,
        Prometheus(Path(folder) / "prometheus", ports=[*ports, collects]) as prometheus,
        Load(ports) as load,
    ):
        load.touch_everything()
        load.override("okx", {"score": {"leverage": 12.0}})
        time.sleep(15.0)  # rates begin to mean something
        start = time.time()
        time.sleep(75.0 * second)
        load.alarmed, load.alarm = "okx", 0.8
        time.sleep(75.0 * second)
        load.alarm = 0.05
        time.sleep(45.0 * second)
        with store.stopped():
            time.sleep(60.0 * second)
        time.sleep(45.0 * second)
        load.crowd_out()
        time.sleep(30.0 * second)
        FILE.write_text(picture(prometheus, start=start, end=time.time()))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
