// One score of one head, term by term: which numbers of q and k agree, what they sum to, and what the key then hands over.
// The pair follows a click on a cell of the large head; everything repaints here.

export default picture(view => {
  const state = { key: null, bySize: view.header.choices.terms === "size", of: "" }, card = hoverCard(view);
  const title = el("h2"), query = menu("", [], "", value => view.setFocus({ token: Number(value) }), "Query");
  const key = menu("", [], "", value => choose(Number(value)), "Key");
  const put = bySize => { state.bySize = bySize; say(); };
  const order = (text, bySize) => el("button", { type: "button", text, on: { click: () => put(bySize) } });
  const orders = [order("In order", false), order("By size", true)];
  const seg = el("div", { class: "seg end", "data-export": "no", role: "group", "aria-label": "Order of the numbers" }, orders);
  const strips = scoreStrips(view, point), sums = scoreSums(view), twin = scoreTwin(view), wait = el("p", { class: "note", text: "…" });
  const scale = el("p", { class: "sub" }), about = el("p", { class: "note" }), rule = el("div");
  const named = "Numbers of the pair. Left and right change the key.";
  const box = el("div", { class: "strips", tabindex: 0, role: "group", "aria-label": named }, strips.node);
  const body = el("div", {}, box, scale, el("div", { class: "after" }, sums.node, el("div", {}, rule, about)), twin.node, twin.live);
  view.root.append(el("div", { class: "row" }, title, el("span", { class: "sub asks" }, "query ", query.node, " on key ", key.node), seg),
    wait, body);

  const heard = ({ detail: { from, token, key: j } }) => {
    if (from === view) return;
    const same = token === view.focus.token;
    Object.assign(state, { key: j, at: token });
    view.focus = { ...view.focus, token };
    if (same) say(); else view.redraw();  // the click on another row tells Python by itself
  };
  window.addEventListener("vitrine-pair", heard);
  view.keep({ remove: () => window.removeEventListener("vitrine-pair", heard) });

  function choose(j) {
    Object.assign(state, { key: j, at: view.focus.token });
    say();
  }
  function say() {
    const pair = state.key !== null && state.at === view.focus.token ? `${state.at}.${state.key}` : "";
    view.set("choices", { pair, terms: state.bySize ? "size" : "" });
    view.redraw();
  }
  box.onkeydown = event => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(view.focus.token, now().j + by)));
  };

  /** The pair: the key that was chosen in this row, else the one with the largest weight. */
  function now() {
    const { focus: { token: i }, header: { first_row: first }, arrays: { pattern } } = view, T = view.header.tokens.length;
    if (state.at === i && state.key !== null && state.key <= i) return { i, j: state.key };
    let best = 0;
    for (let j = 1; j <= i; j++) if (pattern[(i - first) * T + j] > pattern[(i - first) * T + best]) best = j;
    return { i, j: best };
  }

  function point(d) {
    strips.mark(d);
    if (d === null) return card.hide();
    const { pair } = strips.geometry, { hooks, of, kv_head } = view.header, root = Math.sqrt(pair.D);
    card.show({ value: signed(pair.terms[d], 4, true), place: `number ${d} of ${pair.D}`,
      formula: `{q:q}_{${d}} {k:k}_{${d}} / √${pair.D} = ${signed(pair.q[d], 3)} · ${signed(pair.k[d], 3)} / ${signed(root, 2)}`,
      what: `v ${signed(pair.v[d], 3)}, of which ${signed(pair.moved[d], 3)} arrives`,
      hook: `${hooks.q} [0,${pair.i},${of.head},${d}]`, shape: `${hooks.k} [0,${pair.j},${kv_head},${d}]` }, strips.anchor(d));
  }

  return {
    draw() {
      const { header, focus, width } = view, { tokens } = header, linked = (header.choices.pair ?? "").split(".").map(Number);
      const here = `${focus.layer}.${focus.head}`, fresh = here === `${header.of.layer}.${header.of.head}`;
      if (state.of !== JSON.stringify(tokens)) Object.assign(state, { of: JSON.stringify(tokens), at: linked[0], key: linked[1] ?? null });
      const { i, j } = now(), pair = fresh ? pairOf(view, i, j) : null;
      const entry = n => [String(n), `${n} ${tokenText(tokens[n], 14)}`];
      title.textContent = "One score, term by term";
      query.set(String(i), tokens.map((_, n) => entry(n)));
      key.set(String(j), tokens.slice(0, i + 1).map((_, n) => entry(n)));
      orders.forEach((one, n) => one.setAttribute("aria-pressed", Boolean(n) === state.bySize));
      wait.hidden = Boolean(pair);
      body.hidden = !pair;
      if (!pair) return;
      strips.update(pair, state.bySize, width);
      sums.update(pair);
      const reach = list => Math.max(...list.map(Math.abs)), bias = header.slope ? ` − ${signed(header.slope, 4)} · ${i - j}` : "";
      scale.textContent = `brown below 0, blue above · q and k to ±${signed(Math.max(reach(pair.q), reach(pair.k)))}, v to ±${
        signed(reach(pair.v))} · a bar is one product`;
      rule.replaceChildren(formula(`s = Σ_d {q:q}_d {k:k}_d / √${pair.D}${bias} = ${signed(pair.total, 4)}`));
      const turned = { rope: " q and k are drawn as turned by their positions (RoPE).",
        alibi: " The distance is taken off afterwards (ALiBi)." };
      const shared = header.shared ? ` k and v are those of key/value head ${header.kv_head}, which several heads share.` : "";
      about.textContent = `Where a number of q and the same number of k have the same sign, their product lifts the score; where they `
        + `differ, it lowers it. Softmax weighs this score against those of the other keys, and that share of v is handed on.${
        turned[header.positions] ?? ""}${shared} Not shown: what a single number means; only their sum acts.`;
      twin.update(pair);
    },
    name: () => `attention-score-block${view.focus.layer}-head${view.focus.head}-${now().i}-${now().j}`,
    csv() {
      const pair = pairOf(view, now().i, now().j);
      const rows = pair.terms.map((term, d) => [d, pair.q[d], pair.k[d], term, pair.v[d], pair.moved[d]]);
      const last = [["distance", "", "", pair.bias], ["score", "", "", pair.score], ["weight", "", "", pair.weight]];
      return [["number", "q", "k", "term", "v", "weight_times_v"], ...rows, ...last];
    },
  };
});
