// Patching: every part of one run put into the other, as a grid; heads; and one patch by hand, dragged from run to run.
// Hovering and shading repaint here; Python hears of the way, the answers, and of the patch that is asked for.

export default picture(view => {
  const said = view.header.choices;
  const state = { shade: said.shade === "prob" ? "prob" : "share", kind: "stream", cell: null, from: null };
  const card = hoverCard(view), bar = promptBar(view, { label: "Clean", onPick: token => view.setFocus({ token }) });
  const controls = patchControls(view, state, choose), legend = patchLegend(view, state);
  const grid = patchGrid(view, state, { point: cell => point(cell, grid), pick });
  const heads = headGrid(view, state, { point: cell => point(cell, heads), pick });
  const hand = handPatch(view, state, { moved, kind: one => { state.kind = one; view.redraw(); } });
  const result = patchResult(view, { keep: () => view.send("keep", true) });
  const notes = patchNotes(view), twin = patchTwin(view);
  const middle = el("div", { class: "middle" }, heads.node, notes.node), done = el("div", { class: "done" }, result.left, result.right);
  view.root.append(bar.node, controls.node, grid.heads, grid.node, legend.node, middle, hand.node, done, twin.node, twin.live);
  let facts = null, heard = "", walking = null;

  function choose(name, value) {
    if (name === "kind" || name === "shade") state[name] = value;
    if (name === "kind") return view.redraw();
    const change = { [name]: { way: value === "denoise" ? "" : value, shade: value === "share" ? "" : value }[name] ?? value };
    view.set("choices", { ...change, at: Date.now() });
    view.redraw();
  }
  function moved(to, from) {
    const { way } = view.header, gives = way === "denoise" || way === "noise", origin = gives && from && from.kind === to.kind ? from : to;
    Object.assign(state, { cell: to, from: origin });
    const word = cellWord(to) === cellWord(origin) ? cellWord(to) : `${cellWord(to)}<${cellWord(origin)}`;
    const focus = { layer: to.layer, ...(to.head === null ? {} : { head: to.head }),
      ...(to.at === null ? {} : { token: Math.min(to.at, facts.T - 1) }) };
    view.focus = { ...view.focus, ...focus };
    view.set("choices", { cell: word, focus, at: Date.now() });
    view.redraw();
  }
  function pick(cell) {
    if (cell.kind !== "head" && cell.kind !== state.kind) state.kind = cell.kind;
    moved(cell, cell);
  }

  function describe(cell) {
    const { header } = view, { way, tokens, corrupted } = header, k = facts.at(cell), at = cell.at;
    if (!facts.swept) return null;
    const entry = (name, text) => el("div", {}, el("span", {}, name), el("span", { class: "num", text })), [top, p] = facts.top(k, 0);
    const list = el("div", { class: "tops" }, entry("logit difference", signed(facts.difference(k))),
      entry("clean answer", pct(facts.after(k, 0))), entry("corrupted answer", pct(facts.after(k, 1))),
      entry(el("span", {}, "most likely ", tokenSpan(top, {}, 14)), pct(p)));
    const place = at === null ? `head ${cell.layer}.${cell.head}` : facts.differs(at)
      ? el("span", {}, tokenSpan(tokens[at], {}, 8), " → ", tokenSpan(corrupted[at], {}, 8)) : tokenSpan(tokens[at], {}, 10);
    const what = `share with ${partWords(cell)} ${WAYS[way].does}`;
    return { value: signed(facts.share(k)), place, what, list, hook: hookWord(cell), index: indexWord(cell),
      shape: `one pass over ${WAYS[way].into}` };
  }
  function point(cell, over) {
    over.mark(cell);
    const made = cell && describe(cell);
    if (made) card.show(made, over.anchor(cell)); else card.hide();
  }
  const held = (x, most) => Math.max(0, Math.min(most - 1, x));
  /** Arrow keys move the cell that is shown, Enter puts it in by hand. */
  function keys(over, start, step) {
    over.addEventListener("keydown", event => {
      const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (event.altKey || event.ctrlKey || event.metaKey || !(by || event.key === "Enter" || event.key === " ")) return;
      event.preventDefault();
      walking = walking && start.fits(walking) ? walking : start.first();
      if (!by) return pick(walking);
      walking = step(walking, by);
      start.over.mark(walking);
      const made = describe(walking);
      if (made) card.show(made, start.over.anchor(walking));
    });
    over.addEventListener("blur", () => { card.hide(); start.over.mark(null); });
  }
  const firstCell = () => (state.cell.at !== null && state.cell.at < facts.T && grid.geometry.kinds.includes(state.cell.kind) ? state.cell
    : { kind: grid.geometry.kinds[0], layer: 0, head: null, at: held(view.focus.token, facts.T) });
  const firstHead = () => ({ kind: "head", layer: view.focus.layer, head: view.focus.head, at: null });
  keys(grid.node, { over: grid, fits: cell => cell.kind !== "head", first: firstCell }, (cell, [down, right]) => {
    const { kinds } = grid.geometry, x = held(kinds.indexOf(cell.kind) * facts.L + cell.layer + right, kinds.length * facts.L);
    const next = { kind: kinds[Math.floor(x / facts.L)], layer: x % facts.L, head: null, at: held(cell.at + down, facts.T) };
    grid.reveal(next.at);
    return next;
  });
  keys(heads.drawing, { over: heads, fits: cell => cell.kind === "head", first: firstHead },
    (cell, [down, right]) => ({ ...cell, layer: held(cell.layer + down, facts.L), head: held(cell.head + right, facts.H) }));

  return {
    draw() {
      const { header, focus, width } = view, now = JSON.stringify(header.hand);
      if (now !== heard) {
        heard = now;
        [state.cell, state.from] = header.hand;
        if (state.cell.kind !== "head") state.kind = state.cell.kind;
      }
      facts = patchFacts(view, state);
      bar.update(header.tokens, focus.token, `${count(facts.T)} of ${count(header.n_ctx)} tokens`);
      controls.update(facts);
      for (const part of [controls.says, grid.heads, grid.node, legend.node, heads.node]) part.toggleAttribute("hidden", !facts.equal);
      grid.update(width, facts);
      controls.narrow(grid.geometry.all || !facts.equal);
      grid.reveal(focus.token);
      legend.update(facts);
      heads.update(view.phone ? width : Math.min(width * 0.42, 320), facts);
      notes.update();
      hand.update(width, facts);
      result.update(view.phone ? width : (width - 44) / 2, facts, state.cell, state.from);
      twin.update(facts);
    },
    name: () => `patching-${view.header.way}`,
    csv: () => patchRows(view, facts),
  };
});
