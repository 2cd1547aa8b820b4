"""The ADL score of one position: signals, bands and advice."""
