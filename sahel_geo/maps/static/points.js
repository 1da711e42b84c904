/* Incidents as points on a canvas, grouped where they would cover one another. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

/** Points within so many pixels of the first of a group join it. */
SahelGeo.GROUP = 40;

/** Names of the precisions, in the order of their numbers. */
SahelGeo.PRECISIONS = ["point_exact", "point_area", "point_wide", "point_unknown"];

/** Read the points of the page. */
SahelGeo.readPoints = function (points) {
  const places = SahelGeo.decodeLine(points.place, points.scale);
  const deaths = points.deaths === null ? null : SahelGeo.decodeNumbers(points.deaths);
  const periods = points.period === null ? null : SahelGeo.decodeNumbers(points.period);
  const precision = SahelGeo.letters(points.precision);
  const types = points.types ? SahelGeo.letters(points.types.of) : null;
  return places.map(function (place, at) {
    return {
      number: at,
      lat: place[0],
      lon: place[1],
      deaths: deaths === null || deaths[at] === 0 ? null : deaths[at] - 1,
      period: periods === null ? -1 : periods[at] - 1,
      precision: precision[at],
      type: types === null ? -1 : types[at],
    };
  });
};

/** Find the group whose first point lies within a distance, among those in the squares around. */
SahelGeo.groupNear = function (squares, point, size) {
  const column = Math.floor(point.x / size);
  const row = Math.floor(point.y / size);
  let best = null;
  let least = size * size;
  for (let x = column - 1; x <= column + 1; x += 1) {
    for (let y = row - 1; y <= row + 1; y += 1) {
      (squares.get(x + " " + y) || []).forEach(function (group) {
        const first = group.points[0];
        const apart = (first.x - point.x) ** 2 + (first.y - point.y) ** 2;
        if (apart < least) {
          best = group;
          least = apart;
        }
      });
    }
  }
  return best;
};

/**
 * Group points: those with the most deaths first, each with the nearest group within reach.
 * @param {{x: number, y: number, deaths: number|null, precision: number}[]} points with places
 * @param {number} size reach of a group in pixels
 * @returns {object[]} groups: place (the mean), number of points, deaths, those without a toll,
 *   and the precision that all share, or -1
 */
SahelGeo.groupPoints = function (points, size) {
  const squares = new Map();
  const groups = [];
  const order = points.slice().sort((one, other) => (other.deaths || 0) - (one.deaths || 0));
  order.forEach(function (point) {
    let group = SahelGeo.groupNear(squares, point, size);
    if (!group) {
      group = { x: 0, y: 0, points: [], deaths: 0, untold: 0 };
      const key = Math.floor(point.x / size) + " " + Math.floor(point.y / size);
      squares.set(key, (squares.get(key) || []).concat(group));
      groups.push(group);
    }
    group.x += point.x;
    group.y += point.y;
    group.points.push(point);
    group.deaths += point.deaths || 0;
    group.untold += point.deaths === null ? 1 : 0;
  });
  return groups.map(function (group) {
    const count = group.points.length;
    const first = group.points[0].precision;
    const same = group.points.every((point) => point.precision === first);
    return Object.assign(group, {
      x: group.x / count,
      y: group.y / count,
      count: count,
      precision: same ? first : -1,
    });
  }).sort((one, other) => other.deaths - one.deaths);
};

/** Radius of a group in pixels: its area grows with the deaths. */
SahelGeo.groupRadius = function (group) {
  const least = group.count > 1 ? 9 : 4.5;
  return Math.min(21, Math.max(least, 3.5 + 1.5 * Math.sqrt(group.deaths)));
};

/** Corners of the symbol of a precision around the origin; null for a circle. */
SahelGeo.symbolCorners = function (precision, radius) {
  const square = radius * 0.89;
  const tall = radius * 1.2;
  return {
    1: [[-square, -square], [square, -square], [square, square], [-square, square]],
    2: [[0, -tall], [tall, 0], [0, tall], [-tall, 0]],
    3: [[0, -tall], [tall, tall * 0.8], [-tall, tall * 0.8]],
  }[precision] || null;
};

/** Put the points of the period shown into groups on the screen. */
SahelGeo.placePoints = function (view) {
  const timed = view.period >= 0 && view.data.points.period !== null;
  const size = view.map.getSize();
  const origin = view.map.getPixelOrigin();
  const corner = view.map.containerPointToLayerPoint([0, 0]);
  const line = SahelGeo.isCompared(view) ? size.x * view.split : Infinity;
  const isShown = (point) => !timed || SahelGeo.isInStep(view, point.period);
  const isOther = (point) => SahelGeo.atPeriod(view, view.other, () => isShown(point));
  const placed = view.points
    .filter((point) => !view.hiddenTypes.has(point.type))
    .map(function (point) {
      const at = view.map.project([point.lat, point.lon]).subtract(origin).subtract(corner);
      return Object.assign({}, point, { x: at.x, y: at.y });
    })
    .filter((point) => (point.x < line ? isShown(point) : isOther(point)))
    .filter((point) => point.x > -30 && point.y > -30 && point.x < size.x + 30 && point.y < size.y + 30);
  return SahelGeo.groupPoints(placed, SahelGeo.GROUP);
};

/** Draw groups with a pen of a canvas or of a drawing. */
SahelGeo.drawGroups = function (pen, groups) {
  groups.forEach(function (group) {
    const radius = SahelGeo.groupRadius(group);
    const style = { fill: "#0b4f8a", stroke: "#ffffff", width: 1.4, opacity: 0.86 };
    const corners = SahelGeo.symbolCorners(group.precision, radius);
    if (corners) {
      const ring = corners.map(([x, y]) => [group.x + x, group.y + y]);
      pen.shape([ring], style);
    } else {
      pen.circle(group.x, group.y, radius, style);
    }
    if (group.count > 1) {
      const text = { size: 10.5, weight: 650, colour: "#ffffff", anchor: "middle" };
      pen.text(group.x, group.y + 3.7, String(group.count), text);
    }
  });
};

/** Say what a group holds; of a single incident also the texts that were asked for. */
SahelGeo.describeGroup = function (view, group) {
  const texts = view.texts;
  const number = (value) => SahelGeo.formatNumber(value, view.lang, 0);
  const box = SahelGeo.element("div", "sg-unit");
  const one = group.count === 1;
  const count = one ? texts.point_one : SahelGeo.fill(texts.point_count, { count: number(group.count) });
  box.append(SahelGeo.element("strong", "sg-unit-name", count));
  const lines = [];
  if (view.data.points.deaths !== null) {
    if (group.untold < group.count) {
      lines.push(SahelGeo.fill(texts.point_deaths, { count: number(group.deaths) }));
    }
    if (group.untold) {
      lines.push(SahelGeo.fill(texts.point_no_toll, { count: number(group.untold) }));
    }
  }
  if (group.precision >= 0) {
    lines.push(texts[SahelGeo.PRECISIONS[group.precision]]);
  }
  if (one) {
    view.data.points.texts.forEach(function (column) {
      const text = column.values[group.points[0].number];
      if (text !== null) {
        lines.push(view.say(column.title) + texts.colon + text);
      }
    });
  }
  lines.forEach((line) => box.append(SahelGeo.element("div", "", line)));
  return box;
};

/** Connect the points, where the page has some. */
SahelGeo.connectPoints = function (view) {
  if (!view.data.points) {
    return;
  }
  view.points = SahelGeo.readPoints(view.data.points);
  view.hiddenTypes = new Set();
  const canvas = SahelGeo.element("canvas", "sg-points leaflet-zoom-hide");
  canvas.setAttribute("aria-hidden", "true");
  view.map.getPane("sahel-points").append(canvas);
  const draw = function () {
    const size = view.map.getSize();
    const ratio = window.devicePixelRatio || 1;
    canvas.hidden = view.hidden.has("points");
    view.groups = canvas.hidden ? [] : SahelGeo.placePoints(view);
    canvas.width = size.x * ratio;
    canvas.height = size.y * ratio;
    canvas.style.width = size.x + "px";
    canvas.style.height = size.y + "px";
    L.DomUtil.setPosition(canvas, view.map.containerPointToLayerPoint([0, 0]));
    const pen = SahelGeo.canvasPen(canvas.getContext("2d"), ratio);
    SahelGeo.drawGroups(pen, view.groups);
  };
  view.map.on("moveend zoomend resize viewreset", draw);
  view.on(["period", "yearly", "toggled", "indicator", "other", "split"], draw);
  draw();
};

/** Find the group under a place of the screen, the smallest first, since it lies on top. */
SahelGeo.groupAt = function (view, point) {
  const under = (view.groups || []).filter(
    (group) => Math.hypot(group.x - point.x, group.y - point.y) <= SahelGeo.groupRadius(group) + 2,
  );
  return under.length ? under[under.length - 1] : null;
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
