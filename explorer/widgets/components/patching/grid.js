// Patching, part 3: the whole grid. A row for each token; for the stream, the attention and the MLP a column for each block.

const ROW = 25, SHOWN_ROWS = 30, HEAD = 38, GAP = 20;

/** `point(cell | null)` on hover, `pick(cell)` on click. A cell is {kind, layer, head, at}. */
function patchGrid(view, state, { point, pick }) {
  const heads = svg("svg", { class: "heads", "aria-hidden": "true" }), drawing = svg("svg", { "aria-hidden": "true" });
  const tall = el("div", { class: "tall" }, drawing);
  const node = el("div", { class: "grid", tabindex: 0, role: "group" }, tall);
  let g = null, facts = null, hover = null, first = 0;

  const cellAt = event => {
    const box = tall.getBoundingClientRect(), at = Math.floor((event.clientY - box.top) / ROW), x = event.clientX - box.left - g.mx;
    const panel = Math.floor(x / g.panel), layer = Math.floor((x - panel * g.panel) / g.c);
    if (x < 0 || at < 0 || at >= facts.T || panel >= g.kinds.length || layer >= facts.L) return null;
    return { kind: g.kinds[panel], layer, head: null, at };
  };
  node.onpointermove = event => point(cellAt(event));
  node.onpointerleave = () => point(null);
  node.onclick = event => { const cell = cellAt(event); if (cell) pick(cell); };
  node.onscroll = () => { if (Math.floor(node.scrollTop / ROW) !== first) rows(); };

  function place(width) {
    const { kinds, L, T } = facts, { tokens, corrupted } = view.header, letters = token => Math.min(9, [...tokenText(token)].length);
    const longest = Math.max(...tokens.map((one, t) => letters(one) + (facts.differs(t) ? letters(corrupted[t] ?? one) + 3.2 : 0)));
    const index = view.phone ? 0 : 26, mx = index + Math.max(44, 7.6 * longest + 12), bar = T > SHOWN_ROWS ? 12 : 0;
    const fit = n => (width - mx - bar - (n - 1) * GAP) / (n * L), all = fit(kinds.length) >= 13, shown = all ? kinds : [state.kind];
    const c = Math.min(56, fit(shown.length));
    return { width, index, mx, c, kinds: shown, panel: L * c + GAP, all };
  }
  const left = ({ kind, layer }) => g.mx + g.kinds.indexOf(kind) * g.panel + layer * g.c;

  function names() {
    const out = [];
    g.kinds.forEach((kind, i) => {
      const x = g.mx + i * g.panel, wide = facts.L * g.c, { name, short, role } = KINDS[kind];
      out.push(lettering(wide > 100 ? name : short, x, 11, 12, { style: { fill: `var(--${role}-text)`, "font-weight": 550 } }),
        svg("line", { x1: x, x2: x + wide - 1, y1: 18.5, y2: 18.5, style: { stroke: "var(--line)" } }));
      for (let l = 0; l < facts.L; l++) {
        if (g.c >= 18 || l % 2 === 0) out.push(lettering(g.c > 50 ? `block ${l}` : `${l}`, x + l * g.c + 1, 32, 10.5, { class: "m",
          style: { fill: "var(--ink-3)" } }));
      }
    });
    fill(heads, { width: g.width, height: HEAD }, []);
    heads.replaceChildren(...out);
  }

  function row(t) {
    const y = t * ROW, on = t === view.focus.token, { tokens, corrupted } = view.header;
    const style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 600 : 400 };
    const text = tokenLabel(tokens[t], { x: g.index, y: y + 17, "font-size": 12.5, style }, 9);
    const other = facts.differs(t) && corrupted[t] ? tokenLabel(corrupted[t], { "font-size": 12.5,
      x: g.index + 7.6 * Math.min(9, [...tokenText(tokens[t])].length) + 24, y: y + 17, style: { fill: "var(--prob-text)" } }, 9) : null;
    const arrow = other && lettering("→", g.index + 7.6 * Math.min(9, [...tokenText(tokens[t])].length) + 7, y + 17, 11,
      { style: { fill: "var(--ink-3)" } });
    const index = g.index ? lettering(`${t}`, 0, y + 17, 10.5, { class: "m", style: { fill: "var(--ink-3)" } }) : null;
    return [index, text, arrow, other, ...g.kinds.flatMap(kind => Array.from({ length: facts.L }, (_, layer) =>
      square({ kind, layer, head: null, at: t }, left({ kind, layer }), y)).flat())];
  }
  function square(cell, x, y) {
    const box = { x: x + 0.5, y: y + 0.5, width: Math.max(1, g.c - 1), height: ROW - 1, rx: 1 };
    if (!facts.swept) return [svg("rect", { ...box, style: { fill: "var(--well)" } })];
    const k = facts.at(cell), v = facts.shade(k);
    return [svg("rect", { ...box, style: { fill: view.div(v, 1) } }), g.c >= 27 && lettering(facts.text(k), x + g.c - 5, y + 16.5, 10.5,
      { class: "m", "text-anchor": "end", style: { fill: onSigned(v) } })];
  }

  function rows() {
    first = Math.floor(node.scrollTop / ROW);
    const to = Math.min(facts.T, first + SHOWN_ROWS + 2), frames = [hover, state.cell].filter(cell => cell && g.kinds.includes(cell.kind));
    drawing.replaceChildren(...[...Array.from({ length: to - first }, (_, i) => row(first + i)).flat(),
      ...frames.filter(({ at }) => at >= first && at < to).map(cell => svg("rect", { class: "frame", x: left(cell) + 0.5,
        y: cell.at * ROW + 0.5, width: g.c - 1, height: ROW - 1, rx: 1 }))].filter(Boolean));
  }

  return {
    node, heads,
    get geometry() { return g; },
    mark(cell) { hover = cell; if (g) rows(); },
    update(width, made) {
      facts = made;
      g = place(width);
      tall.style.height = `${facts.T * ROW + 2}px`;
      node.style.maxHeight = facts.T > SHOWN_ROWS ? `${SHOWN_ROWS * ROW}px` : "none";
      fill(drawing, { width: g.width, height: facts.T * ROW + 2 }, []);
      node.setAttribute("aria-label", `${facts.T} tokens by ${facts.L} blocks, for ${g.kinds.map(kind => KINDS[kind].short).join(", ")}. `
        + "Arrow keys move the cell, Enter puts it in by hand.");
      names();
      rows();
    },
    /** Scroll a row into sight; the page itself stays. */
    reveal(t) {
      if (t * ROW < node.scrollTop) node.scrollTop = t * ROW;
      else if ((t + 1) * ROW > node.scrollTop + node.clientHeight) node.scrollTop = (t + 1) * ROW - node.clientHeight;
    },
    anchor(cell) {
      const box = tall.getBoundingClientRect(), x = box.left + left(cell), y = box.top + cell.at * ROW;
      return { left: x, right: x + Math.min(g.c, 40), top: y, bottom: y + ROW };
    },
  };
}
