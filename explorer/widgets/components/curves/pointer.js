// Curves, part 5: pointer and keys: a cross-hair through all panels, a drag to zoom, a click to go there.

const DRAG = 6, CLICK_AFTER = 260, TOUCHED = 1600;

/**
 * board: {node, panels() -> panel nodes, x(), kind(), events(), zoom(low, high), reset(), go(value), say(text),
 * head(text|null, marked)}.
 */
function pointing(board) {
  const { node } = board;
  let hair = null, drag = null, click = 0;

  const place = event => event.clientX - node.getBoundingClientRect().left;
  const inside = p => { const { plot } = board.panels()[0].now; return Math.max(plot.left, Math.min(plot.right, p)); };
  const holds = (box, y) => y >= box.top && y <= box.bottom;
  const under = event => board.panels().findIndex(({ drawing }) => holds(drawing.getBoundingClientRect(), event.clientY));

  /** The drawn point nearest to a pixel, among the series of one panel. */
  function snap(p, panel = 0) {
    const v = board.x().from(inside(p));
    let best = null;
    for (const series of board.panels()[Math.max(0, panel)].now.series) {
      const xs = series.x(board.kind());
      if (!xs.length) continue;
      const at = xs[nearest(xs, v)];
      if (best === null || Math.abs(at - v) < Math.abs(best - v)) best = at;
    }
    return best;
  }

  /** Draw the cross-hair and every panel's values at it. */
  function paint() {
    const said = [], x = board.x(), kind = board.kind();
    for (const panel of board.panels()) {
      const { over, plot, y, names, series } = panel.now, parts = [];
      over.replaceChildren();
      if (drag?.moved) {
        const [a, b] = [drag.from, drag.to].sort((p, q) => p - q);
        parts.push(svg("rect", { class: "band", x: a, y: plot.top, width: b - a, height: plot.bottom - plot.top }));
      }
      if (hair !== null && hair >= x.low && hair <= x.high) {
        parts.push(svg("line", { class: "hair", x1: x.to(hair), x2: x.to(hair), y1: plot.top, y2: plot.bottom }));
        for (const one of series) {
          const found = valueAt(one, hair, kind, x);
          if (found) {
            said.push(`${one.name} ${figure(found.value, true)}${found.x === hair ? "" : ` at ${AXES[kind].at(found.x)}`}`);
            const dot = { cx: x.to(found.x), cy: y.to(found.value), r: 3.5 };
            parts.push(svg("circle", { class: "dot", ...dot, style: { stroke: `var(${one.color})` } }));
          }
        }
      }
      for (const item of names.shown) {
        const found = hair === null ? null : valueAt(item.one, hair, kind, x);
        if (item.value) item.value.textContent = hair === null ? figure(item.end.value) : found ? figure(found.value, true) : "–";
        else item.label.textContent = hair === null ? item.text : `${found ? figure(found.value, true) : "–"} ${item.text}`;
      }
      over.append(...parts);
    }
    const marked = hair === null ? "" : eventsNear(board.events(), hair, x);
    board.head(hair === null ? null : AXES[kind].at(hair), marked);
    return marked ? [...said, marked] : said;
  }

  function set(value, speak = false) {
    hair = value;
    const said = paint();
    if (speak && hair !== null) board.say(`${AXES[board.kind()].at(hair)}: ${said.join(", ")}`);
  }

  node.onpointerdown = event => {
    if (event.button !== 0 || event.pointerType === "touch" || event.target.closest("button, a, input")) return;
    const p = place(event), { plot } = board.panels()[0].now;
    if (p < plot.left - 4 || p > plot.right + 4) return;
    drag = { from: inside(p), to: inside(p), moved: false };
    node.setPointerCapture(event.pointerId);
  };
  node.onpointermove = event => {
    const p = place(event), panel = under(event);
    if (drag) {
      drag.to = inside(p);
      drag.moved ||= Math.abs(drag.to - drag.from) > DRAG;
    }
    if (drag?.moved || panel >= 0) set(snap(p, panel));
  };
  node.onpointerup = event => {
    const was = drag;
    drag = null;
    if (event.pointerType === "touch") { set(snap(place(event), under(event)), true); return; }
    if (!was) return;
    if (was.moved) {
      const [a, b] = [was.from, was.to].map(board.x().from).sort((p, q) => p - q);
      return board.zoom(a, b);
    }
    const value = snap(place(event), under(event));
    clearTimeout(click);
    if (value !== null && event.detail < 2) click = setTimeout(() => board.go(value), CLICK_AFTER);
  };
  node.onpointercancel = () => { drag = null; paint(); };
  node.onpointerleave = event => { if (!drag && event.pointerType !== "touch" && !node.matches(":focus-visible")) set(null); };
  node.ondblclick = () => { clearTimeout(click); board.reset(); };
  node.onblur = () => set(null);

  node.onkeydown = event => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== node) return;
    const x = board.x(), { plot } = board.panels()[0].now, wide = event.shiftKey ? 10 : 1;
    const now = hair ?? x.high, way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (way) { set(step(now, way, wide), true); board.follow(hair); }
    else if (event.key === "Home") set(snap(plot.left), true);
    else if (event.key === "End") set(snap(plot.right), true);
    else if (event.key === "Enter" && hair !== null) board.go(hair);
    else if (event.key === "Escape") { if (drag) drag = null; set(null); board.reset(); }
    else if (event.key === "+" || event.key === "=") board.closer(now, 0.5);
    else if (event.key === "-") board.closer(now, 2);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** The next point that is at least so many pixels away. */
  function step(v, way, pixels) {
    const all = board.panels()[0].now.series.map(series => series.x(board.kind()));
    const xs = all.reduce((a, b) => (b.length > a.length ? b : a), []);
    if (!xs.length) return null;
    const x = board.x(), from = x.to(v);
    let i = nearest(xs, v);
    while (i + way >= 0 && i + way < xs.length) {
      i += way;
      if (way * (x.to(xs[i]) - from) >= pixels) break;
    }
    return xs[i];
  }

  return {
    paint, clear: () => set(null), get hair() { return hair; },
    translate: fn => { if (hair !== null) hair = fn(hair); },
    destroy: () => clearTimeout(click),
  };
}

/** The point of a series nearest to v, unless the series has ended by then: {x, value}. */
function valueAt(series, v, kind, x) {
  const xs = series.x(kind);
  if (!xs.length) return null;
  const i = nearest(xs, v), apart = Math.abs(x.to(xs[i]) - x.to(v)), end = v > xs[xs.length - 1] || v < xs[0];
  if ((end && apart > 6) || !Number.isFinite(series.y[i])) return null;
  return { x: xs[i], value: series.y[i] };
}
