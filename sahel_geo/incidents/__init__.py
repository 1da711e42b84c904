"""Incident files become one checked table: `readers` open them, `columns` say what they hold."""
