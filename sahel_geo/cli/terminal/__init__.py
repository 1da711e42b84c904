"""How the command line speaks: words, usage, printed tables, options that commands share."""
