// Attention, part 3: one head large. Here the geometry, what is pointed at, and what is marked; few.js draws a short
// text, many.js a long one.

const FEW = { wide: 24, phone: 20 }, ARC = 0.05, NUMBERED = 19;  // px of a cell that has room for its number

/** state: {scores, weighted, log, hideFirst, scaled, key, hover}; `point(pair | null)` on hover, `pick(query, key)` on click. */
function headMatrix(view, state, { point, pick }) {
  const pixels = el("canvas", { class: "cells" }), drawing = svg("svg", { "aria-hidden": "true" });
  const frame = svg("rect", { class: "frame", rx: 2 }), cross = svg("g", { class: "cross" });
  const node = el("div", { class: "matrix", tabindex: 0, role: "group" }, pixels, drawing);
  let g = null, head = null, parts = { rows: [], top: [], right: [], arcs: [] };

  const cellAt = event => {
    if (!g) return null;
    const box = drawing.getBoundingClientRect(), x = event.clientX - box.left - g.mx, y = event.clientY - box.top - g.y0;
    const j = Math.floor(x / g.c), i = Math.floor(y / g.c);
    if (i < 0 || i >= g.T || y < 0) return null;
    if (g.ax && x > g.ax + g.aw - g.mx) return { i: view.focus.token, j: i, list: true };  // a name in the list of keys
    return { i, j: x < 0 || j > i ? null : j };
  };
  node.onpointermove = event => {
    const at = cellAt(event), open = at && at.j !== null && at.j <= at.i && !(state.hideFirst && at.j === 0);
    point(open ? at : at && !at.list ? { i: at.i, j: null } : null);
  };
  node.onpointerleave = () => point(null);
  node.onclick = event => {
    const at = cellAt(event);
    if (at && !(at.list && at.j > at.i)) pick(at.i, at.j);
  };

  function place(width) {
    const { tokens } = view.header, T = tokens.length, longest = Math.max(...tokens.map(token => [...tokenText(token, 9)].length));
    // the formula should stand on the first screen
    const y0 = 12 + Math.min(60, 5.5 * longest + 8), tall = view.phone ? Infinity : window.innerHeight;
    if (T > (view.phone ? FEW.phone : FEW.wide)) {
      const ratio = window.devicePixelRatio || 1, mx = view.phone ? 38 : 58;
      const room = Math.min(width - mx - 2, T > 60 ? Math.max(460, 2 * T) : Math.max(360, Math.min(460, tall - 440)));
      const whole = Math.floor((room * ratio) / T) / ratio, c = whole > 0 && whole * T > 0.8 * room ? whole : room / T, size = T * c;
      return { few: false, T, c, mx, y0, ax: 0, aw: 0, size, width, height: y0 + size + 6, block: Math.ceil(T / (size * ratio)) };
    }
    const mx = Math.max(28, Math.min(78, 12 + 7.6 * longest)), arcs = !view.phone && width > 440;
    const most = Math.max(10, Math.min(view.phone ? 24 : 27, (width - mx - (arcs ? mx + 106 : 4)) / T));
    const c = Math.min(most, Math.max(most < NUMBERED ? 10 : NUMBERED, Math.max(240, tall - 560) / T)), size = T * c;
    const ax = arcs ? mx + size + 14 : 0;
    return { few: true, T, c, mx, y0, ax, aw: arcs ? Math.min(142, width - ax - mx - 8) : 0, size, width, height: y0 + size + 6, block: 1 };
  }

  return {
    node,
    get limit() { return tints(view, state, head).limit; },
    get geometry() { return g; },
    update(width) {
      g = place(width);
      head = viewedHead(view, state);
      for (const [name, value] of [["width", width], ["height", g.height]]) drawing.setAttribute(name, value);
      node.style.height = `${g.height}px`;
      node.setAttribute("aria-label", `Pattern of block ${view.focus.layer}, head ${view.focus.head}: ${g.T} queries by ${g.T} keys. `
        + "Up and down move the query, left and right the key.");
      pixels.hidden = g.few;
      if (!g.few) paintPixels(view, state, head, g, pixels);
      const drawn = (g.few ? drawFew : drawMany)(view, state, head, g);
      parts = drawn.parts;
      drawing.replaceChildren(...drawn.nodes, cross, frame);
    },
    /** Frame the pair (query i, key j), make its names bold and its arc full; `hovered` marks another row than the one in focus. */
    mark({ i, j }, hovered) {
      const { c, mx, y0, few } = g, grow = few ? 1.25 : 2, more = few ? 2 : 3, on = j !== null, row = hovered ? i : view.focus.token;
      frame.style.display = on ? "" : "none";
      const at = { x: mx + j * c - grow, y: y0 + i * c - grow, width: c + more, height: c + more };
      for (const [name, value] of Object.entries(at)) frame.setAttribute(name, value);
      parts.rows.forEach((text, n) => text.classList.toggle("on", n === row || n === view.focus.token));
      for (const list of [parts.top, parts.right]) list.forEach((text, n) => text.classList.toggle("on", on && n === j));
      parts.arcs.forEach((group, n) => group.classList.toggle("on", n === row));
      drawing.querySelectorAll(".named").forEach(line => line.classList.toggle("at",
        on && row === view.focus.token && Number(line.dataset.key) === j));
      cross.replaceChildren(...(!few && hovered ? crossing(view, g, i, j) : []));
    },
    /** Where the card of a pair may hang: over the masked triangle, above the row, left of the list of keys. */
    anchor({ i }) {
      const box = drawing.getBoundingClientRect(), { c, mx, y0, ax, aw, width } = g, top = y0 + i * c, wide = 268;
      const left = Math.max(0, Math.min(mx + Math.max(i, 1) * c + 10, (ax ? ax + aw : width + 32) - wide));
      const low = Math.min(top, y0 + left - mx);
      return [{ left: box.left + left - 10, right: box.left + left - 10, top: box.top + low, bottom: box.top + top + c },
        { left: box.left, right: box.right, top: box.top + low, bottom: box.top + top + Math.max(c, 6) }];
    },
  };
}

/** How cells look: css(i, j) and rgb(i, j), on(i, j) for text upon them, text(i, j), and the limit that the scale ends at. */
function tints(view, state, head) {
  const first = state.hideFirst ? 1 : 0;
  const cells = visit => { for (let i = first; i < head.T; i++) for (let j = first; j <= i; j++) visit(i, j); };
  let limit = 0;
  if (state.scores) {
    if (head.score) cells((i, j) => { limit = Math.max(limit, Math.abs(head.score(i, j))); });
    return { limit, css: (i, j) => view.div(head.score(i, j), limit), rgb: (i, j) => view.divRgb(head.score(i, j), limit),
      on: (i, j) => (Math.abs(head.score(i, j)) > 0.62 * limit ? "var(--paper)" : "var(--ink)"),
      text: (i, j) => signed(head.score(i, j), 1) };
  }
  const at = (i, j) => (state.log ? onScale(head.share(i, j), true) : head.value(i, j) / head.limit);
  return { limit: head.limit, css: (i, j) => view.seq(at(i, j)), rgb: (i, j) => view.seqRgb(at(i, j)), on: (i, j) => view.on(at(i, j)),
    text: (i, j) => short(head.value(i, j)) };
}

/** A weight or a length in a cell: .87, 1.2, 14. */
const short = x => (x >= 9.95 ? x.toFixed(0) : x >= 0.995 ? x.toFixed(1) : weight(x, true));

/** A key's name over its column, leaning; a query's name left of its row. */
function columnName(view, g, j, x, attributes) {
  return tokenLabel(view.header.tokens[j], { x, y: g.y0 - 7, transform: `rotate(-52 ${x} ${g.y0 - 7})`, ...attributes }, 8);
}
function rowName(view, g, i, attributes) {
  return tokenLabel(view.header.tokens[i], { x: g.mx - 7, "text-anchor": "end", ...attributes }, 8);
}
