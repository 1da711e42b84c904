"""Where the middle of the violence lies, and how it moves."""
