"""The chart with Helm 3 and Helm 4: rendered objects, their validation by Kubernetes' schemas, rejected values."""

import functools
import ipaddress
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import msgspec
import pytest
import yaml

from adlrisk.__main__ import main
from adlrisk.api.app import ENDPOINTS
from adlrisk.collect.program import make_plan
from adlrisk.collect.targets import MarketTarget
from adlrisk.domain.rules.card import VenueRules
from adlrisk.page.routes import PAGES
from adlrisk.settings import Settings, read_settings, variable_of
from adlrisk.venues.catalogue import load_catalogue
from chart_objects import container, deployment, named, of_kind
from chart_readme import readme
from helm_program import CHART, MUST_BE_SET, PACKAGES, RefusedError, helm, objects_in, render, run
from prometheus_server import RULES, program
from release.version import read_version
from support.running import ROOT

OLDEST, NEWEST = "1.25", "1.37"
PRODUCTION = CHART / "values-production.yaml"
CARDS = ROOT / "service" / "adlrisk" / "venues" / "cards"
DIGEST = "sha256:" + "a1" * 32
PRODUCTION_VALUES = ("image.repository=adlrisk", f"image.digest={DIGEST}", "redis.url=rediss://redis:6379/0")
SWITCHES = {
    "autoscaling": ("autoscaling.enabled=true",),
    "podDisruptionBudget": ("podDisruptionBudget.enabled=true",),
    "networkPolicy": (
        "networkPolicy.enabled=true",
        "networkPolicy.ingress[0].namespaceSelector.matchLabels.name=bots",
        "networkPolicy.egress[0].ports[0].port=6379",
        "networkPolicy.egress[0].to[0].podSelector.matchLabels.name=redis",
        "networkPolicy.dns[0].namespaceSelector.matchLabels.name=dns",
    ),
    "serviceMonitor": ("serviceMonitor.enabled=true", "serviceMonitor.labels.release=prometheus"),
    "prometheusRule": ("prometheusRule.enabled=true", "prometheusRule.runbookUrlPrefix=https://docs.example/adlrisk/"),
    "dashboards": ("dashboards.enabled=true", "dashboards.annotations.folder=Risk"),
    "ingress": (
        "ingress.enabled=true", "ingress.className=nginx", "ingress.tls[0].secretName=tls",
        "ingress.hosts[0].host=adl.example",
    ),
    "page": (
        "page.ingress.enabled=true", "page.ingress.className=nginx", "page.ingress.annotations.a=b",
        "page.ingress.hosts[0].host=page.example", "page.ingress.tls[0].secretName=page",
    ),
    "httpRoute": ("httpRoute.enabled=true", "httpRoute.parentRefs[0].name=gateway", "httpRoute.hostnames[0]=a.example"),
    "serviceAccount": ("serviceAccount.create=true", "serviceAccount.annotations.a=b"),
    "tests": ("tests.enabled=true",),
    "redis": (
        "redis.url=rediss://redis:6379/0", "redis.existingSecret=redis", "redis.sentinelPasswordKey=sentinel",
        "redis.tls.existingSecret=redis-tls", "redis.tls.certificateKey=tls.crt", "redis.tls.privateKeyKey=tls.key",
    ),
    "collector": (
        "collector.enabled=true", "collector.markets[0]=okx:BTC/USDT:USDT", "collector.markets[1]=bybit:ETH/USDT:USDT",
        "redis.url=rediss://redis:6379/0", "collector.extraEnv[0].name=HTTPS_PROXY",
        "collector.extraEnv[0].value=http://proxy:3128", "collector.extraVolumes[0].name=ca",
        "collector.extraVolumes[0].secret.secretName=ca", "collector.extraVolumeMounts[0].name=ca",
        "collector.extraVolumeMounts[0].mountPath=/etc/ca", "collector.startupProbe.failureThreshold=200",
    ),
    "watch": (
        "watch.enabled=true", "watch.accounts[0]=desk=okx", "watch.accounts[1]=binance", "watch.existingSecret=watch",
        "watch.stateClaim=watch-state", "watch.service=http://test-adlrisk", "watch.egress[0].ports[0].port=587",
        "watch.egress[0].to[0].ipBlock.cidr=192.0.2.0/24",
    ),
    "cards": ("cards.okx=a card", "cards.own_venue=another"),
    "keys": ("keys.existingSecret=keys", "keys.apiKeysKey=api", "keys.writeKeysKey=write"),
    "pods": (
        "podLabels.team=risk", "podAnnotations.a=b", "imagePullSecrets[0]=pull", "priorityClassName=high",
        "nodeSelector.disk=ssd", "tolerations[0].key=dedicated", "extraEnv[0].name=TZ", "extraEnv[0].value=UTC",
        "topologySpreadConstraints[0].maxSkew=1", "topologySpreadConstraints[0].topologyKey=zone",
        "topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule", "settings.ADLRISK_LOG_LEVEL=warning",
        "podSecurityContext.runAsUser=1234", "podSecurityContext.fsGroup=5678", "containerSecurityContext.runAsGroup=9",
        "extraVolumes[0].name=tmp", "extraVolumes[0].emptyDir.medium=Memory", "extraVolumeMounts[0].name=tmp",
        "extraVolumeMounts[0].mountPath=/tmp", "livenessProbe.failureThreshold=9", "readinessProbe.successThreshold=2",
        "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution=null",
    ),
}  # fmt: skip
ON_BY_DEFAULT = {"podDisruptionBudget": "podDisruptionBudget.enabled", "serviceAccount": "serviceAccount.create",
                 "tests": "tests.enabled"}  # fmt: skip
OFF = tuple(f"{value}=false" for value in ON_BY_DEFAULT.values())


def shapes() -> dict[str, tuple[str, ...]]:
    """The tested combinations: all off, all on, each alone, and all but each."""
    found = {"none": OFF, "all": tuple(value for values in SWITCHES.values() for value in values)}
    for name, values in SWITCHES.items():
        found[name] = (*OFF, *values)
        others = (value for other, more in SWITCHES.items() if other != name for value in more)
        found[f"all but {name}"] = (*others, *(off for off in OFF if off.startswith(name)))
    return found


SHAPES = shapes()
REFUSED = {
    "unknown=1": "unknown",
    "replicaCount=-1": "replicaCount",
    "redis.url=redis://user:secret@host": "redis",
    "redis.url=localhost": "redis",
    "redis.password=x": "password",
    "settings.ADLRISK_ADMIN_KEYS=x": "ADLRISK_ADMIN_KEYS",
    "settings.ADLRISK_MAX_BOOKS=4": "ADLRISK_MAX_BOOKS",
    "settings.ADLRISK_LOG_LEVEL=loud": "ADLRISK_LOG_LEVEL",
    "image.digest=latest": "digest",
    "image.pullPolicy=Sometimes": "pullPolicy",
    "service.port=0": "port",
    "autoscaling.minReplicas=0": "minReplicas",
    "serviceMonitor.interval=often": "interval",
    "podDisruptionBudget.maxUnavailable=0": "maxUnavailable",
    "resources.limits.memory=much": "memory",
    "drainDelaySeconds=soon": "drainDelaySeconds",
    "autoscaling.enabled=true,autoscaling.minReplicas=5,autoscaling.maxReplicas=2": "maxReplicas",
    "autoscaling.enabled=true,resources.requests.cpu=null": "resources.requests.cpu",
    "networkPolicy.enabled=true,redis.url=redis://r:6379": "networkPolicy.egress",
    "networkPolicy.egress[0].ports[0].port=6379": r"egress.*\bto\b",
    "networkPolicy.egress[0].ports[0].port=6379,networkPolicy.egress[0].to={}": "egress.*to",
    "networkPolicy.egress[0].to[0].ipBlock.cidr=10.0.0.0/8": "ports",
    f"image.digest=sha256:{'0' * 64}": "image.digest",
    "exposedPaths=null,ingress.enabled=true": "exposedPaths",
    "exposedPaths[0]=metrics": "exposedPaths",
    "collector.enabled=true,collector.markets[0]=okx:BTC/USDT:USDT": "redis.url",
    "collector.enabled=true,redis.url=redis://r:6379": "collector.markets",
    "collector.markets[0]=BTCUSDT": "collector",
    "collector.replicaCount=0": "replicaCount",
    "settings.ADLRISK_COLLECT_MARKETS=okx:BTC/USDT:USDT": "ADLRISK_COLLECT_MARKETS",
    "page.exposed=true,settings.ADLRISK_PAGE=off,ingress.enabled=true": "page.exposed",
    "settings.ADLRISK_PAGE=off,page.ingress.enabled=true,page.ingress.hosts[0].host=a.b": "page.ingress.*ADLRISK_PAGE",
    "settings.ADLRISK_PAGE=no": "ADLRISK_PAGE",
    r"podLabels.app\.kubernetes\.io/name=other": "podLabels|kubernetes.io/name",
    "podAnnotations.checksum/config=x": "podAnnotations|checksum/config",
    "settings.ADLRISK_REDIS_PREFIX=a b": "ADLRISK_REDIS_PREFIX",
    "settings.ADLRISK_CARDS_DIR=/cards": "ADLRISK_CARDS_DIR",
    "cards=mycards": "cards",
    "cards.OKX=x": "cards.*OKX",
    r"cards.okx\.toml=x": r"cards.*okx\.toml",
    r"cards.\.\./okx=x": r"cards.*\.\./okx",
    "cards.okx=": "cards.okx",
    "cards.okx=1": "cards.okx",
}


def assert_valid(objects: list[dict[str, Any]], *releases: str) -> None:
    """Those objects that are Kubernetes' own are valid for its releases, without unknown fields."""
    for found in objects:
        if not found["apiVersion"].startswith(("monitoring.coreos.com", "gateway.networking.k8s.io")):
            for kubernetes in releases:
                _assert_valid(json.dumps(found, sort_keys=True), kubernetes)


@functools.cache
def _assert_valid(text: str, kubernetes: str) -> None:
    """Validate an object; most are the same in many combinations, and what was valid once stays so."""
    kubernetes_validate.validate(json.loads(text), kubernetes, strict=True)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("version", PACKAGES)
def test_kubernetes_accepts_every_combination(version: str, shape: str) -> None:
    """Each object is valid for the oldest and the newest Kubernetes, without unknown fields."""
    objects = render(version, *SHAPES[shape])
    assert {"ConfigMap", "Deployment", "Service"} <= {found["kind"] for found in objects}
    assert_valid(objects, OLDEST, NEWEST)


@pytest.mark.parametrize("shape", SHAPES)
def test_helm_3_and_helm_4_render_the_same(shape: str) -> None:
    """Helm 3 and Helm 4 render the same objects."""
    assert render("helm3", *SHAPES[shape]) == render("helm4", *SHAPES[shape])


def test_every_switch_creates_its_object() -> None:
    """With all switches on every object exists, with Helm's standard labels."""
    objects = render("helm4", *SHAPES["all"])
    assert sorted(found["kind"] for found in objects) == sorted(
        ["ConfigMap", "ConfigMap", "ConfigMap", "Deployment", "HTTPRoute", "HorizontalPodAutoscaler", "Ingress",
         "Ingress", "NetworkPolicy", "Pod", "PodDisruptionBudget", "PrometheusRule", "Service", "ServiceAccount",
         "ServiceMonitor", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "PodMonitor", "ServiceAccount",
         "Deployment", "NetworkPolicy", "PodMonitor", "ServiceAccount"]
    )  # fmt: skip
    for found in objects:
        labels = found["metadata"]["labels"]
        name = "adlrisk-test" if found["kind"] == "Pod" else "adlrisk"
        apart = re.search("-(?:collector|watch)$", found["metadata"]["name"])
        assert labels["app.kubernetes.io/name"] == (f"adlrisk{apart[0]}" if apart else name)
        assert labels["app.kubernetes.io/instance"] == "test"
        assert len(found["metadata"]["name"]) <= 63


def test_the_prometheus_operator_accepts_its_objects() -> None:
    """ServiceMonitor, PodMonitor and PrometheusRule are valid by the operator's own schemas."""
    objects = [found for found in render("helm4", *SHAPES["all"]) if "coreos" in found["apiVersion"]]
    assert len(objects) == 4
    done = subprocess.run(
        [str(ROOT / ".venv/bin/uv"), "run", "--quiet", "--frozen", "--isolated", "--only-group", "operator-schemas",
         "python", str(Path(__file__).with_name("operator_schemas.py"))],
        input=yaml.safe_dump_all(objects), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_promtool_accepts_the_rendered_rules(tmp_path: Path) -> None:
    """The rules in the chart are the committed ones, with full links to the runbooks."""
    rules = of_kind(render("helm4", *SHAPES["all"]), "PrometheusRule")["spec"]
    committed = yaml.safe_load(RULES.read_text())
    for group in committed["groups"]:
        for rule in group["rules"]:
            if "annotations" in rule:
                rule["annotations"]["runbook_url"] = (
                    "https://docs.example/adlrisk/" + rule["annotations"]["runbook_url"]
                )
    assert rules == committed
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(rules))
    subprocess.run([program("promtool"), "check", "rules", str(tmp_path / "rules.yaml")], check=True)
    plain = of_kind(render("helm4", "prometheusRule.enabled=true"), "PrometheusRule")["spec"]
    assert plain == yaml.safe_load(RULES.read_text())


def test_the_dashboard_is_the_committed_one() -> None:
    """The ConfigMap holds the committed dashboard, so that Grafana's sidecar gets the tested one."""
    shown = of_kind(render("helm4", "dashboards.enabled=true", show="templates/dashboard.yaml"), "ConfigMap")
    assert json.loads(shown["data"]["adlrisk.json"]) == json.loads((CHART / "files" / "dashboard.json").read_text())
    assert shown["metadata"]["labels"]["grafana_dashboard"] == "1"


@pytest.mark.parametrize("values", REFUSED)
@pytest.mark.parametrize("version", PACKAGES)
def test_invalid_values_are_rejected(version: str, values: str) -> None:
    """Helm rejects invalid values before it installs anything, with the name of the value."""
    with pytest.raises(RefusedError, match=REFUSED[values]):
        render(version, values)


@pytest.mark.parametrize("version", PACKAGES)
def test_helm_lint_passes(version: str) -> None:
    """Helm's linter finds nothing, with the defaults and with the production example."""
    run(version, "lint", "--strict", str(CHART), "--set", ",".join(MUST_BE_SET))
    run(version, "lint", "--strict", str(CHART), "--values", str(PRODUCTION), "--set", ",".join(PRODUCTION_VALUES))


def test_pods_are_hardened() -> None:
    """No pod has root, a writable root, a token, capabilities or unlimited memory; collector and helm test too."""
    objects = render("helm4", *SHAPES["all"])
    deployments = [of_kind(objects, "Deployment", collector=collector) for collector in (False, True)]
    for pod in (*(found["spec"]["template"]["spec"] for found in deployments), of_kind(objects, "Pod")["spec"]):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        (only,) = pod["containers"]
        assert only["securityContext"]["readOnlyRootFilesystem"] is True
        assert only["securityContext"]["allowPrivilegeEscalation"] is False
        assert only["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert only["resources"]["limits"]["memory"]


def test_the_test_pod_gets_no_requests() -> None:
    """No selector of the service's pods matches the test pod, and the network policy allows its requests."""
    objects = render("helm4", *SHAPES["all"])
    labels = of_kind(objects, "Pod")["metadata"]["labels"].items()
    selectors = [
        of_kind(objects, "Service")["spec"]["selector"],
        of_kind(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        of_kind(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        of_kind(objects, "Deployment")["spec"]["selector"]["matchLabels"],
    ]
    assert not any(selector.items() <= labels for selector in selectors)
    (rule,) = of_kind(objects, "NetworkPolicy")["spec"]["ingress"]
    peers = [peer["podSelector"]["matchLabels"] for peer in rule["from"] if "podSelector" in peer]
    assert [peer.items() <= labels for peer in peers] == [True]


def test_the_service_finds_the_pods() -> None:
    """Every selector of pods matches those of the Deployment."""
    objects = render("helm4", *SHAPES["all"])
    labels = of_kind(objects, "Deployment")["spec"]["template"]["metadata"]["labels"].items()
    assert of_kind(objects, "Service")["spec"]["selector"].items() <= labels
    assert of_kind(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"].items() <= labels
    assert of_kind(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"].items() <= labels
    monitored = of_kind(objects, "ServiceMonitor")["spec"]["selector"]["matchLabels"].items()
    assert monitored <= of_kind(objects, "Service")["metadata"]["labels"].items()


def test_selectors_separate_collectors_from_the_service() -> None:
    """Selectors of the service's pods match no collector, and the other way round; each has its own monitor."""
    objects = render("helm4", *SHAPES["all"])
    pods = {
        collector: of_kind(objects, "Deployment", collector=collector)["spec"]["template"]["metadata"]["labels"].items()
        for collector in (False, True)
    }
    for collector in (False, True):
        selectors = [
            of_kind(objects, "Deployment", collector=collector)["spec"]["selector"]["matchLabels"],
            of_kind(objects, "PodDisruptionBudget", collector=collector)["spec"]["selector"]["matchLabels"],
            of_kind(objects, "NetworkPolicy", collector=collector)["spec"]["podSelector"]["matchLabels"],
        ]
        selectors += [
            of_kind(objects, "PodMonitor", collector=True)["spec"]["selector"]["matchLabels"]
            if collector
            else of_kind(objects, "Service")["spec"]["selector"]
        ]
        assert all(selector.items() <= pods[collector] for selector in selectors)
        assert not any(selector.items() <= pods[not collector] for selector in selectors)


def test_only_collectors_have_egress_from_the_cluster() -> None:
    """The collectors' policy allows venues and no private address beyond those named; the service's allows neither."""
    objects = render("helm4", *SHAPES["all"])
    named = [{"ports": [{"port": 6379}], "to": [{"podSelector": {"matchLabels": {"name": "redis"}}}]}]
    names = {
        "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}],
        "to": [{"namespaceSelector": {"matchLabels": {"name": "dns"}}}],
    }
    assert of_kind(objects, "NetworkPolicy")["spec"]["egress"] == [names, *named]
    dns, venues, *rest = of_kind(objects, "NetworkPolicy", collector=True)["spec"]["egress"]
    assert dns == names
    assert rest == named
    assert {port["port"] for port in venues["ports"]} == {443, 8443}
    (four, six) = (ipaddress.ip_network(to["ipBlock"]["cidr"]) for to in venues["to"])
    assert (str(four), str(six)) == ("0.0.0.0/0", "::/0")
    spared = [ipaddress.ip_network(cidr) for to in venues["to"] for cidr in to["ipBlock"]["except"]]
    for inside in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "fd00::1"):
        assert any(ipaddress.ip_address(inside) in network for network in spared)
    for venue in ("104.18.0.1", "2606:4700::1"):
        assert not any(ipaddress.ip_address(venue) in network for network in spared)


def test_collectors_share_scheduling_but_not_the_account() -> None:
    """Collectors share node selector, tolerations and priority; their account is separate, without annotations."""
    objects = render("helm4", *SHAPES["all"])
    ours, theirs = (
        of_kind(objects, "Deployment", collector=collector)["spec"]["template"]["spec"] for collector in (False, True)
    )
    for field in ("nodeSelector", "tolerations", "priorityClassName", "imagePullSecrets"):
        assert theirs[field] == ours[field]
    account = of_kind(objects, "ServiceAccount", collector=True)
    assert theirs["serviceAccountName"] == account["metadata"]["name"] != ours["serviceAccountName"]
    assert "annotations" not in account["metadata"]
    assert account["automountServiceAccountToken"] is False
    given = render("helm4", *SHAPES["collector"], "serviceAccount.create=false", "serviceAccount.name=given")
    pod = of_kind(given, "Deployment", collector=True)["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "given"


def test_the_program_accepts_the_arguments_of_collectors() -> None:
    """The collectors' arguments and markets are valid for the command, and they get no API keys."""
    objects = render("helm4", *SHAPES["all"])
    (only,) = of_kind(objects, "Deployment", collector=True)["spec"]["template"]["spec"]["containers"]
    environment = {one["name"]: one.get("value", "") for one in only["env"]}
    assert set(environment) == {
        "ADLRISK_COLLECT_MARKETS", "ADLRISK_REDIS_PASSWORD", "ADLRISK_REDIS_SENTINEL_PASSWORD", "HTTPS_PROXY",
    }  # fmt: skip
    settings = read_settings({**environment, "ADLRISK_REDIS_URL": "redis://r"})
    read = make_plan((), file=None, settings=settings)
    assert read.targets == (MarketTarget("okx", "BTC/USDT:USDT"), MarketTarget("bybit", "ETH/USDT:USDT"))
    name, *options = only["args"]
    context = main.commands[name].make_context(name, options)
    assert context.params["port"] == only["ports"][0]["containerPort"]
    assert only["image"] == f"adlrisk-collector:{read_version()}"


def test_probes_have_a_port_of_their_own() -> None:
    """The program accepts the arguments; probes use the second port, in neither Service nor policy."""
    objects = render("helm4", *SHAPES["all"])
    (only,) = of_kind(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    name, *options = only["args"]
    given = main.commands[name].make_context(name, options).params
    assert given == {"host": "0.0.0.0", "port": 8000, "probe_port": 8001}
    assert only["ports"] == [
        {"name": "http", "containerPort": given["port"]}, {"name": "probe", "containerPort": given["probe_port"]},
    ]  # fmt: skip
    for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
        assert only[f"{probe}Probe"]["httpGet"] == {"path": f"/health/{path}", "port": "probe"}
    assert [port["targetPort"] for port in of_kind(objects, "Service")["spec"]["ports"]] == ["http"]
    (rule,) = of_kind(objects, "NetworkPolicy")["spec"]["ingress"]
    assert [port["port"] for port in rule["ports"]] == ["http"]


def test_names_that_look_like_numbers_stay_strings() -> None:
    """Numbers and booleans in names are strings, and a release with a dot has a valid Service name."""
    command = ["template", "true.1", str(CHART), "--set-string", "redis.tls.existingSecret=123,priorityClassName=123"]
    command += ["--set", ",".join((*MUST_BE_SET, "redis.url=rediss://r"))]
    objects = objects_in(run("helm4", *command))
    assert_valid(objects, NEWEST)
    for found in objects:
        assert found["metadata"]["labels"]["app.kubernetes.io/instance"] == "true.1"
    assert of_kind(objects, "Service")["metadata"]["name"] == "true-1-adlrisk"


def test_the_redis_url_may_name_a_user() -> None:
    """The URL may contain an ACL user, but no password."""
    (config,) = render("helm4", "redis.url=redis://adlrisk@redis:6379/0", show="templates/configmap.yaml")
    assert config["data"]["ADLRISK_REDIS_URL"] == "redis://adlrisk@redis:6379/0"


def test_long_names_are_shortened() -> None:
    """A release with the longest name that Helm allows has valid object names."""
    for found in render("helm4", *SHAPES["all"], "fullnameOverride=" + "a" * 63, "nameOverride=" + "b" * 63):
        assert len(found["metadata"]["name"]) <= 63
        assert all(len(str(value)) <= 63 for value in found["metadata"]["labels"].values())


def test_the_commands_of_the_docs_install_the_chart(tmp_path: Path) -> None:
    """Helm accepts the commands and values of docs/deployment.md, without a cluster, once the digest is filled in."""
    page = (ROOT / "docs" / "deployment.md").read_text().replace("IMAGE_DIGEST", DIGEST)
    own, collector = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "my-values.yaml").write_text(own)
    commands = [line for line in page.splitlines() if line.startswith(("helm install ", "helm upgrade "))]
    assert len(commands) == 3
    for command in commands:
        _, _, *rest = command.replace("mycards", str(CARDS)).replace("my-values", str(tmp_path / "my-values")).split()
        here = [word.replace("helm/adlrisk", str(CHART)) for word in rest]
        assert "kind: Deployment" in run("helm4", "install", *here, "--dry-run=client")
    (tmp_path / "collector.yaml").write_text(collector)
    objects = render("helm4", files=(PRODUCTION, tmp_path / "my-values.yaml", tmp_path / "collector.yaml"))
    assert of_kind(objects, "Deployment", collector=True)


def test_the_grace_period_covers_drain_and_shutdown() -> None:
    """The grace period is longer than drain delay and shutdown timeout together, whatever their values."""
    for drain, shutdown in ((10, 30), (0, 1), (120, 300)):
        values = (f"drainDelaySeconds={drain}", f"shutdownTimeoutSeconds={shutdown}")
        assert deployment(*values)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > drain + shutdown


def test_the_service_accepts_the_settings_of_the_chart() -> None:
    """Every variable in the ConfigMap and from Secrets is a setting, with a value that the service accepts."""
    objects = render("helm4", *SHAPES["all"])
    config = named(objects, "test-adlrisk")
    (only,) = of_kind(objects, "Deployment")["spec"]["template"]["spec"]["containers"]
    secrets = {variable["name"]: "" for variable in only["env"] if variable["name"].startswith("ADLRISK_")}
    known = {variable_of(field.name) for field in msgspec.structs.fields(Settings)}
    assert set(config["data"]) | set(secrets) <= known
    assert {"ADLRISK_REDIS_PASSWORD", "ADLRISK_ADMIN_KEYS", "ADLRISK_API_KEYS"} <= set(secrets)
    here = {name: __file__ for name in config["data"] if name.endswith("_FILE")}  # a file that there is
    settings = read_settings({**config["data"], **secrets, **here})
    assert settings.redis_url == "rediss://redis:6379/0"
    assert config["data"]["ADLRISK_REDIS_CA_FILE"] == f"{only['volumeMounts'][0]['mountPath']}/ca.crt"
    assert settings.log_level == "warning"


def test_every_setting_has_exactly_one_value() -> None:
    """The variables under `settings` and those of other values are all settings, none twice."""
    schema = json.loads((CHART / "values.schema.json").read_text())
    free = set(schema["properties"]["settings"]["properties"])
    elsewhere = {
        "ADLRISK_API_KEYS", "ADLRISK_WRITE_KEYS", "ADLRISK_ADMIN_KEYS", "ADLRISK_REDIS_URL", "ADLRISK_REDIS_PASSWORD",
        "ADLRISK_REDIS_SENTINEL_PASSWORD", "ADLRISK_REDIS_CA_FILE", "ADLRISK_REDIS_CERTIFICATE_FILE",
        "ADLRISK_REDIS_KEY_FILE", "ADLRISK_DRAIN_DELAY_SECONDS", "ADLRISK_SHUTDOWN_TIMEOUT_SECONDS",
        "ADLRISK_COLLECT_MARKETS", "ADLRISK_COLLECT_URLS", "ADLRISK_CARDS_DIR",
    }  # fmt: skip
    assert not free & elsewhere
    assert free | elsewhere == {variable_of(field.name) for field in msgspec.structs.fields(Settings)}


def test_a_changed_setting_restarts_the_pods() -> None:
    """The checksum in the pods' annotations changes with the ConfigMap, and with nothing else."""

    def checksum(*values: str) -> str:
        return str(deployment(*values)["spec"]["template"]["metadata"]["annotations"]["checksum/config"])

    assert checksum() == checksum("replicaCount=5")
    assert checksum() != checksum("settings.ADLRISK_LOG_LEVEL=warning")


def pods(*values: str) -> list[dict[str, Any]]:
    """The pods of service and collector."""
    objects = render("helm4", *SHAPES["all but cards"], *values)
    found = [of_kind(objects, "Deployment", collector=collector) for collector in (False, True)]
    return [one["spec"]["template"] for one in found]


def test_service_and_collector_mount_the_cards_read_only() -> None:
    """Each has the ConfigMap of the cards, a file for each venue, in the folder that the variable names."""
    folder = named(render("helm4", *SHAPES["all"]), "test-adlrisk")["data"]["ADLRISK_CARDS_DIR"]
    for collector in (False, True):
        objects = render("helm4", *SHAPES["all"])
        pod = of_kind(objects, "Deployment", collector=collector)["spec"]["template"]["spec"]
        (volume,) = [volume for volume in pod["volumes"] if "configMap" in volume]
        cards = named(objects, volume["configMap"]["name"])
        assert cards["data"] == {"okx.toml": "a card", "own_venue.toml": "another"}
        assert cards["immutable"] is True
        (only,) = pod["containers"]
        assert {"name": volume["name"], "mountPath": folder, "readOnly": True} in only["volumeMounts"]
        assert {"configMapRef": {"name": "test-adlrisk"}} in only["envFrom"]


def test_without_cards_nothing_is_mounted() -> None:
    """There is neither a ConfigMap of cards nor a volume, nor the variable."""
    objects = render("helm4", *OFF, *SWITCHES["collector"])
    assert [found["metadata"]["name"] for found in objects if found["kind"] == "ConfigMap"] == ["test-adlrisk"]
    assert "ADLRISK_CARDS_DIR" not in named(objects, "test-adlrisk")["data"]
    for collector in (False, True):
        pod = of_kind(objects, "Deployment", collector=collector)["spec"]["template"]["spec"]
        assert "cards" not in {volume["name"] for volume in pod.get("volumes", ())}
        assert "cards" not in {mount["name"] for mount in pod["containers"][0].get("volumeMounts", ())}


def test_cards_change_only_configuration_and_pods() -> None:
    """Network policies, what is exposed, accounts, monitors and the rest are the same with cards and without."""

    def others(shape: str) -> list[dict[str, Any]]:
        return [one for one in render("helm4", *SHAPES[shape]) if one["kind"] not in {"ConfigMap", "Deployment"}]

    assert others("all") == others("all but cards")
    assert {"NetworkPolicy", "Ingress", "HTTPRoute", "Service"} <= {found["kind"] for found in others("all")}


@pytest.mark.parametrize("version", PACKAGES)
def test_the_service_loads_the_cards_of_the_chart(version: str, tmp_path: Path) -> None:
    """The text of each card arrives unchanged, whatever is in it, and the catalogue has its rule."""
    bundled = (CARDS / "okx.toml").read_text()
    cards = {
        "okx": bundled.replace('name = "OKX"', 'name = "OKX, “our” {{ reading }}: #1"'),
        "own_venue": "\n\t # ours\n" + re.sub('^id = "okx"', 'id = "own_venue"', bundled) + "  ",
    }
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"cards": cards}))
    (found,) = render(version, files=(values,), show="templates/cards.yaml")
    assert found["data"] == {f"{venue}.toml": text for venue, text in cards.items()}
    folder = tmp_path / "cards"
    folder.mkdir()
    for name, text in found["data"].items():
        (folder / name).write_text(text)
    loaded = load_catalogue(cards=str(folder))
    assert (loaded["okx"].rules.name, loaded["okx"].source) == ("OKX, “our” {{ reading }}: #1", "local")
    assert (loaded["own_venue"].rules.name, loaded["own_venue"].source) == ("OKX", "local")


def test_changed_cards_roll_the_pods() -> None:
    """Pods of service and collector change with the text of a card, its venue or its removal, and else with nothing."""
    given = pods("cards.okx=a card")
    assert given == pods("cards.okx=a card", "replicaCount=5")
    for change in (("cards.okx=another",), ("cards.okx2=a card",), ()):
        assert all(ours != theirs for ours, theirs in zip(given, pods(*change), strict=True)), change


def test_running_pods_keep_their_cards() -> None:
    """Changed cards are an object of another name: a pod that restarts during a roll-out has those it began with."""
    names = {
        of_kind(render("helm4", f"cards.okx={text}", show="templates/cards.yaml"), "ConfigMap")["metadata"]["name"]
        for text in ("a card", "another")
    }
    assert len(names) == 2


def test_a_card_may_have_any_id_of_a_card() -> None:
    """The schema's pattern of a card's name is that of the ids of cards."""
    (pattern,) = json.loads((CHART / "values.schema.json").read_text())["properties"]["cards"]["patternProperties"]
    (id_,) = [field for field in msgspec.structs.fields(VenueRules) if field.name == "id"]
    assert pattern == msgspec.json.schema(id_.type)["pattern"].replace(r"\Z", "$")


def test_the_image_can_be_named_by_digest() -> None:
    """A digest takes precedence over a tag, a tag over the chart's version."""
    assert container()["image"] == f"adlrisk:{read_version()}"
    assert container("image.tag=1.2")["image"] == "adlrisk:1.2"
    assert container("image.tag=1.2", f"image.digest={DIGEST}")["image"] == f"adlrisk@{DIGEST}"


def test_the_autoscaler_sets_the_replicas() -> None:
    """With autoscaling the Deployment sets no number of replicas, so that an upgrade does not reset it."""
    assert deployment()["spec"]["replicas"] == 2
    assert "replicas" not in deployment("autoscaling.enabled=true")["spec"]


def test_the_notes_show_how_to_score() -> None:
    """The notes have a curl command that is correct for the release's name, namespace and keys."""
    options = ("install", "risk", str(CHART), "--dry-run=client", "--namespace", "bots", "--set",
               ",".join((*MUST_BE_SET, "service.port=8080")))  # fmt: skip
    notes = run("helm4", *options)
    assert "service/risk-adlrisk 8000:8080" in notes
    assert "--namespace bots" in notes
    (body,) = re.findall(r"-d '(.*)'", notes)
    assert json.loads(body)["position"]
    assert "x-api-key" not in notes
    with_keys = run("helm4", *options, "--set", "keys.existingSecret=k,keys.apiKeysKey=api")
    assert "x-api-key" in with_keys


def test_the_readme_is_generated_from_the_values() -> None:
    """`make generated` would not change the README."""
    assert (CHART / "README.md").read_text() == readme(), "run make generated"


def test_the_production_example_needs_a_digest() -> None:
    """The production example is refused until the image has a digest, with the command that shows it."""
    *_, redis = PRODUCTION_VALUES
    with pytest.raises(RefusedError, match=r"image.digest.*docker buildx imagetools inspect"):
        render("helm4", redis, files=(PRODUCTION,))
    (only,) = of_kind(render("helm4", *PRODUCTION_VALUES, files=(PRODUCTION,)), "Deployment")["spec"]["template"][
        "spec"
    ]["containers"]
    assert only["image"] == f"adlrisk@{DIGEST}"


def test_production_reaches_redis_and_dns_only() -> None:
    """Each egress rule of the production example names its peers: none is every address or every pod."""
    objects = render("helm4", *PRODUCTION_VALUES, files=(PRODUCTION,))
    rules = of_kind(objects, "NetworkPolicy")["spec"]["egress"]
    assert [{port["port"] for port in rule["ports"]} for rule in rules] == [{53}, {6379}]
    for rule in rules:
        for peer in rule["to"]:
            assert peer["namespaceSelector"]["matchLabels"]
            assert peer["podSelector"]["matchLabels"]


def exposed(path: str, prefixes: list[str]) -> bool:
    """Whether one of the prefixes takes the path; they match whole segments, in Ingress and Gateway alike."""
    return any(path == prefix or path.startswith(prefix.rstrip("/") + "/") for prefix in prefixes)


@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute"])
def test_only_the_api_is_exposed(kind: str) -> None:
    """Ingress and HTTPRoute pass on each endpoint that may need a key, and no metrics, health or documentation."""
    (rule,) = of_kind(render("helm4", *SHAPES["all"]), kind)["spec"]["rules"]
    paths = rule["http"]["paths"] if kind == "Ingress" else [match["path"] for match in rule["matches"]]
    assert {path.get("pathType", path.get("type")) for path in paths} == {
        "Prefix" if kind == "Ingress" else "PathPrefix"
    }
    prefixes = [path.get("path", path.get("value")) for path in paths]
    for endpoint in ENDPOINTS:
        inside = endpoint.access == "open" and not endpoint.path.startswith("/problems/")
        assert exposed(endpoint.path, prefixes) is not inside, endpoint.path
    assert not any(exposed(page.path, prefixes) for page in PAGES)


def test_exposed_paths_can_be_chosen() -> None:
    """An operator may expose less, or the documentation too."""
    values = ("exposedPaths={/score,/docs}", *SHAPES["httpRoute"], *SHAPES["ingress"])
    objects = render("helm4", *values)
    (ingress,), (route,) = (of_kind(objects, kind)["spec"]["rules"] for kind in ("Ingress", "HTTPRoute"))
    assert [path["path"] for path in ingress["http"]["paths"]] == ["/score", "/docs"]
    assert [match["path"]["value"] for match in route["matches"]] == ["/score", "/docs"]


@pytest.mark.parametrize("kind", ["Ingress", "HTTPRoute"])
def test_the_page_is_exposed_by_choice(kind: str) -> None:
    """With page.exposed the paths of pages are passed on as well, and nothing else that needs no key."""
    (rule,) = of_kind(render("helm4", "page.exposed=true", *SHAPES["all"]), kind)["spec"]["rules"]
    paths = rule["http"]["paths"] if kind == "Ingress" else [match["path"] for match in rule["matches"]]
    prefixes = [path.get("path", path.get("value")) for path in paths]
    assert all(exposed(page.path, prefixes) for page in PAGES)
    for endpoint in ENDPOINTS:
        inside = endpoint.access == "open" and not endpoint.path.startswith("/problems/")
        assert exposed(endpoint.path, prefixes) is not inside, endpoint.path


def test_the_production_example_is_complete() -> None:
    """The production example is valid and enables what production needs."""
    objects = render("helm4", *PRODUCTION_VALUES, files=(PRODUCTION,))
    kinds = {found["kind"] for found in objects}
    wanted = {"HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"}
    assert wanted <= kinds
    assert_valid(objects, NEWEST)


def test_the_helm_programs_have_their_versions() -> None:
    """The programs are Helm 3 and Helm 4."""
    assert run("helm3", "version", "--short").startswith("v3.")
    assert run("helm4", "version", "--short").startswith("v4.")
    assert helm("helm3") != helm("helm4")
