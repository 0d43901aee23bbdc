// Position lab, part 3: RoPE on one query and one key. The score were they any distance apart; each pair's turn and share.

const DIAL = 34;

function ropePanel(view, card) {
  const chart = chartNode("", hover),
    dials = svg("svg", { class: "dials", role: "img" }),
    said = el("p", { class: "sub" });
  const turned = el("p", { class: "sub" }),
    node = el("div", { class: "rope-panel" }, el("div", {}, chart.node, said), el("div", {}, dials, turned));
  let facts = null,
    key = 0,
    at = null;

  function hover(distance, event) {
    if (distance === null) {
      card.hide();
      return void turn(facts?.distance(key) ?? 0);
    }
    turn(distance);
    const true_ = distance === facts.distance(key);
    card.show(
      {
        value: signed(facts.curve(key)[distance], 3),
        place: `${distance} apart`,
        what: true_ ? "the score at the true distance" : "the score, were this query and key so far apart"
      },
      { left: event.clientX - 2, right: event.clientX + 2, top: event.clientY - 12, bottom: event.clientY + 12 }
    );
  }
  /** The hands of all pairs at a distance; below each what it adds, at the true one. */
  function turn(distance) {
    if (!facts || at === distance) return;
    at = distance;
    const { half, angles } = facts,
      width = view.dialWidth,
      per = Math.max(4, Math.floor(width / DIAL)),
      nodes = [];
    const parts = facts.parts(key),
      most = Math.max(...Array.from(parts, Math.abs), 1e-9);
    for (let i = 0; i < half; i++) {
      const cx = (i % per) * DIAL + DIAL / 2,
        cy = Math.floor(i / per) * (DIAL + 30) + DIAL / 2,
        r = DIAL / 2 - 4,
        angle = distance * angles[i];
      const h = (Math.abs(parts[i]) / most) * 12,
        base = cy + r + 15;
      nodes.push(
        svg("circle", { class: "dial", cx, cy, r }),
        svg("line", { class: "zero", x1: cx, y1: cy, x2: cx, y2: cy - r }),
        svg("line", { class: "hand", x1: cx, y1: cy, x2: cx + r * Math.sin(angle), y2: cy - r * Math.cos(angle) }),
        svg("rect", {
          x: cx - 4,
          width: 8,
          y: parts[i] >= 0 ? base - h : base,
          height: Math.max(0.6, h),
          style: { fill: view.div(parts[i] >= 0 ? 0.8 : -0.8, 1) }
        }),
        svg("line", { x1: cx - 9, x2: cx + 9, y1: base, y2: base, style: { stroke: "var(--axis)" } })
      );
    }
    const rows = Math.ceil(half / per);
    fill(dials, { width, height: rows * (DIAL + 30), "aria-label": `${half} pairs of dimensions turned by ${distance} tokens.` }, []);
    dials.replaceChildren(...nodes);
    const first = ((angles[0] * distance * 180) / Math.PI) % 360,
      last = (angles[half - 1] * distance * 180) / Math.PI;
    turned.textContent =
      `${half} pairs of dimensions, turned by ${distance} × their angle: the first by ${angles[0].toFixed(2)} rad a token `
      + `(${first.toFixed(0)}°), the last by ${tiny(angles[half - 1])} rad `
      + `(${last < 1 ? last.toFixed(2) : last.toFixed(0)}°). Bars: what each pair adds to the score`
      + `${distance === facts.distance(key) ? "." : " at the true distance."}`;
  }
  return {
    node,
    update(width, wide, made, chosen) {
      facts = made;
      key = chosen;
      at = null;
      node.style.gridTemplateColumns = wide ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      const w = wide ? (width - 36) / 2 : width,
        curve = facts.curve(key),
        d = facts.distance(key);
      view.dialWidth = w;
      const mark = d < facts.N ? { at: d, value: curve[d] } : null;
      chart.draw(
        w,
        210,
        { lines: [{ values: curve, cls: "own" }], mark, xName: "tokens apart", n: facts.N },
        `Score by distance, ${signed(curve[0])} at 0; at the true distance ${d} it is ${signed(facts.rope(key))}.`
      );
      said.replaceChildren(
        "score of ",
        el("span", { class: "q", text: "q" }),
        " of ",
        tokenSpan(facts.token(facts.t - 1), {}, 12),
        " and ",
        el("span", { class: "k", text: "k" }),
        " of ",
        tokenSpan(facts.token(key), {}, 12),
        ", were they any number of tokens apart; the dot is where they stand"
      );
      turn(d);
    }
  };
}

const tiny = x => (x >= 0.01 ? x.toFixed(2) : rate(x));
