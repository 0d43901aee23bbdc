// Home, part 8: the same sentence turned, for a phone: tokens are columns, blocks are bands of 92.

const TALL = { BAND: 92, STEP: 44, GAP: 12 };
/** How many columns, the pinned one among them, fit beside one another. */
const tallFit = width => Math.max(2, Math.floor((width - TALL.GAP) / TALL.STEP));

/** Columns for tokens: all of them while they fit, above that a window that scrolls sideways, the focus pinned at the right. */
function tallLanes(data, focus, first, width) {
  const many = data.T * TALL.STEP > width, fit = tallFit(width), step = many ? (width - TALL.GAP) / fit : width / data.T;
  const size = many ? fit - 1 : data.T;
  const listed = Array.from({ length: data.T }, (_, i) => i).filter(i => !many || i !== focus);
  first = clamp(0, first, Math.max(0, listed.length - size));
  const shown = listed.slice(first, first + size), lanes = shown.map((i, n) => ({ i, v: (n + 0.5) * step }));
  if (many) lanes.push({ i: focus, v: width - step / 2, pinned: true });
  for (const one of lanes) one.focus = one.i === focus;
  const byToken = new Map(lanes.map(one => [one.i, one])), right = shown.length * step;
  return {
    many, lanes, step, first, size, listed, right, nAbove: first, nBelow: listed.length - first - shown.length,
    focus: byToken.get(focus), ribbon: 24,
    place: i => (byToken.has(i) ? { v: byToken.get(i).v, seen: true } : { v: i < shown[0] ? 0 : right + 2, seen: false }),
  };
}

function tallHeight(data) { return (data.additive ? 96 : 72) + data.L * TALL.BAND + 6; }

function drawTall({ view, data, surface, lanes, tiles, width, shapes }) {
  const { focus } = view, { place, step } = lanes, start = data.additive ? 74 : 50, top0 = start + 22, wide = Math.min(44, step - 8);
  const half = length => Math.max(0.5, length * Math.min(lanes.ribbon, step * 0.5) / data.longest / 2);
  const bands = svg("g"), ribbons = svg("g"), rules = svg("g"), arcs = svg("g"), hits = svg("g"), nodes = svg("g"), words = svg("g");
  const say = (x, y, s, { size = 12, mono = false, fill = "var(--ink)", weight: w = 400, anchor } = {}) =>
    svg("text", { x, y, class: mono ? "m" : undefined, "font-size": size, "text-anchor": anchor,
      style: { fill, "font-weight": w, "pointer-events": "none" }, text: s });
  const bottom = top0 + data.L * TALL.BAND - 8, letters = Math.max(2, Math.floor(step / 8));

  for (const one of lanes.lanes) {
    const { i, v } = one;
    bands.append(surface.hit(v - step / 2, 0, step, bottom, { kind: "row", i, pointer: true }));
    words.append(tokenLabel(data.tokens[i], { x: v, y: 14, "font-size": 13, "text-anchor": "middle",
      style: { "font-weight": one.focus ? 600 : 400, "pointer-events": "none" } }, letters));
    const draw = (y, role, values, kind) => {
      surface.cell(v - wide / 2, y, wide, 2, css(view.host, `--${role}`));
      surface.strip(v - wide / 2, y + 4, wide, 12, values, data.limits.stream, lanes.many ? 0.7 : 1);
      hits.append(surface.hit(v - wide / 2, y, wide, 16, { kind, i, n: values.length }, one.focus ? y : undefined));
    };
    draw(26, "emb", data.embed(i), "embed");
    if (data.additive) draw(50, "pos", data.position(i), "position");
    const ribbon = flats =>
      ribbons.append(svg("path", { d: ribbonPath(downwards, v, flats), style: { fill: wash("resid", one.focus ? 62 : 26) } }));
    ribbon([[start, top0 - 9, half(data.entering(0, i))]]);
    for (let l = 0; l < data.L; l++) {  // a piece for each band: it passes behind the row of heads
      const y = top0 + l * TALL.BAND, piece = [[y + 21, y + 50, half(data.entering(l, i))], [y + 58, y + 64, half(data.mid(l, i))]];
      if (data.hasMlp) piece.push([y + 72, y + 83, half(data.leaving(l, i))]);
      else piece.push([y + 65, y + 83, half(data.leaving(l, i))]);
      ribbon(piece);
    }
  }
  if (shapes) words.append(fill(say(0, start + 6, `embed 1×${data.T}×${data.C}`, { size: 10.5, mono: true, fill: "var(--ink-3)" }),
    { class: "m halo" }, []));

  for (let l = 0; l < data.L; l++) {
    const y = top0 + l * TALL.BAND, open = l === focus.layer, h = data.chosen(l, focus);
    rules.append(svg("line", { x1: 0, x2: width, y1: y - 8.5, y2: y - 8.5,
      style: { stroke: open ? "var(--ink)" : "var(--hair)", "stroke-width": 1 } }));
    words.append(say(0, y + 10, `Block ${l}`, { weight: open ? 550 : 450, fill: open ? "var(--ink)" : "var(--ink-2)" }));
    if (shapes) words.append(say(52, y + 10, `resid_post 1×${data.T}×${data.C}`, { size: 10.5, mono: true, fill: "var(--ink-3)" }));
    const button = surface.hit(0, y - 8, width / 2, 29, { kind: "block", l, pointer: true });
    asButton(button, l, open);
    words.append(button);
    headRow(l, h, y);
    if (data.has(l, h)) for (const { i } of lanes.lanes) for (const { j, w } of data.sources(l, h, i, data.arc)) {
      const d = arcPath(downwards, y + 22, place(j).v, y + 56, place(i).v), thick = 0.8 + w * 3;
      arcs.append(svg("path", { d, style: { fill: "none", stroke: wash("attn", 25 + w * 70), "stroke-width": thick.toFixed(1) } }));
      hits.append(surface.mark(svg("path", { d, "data-export": "no", style: { fill: "none", stroke: "transparent", "stroke-width": 12 } }),
        { kind: "arc", l, h, i, j, w, d, width: thick },
        [Math.min(place(i).v, place(j).v), y + 22, Math.abs(place(i).v - place(j).v), 34]));
    }
    const read = lanes.many && data.has(l, h) ? data.sources(l, h, focus.token, data.arc) : [];
    const far = read.filter(({ j }) => !place(j).seen && place(j).v === 0);
    if (far.length) words.append(svg("text", { x: 0, y: y + 80, class: "m halo", "font-size": 9.5, style: { fill: "var(--attn-text)" },
      text: far.length > 1 ? `${far[0].j} +${far.length - 1}` : far[0].j }));
    for (const one of lanes.lanes) {
      if (one.focus) hits.append(surface.hit(one.v - 12, y + 50, 24, 12, { kind: "attention", l, h, i: one.i }, 100 + l * 10));
      if (!data.hasMlp) continue;
      const long = Math.max(1, half(data.mlp(l, one.i)) * 2);
      nodes.append(svg("rect", { x: one.v - long / 2, y: y + 66, width: long.toFixed(1), height: 4, rx: 1,
        style: { fill: "var(--mlp)" } }));
      hits.append(surface.hit(one.v - long / 2 - 4, y + 63, long + 8, 12, { kind: "mlp", l, i: one.i },
        one.focus ? 105 + l * 10 : undefined));
    }
  }
  const tick = half(data.entering(data.L, focus.token)) * 2 + 6;
  nodes.append(svg("rect", { x: lanes.focus.v - tick / 2, y: bottom - 1, width: tick, height: 2, style: { fill: "var(--ink-3)" } }));
  hits.append(surface.hit(lanes.focus.v - tick / 2, bottom - 6, tick, 12, { kind: "norm", i: focus.token }, 9999));
  if (lanes.many) {
    rules.prepend(svg("line", { x1: lanes.right + 5, x2: lanes.right + 5, y1: 0, y2: bottom,
      style: { stroke: "var(--hair)", "stroke-width": 1 } }));
  }
  surface.end(bands, ribbons, rules, arcs, nodes, hits, words);

  function headRow(l, chosen, y) {
    const fit = Math.max(1, Math.floor((width - 90) / 22)), shown = fit >= data.H ? [...Array(data.H).keys()] : [chosen];
    shown.forEach((h, n) => {
      const x = width - shown.length * 22 + n * 22 + 2;
      surface.image(tiles(l, h), x, y - 3, 18);
      const hit = surface.hit(x - 2, y - 8, 22, 29, { kind: "tile", l, h, pointer: true });
      asRadio(hit, l, h, focus, chosen);
      words.append(hit);
      if (h === chosen) words.append(svg("rect",
        { x, y: y + 17, width: 18, height: 1.5, style: { fill: "var(--attn)", opacity: l === focus.layer ? 1 : 0.55 } }));
    });
    if (shown.length < data.H)
      words.append(say(width - 26, y + 10, `head ${chosen} of ${data.H}`, { size: 10.5, mono: true, fill: "var(--ink-3)", anchor: "end" }));
  }
}
