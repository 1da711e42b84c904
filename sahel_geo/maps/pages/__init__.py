"""The pages of a report, one module a page, and the template that they share."""
