"""The whole job: figures, maps, pages, exports, settings."""
