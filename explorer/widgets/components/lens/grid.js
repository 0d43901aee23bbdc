// Logit lens, part 2: the grid. A row for each token, a column for each depth; a long text scrolls, and only rows in sight are drawn.

const ROW = 25, SHOWN_ROWS = 26, HEAD = 36;

/** state: {shade, places, answer, depth}; `point({n, t} | null)` on hover, `pick(t, n)` on click. */
function lensGrid(view, state, { point, pick }) {
  const heads = svg("svg", { class: "heads", "aria-hidden": "true" }), drawing = svg("svg", { "aria-hidden": "true" });
  const tall = el("div", { class: "tall" }, drawing), node = el("div", { class: "grid", tabindex: 0, role: "group" }, tall);
  let g = null, facts = null, hover = null, first = 0;

  const cellAt = event => {
    const box = tall.getBoundingClientRect(), t = Math.floor((event.clientY - box.top) / ROW),
      i = Math.floor((event.clientX - box.left - g.mx) / g.c);
    if (!g || t < 0 || t >= facts.T) return null;
    return { t, n: i >= 0 && i < g.shown.length ? g.shown[i] : null };
  };
  node.onpointermove = event => { const at = cellAt(event); point(at?.n != null ? at : null); };
  node.onpointerleave = () => point(null);
  node.onclick = event => { const at = cellAt(event); if (at) pick(at.t, at.n); };
  node.onscroll = () => { if (Math.floor(node.scrollTop / ROW) !== first) rows(); };

  function place(width) {
    const { tokens } = view.header, shown = shownDepths(view, state),
      longest = Math.max(...tokens.map(token => [...tokenText(token, 9)].length));
    const index = view.phone ? 0 : 26, mx = index + Math.max(30, 7.6 * longest + 12), right = facts.k ? (view.phone ? 58 : 96) : 0;
    const bar = facts.T > SHOWN_ROWS ? 12 : 0, c = Math.min(124, (width - mx - right - bar) / shown.length);
    return { width, shown, index, mx, c, right, letters: Math.max(0, Math.floor((c - 9) / 7.3)) };
  }

  /** Names of the columns: the block over its attention and MLP. */
  function names() {
    const { depths } = view.header, { mx, c, shown } = g, out = [], halves = shown.some(n => depths[n].after === "attention");
    const both = halves && shown.some(n => depths[n].after === "mlp"), small = { style: { fill: "var(--ink-3)" } };
    shown.forEach((n, i) => {
      const { after, layer } = depths[n], x = mx + i * c, last = n === facts.N - 1, rule = { y1: 31.5, y2: 31.5,
        style: { stroke: "var(--line)" } };
      const span = after === "attention" && both ? 2 : 1, opens = after !== "mlp" || !both;
      if (opens) {
        const room = span * c, name = after === "embedding" ? [["embedding", 62], ["embed", 40], ["e", 0]] : [[`block ${layer}`, 46],
          [`${layer}`, 0]];
        out.push(word(name.find(([, least]) => room >= least)[0], x + 1, 10, 11, { style: { fill: "var(--ink-2)" } }),
          svg("line", { x1: x, x2: x + room - 3, ...rule }));
      }
      const below = !both || after === "embedding" ? "" : after === "mlp" ? (c >= 30 ? "MLP" : "m") : c >= 58 ? "attention" : c >= 30
        ? "attn" : "a";
      const said = last ? (c >= 92 && below ? `${below} = output` : c >= 44 ? "= output" : below) : below;
      if (said) out.push(word(said, x + 1, 25, 10.5, small));
    });
    if (g.right) out.push(word("followed", mx + shown.length * c + 10, 10, 11, { style: { fill: "var(--ink-2)" } }));
    fill(heads, { width: g.width, height: HEAD }, []);
    heads.replaceChildren(...out);
  }

  function cell(n, i, t) {
    const { mx, c, letters } = g, shade = SHADES[state.shade], x = mx + i * c, y = t * ROW, known = shade.own || facts.has(t);
    const level = known ? Math.max(0, Math.min(1, shade.at(facts, n, t))) : 0, right = facts.has(t) && facts.right(n, t);
    const fillColour = known ? view.seq(level) : "var(--well)", ink = known ? view.on(level) : "var(--ink-3)";
    return [svg("rect", { x: x + 0.5, y: y + 0.5, width: Math.max(1, c - 1), height: ROW - 1, rx: 1, style: { fill: fillColour } }),
      facts.stays(t) === n && svg("rect", { x: x + 0.5, y: y + 0.5, width: Math.min(3, c / 4), height: ROW - 1,
        style: { fill: "var(--prob)" } }),
      letters > 0 && tokenLabel(facts.word(facts.top(n, t)), { x: x + 6, y: y + 17, "font-size": c < 40 ? 10.5 : 12,
        class: `m token ${level > 0.52 ? "pale" : ""}`,
        style: { fill: ink, "font-weight": right ? 600 : 400 } }, letters)];
  }

  function rows() {
    const { mx, c, shown, index, right } = g, { tokens } = view.header, F = view.focus.token, out = [];
    first = Math.floor(node.scrollTop / ROW);
    const to = Math.min(facts.T, first + SHOWN_ROWS + 2);
    for (let t = first; t < to; t++) {
      const y = t * ROW, on = t === F, base = y + 17;
      if (index) out.push(word(`${t}`, 0, base, 10.5, { class: "m", style: { fill: "var(--ink-3)" } }));
      out.push(tokenLabel(tokens[t], { x: index, y: base, "font-size": 12.5, style: { fill: on ? "var(--ink)" : "var(--ink-2)",
        "font-weight": on ? 600 : 400 } }, 9),
        ...shown.flatMap((n, i) => cell(n, i, t)));
      if (right) out.push(facts.has(t) ? tokenLabel(facts.answerWord(t), { x: mx + shown.length * c + 10, y: base, "font-size": 12,
        style: { fill: "var(--ink-2)" } }, view.phone ? 6 : 10)
        : word("the text ends", mx + shown.length * c + 10, base, 10.5, { style: { fill: "var(--ink-3)" } }));
    }
    const wide = shown.length * c + 1;
    if (F >= first && F < to) out.push(svg("rect", { class: "frame", x: mx - 1, y: F * ROW - 0.5, width: wide + 1, height: ROW + 1,
      rx: 2 }));
    const at = hover ?? { n: state.depth, t: F }, i = shown.indexOf(at.n);
    if (i >= 0 && at.t >= first && at.t < to) out.push(svg("rect", { class: "frame", x: mx + i * c + 1, y: at.t * ROW + 1, width: c - 2,
      height: ROW - 2, rx: 1 }));
    drawing.replaceChildren(...out.filter(Boolean));
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
      node.setAttribute("aria-label",
        `${facts.T} tokens by ${g.shown.length} depths. Up and down move the token, left and right the depth.`);
      names();
      rows();
    },
    /** Scroll the focused row into sight; the page itself stays. */
    reveal() {
      const top = view.focus.token * ROW, bottom = top + ROW;
      if (top < node.scrollTop) node.scrollTop = top;
      else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
    },
    /** Where a cell is on screen, for the card. */
    anchor({ n, t }) {
      const box = tall.getBoundingClientRect(), x = box.left + g.mx + g.shown.indexOf(n) * g.c, y = box.top + t * ROW;
      return { left: x, right: x + Math.min(g.c, 40), top: y, bottom: y + ROW };
    },
  };
}
