"""The process and its sockets: uvicorn with limits, the fast path, the worker process of large books, shutdown."""
