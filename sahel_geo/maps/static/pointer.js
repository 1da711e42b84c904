/* What pointer, finger and keyboard do on the map. */
"use strict";

var SahelGeo = SahelGeo || {};

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

/** Outline the unit that is pointed at, and describe it; a click, a tap or Enter opens its box. */
SahelGeo.connectUnits = function (view) {
  const map = view.map;
  const renderer = L.svg({ pane: "sahel-highlight", padding: 0.5 });
  const draw = (className, style) =>
    L.polygon(
      [],
      Object.assign(
        { interactive: false, renderer: renderer, pane: "sahel-highlight", className: className },
        style,
      ),
    ).addTo(map);
  const make = function (kind) {
    const style = SahelGeo.STYLE[kind];
    const light = { color: SahelGeo.STYLE.casing.color, weight: style.weight + 2.6 };
    const pair = [draw("sg-casing", Object.assign({}, style, light)), draw("sg-outline", style)];
    return { setLatLngs: (shape) => pair.forEach((layer) => layer.setLatLngs(shape)) };
  };
  const outline = make("highlight");
  const chosen = make("chosen");
  const tip = SahelGeo.makeTip(map);
  const pointer = {
    unit: -1,
    leave: function () {
      pointer.unit = -1;
      outline.setLatLngs([]);
      tip.hide();
    },
    enter: function (position, latlng) {
      if (pointer.unit !== position || tip.node.hidden || tip.node.dataset.group) {
        delete tip.node.dataset.group;
        pointer.unit = position;
        outline.setLatLngs(SahelGeo.latLngsOf(view, position));
        tip.show(SahelGeo.describeUnit(view, position), latlng);
      } else {
        tip.move(latlng);
      }
    },
  };
  let touched = false;
  map.getContainer().addEventListener("pointerdown", function (event) {
    touched = event.pointerType === "touch";
  });
  map.getContainer().addEventListener("mousemove", function (event) {
    if (map.dragging && map.dragging.moving()) {
      return;
    }
    const latlng = map.mouseEventToLatLng(event);
    const position = SahelGeo.isOther(event.target) ? -1 : SahelGeo.unitAt(view, latlng);
    map.getContainer().classList.toggle("sg-over", position >= 0);
    if (position < 0) {
      pointer.leave();
      return;
    }
    if (!touched) {
      pointer.enter(position, latlng);
    }
    const group = SahelGeo.groupAt(view, map.mouseEventToContainerPoint(event));
    if (group) {
      pointer.unit = position;
      tip.show(SahelGeo.describeGroup(view, group), latlng);
      tip.node.dataset.group = "1";
    }
  });
  map.on("click", function (event) {
    const other = SahelGeo.isOther(event.originalEvent.target);
    view.set({ chosen: other ? -1 : SahelGeo.unitAt(view, event.latlng) });
  });
  map.on("click zoomstart", pointer.leave);
  view.on(["chosen"], function () {
    chosen.setLatLngs(view.chosen < 0 ? [] : SahelGeo.latLngsOf(view, view.chosen));
  });
  view.on(["indicator", "period", "yearly", "lang", "surface"], pointer.leave);
  map.getContainer().addEventListener("mouseleave", pointer.leave);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      pointer.leave();
      view.set({ chosen: -1 });
    }
  });
  SahelGeo.connectKeyboard(view);
  return pointer;
};

/** Tell whether the pointer is on something that a user put on the map, or on a button. */
SahelGeo.isOther = function (node) {
  return Boolean(node.closest(".leaflet-interactive, .leaflet-control, .leaflet-popup"));
};

/** Open the unit in the middle of the map with Enter, for those who move it with the arrow keys. */
SahelGeo.connectKeyboard = function (view) {
  const container = view.map.getContainer();
  container.append(SahelGeo.element("div", "sg-cross"));
  container.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.target !== container) {
      return;
    }
    const found = SahelGeo.unitAt(view, view.map.getCenter());
    event.preventDefault();
    view.set({ chosen: found });
    if (found >= 0) {
      SahelGeo.focusCard(view);
    }
  });
};
