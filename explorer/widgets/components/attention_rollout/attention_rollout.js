// Attention rollout of the row in focus: a line for each block, a column for each token, what is left of each after that block.

const LINE = 24, EDGE = { wide: 78, phone: 30 };

export default picture(view => {
  const title = el("h2"), drawing = svg("svg", { role: "img" }), marker = svg("rect", { class: "at" });
  const card = hoverCard(view), twin = rolloutTwin(view);
  const box = el("div", { class: "rolled" }, drawing), wait = el("p", { class: "note", text: "…" }), scale = el("p", { class: "sub" });
  const about = el("p", { class: "note" }), rule = formula("R_l = (A_l + I) / 2 · R_{l−1}");
  const query = menu("", [], "", value => view.setFocus({ token: Number(value) }), "Query");
  view.root.append(el("div", { class: "row" }, title, el("span", { class: "sub asks" }, "query ", query.node)), wait, box, scale,
    el("div", { class: "after" }, rule, about), twin.node, twin.live);
  let g = null;

  const known = () => {
    const row = view.focus.token - view.header.first, [n, L, T] = view.arrays.rolled.shape;
    if (row < 0 || row >= n) return null;
    const from = array => (l, j) => array[(row * L + l) * T + j];
    return { L, T, rolled: from(view.arrays.rolled), block: from(view.arrays.block) };
  };
  const find = event => {
    const rect = drawing.getBoundingClientRect(), j = Math.floor((event.clientX - rect.left - g.left) / g.c);
    const l = Math.floor((event.clientY - rect.top - g.top) / LINE);
    return j >= 0 && j <= view.focus.token && l >= 0 && l < g.seen.L ? { l, j } : null;
  };
  box.onpointermove = event => {
    const at = g && find(event);
    marker.style.display = at ? "" : "none";
    if (!at) return card.hide();
    const { l, j } = at, x = g.left + j * g.c, y = g.top + l * LINE, rect = drawing.getBoundingClientRect();
    fill(marker, { x: x - 1, y: y - 1, width: g.c + 1, height: LINE + 1 }, []);
    card.show({ value: g.seen.rolled(l, j).toFixed(4), place: tokenSpan(view.header.tokens[j], {}, 9),
      what: `share of token ${j} in query ${view.focus.token} after block ${l}`,
      list: el("span", { class: "sub", text: `this block alone, mean over its heads: ${g.seen.block(l, j).toFixed(4)}` }),
      hook: `blocks.0 to ${l}.attn.hook_pattern` },
    { left: rect.left + x, right: rect.left + x + g.c, top: rect.top + y, bottom: rect.top + y + LINE });
  };
  box.onpointerleave = () => { marker.style.display = "none"; card.hide(); };
  box.onclick = event => { const at = g && find(event); if (at) view.setFocus({ token: at.j, layer: at.l }); };

  function draw(seen) {
    const { tokens } = view.header, F = view.focus.token, left = view.phone ? EDGE.phone : EDGE.wide, { L, T } = seen;
    const longest = Math.max(...tokens.map(token => [...tokenText(token, 9)].length));
    const c = Math.min(54, (view.width - left - 24) / T), top = 14 + Math.min(60, 5.5 * longest + 8), every = Math.ceil(13 / c);
    let most = 0;
    for (let l = 0; l < L; l++) for (let j = 0; j < Math.max(F, 1); j++) most = Math.max(most, seen.rolled(l, j));
    g = { seen, left, c, top, most };
    const named = j => j % every === 0 && Math.abs(j - F) * c > 12 || j === F, cells = [], out = [];
    for (let l = 0; l < L; l++) for (let j = 0; j <= F; j++) {
      const p = seen.rolled(l, j), x = left + j * c, y = top + l * LINE;
      cells.push(svg("rect", { x, y, width: c - (c > 8 ? 1 : 0), height: LINE - 1, rx: 1, fill: view.seq(p / most) }));
      if (c >= 25) cells.push(svg("text", { class: "m", x: x + c / 2, y: y + 15.5, "text-anchor": "middle", "font-size": 10,
        text: weight(p, true), style: { fill: view.on(p / most) } }));
    }
    for (let j = 0; j < T; j++) if (named(j)) {
      const x = left + j * c + c / 2 + 3;
      out.push(tokenLabel(tokens[j], { x, y: top - 7, transform: `rotate(-52 ${x} ${top - 7})`, "font-size": 11,
        class: j === F ? "m token on" : "m token off" }, 8));
    }
    for (let l = 0; l < L; l++) out.push(svg("text", { class: l === view.focus.layer ? "edge on" : "edge", x: left - 10,
      y: top + l * LINE + 16, "text-anchor": "end", text: view.phone ? `L${l}` : `after L${l}` }));
    marker.style.display = "none";
    fill(drawing, { width: view.width, height: top + L * LINE + 4 }, []);
    drawing.setAttribute("aria-label", twin.words(seen));
    drawing.replaceChildren(...cells, ...out, marker);
    const own = F && seen.rolled(0, F) > most ? "; its own share goes beyond" : "";
    scale.textContent = `share 0 to ${fine(most)}, linear${own} · each line sums to 1 · a click chooses block and token`;
  }

  return {
    draw() {
      const { header, focus } = view, seen = known();
      title.textContent = "Through the blocks: attention rollout";
      query.set(String(focus.token), header.tokens.map((token, n) => [String(n), `${n} ${tokenText(token, 14)}`]));
      wait.hidden = Boolean(seen);
      box.hidden = !seen;
      if (!seen) return;
      draw(seen);
      const normed = header.post_norm ? " This model also norms the stream after every addition, which the half and half leaves out." : "";
      about.textContent = `Follow what query ${focus.token} attends to down through every block (Abnar & Zuidema 2020). Each block counts `
        + `half for what was there before, the residual stream, and half for its ${plural(header.n_heads, "head")}, all alike. Not shown: `
        + "which head it was, what the values hold, the MLPs and the norms. It is a rule of thumb for where information could come from, "
        + `not a measure of what mattered.${normed}`;
      twin.update(seen);
    },
    name: () => `attention-rollout-query${view.focus.token}`,
    csv() {
      const seen = known(), rows = [["block", "token", "text", "rollout", "block_mean_attention"]];
      for (let l = 0; l < seen.L; l++) for (let j = 0; j <= view.focus.token; j++)
        rows.push([l, j, tokenText(view.header.tokens[j]), seen.rolled(l, j), seen.block(l, j)]);
      return rows;
    },
  };
});
