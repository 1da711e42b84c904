/* Words and numbers of the page, in the language that is shown. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./geometry.js") : SahelGeo || {};

/** Number and date formats, made once. */
SahelGeo.formats = new Map();

SahelGeo.format = function (kind, lang, options) {
  const key = JSON.stringify([kind, lang, options]);
  if (!SahelGeo.formats.has(key)) {
    const tag = lang === "en" ? "en-GB" : lang;
    SahelGeo.formats.set(key, new Intl[kind](tag, options));
  }
  return SahelGeo.formats.get(key);
};

/**
 * Say a text in one language.
 * @param {string|object} words a text, or one for each language
 * @param {string} lang such as "fr"
 * @returns {string} the text
 */
SahelGeo.say = function (words, lang) {
  return typeof words === "string" ? words : words[lang];
};

/**
 * Put values into the places of a text; they are never read as places themselves.
 * @param {string} text a text with {names}
 * @param {object} values what to put there
 * @returns {string} the text
 */
SahelGeo.fill = function (text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
};

/** Count the decimals that show a number with so many significant digits, at most eight. */
SahelGeo.decimalsFor = function (value, significant) {
  if (value === 0) {
    return 0;
  }
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return Math.max(0, Math.min(8, significant - 1 - magnitude));
};

/**
 * Write a number the way the language does, with a true minus sign.
 * @param {number} value a finite number
 * @param {string} lang such as "fr"
 * @param {number} most most decimals
 * @param {number} [least] fewest decimals; as many as `most` unless given
 * @returns {string} the number
 */
SahelGeo.formatNumber = function (value, lang, most, least) {
  const fewest = least === undefined ? most : least;
  const options = { minimumFractionDigits: fewest, maximumFractionDigits: most };
  const text = SahelGeo.format("NumberFormat", lang, options).format(Math.abs(value));
  return value < 0 && /[1-9]/.test(text) ? "\u2212" + text : text;
};

/** Write one value of an indicator: a count whole, a measure with three significant digits. */
SahelGeo.formatValue = function (value, lang, whole) {
  return SahelGeo.formatNumber(value, lang, whole ? 0 : SahelGeo.decimalsFor(value, 3));
};

/** Write a bound with all the digits it has, and no more than eight decimals. */
SahelGeo.formatBound = function (value, lang, digits) {
  return SahelGeo.formatNumber(value, lang, SahelGeo.decimalsFor(value, digits || 8), 0);
};

/**
 * Write one line of the legend.
 * @param {object} entry a class
 * @param {object} texts texts of the page in the language
 * @param {string} lang such as "fr"
 * @returns {string} for example "0,35 à 1,2"
 */
SahelGeo.classLabel = function (entry, texts, lang) {
  const bound = (value) => SahelGeo.formatBound(value, lang);
  if (entry.kind === "category") {
    return SahelGeo.say(entry.label, lang);
  }
  if (entry.kind === "no_data") {
    return texts.no_data;
  }
  if (entry.kind === "suppressed") {
    return SahelGeo.fill(texts.suppressed, { most: bound(entry.high) });
  }
  if (entry.kind === "range") {
    return entry.low === null
      ? "\u2264 " + bound(entry.high)
      : bound(entry.low) + " " + texts.to + " " + bound(entry.high);
  }
  return SahelGeo.formatBound(entry.high, lang, entry.digits);
};

/** The first of a month where a language writes it as an ordinal, as no pattern does. */
SahelGeo.FIRST_OF_MONTH = { fr: "1er" };

/** First day of a period, at midnight UTC. */
SahelGeo.periodStart = function (time, number) {
  const day = new Date(time.first + "T00:00:00Z");
  const months = { month: 1, quarter: 3, year: 12 }[time.kind];
  if (months) {
    day.setUTCMonth(day.getUTCMonth() + months * number);
  } else {
    day.setUTCDate(day.getUTCDate() + (time.kind === "week" ? 7 : 1) * number);
  }
  return day;
};

/**
 * Name a period.
 * @param {{kind: string, first: string}} time which periods there are
 * @param {number} number which one, from 0
 * @param {string} lang such as "fr"
 * @param {object} texts texts of the page in the language
 * @returns {string} for example "mars 2021"
 */
SahelGeo.periodLabel = function (time, number, lang, texts) {
  const day = SahelGeo.periodStart(time, number);
  const date = (options) =>
    SahelGeo.format("DateTimeFormat", lang, Object.assign({ timeZone: "UTC" }, options))
      .format(day)
      .replace(/^1(?=\s)/, SahelGeo.FIRST_OF_MONTH[lang] || "1");
  const whole = { day: "numeric", month: "short", year: "numeric" };
  switch (time.kind) {
    case "year":
      return String(day.getUTCFullYear());
    case "quarter":
      return SahelGeo.fill(texts.quarter_of, {
        quarter: day.getUTCMonth() / 3 + 1,
        year: day.getUTCFullYear(),
      });
    case "month":
      return date({ month: "long", year: "numeric" });
    case "week":
      return SahelGeo.fill(texts.week_of, { day: date(whole) });
    default:
      return date(whole);
  }
};

/** Name the span from the first to the last period. */
SahelGeo.spanLabel = function (time, lang, texts) {
  const first = SahelGeo.periodLabel(time, 0, lang, texts);
  const last = SahelGeo.periodLabel(time, time.count - 1, lang, texts);
  return first === last ? first : first + " \u2013 " + last;
};

/**
 * Say what the figures are: source, period, what is not on the map, limits.
 * @param {object} data data of the page
 * @param {string} lang such as "fr"
 * @returns {string} sentences, or "" where nothing was said
 */
SahelGeo.statement = function (data, lang) {
  const texts = data.texts[lang];
  const parts = Object.assign({}, data.statement);
  if (!parts.period && data.time) {
    parts.period = SahelGeo.spanLabel(data.time, lang, texts);
  }
  return ["source", "period", "left_out", "limits"]
    .filter((name) => parts[name])
    .map(function (name) {
      const text = SahelGeo.say(parts[name], lang);
      const end = /[.!?…]$/.test(text) ? "" : ".";
      return texts["part_" + name] + texts.colon + text + end;
    })
    .join(" ");
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
