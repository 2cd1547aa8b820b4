"""The command line as a user runs it."""

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import click.testing
import httpx
import pytest
import uvicorn

from adlrisk.__main__ import main
from adlrisk.api.limits.api_keys import digest_key
from adlrisk.command_lines import name_program
from adlrisk.settings import read_settings
from adlrisk.venues import catalogue
from support.running import EXAMPLES, ROOT, RunningServer, example, serving, without_age
from support.serve_process import PROGRAM, ServeProcess

CARDS = Path(catalogue.__file__).parent / "cards"


def run(*arguments: str, stdin: str | None = None, **environ: str) -> click.testing.Result:
    """Invoke the program in this process; any exception but SystemExit is raised."""
    done = click.testing.CliRunner().invoke(main, arguments, input=stdin, env=environ)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


def run_process(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    env = {**os.environ, **environ}
    return subprocess.run([*PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False)


def test_score_prints_the_answer() -> None:
    """A file is scored without a server, with the service's answer."""
    done = run_process("score", "--json", str(EXAMPLES / "score.request.json"))
    assert done.returncode == 0, done.stderr
    assert without_age(json.loads(done.stdout)) == without_age(example("score.answer"))


def test_account_prints_the_answer() -> None:
    """A file is scored without a server, with the service's answer; a leg that cannot be scored is a problem."""
    done = run("account", "--json", str(EXAMPLES / "account.request.json"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert without_age(json.loads(done.stdout)) == without_age(example("account.answer"))
    request = example("account-hedge.request")
    request["positions"][0]["adl_meter"] = 9
    answer = json.loads(run("account", "--json", "-", stdin=json.dumps(request)).stdout)
    assert answer["positions"][0]["type"] == "/problems/meter-out-of-scale"
    assert answer["account"]["equity"] == 1000
    refused = run("account", "-", stdin=json.dumps({**request, "equity": "1000"}))
    assert refused.exit_code == 1
    assert "/equity" in refused.output


@pytest.mark.parametrize("environ", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"}])
@pytest.mark.parametrize(("command", "name"), [("score", "score-position-alone"), ("account", "account-hedge")])
def test_the_summary_is_readable_on_a_plain_terminal(command: str, name: str, environ: dict[str, str]) -> None:
    """Without --json a summary of at most 100 columns is printed, without colours, in ASCII where the locale is C."""
    env = {**os.environ, **environ}
    done = subprocess.run(
        [*PROGRAM, command, str(EXAMPLES / f"{name}.request.json")],
        env=env,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert done.stderr == b""
    text = done.stdout.decode("ascii")
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text
    assert "not a probability: 8 of 10 is not 80 %" in " ".join(text.split())


def test_json_needs_no_locale() -> None:
    """The whole answer is UTF-8, as JSON is, whatever the terminal has; names come back unchanged."""
    request = example("account-hedge.request")
    request["positions"][0]["id"] = "长"
    done = subprocess.run(
        [*PROGRAM, "account", "--json", "-"],
        input=json.dumps(request).encode(),
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["positions"][0]["id"] == "长"


def test_score_reads_standard_input() -> None:
    """A dash means standard input."""
    done = run("score", "--json", "-", stdin=json.dumps(example("score.request")))
    assert json.loads(done.stdout)["score"] == 8


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("{", "truncated"),
        ('{"position":{}}', "/position/side: required, but missing"),
        (json.dumps({**example("score.request"), "venue": "nowhere"}), "no venue 'nowhere'"),
    ],
)
def test_score_names_the_invalid_field(body: str, complaint: str) -> None:
    """Invalid input exits with status 1 and a line that names the field."""
    done = run("score", "-", stdin=body)
    assert done.exit_code == 1
    assert complaint in done.stderr


def test_make_key_prints_a_new_key_and_its_digest() -> None:
    """Each key is new, and hash-key, reading it from standard input, prints the same digest."""
    keys = set()
    for _ in range(2):
        key, digest = (line.split()[1] for line in run("make-key").stdout.splitlines())
        assert len(key) > 40
        assert run("hash-key", stdin=f"{key}\n").stdout.strip() == digest
        assert read_settings({"ADLRISK_ADMIN_KEYS": digest}).admin_keys == digest
        keys.add(key)
    assert len(keys) == 2
    assert run("hash-key", stdin="\n").exit_code == 1


def test_make_key_prints_the_line_of_the_setting() -> None:
    """With a name, make-key and hash-key print NAME:DIGEST, which the setting takes; an invalid name is refused."""
    key, setting = (line.split()[1] for line in run("make-key", "desk-7").stdout.splitlines())
    assert run("hash-key", "desk-7", stdin=f"{key}\n").stdout.strip() == setting
    assert setting == f"desk-7:{digest_key(key)}"
    assert read_settings({"ADLRISK_ADMIN_KEYS": setting}).admin_keys == setting
    for name in ("none", "Unknown", "unnamed", "two words", "-x", "n" * 33, "ü"):
        for command in ("make-key", "hash-key"):
            refused = run(command, "--", name, stdin="k\n")
            assert refused.exit_code == 2
            assert refused.stdout == ""
            assert "name" in refused.stderr


@pytest.mark.parametrize("key", ["schlüssel", "キー", "a\tkey", "\x7f"])
def test_hash_key_refuses_keys_that_no_header_can_carry(key: str) -> None:
    """A key that clients encode differently, or cannot send, would never match its digest."""
    done = run("hash-key", stdin=f"{key}\n")
    assert done.exit_code == 1
    assert "printable ASCII" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADLRISK_REDIS_URL", "redis://:secret@host:port"),
        ("ADLRISK_REDIS_URL", "redis+sentinel://:secret@host"),
        ("ADLRISK_REDIS_URL", "redis://:secret@host/main"),
        ("ADLRISK_REDIS_URL", "http://:secret@host"),
        ("ADLRISK_REDIS_CA_FILE", "/nowhere/ca.pem"),
        ("ADLRISK_ADMIN_KEYS", "secret"),
    ],
)
def test_an_invalid_setting_prevents_the_start(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """The program exits with one line that names the variable, without the secret."""
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_: pytest.fail("it serves"))
    done = run("serve", "--port", "0", **{variable: value})
    assert done.exit_code == 1
    assert variable in done.stderr
    assert "secret" not in done.output


def test_check_cards_prints_what_each_card_does(tmp_path: Path) -> None:
    """The revision is the one that answers will have; an alias is no bundled card, so such a card adds a venue."""
    bundled = (CARDS / "okx.toml").read_text()
    for venue in ("okx", "binanceusdm"):
        card = bundled.replace('id = "okx"', f'id = "{venue}"').replace('name = "OKX"', 'name = "Ours"')
        (tmp_path / f"{venue}.toml").write_text(card)
    done = run("check-cards", str(tmp_path))
    scores = {
        venue: run(
            "score",
            "--json",
            "-",
            stdin=json.dumps({**example("score.request"), "venue": venue}),
            ADLRISK_CARDS_DIR=str(tmp_path),
        ).stdout
        for venue in ("okx", "binanceusdm")
    }
    revisions = {venue: json.loads(answer)["venue"]["revision"] for venue, answer in scores.items()}
    assert (done.exit_code, done.stdout.splitlines()) == (
        0,
        [
            f"binanceusdm {revisions['binanceusdm']} adds a venue",
            f"okx {revisions['okx']} replaces a bundled card",
        ],
    )


def test_check_cards_names_file_and_field(tmp_path: Path) -> None:
    """An invalid card is refused in the words of the start, without a traceback; so is a folder without cards."""
    empty = run("check-cards", str(tmp_path))
    assert (empty.exit_code, empty.stderr) == (1, f"Error: {tmp_path}: no cards\n")
    card = (CARDS / "okx.toml").read_text().replace('contracts = ["linear"', 'contracts = ["linnear"')
    (tmp_path / "okx.toml").write_text(card)
    done = run("check-cards", str(tmp_path))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: okx.toml: contracts[0]: ")
    started = run("serve", "--port", "0", ADLRISK_CARDS_DIR=str(tmp_path))
    assert started.exit_code == 1
    assert started.stderr == done.stderr.replace("Error: ", "Error: ADLRISK_CARDS_DIR: ")


def test_check_cards_needs_a_folder(tmp_path: Path) -> None:
    """A folder that is not there, a file, and an empty name are wrong arguments."""
    (tmp_path / "file").write_text("")
    for folder in (str(tmp_path / "absent"), str(tmp_path / "file"), ""):
        assert run("check-cards", folder).exit_code == 2


def test_make_run_passes_the_folder_of_cards_on(tmp_path: Path) -> None:
    """The target runs the program in the project's folder with the variable as it was given."""
    program = tmp_path / "adlrisk"
    program.write_text('#!/bin/sh\necho "$PWD: $*: $ADLRISK_CARDS_DIR"\n')
    program.chmod(0o755)
    command = ["make", "run", f"BIN={tmp_path}", "PORT=8123", "--assume-old=.venv/service"]
    # Under `make test` the outer make would have this one report the folder that it enters and leaves.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    env["ADLRISK_CARDS_DIR"] = "mycards"
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith(f"{ROOT}: serve --port 8123: mycards\n")


def test_openapi_prints_the_committed_document() -> None:
    """No server is needed."""
    assert json.loads(run("openapi").stdout) == json.loads((ROOT / "openapi" / "openapi.json").read_bytes())


def test_an_invalid_setting_is_named_without_a_traceback() -> None:
    """The error names the variable."""
    done = run_process("serve", ADLRISK_MAX_SCORE_BYTES="lots")
    assert done.returncode == 1
    assert "ADLRISK_MAX_SCORE_BYTES" in done.stderr
    assert "Traceback" not in done.stderr


def test_probe_reports_readiness(server: RunningServer) -> None:
    """Status 0 with readiness and a score; status 1 with a reason if there is no service or it refuses."""
    done = run("probe", "--score", server.url)
    assert done.exit_code == 0, done.stderr
    ready, scored = map(json.loads, done.stdout.splitlines())
    assert ready["status"] == "ready"
    assert scored["max_score"] == 10
    for url, complaint in (
        (f"{server.url}/nowhere", "404"),
        ("http://127.0.0.1:1", "refused"),
        ("ftp://x", "not the URL"),
        ("http://x:y", "x:y"),
    ):
        refused = run("probe", url)
        assert refused.exit_code == 1
        assert complaint in refused.stderr


def test_probe_reports_that_scores_need_a_key() -> None:
    """On a service with keys, readiness is answered and the score is refused."""
    with serving(api_keys=digest_key("k")) as (server, _):
        assert run("probe", server.url).exit_code == 0
        done = run("probe", "--score", server.url)
    assert done.exit_code == 1
    assert "401" in done.stderr


@pytest.mark.parametrize("options", [("--port", "8123", "--probe-port", "8123"), ("--probe-port", "8000")])
def test_probe_port_must_differ_from_the_port(monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]) -> None:
    """The option is refused by name where both are the same, be it by default."""
    monkeypatch.setattr(uvicorn.Server, "run", lambda *_: pytest.fail("it serves"))
    done = run("serve", *options)
    assert done.exit_code == 2
    assert "--probe-port" in done.stderr
    assert "is the port of the service" in done.stderr


def test_taken_probe_port_is_named() -> None:
    """The service does not start where another program listens on the port, and says which one it is."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run_process("serve", "--port", "0", "--probe-port", port)
    assert done.returncode == 3
    (line,) = [line for line in map(json.loads, done.stdout.splitlines()) if line["level"] == "error"]
    assert line["event"].startswith("The probe port cannot be used: ")
    assert port in line["event"]
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("limits", ["ulimit -n 64", "ulimit -Sn 1015; ulimit -Hn 1015"])
def test_low_limit_of_open_files_prevents_the_start(limits: str) -> None:
    """Where the hard limit is lower than the settings need, the program says by how much, and exits like for others."""
    command = ["sh", "-c", f"{limits}; exec {shlex.join(PROGRAM)} serve --port 0 --probe-port 0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "ADLRISK_MAX_CONNECTIONS: 900 connections need 1,016 open files, and the hard limit is " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("connections", "expected"), [("900", 1016), ("2000", 3000)])
def test_soft_limit_of_open_files_is_raised(tmp_path: Path, connections: str, expected: int) -> None:
    """The program raises it as far as it may where its settings need more, and leaves it else."""
    before = ("sh", "-c", 'ulimit -Sn 1016; ulimit -Hn 3000; exec "$@"', "sh")
    settings = {"ADLRISK_MAX_CONNECTIONS": connections}
    with ServeProcess(tmp_path / "log", settings, "--probe-port", "0", before=before) as server:
        limits = Path(f"/proc/{server.process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert line.split()[3:5] == [str(expected), "3000"]


def test_venues_lists_what_the_service_lists(server: RunningServer) -> None:
    """With --json it is the answer of GET /venues, and of a venue that of GET /venues/{venue}, by any name."""
    assert without_age(json.loads(run("venues", "--json").stdout)) == without_age(
        httpx.get(f"{server.url}/venues").json()
    )
    card = without_age(httpx.get(f"{server.url}/venues/binance").json())
    for name in ("binance", "binanceusdm"):
        assert without_age(json.loads(run("venues", name, "--json").stdout)) == card


def test_venues_prints_cards_readably() -> None:
    """Without --json a line for each venue, or the card of one under its name and aliases."""
    lines = run("venues").stdout.splitlines()
    assert lines[0].split() == ["id", "rule", "how", "sure", "name"]
    assert len(lines) == 1 + len(list(CARDS.glob("*.toml")))
    card = run("venues", "binanceusdm").stdout
    assert card.splitlines()[0].endswith(": binance or binanceusdm in requests")
    assert "\nnot known  " in card


def test_venues_knows_the_operators_own_cards(tmp_path: Path) -> None:
    """A card of ADLRISK_CARDS_DIR is in the list and printed; a broken one is named."""
    card = (
        (CARDS / "okx.toml").read_text().replace('id = "okx"', 'id = "ours"').replace('name = "OKX"', 'name = "Ours"')
    )
    (tmp_path / "ours.toml").write_text(card)
    assert "\nours " in run("venues", ADLRISK_CARDS_DIR=str(tmp_path)).stdout
    assert run("venues", "ours", ADLRISK_CARDS_DIR=str(tmp_path)).stdout.startswith("Ours: ours in requests\n")
    (tmp_path / "ours.toml").write_text("")
    broken = run("venues", ADLRISK_CARDS_DIR=str(tmp_path))
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert "ADLRISK_CARDS_DIR: ours.toml" in broken.stderr


@pytest.mark.parametrize("command", ["venues", "score", "account", "positions"])
def test_an_unknown_venue_is_answered_with_the_nearest(command: str) -> None:
    """Every command names the id that was probably meant, as the API does, and the command that lists all."""
    bodies = {"score": example("score.request"), "account": example("account-hedge.request")}
    asked = {
        "venues": ("venues", "binanze"),
        "positions": ("positions", "--venue", "binanze"),
        "score": ("score", "-"),
        "account": ("account", "-"),
    }
    done = run(*asked[command], stdin=json.dumps({**bodies.get(command, {}), "venue": "binanze"}))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Error: There is no venue 'binanze'; use `binance`? `adlrisk venues` lists the venues\n"


@pytest.mark.parametrize(
    ("called", "folder_on_path", "named"),
    [
        ("{folder}/.venv/bin/adlrisk", False, ".venv/bin/adlrisk"),
        ("{folder}/.venv/bin/adlrisk", True, "adlrisk"),
        ("/elsewhere/bin/adlrisk", False, "/elsewhere/bin/adlrisk"),
        ("/lib/adlrisk/__main__.py", False, f"{sys.executable} -m adlrisk"),
    ],
)
def test_messages_name_the_program_as_it_is_called(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, called: str, folder_on_path: bool, named: str
) -> None:
    """A command in a message can be pasted: it has the program's path unless that is on the PATH."""
    program = tmp_path / ".venv" / "bin" / "adlrisk"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [called.format(folder=tmp_path), "venues"])
    monkeypatch.setenv("PATH", str(program.parent) if folder_on_path else "/nowhere")
    assert name_program() == named
