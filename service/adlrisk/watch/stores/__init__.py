"""Where the state is kept: a file, or Redis."""
