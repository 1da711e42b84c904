/* A chart of bars over time, with an axis that says what is counted, and clicks that choose a period. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

/** Room of a chart in its own units: the whole, and around the bars. */
SahelGeo.CHART = { width: 300, height: 92, left: 30, right: 4, top: 8, bottom: 16 };

/**
 * Choose round numbers for an axis from zero to at least the highest value.
 * @param {number} most the highest value, above zero
 * @param {boolean} whole whether only whole numbers make sense
 * @returns {number[]} zero and up to four more, evenly apart
 */
SahelGeo.axisSteps = function (most, whole) {
  const power = 10 ** Math.floor(Math.log10(most / 2));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => most / each <= 3) || 10 * power;
  const even = whole ? Math.max(1, Math.ceil(step)) : step;
  const count = Math.max(1, Math.ceil(most / even - 1e-9));
  return Array.from({ length: count + 1 }, (_, at) => Number((at * even).toPrecision(12)));
};

/** Choose the steps whose names stand below a chart: the ends, or the years where there are many. */
SahelGeo.axisNames = function (view) {
  const count = SahelGeo.stepCount(view);
  const time = view.data.time;
  if (SahelGeo.isYearly(view) || time.kind === "year") {
    const years = Array.from({ length: count }, (_, at) => [at, SahelGeo.stepLabel(view, at).slice(0, 4)]);
    const every = Math.ceil(count / 7);
    return years.filter(([at]) => at % every === 0);
  }
  const years = SahelGeo.yearsOf(view).filter((year) => year.full);
  if (years.length < 2) {
    return [0, count - 1].map((at) => [at, SahelGeo.stepLabel(view, at)]);
  }
  const every = Math.ceil(years.length / 7);
  return years.filter((_, at) => at % every === 0).map((year) => [year.start, String(year.year)]);
};

/** Make a part of an SVG. */
SahelGeo.svgNode = function (tag, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  Object.keys(attributes).forEach((name) => node.setAttribute(name, attributes[name]));
  if (text !== undefined) {
    node.textContent = text;
  }
  return node;
};

/**
 * Draw a chart of what a series holds.
 * @param {object} view the view
 * @param {object} what `number` of the indicator, `values` by step, `label` that is read aloud,
 *   `isPart` tells which bars are of incomplete years, `hidden` flags hidden figures
 * @returns {HTMLElement} the chart with its axes
 */
SahelGeo.chart = function (view, what) {
  const { width, height, left, right, top, bottom } = SahelGeo.CHART;
  const values = Array.from(what.values);
  const most = values.reduce((one, other) => Math.max(one, other || 0), 0);
  const whole = SahelGeo.isYearly(view)
    ? view.data.indicators[what.number].series.years.whole
    : view.data.indicators[what.number].series.whole;
  const ticks = most > 0 ? SahelGeo.axisSteps(most, whole) : [0];
  const tall = height - top - bottom;
  const wide = width - left - right;
  const highest = ticks[ticks.length - 1] || 1;
  const level = (value) => top + tall * (1 - value / highest);
  const svg = SahelGeo.svgNode("svg", {
    viewBox: "0 0 " + width + " " + height, class: "sg-chart", role: "img", "aria-label": what.label,
  });
  ticks.forEach((tick) => {
    const y = level(tick);
    svg.append(SahelGeo.svgNode("path", { d: "M" + left + " " + y + "h" + wide, class: tick ? "sg-grid" : "sg-axis" }));
  });
  const bars = SahelGeo.svgNode("g", { transform: "translate(" + left + " " + top + ")" });
  const scale = most / highest;
  const fit = "translate(0 " + tall * (1 - scale) + ") scale(1 " + scale + ")";
  [false, true].forEach(function (part) {
    const d = SahelGeo.barPath(values, wide, tall, (at) => what.isPart(at) === part);
    bars.append(SahelGeo.svgNode("path", { d: d, transform: fit, class: part ? "sg-part" : "sg-full" }));
  });
  if (what.hidden) {
    const d = SahelGeo.dotPath(what.hidden, wide, tall);
    bars.append(SahelGeo.svgNode("path", { d: d, class: "sg-hidden-figures" }));
  }
  svg.append(bars);
  const step = wide / values.length;
  [view.period, SahelGeo.isCompared(view) ? view.other : -1].forEach(function (period) {
    if (period >= 0 && SahelGeo.isTimed(view, what.number)) {
      const at = SahelGeo.atPeriod(view, period, SahelGeo.stepShown);
      const x = left + step * at;
      svg.append(SahelGeo.svgNode("path", { d: "M" + x + " " + top + "h" + step + "v" + tall + "h" + -step + "z", class: "sg-now-bar" }));
    }
  });
  const plain = ticks.every(Number.isInteger);
  ticks.forEach((tick) => {
    const text = SahelGeo.formatValue(tick, view.lang, plain);
    svg.append(SahelGeo.svgNode("text", { x: left - 4, y: level(tick) + 3, "text-anchor": "end", class: "sg-tick" }, text));
  });
  SahelGeo.axisNames(view).forEach(function ([at, name]) {
    const x = left + step * at;
    const last = x > width * 0.8;
    svg.append(SahelGeo.svgNode("text", { x: last ? width - right : x, y: height - 4, "text-anchor": last ? "end" : "start", class: "sg-tick" }, name));
  });
  svg.addEventListener("click", function (event) {
    const box = svg.getBoundingClientRect();
    const at = Math.floor((((event.clientX - box.left) / box.width) * width - left) / step);
    if (at >= 0 && at < values.length && view.shown.series) {
      view.set({ period: SahelGeo.stepStart(view, at) });
    }
  });
  return svg;
};

/** Choose whose sums to draw: the indicator shown if its figures add up, else the first that do. */
SahelGeo.addedUp = function (view) {
  const adds = (indicator) => indicator.series && indicator.series.adds;
  return adds(view.shown) ? view.indicator : view.data.indicators.findIndex(adds);
};

/** Sum an indicator over all units, by step, with flags of what is hidden. */
SahelGeo.wholeSeries = function (view, number) {
  const series = view.data.indicators[number].series;
  if (SahelGeo.isYearly(view) && !series.years) {
    return null;
  }
  if (!series.hidden) {
    return { values: SahelGeo.totals(SahelGeo.rowsOf(view, number), SahelGeo.stepCount(view)), hidden: null };
  }
  if (!series.sums) {
    return null;
  }
  const values = series.sums.map((sum) => (sum === null ? NaN : sum));
  return { values: values, hidden: values.map((sum) => (Number.isNaN(sum) ? 1 : 0)) };
};

/** Sum over all units what adds up: the indicator shown, or the incidents behind a rate. */
SahelGeo.trendOf = function (view) {
  const number = SahelGeo.addedUp(view);
  return number < 0 ? null : SahelGeo.wholeSeries(view, number);
};

/** Draw the trend of all units together into its place; a selection has none. */
SahelGeo.showTrend = function (view) {
  const place = view.find("trend");
  const number = SahelGeo.addedUp(view);
  const sums = view.data.time && !view.data.selection ? SahelGeo.trendOf(view) : null;
  if (!sums) {
    place.replaceChildren();
    return;
  }
  const indicator = view.data.indicators[number];
  const unit = view.say(indicator.unit);
  const title = view.say(indicator.title) + (unit ? " (" + unit + ")" : "");
  const caption = SahelGeo.fill(view.texts.trend_all, { title: title });
  const figure = SahelGeo.element("figure", "sg-series");
  const chart = SahelGeo.chart(view, {
    number: number, values: sums.values, hidden: sums.hidden,
    label: caption, isPart: SahelGeo.isPartOf(view),
  });
  figure.append(SahelGeo.element("figcaption", "", caption), chart);
  place.replaceChildren(SahelGeo.element("h3", "", view.texts.trend), figure);
};

/** Keep the trend in step with what the page shows. */
SahelGeo.connectTrend = function (view) {
  view.on(["indicator", "period", "yearly", "lang", "other"], SahelGeo.showTrend);
  SahelGeo.showTrend(view);
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
