// Induction: the panel of losses, and the area that silent heads add to it.

function lossPanel(view, state, scale, f) {
  const { steps, guess, n_vocab } = view.header, top = PLOT.lossTop, a = f.set(state.silent), k = state.k;
  const all = [guess, ...view.arrays.loss, ...view.arrays.silenced.filter(Number.isFinite)], most = Math.max(...all) * 1.06;
  const y = value => top + PLOT.loss * (1 - value / most), xs = steps.map(scale.x);
  const ticks = Array.from({ length: Math.floor(most / 2) + 1 }, (_, n) => 2 * n);
  const out = panelFrame(view, { top, ticks, y, scale, title: "Loss", unit: "nats per token" }), dots = [], labels = [];
  out.push(svg("line", { class: "guess", x1: scale.left, x2: scale.right, y1: y(guess), y2: y(guess) }));

  if (a >= 0) {
    const silent = n => f.silenced(state.way, 1, a, n), known = steps.map((_, n) => n).filter(n => Number.isFinite(silent(n)));
    const upper = known.map(n => [xs[n], y(silent(n))]), lower = known.map(n => [xs[n], y(f.copied(n))]).reverse();
    const area = [...upper, ...lower].map(point => point.map(v => v.toFixed(1)).join(" ")).join("L");
    if (upper.length > 1) out.push(svg("path", { class: "bump", d: `M${area}Z` }));
    out.push(linePath(upper, { class: "line dashed", style: { stroke: "var(--ink)" } }));
    if (Number.isFinite(silent(k))) {
      dots.push([y(silent(k)), "--ink"]);
      labels.push({ y: y(silent(k)), name: "silenced", value: loss(silent(k)), colour: "var(--ink-2)", bold: true });
    }
  }

  const series = [["new tokens", f.fresh, "--resid", "var(--resid-text)", 1.5], ["repeated tokens", f.copied, "--ink", "var(--ink)", 2]];
  for (const [name, value, stroke, colour, width] of series) {
    const points = steps.map((_, n) => [xs[n], y(value(n))]);
    out.push(linePath(points, { style: { stroke: `var(${stroke})`, "stroke-width": width } }));
    dots.push([y(value(k)), stroke]);
    labels.push({ y: y(value(k)), name, value: loss(value(k)), colour, bold: name !== "new tokens" });
  }
  out.push(evenGuess(view, scale, xs[k], y(guess)));
  return { out: [...out, ...lineNames(labels, scale.right, top, PLOT.lossEnd)], dots };
}

/** The name of an even guess's line, clear of the handle's at x: at the end, where the learned curve has left, or above it. */
function evenGuess(view, scale, x, y) {
  const { guess, n_vocab } = view.header, short = `ln ${n_vocab} = ${loss(guess)}`, words = view.phone ? short : `an even guess, ${short}`;
  const wide = 6.2 * words.length, end = scale.right - 4, free = x < end - wide || x > end;
  const at = free ? [end, y + 14] : [x - 8, y - 12];
  return lettering(...at, words, { class: "faint halo", "text-anchor": "end" });
}
