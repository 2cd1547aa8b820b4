"""The collector: a process beside the service that writes live market records from the venues to the store."""
