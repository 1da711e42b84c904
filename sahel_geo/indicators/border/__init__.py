"""Where incidents lie in relation to a border, beside the land and people there."""
