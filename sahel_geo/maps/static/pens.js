/* Two pens with the same strokes: one for a canvas, one that writes SVG. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

SahelGeo.FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

/** Trace rings of [x, y] on a canvas. */
SahelGeo.tracePath = function (context, rings, open) {
  context.beginPath();
  rings.forEach(function (ring) {
    ring.forEach(([x, y], at) => (at ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (!open) {
      context.closePath();
    }
  });
};

/**
 * Make a pen for a canvas.
 * @param {CanvasRenderingContext2D} context what to draw on
 * @param {number} scale pixels of the canvas per pixel of the drawing
 * @returns {object} shape, circle, text, picture, inside
 */
SahelGeo.canvasPen = function (context, scale) {
  context.setTransform(scale, 0, 0, scale, 0, 0);
  const finish = function (style) {
    context.globalAlpha = style.opacity === undefined ? 1 : style.opacity;
    if (style.fill) {
      context.fillStyle = style.hatch
        ? SahelGeo.hatch(style.fill, style.hatch.ink, style.hatch.slope, style.hatch.size, style.hatch.mark)
        : style.fill;
      context.fill("evenodd");
    }
    if (style.stroke) {
      context.strokeStyle = style.stroke;
      context.lineWidth = style.width;
      context.lineJoin = context.lineCap = style.dash ? "butt" : "round";
      context.setLineDash(style.dash || []);
      context.stroke();
    }
    context.globalAlpha = 1;
  };
  return {
    shape: function (rings, style) {
      SahelGeo.tracePath(context, rings, style.open);
      finish(style);
    },
    circle: function (x, y, radius, style) {
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      finish(style);
    },
    text: function (x, y, text, style) {
      context.font = (style.weight || 400) + " " + style.size + "px " + SahelGeo.FONT;
      context.textAlign = { middle: "center", end: "right" }[style.anchor] || "left";
      if (style.halo) {
        context.strokeStyle = style.halo;
        context.lineWidth = 3;
        context.lineJoin = "round";
        context.setLineDash([]);
        context.strokeText(text, x, y);
      }
      context.fillStyle = style.colour;
      context.fillText(text, x, y);
    },
    picture: function (picture, x, y, width, height) {
      context.drawImage(picture, x, y, width, height);
    },
    inside: function (x, y, width, height, draw) {
      context.save();
      context.beginPath();
      context.rect(x, y, width, height);
      context.clip();
      context.translate(x, y);
      draw();
      context.restore();
    },
  };
};

/** Write text so that it is text in XML, without what XML cannot hold. */
SahelGeo.xml = function (text) {
  return String(text)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => "&#" + character.charCodeAt(0) + ";");
};

/**
 * Make a pen that writes SVG.
 * @param {number} width width of the drawing
 * @param {number} height height of the drawing
 * @returns {object} the strokes of `canvasPen`, and `finish`, which gives the text
 */
SahelGeo.svgPen = function (width, height) {
  const out = [];
  const hatches = new Map();
  const short = (number) => String(Math.round(number * 10) / 10);
  const attributes = (values) =>
    Object.keys(values)
      .filter((name) => values[name] !== undefined && values[name] !== null)
      .map((name) => " " + name + '="' + SahelGeo.xml(values[name]) + '"')
      .join("");
  const ground = function (style) {
    if (!style.fill || !style.hatch) {
      return style.fill || "none";
    }
    const key = JSON.stringify([style.fill, style.hatch]);
    if (!hatches.has(key)) {
      hatches.set(key, { name: "h" + hatches.size, style: style });
    }
    return "url(#" + hatches.get(key).name + ")";
  };
  const look = (style) => ({
    fill: ground(style),
    stroke: style.stroke,
    "stroke-width": style.stroke && style.width,
    "stroke-dasharray": style.dash && style.dash.join(" "),
    opacity: style.opacity,
  });
  const path = (rings, open) =>
    rings
      .map((ring) => "M" + ring.map(([x, y]) => short(x) + " " + short(y)).join("L") + (open ? "" : "z"))
      .join("");
  const hatch = function (entry) {
    const size = entry.style.hatch.size;
    const lines = {
      1: "M0 " + size + "L" + size + " 0",
      "-1": "M0 0L" + size + " " + size,
      0: "M1 1.8h1.5",
    };
    const half = Math.floor(size / 2) + 0.7;
    const upright = "M" + half + " 0V" + size;
    const level = "M0 " + half + "H" + size;
    const marks = { vertical: upright, horizontal: level, grid: upright + level };
    const line = (lines[entry.style.hatch.slope] || "") + (marks[entry.style.hatch.mark] || "");
    return (
      '<pattern id="' + entry.name + '" width="' + size + '" height="' + size +
      '" patternUnits="userSpaceOnUse"><rect width="' + size + '" height="' + size + '"' +
      attributes({ fill: entry.style.fill }) + "/><path" +
      attributes({ d: line, stroke: entry.style.hatch.ink }) + "/></pattern>"
    );
  };
  return {
    shape: function (rings, style) {
      const values = Object.assign({ d: path(rings, style.open), "fill-rule": "evenodd" }, look(style));
      out.push("<path" + attributes(values) + "/>");
    },
    circle: function (x, y, radius, style) {
      const values = { cx: short(x), cy: short(y), r: short(radius) };
      out.push("<circle" + attributes(Object.assign(values, look(style))) + "/>");
    },
    text: function (x, y, text, style) {
      const values = {
        x: short(x),
        y: short(y),
        "font-size": style.size,
        "font-weight": style.weight,
        "text-anchor": style.anchor,
        fill: style.colour,
        stroke: style.halo,
        "stroke-width": style.halo && 3,
        "paint-order": style.halo && "stroke",
        "stroke-linejoin": style.halo && "round",
      };
      out.push("<text" + attributes(values) + ">" + SahelGeo.xml(text) + "</text>");
    },
    picture: function (picture, x, y, wide, high) {
      const values = { href: picture.src, x: short(x), y: short(y), width: short(wide), height: short(high) };
      out.push("<image" + attributes(Object.assign(values, { preserveAspectRatio: "none" })) + "/>");
    },
    inside: function (x, y, wide, high, draw) {
      const frame = { x: short(x), y: short(y), width: wide, height: high };
      out.push("<svg" + attributes(Object.assign(frame, { overflow: "hidden" })) + ">");
      draw();
      out.push("</svg>");
    },
    finish: function () {
      return (
        '<svg xmlns="http://www.w3.org/2000/svg"' +
        attributes({ width: width, height: height, viewBox: "0 0 " + width + " " + height, "font-family": SahelGeo.FONT }) +
        "><defs>" + Array.from(hatches.values(), hatch).join("") + "</defs>" + out.join("") + "</svg>\n"
      );
    },
  };
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
