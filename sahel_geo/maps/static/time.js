/* The time slider: always in order, from the whole time through each period. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Pause between two periods while playing, in milliseconds; twice for readers who want less movement. */
SahelGeo.PACE = 650;

SahelGeo.pace = () =>
  SahelGeo.PACE * (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 2 : 1);

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

/** Sum each period or year over all units that have figures. */
SahelGeo.totals = function (series, steps) {
  const sums = new Float64Array(steps);
  series.forEach((row) => row.forEach((value, at) => (sums[at] += Number.isNaN(value) ? 0 : value)));
  return sums;
};

/**
 * Write bars as the path of an SVG.
 * @param {ArrayLike<number>} values heights, not negative; NaN leaves a gap
 * @param {number} width width of the drawing
 * @param {number} height height of the drawing
 * @param {function(number): boolean} [holds] which bars to draw; all unless given
 * @returns {string} path data
 */
SahelGeo.barPath = function (values, width, height, holds) {
  const most = Array.from(values).reduce((one, other) => Math.max(one, other || 0), Number.MIN_VALUE);
  const step = width / values.length;
  const bar = Math.max(step * 0.78, step - 1.5);
  const short = (number) => String(Math.round(number * 100) / 100);
  return Array.from(values, function (value, at) {
    const tall = (Math.max(value || 0, 0) / most) * height;
    return tall && (!holds || holds(at))
      ? "M" + short(at * step) + " " + short(height) + "v" + short(-tall) + "h" + short(bar) +
          "v" + short(tall) + "z"
      : "";
  }).join("");
};

/**
 * Write fields of dots, which stand for what is hidden, as the path of an SVG.
 * @param {ArrayLike<number>} hidden 1 where a figure is hidden
 * @param {number} width width of the drawing
 * @param {number} height height of the drawing
 * @returns {string} path data
 */
SahelGeo.dotPath = function (hidden, width, height) {
  const step = width / hidden.length;
  const bar = Math.max(step * 0.78, step - 1.5);
  const across = Math.max(1, Math.floor(bar / 7));
  const side = Math.min(bar, 2.4);
  const short = (number) => String(Math.round(number * 100) / 100);
  const column = (at, nth) => short(at * step + (bar * (nth + 0.5)) / across - side / 2);
  const dot = (left, up) =>
    "M" + left + " " + short(height * (1 - up)) + "h" + short(side) + "v2.4h" + short(-side) + "z";
  return Array.from(hidden, function (flag, at) {
    const columns = Array.from({ length: flag ? across : 0 }, (_, nth) => column(at, nth));
    return columns.map((left) => [0.12, 0.27, 0.42].map((up) => dot(left, up)).join("")).join("");
  }).join("");
};

/** Make an SVG of bars; those of incomplete years are lighter, and dots stand for what is hidden. */
SahelGeo.bars = function (values, width, height, className, isPart, hidden) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 " + width + " " + height);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  [false, true].forEach(function (part) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", SahelGeo.barPath(values, width, height, (at) => isPart(at) === part));
    path.setAttribute("class", part ? "sg-part" : "sg-full");
    svg.append(path);
  });
  if (hidden) {
    const dots = document.createElementNS(space, "path");
    dots.setAttribute("d", SahelGeo.dotPath(hidden, width, height));
    dots.setAttribute("class", "sg-hidden-figures");
    svg.append(dots);
  }
  return svg;
};

/** Tell which steps are years that the data covers in part. */
SahelGeo.isPartOf = function (view) {
  const years = SahelGeo.isYearly(view) ? SahelGeo.yearsOf(view) : [];
  return (step) => Boolean(years[step] && !years[step].full);
};

/** Make the parts of the time bar. */
SahelGeo.timeParts = function (view, step) {
  const slider = SahelGeo.element("input", "");
  Object.assign(slider, { type: "range", min: "-1", step: "1" });
  const choice = SahelGeo.element("select", "");
  [view.data.time.kind, "year"].forEach(function (kind) {
    const option = SahelGeo.element("option", "");
    option.dataset.text = "by_" + kind;
    option.value = kind;
    choice.append(option);
  });
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

/** Draw the sum of all units by period or year above the slider. */
SahelGeo.showTotals = function (view, parts) {
  const old = parts.track.querySelector("svg");
  if (old) {
    old.remove();
  }
  const sums = view.shown.series && SahelGeo.trendOf(view);
  if (sums) {
    const isPart = sums.hidden ? () => false : SahelGeo.isPartOf(view);
    parts.track.prepend(SahelGeo.bars(sums.values, 600, 30, "sg-totals", isPart, sums.hidden));
  }
};

/** Say aloud what is shown, where no other control says it. */
SahelGeo.announce = function (view) {
  const parts = [view.say(view.shown.title), view.shown.series && SahelGeo.shownPeriod(view)];
  view.find("status").textContent = parts.filter(Boolean).join(view.texts.colon);
};

/** Connect the time bar, where the page has periods. */
SahelGeo.connectTime = function (view) {
  const bar = view.find("time");
  if (!bar) {
    return;
  }
  let timer = 0;
  const last = () => SahelGeo.stepCount(view) - 1;
  const go = (to) => view.set({ period: SahelGeo.stepStart(view, Math.max(-1, Math.min(last(), to))) });
  const stop = function () {
    const played = timer !== 0;
    window.clearInterval(timer);
    timer = 0;
    show();
    if (played) {
      SahelGeo.announce(view);
    }
  };
  const step = {
    by: (direction) => go(SahelGeo.stepShown(view) + direction),
    play: function () {
      if (timer) {
        stop();
        return;
      }
      const from = SahelGeo.stepShown(view);
      timer = window.setInterval(function () {
        if (SahelGeo.stepShown(view) >= last()) {
          stop();
        } else {
          step.by(1);
        }
      }, SahelGeo.pace());
      go(from < 0 || from >= last() ? 0 : from);
      show();
    },
  };
  const parts = SahelGeo.timeParts(view, step);
  const show = function () {
    const texts = view.texts;
    const now = SahelGeo.shownPeriod(view);
    const none = !view.shown.series;
    const yearly = SahelGeo.isYearly(view);
    parts.slider.max = String(last());
    parts.slider.value = String(SahelGeo.stepShown(view));
    parts.slider.setAttribute("aria-label", texts.time);
    parts.slider.setAttribute("aria-valuetext", now);
    parts.label.textContent = now;
    parts.choice.setAttribute("aria-label", texts.step);
    parts.choice.hidden = none || !view.shown.series.years;
    parts.choice.value = yearly ? "year" : view.data.time.kind; // a browser that reloads would keep the old choice
    parts.all.textContent = texts.whole_period;
    parts.all.setAttribute("aria-pressed", String(view.period < 0));
    parts.none.textContent = none ? texts.no_series : "";
    parts.play.classList.toggle("sg-playing", timer !== 0);
    SahelGeo.nameButton(parts.play, timer ? texts.pause : texts.play);
    SahelGeo.nameButton(parts.back, yearly ? texts.previous_year : texts.previous);
    SahelGeo.nameButton(parts.on, yearly ? texts.next_year : texts.next);
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
    go(wanted);
  });
  parts.choice.addEventListener("change", function () {
    const wanted = parts.choice.value === "year" && view.data.time.kind !== "year";
    stop();
    view.set({ yearly: wanted });
  });
  parts.track.append(parts.slider);
  bar.append(parts.play, parts.back, parts.on, parts.track, parts.label, parts.all, parts.choice, parts.none);
  SahelGeo.translate(bar, view.texts);
  view.on(["indicator", "yearly"], () => SahelGeo.showTotals(view, parts));
  view.on(["period", "lang", "indicator", "yearly"], show);
  view.on(["period", "indicator", "yearly"], function () {
    if (!timer && document.activeElement !== parts.slider) {
      SahelGeo.announce(view);
    }
  });
  show();
  SahelGeo.showTotals(view, parts);
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
