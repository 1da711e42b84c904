"""Publishers of data on this machine: a server that speaks HTTP, and rows of our own invention."""
