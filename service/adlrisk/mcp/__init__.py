"""MCP (Model Context Protocol): the answers of adlrisk as tools for language models, on standard streams and over HTTP."""
