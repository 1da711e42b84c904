/* Figures by unit and period, ranks and neighbours; nothing here touches the page. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./words.js") : SahelGeo || {};

/**
 * Read the series of an indicator.
 * @param {{cells: string, levels: number[]|null}} series what Python wrote
 * @param {number} periods how many periods there are
 * @param {function(number): boolean} missing whether a unit has no figures at all
 * @returns {Float64Array[]} one array per unit; NaN is missing
 */
SahelGeo.readSeries = function (series, periods, missing) {
  return series.cells.split(".").map(function (text, position) {
    const row = new Float64Array(periods).fill(missing(position) ? NaN : 0);
    const numbers = SahelGeo.decodeNumbers(text);
    let at = -1;
    for (let next = 0; next < numbers.length; next += 2) {
      at += numbers[next] + 1;
      const code = numbers[next + 1];
      row[at] = code === 0 ? NaN : series.levels ? series.levels[code - 1] : code;
    }
    return row;
  });
};

/**
 * Read which figures of an indicator are hidden.
 * @param {{hidden: string|null}} series what Python wrote
 * @param {number} periods how many periods there are
 * @returns {Uint8Array[]|null} one array per unit, 1 where hidden; null where nothing is
 */
SahelGeo.readHidden = function (series, periods) {
  if (!series.hidden) {
    return null;
  }
  return series.hidden.split(".").map(function (text) {
    const row = new Uint8Array(periods);
    let at = -1;
    SahelGeo.decodeNumbers(text).forEach(function (step) {
      at += step + 1;
      row[at] = 1;
    });
    return row;
  });
};

/** Leave out the figures that are hidden. */
SahelGeo.withoutHidden = function (rows, hidden) {
  (hidden || []).forEach((row, position) =>
    row.forEach((flag, at) => (rows[position][at] = flag ? NaN : rows[position][at])),
  );
  return rows;
};

/**
 * Find the class of a value.
 * @param {object[]} classes classes in the order of the legend
 * @param {number} value the value; NaN is missing
 * @returns {number} position of the class, or -1
 */
SahelGeo.classOf = function (classes, value) {
  const find = (test) => classes.findIndex(test);
  const holds = (entry) => entry.kind === "range" || entry.kind === "value";
  if (Number.isNaN(value)) {
    return find((entry) => entry.kind === "no_data");
  }
  const zero = find((entry) => entry.kind === "zero");
  if (value === 0 && zero >= 0) {
    return zero;
  }
  const open = classes.some((entry) => entry.kind === "range" && entry.low === null);
  if (value > 0 || open) {
    const signed = (entry) => open || entry.high > 0;
    return find((entry) => holds(entry) && signed(entry) && value <= entry.high);
  }
  let last = -1;
  classes.forEach(function (entry, position) {
    last = holds(entry) && entry.high < 0 && value >= entry.low ? position : last;
  });
  return last;
};

/**
 * Rank a unit among those that have a value; ties share the better rank.
 * @param {ArrayLike<number|null>} values one value per unit
 * @param {number} position which unit
 * @returns {{rank: number, count: number}|null} 1 is the highest; null without a value
 */
SahelGeo.rank = function (values, position) {
  const own = values[position];
  if (own === null || Number.isNaN(own)) {
    return null;
  }
  const known = Array.from(values).filter((value) => value !== null && !Number.isNaN(value));
  return { rank: 1 + known.filter((value) => value > own).length, count: known.length };
};

/**
 * Find which units share an edge.
 * @param {number[][][][]} shapes polygons, rings and arc numbers of each unit
 * @returns {number[][]} positions of the neighbours of each unit, ascending
 */
SahelGeo.neighbours = function (shapes) {
  const owners = new Map();
  shapes.forEach(function (shape, position) {
    shape.flat(2).forEach(function (number) {
      const arc = number >= 0 ? number : ~number;
      owners.set(arc, (owners.get(arc) || new Set()).add(position));
    });
  });
  const found = shapes.map(() => new Set());
  owners.forEach(function (sharing) {
    sharing.forEach((one) => sharing.forEach((other) => one !== other && found[one].add(other)));
  });
  return found.map((set) => Array.from(set).sort((one, other) => one - other));
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
