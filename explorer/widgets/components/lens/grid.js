// Logit lens, part 2: the grid. A row for each token, a column for each depth; a long text scrolls, and only rows in sight are drawn.

const ROW = 25, SHOWN_ROWS = 26, HEAD = 36;

/** state: {shade, places, answer, depth}; `point({n, t} | null)` on hover, `pick(t, n)` on click. */
function lensGrid(view, state, { point, pick }) {
  const heads = svg("svg", { class: "heads", "aria-hidden": "true" }), drawing = svg("svg", { "aria-hidden": "true" });
  const tall = el("div", { class: "tall" }, drawing), node = el("div", { class: "grid", tabindex: 0, role: "group" }, tall);
  let g = null, facts = null, hover = null, first = 0;

  const cellAt = event => {
    const box = tall.getBoundingClientRect(), t = Math.floor((event.clientY - box.top) / ROW);
    const i = Math.floor((event.clientX - box.left - g.mx) / g.c);
    if (t < 0 || t >= facts.T) return null;
    return { t, n: i >= 0 && i < g.shown.length ? g.shown[i] : null };
  };
  node.onpointermove = event => { const at = cellAt(event); point(at?.n != null ? at : null); };
  node.onpointerleave = () => point(null);
  node.onclick = event => { const at = cellAt(event); if (at) pick(at.t, at.n); };
  node.onscroll = () => { if (Math.floor(node.scrollTop / ROW) !== first) rows(); };

  function place(width) {
    const shown = shownDepths(view, state), longest = Math.max(...view.header.tokens.map(token => [...tokenText(token, 9)].length));
    const index = view.phone ? 0 : 26, mx = index + Math.max(30, 7.6 * longest + 12), right = facts.k ? (view.phone ? 58 : 96) : 0;
    const bar = facts.T > SHOWN_ROWS ? 12 : 0, c = Math.min(124, (width - mx - right - bar) / shown.length);
    return { width, shown, index, mx, c, right, letters: Math.max(0, Math.floor((c - 8) / (c < 40 ? 6.4 : 7.3))) };
  }

  /** The first of [text, px that it needs] that fits. */
  const fitting = (room, ...texts) => texts.find(([, least]) => room >= least)[0];
  const quiet = { style: { fill: "var(--ink-2)" } }, faint = { style: { fill: "var(--ink-3)" } };

  /** Names of the columns: the block over its attention and MLP. */
  function names() {
    const { depths } = view.header, { mx, c, shown } = g, kinds = new Set(shown.map(n => depths[n].after)), out = [];
    const halves = kinds.has("attention") && kinds.has("mlp");
    shown.forEach((n, i) => {
      const { after, layer } = depths[n], x = mx + i * c, room = after === "attention" && halves ? 2 * c : c;
      if (!halves || after !== "mlp") {
        const texts = after === "embedding" ? [["embedding", 62], ["embed", 40], ["e", 0]] : [[`block ${layer}`, 46], [`${layer}`, 0]];
        out.push(word(fitting(room, ...texts), x + 1, 10, 11, quiet),
          svg("line", { x1: x, x2: x + room - 3, y1: 31.5, y2: 31.5, style: { stroke: "var(--line)" } }));
      }
      const half = !halves || after === "embedding" ? ""
        : after === "mlp" ? fitting(c, ["MLP", 30], ["m", 0]) : fitting(c, ["attention", 58], ["attn", 30], ["a", 0]);
      const end = n === facts.N - 1 ? fitting(c, [`${half} = output`, 92], ["= output", 44], [half, 0]) : half;
      if (end) out.push(word(end.trim(), x + 1, 25, 10.5, faint));
    });
    if (g.right) out.push(word("followed", mx + shown.length * c + 10, 10, 11, quiet));
    fill(heads, { width: g.width, height: HEAD }, []);
    heads.replaceChildren(...out);
  }

  function cell(n, i, t) {
    const { mx, c, letters } = g, shade = SHADES[state.shade], has = facts.has(t), known = shade.own || has, x = mx + i * c, y = t * ROW;
    const level = known ? Math.max(0, Math.min(1, shade.at(facts, n, t))) : 0, token = facts.word(facts.top(n, t));
    const style = { fill: known ? view.on(level) : "var(--ink-3)", "font-weight": has && facts.right(n, t) ? 600 : 400 };
    const box = { x: x + 0.5, y: y + 0.5, height: ROW - 1 }, stays = facts.stays(t);
    const comes = stays >= 0 && n >= stays && !(g.shown[i - 1] >= stays);
    const text = { "font-size": c < 40 ? 10.5 : 12, class: `m token ${level > 0.52 ? "pale" : ""}` };
    const room = letters > 2 || [...tokenText(token)].length <= letters;  // for the whole token, or for enough to know it by
    return [svg("rect", { ...box, width: Math.max(1, c - 1), rx: 1, style: { fill: known ? view.seq(level) : "var(--well)" } }),
      comes && svg("rect", { ...box, width: Math.min(3, c / 4), style: { fill: "var(--prob)" } }),
      room && tokenLabel(token, { ...text, x: x + 6, y: y + 17, style }, letters)];
  }

  /** Name and number of a token, its cells, and what is followed there. */
  function row(t) {
    const { mx, c, shown, index, right } = g, y = t * ROW + 17, on = t === view.focus.token, x = mx + shown.length * c + 10;
    const style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 600 : 400 };
    const followed = () => (facts.has(t) ? tokenLabel(facts.answerWord(t), { x, y, "font-size": 12, ...quiet }, view.phone ? 6 : 10)
      : word(view.phone ? "—" : "the text ends", x, y, 10.5, faint));
    return [index && word(`${t}`, 0, y, 10.5, { class: "m", ...faint }),
      tokenLabel(view.header.tokens[t], { x: index, y, "font-size": 12.5, style }, 9),
      ...shown.flatMap((n, i) => cell(n, i, t)), right && followed()];
  }

  function rows() {
    const { mx, c, shown } = g, F = view.focus.token, at = hover ?? { n: state.depth, t: F }, i = shown.indexOf(at.n);
    first = Math.floor(node.scrollTop / ROW);
    const to = Math.min(facts.T, first + SHOWN_ROWS + 2), inSight = t => t >= first && t < to;
    const frame = (x, y, width, height) => svg("rect", { class: "frame", x, y, width, height, rx: 1 });
    drawing.replaceChildren(...[...Array.from({ length: to - first }, (_, k) => row(first + k)).flat(),
      inSight(F) && frame(mx - 1, F * ROW - 0.5, shown.length * c + 2, ROW + 1),
      i >= 0 && inSight(at.t) && frame(mx + i * c + 1, at.t * ROW + 1, c - 2, ROW - 2)].filter(Boolean));
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
