/* Two periods side by side on one map and one scale, parted by a line that a reader moves. */
"use strict";

var SahelGeo = typeof module === "object" ? require("./view.js") : SahelGeo || {};

/** Choose what to compare with what: the last step with the one before, or with that a year ago. */
SahelGeo.pairOf = function (view) {
  const last = SahelGeo.stepCount(view) - 1;
  const shown = SahelGeo.stepShown(view);
  const later = shown > 0 ? shown : last;
  return [SahelGeo.stepStart(view, Math.max(0, later - 1)), SahelGeo.stepStart(view, later)];
};

/** Paint the units again beyond the line, in the colours of the other period. */
SahelGeo.fillOther = function (view, pen, fill) {
  if (!view.otherFills) {
    return;
  }
  const size = view.map.getSize();
  const corner = view.map.containerPointToLayerPoint([size.x * view.split, 0]);
  pen.save();
  pen.beginPath();
  pen.rect(corner.x, corner.y - 4 * size.y, 9 * size.x, 9 * size.y);
  pen.clip();
  view.outlines.forEach((outline, position) => fill(outline, view.otherFills[position]));
  pen.restore();
};

/** Start or end the comparison. */
SahelGeo.toggleCompare = function (view) {
  if (view.other >= 0) {
    view.set({ other: -1 });
    return;
  }
  const years = view.shown.series && view.shown.series.years;
  const yearly = view.yearly || (view.period < 0 && Boolean(years) && SahelGeo.yearsOf(view).length > 1);
  view.set({ yearly: yearly });
  const [before, after] = SahelGeo.pairOf(view);
  view.set({ period: before, other: after });
};

/** Make the line, which moves by pointer, finger and arrow keys. */
SahelGeo.makeDivider = function (view) {
  const line = SahelGeo.element("div", "sg-divider");
  const handle = SahelGeo.element("div", "sg-handle");
  Object.entries({ role: "slider", tabindex: "0", "aria-valuemin": "2", "aria-valuemax": "98" }).forEach(
    ([name, value]) => handle.setAttribute(name, value),
  );
  const names = ["sg-before", "sg-after"].map((name) => SahelGeo.element("span", "sg-side " + name));
  line.append(handle, ...names);
  view.map.getContainer().append(line);
  L.DomEvent.disableClickPropagation(line);
  const move = (share) => view.set({ split: Math.min(0.98, Math.max(0.02, share)) });
  handle.addEventListener("keydown", function (event) {
    const step = { ArrowLeft: -0.04, ArrowRight: 0.04, Home: -1, End: 1 }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation(); // the arrow keys would move the map, too
      move(view.split + step);
    }
  });
  line.addEventListener("pointerdown", function (event) {
    event.preventDefault();
    handle.focus();
    line.setPointerCapture(event.pointerId);
    const box = view.map.getContainer().getBoundingClientRect();
    line.onpointermove = (moved) => move((moved.clientX - box.left) / box.width);
  });
  const end = () => (line.onpointermove = null);
  line.addEventListener("pointerup", end);
  line.addEventListener("pointercancel", end);
  line.addEventListener("mousemove", (event) => event.stopPropagation());
  return { line: line, handle: handle, names: names };
};

/** Keep the line where the view has it, named after the two periods. */
SahelGeo.showDivider = function (view, divider) {
  const compared = SahelGeo.isCompared(view);
  divider.line.hidden = !compared;
  if (!compared) {
    return;
  }
  const other = SahelGeo.atPeriod(view, view.other, SahelGeo.shownPeriod);
  divider.line.style.left = view.split * 100 + "%";
  divider.handle.setAttribute("aria-valuenow", String(Math.round(view.split * 100)));
  divider.handle.setAttribute("aria-label", view.texts.divider);
  divider.names[0].textContent = SahelGeo.shownPeriod(view);
  divider.names[1].textContent = other;
};

/** Fill the list of steps to compare with. */
SahelGeo.fillOthers = function (view, choice) {
  const steps = Array.from({ length: SahelGeo.stepCount(view) }, (_, at) => at);
  const options = steps.map(function (at) {
    const option = SahelGeo.element("option", "", SahelGeo.stepLabel(view, at));
    option.value = String(SahelGeo.stepStart(view, at));
    return option;
  });
  choice.replaceChildren(...options);
  choice.value = String(SahelGeo.atPeriod(view, view.other, (there) =>
    SahelGeo.stepStart(there, SahelGeo.stepShown(there)),
  ));
};

/** Connect the comparison, where the page has at least two periods. */
SahelGeo.connectCompare = function (view) {
  if (!view.data.time || view.data.time.count < 2) {
    return;
  }
  const divider = SahelGeo.makeDivider(view);
  const button = SahelGeo.element("button", "sg-button");
  const choice = SahelGeo.element("select", "sg-other");
  button.type = "button";
  button.addEventListener("click", () => SahelGeo.toggleCompare(view));
  choice.addEventListener("change", () => view.set({ other: Number(choice.value) }));
  const box = SahelGeo.element("div", "sg-compare");
  box.append(button, choice);
  view.find("tools").before(box);
  const show = function () {
    const compared = SahelGeo.isCompared(view);
    box.hidden = !view.shown.series;
    button.textContent = view.other >= 0 ? view.texts.compare_end : view.texts.compare;
    button.setAttribute("aria-pressed", String(view.other >= 0));
    choice.hidden = !compared;
    choice.setAttribute("aria-label", view.texts.compare_with);
    if (compared) {
      SahelGeo.fillOthers(view, choice);
    }
    SahelGeo.showDivider(view, divider);
  };
  view.on(["period", "indicator", "surface", "yearly"], function () {
    if (view.other >= 0 && view.period < 0) {
      view.set({ other: -1 }); // the whole time has a scale of its own
    }
  });
  view.on(["other", "period", "yearly", "indicator", "lang", "surface"], show);
  view.on(["split"], () => SahelGeo.showDivider(view, divider));
  view.map.on("move", () => view.otherFills && view.unitSheet.redraw()); // the line stays, the map moves
  view.on(["other", "split"], SahelGeo.paint);
  view.on(["other"], () => {
    SahelGeo.showLegend(view);
    SahelGeo.showHeading(view);
  });
  show();
};

if (typeof module === "object") {
  module.exports = SahelGeo;
}
