// Neurons, part 9: the picture in words, its twin as a table, and its rows for a spreadsheet.

function neuronInWords(view, facts) {
  const t = view.focus.token, { tokens, never, always } = view.header, name = token => `“${tokenText(token, 24)}”`;
  const own = view.arrays.own, most = own.reduce((best, v, i) => (v > own[best] ? i : best), 0);
  return [`Neuron ${facts.name} reads ${fine(facts.pre(t))} at token ${t} ${name(tokens[t])} and gives ${fine(facts.own(t))}.`,
    `On this text it is active on ${facts.active(facts.layer, facts.number)} of ${plural(facts.T, "token")}, `
      + `most at ${most} ${name(tokens[most])}, ${fine(own[most])}.`,
    `Held at 0, ${name(facts.answer(t))} has ${pct(facts.after(0, t))} there in place of ${pct(facts.before(t))}.`,
    `Block ${facts.layer}: ${plural(never[facts.layer], "neuron")} of ${count(facts.M)} active on no token, `
      + `${count(always[facts.layer])} on every one.`].join(" ");
}

/** Opened by the reader: the sentences, and the neuron's numbers at every token. */
function neuronTwin(view) {
  const said = el("p", { class: "note" }), table = el("table"), live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the neuron on the text" }, table);
  const rest = el("p", { class: "sub", text: "The neuron on show; the CSV above holds all neurons at the token in focus too." });
  let facts = null;
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll, rest);
  function fillIn() {
    if (!node.open || !facts) return;
    const heads = ["token", "reads", ...(facts.gated ? ["times"] : []), "gives", "answer", "probability", "held at 0", "held at its mean"];
    const cell = text => el("td", { text });
    const row = (token, t) => el("tr", {}, el("th", { scope: "row" }, `${t} `, tokenSpan(token, {}, 16)), cell(signed(facts.pre(t), 4)),
      facts.gated && cell(signed(facts.linear(t), 4)), cell(signed(facts.own(t), 4)), el("td", {}, tokenSpan(facts.answer(t), {}, 16)),
      [facts.before(t), facts.after(0, t), facts.after(1, t)].map(p => cell(p.toFixed(4))));
    table.replaceChildren(el("caption", { text: `Neuron ${facts.name} at each token` }),
      el("tr", {}, heads.map(text => el("th", { scope: "col", text }))), ...view.header.tokens.map(row));
  }
  return {
    node, live,
    update(made) {
      facts = made;
      const text = neuronInWords(view, facts);
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}

/** Rows of every neuron at the token in focus, and of the neuron on show at every token. */
function neuronRows(view, facts) {
  const { at, tokens } = view.header, text = t => tokenText(tokens[t]);
  const out = [["of", "neuron", "token", "text", "reads", "times", "gives", "adds_to_answer", "active_on", "answer", "probability",
    "held_at_0", "held_at_mean"]];
  for (let l = 0; l < facts.L; l++) for (let m = 0; m < facts.M; m++) {
    const adds = facts.sums ? facts.adds(l, m) : "", answer = tokenText(facts.answer(at));
    out.push(["neuron", nameOf([l, m]), at, text(at), "", "", facts.post(l, m), adds, facts.active(l, m), answer, "", "", ""]);
  }
  for (let t = 0; t < facts.T; t++) {
    const times = facts.gated ? facts.linear(t) : "";
    out.push(["token", facts.name, t, text(t), facts.pre(t), times, facts.own(t), "", "", tokenText(facts.answer(t)),
      facts.before(t), facts.after(0, t), facts.after(1, t)]);
  }
  return out;
}
