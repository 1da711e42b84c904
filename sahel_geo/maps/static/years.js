/* Calendar years out of days, months or quarters; nothing here touches the page. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./series.js") : SahelGeo || {};

/**
 * Find the calendar years that the periods touch.
 * @param {{kind: string, first: string, count: number}} time which periods there are
 * @returns {{year: number, start: number, count: number, full: boolean}[]} the first period of each
 *   year, how many there are, and whether they cover it
 */
SahelGeo.calendar = function (time) {
  const years = [];
  for (let at = 0; at < time.count; at += 1) {
    const year = SahelGeo.periodStart(time, at).getUTCFullYear();
    const last = years[years.length - 1];
    if (last && last.year === year) {
      last.count += 1;
    } else {
      years.push({ year: year, start: at, count: 1 });
    }
  }
  const days = (year) => (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / 864e5;
  years.forEach(function (year) {
    year.full = year.count === { day: days(year.year), month: 12, quarter: 4 }[time.kind];
  });
  return years;
};

/** Count the days of each period. */
SahelGeo.periodDays = function (time) {
  const start = (at) => SahelGeo.periodStart(time, at).getTime();
  return Array.from({ length: time.count }, (_, at) => Math.round((start(at + 1) - start(at)) / 864e5));
};

/** Keep the six digits that Python classed by. */
SahelGeo.sixDigits = (value) => Number(value.toPrecision(6));

/**
 * Add periods up to years, or average them, each weighing its days.
 * @param {ArrayLike<number>[]} rows values of each unit by period; NaN is missing
 * @param {object} time which periods there are
 * @param {{rule: string, whole: boolean}} how "sum" or "mean", and whether years are whole numbers
 * @returns {{rows: Float64Array[], gaps: Uint16Array[]}} by unit and year: the value, NaN where no
 *   period has one; and the periods without one
 */
SahelGeo.yearRows = function (rows, time, how) {
  const years = SahelGeo.calendar(time);
  const days = SahelGeo.periodDays(time);
  const gaps = rows.map(() => new Uint16Array(years.length));
  const sums = rows.map(function (row, unit) {
    return Float64Array.from(years, function (year, place) {
      let total = 0;
      let weight = 0;
      for (let at = year.start; at < year.start + year.count; at += 1) {
        const share = how.rule === "sum" ? 1 : days[at];
        if (Number.isNaN(row[at])) {
          gaps[unit][place] += 1;
        } else {
          total += row[at] * share;
          weight += share;
        }
      }
      const value = how.rule === "sum" ? total : total / weight;
      return weight === 0 ? NaN : how.whole ? value : SahelGeo.sixDigits(value);
    });
  });
  return { rows: sums, gaps: gaps };
};

/**
 * Name a calendar year, and say how much of it there is.
 * @param {{year: number, count: number, full: boolean}} year from `calendar`
 * @param {string} kind kind of the periods
 * @param {object} texts texts of the page in the language
 * @returns {string} for example "2024, 7 mois"
 */
SahelGeo.yearLabel = function (year, kind, texts) {
  return year.full
    ? String(year.year)
    : year.year + ", " + SahelGeo.countPeriods(year.count, kind, texts);
};

/** Write a number of periods, such as "7 mois". */
SahelGeo.countPeriods = function (count, kind, texts) {
  return SahelGeo.fill(texts[kind + (count === 1 ? "_one" : "_many")], { count: count });
};

/** Whether some indicator can be shown by calendar year. */
SahelGeo.hasYears = (view) =>
  view.data.indicators.some((indicator) => indicator.series && indicator.series.years);

/** Whether what is shown is shown by calendar year. */
SahelGeo.isYearly = function (view) {
  const series = view.shown.series;
  return Boolean(view.yearly && (series ? series.years : SahelGeo.hasYears(view)));
};

/** The calendar of the page, worked out once. */
SahelGeo.yearsOf = function (view) {
  if (!view.cache.has("years")) {
    view.cache.set("years", SahelGeo.calendar(view.data.time));
  }
  return view.cache.get("years");
};

/** How many periods or years a reader steps through. */
SahelGeo.stepCount = (view) =>
  SahelGeo.isYearly(view) ? SahelGeo.yearsOf(view).length : view.data.time.count;

/** Which of them is shown; -1 is the whole time. */
SahelGeo.stepShown = function (view) {
  if (view.period < 0 || !SahelGeo.isYearly(view)) {
    return view.period;
  }
  return SahelGeo.yearsOf(view).findIndex((year) => view.period < year.start + year.count);
};

/** The first period of a step. */
SahelGeo.stepStart = (view, step) =>
  step < 0 || !SahelGeo.isYearly(view) ? step : SahelGeo.yearsOf(view)[step].start;

/** Name a step. */
SahelGeo.stepLabel = function (view, step) {
  const time = view.data.time;
  return SahelGeo.isYearly(view)
    ? SahelGeo.yearLabel(SahelGeo.yearsOf(view)[step], time.kind, view.texts)
    : SahelGeo.periodLabel(time, step, view.lang, view.texts);
};

/** Whether a period of the data belongs to the step shown. */
SahelGeo.isInStep = function (view, period) {
  if (!SahelGeo.isYearly(view)) {
    return period === view.period;
  }
  const year = SahelGeo.yearsOf(view)[SahelGeo.stepShown(view)];
  return period >= year.start && period < year.start + year.count;
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
