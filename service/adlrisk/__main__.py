"""Command line interface: the programs, scores without a server, API keys and the OpenAPI document."""

import contextlib
import locale
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from adlrisk.settings import SettingsError, find_unknown_variables, read_settings, variable_of


@click.group()
@click.version_option(package_name="adlrisk")
def main() -> None:
    """Count the conditions of an ADL that perpetual-futures positions meet, and recommend actions."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--probe-port",
    type=click.IntRange(0, 65_535),
    help="Second port for health checks and metrics alone, answered even when the first is out of connections.",
)
def serve(host: str, port: int, probe_port: int | None) -> None:
    """Run the HTTP service. Settings come from ADLRISK_* variables. Needs adlrisk[server]."""
    with _needing("server"):
        from adlrisk.api.server.serve import serve as run  # noqa: PLC0415 (a score on the command line needs no server)

    if probe_port and probe_port == port:
        raise click.BadParameter(f"{probe_port} is the port of the service", param_hint="--probe-port")
    try:
        settings = read_settings()
        for variable in find_unknown_variables():
            click.echo(f"warning: {variable} is not a setting of adlrisk", err=True)
        run(host=host, port=port, probe_port=probe_port, settings=settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


_TARGETS = {"collect": ".venv/collect", "server": ".venv/service"}  # of the Makefile, by what they install


@contextlib.contextmanager
def _needing(extra: str) -> Iterator[None]:
    """Say in one line what to install where a package of the ``extra`` is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "adlrisk").partition(".")[0] == "adlrisk":
            raise
        raise click.ClickException(
            f"{error.name} is not installed; run `make {_TARGETS[extra]}` in the project's folder "
            f"(elsewhere: `pip install 'adlrisk[{extra}]'`)"
        ) from error


_as_json = click.option("--json", "as_json", is_flag=True, help="Print the whole answer as JSON, not a summary.")


@main.command()
@click.argument("file", type=click.File("rb"))
@_as_json
def score(file: BinaryIO, *, as_json: bool) -> None:
    """Score the position in FILE, a JSON body of POST /score; "-" reads standard input.

    The score counts conditions of an auto-deleveraging that are met; it is not a probability: 8 of 10 is not 80 %.
    """
    from adlrisk.api.endpoints.score.answer import answer_score  # noqa: PLC0415 (see above)
    from adlrisk.api.endpoints.score.schema import ScoreRequest  # noqa: PLC0415
    from adlrisk.summaries.score_summary import summarise_score  # noqa: PLC0415

    _answer(file, ScoreRequest, answer_score, None if as_json else summarise_score)


@main.command()
@click.argument("file", type=click.File("rb"))
@_as_json
def account(file: BinaryIO, *, as_json: bool) -> None:
    """Score the margin account in FILE, a JSON body of POST /account; "-" reads standard input.

    A score counts conditions of an auto-deleveraging that are met; it is not a probability: 8 of 10 is not 80 %.
    """
    from adlrisk.api.endpoints.account.answer import answer_account  # noqa: PLC0415 (see above)
    from adlrisk.api.endpoints.account.schema import Account  # noqa: PLC0415
    from adlrisk.summaries.account_summary import summarise_account  # noqa: PLC0415

    _answer(file, Account, answer_account, None if as_json else summarise_account)


def _answer(
    file: BinaryIO, kind: type, answer: Callable[..., Any], summarise: Callable[[Any, Any], str] | None
) -> None:
    """Print the ``answer`` to the request of a ``kind`` in ``file``, as JSON if there is no way to ``summarise`` it."""
    from adlrisk.api.http import codecs  # noqa: PLC0415 (see above)
    from adlrisk.api.http.problems import ProblemError, problem_for  # noqa: PLC0415
    from adlrisk.api.http.validation import decode_body  # noqa: PLC0415
    from adlrisk.configured_catalogue import load_configured_catalogue  # noqa: PLC0415
    from adlrisk.domain.position.errors import RefusedError  # noqa: PLC0415
    from adlrisk.venues.catalogue import UnknownVenueError  # noqa: PLC0415

    try:
        request = decode_body(codecs.JSON.build_decoder(kind), file.read())
        found = answer(request, venues=load_configured_catalogue(_cards_dir()), now=datetime.now(UTC))
    except ProblemError as error:
        raise click.ClickException(error.detail) from error
    except (RefusedError, UnknownVenueError) as error:
        raise click.ClickException(problem_for(error).detail) from error
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if summarise is None:
        click.echo(msgspec.json.format(msgspec.json.encode(found, enc_hook=_encode_refused)))
    else:
        _print_text(summarise(request, found))


def _encode_refused(refused: object) -> object:
    """The problem in the place of a leg that cannot be scored."""
    from adlrisk.api.http.problems import problem_for  # noqa: PLC0415 (see above)
    from adlrisk.domain.position.errors import RefusedError  # noqa: PLC0415

    if isinstance(refused, RefusedError):
        return problem_for(refused).problem(instance="")
    raise TypeError(refused)


def _print_text(text: str) -> None:
    """Print ``text`` in characters that the locale has, and whatever reads standard output."""
    from adlrisk.summaries.layout import fit_encodings  # noqa: PLC0415 (see above)

    # In the locale C Python itself writes UTF-8, which such a terminal does not show.
    click.echo(fit_encodings(text, (sys.stdout.encoding, locale.getencoding())), nl=False)


def _cards_dir() -> str:
    """The folder of the operators' own cards; a command that scores needs no other setting."""
    return os.environ.get(variable_of("cards_dir"), "")


@main.command()
@click.option("--venue", required=True, help="A venue of the catalogue, such as binance.")
@click.option(
    "--symbol",
    "symbols",
    multiple=True,
    help="Market to score, such as BTC/USDT:USDT or the venue's own id; repeatable.",
)
@click.option("--json", "form", flag_value="bodies", help="Print the body of POST /account, one line for each account.")
@click.option(
    "--answers",
    "form",
    flag_value="answers",
    help="Print JSON lines: each position with its answer, then each account.",
)
def positions(venue: str, symbols: tuple[str, ...], form: str | None) -> None:
    """Score the open positions of your account at a venue; exits with 1 if one cannot be scored.

    Uses your own read-only keys: ADLRISK_VENUE_KEY, ADLRISK_VENUE_SECRET, ADLRISK_VENUE_PASSWORD and
    ADLRISK_VENUE_WALLET, as the venue requires, or the files named by the same variables with the suffix _FILE.
    """
    from adlrisk.api.http.problems import problem_for  # noqa: PLC0415 (see above)
    from adlrisk.configured_catalogue import load_configured_catalogue  # noqa: PLC0415
    from adlrisk.positions.account import open_account  # noqa: PLC0415
    from adlrisk.positions.report import as_answers, as_bodies, as_table  # noqa: PLC0415
    from adlrisk.positions.requests.venue_calls import AccountError  # noqa: PLC0415
    from adlrisk.positions.scoring import score_all  # noqa: PLC0415
    from adlrisk.venues.catalogue import UnknownVenueError  # noqa: PLC0415

    try:
        venues = load_configured_catalogue(_cards_dir())
        rules = venues[venue].rules
        account = open_account(rules, environ=os.environ, named=venue)
        with contextlib.closing(account):
            reading = account.read(symbols)
            found = score_all(reading.positions, reading.accounts, venue=rules.id, venues=venues, now=datetime.now(UTC))
    except UnknownVenueError as error:
        raise click.ClickException(problem_for(error).detail) from error
    except (AccountError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    if form == "bodies":
        printed = as_bodies(found, venue=rules.id)
    else:
        printed = as_answers(found) if form == "answers" else as_table(found)
    click.echo(printed, nl=False)
    for problem in reading.problems:
        click.echo(f"warning: {problem}", err=True)
    if account.coverage and not symbols:
        click.echo(f"note: only {account.coverage} was requested; use --symbol for others", err=True)
    if any(one.answer is None for one in found.positions):
        sys.exit(1)


@main.command()
@click.argument("url", default="http://127.0.0.1:8000")
@click.option("--score", "scores", is_flag=True, help="Request a score too.")
def probe(url: str, *, scores: bool) -> None:
    """Check whether the service at URL is ready; exits with 1 if not. For health checks."""
    from adlrisk.healthcheck import ProbeError, check_readiness, request_score  # noqa: PLC0415 (see above)

    try:
        click.echo(check_readiness(url))
        if scores:
            click.echo(request_score(url))
    except ProbeError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.option(
    "--market",
    "markets",
    multiple=True,
    metavar="VENUE:MARKET",
    help="Market to collect, such as binance:BTC/USDT:USDT; repeatable.",
)
@click.option(
    "--file", type=click.Path(dir_okay=False, path_type=Path), help='TOML file with markets = ["VENUE:MARKET", ...].'
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address for health checks and metrics.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8001,
    show_default=True,
    help="Port for health checks and metrics.",
)
@click.option("--once", is_flag=True, help="Fetch once, print the records as JSON lines, and store nothing.")
def collect(markets: tuple[str, ...], file: Path | None, host: str, port: int, *, once: bool) -> None:
    """Collect market records from the venues and store them, until stopped. Needs adlrisk[collect]."""
    with _needing("collect"):
        from adlrisk.collect import program  # noqa: PLC0415 (see above)
    try:
        settings = read_settings()
        plan = program.make_plan(markets, file=file, settings=settings)
        if once:
            records = program.snapshot_lines(plan, settings=settings)
            for line in records:
                click.echo(line)
            sys.exit(0 if len(records) == len(plan.targets) else 1)
        program.run_collector(plan, host=host, port=port, settings=settings)
    except (SettingsError, program.PlanError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def mcp() -> None:
    """Serve tools for language models (MCP) on standard input and output. Needs adlrisk[mcp]."""
    try:
        from adlrisk.mcp import stdio  # noqa: PLC0415 (see above)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed; run `pip install 'adlrisk[mcp]'`") from error
    try:
        stdio.serve(read_settings())
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
def check_cards(folder: str) -> None:
    """Check the rule cards in FOLDER as the start of the service does; exits with 1 if one is invalid.

    Prints a line for each: its venue, its revision, and whether it replaces a bundled card or adds a venue.
    """
    from adlrisk.venues.card_files import CardError  # noqa: PLC0415 (see above)
    from adlrisk.venues.catalogue import load_catalogue  # noqa: PLC0415

    try:
        found, bundled = load_catalogue(cards=folder), tuple(load_catalogue())
    except CardError as error:
        raise click.ClickException(str(error)) from error
    if not found.local:
        raise click.ClickException(f"{folder}: no cards")
    for venue in found.local:
        effect = "replaces a bundled card" if venue in bundled else "adds a venue"
        click.echo(f"{venue} {found[venue].revision} {effect}")


@main.command()
def make_key() -> None:
    """Generate an API key; print it with its digest for the settings."""
    from adlrisk.api.limits.api_keys import digest_key, generate_key  # noqa: PLC0415 (see above)

    key = generate_key()
    click.echo(f"key     {key}")
    click.echo(f"digest  {digest_key(key)}")


@main.command()
def hash_key() -> None:
    """Print the digest of the API key on standard input."""
    from adlrisk.api.limits.api_keys import digest_key, is_sendable  # noqa: PLC0415 (see above)

    try:
        key = sys.stdin.readline().strip()
    except UnicodeDecodeError:
        key = "\ufffd"
    if not key:
        raise click.ClickException("there is no key on standard input")
    if not is_sendable(key):
        raise click.ClickException("a key must be printable ASCII, as HTTP headers are")
    click.echo(digest_key(key))


@main.command()
def openapi() -> None:
    """Print the OpenAPI document. Needs adlrisk[server]."""
    with _needing("server"):
        from adlrisk.api.app import create_app  # noqa: PLC0415 (see above)

    document = create_app().context.document()
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


if __name__ == "__main__":
    main()
