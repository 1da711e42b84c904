/* Small maps side by side, one for each year or period, on one scale. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./pens.js") : SahelGeo || {};

/** Most small maps at once; of more periods the last are shown. */
SahelGeo.MOST_MULTIPLES = 36;

/** Whether the two periods that are compared stand side by side, each with a map of its own. */
SahelGeo.isPair = (view) => view.multiples === "pair" && SahelGeo.isCompared(view);

/** List the periods that have a small map: the two compared, the years where there are some, or all. */
SahelGeo.periodsOfMaps = function (view) {
  if (SahelGeo.isPair(view)) {
    return [view.period, view.other];
  }
  const count = SahelGeo.stepCount(view);
  const first = Math.max(0, count - SahelGeo.MOST_MULTIPLES);
  return Array.from({ length: count - first }, (_, at) => SahelGeo.stepStart(view, first + at));
};

/** Work out what each small map shows, and the classes that they share. */
SahelGeo.multipleSteps = function (view) {
  const yearly = view.yearly;
  view.yearly = yearly || Boolean(!SahelGeo.isPair(view) && view.shown.series && view.shown.series.years);
  const steps = SahelGeo.periodsOfMaps(view);
  const found = steps.map((period) =>
    SahelGeo.atPeriod(view, period, () => ({
      period: period,
      name: SahelGeo.shownPeriod(view),
      numbers: SahelGeo.classNumbers(view),
      doubtful: SahelGeo.uncertainUnits(view),
    })),
  );
  const period = view.period;
  view.period = steps[0];
  const classes = SahelGeo.classesOf(view, view.indicator);
  const heads = SahelGeo.legendHeads(view);
  view.period = period;
  const isYearly = view.yearly;
  view.yearly = yearly;
  return { steps: found, classes: classes, heads: [heads[0]].concat(heads.slice(2)), yearly: isYearly };
};

/** Say how large a small map is, and where of the world it begins. */
SahelGeo.multipleFrame = function (view, width) {
  const [low, high] = view.data.bounds.map((corner) => view.map.project(corner, 0));
  const scale = (width - 6) / (high.x - low.x);
  const height = Math.min(1.4 * width, (low.y - high.y) * scale + 6);
  const fit = Math.min(scale, (height - 6) / (low.y - high.y));
  const origin = {
    x: ((low.x + high.x) / 2) * fit - width / 2,
    y: ((low.y + high.y) / 2) * fit - height / 2,
  };
  return { scale: fit, origin: origin, width: width, height: Math.round(height) };
};

/** Draw one small map with a pen of a canvas or of a drawing. */
SahelGeo.drawMultiple = function (view, pen, frame, step, classes) {
  const arcs = view.arcsAt(frame.scale);
  view.outlines.forEach(function (outline, position) {
    const look = SahelGeo.lookOf(classes[step.numbers[position]], step.doubtful.has(position));
    const rings = SahelGeo.trace((to) => SahelGeo.walkAround(to, outline, arcs, frame.origin));
    pen.shape(rings, Object.assign({ stroke: "#a39c90", width: 0.25 }, look));
  });
  view.lines
    .filter((line) => line.kind === "border" || line.kind === "outer")
    .forEach(function (line) {
      const walk = (to) => line.at(frame.scale).forEach((points) => SahelGeo.walk(to, points, frame.origin));
      pen.shape(SahelGeo.trace(walk), { open: true, stroke: "#22201c", width: 0.7 });
    });
  if (frame.width > 300) {
    SahelGeo.nameCapitals(view, pen, frame);
  }
};

/** Mark the capitals on a small map that has room for their names. */
SahelGeo.nameCapitals = function (view, pen, frame) {
  const style = { size: 11, colour: "#22201c", halo: "#ffffff" };
  view.data.labels
    .filter((label) => label.kind === "capital")
    .forEach(function (label) {
      const at = view.map.project([label.lat, label.lon], 0);
      const x = at.x * frame.scale - frame.origin.x;
      const y = at.y * frame.scale - frame.origin.y;
      if (x > 0 && y > 0 && x < frame.width - 70 && y < frame.height) {
        pen.circle(x, y, 2, { fill: "#22201c", stroke: "#ffffff", width: 1 });
        pen.text(x + 5, y + 4, view.say(label.text), style);
      }
    });
};

/** Draw all small maps, their names and the legend onto one sheet. */
SahelGeo.drawMultiples = function (view, pen, sheet) {
  const { pad, columns, frame } = sheet;
  const dark = { size: 13, weight: 650, colour: "#22201c" };
  pen.shape([[[0, 0], [sheet.width, 0], [sheet.width, sheet.height], [0, sheet.height]]], { fill: "#ffffff" });
  sheet.title.forEach((line, at) => pen.text(pad, pad + 16 + 24 * at, line, { size: 18, weight: 650, colour: "#22201c" }));
  sheet.found.steps.forEach(function (step, at) {
    const x = pad + (at % columns) * (frame.width + 14);
    const y = sheet.top + Math.floor(at / columns) * (frame.height + 24);
    pen.text(x, y + 12, step.name, dark);
    pen.inside(x, y + 18, frame.width, frame.height, () =>
      SahelGeo.drawMultiple(view, pen, frame, step, sheet.found.classes),
    );
  });
  let x = pad;
  let y = sheet.legend;
  sheet.found.classes.forEach(function (entry) {
    const label = SahelGeo.classLabel(entry, view.texts, view.lang);
    const wide = 46 + sheet.measure(label, { size: 12 });
    if (x + wide > sheet.width - pad) {
      x = pad;
      y += 22;
    }
    const box = [[x, y - 11], [x + 24, y - 11], [x + 24, y + 3], [x, y + 3]];
    pen.shape([box], Object.assign({ stroke: "#8c857a", width: 1 }, SahelGeo.lookOf(entry, false)));
    pen.text(x + 30, y, label, { size: 12, colour: "#22201c" });
    x += wide;
  });
  sheet.foot.forEach((line, at) =>
    pen.text(pad, y + 26 + 15 * at, line, { size: 11, colour: "#4a453d" }),
  );
};

/** Lay the sheet of small maps out. */
SahelGeo.layOutMultiples = function (view) {
  const pad = 18;
  const found = SahelGeo.multipleSteps(view);
  const columns = Math.max(1, Math.min(found.steps.length, found.steps.length > 12 ? 6 : 4));
  const frame = SahelGeo.multipleFrame(view, SahelGeo.isPair(view) ? 470 : 230);
  const width = 2 * pad + columns * (frame.width + 14) - 14;
  const context = document.createElement("canvas").getContext("2d");
  const measure = function (text, style) {
    context.font = (style.weight || 400) + " " + style.size + "px " + SahelGeo.FONT;
    return context.measureText(text).width;
  };
  const lines = (text, style) => SahelGeo.wrap(text, width - 2 * pad, (line) => measure(line, style));
  const title = lines(SahelGeo.multiplesTitle(view, found), { size: 18, weight: 650 });
  const said = [SahelGeo.statement(view.data, view.lang)].concat(view.data.sources.map(view.say));
  const foot = said.filter(Boolean).flatMap((text) => lines(text, { size: 11 }));
  const top = pad + 24 * title.length + 14;
  const legend = top + Math.ceil(found.steps.length / columns) * (frame.height + 24) + 16;
  const rows = Math.ceil(found.classes.reduce((sum, entry) => sum + 46 + measure(SahelGeo.classLabel(entry, view.texts, view.lang), { size: 12 }), 0) / (width - 2 * pad));
  const height = legend + 22 * rows + 15 * foot.length + 2 * pad;
  return { pad, found, columns, frame, width, title, foot, top, legend, height, measure };
};

/** Say what the small maps show. */
SahelGeo.multiplesTitle = function (view, found) {
  const unit = found.heads.slice(1).filter(Boolean).join(", ");
  const title = found.heads[0] + (unit ? " (" + unit + ")" : "");
  if (SahelGeo.isPair(view)) {
    const [before, after] = found.steps.map((step) => step.name);
    return SahelGeo.fill(view.texts.pair_of, { title: title, before: before, after: after });
  }
  return SahelGeo.fill(found.yearly ? view.texts.years_of : view.texts.series_of, { title: title });
};

/** Make the sheet of small maps as a picture or a drawing. */
SahelGeo.multiplesFile = function (view, kind) {
  const sheet = SahelGeo.layOutMultiples(view);
  if (kind === "svg") {
    const pen = SahelGeo.svgPen(sheet.width, sheet.height);
    SahelGeo.drawMultiples(view, pen, sheet);
    return Promise.resolve(new Blob([pen.finish()], { type: "image/svg+xml" }));
  }
  const canvas = document.createElement("canvas");
  canvas.width = 2 * sheet.width;
  canvas.height = 2 * sheet.height;
  SahelGeo.drawMultiples(view, SahelGeo.canvasPen(canvas.getContext("2d"), 2), sheet);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};

/** Fill the page of small maps. */
SahelGeo.showMultiples = function (view, box) {
  const found = SahelGeo.multipleSteps(view);
  const pair = SahelGeo.isPair(view);
  const frame = SahelGeo.multipleFrame(view, pair ? Math.min(620, Math.max(320, view.map.getSize().x / 2)) : 200);
  const heading = SahelGeo.element("h2", "", SahelGeo.multiplesTitle(view, found));
  const close = SahelGeo.iconButton("close", () => view.set({ multiples: false }));
  SahelGeo.nameButton(close, view.texts.close);
  const head = SahelGeo.element("div", "sg-card-head");
  head.append(heading, close);
  const saving = SahelGeo.element("div", "sg-saving");
  [["save_png", "png"], ["save_svg", "svg"]].forEach(function ([text, kind]) {
    const button = SahelGeo.element("button", "sg-button", view.texts[text]);
    button.type = "button";
    button.addEventListener("click", () =>
      SahelGeo.multiplesFile(view, kind).then(function (blob) {
        SahelGeo.download(blob, SahelGeo.fileName(view) + "-" + (pair ? "pair" : found.yearly ? "years" : "periods") + "." + kind);
        view.find("status").textContent = view.texts.saved;
      }),
    );
    saving.append(button);
  });
  const list = SahelGeo.element("ul", "sg-small-maps" + (pair ? " sg-pair" : ""));
  const ratio = Math.min(2, window.devicePixelRatio || 1);
  found.steps.forEach(function (step) {
    const item = SahelGeo.element("li", "");
    const button = SahelGeo.element("button", "sg-small-map");
    const canvas = document.createElement("canvas");
    button.type = "button";
    button.append(SahelGeo.element("span", "", step.name), canvas);
    button.addEventListener("click", () =>
      view.set(pair ? { multiples: false } : { multiples: false, yearly: found.yearly, period: step.period }),
    );
    Object.assign(canvas, { width: frame.width * ratio, height: frame.height * ratio });
    canvas.style.aspectRatio = frame.width + " / " + frame.height;
    canvas.setAttribute("aria-hidden", "true");
    SahelGeo.drawMultiple(view, SahelGeo.canvasPen(canvas.getContext("2d"), ratio), frame, step, found.classes);
    item.append(button);
    list.append(item);
  });
  const classes = SahelGeo.element("ul", "sg-classes sg-small-legend");
  found.classes.forEach(function (entry) {
    const symbol = SahelGeo.swatch(SahelGeo.lookOf(entry, false));
    classes.append(SahelGeo.legendItem(symbol, SahelGeo.classLabel(entry, view.texts, view.lang)));
  });
  const opened = !box.firstChild;
  box.replaceChildren(head, classes, list, saving);
  if (opened) {
    close.focus(); // what changes later, by the slider, leaves the focus there
  }
};

/** Connect the page of small maps, where there are several steps. */
SahelGeo.connectMultiples = function (view) {
  if (!view.data.time || view.data.time.count < 2) {
    return;
  }
  const box = SahelGeo.element("section", "sg-multiples");
  box.hidden = true;
  view.find("card").after(box);
  const [pair, button] = ["pair", true].map(function (kind) {
    const made = SahelGeo.element("button", "sg-button");
    made.type = "button";
    made.addEventListener("click", () => view.set({ multiples: kind }));
    return made;
  });
  view.multiples = false;
  document.querySelector(".sg-compare").append(pair, button);
  const name = function () {
    const years = view.shown.series && view.shown.series.years;
    button.textContent = years ? view.texts.all_years : view.texts.all_periods;
    pair.textContent = view.texts.side_by_side;
    pair.hidden = !SahelGeo.isCompared(view);
    box.setAttribute("aria-label", SahelGeo.isPair(view) ? pair.textContent : button.textContent);
  };
  view.on(["multiples", "indicator", "lang", "period", "other", "yearly"], function () {
    name();
    box.hidden = !view.multiples || !view.shown.series;
    if (box.hidden) {
      box.replaceChildren();
    } else {
      SahelGeo.showMultiples(view, box);
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && view.multiples) {
      const opener = SahelGeo.isPair(view) ? pair : button;
      view.set({ multiples: false });
      opener.focus();
    }
  });
  name();
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
