/* The page as a whole: language, and the order in which its parts come to life. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Write the texts of a part of the page in the language shown. */
SahelGeo.translate = function (root, texts) {
  const each = (name, set) =>
    root.querySelectorAll("[data-" + name + "]").forEach((node) => set(node, texts[node.dataset[name]]));
  each("text", (node, text) => (node.textContent = text));
  each("aria", (node, text) => node.setAttribute("aria-label", text));
  each("hint", (node, text) => (node.placeholder = text));
};

/** Say the title or the subtitle: what was given, or that of the indicator shown. */
SahelGeo.heading = function (view, part) {
  if (!view.data.follows.includes(part)) {
    return view.say(view.data[part]);
  }
  if (view.surface) {
    return part === "title" ? SahelGeo.surfaceTitle(view) : view.say(view.data.surface.unit);
  }
  return view.say(part === "title" ? view.shown.title : view.shown.unit);
};

/** Say which indicator of which time is shown, as far as the title does not. */
SahelGeo.nowText = function (view) {
  const parts = [];
  if (!view.data.follows.includes("title")) {
    const title = view.surface ? SahelGeo.surfaceTitle(view) : view.say(view.shown.title);
    const unit = view.say(view.surface ? view.data.surface.unit : view.shown.unit);
    parts.push(title + (unit ? " (" + unit + ")" : ""));
  } else if (!view.data.follows.includes("subtitle")) {
    parts.push(view.say(view.surface ? view.data.surface.unit : view.shown.unit));
  }
  const time = SahelGeo.timeShown(view);
  const title = SahelGeo.heading(view, "title");
  const isSaid = time.split(" \u2013 ").every((end) => title.includes(end)); // "from ... to ..."
  return parts.concat(isSaid ? [] : time).filter(Boolean).join(" \u00b7 ");
};

/** Name the document, so that paper and bookmarks say what is shown, and say it in the heading. */
SahelGeo.showNow = function (view) {
  const now = SahelGeo.nowText(view);
  const unit = view.data.follows.includes("subtitle") && SahelGeo.heading(view, "subtitle");
  document.title = [SahelGeo.heading(view, "title"), unit, now].filter(Boolean).join(" \u00b7 ");
  document.querySelectorAll("[data-now]").forEach(function (node) {
    node.textContent = now;
    node.classList.toggle("sg-apart", !view.data.follows.includes("title"));
  });
};

/** Write title and subtitle; the map gets what room they leave. */
SahelGeo.showHeading = function (view) {
  SahelGeo.showNow(view);
  document.querySelectorAll("[data-say]").forEach(function (node) {
    node.textContent = SahelGeo.heading(view, node.dataset.say);
  });
  view.map.invalidateSize({ animate: false, pan: false });
};

/** Write everything that Python wrote in one language in the language shown. */
SahelGeo.speak = function (view) {
  document.documentElement.lang = view.lang;
  SahelGeo.showHeading(view);
  SahelGeo.translate(document, view.texts);
  document.querySelectorAll("[data-list]").forEach(function (node) {
    const items = view.data[node.dataset.list].map((text) =>
      SahelGeo.element("li", "", view.say(text)),
    );
    node.replaceChildren(...items);
  });
  view.find("statement").textContent = SahelGeo.statement(view.data, view.lang);
  view.find("lang").querySelectorAll("button").forEach(function (button) {
    button.setAttribute("aria-pressed", String(button.value === view.lang));
  });
};

/** Connect the switch between languages. */
SahelGeo.connectLanguage = function (view) {
  view.find("lang").addEventListener("click", function (event) {
    if (event.target.value) {
      view.set({ lang: event.target.value });
    }
  });
  view.on(["lang"], SahelGeo.speak);
  view.on(["indicator", "surface", "period", "yearly"], SahelGeo.showHeading);
};

/** Draw what is seen first. */
SahelGeo.drawFirst = function (view) {
  // what stands below the map first, so that the map has its size before it is drawn
  view.find("statement").textContent = SahelGeo.statement(view.data, view.lang);
  SahelGeo.showNow(view);
  SahelGeo.connectTime(view);
  SahelGeo.makePanes(view.map);
  const home = SahelGeo.fit(view.map, view.data);
  SahelGeo.readGeometry(view);
  SahelGeo.colour(view);
  SahelGeo.addSheets(view);
  SahelGeo.drawMeetingPoints(view);
  SahelGeo.addControls(view, home);
  SahelGeo.showLegend(view);
};

/** Draw darker lines for readers who asked for more contrast. */
SahelGeo.sharpen = function () {
  if (window.matchMedia("(prefers-contrast: more)").matches) {
    Object.assign(SahelGeo.STYLE.unit, { color: "#000000", opacity: 1, weight: 0.8 });
    Object.assign(SahelGeo.STYLE.region, { color: "#000000", weight: 1.6 });
    Object.assign(SahelGeo.STYLE.border, { color: "#000000", weight: 3 });
  }
};

/** Bring to life what can wait until the map has been seen. */
SahelGeo.connectRest = function (view) {
  SahelGeo.connectPoints(view);
  SahelGeo.connectSurface(view);
  SahelGeo.connectLayers(view);
  SahelGeo.connectSaving(view);
  SahelGeo.connectTable(view);
  SahelGeo.connectCompare(view);
  SahelGeo.connectMultiples(view);
  SahelGeo.connectTrend(view);
  SahelGeo.connectLanguage(view);
  SahelGeo.connectSwitch(view);
  SahelGeo.connectCard(view);
  SahelGeo.connectSearch(view);
  view.on(["indicator", "period", "yearly", "surface", "uncertain"], SahelGeo.paint);
  view.on(
    ["indicator", "period", "yearly", "surface", "uncertain", "lang", "toggled"],
    SahelGeo.showLegend,
  );
  if (view.data.points) {
    SahelGeo.showLegend(view);
  }
  SahelGeo.connectLocator(view);
  SahelGeo.drawLabels(view);
  SahelGeo.connectAnnotations(view);
  SahelGeo.connectLink(view);
  SahelGeo.restore(view);
};

/**
 * Start the page.
 * @param {L.Map} map the map that folium made
 * @param {string} name id of the data element, and prefix of the other ids
 * @returns {object} what the page shows, to read only
 */
SahelGeo.start = function (map, name) {
  const find = (part) => document.getElementById(name + "_" + part);
  const view = SahelGeo.createView(JSON.parse(find("data").textContent));
  Object.assign(view, { map: map, find: find, hidden: new Set(), labels: [] });
  view.say = (words) => SahelGeo.say(words, view.lang);
  map.getContainer().setAttribute("role", "application");
  if (map.attributionControl) {
    map.attributionControl.setPrefix(false);
  }
  SahelGeo.keepOpenWhenWide(find("panel"));
  SahelGeo.sharpen();
  SahelGeo.markKeyboard();
  SahelGeo.drawFirst(view);
  const pointer = SahelGeo.connectUnits(view);
  view.ready = new Promise(function (done) {
    window.requestAnimationFrame(() =>
      window.setTimeout(function () {
        SahelGeo.connectRest(view);
        done(true);
      }, 0),
    );
  });
  return SahelGeo.witness(view, pointer);
};

/** Tell tests and scripts what the page shows. */
SahelGeo.witness = function (view, pointer) {
  const place = (id) => view.units.findIndex((unit) => unit.id === id);
  return Object.freeze({
    ready: view.ready,
    get units() {
      return view.map.hasLayer(view.unitSheet) ? view.outlines.filter((each) => each.arcs.length).length : 0;
    },
    get indicator() {
      return view.shown.key;
    },
    get period() {
      return view.period;
    },
    get compared() {
      return SahelGeo.isCompared(view) ? view.other : -1;
    },
    get bounds() {
      const box = view.map.getBounds();
      return [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    },
    get labels() {
      return view.labels.map((label) => label.node.textContent);
    },
    get unit() {
      const position = pointer.unit < 0 ? view.chosen : pointer.unit;
      return position < 0 ? null : view.units[position].id;
    },
    colourOf: function (id) {
      const fill = view.fills[place(id)];
      return typeof fill === "string" ? fill : "hatched";
    },
    get groups() {
      return (view.groups || []).map((group) => [group.count, group.deaths, group.precision]);
    },
    pointOf: function (id) {
      const point = view.map.latLngToContainerPoint(L.latLng(view.units[place(id)].centre));
      return [point.x, point.y];
    },
  });
};
