// Residual stream, part 2: the grid. A row for each token, a column for each place; a long text scrolls, and only rows in sight are drawn.

const ROW = 25, SHOWN_ROWS = 16, HEAD = 36;

/** state: {cells}; `point({p, t} | null)` on hover, `pick(t, p)` on click. */
function residualGrid(view, state, { point, pick }) {
  const heads = svg("svg", { class: "heads", "aria-hidden": "true" }), drawing = svg("svg", { "aria-hidden": "true" });
  const tall = el("div", { class: "tall" }, drawing), node = el("div", { class: "grid", tabindex: 0, role: "group" }, tall);
  let g = null, facts = null, hover = null, first = 0;

  const cellAt = event => {
    const box = tall.getBoundingClientRect(), t = Math.floor((event.clientY - box.top) / ROW);
    const p = Math.floor((event.clientX - box.left - g.mx) / g.c);
    return t < 0 || t >= facts.T ? null : { t, p: p >= 0 && p < facts.P ? p : null };
  };
  node.onpointermove = event => { const at = cellAt(event); point(at?.p != null ? at : null); };
  node.onpointerleave = () => point(null);
  node.onclick = event => { const at = cellAt(event); if (at) pick(at.t, at.p); };
  node.onscroll = () => { if (Math.floor(node.scrollTop / ROW) !== first) rows(); };

  function place(width) {
    const longest = Math.max(...view.header.tokens.map(token => [...tokenText(token, 9)].length));
    const index = view.phone ? 0 : 26, mx = index + Math.max(view.phone ? 58 : 80, 7.6 * longest + 12);
    const bar = facts.T > SHOWN_ROWS ? 12 : 0;
    return { width, index, mx, c: Math.min(220, (width - mx - bar) / facts.P) };
  }

  /** The first of [text, px that it needs] that fits. */
  const fitting = (room, ...texts) => texts.find(([, least]) => room >= least)[0];

  /** Names of the columns: the block over its attention and MLP. */
  function names() {
    const { mx, c } = g, { places } = facts, out = [];
    places.forEach(({ step, layer }, p) => {
      const x = mx + p * c, room = step === "attention" && view.header.halves ? 2 * c : c, own = step === "embedding" || step === "normed";
      if (step !== "mlp") {
        const texts = own ? [[step, 62], [step.slice(0, 5), 38], [step[0], 0]] : [[`block ${layer}`, 46], [`${layer}`, 0]];
        out.push(word(fitting(room, ...texts), x + 1, 10, 11, quiet),
          svg("line", { x1: x, x2: x + room - 3, y1: 31.5, y2: 31.5, style: { stroke: "var(--line)" } }));
      }
      if (own || !view.header.halves) return;
      const half = step === "mlp" ? fitting(c, ["MLP", 30], ["m", 0]) : fitting(c, ["attention", 58], ["attn", 30], ["a", 0]);
      out.push(word(half, x + 1, 25, 10.5, { style: { fill: `var(--${ROLES[step]}-text)` } }));
    });
    fill(heads, { width: g.width, height: HEAD }, []);
    heads.replaceChildren(...out);
  }

  function cell(p, t) {
    const { mx, c } = g, cells = CELLS[state.cells], value = facts[cells.value](p, t);
    if (!Number.isFinite(value)) return [];
    const level = cells.level(facts, value), x = mx + p * c, y = t * ROW, many = cells.many ? facts.outliers(p, t) : 0;
    const pale = cells.signed ? Math.abs(level) > 0.7 : level > 0.52, back = cells.signed ? view.div(level, 1) : view.seq(level);
    const text = few(value), size = c < 40 ? 10 : 11.5;
    const ink = { fill: pale ? "var(--paper)" : "var(--ink)", "font-weight": many ? 600 : 400 };
    return [svg("rect", { x: x + 0.5, y: y + 0.5, width: Math.max(1, c - 1), height: ROW - 1, rx: 1, style: { fill: back } }),
      c >= 6.2 * text.length + 4 && word(text, x + c - 5, y + 17, size, { class: "m", "text-anchor": "end", style: ink })];
  }

  function row(t) {
    const { index } = g, y = t * ROW + 17, on = t === view.focus.token;
    const style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 600 : 400 };
    return [index && word(`${t}`, 0, y, 10.5, { class: "m", ...faint }),
      tokenLabel(view.header.tokens[t], { x: index, y, "font-size": 12.5, style }, 9),
      ...facts.places.flatMap((_, p) => cell(p, t))];
  }

  function rows() {
    const { mx, c } = g, F = view.focus.token, at = hover ?? { p: facts.place(), t: F };
    first = Math.floor(node.scrollTop / ROW);
    const to = Math.min(facts.T, first + SHOWN_ROWS + 2), inSight = t => t >= first && t < to;
    const frame = (x, y, width, height) => svg("rect", { class: "frame", x, y, width, height, rx: 1 });
    drawing.replaceChildren(...[...Array.from({ length: to - first }, (_, k) => row(first + k)).flat(),
      inSight(F) && frame(mx - 1, F * ROW - 0.5, facts.P * c + 2, ROW + 1),
      inSight(at.t) && frame(mx + at.p * c + 1, at.t * ROW + 1, c - 2, ROW - 2)].filter(Boolean));
  }

  return {
    node, heads,
    get geometry() { return g; },
    mark(at) { hover = at; if (g) rows(); },
    update(width, made) {
      facts = made;
      g = place(width);
      const height = facts.T * ROW + 2;
      tall.style.height = `${height}px`;
      node.style.maxHeight = facts.T > SHOWN_ROWS ? `${SHOWN_ROWS * ROW}px` : "none";
      fill(drawing, { width: g.width, height }, []);
      node.setAttribute("aria-label", `${facts.T} tokens by ${facts.P} places. Up and down move the token, left and right the place.`);
      names();
      rows();
    },
    /** Scroll the focused row into sight; the page itself stays. */
    reveal() {
      const top = view.focus.token * ROW, bottom = top + ROW + 2;
      if (top < node.scrollTop) node.scrollTop = top;
      else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
    },
    /** Where a cell is on screen, for the card. */
    anchor({ p, t }) {
      const box = tall.getBoundingClientRect(), x = box.left + g.mx + p * g.c, y = box.top + t * ROW;
      return { left: x, right: x + Math.min(g.c, 40), top: y, bottom: y + ROW };
    },
  };
}
