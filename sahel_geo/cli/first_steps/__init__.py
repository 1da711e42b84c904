"""The first minutes: whether an installation is whole, and files to begin with."""
