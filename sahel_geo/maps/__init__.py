"""One table of indicators to one offline map page, and the report that links them."""
