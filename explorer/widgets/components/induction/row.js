// Induction: the row itself, a line a saying, each character by how much it surprised; and the reader's own.

function rowText(view, state, { card, type, look }) {
  const title = el("h2"), about = el("span", { class: "sub end" }), lines = el("div", { class: "lines num" });
  const legend = el("p", { class: "legend" }), said = el("p", { class: "sub said", role: "status" });
  const field = el("input", { type: "text", class: "own", maxlength: 200, spellcheck: "false", autocomplete: "off",
    placeholder: "such as the cat the cat", "aria-label": "Your own row" });
  const back = el("button", { type: "button", class: "link", text: "the held-out row",
    on: { click: () => { field.value = ""; type(""); } } });
  const label = el("span", { class: "sub", text: "Your own row: type something twice" });
  const owner = el("div", { class: "owner", "data-export": "no" }, label, field, said, back);
  const node = el("section", { class: "rowtext" }, el("div", { class: "row" }, title, about),
    el("div", { class: "two-rows" }, lines, owner), legend);
  let timer = 0, drawn = "", boxes = [];
  field.oninput = () => { clearTimeout(timer); timer = setTimeout(() => type(field.value), 500); };
  field.onkeydown = event => {
    event.stopPropagation();
    if (event.key === "Enter") { clearTimeout(timer); type(field.value); }
  };

  lines.onkeydown = event => {
    const every = view.header.row.every || 16, by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: every, ArrowUp: -every }[event.key];
    if (!by) return;
    event.preventDefault();
    const { tokens, special } = view.header.row, to = Math.max(special, Math.min(tokens.length - 1, state.token + by));
    look(to);
    boxes.find(box => box.i === to)?.node.focus({ preventScroll: true });
  };

  function build() {
    const { tokens, every, special, start } = view.header.row, length = every > 1 ? every : 32, wide = Math.max(length, 24);
    const button = (token, i) => el("button", { type: "button", class: "cell", on: { click: () => look(i) } }, tokenSpan(token, {}, 4));
    boxes = tokens.map((token, i) => ({ i, node: button(token, i) })).slice(special);
    boxes.forEach(box => card.on(box.node, () => describe(box.i)));
    const line = (name, part) => el("div", { class: "line" }, el("span", { class: "nth", text: name }), part.map(box => box.node));
    const cut = (list, step) => Array.from({ length: Math.ceil(list.length / step) }, (_, n) => list.slice(n * step, (n + 1) * step));
    const lead = every > 1 ? start - special : 0;
    lines.replaceChildren(...cut(boxes.slice(0, lead), wide).map((part, n) => line(n ? "" : "once", part)),
      ...cut(boxes.slice(lead), length).map((part, n) => line(every > 1 ? `${n + 1}.` : "", part)));
  }

  function describe(i) {
    if (!i) return null;
    const { tokens } = view.header.row, of = ofRow(view, state, "row_loss")[state.k * (tokens.length - 1) + i - 1];
    const what = `nats of surprise: the model gave it ${pct(Math.exp(-of))}`;
    return { value: of.toFixed(2), place: tokenSpan(tokens[i]), what, hook: `token ${i}` };
  }

  function shade({ i, node: box }, losses, { query, copies }) {
    const { row, guess } = view.header, of = i ? losses[state.k * (row.tokens.length - 1) + i - 1] : NaN, known = Number.isFinite(of);
    box.style.background = known ? view.seq(0.42 * Math.min(1, of / guess)) : "none";
    box.className = `cell ${i === state.token ? "target" : ""} ${i === query ? "query" : ""} ${copies.includes(i) ? "key" : ""}`;
    box.tabIndex = i === state.token ? 0 : -1;
    box.setAttribute("aria-label", `token ${i}, ${tokenText(row.tokens[i])}${known ? `, ${of.toFixed(2)} nats` : ""}`);
  }

  return {
    node,
    update() {
      const { row, guess, steps } = view.header, losses = ofRow(view, state, "row_loss"), key = JSON.stringify(row.tokens);
      if (key !== drawn) { drawn = key; build(); }
      title.textContent = row.own ? "Your row" : "A held-out row";
      const silent = silentShown(view, state) ? `, ${facts(view).setName(state.silent)} silent` : "";
      about.textContent = `surprise at each character, step ${count(steps[state.k])}${silent}`;
      const marked = pair(view, state);
      for (const box of boxes) shade(box, losses, marked);
      if (field !== field.getRootNode().activeElement && field.value !== row.text) field.value = row.text;
      said.textContent = row.note || (row.own ? "Any printable ASCII; say something twice." : "");
      back.hidden = !row.own && !row.note;
      const swatches = Array.from({ length: 8 }, (_, n) => el("i", { class: "swatch", style: { background: view.seq((0.42 * n) / 7) } }));
      legend.replaceChildren(el("span", { class: "num", text: "0" }), ...swatches,
        el("span", { class: "num", text: `${loss(guess)} nats and more` }),
        el("span", { class: "words", text: "outlined: the chosen character, " }),
        el("b", { class: "q", text: "where the model stands" }), " and ", el("b", { class: "k", text: "what followed the earlier copy" }));
    },
  };
}

/** The chosen token as what is to be said: the query before it, and the keys after earlier copies of that query. */
function pair(view, state) {
  const { tokens } = view.header.row, query = state.token - 1, name = i => JSON.stringify(tokens[i]), copies = [];
  for (let s = 0; s < query; s++) if (name(s) === name(query)) copies.push(s + 1);
  return { query, copies };
}
