"""The commands of the documentation, and its curl commands sent as curl would."""

import re
import shlex

import httpx

from support.running import ROOT, RunningServer


def commands_in(page: str) -> list[str]:
    """The commands of the page's sh blocks, each on one line."""
    return [
        command.replace("\\\n", " ").strip()
        for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        for command in re.split(r"(?<!\\)\n", block)
        if command.strip()
    ]


def path_of(command: str) -> str:
    """The path that a curl command asks for."""
    (url,) = [word for word in shlex.split(command) if word.startswith("localhost:8000/")]
    return url.removeprefix("localhost:8000")


def send_as_curl(command: str, server: RunningServer) -> httpx.Response:
    """The answer of ``server`` to the command's header and body, with files from the project's folder."""
    words = shlex.split(command)
    assert words[:2] == ["curl", "-s"]
    name, _, value = words[words.index("-H") + 1].partition(": ")
    body = words[words.index("-d") + 1]
    content = (ROOT / body[1:]).read_bytes() if body.startswith("@") else body.encode()
    return httpx.post(f"{server.url}{path_of(command)}", content=content, headers={name: value})
