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

/** Both lists as tables. */
function partsTwin(view, parts) {
  function tables() {
    const { gradient, by_token: share } = view.arrays, { tokens, logit, remainder } = view.header, number = x => signed(x, 4);
    const token = s => el("span", {}, `${s} `, tokenSpan(tokens[s], {}, 16)), found = parts();
    const components = { caption: "Every part, in the order of the depth", heads: ["part", "adds"],
      rows: [...found.map(({ name, value }) => [name, number(value)]), ["remainder", tiny(remainder)], ["sum", number(logit)]] };
    const sources = { caption: "Every token up to the one in focus",
      heads: ["token", ...(share ? ["attribution"] : []), "gradient × input"],
      rows: Array.from(gradient, (value, s) => [token(s), ...(share ? [number(share[s])] : []), number(value)]) };
    return found.length ? [components, sources] : [sources];
  }
  return pictureTwin({ label: "Tables of the parts and the tokens", says: () => partsInWords(view, parts()), tables });
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
