"""The commands of the documentation, and its curl commands sent as curl would."""

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:  # the environment of `make clients` has no server
    from support.running import RunningServer

ROOT = Path(__file__).parents[2]


def commands_in(page: str) -> list[str]:
    """The commands of the page's sh blocks, each on one line."""
    return [
        command.replace("\\\n", " ").strip()
        for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
        for command in re.split(r"(?<!\\)\n", block)
        if command.strip()
    ]


def console_in(page: str) -> list[tuple[str, list[str]]]:
    """The commands of the page's console blocks, as they stand there, each with the lines that it prints."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line.startswith("    ") and not found[-1][1]:
                found[-1] = (f"{found[-1][0]}\n{line}", [])
            else:
                found[-1][1].append(line)
    return found


def requests_of_the_docs() -> list[str]:
    """The requests with a body in the sh blocks of README and docs, but for those that need what is not there."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    found = [command for page in pages for command in commands_in(page.read_text())]
    return list(dict.fromkeys(command for command in found if command.startswith("curl -s localhost:8000/")))


def path_of(command: str) -> str:
    """The path that a curl command asks for."""
    (url,) = [word for word in shlex.split(command) if word.startswith("localhost:8000/")]
    return url.removeprefix("localhost:8000")


def read_body(command: str) -> bytes:
    """The body that a curl command sends, with files from the project's folder."""
    words = shlex.split(command)
    body = words[words.index("-d") + 1]
    return (ROOT / body[1:]).read_bytes() if body.startswith("@") else body.encode()


def send_as_curl(command: str, server: "RunningServer") -> httpx.Response:
    """The answer of ``server`` to the command's header and body."""
    words = shlex.split(command)
    assert words[:2] == ["curl", "-s"]
    name, _, value = words[words.index("-H") + 1].partition(": ")
    return httpx.post(f"{server.url}{path_of(command)}", content=read_body(command), headers={name: value})
