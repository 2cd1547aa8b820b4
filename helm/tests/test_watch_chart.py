"""The watch in the chart: off by default, one pod, its secrets and its state."""

import ipaddress
from typing import Any, Final

import pytest

from adlrisk.__main__ import main
from adlrisk.settings import read_watch_settings
from helm_program import RefusedError, render
from release.version import read_version

WATCH: Final = ("watch.enabled=true", "watch.accounts[0]=desk=okx", "watch.existingSecret=keys")
CLAIM: Final = "watch.stateClaim=claim"
REDIS: Final = "redis.url=redis://redis:6379/0"


def objects_of_watch(*values: str) -> dict[str, dict[str, Any]]:
    """The objects of the watch by their kinds."""
    objects = render("helm4", *values)
    return {one["kind"]: one for one in objects if one["metadata"]["name"].endswith("-watch")}


def pod_of(*values: str) -> dict[str, Any]:
    pod: dict[str, Any] = objects_of_watch(*values)["Deployment"]["spec"]["template"]["spec"]
    return pod


def variables_in(pod: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one.get("value", "") for one in pod["containers"][0]["env"]}


def test_there_is_no_watch_by_default() -> None:
    """Whoever installs the chart without values of the watch gets none."""
    assert objects_of_watch() == {}


def test_there_is_never_more_than_one_watch() -> None:
    """One replica, which ends before the next begins: two would tell everything twice."""
    spec = objects_of_watch(*WATCH, CLAIM)["Deployment"]["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_the_program_accepts_the_watchs_arguments_and_settings() -> None:
    """The arguments are valid for the command, and the variables are settings with these values."""
    pod = pod_of(*WATCH, CLAIM, "watch.accounts[1]=binance", "watch.intervalSeconds=30", "watch.messagesPerMinute=4")
    (only,) = pod["containers"]
    name, *options = only["args"]
    context = main.commands[name].make_context(name, options)
    assert context.params["port"] == only["ports"][0]["containerPort"]
    settings = read_watch_settings(variables_in(pod))
    assert settings.watch_accounts.split() == ["desk=okx", "binance"]
    assert (settings.watch_interval_seconds, settings.watch_messages_per_minute) == (30.0, 4)
    assert only["image"] == f"adlrisk-watch:{read_version()}"
    assert {"secretRef": {"name": "keys"}} in only["envFrom"]


@pytest.mark.parametrize(("values", "state"), [((CLAIM,), "/var/lib/adlrisk/watch.json"), ((REDIS,), "redis")])
def test_the_state_is_in_a_claim_or_in_redis(values: tuple[str, ...], state: str) -> None:
    """With a claim it is a file below its mount; else Redis."""
    pod = pod_of(*WATCH, *values)
    assert variables_in(pod)["ADLRISK_WATCH_STATE"] == state
    mounts = {one["name"]: one["mountPath"] for one in pod["containers"][0].get("volumeMounts", [])}
    if state == "redis":
        assert "watch-state" not in mounts
    else:
        assert state.startswith(f"{mounts['watch-state']}/")
        assert pod["volumes"][-1]["persistentVolumeClaim"] == {"claimName": "claim"}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("watch.enabled=true", "watch.existingSecret=keys", CLAIM), "watch.accounts"),
        (("watch.enabled=true", "watch.accounts[0]=okx", CLAIM), "watch.existingSecret"),
        (WATCH, "watch.stateClaim"),
        ((*WATCH, CLAIM, "watch.intervalSeconds=1"), "intervalSeconds"),
        ((*WATCH, CLAIM, "watch.service=http://name:word@service"), "service"),
        ((*WATCH, CLAIM, "watch.accounts[1]=a b"), "accounts"),
        ((*WATCH, CLAIM, "watch.notify=json://x"), "notify"),
        ((*WATCH, CLAIM, "watch.image.repository="), "watch.image.repository"),
    ],
)
def test_a_watch_that_could_not_work_is_rejected(values: tuple[str, ...], named: str) -> None:
    """Helm names the value that is missing or wrong."""
    with pytest.raises(RefusedError, match=named):
        objects_of_watch(*values)


def test_the_watch_reaches_venues_and_receivers_and_nothing_inside() -> None:
    """Its policy allows HTTPS to public addresses, what is named for Redis, and what is named for itself."""
    named = ("networkPolicy.enabled=true", "networkPolicy.egress[0].ports[0].port=6379",
             "networkPolicy.egress[0].to[0].podSelector.matchLabels.name=redis",
             "watch.egress[0].ports[0].port=587", "watch.egress[0].to[0].ipBlock.cidr=192.0.2.0/24")  # fmt: skip
    policy = objects_of_watch(*WATCH, CLAIM, *named)["NetworkPolicy"]["spec"]
    _dns, outside, *rest = policy["egress"]
    assert [port["port"] for port in outside["ports"]] == [443]
    assert [rule["ports"][0]["port"] for rule in rest] == [6379, 587]
    spared = [ipaddress.ip_network(cidr) for to in outside["to"] for cidr in to["ipBlock"]["except"]]
    for inside in ("10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "fd00::1"):
        assert any(ipaddress.ip_address(inside) in network for network in spared)


def test_selectors_of_the_watch_match_its_pod_alone() -> None:
    """The Deployment, the policy and the monitor select its pod; the service's selector does not."""
    switched_on = ("networkPolicy.enabled=true", "serviceMonitor.enabled=true")
    found = objects_of_watch(*WATCH, CLAIM, *switched_on)
    labels = found["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    selected = [
        found["Deployment"]["spec"]["selector"]["matchLabels"],
        found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        found["PodMonitor"]["spec"]["selector"]["matchLabels"],
    ]
    assert all(one.items() <= labels for one in selected)
    (service,) = [one for one in render("helm4") if one["kind"] == "Service"]
    assert not service["spec"]["selector"].items() <= labels
