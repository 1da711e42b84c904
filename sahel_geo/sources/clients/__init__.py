"""One module a source: the request, its pages, its checks, and the table made of it."""
