/* The time slider: always in order, from the whole time through each period. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Periods in a year, where a year can be stepped over. */
SahelGeo.YEAR = { month: 12, quarter: 4, week: 52 };

/** Pause between two periods while playing, in milliseconds. */
SahelGeo.PACE = 650;

/** Make a button with a picture of its own and a text that is read aloud. */
SahelGeo.iconButton = function (kind, run) {
  const button = SahelGeo.element("button", "sg-button sg-icon-" + kind);
  button.type = "button";
  button.addEventListener("click", run);
  return button;
};

/** Name a button, for the eye that rests on it and for the ear. */
SahelGeo.nameButton = function (button, text) {
  button.title = text;
  button.setAttribute("aria-label", text);
};

/** Sum each period over all units that have figures. */
SahelGeo.totals = function (series, periods) {
  const sums = new Float64Array(periods);
  series.forEach((row) => row.forEach((value, at) => (sums[at] += Number.isNaN(value) ? 0 : value)));
  return sums;
};

/**
 * Write bars as the path of an SVG.
 * @param {ArrayLike<number>} values heights, not negative; NaN leaves a gap
 * @param {number} width width of the drawing
 * @param {number} height height of the drawing
 * @returns {string} path data
 */
SahelGeo.barPath = function (values, width, height) {
  const most = Math.max(...Array.from(values, (value) => value || 0), Number.MIN_VALUE);
  const step = width / values.length;
  const bar = Math.max(step * 0.78, step - 1.5);
  const short = (number) => String(Math.round(number * 100) / 100);
  return Array.from(values, function (value, at) {
    const tall = (Math.max(value || 0, 0) / most) * height;
    return tall
      ? "M" + short(at * step) + " " + short(height) + "v" + short(-tall) + "h" + short(bar) +
          "v" + short(tall) + "z"
      : "";
  }).join("");
};

/** Make an SVG of bars. */
SahelGeo.bars = function (values, width, height, className) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 " + width + " " + height);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SahelGeo.barPath(values, width, height));
  svg.append(path);
  return svg;
};

/** Make the parts of the time bar. */
SahelGeo.timeParts = function (view, step) {
  const slider = SahelGeo.element("input", "");
  Object.assign(slider, { type: "range", min: "-1", max: String(view.data.time.count - 1) });
  slider.step = "1";
  slider.value = "-1";
  const choice = SahelGeo.element("select", "");
  ["step_one", "step_year"].forEach(function (name) {
    const option = SahelGeo.element("option", "");
    option.dataset.text = name;
    option.value = name === "step_one" ? "1" : String(SahelGeo.YEAR[view.data.time.kind] || 1);
    choice.append(option);
  });
  choice.value = "1";
  choice.hidden = !SahelGeo.YEAR[view.data.time.kind];
  return {
    play: SahelGeo.iconButton("play", step.play),
    back: SahelGeo.iconButton("back", () => step.by(-1)),
    on: SahelGeo.iconButton("on", () => step.by(1)),
    slider: slider,
    choice: choice,
    label: SahelGeo.element("output", "sg-now"),
    all: SahelGeo.element("button", "sg-button sg-all"),
    track: SahelGeo.element("div", "sg-track"),
    none: SahelGeo.element("p", "sg-none"),
  };
};

/** Draw the sum of all units by period above the slider. */
SahelGeo.showTotals = function (view, parts) {
  const series = SahelGeo.seriesOf(view, view.indicator);
  const old = parts.track.querySelector("svg");
  if (old) {
    old.remove();
  }
  if (series) {
    const sums = SahelGeo.totals(series, view.data.time.count);
    parts.track.prepend(SahelGeo.bars(sums, 600, 30, "sg-totals"));
  }
};

/** Connect the time bar, where the page has periods. */
SahelGeo.connectTime = function (view) {
  const bar = view.find("time");
  if (!bar) {
    return;
  }
  let timer = 0;
  const last = view.data.time.count - 1;
  const stop = function () {
    window.clearInterval(timer);
    timer = 0;
    show();
  };
  const size = () => Number(parts.choice.value);
  const step = {
    by: function (direction) {
      const from = view.period < 0 && direction > 0 ? -size() : view.period;
      view.set({ period: Math.max(-1, Math.min(last, from + direction * size())) });
    },
    play: function () {
      if (timer) {
        stop();
        return;
      }
      view.set({ period: view.period < 0 || view.period >= last ? 0 : view.period });
      timer = window.setInterval(function () {
        if (view.period + size() > last) {
          stop();
        } else {
          step.by(1);
        }
      }, SahelGeo.PACE);
      show();
    },
  };
  const parts = SahelGeo.timeParts(view, step);
  const show = function () {
    const texts = view.texts;
    const now = SahelGeo.shownPeriod(view);
    const none = !view.shown.series;
    parts.slider.value = String(view.period);
    parts.slider.setAttribute("aria-label", texts.time);
    parts.slider.setAttribute("aria-valuetext", now);
    parts.label.textContent = now;
    parts.choice.setAttribute("aria-label", texts.step);
    parts.all.textContent = texts.whole_period;
    parts.all.setAttribute("aria-pressed", String(view.period < 0));
    parts.none.textContent = none ? texts.no_series : "";
    parts.play.classList.toggle("sg-playing", timer !== 0);
    SahelGeo.nameButton(parts.play, timer ? texts.pause : texts.play);
    SahelGeo.nameButton(parts.back, texts.previous);
    SahelGeo.nameButton(parts.on, texts.next);
    bar.classList.toggle("sg-untimed", none);
    [parts.play, parts.back, parts.on, parts.slider, parts.all, parts.choice].forEach((part) => {
      part.disabled = none;
    });
  };
  parts.all.type = "button";
  parts.all.addEventListener("click", function () {
    view.set({ period: -1 });
    stop();
  });
  parts.slider.addEventListener("input", function () {
    const wanted = Number(parts.slider.value);
    stop();
    view.set({ period: wanted });
  });
  parts.track.append(parts.slider);
  bar.append(parts.play, parts.back, parts.on, parts.track, parts.label, parts.all, parts.choice, parts.none);
  SahelGeo.translate(bar, view.texts);
  view.on(["indicator"], () => SahelGeo.showTotals(view, parts));
  view.on(["period", "lang", "indicator"], show);
  show();
  SahelGeo.showTotals(view, parts);
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
