"""Summaries of answers for people, as text: what the command line prints unless ``--json`` is given."""
