// Neurons: all of them on a wall, one of them on the text. Shading, hovering and the token in focus repaint here; Python hears
// of the token and of the neuron chosen.

export default picture(view => {
  const said = view.header.choices;
  const state = { shade: Object.hasOwn(SHADES, said.shade) ? said.shade : "post", note: "" };
  const card = hoverCard(view), pick = token => view.setFocus({ token });
  const bar = promptBar(view, { onPick: pick });
  const controls = neuronControls(view, state, { change: () => tell(), choose: typed });
  const wall = neuronWall(view, state, { point: at => overWall(at), pick: at => choose(at) });
  const values = neuronValues(view, { point: t => overToken(t, values), pick });
  const curve = neuronCurve(view, { point: t => overToken(t, curve), pick });
  const lists = neuronLists(view), without = neuronWithout(view);
  const maths = neuronMaths(view), notes = neuronNotes(view), twin = neuronTwin(view);
  const right = el("div", { class: "right" }, lists.node, without.node), two = el("div", { class: "two part" }, curve.node, right);
  const below = el("div", { class: "below" }, maths.node, notes.node);
  view.root.append(bar.node, controls.node, wall.node, wall.legend, values.node, two, below, twin.node, twin.live);
  let facts = null, asked = null, shown = "", timer = 0;

  function tell() {
    view.set("choices", { shade: state.shade === "post" ? "" : state.shade, neuron: asked ?? view.header.choices.neuron ?? "" });
    view.redraw();
  }
  /** At once on the wall, and after a pause in Python: the keyboard may walk over many. */
  function choose(place) {
    asked = nameOf(place);
    state.note = "";
    wall.mark(place);
    clearTimeout(timer);
    timer = setTimeout(tell, 160);
  }
  function typed(text) {
    const found = /^(\d+)\.(\d+)$/.exec(text), [l, m] = found ? [Number(found[1]), Number(found[2])] : [-1, -1];
    if (l >= 0 && l < facts.L && m < facts.M) return choose([l, m]);
    state.note = `Expected a block and a number from 0.0 to ${facts.L - 1}.${facts.M - 1}, got “${text.slice(0, 20)}”.`;
    view.redraw();
  }

  function describe([l, m]) {
    const at = view.header.at, share = `active on ${facts.active(l, m)} of ${plural(facts.T, "token")}`;
    const adds = facts.sums ? [el("div", {}, "adds ", el("span", { class: "num", text: fine(facts.adds(l, m), true) }), " to ",
      tokenSpan(facts.answer(at), {}, 12))] : [];
    return { value: fine(facts.post(l, m)), place: `${l}.${m}`, what: `what it gives at token ${at}; ${share}`,
      list: el("div", { class: "what" }, ...adds), hook: `blocks.${l}.mlp.hook_post`, index: `[0,${at},${m}]`,
      shape: `B T M = 1 ${facts.T} ${facts.M}` };
  }
  function overWall(at) {
    wall.mark(at);
    if (at) card.show(describe(at), wall.anchor(at)); else card.hide();
  }
  function overToken(t, place) {
    values.mark(t);
    curve.mark(t);
    maths.update(facts, t ?? view.focus.token);
    if (t === null) return card.hide();
    const name = BENDS[view.header.mlp][0], pre = fine(facts.pre(t)), own = fine(facts.own(t));
    card.show({ value: own, place: tokenSpan(view.header.tokens[t], {}, 16), what: `what neuron ${facts.name} gives at token ${t}`,
      formula: facts.gated ? `${name}(${pre}) × ${fine(facts.linear(t))} = ${own}` : `${name}(${pre}) = ${own}`,
      hook: `blocks.${facts.layer}.mlp.hook_post`, index: `[0,${t},${facts.number}]` }, place.anchor(t));
  }
  wall.node.addEventListener("keydown", event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [l, m] = (asked ?? facts.name).split(".").map(Number), within = (v, n) => Math.max(0, Math.min(n - 1, v));
    const to = [within(l + step[0], facts.L), within(m + step[1], facts.M)];
    choose(to);
    card.show(describe(to), wall.anchor(to));
  });
  wall.node.onblur = () => overWall(null);

  return {
    draw() {
      const { header, focus, width } = view, wide = width >= 780;
      facts = neuronFacts(view);
      if (!facts.sums && state.shade === "adds") state.shade = "post";
      if (asked === facts.name) { asked = null; wall.mark(null); }
      bar.update(header.tokens, focus.token, `${count(facts.T)} of ${count(header.n_ctx)} tokens`);
      controls.update(facts);
      wall.update(width, facts);
      if (shown !== facts.name) wall.reveal();
      shown = facts.name;
      values.update(facts);
      two.style.gridTemplateColumns = wide ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      curve.update(wide ? Math.floor((width - 44) / 2) : width, facts);
      lists.update(facts);
      without.update(facts);
      lists.node.classList.toggle("late", header.at !== focus.token);
      maths.update(facts, focus.token);
      notes.update();
      twin.update(facts);
    },
    destroy() { clearTimeout(timer); },
    name: () => `neuron-${facts.name}-token${view.header.at}`,
    csv: () => neuronRows(view, facts),
  };
});
