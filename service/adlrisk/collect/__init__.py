"""The collector: a process beside the service that puts market records on record, live from the venues."""
