// One score, part 1: q, k, their products, and the value, number by number in aligned columns.

const STRIP = 20, BARS = 92, LABEL = { wide: 118, phone: 44 };

/** All that is known of the pair (i, j); null while the server has not sent the row. */
function pairOf(view, i, j) {
  const { header: { slope, first_row: first }, arrays: { q, k, v, scores, pattern } } = view;
  const [T, D] = q.shape, row = i - first;
  if (row < 0 || row >= scores.shape[0]) return null;
  const at = (array, n) => Array.from(array.subarray(n * D, (n + 1) * D));
  const asks = at(q, i), offers = at(k, j), gives = at(v, j), weight = pattern[row * T + j], root = Math.sqrt(D);
  const terms = asks.map((x, d) => (x * offers[d]) / root), bias = -slope * (i - j);
  const sum = terms.reduce((total, term) => total + term, 0);
  return { i, j, D, q: asks, k: offers, v: gives, terms, bias, sum, total: sum + bias, score: scores[row * T + j], weight,
    moved: gives.map(x => x * weight) };
}

const inOrder = (pair, bySize) => {
  const all = pair.terms.map((_, d) => d);
  return bySize ? all.sort((a, b) => pair.terms[b] - pair.terms[a]) : all;
};

/** `on(d | null)` where a column is pointed at. */
function scoreStrips(view, on) {
  const drawing = svg("svg", { role: "img" }), marker = svg("rect", { class: "marker" });
  let g = null;
  drawing.onpointermove = event => {
    const n = Math.floor((event.clientX - drawing.getBoundingClientRect().left - g.left) / g.c);
    if (n >= 0 && n < g.order.length) on(g.order[n]); else on(null);
  };
  drawing.onpointerleave = () => on(null);

  function row(pair, name, y, values, limit, height = STRIP) {
    return g.order.map((d, n) => svg("rect", { x: g.left + n * g.c, y, width: g.c - g.gap, height, rx: 1,
      fill: view.div(values[d], limit) }));
  }
  const names = (y, letter, what, role) => [
    svg("text", { class: "letter", x: 0, y: y + 14, text: letter, style: { fill: `var(--${role}-text)` } }),
    !view.phone && svg("text", { class: "what", x: 30, y: y + 14, text: what })];

  return {
    node: drawing,
    get geometry() { return g; },
    update(pair, bySize, width) {
      const left = view.phone ? LABEL.phone : LABEL.wide, c = Math.min(26, (width - left) / pair.D);
      g = { left, c, gap: c > 6 ? 1 : c > 3 ? 0.5 : 0, order: inOrder(pair, bySize), pair };
      const top = { q: 0, k: 26, terms: 62, v: 62 + BARS + 22, moved: 62 + BARS + 48 }, wide = c * pair.D;
      const reach = values => Math.max(...values.map(Math.abs), 1e-12);
      const qk = Math.max(reach(pair.q), reach(pair.k)), value = reach(pair.v), most = reach(pair.terms);
      const up = Math.max(0, ...pair.terms), down = Math.max(0, ...pair.terms.map(x => -x)), unit = BARS / (up + down || 1);
      const zero = top.terms + up * unit;
      const bars = g.order.map((d, n) => {
        const term = pair.terms[d], high = Math.abs(term) * unit;
        return svg("rect", { x: left + n * c, y: term > 0 ? zero - high : zero, width: c - g.gap, height: high,
          fill: view.div(Math.sign(term) * most * 0.72, most) });
      });
      const height = top.moved + STRIP;
      fill(drawing, { width, height, "aria-label": `q of query ${pair.i}, k of key ${pair.j}, their ${pair.D} products, and v.` }, []);
      drawing.replaceChildren(
        ...names(top.q, "q", "what it asks", "q"), ...row(pair, "q", top.q, pair.q, qk),
        ...names(top.k, "k", "what it offers", "k"), ...row(pair, "k", top.k, pair.k, qk),
        ...names(zero - 14 - (down ? 0 : 6), view.phone ? "q·k" : "q·k/√d", "", "attn"), ...bars,
        svg("line", { class: "zero", x1: left, x2: left + wide, y1: zero, y2: zero }),
        ...names(top.v, "v", "what it gives", "v"), ...row(pair, "v", top.v, pair.v, value),
        ...names(top.moved, "w·v", "", "v"), ...row(pair, "moved", top.moved, pair.moved, value),
        ...[!view.phone && svg("text", { class: "what", x: 30, y: top.moved + 14, text: "what arrives" })].filter(Boolean), marker);
      this.mark(null);
      return height;
    },
    mark(d) {
      const n = d === null ? -1 : g.order.indexOf(d), height = Number(drawing.getAttribute("height"));
      marker.style.display = n < 0 ? "none" : "";
      fill(marker, { x: g.left + n * g.c - 1.5, y: -2, width: g.c + 2, height: height + 4 }, []);
    },
    anchor(d) {
      const box = drawing.getBoundingClientRect(), x = box.left + g.left + g.order.indexOf(d) * g.c;
      return { left: x, right: x + g.c, top: box.top + 60, bottom: box.top + 62 + BARS };
    },
  };
}
