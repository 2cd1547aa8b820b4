"""MCP (Model Context Protocol): the answers of adlrisk as tools for language models, locally and over HTTP."""
