"""Values without a default, which Helm refuses with the sentence that says what to set, and the page's own Ingress."""

import re
from pathlib import Path

import pytest

from adlrisk.page.routes import PAGES
from chart_objects import named, of_kind
from helm_program import CHART, MUST_BE_SET, PACKAGES, RefusedError, render, run
from release.registry import IMAGES
from release.version import read_version
from support.running import ROOT

PRODUCTION = CHART / "values-production.yaml"
COLLECTOR = ("collector.enabled=true", "collector.markets[0]=okx:BTC/USDT:USDT", "redis.url=redis://redis")
WATCH = ("watch.enabled=true", "watch.accounts[0]=okx", "watch.existingSecret=a", "redis.url=redis://redis")
PAGE = ("page.ingress.enabled=true", "page.ingress.hosts[0].host=adl.example")
# What is set, the sentence, and what has to be set beside it.
MISSING = {
    "image": (("image.repository=",), r"image\.repository: set it to where", ("image.repository=a.b/c",)),
    "collector": (
        (*COLLECTOR, "collector.image.repository="), r"collector\.image\.repository: set it to where",
        ("collector.image.repository=a.b/c",),
    ),
    "watch": (
        (*WATCH, "watch.image.repository="), r"watch\.image\.repository: set it to where",
        ("watch.image.repository=a.b/c",),
    ),
    "keys": (("keys.apiKeysKey=a",), r"keys\.existingSecret: .* in keys\.apiKeysKey", ("keys.existingSecret=a",)),
    "write keys": (
        ("keys.writeKeysKey=a",), r"keys\.existingSecret: .* in keys\.writeKeysKey", ("keys.existingSecret=a",),
    ),
    "admin keys": (
        ("keys.adminKeysKey=a",), r"keys\.existingSecret: .* in keys\.adminKeysKey", ("keys.existingSecret=a",),
    ),
    "ingress": (("ingress.enabled=true",), r"ingress\.hosts: name the host", ("ingress.hosts[0].host=a.example",)),
    "page": (
        ("page.ingress.enabled=true",), r"page\.ingress\.hosts: name the host",
        ("page.ingress.hosts[0].host=a.example",),
    ),
    "gateway": (
        ("httpRoute.enabled=true",), r"httpRoute\.parentRefs: name the gateway", ("httpRoute.parentRefs[0].name=a",),
    ),
    "redis": (("redis.existingSecret=a",), r"redis\.url: a Secret of Redis", ("redis.url=rediss://r",)),
    "certificates": (("redis.tls.existingSecret=a",), r"redis\.url: a Secret of Redis", ("redis.url=rediss://r",)),
}  # fmt: skip


@pytest.mark.parametrize("version", PACKAGES)
@pytest.mark.parametrize("case", MISSING)
def test_what_must_be_set_is_asked_for(case: str, version: str) -> None:
    """Without the value Helm says what to set and how; with it the chart is rendered."""
    given, sentence, needed = MISSING[case]
    with pytest.raises(RefusedError, match=sentence) as refused:
        render(version, *given)
    name = needed[0].split("[")[0].split("=")[0]
    assert name in str(refused.value)
    assert render(version, *given, *needed)


def test_the_sentence_has_an_option_that_helm_accepts() -> None:
    """The option in each sentence names the value that was missing, so that it can be copied."""
    asked = 0
    for given, _, _ in MISSING.values():
        with pytest.raises(RefusedError) as refused:
            render("helm4", *given)
        for option in re.findall(r"--set (\S+=[^\s;]+)", str(refused.value)):
            set_ = option.replace("MY-REGISTRY", "my.registry").replace("MY-SECRET", "my-secret")
            assert render("helm4", *given, set_)
            asked += 1
    assert asked == len(MISSING)


@pytest.mark.parametrize("image", IMAGES)
def test_the_sentence_names_the_image_that_is_missing(image: str) -> None:
    """It has the image's own name and the extra it is built with, and the page it points to has the command."""
    program = image.removeprefix("adlrisk").lstrip("-")
    given = {"": (), "collector": COLLECTOR, "watch": WATCH}[program]
    value = f"{program}.image.repository" if program else "image.repository"
    with pytest.raises(RefusedError) as refused:
        render("helm4", *given, f"{value}=")
    sentence = str(refused.value)
    assert f"--set {value}=MY-REGISTRY/{image}; " in sentence
    argument = f" --build-arg EXTRAS={IMAGES[image]}" if program else ""
    assert argument.strip() in sentence
    (page,) = re.findall(r"docs/\S+\.md", sentence)
    commands = (ROOT / page).read_text()
    named = f"registry.example/{image}:{read_version()}"
    assert f"docker build --tag {named}{argument} .\ndocker push {named}\n" in commands


def test_a_host_without_a_name_is_none(tmp_path: Path) -> None:
    """An empty name beside others would take the requests of all hosts; one for all hosts of a domain is accepted."""
    values = tmp_path / "values.yaml"
    text = "ingress: {enabled: true, hosts: [{host: a.example}, {host: 'NAME'}]}"
    values.write_text(text.replace("NAME", ""))
    with pytest.raises(RefusedError, match=r"ingress\.hosts: name the host"):
        render("helm4", files=(values,))
    values.write_text(text.replace("NAME", "*.a.example"))
    assert render("helm3", files=(values,))


def test_no_default_names_a_registry_or_a_host() -> None:
    """Neither the values nor the example for production have a registry, a host or a Redis that is nobody's."""
    for path in (CHART / "values.yaml", PRODUCTION):
        lines = [line.partition("#")[0] for line in path.read_text().splitlines()]
        assert not [line for line in lines if re.search(r"\.example|://|repository: [^\"]", line)], path


def test_production_asks_for_image_and_redis() -> None:
    """The example for production is refused for each value that must be changed, one after the other."""
    options = ["template", "test", str(CHART), "--values", str(PRODUCTION)]
    wanted = {"image.repository": "a", "image.digest": "sha256:" + "b" * 64, "redis.url": "redis://r"}
    for value, given in wanted.items():
        with pytest.raises(RefusedError, match=value.replace(".", r"\.")):
            run("helm4", *options)
        options += ["--set", f"{value}={given}"]
    assert "kind: Deployment" in run("helm4", *options)


def prefixes(ingress: dict[str, object]) -> list[str]:
    (rule,) = ingress["spec"]["rules"]  # type: ignore[index]
    return [path["path"] for path in rule["http"]["paths"]]


@pytest.mark.parametrize("version", PACKAGES)
def test_the_page_may_have_an_ingress_of_its_own(version: str) -> None:
    """It passes on the pages and nothing else, on its own host, with the API's Ingress or without."""
    objects = render(version, *PAGE)
    own = named(objects, "test-adlrisk-page", kind="Ingress")
    assert [one["metadata"]["name"] for one in objects if one["kind"] == "Ingress"] == ["test-adlrisk-page"]
    assert prefixes(own) == ["/page"]
    assert all(page.path == "/page" or page.path.startswith("/page/") for page in PAGES)
    (rule,) = own["spec"]["rules"]
    assert rule["host"] == "adl.example"
    both = render(version, *PAGE, "ingress.enabled=true", "ingress.hosts[0].host=api.example")
    assert named(both, "test-adlrisk-page", kind="Ingress") == own
    assert "/page" not in prefixes(of_kind(both, "Ingress"))
    (port,) = of_kind(both, "Service")["spec"]["ports"]
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "test-adlrisk", "port": {"name": port["name"]}}


def test_the_page_may_have_more_paths() -> None:
    """An operator may let what the page links to through the same host."""
    objects = render("helm4", *PAGE, "page.ingress.paths={/page,/docs}")
    assert prefixes(named(objects, "test-adlrisk-page", kind="Ingress")) == ["/page", "/docs"]


def test_the_notes_say_where_the_page_is() -> None:
    """The notes have the page's address, by https where there is a certificate."""
    assert "http://adl.example/page" in notes(*PAGE)
    assert "https://adl.example/page" in notes(*PAGE, "page.ingress.tls[0].secretName=a")
    assert "/page" not in notes()


def test_the_notes_say_an_address_once() -> None:
    """Where both Ingresses pass on the page at one host, its address is told once, by https if one of them has it."""
    both = (*PAGE, "page.exposed=true", "ingress.enabled=true", "ingress.hosts[0].host=adl.example")
    assert notes(*both).count("adl.example/page") == 1
    for one in ("page.ingress", "ingress"):
        with_tls = notes(*both, f"{one}.tls[0].secretName=a")
        assert (with_tls.count("adl.example/page"), with_tls.count("https://adl.example/page")) == (1, 1)
    other = notes(*both, "ingress.hosts[1].host=api.example")
    assert (other.count("adl.example/page"), other.count("api.example/page")) == (1, 1)


def test_the_notes_say_who_may_score() -> None:
    """Without keys for it everybody may, with a Secret of other keys too: the notes say so, and what is empty."""
    everybody = "Everybody who reaches the service may score"
    assert f"{everybody}, and nobody may change anything (keys.existingSecret is empty)" in notes()
    open_ = notes("keys.existingSecret=a", "keys.writeKeysKey=b")
    assert f"{everybody}, although keys.existingSecret is set: keys.apiKeysKey is empty" in open_
    assert everybody not in notes("keys.existingSecret=a", "keys.apiKeysKey=b")


def test_the_notes_say_what_else_runs() -> None:
    """Collectors and a watch are named with what shows their logs; without them there is nothing of them."""
    told = notes(*COLLECTOR, *WATCH)
    assert "deployment/risk-adlrisk-collector" in told
    assert "deployment/risk-adlrisk-watch" in told
    assert not re.search("collector|watch", notes())
    claim = "The volume of the claim claim-7 must be writable"
    assert claim in notes(*WATCH, "watch.stateClaim=claim-7")
    assert claim not in notes(*WATCH, "watch.stateClaim=claim-7", "podSecurityContext.fsGroup=5")


def notes(*values: str) -> str:
    """What Helm prints after an installation, without the objects."""
    options = ("install", "risk", str(CHART), "--dry-run=client", "--set", ",".join((*MUST_BE_SET, *values)))
    return run("helm4", *options).partition("\nNOTES:\n")[2]
