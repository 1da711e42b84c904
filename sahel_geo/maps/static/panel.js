/* What stands around the map: legend, switch, search, and the box that tells of one unit. */
"use strict";

var SahelGeo = SahelGeo || {};

/**
 * Make an element. Text goes in as text, never as markup.
 * @param {string} tag element name
 * @param {string} className class, or ""
 * @param {string} [text] its text
 * @returns {HTMLElement} the element
 */
SahelGeo.element = function (tag, className, text) {
  const node = document.createElement(tag);
  if (className) {
    node.className = className;
  }
  if (text !== undefined) {
    node.textContent = text;
    node.dir = "auto";
  }
  return node;
};

/**
 * Describe one unit: name, code, parents, and every indicator.
 * @param {object} data data of the page
 * @param {number} position which unit
 * @param {number} shown which indicator is on the map
 * @returns {HTMLElement} the description
 */
SahelGeo.describeUnit = function (data, position, shown) {
  const unit = data.units[position];
  const box = SahelGeo.element("div", "sg-unit");
  box.append(
    SahelGeo.element("strong", "sg-unit-name", unit.name),
    SahelGeo.element("div", "sg-unit-place", [unit.id].concat(unit.parents).join(" · ")),
  );
  const table = SahelGeo.element("table", "");
  data.indicators.forEach(function (indicator, number) {
    const row = table.insertRow();
    row.className = number === shown ? "sg-shown" : "";
    const head = SahelGeo.element("th", "", indicator.title);
    head.scope = "row";
    if (indicator.unit) {
      head.append(SahelGeo.element("small", "", indicator.unit));
    }
    const missing = indicator.texts[position] === null;
    const text = missing ? data.texts.no_data_short : indicator.texts[position];
    row.append(head, SahelGeo.element("td", missing ? "sg-missing" : "", text));
  });
  box.append(table);
  return box;
};

/**
 * Draw the symbol of a class.
 * @param {{kind: string, colour: string}} entry a class
 * @returns {HTMLElement} a small box in its colour, hatched where there is no data
 */
SahelGeo.swatch = function (entry) {
  const box = SahelGeo.element("span", "sg-swatch");
  if (entry.kind === "no_data") {
    box.classList.add("sg-hatch");
  } else {
    box.style.backgroundColor = entry.colour;
  }
  box.setAttribute("aria-hidden", "true");
  return box;
};

/**
 * Write the legend of one indicator into a container.
 * @param {HTMLElement} container where it goes; emptied first
 * @param {object} data data of the page
 * @param {number} shown which indicator
 */
SahelGeo.showLegend = function (container, data, shown) {
  const indicator = data.indicators[shown];
  const list = SahelGeo.element("ul", "sg-classes");
  indicator.classes.forEach(function (entry) {
    const item = SahelGeo.element("li", "");
    const count = SahelGeo.element("span", "sg-count", entry.count);
    count.title = entry.count + "\u00a0" + data.texts.units;
    item.append(SahelGeo.swatch(entry), SahelGeo.element("span", "sg-label", entry.label), count);
    list.append(item);
  });
  const lines = SahelGeo.element("ul", "sg-lines");
  data.lines.forEach(function (line) {
    const item = SahelGeo.element("li", "");
    const symbol = SahelGeo.element("span", "sg-line sg-line-" + line.kind);
    symbol.setAttribute("aria-hidden", "true");
    item.append(symbol, SahelGeo.element("span", "sg-label", line.label));
    lines.append(item);
  });
  container.replaceChildren(
    SahelGeo.element("h2", "", indicator.title),
    SahelGeo.element("p", "sg-unit-of", indicator.unit),
    list,
    lines,
    SahelGeo.element("p", "sg-method", indicator.method),
  );
};

/**
 * Connect the switch between indicators, where there are several.
 * @param {HTMLSelectElement|null} select the form control
 * @param {object} data data of the page
 * @param {function(number): void} show called with the number of the chosen indicator
 */
SahelGeo.connectSwitch = function (select, data, show) {
  if (!select) {
    return;
  }
  data.indicators.forEach(function (indicator, number) {
    const unit = indicator.unit ? " (" + indicator.unit + ")" : "";
    const option = SahelGeo.element("option", "", indicator.title + unit);
    option.value = String(number);
    select.append(option);
  });
  select.value = "0"; // a browser that reloads would keep the old choice
  select.addEventListener("change", function () {
    show(Number(select.value));
  });
};

/**
 * Connect the search for a unit.
 * @param {HTMLInputElement} input the text field; its list gets every unit
 * @param {HTMLElement} status where an answer is read aloud
 * @param {object} data data of the page
 * @param {function(number): void} show called with the number of the unit found
 */
SahelGeo.connectSearch = function (input, status, data, show) {
  const names = data.units.map(SahelGeo.unitLabel);
  names.sort(new Intl.Collator(data.lang).compare).forEach(function (name) {
    const option = document.createElement("option");
    option.value = name;
    input.list.append(option);
  });
  input.addEventListener("change", function () {
    const found = SahelGeo.findUnit(data.units, input.value);
    status.textContent = "";
    if (found >= 0) {
      show(found);
    } else if (input.value.trim()) {
      status.textContent = data.texts.not_found;
    }
  });
};

/**
 * Keep the panel open on a wide page, where it stands beside the map.
 * @param {HTMLDetailsElement} panel the panel
 */
SahelGeo.keepOpenWhenWide = function (panel) {
  const wide = window.matchMedia("(min-width: 48rem), print");
  const open = function () {
    panel.open = panel.open || wide.matches;
  };
  wide.addEventListener("change", open);
  window.addEventListener("beforeprint", function () {
    panel.open = true;
  });
  open();
};

/** Show where the focus is to those who move it by keyboard; Leaflet also sets it on a tap. */
SahelGeo.markKeyboard = function () {
  document.addEventListener("keydown", () => document.body.classList.add("sg-keyboard"));
  document.addEventListener("pointerdown", () => document.body.classList.remove("sg-keyboard"));
};
