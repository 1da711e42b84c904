"""How every source is reached: the session, the keys, the cache, the checks of what arrives."""
