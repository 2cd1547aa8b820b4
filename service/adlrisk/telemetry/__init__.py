"""Telemetry: Prometheus metrics, service-level objectives and structured logs.

Metrics are defined in ``definitions`` and ``collector_metrics``, objectives in ``slo``; log lines are formatted in
``access_log`` (requests) and ``logging`` (all others), and written by ``log_output``.
"""
