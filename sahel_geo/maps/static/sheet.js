/* A canvas that Leaflet moves and enlarges with the map, and on which the page draws by itself. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Layer of one canvas; `draw(pen, frame)` draws what the frame holds. */
SahelGeo.Sheet = L.Renderer.extend({
  options: { padding: 0.15 },

  initialize: function (draw, options) {
    L.Renderer.prototype.initialize.call(this, options);
    this._draw = draw;
  },

  getEvents: function () {
    return Object.assign(L.Renderer.prototype.getEvents.call(this), { move: this._follow });
  },

  /** Draw again, once before the next picture however often it is asked for. */
  redraw: function () {
    if (this._map && !this._asked) {
      this._asked = L.Util.requestAnimFrame(this._paint, this);
    }
    return this;
  },

  _initContainer: function () {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
  },

  _destroyContainer: function () {
    L.Util.cancelAnimFrame(this._asked);
    this._asked = this._drawn = null;
    this._container.remove();
    delete this._container;
  },

  _updatePaths: function () {}, // Leaflet's own shapes do not live here

  _update: function () {
    if ((this._map._animatingZoom || this._map.options.waiting) && this._bounds) {
      return; // Leaflet enlarges what is there until the zoom ends
    }
    L.Renderer.prototype._update.call(this);
    const origin = this._map.getPixelOrigin();
    const drawn = [this._zoom, origin, this._bounds.min, this._bounds.max].join(" ");
    if (drawn === this._drawn) {
      return; // Leaflet tells of one move several times
    }
    this._drawn = drawn;
    const size = this._bounds.getSize();
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    Object.assign(this._container, { width: ratio * size.x, height: ratio * size.y });
    Object.assign(this._container.style, { width: size.x + "px", height: size.y + "px" });
    L.DomUtil.setPosition(this._container, this._bounds.min);
    this._ratio = ratio;
    this._empty = true;
    this._paint();
  },

  /** Draw again while the map is dragged beyond what was drawn. */
  _follow: function () {
    const map = this._map;
    if (map.options.waiting) {
      return;
    }
    const seen = L.bounds(
      map.containerPointToLayerPoint([0, 0]),
      map.containerPointToLayerPoint(map.getSize()),
    );
    if (map.getZoom() === this._zoom && !this._bounds.contains(seen)) {
      this._update();
    }
  },

  _paint: function () {
    this._asked = null;
    const pen = this._container.getContext("2d");
    if (!this._empty) {
      // not on a canvas that is empty already: on paper this would clear the sheets below, too
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, this._container.width, this._container.height);
    }
    this._empty = false;
    pen.setTransform(this._ratio, 0, 0, this._ratio, 0, 0);
    // hatchings hold on to the map, not to the canvas, so that they do not swim when it moves
    const corner = this._bounds.min;
    pen.translate(-corner.x, -corner.y);
    const origin = this._map.getPixelOrigin();
    this._draw(pen, SahelGeo.frame(this._map, origin, this._bounds));
  },
});

/**
 * Say what a canvas holds.
 * @param {L.Map} map the map
 * @param {L.Point} origin pixel of the world where the canvas has its zero
 * @param {L.Bounds} bounds what is drawn, in pixels from there
 * @returns {{scale: number, origin: L.Point, box: number[]}} pixels per unit of the world, and the
 *   box in pixels of the world
 */
SahelGeo.frame = function (map, origin, bounds) {
  const low = bounds.min.add(origin);
  const high = bounds.max.add(origin);
  const scale = map.options.crs.scale(map.getZoom()) / SahelGeo.WORLD;
  return { scale: scale, origin: origin, box: [low.x, low.y, high.x, high.y].map((at) => at / scale) };
};
