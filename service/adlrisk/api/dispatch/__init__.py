"""Everything between a request and its endpoint's handler: routing, the fast path, middleware, responses, errors."""
