// Logit lens, part 3: the way of the answer at the token in focus, on the columns of the grid: a line, and its numbers below.

const CHART = 74, LINE = 17;

function lensPath(view) {
  const drawing = svg("svg", { role: "img" }), title = el("h2"), node = el("section", { class: "path" }, title, drawing);

  function chart(facts, g, t) {
    const x = i => g.mx + (i + 0.5) * g.c, y = p => 6 + (1 - p) * (CHART - 12), end = g.mx + g.shown.length * g.c, out = [];
    for (const share of [0, 0.5, 1]) {
      out.push(svg("line", { x1: g.mx, x2: end, y1: y(share), y2: y(share), style: { stroke: share ? "var(--hair)" : "var(--axis)" } }),
        word(share === 0.5 ? "0.5" : `${share}`, g.mx - 6, y(share) + 3.5, 10, { class: "m", "text-anchor": "end",
          style: { fill: "var(--ink-3)" } }));
    }
    if (!facts.has(t)) return out;
    const points = g.shown.map((n, i) => [x(i), y(facts.p(n, t))]), stays = facts.stays(t);
    const marked = stays < 0 ? -1 : g.shown.find(n => n >= stays);
    out.push(svg("path", { d: `M${points.map(pair => pair.map(v => v.toFixed(1)).join(" ")).join("L")}`, class: "way" }));
    g.shown.forEach((n, i) => out.push(svg("circle", { cx: points[i][0], cy: points[i][1], r: n === marked ? 4 : 2.5,
      style: { fill: "var(--prob)" } })));
    return out;
  }

  function numbers(facts, g, t) {
    const small = g.c < 52;
    const kinds = [["probability", n => (facts.has(t) ? (small ? pct : fineProb)(facts.p(n, t)) : "—")],
      ["rank", n => (facts.has(t) ? count(facts.rank(n, t)) : "—")],
      ["entropy, nats", n => signed(facts.entropy(n, t))], ["KL, nats", n => signed(facts.kl(n, t), small ? 1 : 2)]];
    const short = { probability: "p", "entropy, nats": "entropy", "KL, nats": "KL" };
    if (g.c < 36) return { nodes: [], rows: 0 };
    const nodes = kinds.flatMap(([name, show], row) => {
      const y = CHART + 16 + row * LINE;
      return [word(g.mx < 78 ? short[name] ?? name : name, 0, y, 11, { style: { fill: "var(--ink-3)" } }),
        ...g.shown.map((n, i) => word(show(n), g.mx + i * g.c + 6, y, small ? 10 : 11, { class: "m", style: { fill: "var(--ink-2)" } }))];
    });
    return { nodes, rows: kinds.length };
  }

  return {
    node,
    update(facts, g, t) {
      const list = numbers(facts, g, t), height = CHART + (list.rows ? 22 + (list.rows - 1) * LINE : 4);
      title.replaceChildren(...(facts.has(t) ? ["The way of ", tokenSpan(facts.answerWord(t), {}, 16), ", after ",
        tokenSpan(view.header.tokens[t], {}, 16)]
        : ["The text ends here, so nothing is followed"]));
      fill(drawing, { width: g.width, height }, []);
      drawing.setAttribute("aria-label", facts.has(t)
        ? `Probability of ${tokenText(facts.answerWord(t))} by depth: ${g.shown.map(n => fineProb(facts.p(n, t))).join(", ")}.`
        : "No answer to follow.");
      drawing.replaceChildren(...chart(facts, g, t), ...list.nodes);
    },
  };
}
