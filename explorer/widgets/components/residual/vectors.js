// Residual stream, part 4: the norm in focus at one token, dimension by dimension: what it reads, what it gives, and what it learned.

const STRIP = 50, LABEL = 18, GAP = 10;

/** state: {order, dim}; `point(d | null)` on hover, `pick(d)` on click. */
function normVectors(view, state, { point, pick, reorder }) {
  const title = el("h2"), drawing = svg("svg", { "aria-hidden": "true" });
  const plot = el("div", { class: "plot", tabindex: 0, role: "group" }, drawing), note = el("p", { class: "sub" });
  const button = (text, key) => el("button", { type: "button", text, on: { click: () => reorder(key) } });
  const orders = [["", button("By number", "")], ["size", button("By |x|", "size")], ["gain", button("By gain", "gain")]];
  const seg = el("div", { class: "seg", role: "group", "aria-label": "Order of the dimensions", "data-export": "no" },
    orders.map(([, made]) => made));
  const node = el("section", { class: "vectors" }, el("div", { class: "titled" }, title, seg), note, plot);
  let facts = null, order = [], hover = null, width = 0;

  const under = event => {
    const i = Math.floor(((event.clientX - plot.getBoundingClientRect().left) / width) * order.length);
    return order[Math.max(0, Math.min(order.length - 1, i))];
  };
  plot.onpointermove = event => point(under(event));
  plot.onpointerleave = () => point(null);
  plot.onclick = event => pick(under(event));
  plot.onkeydown = event => {
    const i = order.indexOf(now()), to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: order.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    hover = null;
    pick(order[Math.max(0, Math.min(order.length - 1, to))]);
    requestAnimationFrame(() => requestAnimationFrame(() => point(now())));
  };
  plot.onblur = () => point(null);

  const now = () => hover ?? chosenDim(view, state);
  const out = d => Math.abs(view.arrays.x[d]) >= view.header.outlier * facts.median(facts.at.place, facts.at.token);

  function arrange() {
    const { x, gain } = view.arrays, key = { size: d => -Math.abs(x[d]), gain: d => -gain[d] }[state.order];
    order = Array.from(x, (_, d) => d);
    if (key) order.sort((a, b) => key(a) - key(b));
  }

  function strip({ name, role, values, said }, i) {
    const top = i * (LABEL + STRIP + GAP), most = values.reduce((best, v) => Math.max(best, Math.abs(v)), 1e-12);
    const room = values.some(v => v < 0) ? STRIP / 2 : STRIP, zero = top + LABEL + room, w = width / order.length;
    const high = v => Math.sign(v) * Math.max(0.5, (Math.abs(v) / most) * room), bars = { plain: [], out: [] };
    order.forEach((d, k) => bars[out(d) ? "out" : "plain"].push(`M${((k + 0.5) * w).toFixed(2)} ${zero}v${(-high(values[d])).toFixed(2)}`));
    const thick = Math.max(0.6, w > 3 ? w - 1 : w * 0.9);
    const path = (key, colour, least = 0) => bars[key].length && svg("path", { d: bars[key].join(""),
      "stroke-width": Math.max(least, thick), style: { stroke: colour, fill: "none" } });
    return [svg("line", { x1: 0, x2: width, y1: zero, y2: zero, style: { stroke: "var(--hair)" } }),
      path("plain", role === "resid" ? wash("resid", 62) : `var(--${role})`), path("out", "var(--ink)", 2),
      word(name, 0, top + 12, 12, { style: { fill: "var(--ink)", "font-weight": 550 } }),
      word(said, width, top + 12, 11, { class: "m", "text-anchor": "end", ...faint })];
  }

  /** The largest few of a vector: 0.21 to 1.42, mean 0.36; largest in 12, 45, 3. */
  function spread(values) {
    const sorted = Array.from(values, (v, d) => [v, d]).sort((a, b) => b[0] - a[0]), sum = values.reduce((a, b) => a + b, 0);
    const ends = `${few(sorted.at(-1)[0])} to ${few(sorted[0][0])} · mean ${few(sum / values.length)}`;
    return view.phone ? ends : `${ends} · largest in ${sorted.slice(0, 3).map(([, d]) => d).join(", ")}`;
  }

  function strips() {
    const { place: p, token: t } = facts.at, { x, normalized, gain, bias, out: given } = view.arrays;
    const moments = (mean, variance) => (facts.layered ? `mean ${signed(mean, 3)} · variance ${few(variance)}`
      : `mean square ${few(mean ** 2 + variance)}`);
    const before = moments(facts.mean(p, t), facts.variance(p, t)), after = moments(facts.outMean(p, t), facts.outVariance(p, t));
    const mean = normalized.reduce((sum, v) => sum + v, 0) / normalized.length;
    const largest = view.phone ? "" : ` · largest |x| ${few(facts.peak(p, t))} in ${facts.dim(p, t)}`;
    return [{ name: "x, what it reads", role: "resid", values: x, said: before + largest },
      { name: `${facts.layered ? "x − mean, " : ""}divided by ${few(facts.divisor(p, t))}`, role: "resid", values: normalized,
        said: moments(mean, normalized.reduce((sum, v) => sum + (v - mean) ** 2, 0) / normalized.length) },
      { name: view.phone ? "gain, learned" : "gain w, learned, the same for every token", role: "axis", values: gain, said: spread(gain) },
      bias && { name: "bias b, learned", role: "axis", values: bias, said: spread(bias) },
      { name: view.phone ? "what it gives" : `times gain${bias ? ", plus bias" : ""}: what it gives`, role: "resid", values: given,
        said: after }]
      .filter(Boolean);
  }

  /** Which dimensions stand out, how far, and whether they do so at other tokens. */
  function outliers() {
    const { place: p, token: t } = facts.at, { x, gain, outlier_tokens: at } = view.arrays, found = order.filter(out);
    const measure = `${view.header.outlier} times the token’s median |x|, here ${few(facts.median(p, t))}`;
    if (!found.length) return `No outlier: no dimension reaches ${measure}.`;
    const squares = x.reduce((sum, v) => sum + v * v, 0), share = found.reduce((sum, d) => sum + x[d] ** 2, 0) / squares;
    const listed = [...found].sort((a, b) => Math.abs(x[b]) - Math.abs(x[a]));
    const medians = d => Math.round(Math.abs(x[d]) / facts.median(p, t));
    const each = listed.slice(0, 4).map(d => `${d} (${medians(d)} medians, at ${at[d]} of ${facts.T} tokens)`);
    const rest = listed.length > 4 ? ` and ${listed.length - 4} more` : "";
    const many = listed.length < 2 ? "dimension holds" : "dimensions hold";
    const average = gain.reduce((sum, v) => sum + v, 0) / gain.length, muted = listed.filter(d => Math.abs(gain[d]) < average / 10);
    const only = muted.length ? ` The gain nearly mutes ${muted.slice(0, 4).join(", ")}, so that they act through the divisor alone.` : "";
    return `In full ink: outliers, from ${measure}. ${found.length} ${many} ${pct(share)} of ‖x‖²: ${each.join(", ")}${rest}.${only}`;
  }

  function draw() {
    const all = strips(), height = all.length * (LABEL + STRIP + GAP) - GAP + 16, d = now();
    const x = (order.indexOf(d) + 0.5) * (width / order.length), right = x > width / 2, end = right ? "end" : "start";
    const top = i => i * (LABEL + STRIP + GAP) + LABEL;
    const line = (_, i) => svg("line", { class: "hair", x1: x, x2: x, y1: top(i), y2: top(i) + STRIP });
    fill(drawing, { width, height }, []);
    drawing.replaceChildren(...all.flatMap(strip).filter(Boolean),
      ...all.map(line), word(`dimension ${d}`, x + (right ? 2 : -2), height - 2, 11, { class: "m", "text-anchor": end }));
  }

  return {
    node,
    mark(d) { hover = d; if (facts && view.arrays.x) draw(); },
    get dim() { return now(); },
    update(made, room) {
      facts = made;
      width = room;
      const { place: p, token: t } = facts.at, shown = Boolean(view.arrays.x);
      seg.hidden = plot.hidden = !shown;
      node.classList.toggle("late", p !== facts.place() || t !== view.focus.token);
      if (!shown) {
        title.textContent = "No norm reads the stream here";
        note.textContent = "This model is post-norm: it normalises after each addition, and the embedding is read as it is.";
        return;
      }
      orders.forEach(([key, made]) => made.setAttribute("aria-pressed", key === state.order));
      title.replaceChildren(`${capital(normWords(view, p))} at `, tokenSpan(view.header.tokens[t], {}, 16),
        `, in its ${count(view.arrays.x.length)} dimensions`);
      arrange();
      note.textContent = outliers();
      plot.setAttribute("aria-label", `${order.length} dimensions, dimension ${now()} chosen. Left and right move to another.`);
      draw();
    },
    /** Where a dimension is on screen, for the card. */
    anchor(d) {
      const box = plot.getBoundingClientRect(), x = box.left + (order.indexOf(d) + 0.5) * (width / order.length);
      return { left: x - 4, right: x + 4, top: box.top + LABEL, bottom: box.top + LABEL + STRIP };
    },
  };
}

/** The dimension chosen, else the one with the largest |x|. */
function chosenDim(view, state) {
  const { x } = view.arrays;
  if (state.dim !== null && state.dim < x.length) return state.dim;
  return x.reduce((best, v, d) => (Math.abs(v) > Math.abs(x[best]) ? d : best), 0);
}
