// Home, part 5: the stage names over the wide picture: name, rule, shape, and a small picture of every head.

function drawHead({ view, data, surface, columns, tiles, shapes, text }) {
  const group = svg("g"), { focus } = view, { T, C, H, V } = data, c3 = n => `1×${T}×${n}`;
  const lines = (brief, hook, size) => (shapes ? [hook, size] : [brief]);
  const stage = (x1, x2, name, below, on = false) => {
    group.append(text(x1, 12, name, { weight: on ? 550 : 450, fill: on ? "var(--ink)" : "var(--ink-2)" }),
      svg("line", { x1, x2: x2 - 10, y1: 20.5, y2: 20.5, style: { stroke: on ? "var(--ink)" : "var(--line)", "stroke-width": 1 } }),
      ...below.map((line, n) => text(x1, 34 + n * 13, line, { mono: true, size: 10.5, fill: "var(--ink-3)" })));
  };
  const link = (x, page, label) => {
    if (!data.header.pages[page]) return;
    group.append(svg("a", { href: pageLink(data.header.pages[page], focus), "data-key": `page-${page}`, class: "go",
      on: { click: event => follow(view, event, page) } },
      svg("text", { x, y: 12, "font-size": 12, "text-anchor": "end", style: { fill: "var(--ink-3)" }, text: label })));
  };
  stage(0, columns.embed - 4, "Token", lines(`T = ${count(T)}`, "ids", `1×${T}`));
  stage(columns.embed, (columns.position ?? columns.stream + 6) - 4, "Embed", lines(`${T}×${C}`, "embed", c3(C)));
  if (data.additive) stage(columns.position, columns.stream + 6, "Position", lines(`${T}×${C}`, "pos_embed", c3(C)));

  for (const block of columns.blocks) {
    const { l, x, w } = block, wide = w >= 74, here = l === focus.layer;
    if (block.open) {
      const at = flowInside(data, block);
      const scheme = { alibi: " · ALiBi", rope: " · RoPE", none: "", learned: "", sinusoidal: "" }[data.c.positions];
      stage(x, x + at.attention, `Block ${l} · attention`,
        lines(`head ${focus.head} of ${H}${scheme}`, "q k v, pattern", `q 1×${T}×${H}×${data.D}, pattern 1×${H}×${T}×${T}`), true);
      if (data.hasMlp) stage(at.mlp, x + w + 2, "MLP", lines(`d_mlp ${count(data.M)}`, "post", c3(data.M)), true);
      link(x + at.attention - 10, "attention", "all heads");
    } else {
      stage(x, x + w, wide ? `Block ${l}` : `${l}`, w >= 50 ? lines(`${H} head${H > 1 ? "s" : ""}`, "resid_post", c3(C)) : [], here);
      const button = surface.hit(x - 2, -4, w - 6, 42, { kind: "block", l, pointer: true });
      asButton(button, l, false);
      group.append(button);
    }
    headTiles(block);
  }
  const named = focus.token === T - 1 ? "Next token" : `After token ${focus.token}`;
  stage(columns.list - 40, columns.total + 10, named, lines(`softmax over ${count(V)}`, "logits", `1×${T}×${count(V)}`));
  link(columns.total, "sampling", "sampling");
  return group;

  /** All heads of a block where they fit, smaller if need be; else the chosen one alone. */
  function headTiles({ l, x, w, open }) {
    const room = (open ? flowInside(data, { l, x, w, open }).attention - 6 : w - 6) + 3;
    const step = Math.min(FLOW.TILE_STEP, Math.floor(room / H));
    const chosen = data.chosen(l, focus), all = step >= 12, side = all ? step - 3 : Math.min(FLOW.TILE, w - 4);
    const y = (shapes ? 59 : 46) + (FLOW.TILE - side);
    (all ? [...Array(H).keys()] : [chosen]).forEach((h, n) => {
      const left = x + n * step;
      surface.image(tiles(l, h), left, y, side);
      const hit = surface.hit(left - 1.5, y - 3, side + 3, side + 7, { kind: "tile", l, h, pointer: true });
      asRadio(hit, l, h, focus, chosen);
      group.append(hit);
      if (h === chosen) group.append(svg("rect",
        { x: left, y: y + side + 4, width: side, height: 1.5, style: { fill: "var(--attn)", opacity: open ? 1 : 0.55 } }));
    });
    if (!all && w >= 60) group.append(text(x + side + 5, y + 12, `head ${chosen}`, { size: 10.5, mono: true, fill: "var(--ink-3)" }));
  }
}

/** A head's small picture answers the keyboard: one stop per block, the arrow keys go from head to head. */
function asRadio(hit, l, h, focus, chosen) {
  const on = l === focus.layer && h === focus.head;
  const said = { role: "radio", "aria-checked": on, "aria-label": `Block ${l}, head ${h}` };
  const found = { tabindex: h === chosen ? 0 : -1, "data-key": `head${l}.${h}` };
  for (const [name, value] of Object.entries({ ...said, ...found })) hit.setAttribute(name, value);
}

/** A block's name opens it. */
function asButton(hit, l, open) {
  const said = { role: "button", "aria-label": `Open block ${l}`, "aria-expanded": open };
  for (const [name, value] of Object.entries({ ...said, tabindex: 0, "data-key": `block${l}` })) hit.setAttribute(name, value);
}
