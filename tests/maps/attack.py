"""An outsider who reads published files, and works out what he can of what they hide."""

import json
import re
from dataclasses import dataclass, field
from html import unescape

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
COUNTS = ("incidents", "fatalities_best", "fatalities_high", "fatalities_low")
HIDDEN, MISSING = "hidden", "missing"
EVERY = "every unit"


@dataclass
class Known:
    """What files say: by count, area and period, a number, hidden, or missing.

    An area is a unit or the name of a group of units; the period None is the whole time.
    """

    groups: dict
    facts: dict = field(default_factory=dict)

    def learn(self, count, area, period, value):
        """Note a figure; two files must not contradict one another."""
        key = (count, area, period)
        old = self.facts.setdefault(key, value)
        if old != value:
            raise AssertionError(f"{key} is {old} in one place and {value} in another")


def decode(text):
    """Read whole numbers of five bits to a character."""
    numbers, value, shift = [], 0, 0
    for digit in map(ALPHABET.index, text):
        value += digit % 32 << shift
        shift += 5
        if digit < 32:
            numbers.append(value)
            value = shift = 0
    return numbers


def page_data(path):
    """Take the data out of a saved map."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    (data,) = [json.loads(each) for each in found]
    return data


def periods_of(time):
    """Name the periods of a page."""
    first = int(time["first"][:4])
    if time["kind"] == "year":
        return [first + at for at in range(time["count"])]
    month = int(time["first"][5:7]) - 1
    step = {"month": 1, "quarter": 3}[time["kind"]]
    return [
        (first + (month + step * at) // 12, (month + step * at) % 12) for at in range(time["count"])
    ]


def read_map(known, path, areas_km2):
    """Read every figure of a saved map: values, series, sums by period, and counts out of rates."""
    data = page_data(path)
    ids = data["units"]["id"]
    periods = periods_of(data["time"]) if data["time"] else []
    for indicator in data["indicators"]:
        name = indicator["key"]
        kinds = [
            indicator["classes"][ALPHABET.index(letter)]["kind"] for letter in indicator["class_of"]
        ]
        whole = [
            _status(value, kind) for value, kind in zip(indicator["values"], kinds, strict=True)
        ]
        _learn_all(known, name, ids, None, whole, areas_km2)
        series = indicator.get("series")
        if not series:
            continue
        grid = _grid(series, whole, len(periods))
        for at, period in enumerate(periods):
            _learn_all(known, name, ids, period, [row[at] for row in grid], areas_km2)
        for period, value in zip(periods, series["sums"] or [], strict=bool(series["sums"])):
            known.learn(name, EVERY, period, HIDDEN if value is None else value)
    return data


def _status(value, kind):
    if value is not None:
        assert kind not in ("suppressed", "no_data")
        return value
    return HIDDEN if kind == "suppressed" else MISSING


def _grid(series, whole, length):
    grid = []
    hidden = series["hidden"].split(".") if series["hidden"] else [""] * len(whole)
    for text, away, status in zip(series["cells"].split("."), hidden, whole, strict=True):
        row = [MISSING if status == MISSING else 0] * length
        at = -1
        numbers = decode(text)
        for step, code in zip(numbers[::2], numbers[1::2], strict=True):
            at += step + 1
            row[at] = MISSING if code == 0 else code
            if code and series["levels"]:
                row[at] = series["levels"][code - 1]
        at = -1
        for step in decode(away):
            at += step + 1
            assert row[at] == 0, "a figure stands where one is hidden"
            row[at] = HIDDEN
        grid.append(row)
    return grid


def _learn_all(known, name, ids, period, values, areas_km2):
    for unit, value in zip(ids, values, strict=True):
        count, figure = name, value
        if name not in COUNTS and name.endswith("per_1000km2"):
            count = name.removesuffix("_per_1000km2") if name != "per_1000km2" else "incidents"
            if not isinstance(value, str):  # a rate tells its count to whoever has a map
                figure = round(value * areas_km2[unit] / 1000)
        if count in COUNTS:
            known.learn(count, unit, period, figure)


def learn_totals(known, totals, period="period"):
    """Take the totals that the protection counts as known: areas, periods, everything."""
    for row in totals.to_dict("records"):
        if row.get("unit_id") is not None:
            area = row["unit_id"]
        else:
            parents = [row[name] for name in known.groups["keys"] if row.get(name) is not None]
            area = "/".join(parents) or EVERY
        when = row.get(period)
        when = None if when is None or when != when else when.year
        for count in (name for name in COUNTS if name in row):
            value = HIDDEN if row["suppressed"] else row[count]
            if (count, area, when) not in known.facts or area not in known.groups["units"]:
                known.learn(count, area, when, value)


class Attack:
    """Linear programs over all tables that agree with what is known of one count."""

    def __init__(self, known, count):
        self.known, self.count = known, count
        self.units = known.groups["units"]
        facts = {key[1:]: value for key, value in known.facts.items() if key[0] == count}
        self.periods = sorted(
            {when for area, when in facts if when is not None and area in self.units}
        )
        self.columns = self.periods or [None]
        self.facts = facts
        self.at = {}
        for unit in self.units:
            for when in self.columns:
                if facts.get((unit, when)) == HIDDEN:
                    self.at[unit, when] = len(self.at)
        self.rows, self.wanted = self._sums()

    def members(self, area, when):
        """List the cells that a figure adds up."""
        units = [area] if area in self.units else self.known.groups[area]
        return [
            (unit, each) for unit in units for each in (self.columns if when is None else [when])
        ]

    def parts(self, area, when):
        """Split a figure into a row over the hidden cells, and what is shown of it."""
        row, shown = np.zeros(len(self.at)), 0.0
        for cell in self.members(area, when):
            if cell in self.at:
                row[self.at[cell]] = 1
            elif not isinstance(self.facts.get(cell, MISSING), str):
                shown += self.facts[cell]
        return row, shown

    def _sums(self):
        rows, wanted = [], []
        for (area, when), value in self.facts.items():
            cell = area in self.units and (when is not None or self.columns == [None])
            if not cell and not isinstance(value, str):
                row, shown = self.parts(area, when)
                rows.append(row)
                wanted.append(value - shown)
        return np.array(rows).reshape(len(rows), len(self.at)), np.array(wanted)

    def range(self, area, when):
        """Find the least and the largest value that a figure can have."""
        row, shown = self.parts(area, when)
        least = 1.0 if self.count == "incidents" else 0.0
        return [shown + end for end in extremes(row, self.rows, self.wanted, least)]


def extremes(row, rows, wanted, least):
    """Bound a sum over unknowns of which other sums are known, by two linear programs."""
    known = LinearConstraint(rows, wanted, wanted) if len(rows) else None
    ends = []
    for sign in (1.0, -1.0):
        found = milp(sign * row, bounds=Bounds(least, np.inf), constraints=known)
        assert found.status in (0, 3), found.message  # 3: without bound
        ends.append(sign * found.fun if found.status == 0 else np.inf)
    return ends


def narrowest(attack, truth, k, among=None):
    """Attack every hidden figure; list those that are known better than promised.

    Parameters
    ----------
    attack : Attack
        What is known.
    truth : function of (area, period) to number
        The true figures.
    k : int
        Smallest count shown.
    among : sequence, optional
        Hidden figures to attack; all by default.

    Returns
    -------
    list of tuple, int
        Area, period, truth and range of the figures that leak; and how many were attacked.
    """
    hidden = [key for key, value in attack.facts.items() if value == HIDDEN]
    leaks, tried = [], 0
    for area, when in hidden if among is None else among:
        true = truth(area, when)
        cells = sum(cell in attack.at for cell in attack.members(area, when))
        if attack.count != "incidents" and true == 0:
            continue  # hidden with incidents; what it promises is theirs
        tried += 1
        low, high = attack.range(area, when)
        floor = max(1, cells) if attack.count == "incidents" else 1
        safe = (
            low <= floor + 1e-6 and high >= k - 1 - 1e-6 if true < k else high - low >= k - 2 - 1e-6
        )
        if not safe:
            leaks.append((area, when, true, low, high))
    return leaks, tried


def visible_text(path):
    """Give the text of a page of a report."""
    text = re.sub(
        r"<(style|script)\b.*?</\1>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL
    )
    return unescape(re.sub(r"<[^>]+>", " ", text))
