/* The map as a picture or a drawing: what is seen, with title, legend and the sentence below. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./pens.js") : SahelGeo || {};

SahelGeo.SHEET = { side: 300, pad: 18, line: 15 };

/**
 * Break a text into lines.
 * @param {string} text the text
 * @param {number} width width of a line in pixels
 * @param {function(string): number} measure width of a text in pixels
 * @returns {string[]} lines; a word wider than a line is cut
 */
SahelGeo.wrap = function (text, width, measure) {
  const lines = [];
  let line = "";
  text.split(/\s+/).filter(Boolean).forEach(function (word) {
    const longer = line ? line + " " + word : word;
    if (measure(longer) <= width) {
      line = longer;
      return;
    }
    if (line) {
      lines.push(line);
    }
    line = word;
    while (measure(line) > width && line.length > 1) {
      const share = Math.max(1, Math.floor((line.length * width) / measure(line)) - 1);
      lines.push(line.slice(0, share));
      line = line.slice(share);
    }
  });
  return line ? lines.concat(line) : lines;
};

/** Say which part of the world the map shows. */
SahelGeo.shownFrame = function (view, size) {
  const corner = view.map.getPixelBounds().min;
  return SahelGeo.frame(view.map, corner, L.bounds([0, 0], [size.x, size.y]));
};

/** Draw what the map shows, in pixels of the map. */
SahelGeo.drawMap = function (view, pen, size) {
  const frame = SahelGeo.shownFrame(view, size);
  const arcs = view.arcsAt(frame.scale);
  const shape = function (outline, look) {
    if (SahelGeo.touch(outline.box, frame.box)) {
      pen.shape(SahelGeo.trace((to) => SahelGeo.walkAround(to, outline, arcs, frame.origin)), look);
    }
  };
  const corners = [[0, 0], [size.x, 0], [size.x, size.y], [0, size.y]];
  pen.shape([corners], { fill: "#ece8df" });
  SahelGeo.exportArea(view, pen, frame, "sea");
  view.context.forEach((part) => shape(part.outline, { fill: SahelGeo.STYLE[part.kind].fillColor }));
  const units = function () {
    const classes = SahelGeo.classesOf(view, view.indicator);
    const numbers = SahelGeo.classNumbers(view);
    const doubtful = SahelGeo.uncertainUnits(view);
    view.outlines.forEach(function (outline, position) {
      const look = SahelGeo.lookOf(classes[numbers[position]], doubtful.has(position));
      const fill = view.surface ? { fill: "#fbfaf6" } : look;
      shape(outline, Object.assign({ stroke: "#8c857a", width: 0.5 }, fill));
    });
  };
  units();
  if (SahelGeo.isCompared(view)) {
    const left = Math.round(size.x * view.split);
    const moved = { x: frame.origin.x + left, y: frame.origin.y };
    const held = frame.origin;
    pen.inside(left, 0, size.x - left, size.y, function () {
      frame.origin = moved;
      SahelGeo.atPeriod(view, view.other, units);
      frame.origin = held;
    });
    pen.shape([[[left, 0], [left, size.y]]], { open: true, stroke: "#22201c", width: 2 });
  }
  if (view.surface) {
    const [low, high] = view.data.surface.bounds;
    const corner = view.map.latLngToContainerPoint([high[0], low[1]]);
    const end = view.map.latLngToContainerPoint([low[0], high[1]]);
    const picture = view.surfacePicture.getElement();
    pen.picture(picture, corner.x, corner.y, end.x - corner.x, end.y - corner.y);
  }
  SahelGeo.exportLines(view, pen, frame);
  if (view.points) {
    SahelGeo.drawGroups(pen, view.groups);
  }
  SahelGeo.drawNames(view, pen);
  SahelGeo.drawAnnotations(view, pen);
  SahelGeo.drawScale(view, pen, size);
};

/** Fill the sea beyond the land around, or the lakes. */
SahelGeo.exportArea = function (view, pen, frame, kind) {
  const rings = view.areas[kind](frame.scale);
  const walk = (to) => rings.forEach((ring) => SahelGeo.walk(to, ring, frame.origin));
  pen.shape(SahelGeo.trace(walk), { fill: SahelGeo.STYLE[kind].fillColor });
};

/** Draw the lines that the map shows, as far as they are seen. */
SahelGeo.exportLines = function (view, pen, frame) {
  const [left, top, right, bottom] = frame.box.map((at) => at * frame.scale);
  if (!view.hidden.has("river")) {
    SahelGeo.exportArea(view, pen, frame, "lake");
  }
  view.lines
    .filter((line) => !view.hidden.has(line.kind))
    .forEach(function (line) {
      const seen = line
        .at(frame.scale)
        .filter((points) => SahelGeo.touch(SahelGeo.boxOf([points]), [left, top, right, bottom]));
      const walk = (to) =>
        seen.forEach((points) => SahelGeo.walk(to, points, frame.origin));
      const rings = SahelGeo.trace(walk);
      SahelGeo.LINES[line.kind].forEach(function (name) {
        const { color, weight, dashes } = SahelGeo.STYLE[name];
        pen.shape(rings, { open: true, stroke: color, width: weight, dash: dashes });
      });
    });
};

/** Draw the names that the map shows, and where three countries meet. */
SahelGeo.drawNames = function (view, pen) {
  if (!view.hidden.has("border")) {
    view.data.meeting_points.forEach(function (point) {
      const { x, y } = view.map.latLngToContainerPoint(point);
      const ring = [[x - 7, y + 4], [x + 7, y + 4], [x, y - 8]];
      pen.shape([ring], { fill: "#22201c", stroke: "#ffffff", width: 1 });
    });
  }
  view.labels.forEach(function (label) {
    const { x, y } = view.map.latLngToContainerPoint(label.marker.getLatLng());
    const around = label.kind === "around";
    const halo = around ? undefined : "#ffffff";
    if (label.town) {
      pen.circle(x, y, 2.4, { fill: "#22201c", stroke: "#ffffff", width: 1 });
      const style = { size: 12, colour: "#22201c", halo: halo, anchor: label.left ? "end" : undefined };
      pen.text(label.left ? x - 6 : x + 6, y + 4, label.node.textContent, style);
    } else if (label.kind === "river") {
      const style = { size: 11.5, colour: "#2b6a86", halo: halo, anchor: "middle" };
      pen.text(x, y + 4, label.node.textContent, style);
    } else {
      const colour = around ? "#6b6355" : "#22201c";
      const style = { size: 12, weight: around ? 400 : 650, colour: colour, halo: halo, anchor: "middle" };
      pen.text(x, y + 4, label.node.textContent.toUpperCase(), style);
    }
  });
};

/** Draw the scale in kilometres as the page shows it. */
SahelGeo.drawScale = function (view, pen, size) {
  const bar = view.map.getContainer().querySelector(".leaflet-control-scale-line");
  if (!bar) {
    return;
  }
  const y = size.y - 12;
  const width = bar.offsetWidth;
  const line = [[12, y - 5], [12, y], [12 + width, y], [12 + width, y - 5]];
  pen.shape([line], { open: true, stroke: "#ffffff", width: 4 });
  pen.shape([line], { open: true, stroke: "#22201c", width: 1.6 });
  pen.text(16, y - 5, bar.textContent, { size: 12, colour: "#22201c", halo: "#ffffff" });
};

/** Draw the classes and lines of the legend; gives where the next thing may stand. */
SahelGeo.drawLegend = function (view, pen, x, top, measure) {
  const side = SahelGeo.SHEET.side - 2 * SahelGeo.SHEET.pad;
  const dark = { size: 13, colour: "#22201c" };
  let y = top;
  const paragraph = function (text, style) {
    SahelGeo.wrap(text, side, (line) => measure(line, style)).forEach(function (line) {
      pen.text(x, y, line, style);
      y += style.size * 1.35;
    });
  };
  SahelGeo.legendHeads(view).forEach((text, at) =>
    paragraph(text, at ? { size: 12, colour: "#5a544a" } : { size: 14, weight: 650, colour: "#22201c" }),
  );
  y += 4;
  SahelGeo.legendEntries(view).forEach(function (entry) {
    const box = [[x, y - 10], [x + 28, y - 10], [x + 28, y + 6], [x, y + 6]];
    pen.shape([box], Object.assign({ stroke: "#8c857a", width: 1 }, entry.look));
    SahelGeo.wrap(entry.label, side - 70, (line) => measure(line, dark)).forEach(function (line, at) {
      pen.text(x + 38, y + 3 + 15 * at, line, dark);
      y += at ? 15 : 0;
    });
    pen.text(x + side, y + 3, entry.count, { size: 11, colour: "#6b645b", anchor: "end" });
    y += 22;
  });
  return SahelGeo.drawSymbols(view, pen, x, y + 6, dark);
};

/** Draw the lines and the points of the legend. */
SahelGeo.drawSymbols = function (view, pen, x, top, style) {
  let y = top;
  view.data.lines
    .filter((line) => !view.hidden.has(line.kind))
    .forEach(function (line) {
      const look = SahelGeo.STYLE[line.kind];
        const stroke = { open: true, stroke: look.color, width: look.weight, dash: look.dashes };
      pen.shape([[[x, y], [x + 28, y]]], stroke);
      pen.text(x + 38, y + 4, SahelGeo.lineName(view, line), style);
      y += 20;
    });
  const present = new Set((view.groups || []).flatMap((group) => group.points.map((p) => p.precision)));
  SahelGeo.PRECISIONS.forEach(function (name, number) {
    if (present.has(number)) {
      SahelGeo.drawGroups(pen, [{ x: x + 14, y: y, count: 1, deaths: 5, precision: number }]);
      pen.text(x + 38, y + 4, view.texts[name], style);
      y += 20;
    }
  });
  return y;
};

/** Draw the whole sheet. */
SahelGeo.drawSheet = function (view, pen, sheet) {
  const { pad } = SahelGeo.SHEET;
  const all = [[0, 0], [sheet.width, 0], [sheet.width, sheet.height], [0, sheet.height]];
  pen.shape([all], { fill: "#ffffff" });
  let y = pad + 14;
  sheet.title.forEach(function (line) {
    pen.text(pad, y, line, { size: 20, weight: 650, colour: "#22201c" });
    y += 26;
  });
  sheet.subtitle.forEach(function (line) {
    pen.text(pad, y - 4, line, { size: 13, colour: "#5a544a" });
    y += 18;
  });
  pen.inside(0, sheet.top, sheet.size.x, sheet.size.y, () => SahelGeo.drawMap(view, pen, sheet.size));
  SahelGeo.drawLegend(view, pen, sheet.size.x + pad, sheet.top + 20, sheet.measure);
  sheet.foot.forEach(function (line, at) {
    const bottom = sheet.top + sheet.size.y + 18 + 15 * at;
    pen.text(pad, bottom, line, { size: 11, colour: "#4a453d" });
  });
};

/** Lay the sheet out: how large it is, and where its lines break. */
SahelGeo.layOut = function (view) {
  const { pad, side } = SahelGeo.SHEET;
  const context = document.createElement("canvas").getContext("2d");
  const measure = function (text, style) {
    context.font = (style.weight || 400) + " " + style.size + "px " + SahelGeo.FONT;
    return context.measureText(text).width;
  };
  const size = view.map.getSize();
  const width = size.x + side;
  const lines = (text, style) => SahelGeo.wrap(text, width - 2 * pad, (line) => measure(line, style));
  const title = lines(SahelGeo.heading(view, "title"), { size: 20, weight: 650 });
  const heads = [SahelGeo.heading(view, "subtitle"), SahelGeo.nowText(view)].filter(Boolean);
  const subtitle = lines(heads.join(" \u00b7 "), { size: 13 });
  const said = [SahelGeo.statement(view.data, view.lang)]
    .concat(view.data.notes.map(view.say), view.data.sources.map(view.say))
    .filter(Boolean);
  const foot = said.flatMap((text) => lines(text, { size: 11 }));
  const top = pad + 26 * title.length + 18 * subtitle.length + 4;
  const height = top + Math.max(size.y, 420) + 15 * foot.length + 2 * pad;
  return { title, subtitle, foot, top, width, height, size: { x: size.x, y: Math.max(size.y, 420) }, measure };
};

/** Make the drawing of the page as it is shown. */
SahelGeo.makeSvg = function (view) {
  const sheet = SahelGeo.layOut(view);
  const pen = SahelGeo.svgPen(sheet.width, sheet.height);
  SahelGeo.drawSheet(view, pen, sheet);
  return new Blob([pen.finish()], { type: "image/svg+xml" });
};

/** Make the picture of the page as it is shown, at twice the size. */
SahelGeo.makePng = function (view) {
  const sheet = SahelGeo.layOut(view);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * sheet.width;
  canvas.height = 2 * sheet.height;
  SahelGeo.drawSheet(view, SahelGeo.canvasPen(canvas.getContext("2d"), 2), sheet);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};

/** Hand a file to the reader. */
SahelGeo.download = function (blob, name) {
  const link = document.createElement("a");
  const address = URL.createObjectURL(blob);
  link.href = address;
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 10000);
};

/** Name the time shown as files are named, such as "2020-03" or "2012-01-2020-12". */
SahelGeo.timeKey = function (view) {
  const key = (period) => SahelGeo.periodKey(view, period);
  if (!view.data.time) {
    return SahelGeo.timeShown(view);
  }
  if (view.surface || !SahelGeo.isTimed(view, view.indicator)) {
    const ends = [0, view.data.time.count - 1].map((at) =>
      SahelGeo.periodStart(view.data.time, at).toISOString().slice(0, 7),
    );
    return Array.from(new Set(ends)).join("-");
  }
  return key(view.period) + (SahelGeo.isCompared(view) ? "-" + key(view.other) : "");
};

/** Name a file after the title, the indicator and the time shown. */
SahelGeo.fileName = function (view) {
  const slug = (text, most) =>
    SahelGeo.fold(text).replace(/[^a-z0-9]+/g, "-").slice(0, most).replace(/^-|-$/g, "");
  const own = view.data.follows.includes("title") ? "" : view.say(view.data.title);
  const what = view.surface ? SahelGeo.surfaceTitle(view) : view.say(view.shown.title);
  const unit = view.surface ? "" : view.say(view.shown.unit);
  const parts = [slug(own, 40), slug(what, 40), slug(unit, 24), slug(SahelGeo.timeKey(view), 30)];
  return parts.filter(Boolean).join("-") || "map";
};

/** Add the buttons that save and print. */
SahelGeo.connectSaving = function (view) {
  const set = SahelGeo.element("div", "sg-saving");
  const add = function (text, run) {
    const button = SahelGeo.element("button", "sg-button");
    button.type = "button";
    button.dataset.text = text;
    button.addEventListener("click", run);
    set.append(button);
  };
  const keep = (blob, ending) => {
    SahelGeo.download(blob, SahelGeo.fileName(view) + ending);
    view.find("status").textContent = view.texts.saved;
  };
  add("save_png", () => SahelGeo.makePng(view).then((blob) => keep(blob, ".png")));
  add("save_svg", () => keep(SahelGeo.makeSvg(view), ".svg"));
  add("print", () => window.print());
  const heading = SahelGeo.element("h3", "sg-screen");
  heading.dataset.text = "save";
  view.find("tools").append(heading, set);
  SahelGeo.translate(view.find("tools"), view.texts);
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
