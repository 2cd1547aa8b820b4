"""The commands of README and docs: each can be pasted in the project's folder, or stands here with the reason why not.

Requests are sent by ``test_documentation.py``, console examples are played by ``test_console_examples.py``.
"""

import json
import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from adlrisk.__main__ import main
from support.curl import commands_in, console_in, requests_of_the_docs
from support.running import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# What is not run as it stands, and why.
NOT_RUN = {
    r"(docker|helm|kubectl) ": "needs a cluster or a registry; make ops-test renders and builds the same",
    r"pip install '?\"?\.\[": "make packages installs each extra so",
    r"export (PATH|ADLRISK_VENUE_KEY|ADLRISK_ACCOUNT_DESK_KEY)=": "sets variables of the reader's terminal",
    r"\.venv/bin/adlrisk positions ": "needs keys of a venue; tests/positions has simulated ones",
    r"\.venv/bin/adlrisk collect ": "asks venues; tests/collect has simulated ones",
    r"(kill|sleep|until|jq) ": "goes on with what a command before it has started or answered",
    r"curl -s localhost:800[012]/health/ready": "of the demonstrations; tests/api and tests/collect ask the same",
    r"curl -s -X PATCH .* -H \"x-api-key: \$KEY\"": "needs a key; test_trigger_page.py reads its events",
    r"curl -s localhost:8000/account .* -d @account\.json": "sends what the command before it has written",
    r"gzip -c book\.json \|": "sends a book of the reader's; tests/api/endpoints/test_compressed_bodies.py",
    r"date -u; curl -s HOST/": "of a runbook, with the reader's host",
    r"ADLRISK_NUMBERS=1000 ": "takes minutes; make test runs the same with fewer numbers",
    r"(mkdir|cp) |\.venv/bin/adlrisk check-cards": "test_local_cards_page.py runs them in a folder of its own",
    r"sed 's/": "test_chain_page.py sends the same",
    r"(sha256sum|gh) ": "needs files of a release, of which there is none yet",
    r"grep (-E )?'\"(event|status)\":": "reads the reader's log; tests/api/dispatch reads such lines",
}
PRINTED = {
    "score": r"^score +.* of 10, ",
    "account": r"^score +.* of 10, ",
    "venues": r"\bhow sure\b",
    "make-key": r"^setting +desk-7:[0-9a-f]{64}$",
}


def commands() -> Iterator[tuple[str, str]]:
    """Every command with its page."""
    for page in PAGES:
        text = page.read_text()
        for command in (*commands_in(text), *(command for command, _ in console_in(text))):
            yield str(page.relative_to(ROOT)), command


COMMANDS = list(dict.fromkeys(commands()))
REQUESTS = requests_of_the_docs()
PLAYED = {
    command
    for name in ("chain", "collector", "parameters")
    for command, _ in console_in((ROOT / f"docs/{name}.md").read_text())
}


def test_every_command_is_run_or_named() -> None:
    """A command is a make target, a request, a command line of the program that is run here, or named with a reason."""
    for page, command in COMMANDS:
        if any(re.match(pattern, command) for pattern in NOT_RUN):
            continue
        words = command.split()
        while re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        if words[0] == "make":
            assert words[1] in TARGETS, (page, command)
        else:
            assert command in RUN or command in REQUESTS or command in PLAYED, (page, command)


def test_every_reason_is_needed() -> None:
    """Each pattern has a command that would otherwise have to be run."""
    for pattern in NOT_RUN:
        assert any(re.match(pattern, command) for _, command in COMMANDS), pattern


RUN = sorted(
    {
        command
        for _, command in COMMANDS
        if command.startswith(".venv/bin/adlrisk ") and not any(re.match(pattern, command) for pattern in NOT_RUN)
    }
)


@pytest.mark.parametrize("command", RUN)
def test_command_lines_print_what_they_should(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """In the project's folder each prints its answer or summary."""
    monkeypatch.chdir(ROOT)
    _, name, *arguments = shlex.split(command)
    done = CliRunner().invoke(main, [name, *arguments])
    assert done.exit_code == 0, done.output
    if "--json" in arguments:
        answer = json.loads(done.stdout)
        scores = answer["positions"] if name == "account" else [answer]
        assert {scored["max_score"] for scored in scores} == {10}
    else:
        assert re.search(PRINTED[name], done.stdout, re.MULTILINE)


def test_there_are_command_lines_to_run() -> None:
    """A score, an account, an inverse contract, whole and as a summary, the venues and a card, and a key."""
    assert {command.split()[1] for command in RUN} == {"score", "account", "venues", "make-key"}


def test_no_command_needs_the_path_to_be_set() -> None:
    """The program stands in blocks with its path, and the README says once how to do without."""
    bare = [(page, command) for page, command in COMMANDS if re.match(r"(\w+=\S* )*adlrisk\b", command)]
    assert bare == []
    assert ("README.md", 'export PATH="$PWD/.venv/bin:$PATH"') in COMMANDS


def test_program_named_in_a_sentence_has_the_command_and_its_options() -> None:
    """`adlrisk COMMAND --option` in a text, or in a block, is one that the program has."""
    text = "\n".join(page.read_text() for page in PAGES)
    for line in re.findall(
        r"`(?:\.venv/bin/)?adlrisk ([a-z][^`|]*)`|^(?:\$ )?\.venv/bin/adlrisk (.*)$", text, re.MULTILINE
    ):
        words = " ".join(line).split()
        command = main.commands.get(words[0])
        assert command is not None, line
        options = {option for given in command.params if isinstance(given, click.Option) for option in given.opts}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line
