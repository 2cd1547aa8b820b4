"""The market record of one contract: its latest observations, and the history that conditions are judged from."""
