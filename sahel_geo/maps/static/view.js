/* What the page shows: language, indicator, period, chosen unit; and the figures behind it. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./series.js") : SahelGeo || {};

/** Put the columns of the units together, one object per unit. */
SahelGeo.readUnits = function (data) {
  const columns = data.units;
  const centres = SahelGeo.decodeLine(columns.centre, data.scale);
  return columns.id.map(function (id, position) {
    const parent = columns.parents[columns.parent[position]];
    return {
      id: id,
      name: columns.name[position],
      parents: parent.names,
      country: parent.country,
      centre: centres[position],
      shape: SahelGeo.decodeShape(columns.shape[position]),
    };
  });
};

/**
 * Make the view, which every part of the page reads and listens to.
 * @param {object} data data of the page
 * @returns {object} the view
 */
SahelGeo.createView = function (data) {
  const listeners = [];
  const view = {
    data: data,
    lang: data.lang,
    indicator: 0,
    period: -1, // the whole time
    chosen: -1,
    surface: false,
    uncertain: true,
    units: SahelGeo.readUnits(data),
    letters: data.indicators.map((indicator) => SahelGeo.letters(indicator.class_of)),
    cache: new Map(),
    /** Run when one of the named fields changes. */
    on: (names, run) => listeners.push({ names: names, run: run }),
    /** Change fields, and tell those who listen. */
    set: function (changes) {
      const changed = Object.keys(changes).filter((name) => view[name] !== changes[name]);
      Object.assign(view, changes);
      listeners.forEach(function (listener) {
        if (listener.names.some((name) => changed.includes(name))) {
          listener.run(view);
        }
      });
    },
    get texts() {
      return data.texts[view.lang];
    },
    get shown() {
      return data.indicators[view.indicator];
    },
  };
  return view;
};

SahelGeo.letters = function (text) {
  return Uint8Array.from(text, (character) => SahelGeo.DIGITS[character.charCodeAt(0)]);
};

/** Whether an indicator is shown for one period, not for the whole time. */
SahelGeo.isTimed = function (view, number) {
  return view.period >= 0 && Boolean(view.data.indicators[number].series);
};

/** Series of an indicator, read on first use; null if it has none. */
SahelGeo.seriesOf = function (view, number) {
  const indicator = view.data.indicators[number];
  if (!indicator.series) {
    return null;
  }
  if (!view.cache.has(number)) {
    const missing = (position) => indicator.values[position] === null;
    view.cache.set(number, SahelGeo.readSeries(indicator.series, view.data.time.count, missing));
  }
  return view.cache.get(number);
};

/** Classes of an indicator, as the legend lists them. */
SahelGeo.classesOf = function (view, number) {
  const indicator = view.data.indicators[number];
  return SahelGeo.isTimed(view, number) ? indicator.series.classes : indicator.classes;
};

/** Value of each unit in an indicator as shown; null or NaN is missing, classes have no values. */
SahelGeo.valuesOf = function (view, number) {
  const indicator = view.data.indicators[number];
  return SahelGeo.isTimed(view, number)
    ? SahelGeo.seriesOf(view, number).map((row) => row[view.period])
    : indicator.values || null;
};

/** Class of each unit in the indicator shown. */
SahelGeo.classNumbers = function (view) {
  if (!SahelGeo.isTimed(view, view.indicator)) {
    return view.letters[view.indicator];
  }
  const classes = SahelGeo.classesOf(view, view.indicator);
  return SahelGeo.valuesOf(view, view.indicator).map((value) => SahelGeo.classOf(classes, value));
};

/**
 * Write the value of a unit in an indicator.
 * @param {object} view the view
 * @param {number} number which indicator
 * @param {number} position which unit
 * @returns {string|null} null where there is no data
 */
SahelGeo.valueText = function (view, number, position) {
  const indicator = view.data.indicators[number];
  const entry = indicator.classes[view.letters[number][position]];
  if (!indicator.values) {
    return entry.kind === "no_data" ? null : SahelGeo.say(entry.label, view.lang);
  }
  const timed = SahelGeo.isTimed(view, number);
  const value = timed
    ? SahelGeo.seriesOf(view, number)[position][view.period]
    : indicator.values[position];
  const whole = timed ? indicator.series.whole : indicator.whole;
  const missing = value === null || Number.isNaN(value);
  if (missing && !timed && entry.kind === "suppressed") {
    return view.texts.suppressed_short;
  }
  return missing ? null : SahelGeo.formatValue(value, view.lang, whole);
};

/** Name the period shown. */
SahelGeo.shownPeriod = function (view) {
  const time = view.data.time;
  return view.period < 0 || !time
    ? view.texts.whole_period
    : SahelGeo.periodLabel(time, view.period, view.lang, view.texts);
};

/** Positions of the units whose value is uncertain, as shown. */
SahelGeo.uncertainUnits = function (view) {
  const doubt = view.shown.uncertain;
  const seen = doubt && view.uncertain && !SahelGeo.isTimed(view, view.indicator);
  return new Set(seen ? doubt.at : []);
};

/** Neighbours of a unit, worked out on first use. */
SahelGeo.neighboursOf = function (view, position) {
  if (!view.cache.has("neighbours")) {
    const shapes = view.units.map((unit) => unit.shape);
    view.cache.set("neighbours", SahelGeo.neighbours(shapes));
  }
  return view.cache.get("neighbours")[position];
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
