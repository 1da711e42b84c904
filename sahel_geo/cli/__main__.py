"""``python -m sahel_geo.cli``."""

from sahel_geo.cli import main

if __name__ == "__main__":
    main()
