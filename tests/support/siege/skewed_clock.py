"""The service with a clock that is behind: ``skewed_clock.py SECONDS --port PORT``."""

import sys
from datetime import UTC, datetime, timedelta

import uvicorn

from adlrisk.api.app import create_app
from adlrisk.settings import read_settings


def main(behind_seconds: float, port: int) -> None:
    """Serve on ``port`` until a signal says stop."""
    behind = timedelta(seconds=behind_seconds)
    app = create_app(read_settings(), clock=lambda: datetime.now(UTC) - behind)
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[3]))
