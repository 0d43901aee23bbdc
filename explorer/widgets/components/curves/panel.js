// Curves, part 3: one panel: grid, lines, names at their ends. All panels share the upright edges of the plot.

const AXIS_HEIGHT = 22, TOP = 7, GAP_ONE = 14, GAP_TWO = 27, LETTER = 6.35;

/** The nodes of a panel, made once; update() draws it anew, point() marks values. */
function panelNode() {
  const title = el("h2"), unit = el("span", { class: "sub" }), drawing = svg("svg", { "aria-hidden": "true" });
  const node = el("section", { class: "panel" }, el("div", { class: "head" }, title, unit), drawing);
  let now = null;
  return {
    node, title, unit, drawing,
    get now() { return now; },
    update(panel, frame) {
      title.textContent = panel.title;
      unit.textContent = panel.unit;
      now = drawPanel(panel, frame);
      fill(drawing, { width: frame.width, height: now.height }, []);
      drawing.replaceChildren(...now.parts);
    },
  };
}

/** The left edge that the tick texts of all panels need, and the right one that the names need. */
function margins(panels, ranges, width) {
  const texts = ranges.flatMap(({ ticks: values }, i) => tickTexts(values, panels[i]));
  const letters = Math.max(1, ...texts.map(text => text.length));
  const names = Math.max(4, ...panels.flatMap(({ series }) => series.map(({ name }) => Math.min(name.length, 18))));
  const right = Math.min(Math.max(58, Math.ceil(names * 6.2) + 20), width * 0.34);
  return { left: Math.max(28, Math.ceil(letters * LETTER) + 9), right };
}

function drawPanel(panel, { width, left, right, x, kind, range, state, last, first, events, mark, until, empty }) {
  const labels = first ? eventLabels(events, { x, right: width }) : [];
  const top = TOP + LANE * Math.max(0, ...labels.map(({ row }) => row + 1));
  const plot = { left, right: width - right, top, bottom: top + panel.height };
  const y = scale(range.low, range.high, plot.bottom, plot.top, panel.log);
  const height = plot.bottom + (last ? AXIS_HEIGHT : 3);
  const inside = { width: plot.right - left, height: plot.bottom + 2 };
  const inner = svg("svg", { class: "plot", x: left, y: 0, ...inside, overflow: "hidden" });
  const texts = tickTexts(range.ticks, panel), rule = at => svg("line", { class: "grid", x1: left, x2: plot.right, y1: at, y2: at });
  const grid = range.ticks.flatMap((value, i) => [rule(y.to(value)),
    svg("text", { class: "m tick", x: left - 7, y: y.to(value) + 3.5, "text-anchor": "end", text: texts[i] })]);
  if (range.bare) grid.push(...Array.from({ length: range.bare }, (_, i) => rule(plot.top + (i / range.bare) * panel.height)));
  const none = { class: "none", x: left + 8, y: plot.bottom - 10, text: "No point yet: the first update makes one." };
  if (empty && first) grid.push(svg("text", none));
  const lines = panel.series.flatMap(series => seriesLines(series, { x, y, kind, state, left }));
  inner.append(...lines);
  const base = svg("line", { class: "axis", x1: left, x2: plot.right, y1: plot.bottom, y2: plot.bottom });
  const ends = panel.series.map(series => lineEnd(series, { x, y, kind, plot }));
  const names = endNames(panel.series, ends, { plot, right: width });
  const marks = eventLines(events, labels, { plot, x, first, mark });
  const over = svg("g", { class: "over", "data-export": "no" });
  const below = last ? bottomAxis(x, kind, plot, state.log, !empty || (until !== null && kind === "step")) : [];
  return { parts: [...grid, base, ...marks, inner, ...below, ...names.nodes, over], height, plot, y, over, names, series: panel.series };
}

function seriesLines(series, { x, y, kind, state, left }) {
  const smooth = state.width > 0 && series.thin;
  const line = (xs, ys, width, opacity) => svg("path", { class: "line", d: pathOf(xs, ys, x, y, left), style: {
    stroke: `var(${series.color})`, "stroke-width": width, "stroke-dasharray": series.dashed ? "5 3" : "none", opacity } });
  const raw = line(series.x(kind), series.y, series.thin ? 1 : 1.5, smooth ? 0.3 : 1);
  if (!smooth) return [raw];
  const { x: at, y: values } = smoothed(series, state.width);
  return [raw, line(at(kind), values, 1.5, 1)];
}

/** The path of the points in sight and one more on either side; a gap parts it, a point alone is a dot. */
function pathOf(xs, ys, x, y, left) {
  const parts = [];
  let open = false;
  for (let i = 0; i < ys.length; i++) {
    if (i + 1 < xs.length && xs[i + 1] < x.low) { open = false; continue; }
    if (!Number.isFinite(ys[i])) { open = false; continue; }
    parts.push(`${open ? "L" : "M"}${(x.to(xs[i]) - left).toFixed(1)} ${y.to(ys[i]).toFixed(1)}`);
    if (!open && !Number.isFinite(ys[i + 1])) parts.push("h0");
    open = true;
    if (xs[i] > x.high) break;
  }
  return parts.join("");
}

/** Where a line ends in sight: {px, py, value}, or null where there is nothing of it. */
function lineEnd(series, { x, y, kind, plot }) {
  const xs = series.x(kind);
  for (let i = xs.length - 1; i >= 0; i--) {
    if (xs[i] > x.high || !Number.isFinite(series.y[i])) continue;
    if (xs[i] < x.low) return null;
    return { px: x.to(xs[i]), py: Math.max(plot.top, Math.min(plot.bottom, y.to(series.y[i]))), value: series.y[i] };
  }
  return null;
}

/** Names at the ends, value under each where there is room for two lines, pushed apart; and the dots they belong to. */
function endNames(series, ends, { plot, right }) {
  const shown = series.map((one, i) => ({ one, end: ends[i] })).filter(({ end }) => end);
  const two = shown.length <= 3 && shown.length * GAP_TWO <= plot.bottom - plot.top + 14, gap = two ? GAP_TWO : GAP_ONE;
  const at = Math.min(plot.right, Math.max(0, ...shown.map(({ end }) => end.px))) + (two ? 8 : 18);
  const order = [...shown].sort((a, b) => a.end.py - b.end.py);
  order.forEach((item, i) => { item.y = Math.max(item.end.py - (two ? 3 : -4), i ? order[i - 1].y + gap : plot.top + 2); });
  const floor = plot.bottom + (two ? -9 : 4);
  for (let i = order.length - 1; i >= 0; i--) order[i].y = Math.min(order[i].y, i < order.length - 1 ? order[i + 1].y - gap : floor);
  const room = Math.max(4, Math.floor((right - at) / 6.1));
  const nodes = [];
  for (const item of shown) {
    const { one, end } = item, name = one.name.length > room ? `${one.name.slice(0, room - 1)}…` : one.name;
    item.label = svg("text", { class: "name", x: at, y: item.y, text: name });
    item.value = two ? svg("text", { class: "m value", x: at, y: item.y + 12.5, text: figure(end.value) }) : null;
    item.text = name;
    nodes.push(svg("circle", { cx: end.px, cy: end.py, r: 2.5, style: { fill: `var(${one.color})` } }), item.label, item.value);
    const leads = { x1: end.px + 3.5, x2: at - 3, y1: end.py, y2: item.y - 4 };
    if (!two) nodes.push(svg("line", { class: "leader", ...leads, style: { stroke: `var(${one.color})` } }));
  }
  return { nodes: nodes.filter(Boolean), shown, two };
}

/** Ticks, their texts and the unit; without `numbers` the line of the axis alone stands. */
function bottomAxis(x, kind, plot, log, numbers) {
  if (!numbers) return [];
  const values = ticks(x.low, x.high, Math.max(2, Math.floor((plot.right - plot.left) / 74)), { log, kind });
  const texts = AXES[kind].texts(values, { log }), end = x.to(values.at(-1)) + texts.at(-1).length * 3.2;
  return [...values.flatMap((value, i) => [
    svg("line", { class: "axis", x1: x.to(value), x2: x.to(value), y1: plot.bottom, y2: plot.bottom + 4 }),
    svg("text", { class: "m tick", x: x.to(value), y: plot.bottom + 16, "text-anchor": "middle", text: texts[i] })]),
  svg("text", { class: "tick", x: Math.max(plot.right - 6, end) + 8, y: plot.bottom + 16, text: AXES[kind].unit })];
}
