// Residual stream, part 8: the picture in words, its twin as a table, and its rows for a spreadsheet.

const COLUMNS = [["length", "length"], ["length added to", "entering"], ["length added", "write"], ["cosine", "cosine"],
  ["to the end", "along"], ["mean", "mean"], ["variance", "variance"], ["divisor", "divisor"],
  ["mean after", "outMean"], ["variance after", "outVariance"],
  ["largest |x|", "peak"], ["in dimension", "dim"], ["outliers", "outliers"]];

/** The row in focus and the second pass in a few sentences. */
function residualInWords(view, facts) {
  const t = view.focus.token, { tokens, words } = view.header, name = token => `“${tokenText(token, 24)}”`, end = facts.P - 1;
  const writes = facts.places.map((_, p) => facts.write(p, t) || 0), most = writes.indexOf(Math.max(...writes));
  const said = [`The stream of token ${t} ${name(tokens[t])} has a length of ${few(facts.length(0, t))} at the embedding and `
    + `${few(facts.length(end, t))} at the end; ${writerWords(view, most)} adds most, ${few(writes[most])}.`];
  const { place: p, token } = facts.at, { answer, before, after } = view.arrays;
  if (token === t && answer) {
    const how = view.header.how === "bypass" ? "bypassed" : `dividing every token by ${few(view.header.divisor)}`;
    said.push(`${capital(normWords(view, p))} divides it by ${few(facts.divisor(p, t))}.`,
      `With that norm ${how}, ${name(words[answer[t]])} ${moved(before[t], after[t])}.`);
  }
  return said.join(" ");
}

/** The numbers of the token in focus at every place. */
function residualTwin(view, facts) {
  const whole = new Set(["dim", "outliers"]), heads = ["after", ...COLUMNS.map(([text]) => text)];
  const written = (x, key) => (!Number.isFinite(x) ? "—" : whole.has(key) ? String(x) : signed(x, 4));
  function tables() {
    const f = facts(), t = view.focus.token;
    const rows = f.places.map((_, p) => [writerWords(view, p), ...COLUMNS.map(([, key]) => written(f[key](p, t), key))]);
    return [{ caption: `Token ${t}: the stream after each place, and the norm that reads it there`, heads, rows }];
  }
  return pictureTwin({ label: "Table of the row in focus", says: () => residualInWords(view, facts()), tables,
    rest: () => "One row of the grid; the CSV above holds all of it, the dimensions of the norm and the second pass." });
}

/** Rows of all that is drawn: cells, then the norm's dimensions, then the second pass by token. */
function residualRows(view, facts) {
  const { tokens, how, words } = view.header, { x, normalized, gain, bias, out, answer, before, after, trial_kl: kl } = view.arrays;
  const keys = COLUMNS.map(([text]) => text.replaceAll("|", "").replaceAll(" ", "_")), finite = v => (Number.isFinite(v) ? v : "");
  const rows = [["of", "token", "text", "place", "hook", "norm", ...keys, "outlier_ratio", "answer_with_norm_bypassed", "dimension", "x",
    "normalized", "gain", "bias", "out", "second_pass", "answer", "probability", "second_probability", "kl_nats"]];
  for (let t = 0; t < facts.T; t++) facts.places.forEach(({ hook, norm }, p) => rows.push(["cell", t, tokenText(tokens[t]), p, hook, norm,
    ...COLUMNS.map(([, key]) => finite(facts[key](p, t))), facts.ratio(p, t), facts.each ? finite(facts.each(p, t)) : ""]));
  const { place: p, token } = facts.at, { hook, norm } = facts.places[p], none = n => Array(n).fill("");
  if (x) x.forEach((v, d) => rows.push(["dimension", token, tokenText(tokens[token]), p, hook, norm, ...none(keys.length + 2), d, v,
    normalized[d], gain[d], bias ? bias[d] : "", out[d]]));
  if (answer) answer.forEach((id, t) => rows.push(["second pass", t, tokenText(tokens[t]), p, hook, norm, ...none(keys.length + 8), how,
    tokenText(words[id]), before[t], after[t], kl[t]]));
  return rows.map(row => [...row, ...none(rows[0].length - row.length)]);
}
