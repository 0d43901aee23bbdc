// The kit, not in every picture: a row for each token, a column for each place on the way of the stream. A long text scrolls, and
// only rows in sight are drawn; another focus moves the frames and draws no cell.

const ROW = 25, HEAD = 36, FRAME = 2;  // px of a row, of the columns' names, and what a frame stands out
const KEPT = 160;  // rows

const gridText = (words, x, y, size, colour, more = {}) => svg("text", { x, y, "font-size": size, text: words, ...more,
  style: { fill: `var(--${colour})` } });

/** Names of the places outside blocks, each with the px that it needs. */
const NAMED = { embedding: [["embedding", 62], ["embed", 42], ["emb", 28], ["e", 0]], normed: [["normed", 48], ["norm", 32], ["n", 0]] };

/** Names of the columns {step, layer, output} from mx on, c px wide: the block over its attention and MLP. */
function columnNames({ list, mx, c }) {
  const fitting = (px, ...texts) => texts.find(([, needs]) => px >= needs)[0];  // the first of [text, px that it needs]
  const steps = new Set(list.map(({ step }) => step)), halves = steps.has("attention") && steps.has("mlp"), out = [];
  list.forEach(({ step, layer, output }, i) => {
    const x = mx + i * c, wide = step === "attention" && halves ? 2 * c : c, own = step === "embedding" || step === "normed";
    if (own || !halves || step !== "mlp") {
      const words = NAMED[step] ?? [[`block ${layer}`, 46], [`${layer}`, 0]];
      out.push(gridText(fitting(wide, ...words), x + 1, 10, 11, "ink-2"),
        svg("line", { x1: x, x2: x + wide - 3, y1: 31.5, y2: 31.5, style: { stroke: "var(--line)" } }));
    }
    const half = own || !halves ? "" : step === "mlp" ? fitting(c, ["MLP", 30], ["m", 0])
      : fitting(c, ["attention", 58], ["attn", 30], ["a", 0]);
    if (half) out.push(gridText(half, x + 1, 25, 10.5, step === "mlp" ? "mlp-text" : "attn-text"));
    const said = half ? 7 * half.length + 5 : 0;
    if (output && c >= said + 44) out.push(gridText("= output", x + 1 + said, 25, 10.5, "ink-3"));
  });
  return out;
}

/**
 * sight       most rows in sight
 * columns()   what can be shown: [{n, step, layer, output}]; step is "embedding", "attention", "mlp" or "normed"
 * room()      px of a token's name (least), of what stands behind a row (right) and of a column (most)
 * depends()   all that the cells are drawn from beside tokens, theme and width: arrays, choices
 * cell(at)    SVG nodes of the cell {n, t, i, x, y, c}; end(t, x, y) of what stands behind the row, under the word `behind`
 * now()       the cell {n, t} that is framed and that the keys start from while none is pointed at
 * point(at)   on hover, null when it ends; pick(t, n) on a click, n null beside the columns
 */
function tokenGrid(view, { sight, columns, room, depends, cell, end, behind, now, point, pick }) {
  const heads = svg("svg", { class: "heads", "aria-hidden": "true" }), cells = svg("g"), stale = changing();
  const frames = [0, 1].map(() => svg("rect", { class: "frame", rx: 1 }));
  const drawing = svg("svg", { "aria-hidden": "true" }, cells, frames);
  const tall = el("div", { class: "tall" }, drawing), node = el("div", { class: "grid tokens", tabindex: 0, role: "group" }, tall);
  const made = new Map();
  let g = null, hover = null, lit = null;

  const cellAt = event => {
    const box = tall.getBoundingClientRect(), t = Math.floor((event.clientY - box.top) / ROW);
    const i = Math.floor((event.clientX - box.left - g.mx) / g.c);
    return t < 0 || t >= g.T ? null : { t, n: g.shown[i] ?? null };
  };
  node.onpointermove = event => { const at = cellAt(event); point(at?.n != null ? at : null); };
  node.onpointerleave = node.onblur = () => point(null);
  node.onclick = event => { const at = cellAt(event); if (at) pick(at.t, at.n); };
  node.onscroll = () => rows();
  node.onkeydown = event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const held = (x, most) => Math.max(0, Math.min(most - 1, x)), at = now();
    const t = held(at.t + step[0], g.T), n = g.shown[held(g.shown.indexOf(at.n) + step[1], g.shown.length)];
    pick(t, n);
    requestAnimationFrame(() => requestAnimationFrame(() => point({ n, t })));
  };

  function place(width, list) {
    const { tokens } = view.header, T = tokens.length, { least, right, most } = room(), bar = T > sight ? 12 : 0;
    const index = view.phone ? 0 : 26, longest = Math.max(...tokens.map(token => [...tokenText(token, 9)].length));
    const mx = index + Math.max(least, 7.6 * longest + 12), c = Math.min(most, (width - mx - right - bar - FRAME) / list.length);
    return { width, T, list, shown: list.map(({ n }) => n), index, mx, right, c, end: mx + list.length * c };
  }

  function names() {
    fill(heads, { width: g.width, height: HEAD }, []);
    heads.replaceChildren(...columnNames(g), ...(g.right ? [gridText(behind, g.end + 10, 10, 11, "ink-2")] : []));
  }

  /** Number and name of a token, its cells, and what stands behind them. */
  function row(t) {
    const y = t * ROW, name = tokenLabel(view.header.tokens[t], { x: g.index, y: y + 17, "font-size": 12.5, class: "m token name" }, 9);
    return svg("g", { class: "line" }, g.index && gridText(`${t}`, 0, y + 17, 10.5, "ink-3", { class: "m" }), name,
      g.shown.flatMap((n, i) => cell({ n, t, i, x: g.mx + i * g.c, y, c: g.c })), g.right && end(t, g.end + 10, y + 17));
  }

  /** Rows that come into sight are drawn, and stay; when they are many, those out of sight go. */
  function rows() {
    const first = Math.floor(node.scrollTop / ROW), to = Math.min(g.T, first + sight + 2);
    if (made.size > KEPT) for (const [t, line] of made) if (t < first || t >= to) { line.remove(); made.delete(t); }
    for (let t = first; t < to; t++) {
      if (made.has(t)) continue;
      made.set(t, row(t));
      cells.append(made.get(t));
    }
    mark();
  }

  /** The frames, and the name of the token in focus. */
  function mark() {
    const F = view.focus.token, at = hover ?? now(), i = g.shown.indexOf(at.n), line = made.get(F);
    if (lit !== line) {
      lit?.classList.remove("on");
      line?.classList.add("on");
      lit = line;
    }
    fill(frames[0], { x: g.mx - 1, y: F * ROW - 0.5, width: g.end - g.mx + 2, height: ROW + 1 }, []);
    fill(frames[1], { x: g.mx + i * g.c + 1, y: at.t * ROW + 1, width: Math.max(1, g.c - 2), height: ROW - 2 }, []);
    frames[1].style.display = i < 0 ? "none" : "";
  }

  return {
    node, heads,
    get geometry() { return g; },
    mark(at) { hover = at; if (g) mark(); },
    /** Draw what has changed, and bring the row in focus into sight; the page itself stays. */
    update(width) {
      if (stale(view.dark, width, JSON.stringify(view.header.tokens), ...depends())) {
        hover = null;
        made.clear();
        cells.replaceChildren();
        g = place(width, columns());
        const height = g.T * ROW + FRAME;
        tall.style.height = `${height}px`;
        node.style.maxHeight = g.T > sight ? `${sight * ROW}px` : "none";
        fill(drawing, { width, height }, []);
        node.setAttribute("aria-label",
          `${g.T} tokens by ${g.shown.length} places. Up and down move the token, left and right the place.`);
        names();
      }
      const top = view.focus.token * ROW - FRAME, bottom = top + ROW + 2 * FRAME;
      if (g.T > sight && top < node.scrollTop) node.scrollTop = Math.max(0, top);
      else if (g.T > sight && bottom > node.scrollTop + sight * ROW) node.scrollTop = bottom - sight * ROW;
      rows();
    },
    /** Where a cell is on screen, for the card. */
    anchor({ n, t }) {
      const box = tall.getBoundingClientRect(), x = box.left + g.mx + g.shown.indexOf(n) * g.c, y = box.top + t * ROW;
      return { left: x, right: x + Math.min(g.c, 40), top: y, bottom: y + ROW };
    },
  };
}

/** The scale of a grid's shading, its ends and what it means: update({ low, high, colour(share), words }), words a list of nodes. */
function scaleLegend() {
  const node = el("div", { class: "legend scale" });
  return {
    node,
    update({ low, high, colour, words }) {
      const ramp = svg("svg", { width: 140, height: 9, "aria-hidden": "true" },
        Array.from({ length: 10 }, (_, n) => svg("rect", { x: n * 14, width: 14, height: 9, style: { fill: colour(n / 9) } })));
      const end = text => el("span", { class: "num", text });
      node.replaceChildren(end(low), ramp, end(high), el("span", { class: "words" }, words));
    },
  };
}
