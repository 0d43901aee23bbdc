// Home, part 4: the wide picture, from left to right. Order of drawing: bands, ribbons, arcs, nodes, words.

const NODE = (x, y) => `M${x - 5} ${y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0M${x - 2.5} ${y}h5M${x} ${y - 2.5}v5`;

function drawWide({ view, data, surface, columns, lanes, tiles, head, shapes }) {
  const { focus } = view, { ribbon, place } = lanes, F = lanes.focus;
  const half = length => Math.max(0.5, length * ribbon / data.longest / 2);
  const layer = () => svg("g"), bands = layer(), ribbons = layer(), arcs = layer(), hits = layer(), nodes = layer(), words = layer();
  const calm = data.T > FLOW.MANY ? 0.7 : 1;
  const text = (x, y, s, { size = 12, mono = false, fill = "var(--ink)", weight: w = 400, anchor } = {}) =>
    svg("text", { x, y, class: mono ? "m" : undefined, "font-size": size, "text-anchor": anchor,
      style: { fill, "font-weight": w }, text: s });
  const plus = (x, y, role) => svg("path",
    { d: NODE(x, y), style: { fill: "var(--paper)", stroke: `var(--${role})`, "stroke-width": 1.2 } });

  // ---- rows: the band that takes a click, index, token, embedding, position
  for (const one of lanes.lanes) {
    const { i, v, top, strip } = one, order = one.focus ? 0 : undefined;
    bands.append(surface.hit(0, v + ribbon / 2 + 4 - one.pitch, columns.end, one.pitch, { kind: "row", i, pointer: true }));
    words.append(text(columns.indexX, v + 4, i, { size: 10.5, mono: true, fill: "var(--ink-3)", anchor: "end" }),
      tokenLabel(data.tokens[i], { x: columns.tokenX, y: v + 4.5, "font-size": 13,
        style: { "font-weight": one.focus ? 600 : 400, "pointer-events": "none" } }));
    const draw = (x, role, values, kind, n) => {
      surface.cell(x, v - strip / 2, 2, strip, css(view.host, `--${role}`));
      surface.strip(x + 4, v - strip / 2, 46, strip, values, data.limits.stream, calm);
      hits.append(surface.hit(x + 4, v - strip / 2 - 1, 46, strip + 2, { kind, i, n: values.length }, one.focus ? n : undefined));
    };
    draw(columns.embed + 6, "emb", data.embed(i), "embed", 1);
    if (data.additive) {
      draw(columns.position, "pos", data.position(i), "position", 2);
      words.append(text(columns.embed + 62, v + 4, "+", { size: 13, fill: "var(--ink-3)", anchor: "middle" }));
    }
    ribbons.append(svg("path", { d: ribbonPath(across, v, flats(i)), style: { fill: wash("resid", one.focus ? 62 : 26) } }));
    if (order === 0) hits.append(surface.hit(columns.stream - 8, v - 8, 8, 16, { kind: "stream", l: 0, i }, 3));
  }
  function flats(i) {
    const list = [[columns.stream - (data.additive ? 8 : 6), columns.start, half(data.entering(0, i))]];
    for (const block of columns.blocks) {
      const { l, x, w } = block, inside = block.open ? flowInside(data, block) : null;
      const [a, b] = inside ? [inside.add, inside.mlpAdd] : [x + w * 0.5, x + w * 0.69];
      const e = half(data.entering(l, i)), m = half(data.mid(l, i)), p = half(data.leaving(l, i)), step = Math.min(12, w * 0.1);
      list.push([x, a, e], [a + step, Math.max(a + step, data.hasMlp ? b - 1 : x + w - 8), m]);
      if (data.hasMlp) list.push([b + step, Math.max(b + step, x + w - 8), p]);
    }
    list.push([columns.end - 2, columns.end, half(data.entering(data.L, i))]);
    return list;
  }

  // ---- blocks
  const edges = [];
  for (const block of columns.blocks) {
    if (block.open && data.whole(block.l)) openBlock(block);
    else closedBlock(block);
    for (const one of lanes.lanes) {
      if (one.focus && block.l)
        hits.append(surface.hit(block.x - 10, one.v - 9, 10, 18, { kind: "stream", l: block.l, i: one.i }, 10 + block.l * 10));
    }
  }
  drawArcEdges();

  function arc(block, h, j, i, u0, u1, strength, width) {
    const from = place(j), d = arcPath(across, u0, from.v, u1, place(i).v), w = data.weight(block.l, h, i, j);
    const path = svg("path", { d, style: { fill: "none", stroke: wash("attn", strength), "stroke-width": width.toFixed(2) } });
    const wide = svg("path", { d, "data-export": "no", style: { fill: "none", stroke: "transparent", "stroke-width": 7 } });
    arcs.append(path);
    const top = Math.min(from.v, place(i).v);
    hits.append(surface.mark(wide, { kind: "arc", l: block.l, h, i, j, w, d, width }, [u0, top, u1 - u0, Math.abs(from.v - place(i).v)]));
  }
  function edgeWords(block, h, x) {
    if (!lanes.many) return;
    const hidden = data.sources(block.l, h, focus.token, data.arc).filter(({ j }) => !place(j).seen);
    const [above, below] = [true, false].map(over => hidden.filter(({ j }) => (place(j).v === lanes.top) === over));
    for (const [v, list] of [[lanes.top, above], [lanes.bottom + 2, below]]) {
      if (!list.length) continue;
      const shown = list.slice(0, block.open ? 4 : 2).map(({ j }) => j).join(" "), more = list.length - (block.open ? 4 : 2);
      edges.push(text(x, v - 3, more > 0 ? `${shown} +${more}` : shown, { size: 9.5, mono: true, fill: "var(--attn-text)" }));
    }
  }
  function drawArcEdges() {
    for (const one of columns.blocks) edgeWords(one, data.chosen(one.l, focus), one.open ? flowInside(data, one).arcs - 4 : one.x);
    words.append(...edges);
  }

  function closedBlock(block) {
    const { l, x, w } = block, h = data.chosen(l, focus), u0 = x + 2, u1 = x + 2 + Math.min(w, FLOW.CLOSED[1]) * 0.49;
    const bar = x + w * 0.667, barW = w < 50 ? 3 : 4;
    if (data.has(l, h))
      for (const { i } of lanes.lanes)
        for (const { j, w: a } of data.sources(l, h, i, data.arc)) arc(block, h, j, i, u0, u1, 20 + a * 70, 0.6 + a * 3.2);
    for (const one of lanes.lanes) {
      if (one.focus) hits.append(surface.hit(u1 - 4, one.v - 6, 8, 12, { kind: "attention", l, h, i: one.i }, 15 + l * 10));
      if (!data.hasMlp) continue;
      const high = Math.max(1, half(data.mlp(l, one.i)) * 2);
      nodes.append(svg("rect", { x: bar, y: one.v - high / 2, width: barW, height: high.toFixed(1), rx: 1,
        style: { fill: "var(--mlp)" } }));
      hits.append(surface.hit(bar - 3, one.v - high / 2 - 3, barW + 6, high + 6, { kind: "mlp", l, i: one.i },
        one.focus ? 17 + l * 10 : undefined));
    }
  }

  function openBlock(block) {
    const { l } = block, h = focus.head, at = flowInside(data, block), base = 10 + l * 10;
    const order = (one, n) => (one.focus ? base + n : undefined);
    for (const one of lanes.lanes) for (const { j, w } of data.sources(l, h, one.i, data.arc)) {
      arc(block, h, j, one.i, at.arcs, at.add - 5, one.focus ? 100 : 16, 0.6 + w * 3);
    }
    const neurons = data.hasMlp ? data.neurons(l, focus.token) : [];
    const top = Math.max(1e-9, ...lanes.lanes.flatMap(one => neurons.map(({ m }) => Math.abs(data.post(l, one.i, m)))));
    for (const one of lanes.lanes) {
      const { i, v, top: up, work } = one;
      // q, k, v
      const high = (work - 2) / 3;
      if (high >= 4) ["q", "k", "v"].forEach((name, n) => {
        const y = up + n * (high + 1), values = data.qkv(name, l, h, i);
        surface.cell(at.X, y, 2, high, css(view.host, `--${name}`));
        surface.strip(at.X + 4, y, 42, high, values, data.limits.head, calm);
        hits.append(surface.hit(at.X + 4, y, 42, high, { kind: "qkv", name, l, h, i, n: values.length }, order(one, 1 + n * 0.1)));
        if (one.focus && high >= 6)
          words.append(text(at.X - 4, y + high - 1.5, name, { mono: true, size: 9.5, fill: `var(--${name}-text)`, anchor: "end" }));
      });
      if (at.clock && work >= 15) {
        nodes.append(clock(at.clock, up + work / 2, Math.min(8, work / 2), i));
        hits.append(surface.hit(at.clock - 8, up, 16, work, { kind: "clock", l, h, i }, order(one, 1.5)));
      }
      // the row of the pattern
      const cell = at.cell, gap = cell >= 6 ? 1 : 0;
      const wide = gap ? cell - gap : cell + 0.2;
      if (cell >= 2)
        for (let j = 0; j <= i; j++) surface.cell(at.matrix + j * cell, up, wide, work, view.seq(data.weight(l, h, i, j)));
      else for (let x = 0; x < (i + 1) * cell; x++) {  // several tokens a pixel: the largest weight among them
        let most = 0;
        for (let j = Math.floor(x / cell); j <= Math.min(i, (x + 1) / cell); j++) most = Math.max(most, data.weight(l, h, i, j));
        surface.cell(Math.round(at.matrix) + x, up, 1, work, view.seq(most));
      }
      hits.append(surface.hit(at.matrix, up, (i + 1) * cell, work, { kind: "cell", l, h, i, n: i + 1 }, order(one, 2)));
      if (one.focus && cell >= 17 && work >= 12) for (let j = 0; j <= i; j++) {
        const w = data.weight(l, h, i, j);
        if (w > 0.04) words.append(svg("text", { class: "m", x: at.matrix + j * cell + (cell - 1) / 2, y: up + work / 2 + 3.5,
          "font-size": 9, "text-anchor": "middle",
          style: { fill: view.on(w), "pointer-events": "none" }, text: weight(w, true) }));
      }
      nodes.append(plus(at.add, v, "attn"));
      hits.append(surface.hit(at.add - 7, v - 7, 14, 14, { kind: "attention", l, h, i }, order(one, 3)));
      // MLP
      if (!data.hasMlp) continue;
      const floor = up + work, mlp = css(view.host, "--mlp"), hair = css(view.host, "--hair");
      neurons.forEach(({ m }, n) => {
        const size = Math.abs(data.post(l, i, m)) / top * work;
        surface.cell(at.mlp + n * 3.7, floor - Math.max(0.8, size), 3, Math.max(0.8, size), size > 1 ? mlp : hair);
      });
      hits.append(surface.hit(at.mlp, up, neurons.length * 3.7, work, { kind: "neuron", l, i, n: neurons.length, neurons }, order(one, 4)));
      const elbow = one.focus ? 100 : 60, mid = up + work / 2;
      nodes.append(svg("path", { d: `M${at.mlpAdd - 9} ${mid}h4c5 0 5 0 5 6V${v - 6}`,
        style: { fill: "none", stroke: wash("mlp", elbow), "stroke-width": one.focus ? 2 : 1.2 } }), plus(at.mlpAdd, v, "mlp"));
      hits.append(surface.hit(at.mlpAdd - 7, v - 7, 14, 14, { kind: "mlp", l, i }, order(one, 5)));
    }
    keyNames(at, l, h);
  }

  /** Three hands: how far RoPE has turned a fast, a slower and a slow pair of q and k at this position. */
  function clock(x, y, r, i) {
    const hands = [[0, r - 1, 1.2], [Math.floor(data.D / 8), r * 0.72, 1.2], [Math.floor(data.D / 4), r * 0.45, 1.6]];
    const tip = ([p, size]) => {
      const a = data.angle(p, i) - Math.PI / 2;
      return `M${x} ${y}l${(Math.cos(a) * size).toFixed(2)} ${(Math.sin(a) * size).toFixed(2)}`;
    };
    return svg("g", {}, svg("circle", { cx: x, cy: y, r, style: { fill: "none", stroke: wash("pos", 35), "stroke-width": 1 } }),
      hands.map(hand => svg("path", { d: tip(hand),
        style: { stroke: "var(--pos)", "stroke-width": hand[2], "stroke-linecap": "round" } })));
  }

  /** Under the last row: which token each column of the pattern is; where they do not all fit, those read most. */
  function keyNames(at, l, h) {
    const read = new Map(data.sources(l, h, focus.token, 0).map(({ j, w }) => [j, w])), y = lanes.lastV + 26, taken = [];
    const all = at.cell >= 11, order = all ? [...Array(data.T).keys()] : [...read.keys()].filter(j => read.get(j) >= data.arc).slice(0, 8);
    for (const j of order) {
      const x = at.matrix + (j + 0.5) * at.cell - 1;
      if (!all && taken.some(other => Math.abs(other - x) < 10)) continue;
      taken.push(x);
      const strong = (read.get(j) ?? 0) >= 0.3;
      words.append(tokenLabel(data.tokens[j], { x, y, "font-size": 10, "text-anchor": "end", transform: `rotate(-50 ${x} ${y})`,
        style: { fill: strong ? "var(--ink)" : "var(--ink-2)", "font-weight": strong ? 600 : 400, "pointer-events": "none" } }, 9));
    }
  }

  // ---- the final norm
  const tick = half(data.entering(data.L, focus.token)) * 2 + 6;
  nodes.append(svg("rect", { x: columns.end - 1, y: F.v - tick / 2, width: 2, height: tick, style: { fill: "var(--ink-3)" } }));
  hits.append(surface.hit(columns.end - 6, F.v - tick / 2 - 2, 12, tick + 4, { kind: "norm", i: focus.token }, 1000));

  // ---- above and below the window
  if (lanes.many) {
    const line = lanes.bottom + 4;
    bands.append(svg("line", { x1: 0, x2: columns.end, y1: line, y2: line, style: { stroke: "var(--hair)", "stroke-width": 1 } }));
    if (lanes.nAbove) words.append(scrollWord(`${count(lanes.nAbove)} above`, lanes.top - 6, -1, "above"));
    if (lanes.nBelow) words.append(scrollWord(`${count(lanes.nBelow)} below`, line + 13, 1, "below"));
  }
  function scrollWord(label, y, by, key) {
    const word = svg("text", { x: 0, y, "font-size": 11, class: "go", style: { fill: "var(--ink-2)" }, text: label,
      role: "button", tabindex: 0, "data-key": key, "aria-label": `${label}: show them` });
    return surface.mark(word, { kind: "scroll", by }, [0, y - 10, 60, 12]);
  }
  const heads = drawHead({ view, data, surface, columns, tiles, head, shapes, text });
  surface.end(bands, ribbons, arcs, nodes, hits, words, heads);
}
