// Induction, part 5: the row itself, a line a saying, each character by how much it surprised; and the reader's own.

function rowText(view, state, { card, type, look }) {
  const title = el("h2"), about = el("span", { class: "sub end" }), lines = el("div", { class: "lines num" }), legend = el("p", { class: "legend" }), note = el("p", { class: "sub said", role: "status" });
  const field = el("input", { type: "text", class: "own", maxlength: 200, spellcheck: "false", autocomplete: "off", placeholder: "type your own, such as  the cat the cat the cat", "aria-label": "Your own row" });
  const back = el("button", { type: "button", class: "link", text: "the held-out row", on: { click: () => { field.value = ""; type(""); } } });
  const node = el("section", { class: "rowtext" }, el("div", { class: "row" }, title, about), el("div", { class: "two-rows" }, lines,
    el("div", { class: "owner", "data-export": "no" }, el("label", { class: "sub", text: "Your own row" }), field, note, back)), legend);
  let timer = 0, drawn = "", boxes = [];
  field.oninput = () => { clearTimeout(timer); timer = setTimeout(() => type(field.value), 500); };
  field.onkeydown = event => { event.stopPropagation(); if (event.key === "Enter") { clearTimeout(timer); type(field.value); } };

  lines.onkeydown = event => {
    const every = view.header.row.every || 16, by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: every, ArrowUp: -every }[event.key];
    if (!by) return;
    event.preventDefault();
    const T = view.header.row.tokens.length, to = Math.max(view.header.row.special, Math.min(T - 1, state.token + by));
    look(to);
    boxes.find(box => box.i === to)?.node.focus({ preventScroll: true });
  };

  function build() {
    const { tokens, every, special, start } = view.header.row, length = every > 1 ? every : 32;
    boxes = tokens.map((token, i) => ({ i, node: el("button", { type: "button", class: "cell", on: { click: () => look(i) } }, tokenSpan(token, {}, 4)) })).slice(special);
    boxes.forEach(box => card.on(box.node, () => describe(box.i)));
    const line = (name, part) => el("div", { class: "line" }, el("span", { class: "nth", text: name }), part.map(box => box.node)), once = every > 1 ? boxes.slice(0, start - special) : [];
    const cut = (from, step) => Array.from({ length: Math.ceil((boxes.length - from) / step) }, (_, n) => boxes.slice(from + n * step, from + (n + 1) * step));
    const parts = cut(once.length, length), wide = Math.max(length, 24);
    lines.replaceChildren(...Array.from({ length: Math.ceil(once.length / wide) }, (_, n) => line(n ? "" : "once", once.slice(n * wide, (n + 1) * wide))),
      ...parts.map((part, n) => line(every > 1 ? `${n + 1}.` : "", part)));
  }

  function describe(i) {
    if (!i) return null;
    const nats = ofRow(view, state, "row_loss")[state.k * (view.header.row.tokens.length - 1) + i - 1];
    return { value: nats.toFixed(2), place: tokenSpan(view.header.row.tokens[i]), what: `nats of surprise: the model gave it ${pct(Math.exp(-nats))}`, hook: `token ${i}` };
  }

  return {
    node,
    update() {
      const { row, guess, steps } = view.header, T1 = row.tokens.length - 1, losses = ofRow(view, state, "row_loss"), key = JSON.stringify(row.tokens);
      if (key !== drawn) { drawn = key; build(); }
      title.textContent = row.own ? "Your row" : "A held-out row";
      about.textContent = `surprise at each character, step ${count(steps[state.k])}${silentShown(view, state) ? `, ${facts(view).setName(state.silent)} silent` : ""}`;
      const { query, copies } = pair(view, state);
      for (const { i, node: box } of boxes) {
        const nats = i ? losses[state.k * T1 + i - 1] : NaN, share = Number.isFinite(nats) ? Math.min(1, nats / guess) : 0;
        box.style.background = Number.isFinite(nats) ? view.seq(0.42 * share) : "none";
        box.className = `cell ${i === state.token ? "target" : ""} ${i === query ? "query" : ""} ${copies.includes(i) ? "key" : ""}`;
        box.tabIndex = i === state.token ? 0 : -1;
        box.setAttribute("aria-label", `token ${i}, ${tokenText(row.tokens[i])}${Number.isFinite(nats) ? `, ${nats.toFixed(2)} nats` : ""}`);
      }
      if (field !== field.getRootNode().activeElement && field.value !== row.text) field.value = row.text;
      note.textContent = row.note || (row.own ? "Any printable ASCII; say something twice." : "");
      back.hidden = !row.own && !row.note;
      legend.replaceChildren(el("span", { class: "num", text: "0" }), ...Array.from({ length: 8 }, (_, n) => el("i", { class: "swatch", style: { background: view.seq((0.42 * n) / 7) } })),
        el("span", { class: "num", text: `${loss(guess)} nats and more` }), el("span", { class: "words", text: "outlined: the chosen character, " }), el("b", { class: "q", text: "where the model stands" }), " and ", el("b", { class: "k", text: "what followed the earlier copy" }));
    },
  };
}

/** The chosen token as what is to be said: the query before it, and the keys after earlier copies of that query. */
function pair(view, state) {
  const { tokens } = view.header.row, query = state.token - 1, name = i => JSON.stringify(tokens[i]), copies = [];
  for (let s = 0; s < query - 0; s++) if (query >= 0 && name(s) === name(query)) copies.push(s + 1);
  return { query, copies };
}
