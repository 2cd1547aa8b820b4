"""The documentation against the code: settings, metrics, endpoints, examples, commands and links."""

import doctest
import functools
import importlib
import json
import pkgutil
import re
import subprocess
from pathlib import Path

import httpx
import msgspec
import pytest

import adlrisk
from adlrisk.api.app import ENDPOINTS
from adlrisk.settings import (
    SECRETS,
    VENUE_CREDENTIALS,
    WATCH_SECRETS,
    Settings,
    WatchSettings,
    read_settings,
    read_watch_settings,
    variable_of,
)
from adlrisk.settings.watch import ACCOUNT_VARIABLE
from adlrisk.telemetry.collector_metrics import COLLECTOR_FAMILIES
from adlrisk.telemetry.definitions import FAMILIES, Family
from adlrisk.telemetry.watch_metrics import WATCH_FAMILIES
from support.curl import commands_in, path_of, requests_of_the_docs, send_as_curl
from support.jq import apply_list_filter, filter_of
from support.running import ROOT, RunningServer, load_script

README = (ROOT / "README.md").read_text()
COLLECTOR = (ROOT / "docs" / "collector.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
WATCH = (ROOT / "docs" / "watch.md").read_text()
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / "benchmarks" / "README.md", ROOT / "helm" / "adlrisk" / "README.md", *DOCS]
OF_THE_TESTS = {"ADLRISK_NUMBERS"}  # variables that docs/testing names
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(adlrisk.__path__, "adlrisk.")
    if not module.name.endswith("__main__")
)


def rows(text: str) -> list[list[str]]:
    """The cells of every table row."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def test_every_setting_is_documented_with_its_default() -> None:
    """The page of settings holds each variable with the default the code has, and no other."""
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows(SETTINGS) if row[0].startswith("`ADLRISK_")}
    fields = (*msgspec.structs.fields(Settings), *msgspec.structs.fields(WatchSettings))
    actual = {variable_of(field.name): field.default for field in fields}
    assert set(documented) == set(actual)
    for variable, default in actual.items():
        shown = documented[variable]
        assert (float(shown) if isinstance(default, int | float) else shown) == default, variable


BOUNDS = [
    (cells[0].strip("`"), bound.replace(",", ""))
    for cells in rows(SETTINGS)
    if (bounds := re.fullmatch(r"(above )?(\S+) to (\S+)", cells[2]))
    for bound in (bounds[3], *(() if bounds[1] else (bounds[2],)))
]


@pytest.mark.parametrize(("variable", "bound"), BOUNDS)
def test_every_bound_of_a_setting_is_accepted(variable: str, bound: str) -> None:
    """What the page prints as the least or most of a number can be set, as it stands but for the commas."""
    read = read_watch_settings if variable.startswith("ADLRISK_WATCH_") else read_settings
    setting = variable.removeprefix("ADLRISK_").lower()
    assert float(getattr(read({variable: bound}), setting)) == float(bound)


def test_pages_name_only_settings_that_exist() -> None:
    """Every `ADLRISK_…` variable on a page is a setting, its `_FILE` form, or a key of an account."""
    settings = (*Settings.__struct_fields__, *WatchSettings.__struct_fields__, *VENUE_CREDENTIALS)
    known = {variable_of(name) for name in settings}
    files = {f"{variable_of(name)}_FILE" for name in (*SECRETS, *WATCH_SECRETS, *VENUE_CREDENTIALS)}
    for page in PAGES:
        named = set(re.findall(r"\bADLRISK_[A-Z_]+[A-Z]\b(?!…)", page.read_text()))
        of_accounts = {name for name in named if ACCOUNT_VARIABLE.match(name)}
        assert named <= known | files | of_accounts | OF_THE_TESTS, page


@pytest.mark.parametrize(
    ("page", "families"), [(OPERATIONS, FAMILIES), (COLLECTOR, COLLECTOR_FAMILIES), (WATCH, WATCH_FAMILIES)]
)
def test_every_metric_is_documented_with_its_labels(page: str, families: tuple[Family, ...]) -> None:
    """The table holds each metric of the service, the collector or the watch with its labels, and no other."""
    documented = {
        row[0].strip("`"): {label.strip() for label in row[1].split(",") if label.strip()}
        for row in rows(page)
        if row[0].startswith("`adlrisk_")
    }
    suffixes = {"counter": "_total", "info": "_info"}
    assert documented == {family.name + suffixes.get(family.kind, ""): set(family.labels) for family in families}


def test_every_endpoint_is_in_the_readme() -> None:
    """The table of the README holds each method and path, and no other."""
    documented = {row[0].strip("`") for row in rows(README) if re.match(r"`(GET|POST|PUT|PATCH|DELETE) ", row[0])}
    assert documented == {f"{endpoint.method} {endpoint.path}" for endpoint in ENDPOINTS}


@pytest.mark.parametrize("package", ["domain", "api/endpoints"])
def test_the_architecture_names_every_folder(package: str) -> None:
    """Each package of the domain and each folder of endpoints is in ARCHITECTURE.md."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    folders = [path.parent.name for path in (ROOT / "service" / "adlrisk" / package).glob("*/__init__.py")]
    assert len(folders) >= 6
    assert [name for name in folders if not re.search(rf"\b{name}/", text)] == []


def test_generated_pages_are_current() -> None:
    """`make generated` would change none of the pages of settings, venues, problems and tests."""
    for name, text in load_script(ROOT / "docs" / "write.py").pages().items():
        assert (ROOT / "docs" / name).read_text() == text, f"{name}: run make generated"


def test_doctests_pass() -> None:
    """Every module can be imported, the examples in its docstrings are correct, and there are some."""
    attempted = 0
    for name in ["adlrisk", *MODULES]:
        module = importlib.import_module(name)
        if ">>>" not in Path(str(module.__file__)).read_text():
            continue  # the search through all its members takes longer than the examples of others
        results = doctest.testmod(module)
        assert results.failed == 0, name
        attempted += results.attempted
    assert attempted >= 10


def test_the_readmes_python_example_is_correct() -> None:
    """The README's Python example prints what it shows."""
    results = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert results.attempted >= 4
    assert results.failed == 0


COMMANDS = commands_in(README)


def test_the_readme_has_its_commands() -> None:
    """The README says how to run, test and score, and has eleven requests."""
    assert {"make run", "make test", "make score"} < set(COMMANDS)
    assert sum(command.startswith("curl ") for command in COMMANDS) == 11


ANSWERS = {
    "/score": "max_score",
    "/scores": "results",
    "/account": "underlyings",
    "/plan": "options",
    "/queue/rank": "queues",
    "/adl/partial": "realized_pnl",
    "/adl/allocate": "results",
    "/adl/simulate": "steps",
    "/adl/exposure": "range",
    "/fills/classify": "results",
}


@pytest.mark.parametrize("command", requests_of_the_docs())
def test_the_requests_in_the_docs_are_answered(server: RunningServer, command: str) -> None:
    """Each curl command's URL, header and body, sent as curl would from the project's folder, is answered."""
    assert ANSWERS[path_of(command)] in send_as_curl(command, server).json()


def test_the_check_that_the_readme_recommends_catches_a_forgotten_contract_size(server: RunningServer) -> None:
    """100 contracts of 0.01 BTC with the venue's notional are refused without `contract_size`, and scored with it."""
    position = {"side": "long", "size": 100, "entry_price": 50_000, "mark_price": 50_000, "margin": 1000}
    assert "such as a forgotten `contract_size`" in " ".join(README.split())
    for venues_own in ({"notional": 50_000}, {"unrealized_pnl": 1000, "entry_price": 49_000}):
        asked = {**position, **venues_own}
        statuses = [
            httpx.post(f"{server.url}/score", json={"venue": "okx", "position": {**asked, **given}}).status_code
            for given in ({}, {"contract_size": 0.01})
        ]
        assert statuses == [422, 200]


def options_of(plan: Path, *, after: str = "score") -> list[list[object]]:
    return [
        [option["action"], option["amount"], option["cost"]["fees"], option["after"][after], option["reaches_target"]]
        for option in json.loads(plan.read_bytes())["options"]
    ]


def test_the_page_of_plans_shows_the_real_ones() -> None:
    """The options and the candidate on the page are those of the examples."""
    options, places, candidate = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "plan.md").read_text(), re.DOTALL)
    examples = ROOT / "openapi" / "examples"
    assert json.loads(options) == options_of(examples / "plan.answer.json")
    assert json.loads(places) == options_of(examples / "plan-book.answer.json", after="fifth")
    assert json.loads(candidate) == json.loads((examples / "plan-candidate.answer.json").read_bytes())["candidate"]


def test_the_readmes_answers_are_the_real_ones() -> None:
    """The JSON shown in the README is a part of the examples' answers: the score's, the plan's, the account's."""
    score, plan, account = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL)]
    examples = ROOT / "openapi" / "examples"
    assert score.items() <= json.loads((examples / "score.answer.json").read_bytes()).items()
    assert plan == options_of(examples / "plan.answer.json")
    (command,) = [command for command in COMMANDS if "/plan " in command]
    of_each = filter_of(command).removeprefix("[.options[] | ").removesuffix("]")
    options = json.loads((examples / "plan.answer.json").read_bytes())["options"]
    assert plan == [apply_list_filter(of_each, option) for option in options]
    assert account.items() <= json.loads((examples / "account-hedge.answer.json").read_bytes())["account"].items()


@pytest.mark.parametrize("target", sorted({command.split()[1] for command in COMMANDS if command.startswith("make ")}))
def test_the_readmes_make_targets_exist(target: str) -> None:
    """Each make target in the README is in the Makefile."""
    done = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr


def test_files_that_contributors_are_sent_to_exist() -> None:
    """Each file or folder that these pages name is one of the project; a name in capitals stands for any."""
    packages = [
        path for folder in ("service", "tests", "docs", "helm", "openapi") for path in (ROOT / folder).rglob("*")
    ]
    paths = {f"/{path.relative_to(ROOT).as_posix()}" for path in (*ROOT.iterdir(), *packages)}
    endings = {path[at:] for path in paths for at, letter in enumerate(path) if letter == "/"}
    for page in ("CONTRIBUTING.md", "ARCHITECTURE.md"):
        named = re.findall(r"`((?!/)[\w./-]+(?:/|\.(?:py|toml|json|ya?ml|md)))`", (ROOT / page).read_text())
        missing = {name for name in named if f"/{name.rstrip('/')}" not in endings}
        assert {name for name in missing if not re.search(r"\b[A-Z]+\.", name)} == set(), page


def test_links_between_pages_resolve() -> None:
    """Every relative link names a file or folder that exists, and a heading of it."""
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
            linked = page.parent / target if target else page
            assert linked.exists(), f"{page}: {target}"
            assert not anchor or anchor in anchors(linked.read_text()), f"{page}: {target}#{anchor}"


@functools.cache
def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_an_index() -> None:
    """Each page is linked from docs/README.md, or from the README or the page of its folder."""
    assert [page for page in DOCS if not is_in_an_index(page)] == []


def is_in_an_index(page: Path) -> bool:
    indexes = {ROOT / "docs" / "README.md", page.parent / "README.md", page.parent.with_suffix(".md")}
    linked = {
        (index.parent / target).resolve()
        for index in indexes
        if index.exists()
        for target in re.findall(r"\]\(([^)#:]+)", index.read_text())
    }
    return page in indexes or page in linked or page.parent in linked
