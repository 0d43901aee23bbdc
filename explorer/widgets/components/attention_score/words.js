// One score, part 3: the picture in words, and its twin as a table.

function scoreTwin(view) {
  const said = el("p", { class: "note" }), table = el("table");
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the terms" }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll);
  const live = el("p", { class: "sr", "aria-live": "polite" });
  let pair = null;

  function fillIn() {
    if (!node.open || !pair) return;
    const head = ["number", "q", "k", "q·k/√d", "sum so far", "v", "weight × v"].map(text => el("th", { scope: "col", text }));
    const f = x => signed(x, 4);
    let sum = 0;
    const rows = pair.terms.map((term, d) => {
      sum += term;
      const cells = [pair.q[d], pair.k[d], term, sum, pair.v[d], pair.moved[d]].map(x => el("td", { text: f(x) }));
      return el("tr", {}, el("th", { scope: "row", text: String(d) }), cells);
    });
    const last = (name, value) => el("tr", {}, el("th", { scope: "row", text: name }), ["", "", "", value].map(text => el("td", { text })));
    table.replaceChildren(el("caption", { text: `Query ${pair.i} on key ${pair.j}` }), el("tr", {}, head), ...rows,
      ...[view.header.slope && last("distance", f(pair.bias)), last("score", f(pair.score)),
        last("weight", pair.weight.toFixed(4))].filter(Boolean));
  }
  return {
    node, live,
    update(now) {
      pair = now;
      const { tokens } = view.header, name = n => `${n} ${tokenText(tokens[n], 24)}`;
      const most = pair.terms.indexOf(Math.max(...pair.terms));
      const text = `Query ${name(pair.i)} scores key ${name(pair.j)} with ${signed(pair.total, 4)}: ${pair.D} products sum to ${
        signed(pair.sum, 4)}, number ${most} adds most, ${signed(pair.terms[most], 4)}.${
        view.header.slope ? ` Distance takes off ${signed(-pair.bias, 4)}.` : ""} Softmax makes it a weight of ${pair.weight.toFixed(4)}.`;
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}
