/* The figures shown as a table for a spreadsheet, in which no text can become a formula. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./words.js") : SahelGeo || {};

/**
 * Write a text so that a spreadsheet takes it for text, whatever it splits cells at.
 * @param {string} text any text
 * @returns {string} with an apostrophe wherever a formula would begin; numbers stay
 */
SahelGeo.harmless = function (text) {
  const number = /^[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?$/;
  const begins = /^ *[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
  const inside =
    /([;\t\r\n]['"\s]*)(?=[=+@\uff1d\uff0b\uff20\uff0d-])(?![+-]?\d+(?:[.,]\d+)?\s*(?:[;\t\r\n]|$))/g;
  const first = begins.test(text) && !number.test(text) ? "'" + text : text;
  return first.replace(inside, "$1'");
};

/**
 * Write rows as CSV: commas, or semicolons where the decimal sign is a comma, as spreadsheets expect.
 * @param {(string|number|null)[][]} rows texts, finite numbers, and null for nothing
 * @param {string} lang such as "fr"
 * @returns {string} the file, with the mark that tells spreadsheets of UTF-8
 */
SahelGeo.csv = function (rows, lang) {
  const comma = SahelGeo.formatNumber(0.5, lang, 1).includes(",");
  const write = function (cell) {
    if (cell === null) {
      return "";
    }
    const text =
      typeof cell === "number"
        ? String(cell).replace(".", comma ? "," : ".")
        : SahelGeo.harmless(cell);
    return /[",;\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  const line = (row) => row.map(write).join(comma ? ";" : ",");
  return "\ufeff" + rows.map(line).join("\n") + "\n";
};

/** Give the figure of a unit as a number, or as words where it is none. */
SahelGeo.figure = function (view, number, position) {
  const shown = SahelGeo.valueText(view, number, position);
  const values = SahelGeo.valuesOf(view, number);
  const value = values && values[position];
  return typeof value === "number" && !Number.isNaN(value) ? value : shown;
};

/** Part the names of what a unit lies in: what lies in the region, the region, the country. */
SahelGeo.parentsApart = function (view, unit) {
  const names = unit.parents.map(view.say);
  const country = unit.country && names.length ? names.pop() : "";
  const region = names.length ? names.pop() : "";
  return [names.join(" \u00b7 "), region, country];
};

/** Put everything that the page tells of its units side by side. */
SahelGeo.tableRows = function (view) {
  const texts = view.texts;
  const named = (one, ...more) => [view.say(one.title), view.say(one.unit), ...more];
  const title = function (indicator, number) {
    const timed = SahelGeo.isTimed(view, number);
    const period = timed ? SahelGeo.shownPeriod(view) : view.data.time && texts.whole_period;
    return named(indicator, period).filter(Boolean).join(", ");
  };
  const places = view.units.map((unit) => SahelGeo.parentsApart(view, unit));
  const levels = ["within", "region_name", "country"].filter((_, level) => places.some((names) => names[level]));
  const level = { within: 0, region_name: 1, country: 2 };
  const head = ["code", texts.unit_box]
    .concat(levels.map((name) => texts[name]))
    .concat(view.data.indicators.map(title))
    .concat(view.data.details.map((detail) => named(detail).filter(Boolean).join(", ")))
    .concat(texts.sources);
  const said = SahelGeo.statement(view.data, view.lang);
  const rows = view.units.map((unit, position) =>
    [unit.id, unit.name]
      .concat(levels.map((name) => places[position][level[name]]))
      .concat(view.data.indicators.map((_, number) => SahelGeo.figure(view, number, position)))
      .concat(view.data.details.map((detail) => detail.values[position]))
      .concat(position ? null : said), // once, so that the table stays one of figures
  );
  return [head].concat(rows);
};

/** Offer the table beside the pictures. */
SahelGeo.connectTable = function (view) {
  const button = SahelGeo.element("button", "sg-button");
  button.type = "button";
  button.dataset.text = "save_csv";
  button.addEventListener("click", function () {
    const text = SahelGeo.csv(SahelGeo.tableRows(view), view.lang);
    SahelGeo.download(new Blob([text], { type: "text/csv" }), SahelGeo.fileName(view) + ".csv");
    view.find("status").textContent = view.texts.table_saved;
  });
  view.find("tools").querySelector(".sg-saving").append(button);
  SahelGeo.translate(view.find("tools"), view.texts);
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
