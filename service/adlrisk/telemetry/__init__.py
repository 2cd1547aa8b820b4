"""Telemetry: Prometheus metrics, service-level objectives and structured logs."""
