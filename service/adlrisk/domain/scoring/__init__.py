"""The ADL score of one position: signals, score, bands and recommended actions."""
