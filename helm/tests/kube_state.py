"""Metrics of a deployment as kube-state-metrics exports them, for a Prometheus to scrape."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_METRICS: Final = b"""\
kube_deployment_spec_replicas{namespace="production",deployment="adlrisk"} 2
kube_deployment_status_replicas_available{namespace="production",deployment="adlrisk"} 2
"""


@contextlib.contextmanager
def kube_state() -> Iterator[int]:
    """Serve the metrics; yields the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(_METRICS)

    def log_message(self, *_: object) -> None:
        """Say nothing of requests."""
