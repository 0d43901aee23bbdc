// Residual stream: tokens by places, the way of one token, the norm in focus dimension by dimension, and a second pass without it.
// Shading and hovering repaint here; Python hears of the focus, and of what the second pass is to do.

export default picture(view => {
  const said = view.header.choices, own = (table, name, usual) => (Object.hasOwn(table, name) ? name : usual);
  const state = { cells: own(CELLS, said.cells, "length"), order: ["size", "gain"].includes(said.order) ? said.order : "",
    dim: said.dim === undefined ? null : Number(said.dim), how: view.header.how, like: String(view.header.like) };
  const card = hoverCard(view), bar = promptBar(view, { onPick: token => look(token, null) });
  const grid = residualGrid(view, state, { facts: () => facts, point, pick: look }), path = residualPath(view, { pick: look });
  const legend = scaleLegend(), controls = residualControls(view, state, change);
  const reorder = key => { state.order = key; change(); };
  const vectors = normVectors(view, state, { point: pointDim, pick: pickDim, reorder });
  const trial = normTrial(view, state, { change, card, pick: token => look(token, null) });
  const maths = residualMaths(view), notes = residualNotes(view), twin = residualTwin(view, () => facts);
  const below = el("div", { class: "below" }, maths.node, notes.node);
  const parts = [bar, controls, { node: grid.heads }, grid, legend, path, vectors, trial, { node: below }, twin];
  view.root.append(...parts.map(({ node }) => node), twin.live);
  let facts = null, later = 0;
  view.keep({ remove: () => clearTimeout(later) });

  /** Keys that are held down are told of once. */
  function pickDim(d) {
    state.dim = d;
    view.redraw();
    clearTimeout(later);
    later = setTimeout(change, 180);
  }
  function change() {
    const unless = (usual, value) => (value === usual ? "" : value);
    view.set("choices", { cells: unless("length", state.cells), order: state.order, how: unless("bypass", state.how),
      like: state.how === "token" ? unless("0", state.like) : "", dim: state.dim === null ? "" : String(state.dim) });
    view.redraw();
  }
  function look(token, p) {
    const to = { token, ...(p === null ? {} : facts.towards(p)) };
    if (Object.entries(to).every(([name, value]) => view.focus[name] === value)) return view.redraw();
    view.setFocus(to);
  }

  const entry = ([name, text]) => el("div", {}, el("span", { text: name }), el("span", { class: "num", text }));
  const listed = lines => el("div", { class: "tops" }, lines.map(entry));

  function describe({ n: p, t }) {
    const { hook, write, norm } = facts.places[p], cells = CELLS[state.cells];
    const moments = (mean, variance) => (facts.layered ? `${signed(mean, 3)}, ${few(variance)}` : few(mean ** 2 + variance));
    const spread = moments(facts.mean(p, t), facts.variance(p, t)), given = moments(facts.outMean(p, t), facts.outVariance(p, t));
    const list = listed([["length", few(facts.length(p, t))],
      write && ["added there", `${few(facts.write(p, t))}, cosine ${signed(facts.cosine(p, t))}`],
      [facts.layered ? "mean, variance" : "mean square", spread],
      ["largest |x|", `${few(facts.peak(p, t))} in ${facts.dim(p, t)}, ${Math.round(facts.ratio(p, t))} medians`],
      norm && ["divisor", few(facts.divisor(p, t))],
      norm && ["normed", given]].filter(Boolean));
    const what = `${cells.name.toLowerCase()}, after ${writerWords(view, p)}`, place = tokenSpan(view.header.tokens[t], {}, 10);
    return { value: few(facts[cells.value](p, t)) || "—", place, what, list, hook, index: `[0,${t},:]`,
      shape: norm ? `read by ${norm}` : "no norm reads it" };
  }
  function point(at) {
    grid.mark(at);
    if (at) card.show(describe(at), grid.anchor(at)); else card.hide();
  }
  function pointDim(d) {
    vectors.mark(d);
    maths.update(facts, vectors.dim);
    if (d === null) return card.hide();
    const { x, normalized, out, gain } = view.arrays, { place: p, token: t } = facts.at;
    const list = listed([["divided", normalized[d]], ["gain", gain[d]], ["given", out[d]]].map(([name, v]) => [name, signed(v, 3)]));
    const what = `what the norm reads; ${few(Math.abs(x[d]) / facts.median(p, t))} medians`;
    const { hook } = facts.places[p], index = `[0,${t},${d}]`;
    card.show({ value: signed(x[d], 3), place: `dimension ${d}`, what, list, hook, index }, vectors.anchor(d));
  }
  return {
    draw() {
      const { header, focus, width } = view;
      facts = residualFacts(view);
      bar.update(header.tokens, focus.token, `${count(facts.T)} of ${count(header.n_ctx)} tokens`);
      controls.update();
      grid.update(width);
      legend.update(residualScale(view, state, facts));
      path.update(facts, grid.geometry, focus.token);
      vectors.update(facts, width);
      trial.update(facts, width);
      maths.update(facts, view.arrays.x ? vectors.dim : 0);
      notes.update();
      twin.update();
    },
    name: () => `residual-token${view.focus.token}`,
    csv: () => residualRows(view, facts),
  };
});
