// Residual stream, part 3: the way of the token in focus, on the columns of the grid: the stream as a staircase, what each step
// adds as a bar, and the numbers below.

const CHART = 148, LINE = 18;

function residualPath(view, { pick }) {
  const drawing = svg("svg", { role: "img" }), title = el("h2"), said = el("p", { class: "sub" });
  const node = el("section", { class: "path" }, title, said, drawing);
  let g = null, facts = null;
  drawing.onclick = event => {
    const p = Math.floor((event.clientX - drawing.getBoundingClientRect().left - g.mx) / g.c);
    if (p >= 0 && p < facts.P) pick(view.focus.token, p);
  };

  /** Corners of the stream: it changes where something is added and, in a post-norm model, at the norm half way to the next. */
  function stairs(t, x, y, length, entering) {
    const out = [];
    for (let p = 0; p < facts.P; p++) {
      if (p) {
        const middle = (x(p - 1) + x(p)) / 2, from = entering ? entering(p, t) : length(p - 1, t);
        const base = Number.isFinite(from) ? from : length(p, t);
        out.push([middle, y(length(p - 1, t))], [middle, y(base)], [x(p), y(base)]);
      }
      out.push([x(p), y(length(p, t))]);
    }
    return out;
  }
  const line = points => `M${points.map(pair => pair.map(v => v.toFixed(1)).join(" ")).join("L")}`;

  /** Whether the second pass has another stream there than the first. */
  const differs = (p, t) => Math.abs(facts.again(p, t) - facts.length(p, t)) > 1e-4 * facts.length(p, t);

  function chart(t) {
    const { mx, c } = g, x = p => mx + (p + 0.5) * c, right = mx + facts.P * c, again = facts.again && facts.at.token === t;
    let top = facts.top ?? 1e-9;  // of another picture on the same scale
    for (let p = 0; p < facts.P; p++) top = Math.max(top, facts.length(p, t), facts.write(p, t) || 0);
    const high = Math.max(top, again ? Math.min(1.5 * top, Math.max(...facts.places.map((_, p) => facts.again(p, t)))) : 0);
    const y = v => CHART - 4 - (Math.min(v, high * 1.02) / high) * (CHART - 26), out = [];
    for (const value of [0, top]) {
      const style = { stroke: value ? "var(--hair)" : "var(--axis)" };
      out.push(svg("line", { x1: mx, x2: right, y1: y(value), y2: y(value), style }),
        word(value ? few(value) : "0", mx - 6, y(value) + 3.5, 10, { class: "m", "text-anchor": "end", ...faint }));
    }
    const last = facts.P - 1, stream = stairs(t, x, y, facts.length, facts.entering);
    const corners = [[mx, y(facts.length(0, t))], ...stream, [right, y(facts.length(last, t))]];
    out.push(svg("path", { d: `${line(corners)}L${right} ${y(0)}L${mx} ${y(0)}Z`, style: { fill: wash("resid", 26) } }),
      svg("path", { d: line(corners), class: "way" }));
    const wide = Math.max(2, Math.min(12, c / 4));
    for (let p = 0; p < facts.P; p++) {
      const value = p ? facts.write(p, t) : facts.length(0, t), at = y(value);
      if (Number.isFinite(value)) out.push(svg("rect", { x: x(p) - wide / 2, y: at, width: wide, height: y(0) - at,
        style: { fill: `var(--${ROLES[facts.places[p].step]})` } }));
    }
    const from = again ? facts.places.findIndex((_, p) => differs(p, t)) : -1;
    if (from >= 0) {
      const end = facts.again(last, t), name = `second pass ${few(end)}${end > high * 1.02 ? " ↑" : ""}`;
      const steps = stairs(t, x, y, facts.again).slice(from ? 4 * from - 1 : 0);
      out.push(svg("path", { class: "again", d: line([...steps, [right, y(end)]]) }),
        word(name, right, y(end) - 5, 10.5, { class: "m", "text-anchor": "end", ...quiet }));
    }
    const band = { x: mx + facts.place() * c, y: 0, width: c, height: g.high, style: { fill: "var(--well)" } };
    return facts.place() < 0 ? out : [svg("rect", band), ...out];
  }

  function kinds(t) {
    const each = facts.each && facts.places.map((_, p) => facts.each(p, t));
    return [["length", p => few(facts.length(p, t))],
      ["added", p => few(facts.write(p, t))],
      ["cosine", p => signed(facts.cosine(p, t))],
      facts.added && ["to the end", p => signed(facts.along(p, t), g.c < 46 ? 1 : 2)],
      ["divisor", p => few(facts.divisor(p, t))],
      each && ["bypassed", p => (Number.isFinite(each[p]) ? pct(each[p]) : ""), each]].filter(Boolean);
  }

  function numbers(t) {
    const { mx, c } = g, small = c < 46;
    return kinds(t).flatMap(([name, show, bars], row) => {
      const y = CHART + 18 + row * LINE, bar = { y: y + 5, height: 3 }, room = Math.max(1, c - 10);
      return [word(name, 0, y, 11, faint), ...facts.places.flatMap((_, p) => {
        const text = show(p).replace("not a number", ""), x = mx + p * c, on = p === facts.place();
        const style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 600 : 400 };
        const level = bars && Number.isFinite(bars[p]) && Math.max(1, room * bars[p]);
        return [text && word(text, x + c - 5, y, small ? 9.5 : 11, { class: "m", "text-anchor": "end", style }),
          level && svg("rect", { ...bar, x: x + 5, width: room, style: { fill: on ? "var(--line)" : "var(--well)" } }),
          level && svg("rect", { ...bar, x: x + 5, width: level, style: { fill: "var(--prob)" } })];
      })].filter(Boolean);
    });
  }

  /** What the rows are; the sum of what is added along the end, or why there is none. */
  function words(t, rows) {
    const end = facts.P - 1, { answer, before } = view.arrays, out = [];
    out.push("Grey is the stream, a bar what was added there. ");
    if (!rows) return [...out, "Its numbers have no room here: point at the grid, or open the table at the end."];
    if (facts.added) {
      let sum = 0;
      for (let p = 0; p < facts.P; p++) sum += facts.along(p, t);
      const [total, length] = [signed(sum), signed(facts.length(end, t))];
      out.push(`“To the end” is what each step adds to the final length: the sum is ${total}, the length ${length}. `);
    } else out.push("This model is post-norm: each sum is normed at once (where the line drops), so the stream is no running sum. ");
    if (facts.each && answer) {
      out.push("“Bypassed” is the probability of ", tokenSpan(view.header.words[answer[t]], {}, 14),
        ` when the norm that reads the stream there is left out: as it is, ${pct(before[t])}. `);
    } else if (answer) out.push("What each norm is worth is not worked out for a text this long: choose one. ");
    if (facts.again && facts.at.token === t && facts.places.some((_, p) => differs(p, t))) out.push("Dashed is the second pass below.");
    return out;
  }

  return {
    node,
    update(made, geometry, t) {
      facts = made;
      g = geometry;
      const rows = g.c >= 30 ? kinds(t).length : 0;
      g = { ...geometry, high: CHART + (rows ? 18 + (rows - 1) * LINE + 12 : 4) };
      title.replaceChildren("The way of ", tokenSpan(view.header.tokens[t], {}, 16));
      said.replaceChildren(...words(t, rows));
      fill(drawing, { width: g.width, height: g.high }, []);
      const lengths = facts.places.map((_, p) => few(facts.length(p, t))).join(", ");
      drawing.setAttribute("aria-label", `Length of the stream by place: ${lengths}.`);
      drawing.replaceChildren(...chart(t), ...(rows ? numbers(t) : []));
    },
  };
}
