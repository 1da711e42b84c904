/* What the page shows: language, indicator, period, chosen unit; and the figures behind it. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./years.js") : SahelGeo || {};

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
    yearly: false,
    other: -1, // the period that is compared with; -1 for none
    split: 0.5, // where on the map the one gives way to the other
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

/** Whether two periods stand side by side. */
SahelGeo.isCompared = (view) =>
  view.other >= 0 && !view.surface && SahelGeo.isTimed(view, view.indicator);

/** Work something out as if another period were shown. */
SahelGeo.atPeriod = function (view, period, work) {
  const shown = view.period;
  view.period = period;
  const found = work(view);
  view.period = shown;
  return found;
};

/** Whether an indicator is shown for one period or year, not for the whole time. */
SahelGeo.isTimed = function (view, number) {
  const series = view.data.indicators[number].series;
  return view.period >= 0 && Boolean(SahelGeo.isYearly(view) ? series && series.years : series);
};

/** Series of an indicator, read on first use; null if it has none. */
SahelGeo.seriesOf = function (view, number) {
  const indicator = view.data.indicators[number];
  if (!indicator.series) {
    return null;
  }
  if (!view.cache.has(number)) {
    const missing = (position) =>
      indicator.values[position] === null && !SahelGeo.isHidden(view, number, position, -1);
    const count = view.data.time.count;
    const hidden = SahelGeo.readHidden(indicator.series, count);
    const rows = SahelGeo.readSeries(indicator.series, count, missing);
    view.cache.set(number, SahelGeo.withoutHidden(rows, hidden));
    view.cache.set("hidden" + number, hidden);
  }
  return view.cache.get(number);
};

/** Years of an indicator, added up on first use; null if it has none. */
SahelGeo.yearSeriesOf = function (view, number) {
  const how = (view.data.indicators[number].series || {}).years;
  const key = "years of " + number;
  if (how && !view.cache.has(key)) {
    view.cache.set(key, SahelGeo.yearRows(SahelGeo.seriesOf(view, number), view.data.time, how));
  }
  return how ? view.cache.get(key) : null;
};

/** Periods in which figures of an indicator are hidden, by unit; null where none is. */
SahelGeo.hiddenOf = (view, number) =>
  SahelGeo.seriesOf(view, number) && view.cache.get("hidden" + number);

/** Whether a figure is hidden on purpose, in a period or, with -1, over the whole time. */
SahelGeo.isHidden = function (view, number, position, period) {
  if (period < 0) {
    const entry = view.data.indicators[number].classes[view.letters[number][position]];
    return entry.kind === "suppressed";
  }
  const hidden = SahelGeo.hiddenOf(view, number);
  return Boolean(hidden && hidden[position][period]);
};

/** What Python says of an indicator as shown: whole, classes, method. */
SahelGeo.sideOf = function (view, number) {
  const indicator = view.data.indicators[number];
  if (!SahelGeo.isTimed(view, number)) {
    return indicator;
  }
  return SahelGeo.isYearly(view) ? indicator.series.years : indicator.series;
};

/** Values of each unit by period, or by year where years are shown. */
SahelGeo.rowsOf = function (view, number) {
  return SahelGeo.isYearly(view)
    ? SahelGeo.yearSeriesOf(view, number).rows
    : SahelGeo.seriesOf(view, number);
};

/** Periods without a figure in the year shown of a unit that has figures in others. */
SahelGeo.gapsOf = function (view, number, position) {
  if (!SahelGeo.isTimed(view, number) || !SahelGeo.isYearly(view)) {
    return 0;
  }
  const step = SahelGeo.stepShown(view);
  const { rows, gaps } = SahelGeo.yearSeriesOf(view, number);
  return Number.isNaN(rows[position][step]) ? 0 : gaps[position][step];
};

/** Classes of an indicator, as the legend lists them. */
SahelGeo.classesOf = (view, number) => SahelGeo.sideOf(view, number).classes;

/** Value of each unit in an indicator as shown; null or NaN is missing, classes have no values. */
SahelGeo.valuesOf = function (view, number) {
  const indicator = view.data.indicators[number];
  const step = SahelGeo.stepShown(view);
  return SahelGeo.isTimed(view, number)
    ? SahelGeo.rowsOf(view, number).map((row) => row[step])
    : indicator.values || null;
};

/** Class of each unit in the indicator shown. */
SahelGeo.classNumbers = function (view) {
  if (!SahelGeo.isTimed(view, view.indicator)) {
    return view.letters[view.indicator];
  }
  const classes = SahelGeo.classesOf(view, view.indicator);
  const suppressed = classes.findIndex((entry) => entry.kind === "suppressed");
  return SahelGeo.valuesOf(view, view.indicator).map((value, position) =>
    SahelGeo.isHidden(view, view.indicator, position, view.period)
      ? suppressed
      : SahelGeo.classOf(classes, value),
  );
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
    ? SahelGeo.rowsOf(view, number)[position][SahelGeo.stepShown(view)]
    : indicator.values[position];
  const whole = SahelGeo.sideOf(view, number).whole;
  const missing = value === null || Number.isNaN(value);
  if (missing && SahelGeo.isHidden(view, number, position, timed ? view.period : -1)) {
    return view.texts.suppressed_short;
  }
  return missing ? null : SahelGeo.formatValue(value, view.lang, whole);
};

/** Name the period shown. */
SahelGeo.shownPeriod = function (view) {
  const time = view.data.time;
  return view.period < 0 || !time
    ? view.texts.whole_period
    : SahelGeo.stepLabel(view, SahelGeo.stepShown(view));
};

/** Name what is shown of the time: a period, two of them, or from when to when. */
SahelGeo.timeShown = function (view) {
  if (view.surface || !SahelGeo.isTimed(view, view.indicator)) {
    const { period } = view.data.statement;
    const span = view.data.time && SahelGeo.spanLabel(view.data.time, view.lang, view.texts);
    return period ? SahelGeo.say(period, view.lang) : span || "";
  }
  const other = SahelGeo.isCompared(view) && SahelGeo.atPeriod(view, view.other, SahelGeo.shownPeriod);
  return SahelGeo.shownPeriod(view) + (other ? " | " + other : "");
};

/** Positions of the units whose value is uncertain, or lacks part of the year, as shown. */
SahelGeo.uncertainUnits = function (view) {
  if (SahelGeo.isTimed(view, view.indicator)) {
    const places = view.units.map((unit, at) => at);
    return new Set(places.filter((at) => SahelGeo.gapsOf(view, view.indicator, at) > 0));
  }
  const doubt = view.shown.uncertain;
  return new Set(doubt && view.uncertain ? doubt.at : []);
};

/** Say how many periods of the year shown have no figure in a unit; "" where all have one. */
SahelGeo.gapText = function (view, number, position) {
  const gaps = SahelGeo.gapsOf(view, number, position);
  const count = gaps && SahelGeo.countPeriods(gaps, view.data.time.kind, view.texts);
  return gaps ? SahelGeo.fill(view.texts.without_figure, { count: count }) : "";
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
