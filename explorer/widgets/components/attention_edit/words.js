// Edit a row, part 3: in words and as a table.

function editTwin(view) {
  const said = el("p", { class: "note" }), table = el("table"), live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the row and the next tokens" }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll);

  function fillIn() {
    if (!node.open) return;
    const { header: { tokens, words }, arrays: { row, written, ids, logit, prob } } = view, n = ids.length, td = text => el("td", { text });
    const head = texts => el("tr", {}, texts.map(text => el("th", { scope: "col", text })));
    table.replaceChildren(el("caption", { text: "The row, and the likely next tokens, as it is and edited" }),
      head(["key", "weight", "edited", "", ""]), ...Array.from(row, (w, j) => el("tr", {}, el("th", { scope: "row" }, `${j} `,
        tokenSpan(tokens[j], {}, 16)), td(w.toFixed(4)), td(written[j].toFixed(4)))),
      head(["next token", "probability", "edited", "logit", "edited"]),
      ...Array.from(ids, (id, k) => el("tr", {}, el("th", { scope: "row" }, tokenSpan(words[id], {}, 16)),
        [prob[k], prob[n + k], logit[k], logit[n + k]].map(x => td(signed(x, 4))))));
  }
  return {
    node, live,
    update(text) {
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}
