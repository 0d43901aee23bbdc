// Induction: the panel of scores. Bold where a head has a role, thin where it has none.

function scorePanel(view, state, scale, f) {
  const { steps } = view.header, top = PLOT.scoresTop, k = state.k, xs = steps.map(scale.x), dots = [], labels = [];
  const y = value => top + PLOT.scores * (1 - value);
  const out = panelFrame(view, { top, ticks: [0, 0.5, 1], y, scale,
    title: "What the heads look at", unit: "mean share of attention, 0 to 1" });
  const thin = { stroke: "var(--axis)", "stroke-width": 0.75, opacity: 0.6 };
  const line = (value, head, role) => linePath(steps.map((_, n) => [xs[n], y(value(n, head))]),
    { style: role ? { stroke: `var(--${role})`, "stroke-width": 2 } : thin });
  const roles = [[f.isPrevious, f.previous, "one back", "pos"], [f.isInduction, f.induction, "induction", "attn"]];
  for (const bold of [false, true]) for (const head of f.heads) for (const [is, value, , role] of roles) {
    if (is(head) === bold) out.push(line(value, head, bold && role));
  }
  for (const head of f.heads) for (const [is, value, name, role] of roles) {
    if (!is(head)) continue;
    dots.push([y(value(k, head)), `--${role}`]);
    labels.push({ y: y(value(k, head)), name: `${name} ${headName(head)}`, value: weight(value(k, head), true),
      colour: `var(--${role}-text)`, bold: true });
  }
  return { out: [...out, ...lineNames(labels.slice(0, 7), scale.right, top, PLOT.axis)], dots };
}
