"""The figures of docs/chain.md: one per step of the trigger chain, from its worked example."""
