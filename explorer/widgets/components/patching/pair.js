// Patching, part 5: one run as a grid to take from or to put into: a row for each token, a column for each block.

const CELL = 24, SEEN_ROWS = 30;

/** `at()` gives {tokens, lens, frame, cone, dim}; the callbacks get a cell {layer, at}. */
function runGrid(view, name, { down, enter, pick, key }) {
  const heads = svg("svg", { class: "heads", "aria-hidden": "true" }), drawing = svg("svg", { "aria-hidden": "true" });
  const tall = el("div", { class: "tall" }, drawing), title = el("h3");
  const node = el("div", { class: "grid run", tabindex: 0, role: "group" }, tall);
  const section = el("section", { class: name }, title, heads, node);
  let now = null, g = null;

  const cellAt = event => {
    const box = tall.getBoundingClientRect(), at = Math.floor((event.clientY - box.top) / CELL);
    const layer = Math.floor((event.clientX - box.left - g.mx) / g.c);
    return at >= 0 && at < now.tokens.length && layer >= 0 && layer < g.L ? { layer, at } : null;
  };
  node.onpointerdown = event => {
    const cell = cellAt(event);
    if (cell && event.button === 0 && event.pointerType !== "touch") down(event, cell);
  };
  node.onpointermove = event => enter(cellAt(event));
  node.onpointerleave = () => enter(null);
  node.onclick = event => { const cell = cellAt(event); if (cell) pick(cell); };
  node.onkeydown = event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey || !(step || event.key === "Enter" || event.key === " ")) return;
    event.preventDefault();
    event.stopPropagation();
    key(step, { layers: g.L, tokens: now.tokens.length });
  };

  function rows() {
    const { tokens, lens, frame, pointed, cone, marked } = now, out = [];
    for (let t = 0; t < tokens.length; t++) {
      const y = t * CELL, style = { fill: marked(t) ? "var(--prob-text)" : "var(--ink-2)" };
      out.push(tokenLabel(tokens[t], { x: 0, y: y + 16.5, "font-size": 12.5, style }, 9));
      for (let l = 0; l < g.L; l++) {
        const inside = cone && l >= cone.layer && t >= cone.at, fed = inside && (l > cone.layer || t === cone.at);
        out.push(svg("rect", { x: g.mx + l * g.c + 0.5, y: y + 0.5, width: g.c - 1, height: CELL - 1, rx: 1,
          style: { fill: fed ? wash("prob", 13) : "var(--well)" } }));
        if (lens && g.c >= 34) out.push(tokenLabel(view.header.words[lens[l * tokens.length + t]], { x: g.mx + l * g.c + 6, y: y + 16,
          "font-size": 11, style: { fill: "var(--ink-2)" } }, Math.floor((g.c - 9) / 6.7)));
      }
    }
    for (const [cell, extra] of [[pointed, "pointed"], [frame, ""]]) if (cell)
      out.push(svg("rect", { class: `frame ${extra}`, x: g.mx + cell.layer * g.c + 0.5, y: cell.at * CELL + 0.5, width: g.c - 1,
        height: CELL - 1, rx: 1 }));
    drawing.replaceChildren(...out);
  }
  return {
    node: section, grid: node,
    update(width, L, made) {
      now = made;
      const mx = Math.max(40, 7.6 * Math.max(...now.tokens.map(token => Math.min(9, [...tokenText(token)].length))) + 12);
      g = { L, mx, c: Math.min(112, (width - mx - (now.tokens.length > SEEN_ROWS ? 12 : 0)) / L) };
      title.replaceChildren(...now.title);
      node.setAttribute("aria-label", now.aria);
      fill(heads, { width, height: 18 }, []);
      heads.replaceChildren(...Array.from({ length: L }, (_, l) => (g.c >= 16 || l % 2 === 0) && lettering(g.c > 50 ? `block ${l}` : `${l}`,
        mx + l * g.c + 1, 11, 10.5, { class: "m", style: { fill: "var(--ink-3)" } })).filter(Boolean));
      tall.style.height = `${now.tokens.length * CELL + 2}px`;
      node.style.maxHeight = now.tokens.length > SEEN_ROWS ? `${SEEN_ROWS * CELL}px` : "none";
      fill(drawing, { width, height: now.tokens.length * CELL + 2 }, []);
      rows();
    },
    repaint(made) { Object.assign(now, made); rows(); },
    /** The middle of a cell on screen. */
    middle({ layer, at }) {
      const box = tall.getBoundingClientRect();
      return { x: box.left + g.mx + (layer + 0.5) * g.c, y: box.top + (at + 0.5) * CELL };
    },
    cellAt,
  };
}
