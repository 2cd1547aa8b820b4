"""The generator of the documentation's tables: settings, problems, failure cases and hostile inputs.

The pages on venues are in ``venue_pages``, the table of docs/reading.md is in ``reading_page``. Run by
``make generated``; a test fails while the committed pages differ.
"""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
from msgspec.inspect import FloatType, IntType, LiteralType, Metadata, type_info

from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.settings import SECRETS, Settings, variable_of
from adlrisk.settings.watch import WATCH_SECRETS, WatchSettings
from chain_validation import validation_page
from fills_page import fills_page
from mcp_page import mcp_page
from positions_page import positions_page
from reading_page.page import reading_page
from sentences import sentences_page
from support.hostile import (
    failure_cases,
    hostile_cases,
    hostile_codings,
    hostile_fills,
    hostile_requests,
    hostile_wires,
)
from support.siege.report import HEADER as SIEGE_HEADER
from support.siege.report import rows_of
from venue_pages.markdown import GENERATED, table
from venue_pages.pages import pages as venue_pages
from watch_page import watch_page

HERE = Path(__file__).parent
SIEGE = HERE.parent / "tests" / "support" / "siege" / "measured"


def pages() -> dict[str, str]:
    """The text of each page by its path."""
    return {
        "settings.md": settings_page(),
        "problems.md": problems_page(),
        "sentences.md": sentences_page(),
        "testing/failure-cases.md": failures_page(),
        "testing/hostile-inputs.md": hostile_page(),
        "testing/chain.md": validation_page((HERE / "testing" / "chain.md").read_text()),
        "positions.md": positions_page((HERE / "positions.md").read_text()),
        "reading.md": reading_page((HERE / "reading.md").read_text()),
        "mcp.md": mcp_page((HERE / "mcp.md").read_text()),
        "fills.md": fills_page((HERE / "fills.md").read_text()),
        "watch.md": watch_page((HERE / "watch.md").read_text()),
        **venue_pages(),
    }


# Settings by the start of their names, the first match counts; the last group takes what is left.
SETTING_GROUPS: Final = {
    "Access": ("api_keys", "write_keys", "admin_keys", "trusted_proxies", "cors_origins", "page", "mcp"),
    "Rule cards": ("cards_",),
    "Rate limits": ("rate_limit", "batch_rate_limit"),
    "Logging": ("log_",),
    "Redis": ("redis_",),
    "Collector": ("collect_",),
    "Watch": ("watch_",),
    "Shutdown": ("drain_delay_", "shutdown_"),
    "Sizes, time limits and concurrency limits": ("",),
}


def settings_page() -> str:
    """Every setting with its default, the values that it takes and its meaning, by group."""
    groups: dict[str, list[tuple[str, ...]]] = {title: [] for title in SETTING_GROUPS}
    for field in (*msgspec.structs.fields(Settings), *msgspec.structs.fields(WatchSettings)):
        title = next(title for title, starts in SETTING_GROUPS.items() if field.name.startswith(starts))
        default = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
        shown = f"`{default}`" if default else ""
        groups[title].append((f"`{variable_of(field.name)}`", shown, *values_of(field.type)))
    tables = (
        f"## {title}\n\n{table(('variable', 'default', 'values', 'meaning'), rows)}" for title, rows in groups.items()
    )
    secrets = ", ".join(f"`{variable_of(name)}`" for name in (*SECRETS, *WATCH_SECRETS))
    return (
        f"{GENERATED}\n# Settings\n\n"
        "All settings of the service, the collector and the watch are environment variables, read once at the start. "
        "A value that cannot be used stops the start with the name of the variable and what it allows; an unknown "
        "variable that begins with `ADLRISK_` is reported on standard error. An empty value counts as not set.\n\n"
        f"Secrets can come from a file instead, named by the variable with `_FILE` at its end: {secrets}. Files of API "
        "keys are [read again](parameters.md#change-keys-without-a-restart) when they change.\n\n"
        "What the limits do is in [operations](operations.md#limits), keys and Redis are in "
        "[parameters](parameters.md), the variables of `adlrisk positions` in [positions](positions.md#keys), those of "
        "the accounts of `adlrisk watch` in [watch](watch.md#keys). Address and port are options of the program: "
        "`adlrisk serve --host 0.0.0.0 --port 8000`.\n\n" + "\n".join(tables)
    )


def values_of(annotation: Any) -> tuple[str, str]:
    """The values a setting takes, and its description."""
    kind, description = type_info(annotation), ""
    while isinstance(kind, Metadata):
        description = (kind.extra_json_schema or {}).get("description", description)
        kind = kind.type
    match kind:
        case LiteralType():
            values: tuple[str, ...] = get_args(get_args(annotation)[0])  # in the order of the declaration
            return ", ".join(f"`{value}`" for value in values), description
        case IntType() | FloatType():
            least = f"above {bound_of(kind.gt)}" if kind.gt is not None else bound_of(kind.ge)
            return f"{least} to {bound_of(kind.le)}", description
    return "", description


def bound_of(number: Any) -> str:
    """A bound as it can be set, with commas: whole numbers with all their digits."""
    return f"{number:,}" if isinstance(number, int) else f"{number:,.10g}"


def problems_page() -> str:
    """The catalogue of problem types."""
    rows = (
        (f"`{kind.slug}`", ", ".join(map(str, kind.statuses)), kind.title, kind.explanation)
        for kind in PROBLEMS.values()
    )
    return (
        f"{GENERATED}\n# Problems\n\n"
        "Every error is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`, `instance` "
        "(the request id) and `errors`, a list of `{pointer, detail}` with JSON Pointers into the body. Validation "
        "stops at the first error, so a body that breaks the schema has one entry. Branch on `type`: it is "
        "`/problems/<slug>`, a path that answers with the explanation below. The requests that cause each of them are "
        "in [failure cases](testing/failure-cases.md).\n\n"
        f"{table(('slug', 'status', 'title', 'what to do'), rows)}"
    )


def failures_page() -> str:
    """The requests of the tests that each cause a problem, a row each."""
    return (
        f"{GENERATED}\n# Failure cases\n\n"
        "Requests that fail, with their [problems](../problems.md). Each row is a test "
        "(`tests/support/hostile/failure_cases.py`). A row without method and path is a `POST /score`; changes are "
        "against the worked example `openapi/examples/score.request.json`.\n\n"
        f"{table(('case', 'request', 'status', 'type', 'pointer'), failure_rows())}"
    )


def failure_rows() -> Iterable[tuple[str, ...]]:
    """The failure cases as rows."""
    for case in failure_cases.FAILURES:
        place = "" if (case.method, case.path) == ("POST", "/score") else f"`{case.method} {case.path}` "
        pointer = "" if case.pointer is None else f"`{case.pointer}`" if case.pointer else "the whole body"
        yield case.title, f"{place}{case.shown}".strip(), str(case.status), f"`{case.slug}`", pointer


def hostile_page() -> str:
    """Surprising values and encodings with their exact answers."""
    places = ", ".join(f"`{place.target.name}` at `{place.pointer}`" for place in hostile_cases.NUMBER_FIELDS)
    bodies = (
        (case.title, case.shown, "MessagePack" if case.packed else "JSON", problem_of(400, case.slug, case.pointer))
        for case in hostile_cases.ANYWHERE
    )
    numbers = (
        (case.title, case.sent, "JSON" if case.text else "MessagePack", number_of(case))
        for case in hostile_cases.NUMBERS
    )
    texts = ((case.title, case.shown) for case in hostile_cases.TEXTS)
    codings = (
        (case.title, f"`{case.coding}`", case.shown, problem_of(case.status, case.slug, None))
        for case in hostile_codings.CODED
    )
    compressible = ", ".join(f"`{target.name}`" for target in hostile_codings.TARGETS)
    wires = ((case.title, case.shown, problem_of(case.status, case.slug, None)) for case in hostile_wires.WIRES)
    return (
        f"{GENERATED}\n# Hostile inputs\n\n"
        "Surprising values and encodings with their exact answers. Each row is a test that sends it to a running "
        "server (`tests/support/hostile/`, `tests/api/endpoints/test_hostile.py`). The tests also check of every "
        "answer that it is no 5xx, decodes, has only finite numbers, is small, and has the standard shape if it is a "
        "problem. Documented failures are in [failure cases](failure-cases.md), generated inputs in "
        "[fuzz.md](fuzz.md).\n\n"
        "The rules behind the tables:\n\n"
        "- **The last of duplicate keys wins**, in JSON and in MessagePack, at every depth, and a later object "
        "replaces an earlier one as a whole. The earlier values must be valid too. RFC 8259, section 4, says that "
        "names *should* be unique and that many parsers take the last, as those of JavaScript and Python do; why they "
        "are not rejected is in [decision 12](../decisions/0012-duplicate-keys.md). A key written with escapes is the "
        "same key.\n"
        "- A number is the double nearest to what was sent, ties to even, and is checked against its bounds after "
        "rounding. Strings, true and false are no numbers.\n"
        "- Strings are compared and sent back code point by code point: nothing is normalised, trimmed or case-folded, "
        "and lengths count code points.\n"
        "- JSON is UTF-8 without a byte order mark, as in RFC 8259, without comments or trailing commas.\n"
        "- Ambiguous framing (two lengths, a length and chunks, folded headers) is rejected with 400 and the "
        "connection closed.\n\n"
        f"## Bodies\n\nAll of {', '.join(f'`{target.name}`' for target in hostile_cases.TARGETS)} decode bodies with "
        f"the same code. Each row is sent to `{hostile_cases.SCORE.name}`, to "
        f"`{hostile_cases.RANK.name}`, there also for the worker process, and to one of the others in turn.\n\n"
        f"{table(('case', 'sent', 'as', 'answer'), bodies)}\n"
        f"## Numbers\n\nThe same in eight fields: {places}. Each row is sent to the fields of "
        f"`{hostile_cases.SCORE.name}` and `{hostile_cases.RANK.name}`, and to one of the others in turn. "
        "The problem of a batch item is among the results.\n\n"
        f"{table(('case', 'sent', 'as', 'answer'), numbers)}\n"
        "## Strings\n\nAs the id of a position in both formats and layouts, and as the source of a market record: each "
        f"comes back unchanged.\n\n{table(('case', 'text'), texts)}\n"
        + "".join(
            f"## {title}\n\n{table(('case', 'request', 'answer'), request_rows(group))}\n"
            for title, group in (
                ("Cancellation and tiny numbers", hostile_requests.CANCELLING),
                ("Books from aggregates", hostile_requests.AGGREGATED),
                ("Plans", hostile_requests.PLANS),
                ("Duplicate keys", hostile_requests.TWICE),
                ("Shapes", hostile_requests.SHAPES),
                ("Accounts", hostile_requests.ACCOUNTS),
                ("Fills", hostile_fills.HOSTILE_FILLS),
            )
        )
        + f"## Content codings\n\nEach row is sent to {compressible}, in JSON and MessagePack; a 200 is the answer to "
        "the body as it is. Elsewhere a coding is 415. That a body is unpacked alike however it is cut, and that no "
        "more than the limit is ever unpacked, is in `tests/api/http/codings/`.\n\n"
        f"{table(('case', 'Content-Encoding', 'sent', 'answer'), codings)}\n"
        + "## Paths, methods and headers\n\nN stands for the right length.\n\n"
        + table(("case", "sent", "answer"), wires)
        + siege_section()
    )


def siege_section() -> str:
    """What attacks do to others, before and after they were answered, as ``make siege`` has measured."""
    settings = (
        ("`SIEGE_OF`", "this checkout", "the checkout whose service is attacked"),
        ("`SIEGE_ATTACKS`", "all", "a regular expression that the names of attacks match"),
        ("`SIEGE_SECONDS`", "4", "how long an attack lasts, unless it is over by itself"),
        ("`SIEGE_SETTLES`", "60", "seconds after which a replica is looked at again"),
        ("`SIEGE_FOLDER`", "`.siege`", "emptied, then holds `report.md` and the logs"),
    )
    return (
        "\n## Attacks\n\n"
        "`make siege` attacks a replica in ways that have slowed it down, stopped it or changed the answers of others, "
        "each time a new one, and prints what others see meanwhile: four bots, to whom 80 scores a second are due, "
        "each of which needs a market record; a probe of `/health/live` on a new connection five times a second, on "
        "the port of the service and on the probe port; and resident memory, service and worker together. "
        "Times count from when an answer was due; none within 2 s of asking counts as none, as for the chart's probes. "
        "The laws are tests of `make test` in `tests/hostile/`. It needs Linux's `/proc`.\n\n"
        f"{table(('variable', 'default', 'meaning'), settings)}\n"
        "*Before* is commit `a9f8d23`, measured with `make siege SIEGE_OF=CHECKOUT`, *after* is the service with the "
        "[limits](../operations.md#limits) that answer these attacks. Both ran on two cores that the clients share, so "
        "the milliseconds compare only with each other. *Without the record* are scores computed without a market "
        "record that exists; *later* is a minute after the attack.\n\n"
        f"{table((SIEGE_HEADER[0], 'state', *SIEGE_HEADER[1:]), siege_rows())}"
    )


def siege_rows() -> Iterable[tuple[str, ...]]:
    """What was measured of each attack, one state under the other."""
    measured = {path.stem: rows_of(path.read_text()) for path in sorted(SIEGE.glob("*.md"), reverse=True)}
    for attack in next(iter(measured.values())):
        for state, rows in measured.items():
            yield attack, state, *rows[attack]


def request_rows(requests: Iterable[Any]) -> Iterable[tuple[str, ...]]:
    """Whole hostile requests with their answers."""
    for case in requests:
        answer = problem_of(case.status, case.slug, case.pointer)
        shown = ", ".join(f"`{pointer}` {value_of(value)}" for pointer, value in case.shows.items())
        yield case.title, f"`{case.target.name}` {case.shown}", f"{answer}: {shown}" if shown else answer


def problem_of(status: int, slug: str | None, pointer: str | None) -> str:
    """A status with its problem and pointer."""
    where = f" at `{pointer}`" if pointer and pointer.isprintable() else ""
    return f"{status} `{slug}`{where}" if slug else str(status)


def number_of(case: Any) -> str:
    """The double that a hostile number is read as, or its problem."""
    return f"400 `{case.slug}`" if case.reads is None else f"`{float(case.reads)!r}`"


def value_of(value: Any) -> str:
    """A value of an answer."""
    if value is ...:
        return "is absent"
    return "null" if value is None else f"`{float(value)!r}`" if isinstance(value, Fraction) else f"`{value}`"


if __name__ == "__main__":
    written = pages()
    for name, text in written.items():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text)
    for page in (HERE / "venues").glob("*.md"):
        if f"venues/{page.name}" not in written:
            page.unlink()  # of a venue that is gone
