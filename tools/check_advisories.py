"""Hold the versions that are installed and allowed against known faults, without a network.

``tools/advisories.csv`` lists faults of packages that this one uses, and where they were mended. It
is kept by hand; ``make audit`` asks the published databases, and needs the network.

Run: python tools/check_advisories.py
"""

import csv
import re
import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:[>=]=\s*([0-9.]+))?")


def plain(name: str) -> str:
    """Give the name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def number(version: str) -> tuple[int, ...]:
    """Give a version in numbers that compare; padded, so that 6.5 equals 6.5.0."""
    parts = [int(part) for part in re.findall(r"\d+", version)]
    return tuple([*parts, 0, 0, 0, 0][:4])


def pinned() -> dict[str, str]:
    """Read the versions that the tests run with."""
    lines = (_ROOT / "tools" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line)
    return {plain(name): version for name, version in pairs}


def lowest() -> dict[str, str]:
    """Read the lowest versions that a user may install; none stated is 0."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for group in project["optional-dependencies"].values() for each in group]
    found = (_REQUIREMENT.match(each) for each in [*project["dependencies"], *extras])
    return {plain(each[1]): each[2] or "0" for each in found if each}


def main() -> int:
    """Name every version with a known fault."""
    faults = []
    with (_ROOT / "tools" / "advisories.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for source, versions in (("constraints.txt", pinned()), ("pyproject.toml", lowest())):
                version = versions.get(plain(row["package"]))
                if version is not None and number(version) < number(row["fixed_in"]):
                    faults.append(
                        f"{source}: {row['package']} {version} has {row['advisory']} "
                        f"({row['what']}); expected at least {row['fixed_in']}.",
                    )
    print("\n".join(faults) if faults else "no version with a fault in tools/advisories.csv")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
