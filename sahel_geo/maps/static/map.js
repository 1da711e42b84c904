/* The map itself: Leaflet layers drawn from the data of the page. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Stacking order of the layers; Leaflet's own overlays, which users add, have 400. */
SahelGeo.PANES = {
  context: 210,
  units: 350,
  surface: 360,
  lines: 370,
  highlight: 380,
  points: 385,
  labels: 390,
};

SahelGeo.STYLE = {
  land: { stroke: false, fillColor: "#ece8df", fillOpacity: 1 },
  sea: { stroke: false, fillColor: "#d9e5ea", fillOpacity: 1 },
  around: { weight: 1, color: "#bdb6a8" },
  unit: { weight: 0.6, color: "#8c857a", opacity: 0.75, fillOpacity: 1 },
  outer: { weight: 1.3, color: "#5e574d" },
  region: { weight: 1.1, color: "#5e574d", opacity: 0.9 },
  casing: { weight: 4.5, color: "#ffffff", opacity: 0.85 },
  border: { weight: 2, color: "#22201c" },
  zone: { weight: 2.6, color: "#0b4f8a", dashArray: "7 5" },
  highlight: { weight: 3, color: "#111111", fill: false },
  chosen: { weight: 3.4, color: "#0b4f8a", fill: false },
};

/** Make the panes and say which take the pointer. */
SahelGeo.makePanes = function (map) {
  Object.keys(SahelGeo.PANES).forEach(function (name) {
    const pane = map.createPane("sahel-" + name);
    pane.style.zIndex = SahelGeo.PANES[name];
    pane.style.pointerEvents = name === "units" ? "auto" : "none";
  });
};

/**
 * Make a hatching: lines, or dots, on a ground.
 * @param {string} ground colour below
 * @param {string} ink colour of the lines
 * @param {number} slope 1 for lines that rise to the right, -1 for lines that fall, 0 for dots
 * @param {number} size distance between the lines in pixels
 * @returns {CanvasPattern} what a canvas fills with
 */
SahelGeo.hatch = function (ground, ink, slope, size) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.fillStyle = ground;
  pen.fillRect(0, 0, size, size);
  pen.strokeStyle = pen.fillStyle = ink;
  if (slope === 0) {
    pen.fillRect(1, 1, 1.5, 1.5);
  }
  pen.lineWidth = 1;
  pen.beginPath();
  (slope ? [-size, 0, size] : []).forEach(function (shift) {
    pen.moveTo(shift - 1, slope > 0 ? size + 1 : -1);
    pen.lineTo(shift + size + 1, slope > 0 ? -1 : size + 1);
  });
  pen.stroke();
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
  const hatch = uncertain ? { ink: ink, slope: -1, size: 9 } : null;
  return { fill: entry.colour, hatch: hatch };
};

/** Make what a canvas fills a class with. */
SahelGeo.fillOf = function (entry, uncertain) {
  const { fill, hatch } = SahelGeo.lookOf(entry, uncertain);
  return hatch ? SahelGeo.hatch(fill, hatch.ink, hatch.slope, hatch.size) : fill;
};

/** Colour the units by what is shown. */
SahelGeo.paint = function (view) {
  const classes = SahelGeo.classesOf(view, view.indicator);
  const numbers = SahelGeo.classNumbers(view);
  const doubtful = SahelGeo.uncertainUnits(view);
  const fills = [false, true].map((doubt) =>
    classes.map((entry) => (doubt && !doubtful.size ? null : SahelGeo.fillOf(entry, doubt))),
  );
  view.layers.forEach(function (layer, position) {
    const fill = fills[doubtful.has(position) ? 1 : 0][numbers[position]];
    layer.options.fillColor = view.surface ? "#fbfaf6" : fill;
  });
  if (view.layers.length) {
    // one drawing for all, instead of one for each unit
    const renderer = view.layers[0].options.renderer;
    renderer._redrawBounds = null;
    renderer._redrawRequest = renderer._redrawRequest || L.Util.requestAnimFrame(renderer._redraw, renderer);
  }
};

/** Draw lines that do not take the pointer; a layer of the page by name. */
SahelGeo.drawLines = function (view, kind, styles) {
  const shapes = view.data.paths[kind].map((text) => SahelGeo.decodeLine(text, view.data.scale));
  view.lineLayers[kind] = L.layerGroup(
    styles.map(function (style) {
      const options = {
        interactive: false,
        renderer: view.linePen,
        pane: "sahel-lines",
        fill: false,
      };
      return L.polyline(shapes, Object.assign(options, SahelGeo.STYLE[style]));
    }),
  ).addTo(view.map);
};

/** Draw the land around the units, under everything. */
SahelGeo.drawContext = function (view) {
  const renderer = L.canvas({ pane: "sahel-context", padding: 0.5 });
  view.context = view.data.context.map(function (part) {
    const options = { interactive: false, renderer: renderer, pane: "sahel-context" };
    const rings = SahelGeo.polygons(SahelGeo.decodeShape(part.shape), view.arcs);
    const layer = L.polygon(rings, Object.assign(options, SahelGeo.STYLE[part.kind]));
    return { kind: part.kind, layer: layer.addTo(view.map) };
  });
};

/** Draw the units; the colour comes with the indicator. */
SahelGeo.drawUnits = function (view) {
  const renderer = L.canvas({ pane: "sahel-units", padding: 0.5 });
  const opacity = { fillOpacity: view.data.online ? 0.75 : 1 };
  return view.units.map(function (unit) {
    const options = { renderer: renderer, pane: "sahel-units", smoothFactor: 0.6 };
    const shape = SahelGeo.polygons(unit.shape, view.arcs);
    const style = Object.assign(options, SahelGeo.STYLE.unit, opacity);
    return L.polygon(shape, style).addTo(view.map);
  });
};

/** Set zoom limits and the first view. */
SahelGeo.fit = function (map, data) {
  const bounds = L.latLngBounds(data.bounds);
  const home = function () {
    map.fitBounds(bounds, { padding: [12, 12], animate: false });
  };
  const limit = function () {
    map.invalidateSize({ animate: false, pan: false });
    map.setMinZoom(Math.min(map.getBoundsZoom(bounds) - 0.5, data.max_zoom));
  };
  map.setMaxZoom(data.max_zoom);
  home();
  limit();
  home();
  map.setMaxBounds(bounds.pad(0.6));
  let fitting = false;
  let touched = false;
  map.on("dragstart zoomstart", function () {
    touched = touched || !fitting;
  });
  new ResizeObserver(function () {
    const box = map.getContainer();
    const size = map.getSize();
    if (box.clientWidth === size.x && box.clientHeight === size.y) {
      return; // it tells the first size too, and fitting again draws every unit again
    }
    fitting = true;
    limit();
    if (!touched) {
      home();
    }
    fitting = false;
  }).observe(map.getContainer());
  return function () {
    home();
    touched = false;
  };
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
  view.lineLayers.meeting = L.layerGroup(
    view.data.meeting_points.map((point) => L.marker(point, options)),
  ).addTo(view.map);
};
