"""HTTP vocabulary: headers, media types, bodies, codecs, CORS, ETags and problems. Knows no endpoint."""
