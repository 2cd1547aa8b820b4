"""A real Prometheus (Debian's) that scrapes replicas of the service and evaluates the alert rules."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import httpx

from support.redis_servers import free_port
from waiting import until

RULES: Final = Path(__file__).parents[1] / "adlrisk" / "files" / "rules.yaml"
NAMESPACE: Final = "production"
JOB: Final = "adlrisk"

_STARTS_WITHIN_SECONDS: Final = 60.0
_DURATION: Final = re.compile(r"(for: |interval: |offset |\[\d+[mhd]:)\d+[mhd]")
_CONFIGURATION: Final = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yaml]
scrape_configs:
  - job_name: {job}
    static_configs: [{{targets: {targets}, labels: {{namespace: {namespace}}}}}]
  - job_name: kube-state-metrics
    honor_labels: true
    static_configs: [{{targets: {of_cluster}}}]
"""


def program(name: str) -> str:
    """The path of ``prometheus`` or ``promtool``.

    Raises:
        FileNotFoundError: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed; Debian's package prometheus has it")
    return found


def shortened(rules: str) -> str:
    """The rules with all durations, intervals, offsets and steps of subqueries shortened to seconds.

    promtool tests the real ones, without waiting; here only the expressions and their evaluation matter.
    """
    return _DURATION.sub(lambda found: found[1] + ("1s" if found[1] in ("for: ", "interval: ") else "20s"), rules)


class Prometheus:
    """A Prometheus that scrapes adlrisk's ``ports`` and the cluster's every second, with its data in ``directory``."""

    def __init__(self, directory: Path, *, ports: Sequence[int], cluster_ports: Sequence[int] = ()) -> None:
        directory.mkdir(parents=True)
        targets, of_cluster = ([f"127.0.0.1:{port}" for port in each] for each in (ports, cluster_ports))
        configuration = _CONFIGURATION.format(job=JOB, namespace=NAMESPACE, targets=targets, of_cluster=of_cluster)
        (directory / "rules.yaml").write_text(shortened(RULES.read_text()))
        (directory / "prometheus.yaml").write_text(configuration)
        self._directory = directory
        port = free_port()
        self._command = [
            program("prometheus"),
            f"--config.file={directory / 'prometheus.yaml'}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=warn",
        ]
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0)

    def __enter__(self) -> Self:
        with (self._directory / "log").open("wb") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        until(self._is_ready, "Prometheus", within_seconds=_STARTS_WITHIN_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._process.terminate()
        self._process.wait(_STARTS_WITHIN_SECONDS)

    def ask(self, path: str, **parameters: Any) -> Any:
        """The API's answer under ``path``."""
        response = self._client.get(f"/api/v1/{path}", params=parameters)
        answer = response.json()
        assert answer["status"] == "success", (parameters, answer)
        return answer["data"]

    def samples(self, expression: str) -> list[dict[str, Any]]:
        """The current value of an expression, a list of series; a scalar is one without labels."""
        data = self.ask("query", query=expression)
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}]
        found: list[dict[str, Any]] = data["result"]
        return found

    def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"}

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, (self._directory / "log").read_text()
        try:
            return self._client.get("/-/ready").is_success
        except httpx.TransportError:
            return False
