"""Files become raw tables of text: one module a file format, and `opening` to choose among them."""
