"""A small static picture of a choropleth, as inline SVG."""
