/* The address of the page: what is shown stands after its `#`, so that it can be sent and restored. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

/** Name a period in an address: its first day as far as the kind needs, such as "2020-03". */
SahelGeo.periodKey = function (view, period) {
  const day = SahelGeo.periodStart(view.data.time, period).toISOString();
  const kinds = { year: 4, quarter: 7, month: 7 };
  return SahelGeo.isYearly(view) ? day.slice(0, 4) : day.slice(0, kinds[view.data.time.kind] || 10);
};

/** Find the period that an address names; -1 if there is none. */
SahelGeo.periodOfKey = function (view, key) {
  const time = view.data.time;
  for (let at = 0; time && at < time.count; at += 1) {
    if (SahelGeo.periodStart(time, at).toISOString().startsWith(key)) {
      return at;
    }
  }
  return -1;
};

/**
 * Write what is shown as it stands in the address.
 * @param {object} view the view
 * @param {string} place centre and zoom, such as "15.2,1.3,6.5"; "" for the whole map
 * @returns {string} for example "indicator=incidents&period=2020-03&unit=ML0401"
 */
SahelGeo.stateText = function (view, place) {
  const state = { indicator: view.shown.key };
  if (view.period >= 0 && view.data.time) {
    state.period = SahelGeo.periodKey(view, view.period);
  }
  if (SahelGeo.isCompared(view)) {
    state.compare = SahelGeo.periodKey(view, view.other);
  }
  if (view.multiples) {
    state.maps = SahelGeo.isPair(view) ? "two" : "all";
  }
  if (view.chosen >= 0) {
    state.unit = view.units[view.chosen].id;
  }
  if (place) {
    state.view = place;
  }
  state.lang = view.lang;
  return Object.keys(state)
    .map((name) => name + "=" + encodeURIComponent(state[name]).replace(/%2C/g, ","))
    .join("&");
};

/**
 * Read what an address asks for; what the page does not know is left out.
 * @param {object} view the view
 * @param {string} text what stands after "#"
 * @returns {object} changes of the view, and `place` as [lat, lon, zoom] if given
 */
SahelGeo.readState = function (view, text) {
  const asked = {};
  text.split("&").forEach(function (part) {
    const [name, value] = part.split("=");
    try {
      asked[name] = decodeURIComponent(value || "");
    } catch (error) {
      asked[name] = "";
    }
  });
  const changes = {};
  const indicator = view.data.indicators.findIndex((each) => each.key === asked.indicator);
  const number = indicator < 0 ? view.indicator : indicator;
  if (indicator >= 0) {
    changes.indicator = indicator;
  }
  if (asked.lang in view.data.texts) {
    changes.lang = asked.lang;
  }
  const unit = view.units.findIndex((each) => each.id === asked.unit);
  if (asked.unit !== undefined) {
    changes.chosen = unit;
  }
  const series = view.data.indicators[number].series;
  if (asked.period && series) {
    changes.period = SahelGeo.periodOfKey(view, asked.period);
    const isYear = /^\d{4}$/.test(asked.period) && view.data.time.kind !== "year";
    changes.yearly = Boolean(isYear && series.years);
    changes.other = asked.compare && changes.period >= 0 ? SahelGeo.periodOfKey(view, asked.compare) : -1;
  } else if (asked.indicator !== undefined) {
    changes.period = -1;
    changes.other = -1;
  }
  changes.multiples = { two: "pair", all: true }[asked.maps] || false;
  const place = (asked.view || "").split(",").map(Number);
  const isPlace = place.length === 3 && place.every(Number.isFinite) && Math.abs(place[0]) <= 85;
  return { changes: changes, place: isPlace ? place : null };
};

/** Show what the address asks for. */
SahelGeo.restore = function (view) {
  const text = window.location.hash.slice(1);
  if (!text) {
    return;
  }
  const { changes, place } = SahelGeo.readState(view, text);
  view.set(changes);
  if (place) {
    view.map.options.touched = true; // a view of one's own, which a change of size leaves alone
    view.map.setView([place[0], place[1]], place[2], { animate: false });
  }
};

/** Give the address of what is shown. */
SahelGeo.addressOf = function (view) {
  const { lat, lng } = view.map.getCenter();
  const place = view.map.options.touched ? [lat.toFixed(3), lng.toFixed(3), view.map.getZoom()].join(",") : "";
  return "#" + SahelGeo.stateText(view, place);
};

/** Write what embeds the page elsewhere, as it is shown. */
SahelGeo.embedText = function (view) {
  const { protocol, pathname, href } = window.location;
  const own = protocol.startsWith("http") ? href.split("#")[0] : pathname.split("/").pop();
  const safe = (text) => text.replace(/[&<>"]/g, (mark) => "&#" + mark.charCodeAt(0) + ";");
  return (
    '<iframe src="' + safe(own + SahelGeo.addressOf(view)) + '" title="' + safe(document.title) +
    '" style="width:100%;height:600px;border:0" loading="lazy"></iframe>'
  );
};

/** Hand a text to the clipboard; where that is refused, show it to be copied by hand. */
SahelGeo.copy = function (view, text, field) {
  field.value = text;
  field.hidden = false;
  field.select();
  const done = () => (view.find("status").textContent = view.texts.copied);
  if (navigator.clipboard) {
    navigator.clipboard.writeText(text).then(done, () => document.execCommand("copy") && done());
  } else if (document.execCommand("copy")) {
    done();
  }
};

/** Add the buttons that copy the link and the snippet, and keep the address in step. */
SahelGeo.connectLink = function (view) {
  const heading = SahelGeo.element("h3", "sg-screen");
  heading.dataset.text = "share";
  const set = SahelGeo.element("div", "sg-saving");
  const field = SahelGeo.element("textarea", "sg-share");
  Object.assign(field, { readOnly: true, hidden: true, rows: 3 });
  const add = function (text, make) {
    const button = SahelGeo.element("button", "sg-button");
    button.type = "button";
    button.dataset.text = text;
    button.addEventListener("click", () => SahelGeo.copy(view, make(), field));
    set.append(button);
  };
  add("copy_link", () => window.location.href.split("#")[0] + SahelGeo.addressOf(view));
  add("copy_embed", () => SahelGeo.embedText(view));
  view.find("tools").append(heading, set, field);
  const name = () => field.setAttribute("aria-label", view.texts.share);
  SahelGeo.translate(view.find("tools"), view.texts);
  name();
  view.on(["lang"], name);
  let timer = 0;
  let own = "";
  const write = function () {
    window.clearTimeout(timer);
    timer = window.setTimeout(function () {
      own = SahelGeo.addressOf(view);
      try {
        window.history.replaceState(null, "", own);
      } catch (error) {
        // a page inside another may not change its address; its buttons still work
      }
    }, 150);
  };
  view.map.on("moveend", () => view.map.options.touched && write());
  view.on(["indicator", "period", "yearly", "other", "multiples", "chosen", "lang"], write);
  window.addEventListener("hashchange", function () {
    if (window.location.hash !== own) {
      SahelGeo.restore(view);
    }
  });
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
