// Tables of a head, part 3: all of the numbers as a table, and the first of them in words.

function tablesTwin(view) {
  const said = el("p", { class: "note" }), table = el("table"), live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Tables of the head" }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll);

  function fillIn() {
    if (!node.open) return;
    const { header: { tokens, words, whole }, arrays } = view, name = n => [`${n} `, tokenSpan(tokens[n], {}, 16)];
    const list = all => all.map(({ id, by }) => `${tokenText(words[id], 16)} ${signed(by, 2, true)}`).join("  ");
    const head = ["token", "speaks for", "against", "itself", ...(whole ? ["looks for, alone", "speaks for, alone"] : [])];
    const over = arrays.divisor[view.focus.token];
    const rows = tokens.map((_, n) => el("tr", {}, el("th", { scope: "row" }, name(n)), [list(entries(view, "here_up", n, over)),
      list(entries(view, "here_down", n, over)), signed(arrays.here_itself[n] / over, 2, true),
      ...(whole ? [list(entries(view, "keys", n)), list(entries(view, "alone_up", n))] : [])].map(text => el("td", { text }))));
    table.replaceChildren(el("caption", { text: `Block ${view.focus.layer}, head ${view.focus.head}` }),
      el("tr", {}, head.map(text => el("th", { scope: "col", text }))), ...rows);
  }
  return {
    node, live,
    update(keys) {
      const { header: { tokens, words }, focus: { token: i } } = view, [{ j, w }] = keys;
      const [top] = entries(view, "here_up", j), name = n => `${n} ${tokenText(tokens[n], 16)}`;
      const text = `Query ${name(i)} gives key ${name(j)} a weight of ${weight(w)}; from there the head speaks `
        + `most for ${tokenText(words[top.id], 16)}.`;
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}
