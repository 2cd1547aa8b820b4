"""``/mcp``: tools for language models over HTTP, where switched on."""
