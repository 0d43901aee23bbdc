// Induction: the two panels over one time axis, with the handle's line through both.

function curvePanels(view, state) {
  const drawing = svg("svg", { class: "curves", role: "img",
    "aria-label": "Loss and head scores over training steps; the table below holds the numbers." });

  function axis(scale) {
    const { steps, run } = view.header, y = PLOT.axis, x = scale.x(steps[state.k]);
    const apart = scale.ticks.filter(step => Math.abs(scale.x(step) - x) > 30);
    return [svg("line", { class: "rule", x1: scale.left, x2: scale.right, y1: y, y2: y }),
      ...steps.map(step => svg("line", { class: "tick", x1: scale.x(step), x2: scale.x(step), y1: y, y2: y + 5 })),
      ...apart.map(step => lettering(scale.x(step), y + 32, count(step), { class: "m faint", "text-anchor": "middle" })),
      lettering(x, y + 32, count(steps[state.k]), { class: "m", "text-anchor": "middle", style: { "font-weight": 500 } }),
      lettering(scale.right + 24, y + 32, run.steps > steps.at(-1) ? `step, of ${count(run.steps)}` : "step", { class: "faint" })];
  }

  /** Through the panels and not through the caption between them. */
  const now = x => [[PLOT.lossTop - 4, PLOT.lossEnd], [PLOT.scoresTop - 4, PLOT.axis + 12]].map(([y1, y2]) =>
    svg("line", { class: "now", x1: x, x2: x, y1, y2 }));

  return {
    node: drawing,
    update(width) {
      const f = facts(view), end = Math.max(view.header.run.steps, view.header.steps.at(-1), 1);
      const scale = timeScale(end, width, 132, state.stretched), x = scale.x(view.header.steps[state.k]);
      const one = lossPanel(view, state, scale, f), two = scorePanel(view, state, scale, f);
      const dots = [...one.dots, ...two.dots].map(([y, colour]) =>
        svg("circle", { class: "dot", cx: x, cy: y, r: 3.5, style: { fill: `var(${colour})` } }));
      for (const [name, value] of [["width", width], ["height", PLOT.height]]) drawing.setAttribute(name, value);
      drawing.replaceChildren(...one.out, ...two.out, ...axis(scale), ...now(x), ...dots,
        svg("circle", { class: "thumb", cx: x, cy: PLOT.axis + 12, r: 7 }));
      return scale;
    },
  };
}
