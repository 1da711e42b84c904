/* The map itself: units and lines drawn from the data of the page, and what stands on them. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

/** Stacking order of the layers; Leaflet's own overlays, which users add, have 400. */
SahelGeo.PANES = {
  units: 350,
  surface: 360,
  lines: 370,
  highlight: 380,
  points: 385,
  labels: 390,
};

SahelGeo.STYLE = {
  land: { fillColor: "#ece8df" },
  sea: { fillColor: "#d9e5ea" },
  unit: { weight: 0.6, color: "#8c857a", opacity: 0.9 },
  lake: { fillColor: "#b9d6e3", color: "#7ba9bf", weight: 0.7 },
  river: { weight: 1.3, color: "#6a9fb8", opacity: 0.9 },
  far: { weight: 1, color: "#bdb6a8" },
  around: { weight: 1, color: "#bdb6a8" },
  region: { weight: 1.1, color: "#5e574d", opacity: 0.9 },
  outer: { weight: 1.3, color: "#5e574d" },
  casing: { weight: 4.5, color: "#ffffff", opacity: 0.85 },
  border: { weight: 2, color: "#22201c" },
  zone: { weight: 2.6, color: "#0b4f8a", dashes: [7, 5] },
  highlight: { weight: 3, color: "#111111", fill: false },
  chosen: { weight: 3.4, color: "#0a4880", fill: false },
};

/** Lines in the order in which they are drawn, each with its strokes. */
SahelGeo.LINES = {
  far: ["far"],
  river: ["river"],
  around: ["around"],
  region: ["region"],
  outer: ["outer"],
  border: ["casing", "border"],
  zone: ["casing", "zone"],
};

/** Make the panes; what lies in them lets the pointer through to the map. */
SahelGeo.makePanes = function (map) {
  Object.keys(SahelGeo.PANES).forEach(function (name) {
    const pane = map.createPane("sahel-" + name);
    pane.style.zIndex = SahelGeo.PANES[name];
    pane.style.pointerEvents = "none";
  });
};

/**
 * Make a hatching: lines, or dots, on a ground.
 * @param {string} ground colour below
 * @param {string} ink colour of the lines
 * @param {number} slope 1 for lines that rise to the right, -1 for lines that fall, 0 for dots
 * @param {number} size distance between the lines in pixels
 * @param {string} [mark] "vertical", "horizontal" or "grid": lines of a class
 * @returns {CanvasPattern} what a canvas fills with
 */
SahelGeo.hatch = function (ground, ink, slope, size, mark) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = ink;
  if (slope === 0) {
    pen.fillRect(1, 1, 1.5, 1.5);
  }
  pen.lineWidth = 1.3;
  pen.beginPath();
  (slope ? [-size, 0, size] : []).forEach(function (shift) {
    pen.moveTo(shift - 1, slope > 0 ? size + 1 : -1);
    pen.lineTo(shift + size + 1, slope > 0 ? -1 : size + 1);
  });
  pen.stroke();
  if (mark && mark !== "horizontal") {
    pen.fillRect(Math.floor(size / 2), 0, 1.4, size);
  }
  if (mark && mark !== "vertical") {
    pen.fillRect(0, Math.floor(size / 2), size, 1.4);
  }
  return pen.createPattern(tile, "repeat");
};

/** Choose the ink that can be seen on a colour. */
SahelGeo.inkOn = function (colour) {
  const channel = (at) => parseInt(colour.slice(at, at + 2), 16);
  const light = 0.299 * channel(1) + 0.587 * channel(3) + 0.114 * channel(5);
  return light > 140 ? "#3d3830" : "#ffffff";
};

/** Say how a class looks: hatched without data, the other way if uncertain, dotted if hidden. */
SahelGeo.lookOf = function (entry, uncertain) {
  if (entry.kind === "no_data") {
    return { fill: "#ffffff", hatch: { ink: "#8f8a80", slope: 1, size: 6 } };
  }
  if (entry.kind === "suppressed") {
    return { fill: entry.colour, hatch: { ink: "#3d3830", slope: 0, size: 5 } };
  }
  const ink = SahelGeo.inkOn(entry.colour);
  const lines = { ink: ink, slope: uncertain ? -1 : null, size: 9, mark: entry.mark };
  const hatch = uncertain || entry.mark ? lines : null;
  return { fill: entry.colour, hatch: hatch };
};

/** Make what a canvas fills a class with. */
SahelGeo.fillOf = function (entry, uncertain) {
  const { fill, hatch } = SahelGeo.lookOf(entry, uncertain);
  return hatch ? SahelGeo.hatch(fill, hatch.ink, hatch.slope, hatch.size, hatch.mark) : fill;
};

/** Choose what each unit is filled with. */
SahelGeo.fillsOf = function (view) {
  const classes = SahelGeo.classesOf(view, view.indicator);
  const numbers = SahelGeo.classNumbers(view);
  const doubtful = SahelGeo.uncertainUnits(view);
  const fills = [false, true].map((doubt) =>
    classes.map((entry) => (doubt && !doubtful.size ? null : SahelGeo.fillOf(entry, doubt))),
  );
  return view.units.map((_, position) => fills[doubtful.has(position) ? 1 : 0][numbers[position]]);
};

/** Colour the units by what is shown, and by the period that it is compared with. */
SahelGeo.colour = function (view) {
  view.fills = view.surface ? view.units.map(() => "#fbfaf6") : SahelGeo.fillsOf(view);
  view.otherFills = SahelGeo.isCompared(view) ? SahelGeo.atPeriod(view, view.other, SahelGeo.fillsOf) : null;
};

/** Colour the units and draw them again. */
SahelGeo.paint = function (view) {
  SahelGeo.colour(view);
  view.unitSheet.redraw();
};

/** Read the geometry of the page: arcs, outlines of the units and of the land around, lines. */
SahelGeo.readGeometry = function (view) {
  const data = view.data;
  view.arcs = data.arcs.map((text) => SahelGeo.worldLine(text, data.scale));
  view.arcsAt = SahelGeo.enlarger(view.arcs);
  view.outlines = view.units.map((unit) => SahelGeo.outline(unit.shape, view.arcs));
  view.unitArcs = Array.from(new Set(view.outlines.flatMap((outline) => outline.arcs)));
  view.context = data.context.map(function (part) {
    const outline = SahelGeo.outline(SahelGeo.decodeShape(part.shape), view.arcs);
    return { kind: part.kind, outline: outline };
  });
  const read = (kind) =>
    SahelGeo.enlarger(data.paths[kind].map((text) => SahelGeo.worldLine(text, data.scale)));
  view.lines = Object.keys(SahelGeo.LINES).map((kind) => ({ kind: kind, at: read(kind) }));
  view.areas = { sea: read("sea"), lake: read("lake") };
};

/** Fill the sea beyond the land around, or the lakes: rings of which none lies in another's water. */
SahelGeo.fillArea = function (view, pen, frame, kind) {
  const rings = view.areas[kind](frame.scale);
  pen.beginPath();
  rings.forEach((ring) => SahelGeo.walk(pen, ring, frame.origin));
  pen.fillStyle = SahelGeo.STYLE[kind].fillColor;
  pen.fill("evenodd");
};

/** Draw the land around and the units, and between the units each border once. */
SahelGeo.drawUnits = function (view, pen, frame) {
  const arcs = view.arcsAt(frame.scale);
  const fill = function (outline, colour) {
    if (SahelGeo.touch(outline.box, frame.box)) {
      pen.beginPath();
      SahelGeo.walkAround(pen, outline, arcs, frame.origin);
      pen.fillStyle = colour;
      pen.fill("evenodd");
    }
  };
  SahelGeo.fillArea(view, pen, frame, "sea");
  view.context.forEach((part) => fill(part.outline, SahelGeo.STYLE[part.kind].fillColor));
  pen.globalAlpha = view.data.online ? 0.75 : 1;
  view.outlines.forEach((outline, position) => fill(outline, view.fills[position]));
  SahelGeo.fillOther(view, pen, fill);
  const { color, weight, opacity } = SahelGeo.STYLE.unit;
  pen.beginPath();
  view.unitArcs.forEach((number) => SahelGeo.walk(pen, arcs[number], frame.origin));
  Object.assign(pen, { globalAlpha: opacity, strokeStyle: color, lineWidth: weight });
  pen.lineJoin = "round";
  pen.stroke();
  pen.globalAlpha = 1;
};

/** Draw the lines that are shown. */
SahelGeo.drawLines = function (view, pen, frame) {
  if (!view.hidden.has("river")) {
    SahelGeo.fillArea(view, pen, frame, "lake");
  }
  view.lines
    .filter((line) => !view.hidden.has(line.kind))
    .forEach(function (line) {
      pen.beginPath();
      line.at(frame.scale).forEach((points) => SahelGeo.walk(pen, points, frame.origin));
      SahelGeo.LINES[line.kind].forEach(function (name) {
        const { color, weight, opacity, dashes } = SahelGeo.STYLE[name];
        Object.assign(pen, { strokeStyle: color, lineWidth: weight, globalAlpha: opacity || 1 });
        Object.assign(pen, { lineJoin: "round", lineCap: dashes ? "butt" : "round" });
        pen.setLineDash(dashes || []);
        pen.stroke();
      });
    });
  pen.globalAlpha = 1;
};

/** Put the sheets on the map: the units below the surface, the lines above. */
SahelGeo.addSheets = function (view) {
  const add = (draw, pane) =>
    new SahelGeo.Sheet((pen, frame) => draw(view, pen, frame), { pane: pane }).addTo(view.map);
  view.unitSheet = add(SahelGeo.drawUnits, "sahel-units");
  view.lineSheet = add(SahelGeo.drawLines, "sahel-lines");
};

/** Find the unit at a place, the one on top where several lie; -1 if there is none. */
SahelGeo.unitAt = function (view, latlng) {
  const { x, y } = view.map.project(latlng, 0);
  let found = view.outlines.length - 1;
  while (found >= 0 && !SahelGeo.contains(view.outlines[found], view.arcs, x, y)) {
    found -= 1;
  }
  return found;
};

/** Give the outline of a unit as Leaflet wants it. */
SahelGeo.latLngsOf = function (view, position) {
  const outline = view.outlines[position];
  const walk = (pen) => SahelGeo.walkAround(pen, outline, view.arcs, { x: 0, y: 0 });
  return SahelGeo.trace(walk).map((ring) => ring.map((at) => view.map.unproject(at, 0)));
};

/** Set zoom limits and the first view. */
SahelGeo.fit = function (map, data) {
  const bounds = L.latLngBounds(data.bounds);
  const home = function () {
    map.fitBounds(bounds, { padding: [12, 12], animate: false });
  };
  const limit = function () {
    map.invalidateSize({ animate: false, pan: false });
    map.options.minZoom = Math.min(map.getBoundsZoom(bounds) - 0.5, data.max_zoom);
    map.fire("zoomlevelschange");
    if (map.getZoom() < map.options.minZoom) {
      map.setZoom(map.options.minZoom, { animate: false }); // setMinZoom would move later, as a reader does
    }
  };
  let fitted = null;
  let fitting = false;
  const refit = function (whole) {
    fitting = true;
    map.setMaxBounds(null); // a way back inside, cut short, would begin another, as a reader does
    limit();
    fitted = map.getSize(); // Leaflet may have known it before, as when a hidden frame is shown
    if (whole) {
      home();
    }
    map.setMaxBounds(bounds.pad(0.6));
    fitting = false;
  };
  map.setMaxZoom(data.max_zoom);
  home();
  refit(true);
  map.options.touched = false;
  map.on("dragstart zoomstart", function () {
    map.options.touched = map.options.touched || !(fitting || map.options.printing);
  });
  new ResizeObserver(function () {
    const box = map.getContainer();
    if ((box.clientWidth === fitted.x && box.clientHeight === fitted.y) || map.options.printing) {
      return; // it tells the first size too, and fitting again draws every unit again
    }
    refit(!map.options.touched && !map.options.held);
  }).observe(map.getContainer());
  SahelGeo.refitInPrint(map, bounds, () => refit(!map.options.touched));
  return function () {
    home();
    map.options.touched = false;
  };
};

/** On paper show what is seen on the screen, as large as the paper allows, and then as before. */
SahelGeo.refitInPrint = function (map, bounds, back) {
  let before = null;
  const keep = function () {
    const seen = map.options.touched ? map.getBounds() : bounds;
    before = before || { centre: map.getCenter(), zoom: map.getZoom(), seen: seen };
  };
  const start = function () {
    keep();
    map.options.printing = true;
    map.setMinZoom(0);
    map.options.waiting = true; // a canvas that is drawn twice clears those below it on paper
    map.invalidateSize({ animate: false, pan: false });
    map.fitBounds(before.seen, { padding: map.options.touched ? [0, 0] : [10, 10], animate: false });
    map.options.waiting = false;
    map.fire("moveend");
  };
  const end = function () {
    if (before) {
      map.invalidateSize({ animate: false, pan: false });
      map.setView(before.centre, before.zoom, { animate: false });
      map.options.printing = false;
      before = null;
      back();
    }
  };
  window.addEventListener("beforeprint", keep);
  window.matchMedia("print").addEventListener("change", (event) => (event.matches ? start() : end()));
  window.addEventListener("afterprint", end);
};

/** Add zoom buttons, the way back to the whole map, and a scale in kilometres. */
SahelGeo.addControls = function (view, home) {
  const map = view.map;
  const zoom = L.control.zoom({ position: "topleft" }).addTo(map);
  const back = L.control({ position: "topleft" });
  const button = SahelGeo.element("button", "sg-home");
  button.type = "button";
  button.addEventListener("click", home);
  back.onAdd = function () {
    const bar = L.DomUtil.create("div", "leaflet-bar");
    L.DomEvent.disableClickPropagation(bar);
    bar.append(button);
    return bar;
  };
  back.addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
  const name = function () {
    const [nearer, farther] = zoom.getContainer().querySelectorAll("a");
    [
      [nearer, view.texts.zoom_in],
      [farther, view.texts.zoom_out],
      [button, view.texts.reset],
    ].forEach(function ([node, text]) {
      node.title = text;
      node.setAttribute("aria-label", text);
    });
    map.getContainer().setAttribute("aria-label", view.texts.map_hint);
  };
  view.on(["lang"], name);
  name();
};

/** Mark where three countries meet. */
SahelGeo.drawMeetingPoints = function (view) {
  const icon = L.divIcon({ className: "sg-meeting", iconSize: [14, 12], iconAnchor: [7, 8] });
  const options = { icon: icon, pane: "sahel-labels", interactive: false, keyboard: false };
  view.meeting = L.layerGroup(
    view.data.meeting_points.map((point) => L.marker(point, options)),
  ).addTo(view.map);
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
