/* The map itself: Leaflet layers drawn from the data of the page. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Stacking order of the layers; Leaflet's own overlays, which users add, have 400. */
SahelGeo.PANES = { context: 210, units: 350, lines: 370, highlight: 380, labels: 390 };

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
};

/** Make the panes and say which take the pointer. */
SahelGeo.makePanes = function (map) {
  Object.keys(SahelGeo.PANES).forEach(function (name) {
    const pane = map.createPane("sahel-" + name);
    pane.style.zIndex = SahelGeo.PANES[name];
    pane.style.pointerEvents = name === "units" ? "auto" : "none";
  });
};

/** Make the hatching that means "no data". */
SahelGeo.hatch = function () {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const pen = tile.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, 6, 6);
  pen.strokeStyle = "#8f8a80";
  pen.lineWidth = 1;
  pen.beginPath();
  [-6, 0, 6].forEach(function (shift) {
    pen.moveTo(shift - 1, 7);
    pen.lineTo(shift + 7, -1);
  });
  pen.stroke();
  return pen.createPattern(tile, "repeat");
};

/** Draw lines that do not take the pointer. */
SahelGeo.drawLines = function (map, texts, scale, styles, renderer) {
  const shapes = texts.map((text) => SahelGeo.decodeLine(text, scale));
  return styles.map(function (style) {
    const options = { interactive: false, renderer: renderer, pane: "sahel-lines", fill: false };
    return L.polyline(shapes, Object.assign(options, SahelGeo.STYLE[style])).addTo(map);
  });
};

/** Draw the land around the units, under everything. */
SahelGeo.drawContext = function (map, data, arcs) {
  const renderer = L.canvas({ pane: "sahel-context", padding: 0.5 });
  data.context.forEach(function (part) {
    const options = { interactive: false, renderer: renderer, pane: "sahel-context" };
    const rings = SahelGeo.polygons(part.shape, arcs);
    L.polygon(rings, Object.assign(options, SahelGeo.STYLE[part.kind])).addTo(map);
  });
};

/** Draw the units; the colour comes with the indicator. */
SahelGeo.drawUnits = function (map, data, arcs) {
  const renderer = L.canvas({ pane: "sahel-units", padding: 0.5 });
  return data.units.map(function (unit) {
    const options = { renderer: renderer, pane: "sahel-units", smoothFactor: 0.6 };
    const shape = SahelGeo.polygons(unit.shape, arcs);
    const style = Object.assign(options, SahelGeo.STYLE.unit, { fillOpacity: data.opacity });
    return L.polygon(shape, style).addTo(map);
  });
};

/** Make one label, with its size in pixels. */
SahelGeo.makeLabel = function (label, pen) {
  const town = label.kind === "town" || label.kind === "capital";
  const node = SahelGeo.element("span", "sg-name sg-name-" + label.kind, label.text);
  const icon = L.divIcon({ className: "sg-name-anchor", html: node, iconSize: [0, 0] });
  icon.options.className += town ? " sg-town" : "";
  pen.font = label.kind === "around" ? "11.5px sans-serif" : "600 13px sans-serif";
  const text = town ? label.text : label.text.toUpperCase();
  const spacing = town ? 0 : text.length * 1.9;
  const options = { icon: icon, pane: "sahel-labels", interactive: false, keyboard: false };
  return {
    marker: L.marker([label.lat, label.lon], options),
    node: node,
    town: town,
    width: Math.min(pen.measureText(text).width + spacing, 250) + 14,
    zoom: label.zoom,
  };
};

/** Say where a label could stand: a town's to the right or left of its dot, others centred. */
SahelGeo.labelPlaces = function (map, label) {
  const point = map.latLngToContainerPoint(label.marker.getLatLng());
  const starts = label.town
    ? [point.x - 5, point.x + 5 - label.width]
    : [point.x - label.width / 2];
  return starts.map((x) => ({ x: x, y: point.y - 9, width: label.width, height: 18 }));
};

/** List the boxes of the buttons and the scale, which stand on the map. */
SahelGeo.controlBoxes = function (map) {
  const frame = map.getContainer().getBoundingClientRect();
  const controls = map.getContainer().querySelectorAll(".leaflet-control");
  return Array.from(controls, function (control) {
    const box = control.getBoundingClientRect();
    const place = { x: box.left - frame.left, y: box.top - frame.top };
    return Object.assign(place, { width: box.width, height: box.height });
  });
};

/** Put the names of countries and towns on the map, as many as fit. */
SahelGeo.drawLabels = function (map, data) {
  const pen = document.createElement("canvas").getContext("2d");
  const labels = data.labels.map((label) => SahelGeo.makeLabel(label, pen));
  const update = function () {
    const size = map.getSize();
    const candidates = labels.filter((label) => map.getZoom() >= label.zoom);
    const places = candidates.map((label) => SahelGeo.labelPlaces(map, label));
    const frame = { width: size.x, height: size.y };
    const chosen = SahelGeo.declutter(places, frame, SahelGeo.controlBoxes(map));
    labels.forEach((label) => label.marker.remove());
    candidates.forEach(function (label, i) {
      if (chosen[i] >= 0) {
        label.node.classList.toggle("sg-left", chosen[i] === 1);
        label.marker.addTo(map);
      }
    });
  };
  map.on("moveend resize", update);
  update();
};

/** Make the box that follows the pointer and tells of the unit under it. */
SahelGeo.makeTip = function (map) {
  const tip = SahelGeo.element("div", "sg-tip");
  tip.hidden = true;
  tip.setAttribute("role", "tooltip");
  map.getContainer().append(tip);
  return {
    node: tip,
    show: function (content, latlng) {
      tip.replaceChildren(content);
      tip.hidden = false;
      this.move(latlng);
    },
    move: function (latlng) {
      const size = map.getSize();
      const box = { width: tip.offsetWidth, height: tip.offsetHeight };
      const frame = { width: size.x, height: size.y };
      const place = SahelGeo.placeBeside(map.latLngToContainerPoint(latlng), box, frame);
      tip.style.left = place.left + "px";
      tip.style.top = place.top + "px";
    },
    hide: function () {
      tip.hidden = true;
    },
  };
};

/** Outline the unit that is pointed at, and describe it. */
SahelGeo.connectUnits = function (map, data, layers, state) {
  const renderer = L.svg({ pane: "sahel-highlight", padding: 0.5 });
  const outline = L.polygon(
    [],
    Object.assign(
      { interactive: false, renderer: renderer, pane: "sahel-highlight", className: "sg-outline" },
      SahelGeo.STYLE.highlight,
    ),
  ).addTo(map);
  const tip = SahelGeo.makeTip(map);
  const leave = function () {
    state.unit = -1;
    outline.setLatLngs([]);
    tip.hide();
  };
  const enter = function (position, latlng) {
    if (state.unit !== position || tip.node.hidden) {
      state.unit = position;
      outline.setLatLngs(layers[position].getLatLngs());
      tip.show(SahelGeo.describeUnit(data, position, state.indicator), latlng);
    } else {
      tip.move(latlng);
    }
  };
  layers.forEach(function (layer, position) {
    layer.on("mouseover mousemove click", function (event) {
      L.DomEvent.stopPropagation(event);
      enter(position, event.latlng);
    });
    layer.on("mouseout", leave);
  });
  map.on("click zoomstart", leave);
  map.getContainer().addEventListener("mouseleave", leave);
  document.addEventListener("keydown", (event) => event.key === "Escape" && leave());
  return { enter: enter, leave: leave };
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
SahelGeo.addControls = function (map, data, home) {
  const texts = data.texts;
  L.control
    .zoom({ position: "topleft", zoomInTitle: texts.zoom_in, zoomOutTitle: texts.zoom_out })
    .addTo(map);
  const back = L.control({ position: "topleft" });
  back.onAdd = function () {
    const bar = L.DomUtil.create("div", "leaflet-bar");
    const button = SahelGeo.element("button", "sg-home");
    button.type = "button";
    button.title = texts.reset;
    button.setAttribute("aria-label", texts.reset);
    button.addEventListener("click", home);
    L.DomEvent.disableClickPropagation(bar);
    bar.append(button);
    return bar;
  };
  back.addTo(map);
  L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
};

/**
 * Draw the page.
 * @param {L.Map} map the map that folium made
 * @param {string} name id of the data element, and prefix of the other ids
 * @returns {object} what the page shows, to read only
 */
SahelGeo.start = function (map, name) {
  const find = (part) => document.getElementById(name + "_" + part);
  const data = JSON.parse(find("data").textContent);
  const state = { indicator: 0, unit: -1 };
  const hatch = SahelGeo.hatch();
  map.getContainer().setAttribute("aria-label", data.texts.map_hint);
  map.getContainer().setAttribute("role", "application");
  if (map.attributionControl) {
    map.attributionControl.setPrefix(false);
  }
  SahelGeo.keepOpenWhenWide(find("panel"));
  SahelGeo.markKeyboard();
  SahelGeo.makePanes(map);
  const home = SahelGeo.fit(map, data);
  const arcs = data.arcs.map((text) => SahelGeo.decodeLine(text, data.scale));
  SahelGeo.drawContext(map, data, arcs);
  const layers = SahelGeo.drawUnits(map, data, arcs);
  const pen = L.canvas({ pane: "sahel-lines", padding: 0.5 });
  SahelGeo.drawLines(map, data.paths.around, data.scale, ["around"], pen);
  SahelGeo.drawLines(map, data.paths.region, data.scale, ["region"], pen);
  SahelGeo.drawLines(map, data.paths.outer, data.scale, ["outer"], pen);
  SahelGeo.drawLines(map, data.paths.border, data.scale, ["casing", "border"], pen);
  SahelGeo.drawLines(map, data.paths.zone, data.scale, ["casing", "zone"], pen);
  SahelGeo.addControls(map, data, home);
  SahelGeo.drawLabels(map, data);
  const pointer = SahelGeo.connectUnits(map, data, layers, state);

  const showIndicator = function (number) {
    state.indicator = number;
    const indicator = data.indicators[number];
    const fills = indicator.classes.map((entry) =>
      entry.kind === "no_data" ? hatch : entry.colour,
    );
    layers.forEach((layer, i) => layer.setStyle({ fillColor: fills[indicator.class_of[i]] }));
    SahelGeo.showLegend(find("legend"), data, number);
    pointer.leave();
  };
  const showUnit = function (position) {
    const bounds = layers[position].getBounds();
    map.fitBounds(bounds, { maxZoom: data.max_zoom - 2, padding: [40, 40], animate: false });
    pointer.enter(position, L.latLng(data.units[position].centre));
    find("status").textContent = SahelGeo.describeUnit(data, position, state.indicator).innerText;
  };
  SahelGeo.connectSwitch(find("switch"), data, showIndicator);
  SahelGeo.connectSearch(find("find"), find("status"), data, showUnit);
  showIndicator(0);

  return Object.freeze({
    get units() {
      return layers.filter((layer) => map.hasLayer(layer) && !layer.isEmpty()).length;
    },
    get indicator() {
      return data.indicators[state.indicator].key;
    },
    get unit() {
      return state.unit < 0 ? null : data.units[state.unit].id;
    },
    colourOf: function (id) {
      const position = data.units.findIndex((unit) => unit.id === id);
      const fill = layers[position].options.fillColor;
      return typeof fill === "string" ? fill : "hatched";
    },
    pointOf: function (id) {
      const position = data.units.findIndex((unit) => unit.id === id);
      const point = map.latLngToContainerPoint(L.latLng(data.units[position].centre));
      return [point.x, point.y];
    },
  });
};
