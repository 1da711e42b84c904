/* Layers that a reader shows or hides, and the small map of where the view lies. */
"use strict";

var SahelGeo = SahelGeo || {};

/** List the layers of the page: name, text, and whether it is shown at first. */
SahelGeo.layerList = function (view) {
  const data = view.data;
  const kinds = new Set(data.labels.map((label) => label.kind));
  const doubt = data.indicators.some((indicator) => indicator.uncertain);
  return [
    ["points", "layer_points", Boolean(data.points), true],
    ["surface", "layer_surface", Boolean(data.surface), false],
    ["uncertain", "layer_uncertain", doubt, true],
    ["river", "waters", data.paths.river.length + data.paths.lake.length > 0, true],
    ["border", "layer_borders", data.paths.border.length > 0, true],
    ["region", "layer_regions", data.paths.region.length > 0, true],
    ["zone", "layer_zone", data.paths.zone.length > 0, true],
    ["towns", "layer_towns", kinds.has("town") || kinds.has("capital"), true],
    ["names", "layer_names", kinds.has("country"), true],
    ["around", "layer_around", kinds.has("around") || data.paths.around.length > 0, true],
    ["notes", "annotations", data.annotations.length > 0, true],
  ]
    .filter((row) => row[2])
    .map((row) => ({ kind: row[0], text: row[1], shown: row[3] }));
};

/** Show or hide a layer. */
SahelGeo.toggleLayer = function (view, kind, shown) {
  if (shown) {
    view.hidden.delete(kind);
  } else {
    view.hidden.add(kind);
  }
  if (kind === "border" && shown) {
    view.meeting.addTo(view.map);
  } else if (kind === "border") {
    view.meeting.remove();
  }
  view.lineSheet.redraw();
  const changes = { toggled: view.toggled + 1 };
  if (kind === "surface" || kind === "uncertain") {
    changes[kind] = shown;
  }
  view.set(changes);
};

/** Make the list of layers, each with a box to tick. */
SahelGeo.connectLayers = function (view) {
  view.toggled = 0;
  const list = SahelGeo.layerList(view);
  if (!list.length) {
    return;
  }
  const set = SahelGeo.element("fieldset", "sg-layers");
  const legend = SahelGeo.element("legend", "");
  legend.dataset.text = "layers";
  set.append(legend);
  list.forEach(function (layer) {
    const label = SahelGeo.element("label", "");
    const box = document.createElement("input");
    const text = SahelGeo.element("span", "");
    text.dataset.text = layer.text;
    Object.assign(box, { type: "checkbox", checked: layer.shown, value: layer.kind });
    box.addEventListener("change", () => SahelGeo.toggleLayer(view, layer.kind, box.checked));
    label.append(box, text);
    set.append(label);
    if (!layer.shown) {
      view.hidden.add(layer.kind);
    }
  });
  view.find("tools").append(set);
  SahelGeo.connectTypes(view);
  SahelGeo.translate(set, view.texts);
};

/** Make a box to tick for each type of event, where the incidents have several. */
SahelGeo.connectTypes = function (view) {
  const types = view.data.points && view.data.points.types;
  if (!types || types.names.length < 2) {
    return;
  }
  const set = SahelGeo.element("fieldset", "sg-layers sg-types");
  const legend = SahelGeo.element("legend", "");
  legend.dataset.text = "event_types";
  set.append(legend);
  const names = types.names.map(function (words, number) {
    const label = SahelGeo.element("label", "");
    const box = document.createElement("input");
    const text = SahelGeo.element("span", "");
    Object.assign(box, { type: "checkbox", checked: true, value: "type-" + number });
    box.addEventListener("change", function () {
      view.hiddenTypes[box.checked ? "delete" : "add"](number);
      view.set({ toggled: view.toggled + 1 });
    });
    label.append(box, text);
    set.append(label);
    return () => (text.textContent = view.say(words));
  });
  const name = () => names.forEach((write) => write());
  view.on(["lang"], name);
  name();
  view.find("tools").append(set);
  SahelGeo.translate(set, view.texts);
};

/** Connect the surface, a picture that takes the place of the colours of the units. */
SahelGeo.connectSurface = function (view) {
  const surface = view.data.surface;
  if (!surface) {
    return;
  }
  view.surfacePicture = L.imageOverlay(surface.picture, surface.bounds, {
    pane: "sahel-surface",
    alt: "",
  });
  view.on(["surface"], function () {
    if (view.surface) {
      view.surfacePicture.addTo(view.map);
    } else {
      view.surfacePicture.remove();
    }
  });
};

/** Say what the surface is called. */
SahelGeo.surfaceTitle = function (view) {
  const label = view.data.surface.label;
  return label === null ? view.texts.layer_surface : view.say(label);
};

/** The part of the world that the small map shows: the region, or what the map holds. */
SahelGeo.locatorBounds = function (data) {
  const region = [[8.5, -13.5], [25.5, 17]];
  const [low, high] = data.bounds;
  const within = low[0] >= 8.5 && low[1] >= -13.5 && high[0] <= 25.5 && high[1] <= 17;
  return within ? region : data.bounds;
};

/** Draw the small map: outlines, and the rectangle of the view. */
SahelGeo.drawLocator = function (view, canvas, lines, bounds) {
  const ratio = window.devicePixelRatio || 1;
  const width = view.map.getSize().x < 500 ? 84 : 118;
  const [low, high] = bounds;
  const squeeze = Math.cos(((low[0] + high[0]) / 2) * (Math.PI / 180));
  const scale = width / ((high[1] - low[1]) * squeeze);
  const height = Math.round((high[0] - low[0]) * scale);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  Object.assign(canvas.style, { width: width + "px", height: height + "px" });
  const place = ([lat, lon]) => [(lon - low[1]) * squeeze * scale, (high[0] - lat) * scale];
  const pen = SahelGeo.canvasPen(canvas.getContext("2d"), ratio);
  lines.forEach(function (line) {
    const width_ = line.kind === "around" ? 0.5 : 1;
    const colour = line.kind === "around" ? "#bdb6a8" : "#5e574d";
    pen.shape([line.points.map(place)], { open: true, stroke: colour, width: width_ });
  });
  const seen = view.map.getBounds();
  const [left, top] = place([seen.getNorth(), seen.getWest()]);
  const [right, bottom] = place([seen.getSouth(), seen.getEast()]);
  const ring = [[left, top], [right, top], [right, bottom], [left, bottom]];
  pen.shape([ring], { fill: "rgb(11 79 138 / 14%)", stroke: "#0b4f8a", width: 2 });
  const whole = seen.contains(L.latLngBounds(bounds).pad(-0.12));
  canvas.parentElement.hidden = whole;
};

/** Leave out vertices closer than a step to the one before. */
SahelGeo.thin = function (points, step) {
  let last = null;
  return points.filter(function (point, at) {
    const far = !last || Math.abs(point[0] - last[0]) + Math.abs(point[1] - last[1]) > step;
    const kept = far || at === points.length - 1;
    last = kept ? point : last;
    return kept;
  });
};

/** Add the small map in the corner. */
SahelGeo.connectLocator = function (view) {
  const bounds = SahelGeo.locatorBounds(view.data);
  const lines = ["around", "outer", "border"].flatMap((kind) =>
    view.data.paths[kind].map((text) => ({
      kind: kind,
      points: SahelGeo.thin(SahelGeo.decodeLine(text, view.data.scale), 0.12),
    })),
  );
  const control = L.control({ position: "bottomright" });
  const canvas = document.createElement("canvas");
  const box = SahelGeo.element("div", "sg-locator");
  box.append(canvas);
  canvas.setAttribute("role", "img");
  control.onAdd = () => box;
  control.addTo(view.map);
  const draw = () => SahelGeo.drawLocator(view, canvas, lines, bounds);
  const name = () => canvas.setAttribute("aria-label", view.texts.locator);
  view.map.on("moveend resize", draw);
  view.on(["lang"], name);
  name();
  draw();
};
