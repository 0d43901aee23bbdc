// Logit lens: tokens by depths, each cell what the model would say if it stopped there. Shading, hovering and the token in
// focus repaint here; Python hears of the focus and of the token that is followed.

export default picture(view => {
  const said = view.header.choices, shade = Object.hasOwn(SHADES, said.shade) ? said.shade : "prob";
  const state = { shade, places: ["every", "blocks"].includes(said.places) ? said.places : "", answer: SAYS, depth: null };
  const card = hoverCard(view), bar = promptBar(view, { onPick: token => look(token, null) });
  const grid = lensGrid(view, state, { facts: () => facts, now: resting, point, pick: look });
  const path = lensPath(view), legend = scaleLegend();
  const controls = lensControls(view, state, { change, typed: text => view.send("typed", { text }) });
  const maths = lensMaths(view), notes = lensNotes(view), twin = lensTwin(view, () => facts);
  const below = el("div", { class: "below" }, maths.node, notes.node);
  view.root.append(bar.node, controls.node, grid.heads, grid.node, legend.node, path.node, below, twin.node, twin.live);
  let facts = null, heard = null;

  function change() {
    const unless = (usual, value) => (value === usual ? "" : value);
    view.set("choices", { shade: unless("prob", state.shade), places: state.places, answer: unless(SAYS, state.answer) });
    view.redraw();
  }
  function look(token, n) {
    state.depth = n;
    if (token === view.focus.token) return view.redraw();
    view.setFocus({ token });
  }
  /** The depth to speak of when none is pointed at: the one chosen, else where the answer comes to stay, else the end. */
  function resting() {
    const t = view.focus.token, stays = facts.stays(t), shown = grid.geometry.shown, n = state.depth ?? (stays < 0 ? facts.N - 1 : stays);
    return { t, n: shown.includes(n) ? n : shown.find(at => at >= n) ?? facts.N - 1 };
  }

  function describe({ n, t }) {
    const { depths, tokens } = view.header, has = facts.has(t), from = tokenSpan(tokens[t], {}, 8);
    const line = (_, i) => el("div", {}, tokenSpan(facts.word(facts.top(n, t, i)), {}, 14),
      el("span", { class: "num", text: fineProb(facts.topP(n, t, i)) }));
    const list = el("div", { class: "tops" }, has && spark(t, n), Array.from({ length: Math.min(3, facts.listed) }, line));
    const place = has ? el("span", {}, from, " → ", tokenSpan(facts.answerWord(t), {}, 8)) : from;
    const what = has ? `probability of the answer after ${depthWords(view, n)}: rank ${count(facts.rank(n, t))} of ${count(facts.V)}`
      : `after ${depthWords(view, n)}; the text ends here, so nothing is followed`;
    return { value: has ? fineProb(facts.p(n, t)) : "—", place, what, list, hook: depths[n].hook, index: `[0,${t},:]`,
      shape: `entropy ${signed(facts.entropy(n, t))} nats · KL to the end ${signed(facts.kl(n, t))}` };
  }
  /** The way of the answer along the depth in small. */
  function spark(t, n) {
    const width = 180, x = i => 3 + (i * (width - 6)) / Math.max(1, facts.N - 1), y = p => 25 - 22 * p;
    const points = Array.from({ length: facts.N }, (_, i) => `${x(i).toFixed(1)} ${y(facts.p(i, t)).toFixed(1)}`);
    return svg("svg", { width, height: 30, "aria-hidden": "true" },
      svg("line", { x1: 0, x2: width, y1: 25.5, y2: 25.5, style: { stroke: "var(--hair)" } }),
      svg("path", { class: "way", d: `M${points.join("L")}` }),
      svg("circle", { cx: x(n), cy: y(facts.p(n, t)), r: 3, style: { fill: "var(--prob)" } }));
  }

  function point(at) {
    grid.mark(at);
    const { n, t } = at ?? resting();
    maths.update(facts, n, t);
    if (at) card.show(describe(at), grid.anchor(at)); else card.hide();
  }
  return {
    draw() {
      const { header, focus, width } = view;
      if (heard !== (header.choices.answer ?? "")) state.answer = (heard = header.choices.answer ?? "") || SAYS;
      facts = lensFacts(view, state);
      bar.update(header.tokens, focus.token, `${count(facts.T)} of ${count(header.n_ctx)} tokens`);
      controls.update(facts);
      grid.update(width);
      legend.update(lensScale(view, state, facts));
      path.update(facts, grid.geometry, focus.token);
      const at = resting();
      maths.update(facts, at.n, at.t);
      notes.update();
      twin.update();
    },
    name: () => `logit-lens-token${view.focus.token}`,
    csv: () => lensRows(view, state, facts),
  };
});
