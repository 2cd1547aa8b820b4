"""A server that answers as a later version of the service might: with enum values and fields that are new."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

NEW_VALUE: Final = "a-later-value"


@contextmanager
def serving_later(document: dict[str, Any]) -> Iterator[str]:
    """Run the server, which answers every POST with a score; gives its URL."""
    operation = document["paths"]["/score"]["post"]["responses"]["200"]["content"]["application/json"]
    content = json.dumps(renew(operation["examples"]["score"]["value"], operation["schema"], document)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def renew(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> Any:
    """Return ``value`` with a new value for each enum of its schema, and a new field in each object."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if "enum" in schema:
            return NEW_VALUE
    for member in schema.get("anyOf", ()) if value is not None else ():
        if "$ref" in member:
            return renew(value, member, document)
    if isinstance(value, list):
        return [renew(item, schema["items"], document) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        known = {name: renew(part, schema["properties"][name], document) for name, part in value.items()}
        return {**known, "a_later_field": NEW_VALUE}
    return value
