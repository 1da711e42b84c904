/* The search for a unit: by code or name, as people write them; where it is open, a choice. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./geometry.js") : SahelGeo || {};

/** Most units offered to choose from. */
SahelGeo.MOST_CHOICES = 8;

/** Write a name or a code with its letters and digits alone, and one space between words. */
SahelGeo.plain = function (text) {
  return SahelGeo.fold(text)
    .replace(/[\u2019'\u02bc`]/g, " ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
};

/**
 * Count the letters to add, leave out, change or swap to get from one text to another.
 * @param {string} one a text
 * @param {string} other another
 * @param {number} most stop counting beyond this
 * @returns {number} how many, or more than `most`
 */
SahelGeo.slips = function (one, other, most) {
  if (Math.abs(one.length - other.length) > most) {
    return most + 1;
  }
  let before = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        cost = Math.min(cost, before[j - 2] + 1);
      }
      row.push(cost);
    }
    if (Math.min(...row, ...last) > most) {
      return most + 1;
    }
    before = last;
    last = row;
  }
  return last[other.length];
};

/**
 * Find the units that a person may mean.
 * @param {{id: string, name: string}[]} units units of the page
 * @param {string} query what was typed: a code, a name, "name (code)", a part, or nearly one
 * @returns {{found: number[], sure: boolean}} positions, best first; sure unless letters differ
 */
SahelGeo.findUnits = function (units, query) {
  const wanted = SahelGeo.plain(query);
  const joined = wanted.replace(/ /g, "");
  if (!wanted) {
    return { found: [], sure: true };
  }
  const names = units.map((unit) => SahelGeo.plain(unit.name));
  const codes = units.map((unit) => SahelGeo.plain(unit.id).replace(/ /g, ""));
  const tests = [
    (at) => codes[at] === joined || (names[at] + codes[at]).replace(/ /g, "") === joined,
    (at) => names[at].replace(/ /g, "") === joined,
    (at) => names[at].startsWith(wanted),
    (at) => (" " + names[at]).includes(" " + wanted),
  ];
  for (const test of tests) {
    const found = names.flatMap((_, at) => (test(at) ? [at] : []));
    if (found.length) {
      return { found: found, sure: true };
    }
  }
  const most = Math.min(3, Math.floor(joined.length / 3));
  const far = names.map((name) => SahelGeo.slips(joined, name.replace(/ /g, ""), most));
  const near = names.flatMap((_, at) => (far[at] <= most ? [at] : []));
  return { found: near.sort((one, other) => far[one] - far[other] || one - other), sure: false };
};

/** List the towns of the map, which have no code. */
SahelGeo.townsOf = (view) =>
  view.data.labels
    .filter((label) => label.kind === "town" || label.kind === "capital")
    .map((label) => ({ id: "", name: view.say(label.text), town: label }));

/**
 * Find units, and towns where no unit has the name or as further choices.
 * @param {object[]} units units of the page
 * @param {object[]} towns towns of the map
 * @param {string} query what was typed
 * @returns {{found: object[], sure: boolean}} `position` of a unit, or `town`, best first
 */
SahelGeo.findPlaces = function (units, towns, query) {
  const wanted = SahelGeo.plain(query);
  const own = SahelGeo.findUnits(units, query);
  const there = SahelGeo.findUnits(towns, query);
  const asUnits = own.found.map((position) => ({ position: position }));
  const asTowns = there.found.map((at) => ({ town: towns[at].town, name: towns[at].name }));
  if (own.sure && asUnits.length) {
    const same = asUnits.length === 1 && SahelGeo.plain(units[own.found[0]].name) === wanted;
    const isCode = asUnits.length === 1 && SahelGeo.plain(units[own.found[0]].name) !== wanted;
    const named = there.sure ? asTowns.filter((each) => SahelGeo.plain(each.name) === wanted) : [];
    return { found: asUnits.concat(same || isCode ? [] : named), sure: true };
  }
  return there.sure && asTowns.length
    ? { found: asTowns, sure: true }
    : { found: asUnits.concat(asTowns), sure: false };
};

/** Show a town: the map moves to it, and the box of the unit around it opens. */
SahelGeo.showTown = function (view, label) {
  const position = SahelGeo.unitAt(view, L.latLng(label.lat, label.lon));
  if (position >= 0) {
    SahelGeo.showUnit(view, position);
  }
  view.map.options.touched = true;
  view.map.setView([label.lat, label.lon], Math.min(view.data.max_zoom, 9), { animate: false });
};

/** Offer units to choose from, as buttons below the field. */
SahelGeo.offerUnits = function (view, box, found, sure) {
  const texts = view.texts;
  const text = !found.length ? texts.not_found : sure ? texts.find_several : texts.find_near;
  const list = SahelGeo.element("ul", "sg-choices");
  found.slice(0, SahelGeo.MOST_CHOICES).forEach(function (each) {
    const unit = each.town ? null : view.units[each.position];
    const button = SahelGeo.element("button", "sg-link", unit ? unit.name : each.name);
    const place = unit ? [unit.id].concat(unit.parents.map(view.say)).join(" · ") : texts.town;
    button.type = "button";
    button.append(SahelGeo.element("small", "", place));
    button.addEventListener("click", function () {
      box.replaceChildren();
      SahelGeo.showPlace(view, each);
    });
    const item = SahelGeo.element("li", "");
    item.append(button);
    list.append(item);
  });
  const rest = found.length - SahelGeo.MOST_CHOICES;
  const more = rest > 0 ? [SahelGeo.element("p", "", "+\u00a0" + rest)] : [];
  box.replaceChildren(SahelGeo.element("p", "", text), ...(found.length ? [list] : []), ...more);
};

/** Show a unit or a town that was found. */
SahelGeo.showPlace = (view, each) =>
  each.town ? SahelGeo.showTown(view, each.town) : SahelGeo.showUnit(view, each.position);

/** Connect the search for a unit or a town. */
SahelGeo.connectSearch = function (view) {
  const input = view.find("find");
  const box = SahelGeo.element("div", "sg-found");
  box.setAttribute("role", "status");
  input.after(box);
  const towns = () => SahelGeo.townsOf(view);
  const unitNames = new Set(view.units.map((unit) => SahelGeo.plain(unit.name)));
  const only = towns().filter((town) => !unitNames.has(SahelGeo.plain(town.name)));
  const names = view.units.map(SahelGeo.unitLabel).concat(only.map((town) => town.name));
  const options = names.sort(new Intl.Collator(view.lang).compare).map(function (name) {
    const option = document.createElement("option");
    option.value = name;
    return option;
  });
  input.list.replaceChildren(...options);
  input.addEventListener("input", () => box.replaceChildren());
  input.addEventListener("change", function () {
    const { found, sure } = SahelGeo.findPlaces(view.units, towns(), input.value);
    view.find("status").textContent = "";
    box.replaceChildren();
    if (found.length === 1 && sure) {
      SahelGeo.showPlace(view, found[0]);
    } else if (input.value.trim()) {
      SahelGeo.offerUnits(view, box, found, sure);
    }
  });
  view.on(["lang"], () => box.replaceChildren());
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
