// Attention: a wall of all heads and one of them large. A click on a head or a token, a hover and a switch repaint here;
// Python hears of the focus only, and answers with what is new (the numbers of a head of a long prompt, its ablation).

const letter = name => el("i", { class: "letter", text: name, style: { color: `var(--${name}-text)` } });

export default picture(view => {
  const state = { ...choicesFrom(view.header.choices), basis: "standing", key: null, hover: null, text: "" };
  const card = hoverCard(view), change = () => { view.set("choices", choicesSaid(state)); view.redraw(); };
  const bar = promptBar(view, { onPick: token => look({ token }) });
  const wall = headWall(view, state, { card, change, pick: (layer, head) => look({ layer, head }) });
  const matrix = headMatrix(view, state, { point, pick: (token, key) => { look({ token }); tell(token, key); } });
  const figures = headFigures(view, state, card), switches = headSwitches(state, change), legend = headLegend(view, state);
  const maths = pairFormula(view), text = rowText(view, state, { card, describe, pick: token => look({ token }) });
  const twin = wordsAndTable(view, state);
  const title = el("h2"), role = el("span", { class: "sub" }), keys = el("span", { class: "sub end keys", "data-export": "no" });
  const note = el("p", { class: "note quiet" }, "Not shown: what the head moves where. A large weight on a small value moves little: ",
    "Value-weighted shows how much, the loss without the head what that is worth.");
  const idea = el("p", { class: "note idea" },
    "At every token a head asks a question, its query ", letter("q"), ". Every token so far offers a key ", letter("k"),
    ". Where the two point the same way the score is large; softmax turns the scores of a row into shares that sum to 1, ",
    "and the head passes on that mix of the tokens’ values ", letter("v"), ".");
  const big = el("section", { class: "head" }, el("div", { class: "row" }, title, role, keys),
    figures.node, switches.node, matrix.node, legend.node,
    el("div", { class: "below" }, maths.node, note), text.node, twin.node, twin.live);
  const two = el("div", { class: "two" }, wall.node, big);
  wall.node.append(idea);
  view.root.append(bar.node, two);

  function look(change) {
    if (Object.entries(change).every(([name, value]) => view.focus[name] === value)) return view.redraw();
    state.key = null;
    view.setFocus(change);
  }

  /** The pair that is chosen, to the other pictures of the page too. */
  function tell(token, key) {
    state.key = key;
    if (key !== null) window.dispatchEvent(new CustomEvent("vitrine-pair", { detail: { from: view, token, key } }));
  }

  /** The key to speak of when none is pointed at: the one chosen, else the largest weight of the row. */
  function resting() {
    const head = viewedHead(view, state), i = view.focus.token, from = state.hideFirst && i > 0 ? 1 : 0;
    if (state.key !== null && state.key <= i && state.key >= from) return { i, j: state.key };
    let best = from;
    for (let j = from; j <= i; j++) if (head.value(i, j) > head.value(i, best)) best = j;
    return { i, j: best };
  }

  function describe({ i, j }) {
    const { focus: { layer, head }, header: { tokens, d_head, shape } } = view, exact = exactHead(view);
    const place = el("span", {}, tokenSpan(tokens[i], {}, 9), " → ", tokenSpan(tokens[j], {}, 9)), at = `blocks.${layer}.attn.hook_`;
    if (!exact) return { value: "…", place, what: "the exact number is on its way" };
    const [, H, T] = view.arrays.value_sizes.shape, size = key => view.arrays.value_sizes[(layer * H + head) * T + key];
    const shared = { place, index: `[0,${head},${i},${j}]`, shape }, score = signed(exact.score(i, j));
    if (state.scores) return { ...shared, value: score, what: `score of query ${i} on key ${j}, before softmax`,
      formula: `{q:q}_{${i}} · {k:k}_{${j}} / √${d_head}${biasTerm(view, i, j)}`, hook: `${at}attn_scores` };
    if (state.weighted) return { ...shared, value: fine(exact.weight(i, j) * size(j)), what: `length of what query ${i} gets from key ${j}`,
      formula: `w ‖{v:v}_{${j}} W_O‖ = ${fine(exact.weight(i, j))} · ${fine(size(j))}`, hook: `${at}pattern, v` };
    return { ...shared, value: fine(exact.weight(i, j)), what: `weight from query ${i} to key ${j}`,
      formula: `e^{${score}} / Σ_j e^{s_j} = ${quotient(exact, i, j)}`, hook: `${at}pattern` };
  }

  function point(pair) {
    state.hover = pair;
    const at = pair ?? resting();
    matrix.mark(at, Boolean(pair));
    if (at.j !== null) maths.update(at);
    if (pair && pair.j !== null) card.show(describe(pair), ...matrix.anchor(pair)); else card.hide();
  }

  const arrows = event => ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key]);
  view.root.addEventListener("keydown", event => {
    const step = arrows(event), inside = event.composedPath();
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, .bar, .scroll")) return;
    event.preventDefault();
    const token = Math.max(0, Math.min(view.header.tokens.length - 1, view.focus.token + step[1]));
    if (inside.includes(matrix.node)) {
      const from = resting(), j = Math.max(state.hideFirst ? 1 : 0, Math.min(token, from.j + step[0]));
      look({ token });
      tell(token, j);
      requestAnimationFrame(() => card.show(describe({ i: token, j }), ...matrix.anchor({ i: token, j })));
    } else if (step[0]) wall.step(step[0]);
    else look({ token });
  });
  matrix.node.onfocus = matrix.node.onblur = () => { hint(); card.hide(); };
  const hint = () => {
    keys.textContent = matrix.node.matches(":focus-visible") ? "← → key   ↑ ↓ query" : "← → head   ↑ ↓ token";
  };

  return {
    draw() {
      const { header, focus, width } = view, T = header.tokens.length, words = JSON.stringify(header.tokens), side = width >= 860;
      const wide = side ? (2 * T + 60 > width - 452 ? 340 : 408) : Math.min(width, 480), facts = headFacts(view);
      state.basis = header.standing ? state.asked : "here";
      if (words !== state.text) Object.assign(state, { text: words, key: null, hover: null });
      two.style.gridTemplateColumns = side ? `${wide}px minmax(0, 1fr)` : "minmax(0, 1fr)";
      bar.update(header.tokens, focus.token, `${count(T)} of ${count(header.n_ctx)} tokens`);
      wall.update(wide);
      title.textContent = `Block ${focus.layer} · head ${focus.head}`;
      const name = facts.role(state.basis, focus.layer, focus.head);
      role.textContent = name === "duplicate" ? "duplicate-token" : name;
      hint();
      figures.update();
      switches.update(T);
      matrix.update(side ? width - wide - 44 : Math.min(width, 640));
      legend.update(matrix);
      text.node.hidden = T <= FEW.wide;
      if (!text.node.hidden) text.update(matrix.limit);
      const at = state.hover && state.hover.i < T && (state.hover.j ?? 0) < T ? state.hover : null;
      matrix.mark(at ?? resting(), Boolean(at));
      maths.update(at?.j != null ? at : resting());
      twin.update();
      idea.hidden = header.depth !== "idea";
    },
    name: () => `attention-block${view.focus.layer}-head${view.focus.head}`,
    csv() {
      const head = exactHead(view), name = i => tokenText(view.header.tokens[i]);
      if (!head) throw new Error("the numbers of this head are on their way, try again");
      const rows = [["query", "query_token", "key", "key_token", "weight", "score", "value_size"]];
      const [, H] = view.arrays.value_sizes.shape, from = (view.focus.layer * H + view.focus.head) * head.T;
      for (let i = 0; i < head.T; i++) for (let j = state.hideFirst ? 1 : 0; j <= i; j++) {
        rows.push([i, name(i), j, name(j), head.weight(i, j), head.score(i, j), view.arrays.value_sizes[from + j]]);
      }
      return rows;
    },
  };
});
