"""Objects among those that the chart renders."""

from typing import Any

from helm_program import render


def of_kind(objects: list[dict[str, Any]], kind: str, *, collector: bool = False) -> dict[str, Any]:
    """The only object of its kind, of the service or of the collector, without those of the page and of the watch."""
    (found,) = [
        one
        for one in objects
        if one["kind"] == kind
        and one["metadata"]["name"].endswith("-collector") is collector
        and not one["metadata"]["name"].endswith(("-page", "-watch"))
    ]
    return found


def named(objects: list[dict[str, Any]], name: str, *, kind: str = "ConfigMap") -> dict[str, Any]:
    """The only object of that kind and name."""
    (found,) = [one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def deployment(*values: str) -> dict[str, Any]:
    """The service's Deployment."""
    return of_kind(render("helm4", *values, show="templates/deployment.yaml"), "Deployment")


def container(*values: str) -> dict[str, Any]:
    """The service's container."""
    (found,) = deployment(*values)["spec"]["template"]["spec"]["containers"]
    return dict(found)
