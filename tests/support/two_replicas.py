"""Two replicas of the service with one store, for a look: ``make run-redis``.

The store is the Valkey of the test dependencies, on a free port, and keeps nothing once this ends.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from adlrisk.api.limits.api_keys import digest_key, generate_key
from support.redis_servers import RedisServer


def main(port: int) -> None:
    """Serve on ``port`` and the port after it until a signal says stop."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    key = generate_key()
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as store:
        environ = {**os.environ, "ADLRISK_REDIS_URL": store.url, "ADLRISK_ADMIN_KEYS": digest_key(key)}
        commands = [[sys.executable, "-m", "adlrisk", "serve", "--port", str(port + number)] for number in range(2)]
        servers = [subprocess.Popen(command, env=environ) for command in commands]
        sys.stdout.write(
            f"Replicas on ports {port} and {port + 1}, stop with Ctrl-C. Paste into another terminal:\n\n"
            f"export KEY={key} STORE={store.pid}\n\n"
        )
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            for server in servers:
                server.wait()
        for server in servers:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main(int(sys.argv[1]))
