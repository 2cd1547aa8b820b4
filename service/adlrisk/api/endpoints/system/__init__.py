"""The index, health checks, metrics and problem types."""
