"""Command line interface: the programs, scores without a server, API keys and the OpenAPI document."""

import contextlib
import locale
import math
import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from adlrisk.settings import SettingsError, find_unknown_variables, read_settings, read_watch_settings, variable_of
from adlrisk.settings.keys import check_key_name


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


# Targets of the Makefile, by the extra that they install.
_TARGETS = {"collect": ".venv/collect", "mcp": ".venv/mcp", "server": ".venv/service", "watch": ".venv/watch"}


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


class _Seconds(click.FloatRange):
    """A range in which nan, which is in none, is not either."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or a usage error."""
        number = float(super().convert(value, param, ctx))
        return number if math.isfinite(number) else self.fail(f"{value!r} is no number of seconds.", param, ctx)


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
    except UnknownVenueError as error:
        raise _unknown_venue(error) from error
    except RefusedError as error:
        raise click.ClickException(problem_for(error).detail) from error
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if summarise is None:
        click.echo(msgspec.json.format(msgspec.json.encode(found, enc_hook=_encode_refused)))
    else:
        _print_text(summarise(request, found))


def _unknown_venue(error: Any) -> click.ClickException:
    """The error for a venue that is not in the catalogue: what was probably meant, and how to list those that are."""
    from adlrisk.api.http.problems import explain_unknown_venue  # noqa: PLC0415 (see above)
    from adlrisk.command_lines import name_program  # noqa: PLC0415

    return click.ClickException(explain_unknown_venue(error, listed_by=f"`{name_program()} venues`"))


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
@click.argument("venue", required=False)
@_as_json
def venues(venue: str | None, *, as_json: bool) -> None:
    """List the venues, each with its rule and how sure it is, or print the rule card of VENUE, an id or ccxt's name."""
    from adlrisk.api.endpoints.venues.answer import build_card, list_venues  # noqa: PLC0415 (see above)
    from adlrisk.configured_catalogue import load_configured_catalogue  # noqa: PLC0415
    from adlrisk.summaries.venue_summary import summarise_card, summarise_venues  # noqa: PLC0415
    from adlrisk.venues.catalogue import UnknownVenueError  # noqa: PLC0415

    try:
        known = load_configured_catalogue(_cards_dir())
        card = None if venue is None else build_card(known[venue])
    except UnknownVenueError as error:
        raise _unknown_venue(error) from error
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(card or list_venues(known))))
    elif card is None:
        _print_text(summarise_venues(list_venues(known)))
    else:
        _print_text(summarise_card(card, aliases=[name for name, id_ in known.aliases.items() if id_ == card.id]))


_FORMS: dict[str | None, list[str]] = {None: [], "bodies": ["--json"], "answers": ["--answers"]}  # their options


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
    from adlrisk.command_lines import format_with_variables  # noqa: PLC0415 (see above)
    from adlrisk.configured_catalogue import load_configured_catalogue  # noqa: PLC0415
    from adlrisk.positions.account import open_account  # noqa: PLC0415
    from adlrisk.positions.report import as_answers, as_bodies, as_table  # noqa: PLC0415
    from adlrisk.positions.requests.credentials import MissingCredentialsError  # noqa: PLC0415
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
        raise _unknown_venue(error) from error
    except MissingCredentialsError as error:
        options = [word for symbol in symbols for word in ("--symbol", symbol)] + _FORMS[form]
        arguments = ["positions", "--venue", venue, *options]
        line = format_with_variables(arguments, given=error.given, missing=error.missing)
        raise click.ClickException(f"{error}: `{line}`") from error
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
@click.option(
    "--account",
    "accounts",
    multiple=True,
    metavar="[NAME=]VENUE",
    help="Account to watch, such as binance or desk=binance; repeatable.",
)
@click.option(
    "--notify",
    multiple=True,
    metavar="URL",
    help="Receiver of messages, as a URL of apprise; ${NAME} in it is the variable NAME, or what is in the file "
    "NAME_FILE; repeatable.",
)
@click.option(
    "--interval",
    "interval_seconds",
    type=_Seconds(5.0, 3600.0),
    help="Seconds from one reading of an account to the next.  [default: 15]",
)
@click.option(
    "--messages-per-minute",
    type=click.IntRange(1, 1000),
    help="Most messages a minute; those beyond are counted.  [default: 10]",
)
@click.option("--state", metavar="FILE", help="Where to keep what was told: a file, or redis for ADLRISK_REDIS_URL.")
@click.option("--service", metavar="URL", help="Running service that scores, so that its market records count.")
@click.option("--once", is_flag=True, help="Read once, for cron; exits with 1 if an account could not be read.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address for health checks and metrics.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8002,
    show_default=True,
    help="Port for health checks and metrics.",
)
def watch(host: str, port: int, *, once: bool, **options: Any) -> None:
    """Watch the open positions of your accounts, and tell when one nears an ADL, until stopped. Needs adlrisk[watch].

    Uses your own read-only keys: for the account NAME, ADLRISK_ACCOUNT_NAME_KEY, ADLRISK_ACCOUNT_NAME_SECRET,
    ADLRISK_ACCOUNT_NAME_PASSWORD and ADLRISK_ACCOUNT_NAME_WALLET, as the venue requires, or the files named by the same
    variables with the suffix _FILE. A sole account may also have the variables of `adlrisk positions`.
    """
    with _needing("watch"):
        from adlrisk.watch import plan, program  # noqa: PLC0415 (see above)
    try:
        settings, given = read_settings(), read_watch_settings()
        for variable in find_unknown_variables():
            click.echo(f"warning: {variable} is not a setting of adlrisk", err=True)
        planned = plan.make_plan(plan.Options(**options), watch_settings=given, settings=settings, environ=os.environ)
        if once:
            sys.exit(0 if program.watch_once(planned, settings=settings) else 1)
        program.run_watch(planned, host=host, port=port, settings=settings)
    except (SettingsError, plan.PlanError) as error:
        raise click.ClickException(str(error)) from error


@main.command()
def mcp() -> None:
    """Serve tools for language models (MCP) on standard input and output. Needs adlrisk[mcp]."""
    with _needing("mcp"):
        from adlrisk.mcp import stdio  # noqa: PLC0415 (see above)
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


def _check_key_name(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    if name:
        try:
            check_key_name(name)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return name


@main.command()
@click.argument("name", default="", callback=_check_key_name)
def make_key(name: str) -> None:
    """Generate an API key; print it with its digest for the settings.

    NAME is that of the caller who gets the key: log lines and metrics show it.
    """
    from adlrisk.api.limits.api_keys import digest_key, generate_key  # noqa: PLC0415 (see above)

    key = generate_key()
    click.echo(f"key      {key}")
    click.echo(f"setting  {name}:{digest_key(key)}" if name else f"digest   {digest_key(key)}")


@main.command()
@click.argument("name", default="", callback=_check_key_name)
def hash_key(name: str) -> None:
    """Print the digest of the API key on standard input, for the settings; with NAME, that of its caller."""
    from adlrisk.api.limits.api_keys import digest_key, is_sendable  # noqa: PLC0415 (see above)

    try:
        key = sys.stdin.readline().strip()
    except UnicodeDecodeError:
        key = "\ufffd"
    if not key:
        raise click.ClickException("there is no key on standard input")
    if not is_sendable(key):
        raise click.ClickException("a key must be printable ASCII, as HTTP headers are")
    click.echo(f"{name}:{digest_key(key)}" if name else digest_key(key))


@main.command()
def openapi() -> None:
    """Print the OpenAPI document. Needs adlrisk[server]."""
    with _needing("server"):
        from adlrisk.api.app import create_app  # noqa: PLC0415 (see above)

    document = create_app().context.document()
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


if __name__ == "__main__":
    main()
