"""The table of docs/reading.md: typical positions, and what the library answers to each."""
