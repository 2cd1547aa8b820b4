"""The HTTP API, in layers from top to bottom: server, app, endpoints, dispatch, limits and bulk, http.

Each may import only what is below it; import-linter checks that.
"""
