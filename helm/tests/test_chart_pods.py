"""What operators may change of pods: security contexts, environment, volumes, probes, cards made elsewhere."""

import json
from typing import Any

import kubernetes_validate
import pytest
import yaml

import chart_readme
from chart_objects import container, deployment, named, of_kind
from helm_program import CHART, PACKAGES, RefusedError, render

COLLECTOR = ("collector.enabled=true", "collector.markets[0]=okx:BTC/USDT:USDT", "redis.url=redis://redis")
NEWEST = "1.37"


def pods(*values: str, version: str = "helm4") -> dict[str, dict[str, Any]]:
    """The specifications of all kinds of pods, valid for Kubernetes."""
    objects = render(version, *COLLECTOR, *values)
    for found in objects:
        kubernetes_validate.validate(found, NEWEST, strict=True)
    return {
        "service": of_kind(objects, "Deployment")["spec"]["template"]["spec"],
        "collector": of_kind(objects, "Deployment", collector=True)["spec"]["template"]["spec"],
        "test": of_kind(objects, "Pod")["spec"],
    }


def only_container(pod: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod["containers"]
    return dict(found)


def env_of(pod: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in only_container(pod).get("env") or ()}


@pytest.mark.parametrize("version", PACKAGES)
def test_pods_name_no_user_unless_one_is_set(version: str) -> None:
    """No pod has a fixed user, which OpenShift would refuse; one that is set, each has, beside the other hardening."""
    for pod in pods(version=version).values():
        assert not {"runAsUser", "runAsGroup", "fsGroup"} & (
            set(pod["securityContext"]) | set(only_container(pod)["securityContext"])
        )
    chosen = ("podSecurityContext.runAsUser=1234", "podSecurityContext.fsGroup=5678")
    for pod in pods(*chosen, "containerSecurityContext.runAsGroup=9", version=version).values():
        assert pod["securityContext"] == {
            "runAsNonRoot": True, "runAsUser": 1234, "fsGroup": 5678, "seccompProfile": {"type": "RuntimeDefault"},
        }  # fmt: skip
        assert only_container(pod)["securityContext"] == {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "runAsGroup": 9,
            "capabilities": {"drop": ["ALL"]},
        }  # fmt: skip


@pytest.mark.parametrize("version", PACKAGES)
def test_a_default_can_be_taken_out(version: str) -> None:
    """A default that a cluster does not allow is absent when it is set to null."""
    for pod in pods("podSecurityContext.seccompProfile=null", version=version).values():
        assert pod["securityContext"] == {"runAsNonRoot": True}


def test_environment_and_volumes_are_of_one_program() -> None:
    """What is added to the service is not added to collectors, nor the other way round, beside what the chart has."""
    values = [
        f"{prefix}extra{part}"
        for prefix, name in (("", "scratch"), ("collector.", "ca"))
        for part in (
            f"Env[0].name={name.upper()}", "Env[0].value=x", f"Volumes[0].name={name}",
            "Volumes[0].emptyDir.medium=Memory", f"VolumeMounts[0].name={name}", f"VolumeMounts[0].mountPath=/{name}",
        )
    ]  # fmt: skip
    given = pods(*values, "redis.tls.existingSecret=tls")
    for program, name in (("service", "scratch"), ("collector", "ca")):
        pod = given[program]
        assert [volume["name"] for volume in pod["volumes"]] == ["redis-tls", name]
        mounts = only_container(pod)["volumeMounts"]
        assert [mount["mountPath"] for mount in mounts] == ["/etc/adlrisk/redis", f"/{name}"]
        assert {"SCRATCH", "CA"} & set(env_of(pod)) == {name.upper()}
    assert "volumes" not in given["test"]


@pytest.mark.parametrize("prefix", ["", "collector."])
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("{0}extraVolumeMounts[0].name=ca,{0}extraVolumeMounts[0].mountPath=/ca", "no volume in {0}extraVolumes.* ca"),
        ("{0}extraVolumes[0].name=cards,{0}extraVolumes[0].emptyDir.medium=Memory", "extraVolumes.*name"),
        ("{0}extraVolumes[0].name=ca", "extraVolumes"),
        ("{0}extraEnv[0].value=x", "extraEnv.*name"),
        ("{0}livenessProbe.successThreshold=2", "livenessProbe"),
        ("{0}readinessProbe.periodSecond=2", "periodSecond"),
        ("{0}startupProbe.exec.command[0]=x,{0}startupProbe.httpGet.port=1", "startupProbe"),
    ],
)
def test_what_could_not_start_is_refused(prefix: str, values: str, sentence: str) -> None:
    """Mounts without a volume, volumes of a taken name or no kind, and probes that Kubernetes refuses are named."""
    with pytest.raises(RefusedError, match=sentence.format(prefix)):
        render("helm4", *COLLECTOR, values.format(prefix))


def test_names_of_the_charts_own_volumes_are_taken() -> None:
    """Whatever volume the chart may give a pod, none of an operator's may have its name: two of one name are none."""
    everything = (
        *COLLECTOR, "redis.tls.existingSecret=a", "cards.okx=text", "keys.existingSecret=a", "watch.enabled=true",
        "watch.accounts[0]=okx", "watch.existingSecret=a", "watch.stateClaim=a",
    )  # fmt: skip
    deployments = [one for one in render("helm4", *everything) if one["kind"] == "Deployment"]
    own = {volume["name"] for one in deployments for volume in one["spec"]["template"]["spec"]["volumes"]}
    assert {"keys", "watch-state"} <= own
    schema = json.loads((CHART / "values.schema.json").read_bytes())
    assert set(schema["definitions"]["volumes"]["items"]["properties"]["name"]["not"]["enum"]) == own
    for prefix in ("", "collector.", "watch."):
        with pytest.raises(RefusedError, match="extraVolumes"):
            render("helm4", f"{prefix}extraVolumes[0].name=keys,{prefix}extraVolumes[0].emptyDir.medium=Memory")


@pytest.mark.parametrize(
    "values",
    [
        "podSecurityContext=null", "podSecurityContext.runAsNonRoot=null", "containerSecurityContext=null",
        "containerSecurityContext.privileged=true",
    ],
)  # fmt: skip
def test_hardening_is_not_lost_by_the_way(values: str) -> None:
    """A context as a whole cannot be taken out, nor the refusal of root, and no container is privileged."""
    with pytest.raises(RefusedError, match=values.partition("=")[0].split(".")[-1]):
        render("helm4", values)
    assert pods("podSecurityContext.runAsNonRoot=false")["service"]["securityContext"]["runAsNonRoot"] is False


def test_a_section_that_an_older_chart_had_not_is_asked_for() -> None:
    """With `--reuse-values` a new section is missing: Helm names it, in place of a nil pointer in a template."""
    schema = json.loads((CHART / "values.schema.json").read_bytes())
    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    leaves = [name for name, _, _ in chart_readme.values((CHART / "values.yaml").read_text())]
    sections = {name.rpartition(".")[0] for name in leaves} - {""}
    for section in sections:
        of, value = schema, defaults
        *parents, last = section.split(".")
        for parent in parents:
            of, value = of["properties"][parent], value[parent]
        assert last in of["required"], section
        assert value[last]
    for missing in ("watch", "page.ingress"):
        with pytest.raises(RefusedError, match=f"(missing property|required).*{missing.split('.')[-1]}") as refused:
            render("helm4", f"{missing}=null")
        assert "nil pointer" not in str(refused.value)


@pytest.mark.parametrize(
    "values",
    ["podSecurityContext.runAsUser=0", "podSecurityContext.runasuser=5", "containerSecurityContext.runAsGroup=x"],
)
def test_security_contexts_have_known_fields(values: str) -> None:
    """A misspelt field, a wrong type and root are refused, not dropped by the cluster."""
    with pytest.raises(RefusedError, match="SecurityContext"):
        render("helm4", values)


@pytest.mark.parametrize(("program", "port"), [("service", "probe"), ("collector", "http")])
def test_probes_can_be_changed_one_number_at_a_time(program: str, port: str) -> None:
    """A changed number leaves the rest of its probe; another handler takes the place of the program's health."""
    prefix = "collector." if program == "collector" else ""
    before = only_container(pods()[program])
    after = only_container(pods(f"{prefix}livenessProbe.failureThreshold=77")[program])
    assert after["livenessProbe"] == {**before["livenessProbe"], "failureThreshold": 77}
    for probe, path in (("startup", "live"), ("liveness", "live"), ("readiness", "ready")):
        assert before[f"{probe}Probe"]["httpGet"] == {"path": f"/health/{path}", "port": port}
    other = only_container(pods(f"{prefix}readinessProbe.tcpSocket.port=8001")[program])
    assert other["readinessProbe"] == {
        **{name: value for name, value in before["readinessProbe"].items() if name != "httpGet"},
        "tcpSocket": {"port": 8001},
    }
    assert other["startupProbe"] == before["startupProbe"]


def test_cards_may_be_a_config_map_made_elsewhere() -> None:
    """Service and collectors mount it where the variable says; the chart makes none; another name rolls the pods."""
    objects = render("helm4", *COLLECTOR, "cardsConfigMap=our-cards-7")
    folder = named(objects, "test-adlrisk")["data"]["ADLRISK_CARDS_DIR"]
    assert [one["metadata"]["name"] for one in objects if one["kind"] == "ConfigMap"] == ["test-adlrisk"]
    for collector in (False, True):
        pod = of_kind(objects, "Deployment", collector=collector)["spec"]["template"]["spec"]
        assert pod["volumes"] == [{"name": "cards", "configMap": {"name": "our-cards-7"}}]
        assert only_container(pod)["volumeMounts"] == [{"name": "cards", "mountPath": folder, "readOnly": True}]
    assert deployment("cardsConfigMap=a")["spec"]["template"] != deployment("cardsConfigMap=b")["spec"]["template"]


def test_cards_have_one_source() -> None:
    """Cards as text beside a ConfigMap made elsewhere are refused: one of them would be left out without a word."""
    with pytest.raises(RefusedError, match=r"cardsConfigMap: .* set one of the two"):
        render("helm4", "cardsConfigMap=a", "cards.okx=text")


def test_the_service_has_no_mounts_by_default() -> None:
    """With the defaults the container has neither volumes nor mounts."""
    assert "volumeMounts" not in container()
