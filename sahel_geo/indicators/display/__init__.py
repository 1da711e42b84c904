"""What every result looks like: its view in a notebook, its plots, its map of classes."""
