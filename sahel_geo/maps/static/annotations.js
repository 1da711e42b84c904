/* Notes that a user placed on the map: numbers on it, their texts in the legend. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

/** List the notes with their numbers. */
SahelGeo.annotationList = function (view) {
  const notes = view.data.annotations;
  if (!notes.length || view.hidden.has("notes")) {
    return [];
  }
  const list = SahelGeo.element("ol", "sg-lines sg-marked");
  notes.forEach(function (note, at) {
    const number = SahelGeo.element("span", "sg-number", String(at + 1));
    list.append(SahelGeo.legendItem(number, view.say(note.text)));
  });
  return [SahelGeo.element("h3", "", view.texts.annotations), list];
};

/** Put the numbers on the map; a click on one tells its note. */
SahelGeo.connectAnnotations = function (view) {
  const notes = view.data.annotations;
  if (!notes.length) {
    return;
  }
  const layer = L.layerGroup(
    notes.map(function (note, at) {
      const node = SahelGeo.element("span", "sg-number", String(at + 1));
      const icon = L.divIcon({ className: "sg-note", html: node, iconSize: [22, 22] });
      const marker = L.marker([note.lat, note.lon], { icon: icon, title: view.say(note.text), alt: "" });
      return marker.bindPopup(() => SahelGeo.element("p", "", view.say(note.text)));
    }),
  );
  const show = () => (view.hidden.has("notes") ? layer.remove() : layer.addTo(view.map));
  view.on(["toggled"], show);
  show();
};

/** Draw the numbers on a picture. */
SahelGeo.drawAnnotations = function (view, pen) {
  if (view.hidden.has("notes")) {
    return;
  }
  view.data.annotations.forEach(function (note, at) {
    const { x, y } = view.map.latLngToContainerPoint([note.lat, note.lon]);
    pen.circle(x, y, 10, { fill: "#ffffff", stroke: "#22201c", width: 1.6 });
    pen.text(x, y + 4, String(at + 1), { size: 11, weight: 650, colour: "#22201c", anchor: "middle" });
  });
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
