"""The whole battery of measures across a border, in one call."""
