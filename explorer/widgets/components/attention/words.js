// Attention, part 8: the picture in words, and its twin as a table. Both follow every click, for those who do not see it.

/** The head and the row in focus in a few sentences. */
function inWords(view, state) {
  const { header: { tokens, effect, does }, focus: { layer, head, token: F } } = view, facts = headFacts(view), exact = exactHead(view);
  const name = i => tokenText(tokens[i], 24), said = [`Block ${layer}, head ${head} ${does[facts.role(state.basis, layer, head)]}.`];
  if (exact) {
    const keys = Array.from({ length: F + 1 }, (_, j) => ({ j, w: exact.weight(F, j) })).sort((a, b) => b.w - a.w), rest = keys.slice(3);
    const parts = keys.slice(0, 3).map(({ j, w }) => `${fine(w)} to key ${j} ${name(j)}`);
    if (rest.length) parts.push(`${fine(rest.reduce((sum, { w }) => sum + w, 0))} to ${rest.length} other${rest.length > 1 ? "s" : ""}`);
    const listed = parts.length > 1 ? `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}` : parts[0];
    said.push(`Query ${F} ${name(F)} gives ${listed}.`);
  }
  if (tokens.length > 1) said.push(`Over all queries its entropy is ${signed(facts.entropy(layer, head))} nats, `
    + `and it reaches ${signed(facts.reach(layer, head), 1)} tokens back on average.`);
  if (effect.layer === layer && effect.head === head && effect.loss !== null) {
    said.push(`Without it the mean loss on this prompt changes by ${signed(effect.loss, 2, true)} nats.`);
  }
  return said.join(" ");
}

/** Opened by the reader: the sentences, and the numbers drawn. A short text has its whole matrix, a long one the row in focus. */
function wordsAndTable(view, state) {
  const said = el("p", { class: "note" }), table = el("table"), rest = el("p", { class: "sub" });
  const live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the matrix" }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll, rest);
  const name = i => el("span", {}, `${i} `, tokenSpan(view.header.tokens[i], {}, 16));
  const column = content => el("th", { scope: "col" }, content);
  const row = (i, cells) => el("tr", {}, el("th", { scope: "row" }, name(i)), cells.map(text => el("td", { text })));

  function fillIn() {
    if (!node.open) return;
    const exact = exactHead(view), { tokens } = view.header, { layer, head, token: F } = view.focus, T = tokens.length, long = T > FEW.wide;
    const keys = tokens.map((_, j) => j).slice(state.hideFirst ? 1 : 0);
    const caption = text => el("caption", { text: `Block ${layer}, head ${head}${text}` });
    const w = (i, j) => exact.weight(i, j).toFixed(4), s = (i, j) => signed(exact.score(i, j), 4);
    const viewed = exact && viewedHead(view, state);
    const cell = state.scores ? s : state.weighted ? (i, j) => viewed.value(i, j).toFixed(4) : w;
    const drawn = state.scores ? "scores before softmax" : state.weighted ? "weight × ‖v W_O‖" : "weights";
    rest.textContent = long ? "One row of the matrix; the CSV above holds all of it." : "";
    if (!exact) table.replaceChildren();
    else if (long) {
      table.replaceChildren(caption(`, query ${F}: what it gives to each key`), el("tr", {}, ["key", "weight", "score"].map(column)),
        ...keys.filter(j => j <= F).map(j => row(j, [w(F, j), s(F, j)])));
    } else {
      table.replaceChildren(caption(`: ${drawn}, a row for each query, a column for each key`),
        el("tr", {}, el("td"), keys.map(j => column(name(j)))), ...tokens.map((_, i) => row(i, keys.map(j => (j <= i ? cell(i, j) : "")))));
    }
  }
  return {
    node, live,
    update() {
      const text = inWords(view, state);
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}
