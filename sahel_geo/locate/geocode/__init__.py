"""Names and texts become places, points become words: see `names`, `texts` and `reverse`."""
