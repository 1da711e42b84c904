/* Geometry of the page: shared arcs, written as differences in 64 harmless characters. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Characters of encoded lines; the first half ends a number, the second half continues it. */
SahelGeo.ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Digit of each character code. */
SahelGeo.DIGITS = new Uint8Array(128);
Array.from(SahelGeo.ALPHABET).forEach(function (character, digit) {
  SahelGeo.DIGITS[character.charCodeAt(0)] = digit;
});

/**
 * Decode whole numbers, five bits to a character.
 * @param {string} text encoded numbers
 * @returns {number[]} numbers from 0 up
 */
SahelGeo.decodeNumbers = function (text) {
  const numbers = [];
  let value = 0;
  let weight = 1;
  for (let at = 0; at < text.length; at += 1) {
    const digit = SahelGeo.DIGITS[text.charCodeAt(at)];
    if (digit >= 32) {
      value += (digit - 32) * weight;
      weight *= 32;
    } else {
      numbers.push(value + digit * weight);
      value = 0;
      weight = 1;
    }
  }
  return numbers;
};

/** Read a whole number with its sign from one without. */
SahelGeo.signed = function (number) {
  return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
};

/**
 * Decode a line.
 * @param {string} text encoded line
 * @param {number} scale grid steps per degree
 * @returns {number[][]} vertices as [latitude, longitude]
 */
SahelGeo.decodeLine = function (text, scale) {
  const numbers = SahelGeo.decodeNumbers(text);
  const points = new Array(numbers.length / 2);
  let lon = 0;
  let lat = 0;
  for (let at = 0; at < points.length; at += 1) {
    lon += SahelGeo.signed(numbers[2 * at]);
    lat += SahelGeo.signed(numbers[2 * at + 1]);
    points[at] = [lat / scale, lon / scale];
  }
  return points;
};

/**
 * Decode which arcs bound a shape.
 * @param {string} text polygons parted by ",", their rings by "."
 * @returns {number[][][]} polygons, rings, arc numbers; ~i is arc i walked backwards
 */
SahelGeo.decodeShape = function (text) {
  const arc = (number) => (number % 2 === 0 ? number / 2 : ~((number - 1) / 2));
  const rings = (polygon) =>
    polygon.split(".").map((ring) => SahelGeo.decodeNumbers(ring).map(arc));
  return text ? text.split(",").map(rings) : [];
};

/**
 * Choose places for labels, so that none covers another or leaves the frame; the first come first.
 * @param {{x: number, y: number, width: number, height: number}[][]} labels where each could stand
 * @param {{width: number, height: number}} frame what is seen
 * @param {{x: number, y: number, width: number, height: number}[]} taken what must stay uncovered
 * @returns {number[]} the place chosen for each label, or -1 where there is none
 */
SahelGeo.declutter = function (labels, frame, taken) {
  const kept = taken.slice();
  const inside = (box) =>
    box.x >= 0 &&
    box.y >= 0 &&
    box.x + box.width <= frame.width &&
    box.y + box.height <= frame.height;
  const apart = (box, other) =>
    box.x + box.width <= other.x ||
    other.x + other.width <= box.x ||
    box.y + box.height <= other.y ||
    other.y + other.height <= box.y;
  return labels.map(function (places) {
    const chosen = places.findIndex(
      (box) => inside(box) && kept.every((other) => apart(box, other)),
    );
    if (chosen >= 0) {
      kept.push(places[chosen]);
    }
    return chosen;
  });
};

/**
 * Place a box beside a point, inside a frame.
 * @param {{x: number, y: number}} point where the pointer is
 * @param {{width: number, height: number}} box what to place
 * @param {{width: number, height: number}} frame where it must stay
 * @returns {{left: number, top: number}} its upper left corner
 */
SahelGeo.placeBeside = function (point, box, frame) {
  const gap = 14;
  const edge = 6;
  let left = point.x + gap;
  if (left + box.width > frame.width - edge) {
    left = point.x - gap - box.width;
  }
  let top = point.y + gap;
  if (top + box.height > frame.height - edge) {
    top = point.y - gap - box.height;
  }
  left = Math.min(left, frame.width - edge - box.width);
  top = Math.min(top, frame.height - edge - box.height);
  return { left: Math.max(edge, left), top: Math.max(edge, top) };
};

/**
 * Fold a name for searching: no accents, no case.
 * @param {string} text any name
 * @returns {string} its folded form
 */
SahelGeo.fold = function (text) {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .trim();
};

/**
 * Name a unit in the search list.
 * @param {{id: string, name: string}} unit a unit
 * @returns {string} "name (code)"
 */
SahelGeo.unitLabel = function (unit) {
  return unit.name + " (" + unit.id + ")";
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
