/* The box of one unit: its figures, rank, series and neighbours. */
"use strict";

var SahelGeo = SahelGeo || {};

/** Most neighbours listed; a unit of a coverage seldom has more. */
SahelGeo.MOST_NEIGHBOURS = 24;

/** Write the rank and the interval of a unit in one indicator. */
SahelGeo.standing = function (view, number, position) {
  const indicator = view.data.indicators[number];
  const timed = SahelGeo.isTimed(view, number);
  const parts = [];
  const limits = indicator.interval;
  if (limits && !timed && limits[0][position] !== null && limits[1][position] !== null) {
    const write = (value) => SahelGeo.formatValue(value, view.lang, false);
    const ends = { low: write(limits[0][position]), high: write(limits[1][position]) };
    parts.push(SahelGeo.fill(view.texts.interval, ends));
  }
  const gap = SahelGeo.gapText(view, number, position);
  const values = SahelGeo.valuesOf(view, number);
  const whole = (value, at) => (SahelGeo.gapsOf(view, number, at) ? null : value);
  const place = values && SahelGeo.rank(Array.from(values, whole), position);
  if (place) {
    parts.push(SahelGeo.fill(view.texts.rank, place));
  }
  return gap ? parts.concat(gap) : parts;
};

/** List every indicator and detail of a unit. */
SahelGeo.cardTable = function (view, position) {
  const table = SahelGeo.element("table", "");
  view.data.indicators.forEach(function (indicator, number) {
    const row = table.insertRow();
    row.className = number === view.indicator ? "sg-shown" : "";
    const cell = SahelGeo.valueCell(view, SahelGeo.valueText(view, number, position));
    SahelGeo.standing(view, number, position).forEach(function (text) {
      cell.append(SahelGeo.element("small", "", text));
    });
    const head = SahelGeo.rowHead(view, indicator);
    if (view.period >= 0 && !SahelGeo.isTimed(view, number)) {
      head.append(SahelGeo.element("small", "", view.texts.whole_period));
    }
    row.append(head, cell);
  });
  view.data.details.forEach(function (detail) {
    const row = table.insertRow();
    const value = detail.values[position];
    const text = value === null ? null : SahelGeo.formatValue(value, view.lang, detail.whole);
    row.append(SahelGeo.rowHead(view, detail), SahelGeo.valueCell(view, text));
  });
  return table;
};

/** Choose whose series to draw: that of the indicator shown, of a rate the incidents, else the first. */
SahelGeo.seriesToDraw = function (view) {
  const counted = /^per_/.test(view.shown.key) ? SahelGeo.addedUp(view) : -1;
  if (counted >= 0) {
    return counted;
  }
  return view.shown.series
    ? view.indicator
    : view.data.indicators.findIndex((indicator) => indicator.series);
};

/** Draw the series of a unit, with what it says for those who do not see it. */
SahelGeo.sparkline = function (view, position) {
  const number = SahelGeo.seriesToDraw(view);
  if (number < 0) {
    return [];
  }
  const yearly = SahelGeo.isYearly(view);
  const values = SahelGeo.rowsOf(view, number)[position];
  const indicator = view.data.indicators[number];
  const words = yearly ? view.texts.years_of : view.texts.series_of;
  const unit = view.say(indicator.unit);
  const title = SahelGeo.fill(words, { title: view.say(indicator.title) + (unit ? " (" + unit + ")" : "") });
  const figure = SahelGeo.element("figure", "sg-series");
  const caption = SahelGeo.element("figcaption", "", title);
  const flags = SahelGeo.hiddenOf(view, number);
  const hidden = flags ? flags[position] : null;
  const known = Array.from(values).filter((value) => !Number.isNaN(value));
  const away = hidden ? hidden.reduce((sum, flag) => sum + flag, 0) : 0;
  if (!known.length && !away) {
    figure.append(caption, SahelGeo.element("p", "sg-missing", view.texts.no_data_short));
    return [figure];
  }
  const name = (at) => SahelGeo.stepLabel(view, at);
  const said = [];
  const most = known.reduce((one, other) => Math.max(one, other), 0);
  if (most > 0) {
    const whole = (yearly ? indicator.series.years : indicator.series).whole;
    const peak = {
      value: SahelGeo.formatValue(most, view.lang, whole),
      period: name(values.indexOf(most)),
    };
    const words = away ? view.texts.series_peak_shown : view.texts.series_peak;
    said.push(...(away && most === 0 ? [] : [SahelGeo.fill(words, peak)]));
  }
  if (away) {
    said.push(SahelGeo.fill(view.texts.series_hidden, { count: String(away) }));
  }
  const uncovered = SahelGeo.isPartOf(view);
  const gaps = yearly ? SahelGeo.yearSeriesOf(view, number).gaps[position] : [];
  const isPart = (at) => uncovered(at) || gaps[at] > 0;
  if (known.some((value, at) => isPart(at))) {
    said.push(view.texts.light_bars);
  }
  const plot = SahelGeo.element("div", "sg-plot");
  const label = [title, view.units[position].name].concat(said).join(". ");
  plot.append(SahelGeo.chart(view, { number: number, values: values, label: label, isPart: isPart, hidden: hidden }));
  figure.append(caption, plot, SahelGeo.element("p", "sg-peak", said.join(". ")));
  return [figure];
};

/** List the neighbours of a unit, those with the highest values first. */
SahelGeo.neighbourList = function (view, position) {
  const found = SahelGeo.neighboursOf(view, position);
  const own = view.units[position].country;
  const values = SahelGeo.valuesOf(view, view.indicator);
  const value = (at) => (values && values[at] !== null && !Number.isNaN(values[at]) ? values[at] : -Infinity);
  const order = found.slice().sort((one, other) => value(other) - value(one) || one - other);
  const heading = SahelGeo.element("h3", "", view.texts.neighbours);
  const unit = view.say(view.shown.unit);
  const what = view.say(view.shown.title) + (unit ? " (" + unit + ")" : "");
  heading.append(SahelGeo.element("small", "", what));
  if (!order.length) {
    return [heading, SahelGeo.element("p", "sg-missing", view.texts.no_neighbours)];
  }
  const list = SahelGeo.element("ul", "sg-near");
  order.slice(0, SahelGeo.MOST_NEIGHBOURS).forEach(function (at) {
    const unit = view.units[at];
    const item = SahelGeo.element("li", "");
    const button = SahelGeo.element("button", "sg-link", unit.name);
    button.type = "button";
    button.addEventListener("click", function () {
      SahelGeo.showUnit(view, at);
    });
    const text = SahelGeo.valueText(view, view.indicator, at);
    item.append(button);
    if (unit.country !== own) {
      const country = unit.parents.length ? view.say(unit.parents[unit.parents.length - 1]) : "";
      const label = country || view.texts.abroad;
      item.append(SahelGeo.element("span", "sg-abroad", label));
    }
    const gap = SahelGeo.gapText(view, view.indicator, at);
    const words = (text === null ? view.texts.no_data_short : text) + (gap && " (" + gap + ")");
    item.append(SahelGeo.element("span", "sg-count", words));
    list.append(item);
  });
  return [heading, list];
};

/** Put the box away, and the focus back to where it came from. */
SahelGeo.hideCard = function (view) {
  const card = view.find("card");
  const held = card.contains(document.activeElement);
  card.hidden = true;
  card.replaceChildren();
  if (held) {
    const before = view.focusBefore;
    const back = before && before.isConnected && before.getClientRects().length > 0;
    (back ? before : view.map.getContainer()).focus();
  }
};

/** Say what a rank counts: where figures are hidden, only those that are shown. */
SahelGeo.rankHint = function (view) {
  const hides = view.data.indicators.some((indicator) =>
    [indicator].concat(indicator.series || []).some((part) =>
      part.classes.some((entry) => entry.kind === "suppressed"),
    ),
  );
  return (hides ? view.texts.rank_shown + " " : "") + view.texts.rank_hint;
};

/** Write the box of the chosen unit, or put it away. */
SahelGeo.showCard = function (view) {
  const card = view.find("card");
  document.body.classList.toggle("sg-with-card", view.chosen >= 0);
  if (view.chosen < 0) {
    SahelGeo.hideCard(view);
    return;
  }
  card.hidden = false;
  const held = Array.from(card.querySelectorAll("button")).indexOf(document.activeElement);
  const close = SahelGeo.iconButton("close", () => view.set({ chosen: -1 }));
  SahelGeo.nameButton(close, view.texts.close);
  const top = card.scrollTop;
  const head = SahelGeo.element("div", "sg-card-head");
  const names = SahelGeo.element("div", "");
  names.append(...SahelGeo.unitHeading(view, view.chosen, "h2"));
  head.append(names, close);
  const parts = [head];
  if (view.data.time) {
    parts.push(SahelGeo.element("p", "sg-period", SahelGeo.shownPeriod(view)));
  }
  parts.push(
    ...SahelGeo.sparkline(view, view.chosen),
    SahelGeo.cardTable(view, view.chosen),
    ...SahelGeo.neighbourList(view, view.chosen),
    SahelGeo.element("p", "sg-method", SahelGeo.rankHint(view)),
  );
  card.replaceChildren(...parts);
  card.scrollTop = top;
  if (held >= 0) {
    const buttons = card.querySelectorAll("button");
    buttons[Math.min(held, buttons.length - 1)].focus({ preventScroll: true });
  }
};

/** On a small page the panel leaves its room to the map and the box until that is put away. */
SahelGeo.makeRoom = function (view) {
  const small = window.matchMedia("(max-width: 47.99rem), (max-height: 29.99rem)").matches;
  const roam = small && view.chosen >= 0; // else the map could not move from under the box
  view.map.setMaxBounds(L.latLngBounds(view.data.bounds).pad(roam ? 3 : 0.6));
  view.map.options.held = roam; // the unit above its box, not the whole map
  const panel = view.find("panel");
  if (!roam && view.roomMade) {
    panel.open = true;
    view.map.invalidateSize({ animate: false, pan: false });
  }
  view.roomMade = roam && (view.roomMade || panel.open);
  if (!roam) {
    return;
  }
  panel.open = false;
  view.map.invalidateSize({ animate: false, pan: false });
  const map = view.map.getContainer().getBoundingClientRect();
  const free = view.find("card").getBoundingClientRect().top - map.top;
  const at = view.map.latLngToContainerPoint(view.units[view.chosen].centre);
  if (at.y > free - 20) {
    view.map.panBy([0, at.y - free / 2], { animate: false });
  }
};

/** Move the focus to the box, for those who opened it without a pointer. */
SahelGeo.focusCard = function (view) {
  const card = view.find("card");
  const button = card.querySelector("button");
  if (!card.contains(document.activeElement)) {
    view.focusBefore = document.activeElement;
  }
  if (button) {
    button.focus();
  }
};

/** Show a unit that was searched for or named in a list: on the map, in its box, and aloud. */
SahelGeo.showUnit = function (view, position) {
  const [left, top, right, bottom] = view.outlines[position].box;
  const corners = [[left, bottom], [right, top]].map((corner) => view.map.unproject(corner, 0));
  view.set({ chosen: position });
  const size = view.map.getSize();
  const card = view.find("card");
  const beside = card.offsetWidth < size.x - 100;
  view.map.fitBounds(L.latLngBounds(corners), {
    maxZoom: view.data.max_zoom - 2,
    paddingTopLeft: [40, 40],
    paddingBottomRight: beside
      ? [card.offsetWidth + 40, 40]
      : [40, Math.min(card.offsetHeight + 20, size.y / 2)],
    animate: false,
  });
  view.find("card").scrollTop = 0;
  view.find("status").textContent = SahelGeo.describeUnit(view, position).innerText;
  SahelGeo.focusCard(view);
};

/** Keep the box in step with what the page shows. */
SahelGeo.connectCard = function (view) {
  view.on(["chosen", "indicator", "period", "yearly", "lang", "other"], SahelGeo.showCard);
  view.on(["chosen"], SahelGeo.makeRoom);
};
