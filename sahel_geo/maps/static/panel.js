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

/** Write the heading of a unit: name, code, parents. */
SahelGeo.unitHeading = function (view, position, tag) {
  const unit = view.units[position];
  const place = [unit.id].concat(unit.parents.map(view.say));
  return [
    SahelGeo.element(tag, "sg-unit-name", unit.name),
    SahelGeo.element("div", "sg-unit-place", place.join(" · ")),
  ];
};

/** Write what an indicator is, with its unit, as the heading of a row. */
SahelGeo.rowHead = function (view, indicator) {
  const head = SahelGeo.element("th", "", view.say(indicator.title));
  head.scope = "row";
  if (view.say(indicator.unit)) {
    head.append(SahelGeo.element("small", "", view.say(indicator.unit)));
  }
  return head;
};

/** Write a value, or that there is none. */
SahelGeo.valueCell = function (view, text) {
  const missing = text === null;
  return SahelGeo.element(
    "td",
    missing ? "sg-missing" : "",
    missing ? view.texts.no_data_short : text,
  );
};

/** Choose what the hover box tells: the indicator shown, then incidents, then deaths. */
SahelGeo.briefly = function (view) {
  const find = (test) => view.data.indicators.findIndex((indicator) => test(indicator.key));
  const deaths = ["fatalities_best", "fatalities_low", "fatalities_high"].map((key) => find((each) => each === key));
  const wanted = [view.indicator, find((key) => key === "incidents"), deaths.find((at) => at >= 0)];
  return Array.from(new Set(wanted.filter((at) => at >= 0)));
};

/**
 * Describe one unit: name, code, parents, and at most three figures.
 * @param {object} view the view
 * @param {number} position which unit
 * @returns {HTMLElement} the description
 */
SahelGeo.describeUnit = function (view, position) {
  const box = SahelGeo.element("div", "sg-unit");
  box.append(...SahelGeo.unitHeading(view, position, "strong"));
  const table = SahelGeo.element("table", "");
  const add = function (number) {
    const row = table.insertRow();
    row.className = number === view.indicator ? "sg-shown" : "";
    const head = SahelGeo.rowHead(view, view.data.indicators[number]);
    if (SahelGeo.isTimed(view, number)) {
      head.append(SahelGeo.element("small", "", SahelGeo.shownPeriod(view)));
    }
    const cell = SahelGeo.valueCell(view, SahelGeo.valueText(view, number, position));
    const gap = SahelGeo.gapText(view, number, position);
    if (gap) {
      cell.append(SahelGeo.element("small", "", gap));
    }
    row.append(head, cell);
  };
  if (SahelGeo.isCompared(view)) {
    add(view.indicator);
    SahelGeo.atPeriod(view, view.other, () => add(view.indicator));
  } else {
    SahelGeo.briefly(view).forEach(add);
  }
  box.append(table);
  return box;
};

/** Draw the symbol of a class: a small box in its colour, hatched where it is on the map. */
SahelGeo.swatch = function (look) {
  const box = SahelGeo.element("span", "sg-swatch");
  if (look.hatch && look.hatch.slope) {
    box.classList.add(look.hatch.slope > 0 ? "sg-hatch" : "sg-doubt");
  } else {
    box.style.backgroundColor = look.fill;
    box.classList.toggle("sg-dots", Boolean(look.hatch && !look.hatch.mark));
  }
  if (look.hatch && look.hatch.mark) {
    box.classList.add("sg-mark-" + look.hatch.mark);
    box.style.setProperty("--sg-lines", look.hatch.ink);
  }
  box.setAttribute("aria-hidden", "true");
  return box;
};

/** Make a list item of the legend: symbol, label and, if given, a count. */
SahelGeo.legendItem = function (symbol, label, count, units) {
  const item = SahelGeo.element("li", "");
  item.append(symbol, SahelGeo.element("span", "sg-label", label));
  if (count !== undefined) {
    const node = SahelGeo.element("span", "sg-count", count);
    node.title = count + "\u00a0" + units;
    item.append(node);
  }
  return item;
};

/** Title, period and unit of the legend, as texts. */
SahelGeo.legendHeads = function (view) {
  if (view.surface) {
    return [SahelGeo.surfaceTitle(view), view.say(view.data.surface.unit)];
  }
  const timed = SahelGeo.isTimed(view, view.indicator);
  const period = timed ? [SahelGeo.timeShown(view)] : [];
  return [view.say(view.shown.title)].concat(period, view.say(view.shown.unit));
};

/** Classes of what is shown: look, label and number of units. */
SahelGeo.legendEntries = function (view) {
  const label = (entry) => SahelGeo.classLabel(entry, view.texts, view.lang);
  if (view.surface) {
    return view.data.surface.classes.map((entry) => ({
      look: SahelGeo.lookOf(entry, false),
      label: label(entry),
      count: "",
    }));
  }
  const numbers = SahelGeo.classNumbers(view);
  const timed = SahelGeo.isTimed(view, view.indicator);
  const others = SahelGeo.isCompared(view) ? SahelGeo.atPeriod(view, view.other, SahelGeo.classNumbers) : null;
  const many = (list, number) => list.filter((one) => one === number).length;
  const entries = SahelGeo.classesOf(view, view.indicator).map(function (entry, number) {
    const count = timed ? many(Array.from(numbers), number) : entry.count;
    const both = others ? count + " | " + many(Array.from(others), number) : String(count);
    return { look: SahelGeo.lookOf(entry, false), label: label(entry), count: both };
  });
  const doubtful = SahelGeo.uncertainUnits(view).size;
  if (doubtful) {
    const own = timed ? view.texts.incomplete : view.shown.uncertain.label;
    entries.push({
      look: SahelGeo.lookOf({ kind: "range", colour: "#e8e2d6" }, true),
      label: own === null ? view.texts.uncertain : view.say(own),
      count: String(doubtful),
    });
  }
  return entries;
};

/** List the classes of what is shown, with the number of units in each. */
SahelGeo.classList = function (view) {
  const list = SahelGeo.element("ul", "sg-classes");
  SahelGeo.legendEntries(view).forEach(function (entry) {
    const count = entry.count === "" ? undefined : entry.count;
    const symbol = SahelGeo.swatch(entry.look);
    list.append(SahelGeo.legendItem(symbol, entry.label, count, view.texts.units));
  });
  return list;
};

/** List the symbols of the points, and say what their size and number mean. */
SahelGeo.pointList = function (view) {
  const points = view.data.points;
  if (!view.points || view.hidden.has("points")) {
    return [];
  }
  const list = SahelGeo.element("ul", "sg-lines");
  const present = new Set(view.points.map((point) => point.precision));
  SahelGeo.PRECISIONS.forEach(function (name, number) {
    if (present.has(number)) {
      const canvas = document.createElement("canvas");
      canvas.width = canvas.height = 36;
      canvas.className = "sg-symbol";
      canvas.setAttribute("aria-hidden", "true");
      const group = { x: 9, y: 9, count: 1, deaths: 5, precision: number };
      SahelGeo.drawGroups(SahelGeo.canvasPen(canvas.getContext("2d"), 2), [group]);
      list.append(SahelGeo.legendItem(canvas, view.texts[name]));
    }
  });
  const hint = points.deaths === null ? "points_hint_plain" : "points_hint";
  const moved = SahelGeo.fill(view.texts.points_moved, { km: String(points.km) });
  return [
    SahelGeo.element("h3", "", view.texts.points),
    list,
    SahelGeo.element("p", "sg-method", view.texts[hint] + " " + moved),
  ];
};

/** Name a kind of line. */
SahelGeo.lineName = (view, line) =>
  line.label === null ? view.texts[line.kind] : view.say(line.label);

/** List the lines and markers of the map. */
SahelGeo.lineList = function (view) {
  const lines = SahelGeo.element("ul", "sg-lines");
  const add = function (kind, label) {
    const symbol = SahelGeo.element("span", "sg-line sg-line-" + kind);
    symbol.setAttribute("aria-hidden", "true");
    lines.append(SahelGeo.legendItem(symbol, label));
  };
  view.data.lines.forEach(function (line) {
    if (!view.hidden.has(line.kind)) {
      add(line.kind, SahelGeo.lineName(view, line));
    }
  });
  if (view.data.paths.river.length && !view.hidden.has("river")) {
    add("river", view.texts.waters);
  }
  if (view.data.meeting_points.length && !view.hidden.has("border")) {
    add("meeting", view.texts.meeting_point);
  }
  return lines;
};

/** Say how periods and years compare, as sentences. */
SahelGeo.timeNotes = function (view) {
  if (!SahelGeo.isTimed(view, view.indicator)) {
    return [];
  }
  const { texts } = view;
  const years = view.shown.series.years;
  if (!SahelGeo.isYearly(view)) {
    return [texts.common_classes].concat(!years && SahelGeo.hasYears(view) ? texts.no_years : []);
  }
  const kind = SahelGeo.fill(texts[view.data.time.kind + "_many"], { count: "" }).trim();
  return [SahelGeo.fill(texts["year_" + years.rule], { periods: kind }), texts.common_years];
};

/**
 * Write the legend of what is shown into its place.
 * @param {object} view the view
 */
SahelGeo.showLegend = function (view) {
  const timed = SahelGeo.isTimed(view, view.indicator);
  const heads = SahelGeo.legendHeads(view);
  const parts = heads.map(function (text, at) {
    const period = timed && !view.surface && at === 1;
    const kind = period ? "sg-period" : "sg-unit-of";
    return SahelGeo.element(at ? "p" : "h2", at ? kind : "", text);
  });
  if (!view.surface) {
    parts.push(SahelGeo.element("p", "sg-count-head", view.texts.units_head));
  }
  parts.push(SahelGeo.classList(view), SahelGeo.lineList(view));
  if (!view.surface) {
    const method = view.say(SahelGeo.sideOf(view, view.indicator).method);
    parts.push(SahelGeo.element("p", "sg-method", [method].concat(SahelGeo.timeNotes(view)).join(" ")));
  }
  view.find("legend").replaceChildren(...parts, ...SahelGeo.pointList(view), ...SahelGeo.annotationList(view));
};

/** Connect the switch between indicators, where there are several. */
SahelGeo.connectSwitch = function (view) {
  const select = view.find("switch");
  if (!select) {
    return;
  }
  const chosen = SahelGeo.element("span", "sg-chosen");
  const name = function () {
    chosen.textContent = select.selectedOptions.length ? select.selectedOptions[0].textContent : "";
  };
  chosen.setAttribute("aria-hidden", "true"); // the whole name, over a list that would cut it off
  select.before(chosen);
  const fill = function () {
    const whole = SahelGeo.wholeOf(view, view.indicator);
    const options = view.data.indicators.map((indicator, number) => SahelGeo.choice(view, indicator, number));
    select.replaceChildren(...options.filter((_, number) => SahelGeo.wholeOf(view, number) === number));
    select.value = String(whole); // a browser that reloads would keep the old choice
    name();
  };
  select.addEventListener("change", () => view.set({ indicator: Number(select.value) }));
  view.on(["lang", "indicator"], fill);
  fill();
  SahelGeo.connectParts(view, select.closest("label"));
};

/** Make the choice of an indicator, by its title and unit. */
SahelGeo.choice = function (view, indicator, number) {
  const unit = view.say(indicator.unit);
  const option = SahelGeo.element("option", "", view.say(indicator.title) + (unit ? " (" + unit + ")" : ""));
  option.value = String(number);
  return option;
};

/** Find the indicator of which another counts a part; the indicator itself if it is none. */
SahelGeo.wholeOf = function (view, number) {
  const { indicators } = view.data;
  const incidents = indicators.findIndex((each) => each.key === "incidents");
  return indicators[number].part && incidents >= 0 ? incidents : number;
};

/** Add the switch between all incidents, those of one kind and those that name one alliance. */
SahelGeo.connectParts = function (view, after) {
  const { indicators } = view.data;
  const parts = indicators.map((_, at) => at).filter((at) => SahelGeo.wholeOf(view, at) !== at);
  if (!parts.length) {
    return;
  }
  const label = SahelGeo.element("label", "sg-field sg-which");
  const title = SahelGeo.element("span", "");
  const select = SahelGeo.element("select", "");
  title.dataset.text = "which";
  label.append(title, select);
  after.after(label);
  const fill = function () {
    const all = SahelGeo.element("option", "", view.texts.which_all);
    all.value = String(SahelGeo.wholeOf(view, parts[0]));
    const groups = Array.from(new Set(parts.map((at) => indicators[at].part.kind)), function (kind) {
      const group = SahelGeo.element("optgroup", "");
      group.label = view.texts["which_" + kind];
      parts.filter((at) => indicators[at].part.kind === kind).forEach(function (at) {
        const option = SahelGeo.element("option", "", view.say(indicators[at].part.name));
        option.value = String(at);
        group.append(option);
      });
      return group;
    });
    select.replaceChildren(all, ...groups);
    select.value = parts.includes(view.indicator) ? String(view.indicator) : all.value;
  };
  select.addEventListener("change", () => view.set({ indicator: Number(select.value) }));
  view.on(["lang", "indicator"], fill);
  fill();
  SahelGeo.translate(label, view.texts);
};

/**
 * Keep the panel open on a wide page, where it stands beside the map.
 * @param {HTMLDetailsElement} panel the panel
 */
SahelGeo.keepOpenWhenWide = function (panel) {
  const wide = window.matchMedia("(min-width: 48rem) and (min-height: 30rem), print");
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
