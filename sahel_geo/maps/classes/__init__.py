"""Class breaks, categories and colours."""
