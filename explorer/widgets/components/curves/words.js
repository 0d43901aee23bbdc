// Curves, part 6: the same in words: one sentence, a table, and the rows of exactly what is drawn.

const TABLE_ROWS = 24;

/** What each line does, in a sentence. */
function sentence(panels) {
  const said = panels.map(panel => {
    const lines = panel.series.map(({ name, x, y }) => {
      const at = x("step"), real = [...y.keys()].filter(i => Number.isFinite(y[i]));
      if (!real.length) return `${name} has no point yet`;
      const low = real.reduce((a, b) => (y[b] < y[a] ? b : a)), [first, last] = [real[0], real.at(-1)];
      if (first === last) return `${name} is ${figure(y[first])} at step ${count(at[first])}`;
      const [began, ended, least] = [first, last, low].map(i => `${figure(y[i])} at step ${count(at[i])}`);
      return `${name} goes from ${began} to ${ended}, lowest ${least}`;
    });
    return `${panel.title}${panel.unit ? `, ${panel.unit}` : ""}: ${lines.join("; ") || "nothing to draw yet"}.`;
  });
  return said.join(" ");
}

/** The table twin: at most TABLE_ROWS steps, those of a validation where there is one; filled when it is opened. */
function numbersTable(source) {
  const head = el("tr"), body = el("tbody"), text = el("p", { class: "note" }), cut = el("p", { class: "sub" });
  const node = el("details", { class: "numbers", "data-export": "no", on: { toggle: () => update() } },
    el("summary", { text: "In words and as a table" }), text,
    el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), body)), cut);
  const value = (series, step) => {
    const xs = series.x("step"), i = xs.length ? nearest(xs, step) : -1;
    const near = i >= 0 && (xs[i] === step || (!series.every && step >= xs[0] && step <= xs.at(-1)));
    return near ? figure(series.y[i], true) : "";
  };
  function update() {
    if (!node.open) return;
    const { panels, events } = source(), all = panels.flatMap(panel => panel.series.map(series => ({ panel, series })));
    const marked = events.map(({ step, name }) => `${name} at step ${count(step)}`).join(", ");
    text.textContent = sentence(panels) + (marked && ` Marked: ${marked}.`);
    const rare = all.filter(({ series }) => series.every && series.y.length > 1).map(({ series }) => series.x("step"));
    const steps = rare[0] ?? all.map(({ series }) => series.x("step")).reduce((a, b) => (b.length > a.length ? b : a), []);
    const rows = Math.min(TABLE_ROWS, steps.length), apart = (steps.length - 1) / Math.max(1, rows - 1);
    const chosen = Array.from({ length: rows }, (_, i) => steps[Math.round(i * apart)]);
    const title = ({ panel, series }) => (all.length > panels.length ? `${panel.title}, ${series.name}` : panel.title);
    head.replaceChildren(el("th", { scope: "col", text: "Step" }), ...all.map(one => el("th", { scope: "col", text: title(one) })));
    body.replaceChildren(...chosen.map(step => el("tr", {}, el("th", { scope: "row", class: "num", text: count(step) }),
      all.map(({ series }) => el("td", { class: "num", text: value(series, step) })))));
    const longest = count(Math.max(0, ...all.map(({ series }) => series.total)));
    cut.textContent = `${rows} of ${longest} steps; CSV holds every point that is drawn.`;
  }
  return { node, update };
}

/** float32 as the shortest number that is the same one. */
function shortest(v) {
  for (let digits = 6; digits < 9; digits++) if (Math.fround(Number(v.toPrecision(digits))) === v) return Number(v.toPrecision(digits));
  return v;
}

/** Rows of every point drawn, then the events. */
function curveRows({ panels, kinds, events }) {
  const rows = [["panel", "series", ...kinds, "value"]];
  for (const panel of panels) for (const series of panel.series) {
    const place = (kind, i) => (kind === "seconds" ? shortest(series.x(kind)[i]) : series.x(kind)[i]);
    for (let i = 0; i < series.y.length; i++) {
      rows.push([panel.title, series.name, ...kinds.map(kind => place(kind, i)), shortest(series.y[i])]);
    }
  }
  for (const { step, name } of events) rows.push(["event", name, ...kinds.map(kind => (kind === "step" ? step : "")), ""]);
  return rows;
}
