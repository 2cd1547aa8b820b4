"""Parts of the section "Ways out"."""
