"""ADL queues: books of positions as columns, and their ranking."""
