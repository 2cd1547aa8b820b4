"""The peers of the benchmarks: ASGI applications that give the same scores with other frameworks."""
