/* Names of countries and towns on the map, as many as fit. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Make one label, with its size in pixels. */
SahelGeo.makeLabel = function (view, label, pen) {
  const words = view.say(label.text);
  const town = label.kind === "town" || label.kind === "capital";
  const node = SahelGeo.element("span", "sg-name sg-name-" + label.kind, words);
  const icon = L.divIcon({ className: "sg-name-anchor", html: node, iconSize: [0, 0] });
  icon.options.className += town ? " sg-town" : "";
  pen.font = label.kind === "around" ? "11.5px sans-serif" : "600 13px sans-serif";
  const text = town ? words : words.toUpperCase();
  const spacing = town ? 0 : text.length * 1.9;
  const options = { icon: icon, pane: "sahel-labels", interactive: false, keyboard: false };
  return {
    marker: L.marker([label.lat, label.lon], options),
    node: node,
    kind: town ? "towns" : label.kind === "around" ? "around" : "names",
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
SahelGeo.drawLabels = function (view) {
  const map = view.map;
  const pen = document.createElement("canvas").getContext("2d");
  const make = () => view.data.labels.map((label) => SahelGeo.makeLabel(view, label, pen));
  let labels = make();
  const update = function () {
    const size = map.getSize();
    const candidates = labels.filter(
      (label) => map.getZoom() >= label.zoom && !view.hidden.has(label.kind),
    );
    const places = candidates.map((label) => SahelGeo.labelPlaces(map, label));
    const frame = { width: size.x, height: size.y };
    const chosen = SahelGeo.declutter(places, frame, SahelGeo.controlBoxes(map));
    labels.forEach((label) => label.marker.remove());
    view.labels = candidates.filter(function (label, i) {
      if (chosen[i] >= 0) {
        label.node.classList.toggle("sg-left", chosen[i] === 1);
        label.left = chosen[i] === 1;
        label.marker.addTo(map);
      }
      return chosen[i] >= 0;
    });
  };
  view.on(["lang"], function () {
    labels.forEach((label) => label.marker.remove());
    labels = make();
    update();
  });
  view.on(["toggled"], update);
  map.on("moveend resize", update);
  update();
};
