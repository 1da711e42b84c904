/* Places in world coordinates: the square of the web map, 256 wide, x eastwards and y southwards. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./geometry.js") : SahelGeo || {};

/** Width of the world at zoom 0. */
SahelGeo.WORLD = 256;

/** Vertices nearer than this to the one before are left out of a drawing, in pixels. */
SahelGeo.FINEST = 0.6;

/**
 * Decode a line into world coordinates.
 * @param {string} text encoded line
 * @param {number} scale grid steps per degree
 * @returns {Float64Array} x and y of each vertex, one after the other
 */
SahelGeo.worldLine = function (text, scale) {
  const numbers = SahelGeo.decodeNumbers(text);
  const line = new Float64Array(numbers.length);
  const turn = Math.PI / 180;
  let lon = 0;
  let lat = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    lon += SahelGeo.signed(numbers[at]);
    lat += SahelGeo.signed(numbers[at + 1]);
    const sine = Math.sin((lat / scale) * turn);
    line[at] = SahelGeo.WORLD * (lon / scale / 360 + 0.5);
    line[at + 1] = SahelGeo.WORLD * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
  }
  return line;
};

/**
 * Find the box around lines.
 * @param {Float64Array[]} lines world coordinates
 * @returns {number[]} least x, least y, most x, most y
 */
SahelGeo.boxOf = function (lines) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  lines.forEach(function (line) {
    for (let at = 0; at < line.length; at += 2) {
      box[0] = Math.min(box[0], line[at]);
      box[1] = Math.min(box[1], line[at + 1]);
      box[2] = Math.max(box[2], line[at]);
      box[3] = Math.max(box[3], line[at + 1]);
    }
  });
  return box;
};

/** Tell whether two boxes touch. */
SahelGeo.touch = function (one, other) {
  return one[0] <= other[2] && other[0] <= one[2] && one[1] <= other[3] && other[1] <= one[3];
};

/**
 * Make the outline of a unit: its rings of arcs, each arc once, and the box around it.
 * @param {number[][][]} shape polygons, their rings, their arcs
 * @param {Float64Array[]} arcs arcs in world coordinates
 * @returns {{rings: number[][], arcs: number[], box: number[]}} the outline
 */
SahelGeo.outline = function (shape, arcs) {
  const rings = shape.flat();
  const numbers = rings.flat().map((number) => (number >= 0 ? number : ~number));
  return { rings: rings, arcs: numbers, box: SahelGeo.boxOf(numbers.map((number) => arcs[number])) };
};

/**
 * Tell whether a point lies in a unit, by counting the arcs that a ray crosses.
 * @param {{arcs: number[], box: number[]}} outline the unit
 * @param {Float64Array[]} arcs arcs in world coordinates
 * @param {number} x world coordinate
 * @param {number} y world coordinate
 * @returns {boolean} whether it does
 */
SahelGeo.contains = function (outline, arcs, x, y) {
  if (!SahelGeo.touch(outline.box, [x, y, x, y])) {
    return false;
  }
  let inside = false;
  outline.arcs.forEach(function (number) {
    const line = arcs[number];
    for (let at = 2; at < line.length; at += 2) {
      const above = line[at - 1];
      const below = line[at + 1];
      if (above > y !== below > y) {
        const share = (y - above) / (below - above);
        inside = x < line[at - 2] + share * (line[at] - line[at - 2]) ? !inside : inside;
      }
    }
  });
  return inside;
};

/**
 * Enlarge a line to pixels, without the vertices that no eye could part; its ends stay.
 * @param {Float64Array} line world coordinates
 * @param {number} scale pixels per unit of the world
 * @param {number} finest least distance between vertices in pixels
 * @returns {Float64Array} pixels
 */
SahelGeo.enlarge = function (line, scale, finest) {
  const kept = new Float64Array(line.length);
  let length = 0;
  for (let at = 0; at < line.length; at += 2) {
    const x = line[at] * scale;
    const y = line[at + 1] * scale;
    const apart = Math.abs(x - kept[length - 2]) + Math.abs(y - kept[length - 1]);
    if (at === 0 || at === line.length - 2 || apart > finest) {
      kept[length] = x;
      kept[length + 1] = y;
      length += 2;
    }
  }
  return kept.subarray(0, length);
};

/** Enlarge lines once for each scale; the last is remembered, since most drawings use it again. */
SahelGeo.enlarger = function (lines) {
  let last = { scale: 0, lines: [] };
  return function (scale) {
    if (last.scale !== scale) {
      const enlarged = lines.map((line) => SahelGeo.enlarge(line, scale, SahelGeo.FINEST));
      last = { scale: scale, lines: enlarged };
    }
    return last.lines;
  };
};

/**
 * Walk along a line, moved so that it fits on the canvas.
 * @param {{moveTo: function, lineTo: function}} pen what to draw with
 * @param {Float64Array} line pixels
 * @param {{x: number, y: number}} origin pixel that is the corner of the canvas
 * @param {boolean} [backwards] from the last vertex to the first
 * @param {boolean} [on] continue the line drawn before, which ended where this one starts
 */
SahelGeo.walk = function (pen, line, origin, backwards, on) {
  const last = line.length - 2;
  for (let at = on ? 2 : 0; at <= last; at += 2) {
    const from = backwards ? last - at : at;
    const x = line[from] - origin.x;
    const y = line[from + 1] - origin.y;
    if (at === 0) {
      pen.moveTo(x, y);
    } else {
      pen.lineTo(x, y);
    }
  }
};

/** Walk around all rings of a unit. */
SahelGeo.walkAround = function (pen, outline, arcs, origin) {
  outline.rings.forEach(function (ring) {
    ring.forEach((number, at) =>
      SahelGeo.walk(pen, arcs[number >= 0 ? number : ~number], origin, number < 0, at > 0),
    );
    pen.closePath();
  });
};

/**
 * List the vertices of rings or lines as a drawing wants them.
 * @param {function(object): void} walk draws with the pen that it is given
 * @returns {number[][][]} rings of [x, y]
 */
SahelGeo.trace = function (walk) {
  const rings = [];
  walk({
    moveTo: (x, y) => rings.push([[x, y]]),
    lineTo: (x, y) => rings[rings.length - 1].push([x, y]),
    closePath: () => rings[rings.length - 1].pop(),
  });
  return rings;
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
