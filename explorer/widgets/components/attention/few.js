// Attention, part 4: a short text. Cells with numbers in the row in focus, and arcs to a list of keys on the same pitch.

function drawFew(view, state, head, g) {
  const { c, mx, y0, T, ax, aw } = g, { tokens } = view.header, F = view.focus.token, tint = tints(view, state, head);
  const size = Math.min(12.5, c - 2), gap = c > 14 ? 1 : 0.5, first = state.hideFirst ? 1 : 0, mid = i => y0 + i * c + c / 2;
  const base = i => mid(i) + size * 0.32;
  const cells = [], numbers = [], known = !state.scores || head.score;
  for (let i = first; i < T; i++) for (let j = first; j <= i; j++) {
    cells.push(svg("rect", { x: mx + j * c, y: y0 + i * c, width: c - gap, height: c - gap, rx: 1,
      fill: known ? tint.css(i, j) : "var(--well)" }));
  }
  if (c >= (state.scores ? 22 : NUMBERED) && exactHead(view)) for (let j = first; j <= F; j++) {
    const bold = !state.scores && head.share(F, j) > 0.4;
    numbers.push(word(tint.text(F, j), mx + j * c + (c - gap) / 2, mid(F) + 3.2, c >= 22 ? 10 : 8.5,
      { class: "m", "text-anchor": "middle", style: { fill: tint.on(F, j), "font-weight": bold ? 600 : 400 } }));
  }
  const parts = { arcs: ax ? arcs() : [], right: [],
    top: tokens.map((_, j) => columnName(view, g, j, mx + j * c + c / 2 + 3, { "font-size": Math.min(11.5, size), class: "m token key" })),
    rows: tokens.map((_, i) => rowName(view, g, i, { "font-size": size, y: base(i), class: "m token query" })) };
  const heads = [];
  if (ax) {
    parts.right = tokens.map((token, j) => tokenLabel(token, { "font-size": size, x: ax + aw + 8, y: base(j), class: "m token key" }, 9));
    heads.push(word("query", ax, y0 - 12, 11, { class: "q" }), word("key", ax + aw + 8, y0 - 12, 11, { class: "k" }));
  }
  const band = svg("rect", { class: "band", x: 0, y: y0 + F * c, width: ax ? ax + aw + mx + 2 : mx + T * c, height: c - gap, rx: 2 });
  const others = parts.arcs.filter((_, i) => i !== F);
  return { parts, nodes: [band, ...cells, ...numbers, ...others, ...parts.arcs.slice(F, F + 1), ...heads, ...parts.top,
    ...parts.rows, ...parts.right] };

  function arcs() {
    return tokens.map((_, i) => {
      const group = svg("g", { class: i === F ? "arcs on" : "arcs" }), bend = ax + aw / 2;
      for (let j = first; j <= i; j++) if (head.share(i, j) >= ARC) {
        group.append(svg("path", { d: `M${ax} ${mid(i)}C${bend} ${mid(i)} ${bend} ${mid(j)} ${ax + aw} ${mid(j)}`,
          style: { "--w": Math.min(1, head.share(i, j)).toFixed(3) } }));
      }
      return group;
    });
  }
}
