"""Parts of the section "What would trigger it"."""
