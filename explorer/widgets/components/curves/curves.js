// Curves: panels over one axis. Data come whole each time; what the reader chose (axis, zoom, smoothing) stays here.

export default picture(view => {
  const state = { kind: null, log: false, width: 0, zoom: null, x: null };
  const list = el("div", { class: "panels" });
  const board = el("div", { class: "board", tabindex: 0, role: "group", "aria-roledescription": "curves" }, list);
  const said = el("p", { class: "sr" }), live = el("p", { class: "sr", "aria-live": "polite" }), nodes = [];
  const turnLog = () => { state.zoom = null; choose({ log: !state.log }); };
  const controls = curveControls({ kind: turn, log: turnLog, width: width => choose({ width }), reset });
  let panels = [], events = [], shown = null, key = null;
  const table = numbersTable(() => ({ panels, events: view.header.events }));
  view.root.append(said, board, live, controls.node, table.node);

  const pointer = pointing({
    node: board, panels: () => nodes, x: () => state.x, kind: () => state.kind, events: () => events, zoom, reset,
    go: value => view.set("go", Math.round(translate(panels, value, state.kind, "step"))),
    say: text => { live.textContent = text; },
    head(text, marked) {
      nodes.forEach(({ unit }, i) => {
        unit.textContent = text === null ? panels[i].unit : i || !marked ? text : `${text}: ${marked}`;
        unit.classList.toggle("here", text !== null);
      });
    },
    closer: (v, factor) => { const { low, high } = state.x; zoom(v - (v - low) * factor, v + (high - v) * factor); },
    follow(v) {
      const { low, high } = state.x, half = (high - low) / 2;
      if (state.zoom && (v < low || v > high)) zoom(v - half, v + half);
    },
  });

  function choose(change) { Object.assign(state, change); remember(key, state); view.redraw(); }
  function turn(kind) {
    const move = v => translate(panels, v, state.kind, kind);
    if (state.zoom) state.zoom = state.zoom.map(move);
    pointer.translate(move);
    choose({ kind });
  }
  function zoom(low, high) {
    const [first, last] = whole(panels, state, view.header.until);
    const from = Math.max(first, low), to = Math.min(last, high);
    state.zoom = from <= first && to >= last ? null : to > from ? [from, to] : state.zoom;
    view.redraw();
  }
  function reset() { state.zoom = null; view.redraw(); }

  function receive() {
    const { header, arrays } = view;
    if (arrays === shown) return;
    shown = arrays;
    panels = readPanels(view);
    if (header.key !== key) {
      key = header.key;
      const kept = memory(key), width = WIDTHS.includes(kept.width) ? kept.width : 0;
      Object.assign(state, { kind: kept.kind ?? null, log: kept.log === true, width, zoom: null });
    }
    if (!header.kinds.includes(state.kind)) state.kind = header.x;
    while (nodes.length < panels.length) { const made = panelNode(); nodes.push(made); list.append(made.node); }
    while (nodes.length > panels.length) nodes.pop().node.remove();
  }

  return {
    draw() {
      receive();
      const { header, width } = view, { kind } = state, place = step => translate(panels, step, "step", kind);
      const mark = header.at === null ? null : place(header.at), all = whole(panels, state, header.until);
      events = header.events.map(event => ({ ...event, value: place(event.step) }));
      categories(view);
      if (state.zoom && (state.zoom[0] >= all[1] || state.zoom[1] <= all[0])) state.zoom = null;
      const [low, high] = state.zoom ?? all;
      const ranges = panels.map(panel => upright(inSight(panel, kind, low, high), panel.log, panel.height > 150 ? 5 : 3));
      const { left, right } = margins(panels, ranges, width);
      state.x = scale(low, high, left, width - right, state.log);
      const series = panels.flatMap(panel => panel.series), longest = Math.max(0, ...series.map(one => one.x("step").at(-1) ?? 0));
      const frame = { width, left, right, x: state.x, kind, state, events, mark, until: header.until, empty: !longest };
      panels.forEach((panel, i) => {
        nodes[i].update(panel, { ...frame, range: ranges[i], first: i === 0, last: i === panels.length - 1 });
      });
      controls.update(state, header.kinds, longest, series.some(one => one.thin));
      said.textContent = sentence(panels);
      const named = `${panels.map(({ title }) => title).join(", ")} by ${AXES[kind].name.toLowerCase()}`;
      board.setAttribute("aria-label", `${named}. Arrow keys read values, plus and minus zoom, Escape resets.`);
      table.update();
      if (panels.length) pointer.paint();
    },
    name: () => `curves-${view.header.key}`,
    csv: () => curveRows({ panels, kinds: view.header.kinds, events: view.header.events }),
    destroy: () => pointer.destroy(),
  };
});

/** The whole axis: from 0, or from the first point where that is far along; to the last, rounded up while more is to come. */
function whole(panels, { kind, log }, until) {
  const all = panels.flatMap(({ series }) => series).map(({ x }) => x(kind)).filter(xs => xs.length);
  if (!all.length) return log ? [1, until ?? 10] : [0, (kind === "step" && until) || 1];
  const first = Math.min(...all.map(xs => (log ? xs.find(v => v > 0) ?? 1 : xs[0])));
  const last = Math.max(...all.map(xs => xs[xs.length - 1]));
  const end = until === null ? Infinity : translate(panels, until, "step", kind);
  const high = until === null || last >= end ? last : Math.min(roundUp(last), end), low = log || first > 0.3 * last ? first : 0;
  return high > low ? [low, high] : [low, low + (Math.abs(low) || 1)];
}

/** Every value between two places of the axis. */
function* inSight({ series }, kind, low, high) {
  for (const one of series) {
    const xs = one.x(kind);
    for (let i = 0; i < xs.length; i++) if (xs[i] >= low && xs[i] <= high) yield one.y[i];
  }
}

/** The ten colours of runs as --run-0 to --run-9: the theme gives them as one list. */
function categories({ host, root }) {
  const colours = css(host, "--st-chart-categorical-colors").split(",");
  colours.forEach((colour, i) => root.style.setProperty(`--run-${i}`, colour.trim()));
}
