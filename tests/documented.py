"""The code blocks of the documentation, and the files that they name, small and made up."""

import re
import shlex
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import sahel_geo as sg

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(
    r"^(?:<!-- not run: (?P<why>[^\n]+?) -->\n+)?(?P<indent> *)```(?P<kind>python|sh|toml)\n"
    r"(?P<text>.*?)^(?P=indent)```$",
    flags=re.MULTILINE | re.DOTALL,
)
_DRAWS = re.compile(r'\b((?:deals|n|permutations|replicates|shifts)(?:=|": ))\d\d+')
_GEONAMES = (
    "1\tTin-Test\tTin-Test\t\t{lat}\t{lon}\tP\tPPL\t{code}"
    "\t\t\t\t\t\t0\t\t300\tAfrica/X\t2020-01-01\n"
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page, or why it is not run."""

    kind: str
    text: str
    line: int
    why: str = ""

    def commands(self):
        """Split a block of commands into lists of arguments, comments left out."""
        whole = re.sub(r"\\\n\s*", " ", self.text)
        return [shlex.split(line, comments=True) for line in whole.splitlines() if line.strip()]


def pages():
    """List what is read: both READMEs and the pages written by hand."""
    docs = ROOT / "docs"
    made = {docs / "glossary.md", docs / "fr" / "glossaire.md"}
    written = [page for page in docs.rglob("*.md") if page not in made]
    return sorted([*written, *ROOT.glob("README*.md")])


def blocks(page):
    """Give the blocks of a page in their order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            each["kind"],
            re.sub(f"^{each['indent']}", "", each["text"], flags=re.MULTILINE),
            text[: each.start()].count("\n") + 1,
            each["why"] or "",
        )
        for each in _FENCE.finditer(text)
    ]


def few_draws(code):
    """Let a block or a cell draw 39 times at random: whether it runs hangs on no more."""
    return _DRAWS.sub(r"\g<1>39", code)


def write_files(folder):
    """Write the files that the pages name: incidents of four years, people, places."""
    table = incidents()
    for name in ("incidents.csv", "ged251.csv"):
        table.to_csv(folder / name, index=False)
    table.to_excel(folder / "incidents.xlsx", index=False)
    units = sg.load_boundaries(level=2)
    people = pd.DataFrame({"pcode": units["unit_id"], "people": 50_000, "deplaces": 900})
    people.to_csv(folder / "people.csv", index=False)
    people.to_excel(folder / "deplaces.xlsx", index=False)
    people.assign(share=0.2)[["pcode", "share"]].to_csv(folder / "ipc.csv", index=False)
    for code, lat, lon in (("ML", 16.0, 2.0), ("NE", 14.0, 5.0), ("BF", 12.5, -1.5)):
        with zipfile.ZipFile(folder / f"{code}.zip", "w") as archive:
            archive.writestr(f"{code}.txt", _GEONAMES.format(lat=lat, lon=lon, code=code))
    points = folder / "points"
    points.mkdir()
    dated = table.iloc[:-1].assign(date=pd.to_datetime(table["date"].iloc[:-1]))
    dated[["lon", "lat", "date", "event_type"]].to_parquet(points / "part.parquet")


def incidents(size=700, seed=3):
    """Make up incidents of 2021 to 2024 around towns; one row has a day that no month has."""
    rng = np.random.default_rng(seed)
    towns = sg.load_towns()
    towns = towns[towns["country"].isin(["MLI", "NER", "BFA"])].reset_index(drop=True)
    at = rng.choice(min(len(towns), 60), size, p=_falling(min(len(towns), 60)))
    days = np.sort(rng.integers(0, 4 * 365, size))
    deaths = rng.poisson(2, size)
    sides = np.array(["JNIM", "IS Sahel", "Government of Mali", "Government of Burkina Faso"])
    table = pd.DataFrame(
        {
            "date": (pd.Timestamp("2021-01-01") + pd.to_timedelta(days, "D")).strftime("%Y-%m-%d"),
            "lat": (towns.geometry.y.to_numpy()[at] + rng.normal(0, 0.1, size)).round(4),
            "lon": (towns.geometry.x.to_numpy()[at] + rng.normal(0, 0.1, size)).round(4),
            "lieu": towns["name"].to_numpy()[at],
            "country": towns["country"].to_numpy()[at],
            "actor1": sides[rng.integers(0, 2, size)],
            "actor2": sides[rng.integers(0, 4, size)],
            "event_type": rng.choice(["Battles", "Violence against civilians"], size),
            "fatalities": deaths,
        }
    )
    return pd.concat([table, table.iloc[[0]].assign(date="2024-02-30")], ignore_index=True)


def _falling(count):
    weight = 1 / np.arange(1, count + 1)
    return weight / weight.sum()
