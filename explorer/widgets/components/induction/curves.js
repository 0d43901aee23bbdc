// Induction, part 2: the two panels over one time axis. Bold where a head has a role, thin where it has none.

const headName = ([layer, head]) => `L${layer} H${head}`;
const same = (a, b) => Boolean(a && b) && a[0] === b[0] && a[1] === b[1];

const many = n => (n === 2 ? "both" : `all ${n}`);
const GROUPS = { induction: n => `${many(n)} induction heads`, previous: n => `${many(n)} previous-token heads` };

/** Every number of one checkpoint by name, from the arrays. */
function facts(view) {
  const { header, arrays } = view, [L, H] = header.heads, N = L * H, K = header.steps.length, A = header.sets.length;
  const set = key => header.sets.findIndex(one => one.key === key);
  return {
    L, H, N, K, A, set,
    fresh: k => arrays.loss[k], copied: k => arrays.loss[K + k],
    silenced: (way, kind, a, k) => arrays.silenced[((way * 2 + kind) * A + a) * K + k],
    previous: (k, [l, h]) => arrays.previous[k * N + l * H + h],
    induction: (k, [l, h]) => arrays.induction[k * N + l * H + h],
    composition: (k, later, earlier) => {
      const p = header.pairs.findIndex(pair => same(pair, later) && same(pair.slice(2), earlier));
      return p < 0 ? NaN : arrays.composition[k * header.pairs.length + p];
    },
    heads: Array.from({ length: N }, (_, n) => [Math.floor(n / H), n % H]),
    isInduction: head => header.induction.some(one => same(one, head)),
    isPrevious: head => header.previous.some(one => same(one, head)),
    setName: key => {
      const one = header.sets[set(key)];
      if (!one) return "no head";
      return GROUPS[key]?.(one.heads.length) ?? headName(one.heads[0]);
    },
  };
}

function curvePanels(view, state) {
  const drawing = svg("svg", { class: "curves", role: "img" });
  const text = (x, y, words, attributes = {}) => svg("text", { x, y, text: words, "font-size": 11, ...attributes });

  /** Names at line ends, moved apart so that none covers another. */
  function names(labels, right, top, bottom) {
    labels.sort((a, b) => a.y - b.y);
    labels.forEach((label, n) => { label.at = Math.max(label.y, n ? labels[n - 1].at + 14 : top + 4); });
    for (let n = labels.length - 1, floor = bottom + 4; n >= 0; n--) floor = (labels[n].at = Math.min(labels[n].at, floor)) - 14;
    return labels.flatMap(({ at, name, value, colour, bold }) => [
      text(right + 9, at + 4, name, { style: { fill: colour, "font-weight": bold ? 550 : 400 } }),
      text(right + 128, at + 4, value, { class: "m", "text-anchor": "end", style: { fill: "var(--ink)", "font-weight": bold ? 500 : 400 } })]);
  }

  function frame(top, height, ticks, y, scale, title, unit) {
    return [text(0, top - 10, title, { "font-size": 13, "font-weight": 550 }), !view.phone && text(scale.right, top - 10, unit, { "text-anchor": "end", class: "faint" }),
      ...ticks.flatMap(value => [svg("line", { class: "grid", x1: scale.left, x2: scale.right, y1: y(value), y2: y(value) }),
        text(scale.left - 7, y(value) + 4, String(value), { class: "m faint", "text-anchor": "end" })])].filter(Boolean);
  }

  const path = (points, attributes) => {
    let d = "", pen = "M";
    for (const [x, y] of points) { if (Number.isFinite(y)) { d += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`; pen = "L"; } else pen = "M"; }
    return svg("path", { class: "line", d, ...attributes });
  };

  function losses(scale, f) {
    const { header } = view, { steps, guess } = header, top = PLOT.lossTop, a = f.set(state.silent), k = state.k;
    const all = [guess, ...view.arrays.loss, ...view.arrays.silenced.filter(Number.isFinite)], most = Math.max(...all) * 1.06;
    const y = value => top + PLOT.loss * (1 - value / most), ticks = Array.from({ length: Math.floor(most / 2) + 1 }, (_, n) => 2 * n);
    const xs = steps.map(scale.x), silent = n => f.silenced(state.way, 1, a, n), dots = [], labels = [];
    const series = [["new tokens", f.fresh, "--resid", "var(--resid-text)", 1.5], ["repeated tokens", f.copied, "--ink", "var(--ink)", 2]];
    const out = frame(top, PLOT.loss, ticks, y, scale, "Loss", "nats per token");
    out.push(svg("line", { class: "guess", x1: scale.left, x2: scale.right, y1: y(guess), y2: y(guess) }));
    if (a >= 0) {
      const upper = steps.map((_, n) => [xs[n], y(silent(n))]).filter(([, v]) => Number.isFinite(v));
      const lower = steps.map((_, n) => [xs[n], y(f.copied(n))]).filter((_, n) => Number.isFinite(silent(n))).reverse();
      if (upper.length > 1) out.push(svg("path", { class: "bump", d: `M${[...upper, ...lower].map(p => p.map(v => v.toFixed(1)).join(" ")).join("L")}Z` }));
      out.push(path(upper, { class: "line dashed", style: { stroke: "var(--ink)" } }));
      if (Number.isFinite(silent(k))) {
        dots.push([y(silent(k)), "--ink"]);
        labels.push({ y: y(silent(k)), name: "silenced", value: loss(silent(k)), colour: "var(--ink-2)", bold: true });
      }
    }
    for (const [name, value, stroke, colour, width] of series) {
      out.push(path(steps.map((_, n) => [xs[n], y(value(n))]), { style: { stroke: `var(${stroke})`, "stroke-width": width } }));
      dots.push([y(value(k)), stroke]);
      labels.push({ y: y(value(k)), name, value: loss(value(k)), colour, bold: name !== "new tokens" });
    }
    const even = `${view.phone ? "" : "an even guess, "}ln ${header.n_vocab} = ${loss(guess)}`;
    out.push(text(scale.right - 4, y(guess) + 14, even, { class: "faint halo", "text-anchor": "end" }));  // where the learned curve has left
    return { out: [...out, ...names(labels, scale.right, top, top + PLOT.loss)], dots };
  }

  function scores(scale, f) {
    const { steps } = view.header, top = PLOT.scoresTop, y = value => top + PLOT.scores * (1 - value), k = state.k, dots = [], labels = [];
    const out = frame(top, PLOT.scores, [0, 0.5, 1], y, scale, "What the heads look at", "mean share of attention, 0 to 1"), xs = steps.map(scale.x);
    const line = (value, head, role) => path(steps.map((_, n) => [xs[n], y(value(n, head))]),
      { style: role ? { stroke: `var(--${role})`, "stroke-width": 2 } : { stroke: "var(--axis)", "stroke-width": 0.75, opacity: 0.6 } });
    for (const bold of [false, true]) for (const head of f.heads) {
      if (f.isPrevious(head) === bold) out.push(line(f.previous, head, bold && "pos"));
      if (f.isInduction(head) === bold) out.push(line(f.induction, head, bold && "attn"));
    }
    for (const head of f.heads) for (const [is, value, name, role] of [[f.isPrevious, f.previous, "one back", "pos"], [f.isInduction, f.induction, "induction", "attn"]]) {
      if (!is(head)) continue;
      dots.push([y(value(k, head)), `--${role}`]);
      labels.push({ y: y(value(k, head)), name: `${name} ${headName(head)}`, value: weight(value(k, head), true), colour: `var(--${role}-text)`, bold: true });
    }
    return { out: [...out, ...names(labels.slice(0, 7), scale.right, top, PLOT.axis)], dots };
  }

  function axis(scale) {
    const { steps, run } = view.header, y = PLOT.axis, x = scale.x(steps[state.k]);
    return [svg("line", { class: "rule", x1: scale.left, x2: scale.right, y1: y, y2: y }),
      ...steps.map(step => svg("line", { class: "tick", x1: scale.x(step), x2: scale.x(step), y1: y, y2: y + 5 })),
      ...scale.ticks.filter(step => Math.abs(scale.x(step) - x) > 30).map(step => text(scale.x(step), y + 32, count(step), { class: "m faint", "text-anchor": "middle" })),
      text(x, y + 32, count(steps[state.k]), { class: "m", "text-anchor": "middle", style: { "font-weight": 500 } }),
      text(scale.right + 24, y + 32, run.steps > steps.at(-1) ? `step, of ${count(run.steps)}` : "step", { class: "faint" })];
  }

  return {
    drawing, node: drawing,
    update(width) {
      const f = facts(view), end = Math.max(view.header.run.steps, view.header.steps.at(-1), 1);
      const scale = timeScale(end, width, 132, state.stretched), x = scale.x(view.header.steps[state.k]);
      const one = losses(scale, f), two = scores(scale, f);
      for (const [name, value] of [["width", width], ["height", PLOT.height]]) drawing.setAttribute(name, value);
      drawing.setAttribute("aria-label", "Loss and head scores over training steps; the table below holds the numbers.");
      drawing.replaceChildren(...one.out, ...two.out, ...axis(scale), svg("line", { class: "now", x1: x, x2: x, y1: PLOT.lossTop - 4, y2: PLOT.axis + 12 }),
        ...[...one.dots, ...two.dots].map(([y, colour]) => svg("circle", { class: "dot", cx: x, cy: y, r: 3.5, style: { fill: `var(${colour})` } })),
        svg("circle", { class: "thumb", cx: x, cy: PLOT.axis + 12, r: 7 }));
      return scale;
    },
  };
}
