"""One offline file: Leaflet, plugins, data and scripts in it, and what it may ask for."""
