// Where a logit comes from, part 5: in words, as tables, and as rows for a spreadsheet.

/** The sum in a few sentences. */
function partsInWords(view, parts) {
  const { logit, remainder, refused, at, tokens } = view.header, { gradient, by_token: share } = view.arrays;
  const name = s => `“${tokenText(tokens[s], 24)}”`;
  if (refused) return refused;
  const [first, second] = [...parts].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)), said = [];
  said.push(`After token ${at} ${name(at)}, ${askedText(view)} is ${signed(logit)}:`,
    `the sum of ${parts.length} parts, with a remainder of ${tiny(remainder)}.`);
  const then = second ? `; then ${second.name}, ${signed(second.value, 2, true)}` : "";
  said.push(`The largest is ${first.name}, ${signed(first.value, 2, true)}${then}.`);
  const best = list => list.reduce((top, value, s) => (value > list[top] ? s : top), 0);
  if (share) {
    const [one, other] = [best(share), best(gradient)];
    said.push(`By token, most comes from ${one} ${name(one)}, ${signed(share[one], 2, true)};`,
      `by gradient times input from ${other} ${name(other)}.`);
  }
  return said.join(" ");
}

/** Opened by the reader: the sentences and both lists. */
function partsTwin(view) {
  const said = el("p", { class: "note" }), live = el("p", { class: "sr", "aria-live": "polite" });
  const components = el("table"), tokens = el("table");
  const scroll = (table, name) => el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": name }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said,
    el("div", { class: "tables" }, scroll(components, "Table of the parts"), scroll(tokens, "Table of the tokens")));
  const heads = (...names) => el("tr", {}, names.map(text => el("th", { scope: "col", text })));
  const row = (first, ...rest) => el("tr", {}, el("th", { scope: "row" }, first), rest.map(text => el("td", { text })));
  let parts = [];
  function fillIn() {
    if (!node.open) return;
    const { gradient, by_token: share } = view.arrays, { tokens: all, logit, remainder } = view.header;
    const caption = text => el("caption", { text }), number = x => signed(x, 4);
    const token = s => el("span", {}, `${s} `, tokenSpan(all[s], {}, 16));
    components.replaceChildren(...(parts.length ? [caption("Every part, in the order of the depth"), heads("part", "adds"),
      ...parts.map(({ name, value }) => row(name, number(value))), row("remainder", tiny(remainder)), row("sum", number(logit))] : []));
    const columns = ["token", ...(share ? ["attribution"] : []), "gradient × input"];
    tokens.replaceChildren(caption("Every token up to the one in focus"), heads(...columns),
      ...Array.from(gradient, (value, s) => row(token(s), ...(share ? [number(share[s])] : []), number(value))));
  }
  return {
    node, live,
    update(made) {
      parts = made;
      const text = partsInWords(view, parts);
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}

/** Rows of all that is drawn. */
function partsRows(view, parts) {
  const { tokens, logit, remainder } = view.header, { gradient, by_token: share } = view.arrays, empty = x => x ?? "";
  const out = [["of", "name", "layer", "head", "token", "adds", "gradient_x_input"]];
  for (const { kind, layer, head, value } of parts) out.push(["part", kind, empty(layer), empty(head), "", value, ""]);
  if (parts.length) out.push(["remainder", "", "", "", "", remainder, ""], ["sum", "", "", "", "", logit, ""]);
  gradient.forEach((value, s) => out.push(["token", tokenText(tokens[s]), "", "", s, share ? share[s] : "", value]));
  return out;
}
