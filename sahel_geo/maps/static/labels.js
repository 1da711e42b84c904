/* Names of countries and towns on the map, as many as fit. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Make one label, with its size in pixels. */
SahelGeo.makeLabel = function (view, label, pen) {
  const words = view.say(label.text);
  const town = label.kind === "town" || label.kind === "capital";
  const water = label.kind === "water";
  const node = SahelGeo.element("span", "sg-name sg-name-" + label.kind, words);
  const icon = L.divIcon({ className: "sg-name-anchor", html: node, iconSize: [0, 0] });
  icon.options.className += town ? " sg-town" : "";
  const small = view.map.getSize().x < 500;
  pen.font = label.kind === "around" || water || small ? "11.5px sans-serif" : "600 13px sans-serif";
  const text = town || water ? words : words.toUpperCase();
  const spacing = town || water ? 0 : text.length * (small ? 0.6 : 1.9);
  const options = { icon: icon, pane: "sahel-labels", interactive: false, keyboard: false };
  return {
    marker: L.marker([label.lat, label.lon], options),
    node: node,
    kind: { town: "towns", capital: "towns", water: "river", around: "around" }[label.kind] || "names",
    town: town,
    capital: label.kind === "capital",
    width: Math.min(pen.measureText(text).width + spacing, 250) + 14,
    zoom: label.zoom,
    places: label.places,
  };
};

/** Say where a label could stand: a town's to the right or left of its dot, others centred. */
SahelGeo.labelPlaces = function (map, label) {
  if (label.places) {
    return label.places.map(function (place) {
      const { x, y } = map.latLngToContainerPoint(place);
      return { x: x - label.width / 2, y: y - 9, width: label.width, height: 18, at: place };
    });
  }
  const point = map.latLngToContainerPoint(label.marker.getLatLng());
  const starts = label.town
    ? [point.x - 5, point.x + 5 - label.width]
    : [point.x - label.width / 2];
  return starts.map((x) => ({ x: x, y: point.y - 9, width: label.width, height: 18 }));
};

/** Put the places first at which the name of a country leaves room for those of capitals. */
SahelGeo.besideCapitals = function (places, boxes) {
  const apart = (one, other) =>
    one.x + one.width <= other.x || other.x + other.width <= one.x || Math.abs(one.y - other.y) >= 18;
  const free = (place) => boxes.every((box) => apart(place, box));
  return places.filter(free).concat(places.filter((place) => !free(place)));
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
    const spots = candidates.map((label) => SahelGeo.labelPlaces(map, label));
    const capitals = spots.filter((_, at) => candidates[at].capital).map((boxes) => boxes[0]);
    const places = spots.map((boxes, at) =>
      candidates[at].places ? SahelGeo.besideCapitals(boxes, capitals) : boxes,
    );
    const frame = { width: size.x, height: size.y };
    const chosen = SahelGeo.declutter(places, frame, SahelGeo.controlBoxes(map));
    labels.forEach((label) => label.marker.remove());
    view.labels = candidates.filter(function (label, i) {
      if (chosen[i] >= 0) {
        label.node.classList.toggle("sg-left", chosen[i] === 1);
        label.left = chosen[i] === 1;
        if (label.places) {
          label.marker.setLatLng(places[i][chosen[i]].at);
          label.node.classList.remove("sg-left");
        }
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
