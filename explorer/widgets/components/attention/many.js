// Attention, part 5: a long text. Pixels on a canvas; over the masked triangle the row in focus as arcs along the diagonal, where
// every token lies at the crossing of its row and column, and its largest weights by name.

const LINE = 17, LISTED = { wide: 9, phone: 6 };

function drawMany(view, state, head, g) {
  const { c, mx, y0, T, size } = g, { tokens } = view.header, F = view.focus.token, at = i => (i + 0.5) * c, corner = mx + size;
  const every = Math.ceil(14 / c), names = [], small = { "font-size": 10.5, class: "m token faint" };
  for (let i = 0; i < T; i += every) if (Math.abs(i - F) * c > 12) {
    names.push(rowName(view, g, i, { ...small, y: y0 + at(i) + 3.5 }), columnName(view, g, i, mx + at(i) + 3, small));
  }
  names.push(rowName(view, g, F, { "font-size": 12, y: y0 + at(F) + 4, class: "m token on" }));

  const keys = [];
  for (let j = state.hideFirst ? 1 : 0; j <= F; j++) keys.push({ j, w: head.value(F, j), share: head.share(F, j) });
  keys.sort((a, b) => b.w - a.w);
  const arcs = svg("g", { class: "arcs on" }, keys
    .filter(({ j, share }) => share >= ARC && j !== F).map(({ j, share }) => {
    const [x1, y1, x2, y2] = [mx + at(F), y0 + at(F), mx + at(j), y0 + at(j)], away = 0.16 * (F - j) * c;
    return svg("path", { d: `M${x1} ${y1}Q${(x1 + x2) / 2 + away} ${(y1 + y2) / 2 - away} ${x2} ${y2}`,
      style: { "--w": Math.min(1, share).toFixed(3) } });
  }));

  const middle = corner - (view.phone ? 96 : 132), end = { class: "m faint", "text-anchor": "end" };
  const listed = keys.slice(0, T > 60 && !view.phone ? LISTED.wide : LISTED.phone), rest = keys.slice(listed.length);
  const last = y0 + 28 + listed.length * LINE;
  const lines = listed.map(({ j, w }, n) => svg("g", { class: "named", "data-key": j },
    word(fine(w), middle - 6, y0 + 28 + n * LINE, 11, { class: "m", "text-anchor": "end" }),
    tokenLabel(tokens[j], { "font-size": 12, x: middle + 6, y: y0 + 28 + n * LINE }, view.phone ? 7 : 10),
    word(`${j}`, corner, y0 + 28 + n * LINE, 10.5, end)));
  const title = [word("query", middle - 6, y0 + 8, 11, { class: "q", "text-anchor": "end" }), word(`${F}`, corner, y0 + 8, 10.5, end),
    tokenLabel(tokens[F], { "font-size": 12, x: middle + 6, y: y0 + 8, class: "m token on" }, 10)];
  const foot = rest.length ? [word(fine(rest.reduce((sum, { w }) => sum + w, 0)), middle - 6, last, 11, end),
    word(`${count(rest.length)} other${rest.length > 1 ? "s" : ""}`, middle + 6, last, 11, { class: "faint" })] : [];
  const row = svg("rect", { class: "row-frame", x: mx - 1, y: y0 + F * c - 1, width: (F + 1) * c + 2, height: c + 2 });
  return { parts: { rows: [], top: [], right: [], arcs: Object.assign([], { [F]: arcs }) },
    nodes: [...names, row, arcs, svg("g", { class: "halo" }, ...title, ...lines, ...foot)] };
}

/** The names of a pair pointed at, over the sparse names at the edges. */
function crossing(view, g, i, j) {
  const { c, mx, y0 } = g, x = mx + (j + 0.5) * c, y = y0 + (i + 0.5) * c, bold = { "font-size": 11, class: "m token on halo" };
  const row = [svg("rect", { x: 0, y: y - 8, width: mx - 4, height: 16, fill: "var(--paper)" }),
    svg("path", { d: `M${mx - 4} ${y}H${mx}` }),
    rowName(view, g, i, { ...bold, y: y + 3.5 })];
  return j === null ? row : [...row, svg("path", { d: `M${x} ${y0 - 4}V${y0}` }), columnName(view, g, j, x + 3, bold)];
}

const painted = new WeakMap();

/** The whole matrix, a point a cell; where cells are finer than the screen, the strongest of a square. Painted again only on change. */
function paintPixels(view, state, head, g, pixels) {
  const { T, size, block, mx, y0 } = g, N = Math.ceil(T / block), { layer, head: h } = view.focus, first = state.hideFirst ? 1 : 0;
  Object.assign(pixels.style, { left: `${mx}px`, top: `${y0}px` });
  const key = [layer, h, state.scores, state.weighted, state.log, state.hideFirst, state.scaled,
    view.dark, size, window.devicePixelRatio, Boolean(head.score)].join();
  const before = painted.get(pixels);
  if (before?.key === key && before.arrays === view.arrays) return;
  painted.set(pixels, { key, arrays: view.arrays });
  const tint = tints(view, state, head), small = el("canvas", { width: N, height: N }), paper = small.getContext("2d");
  const image = paper.createImageData(N, N);
  const strength = state.scores ? (i, j) => Math.abs(head.score(i, j)) : head.value;
  const strongest = (r, s) => {
    let best = null, most = -1;
    for (let i = r * block; i < Math.min(T, (r + 1) * block); i++)
      for (let j = Math.max(s * block, first); j < Math.min((s + 1) * block, i + 1); j++) {
      if (strength(i, j) > most) [best, most] = [[i, j], strength(i, j)];
    }
    return best;
  };
  if (!state.scores || head.score) for (let r = 0; r < N; r++) for (let s = 0; s <= r; s++) {
    const best = strongest(r, s);
    if (best) image.data.set([...tint.rgb(...best), 255], (r * N + s) * 4);
  }
  paper.putImageData(image, 0, 0);
  const [, context] = canvas(size, size, pixels);
  context.clearRect(0, 0, size, size);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, size, size);
}
