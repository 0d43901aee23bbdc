// Neurons, part 4: the activation function itself, and on it a dot for each token of the text.

/** `point(t | null)` on hover, `pick(t)` on click. */
function neuronCurve(view, { point, pick }) {
  const drawing = svg("svg", { role: "img" }), title = el("h2"), sub = el("p", { class: "sub" });
  const node = el("section", { class: "curve" }, title, sub, drawing), HEIGHT = 312, LEFT = 34, FOOT = 34;
  let dots = [], x = null, y = null;

  function axes(width, low, high, floor, top) {
    const out = [], ticks = (from, to) => {
      const step = [0.5, 1, 2, 5, 10, 20, 50, 100].find(one => (to - from) / one <= 6) ?? 200, list = [];
      for (let v = Math.ceil(from / step) * step; v <= to + 1e-9; v += step) list.push(v);
      return list;
    };
    const number = v => (Number.isInteger(v) ? signed(v, 0) : signed(v, 1));
    for (const v of ticks(low, high)) {
      out.push(svg("line", { x1: x(v), x2: x(v), y1: HEIGHT - FOOT, y2: HEIGHT - FOOT + 4, style: { stroke: "var(--axis)" } }),
        word(number(v), x(v), HEIGHT - FOOT + 15, 10, { class: "m", "text-anchor": "middle", ...faint }));
    }
    for (const v of ticks(floor, top)) {
      out.push(svg("line", { x1: LEFT, x2: width, y1: y(v), y2: y(v), style: { stroke: v ? "var(--hair)" : "var(--axis)" } }),
        word(number(v), LEFT - 6, y(v) + 3.5, 10, { class: "m", "text-anchor": "end", ...faint }));
    }
    out.push(svg("line", { x1: x(0), x2: x(0), y1: 4, y2: HEIGHT - FOOT, style: { stroke: "var(--hair)" } }),
      word(view.header.mlp === "swiglu" ? "the gate, before" : "before", width, HEIGHT - 4, 10.5, { "text-anchor": "end", ...faint }),
      word("after", 0, 4, 10.5, faint));
    return out;
  }

  function dot(facts, t) {
    const on = t === view.focus.token, cx = x(facts.pre(t)), cy = y(facts.bent(t));
    const at = svg("circle", { cx, cy, r: on ? 5 : 3.5, class: `dot ${on ? "on" : ""}`, "data-token": t });
    const open = () => point(t);
    fill(at, { on: { pointerenter: open, pointerleave: () => point(null), click: () => pick(t) } }, []);
    return at;
  }

  return {
    node,
    anchor: t => dots[t],
    mark(t) { dots.forEach((one, i) => one.classList.toggle("near", i === t)); },
    update(width, facts) {
      const { curve } = view.arrays, n = curve.shape[1], F = view.focus.token, [name, rule] = BENDS[view.header.mlp];
      const at = i => [curve[i], curve[n + i]], low = curve[0], high = curve[n - 1];
      const heights = Array.from({ length: n }, (_, i) => curve[n + i]), floor = Math.min(-0.3, ...heights), top = Math.max(...heights);
      x = v => LEFT + 6 + ((v - low) / (high - low)) * (width - LEFT - 12);
      y = v => 12 + ((top - v) / (top - floor)) * (HEIGHT - FOOT - 16);
      title.textContent = `${name}: what it reads, and what it makes of it`;
      sub.textContent = facts.gated ? `${name}(x) = ${rule} of the gate; what it gives is that times a second number`
        : `${name}(x) = ${rule}; a dot for each token of the text`;
      const label = `${name} with ${plural(facts.T, "token")} on it; the table has the numbers.`;
      fill(drawing, { width, height: HEIGHT, "aria-label": label }, []);
      const points = Array.from({ length: n }, (_, i) => at(i)).map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`);
      const line = svg("path", { class: "bend", d: `M${points.join("L")}` });
      dots = Array.from({ length: facts.T }, (_, t) => dot(facts, t));
      const fx = x(facts.pre(F)), fy = y(facts.bent(F)), far = fx > width - 110;
      const drop = svg("path", { class: "drop", d: `M${fx} ${HEIGHT - FOOT}V${fy}H${LEFT}` });
      const token = tokenLabel(view.header.tokens[F], { x: far ? fx - 10 : fx + 10, y: fy - 9, "font-size": 12,
        "text-anchor": far ? "end" : "start", class: "m token halo" }, 14);
      drawing.replaceChildren(...axes(width, low, high, floor, top), line, drop, ...dots.filter((_, t) => t !== F), dots[F], token);
    },
  };
}
