"""The search for the least number of steps at which something holds, and what a step is."""
