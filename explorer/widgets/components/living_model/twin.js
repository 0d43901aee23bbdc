// Living model, part 3: what is drawn in a sentence and as tables, for those who do not see it, and as rows for CSV.

/** The whole picture in a sentence or two. */
function inWords(view) {
  const { step, before, heads: [L, H], tokens, mean_loss, mean_before, words } = view.header, { change } = view.arrays;
  const said = [`At step ${count(step)} the model of ${L} × ${H} heads reads a text of ${tokens.length} tokens`];
  if (mean_loss !== null) said.push(` with a mean loss of ${loss(mean_loss)} nats a token`);
  if (Number.isFinite(mean_before) && mean_before !== null) said.push(`, ${loss(mean_before)} at step ${count(before)}`);
  said.push(".");
  if (change) {
    let most = 0;
    change.forEach((value, n) => { if (value > change[most]) most = n; });
    const name = `Head ${most % H} of block ${Math.floor(most / H)} (${words[most]})`;
    said.push(` ${name} changed most: ${pct(change[most])} of its attention moved.`);
  }
  return said.join("");
}

/** Three tables: the heads, the sample, the probe text. */
function wordsAndTables(view) {
  const named = (token, n) => el("span", {}, `${n} `, tokenSpan(token, {}, 16));
  function tables() {
    const { header, arrays } = view, { change } = arrays, moved = change ? [`moved since step ${count(header.before)}`] : [];
    if (header.waiting) return [];
    const heads = header.words.map((word, n) => [headName(view, n), word, ...(change ? [pct(change[n])] : [])]);
    const drawn = n => (Number.isFinite(surpriseOf(view, n)) ? surpriseOf(view, n).toFixed(4) : "prompt");
    const read = n => (n ? [arrays.loss[n - 1].toFixed(4), pct(arrays.told[n - 1])] : ["", ""]);
    const written = header.sample && { caption: "What it writes", heads: ["token", "surprise, nats"],
      rows: header.sample.tokens.map((token, n) => [named(token, n), drawn(n)]) };
    return [{ caption: `Heads at step ${count(header.step)}`, heads: ["head", "on this text", ...moved], rows: heads }, written,
      { caption: "How it reads", heads: ["token", "loss, nats", "probability"],
        rows: header.tokens.map((token, n) => [named(token, n), ...read(n)]) }].filter(Boolean);
  }
  return pictureTwin({ label: "Tables of what is drawn", says: () => (view.header.waiting ? "" : inWords(view)), tables });
}

const headName = (view, n) => `L${Math.floor(n / view.header.heads[1])} H${n % view.header.heads[1]}`;
/** Nats of token n of the sample; NaN for one of its prompt. */
const surpriseOf = (view, n) => (n < view.header.sample.n_prompt ? NaN : view.arrays.surprise[n - view.header.sample.n_prompt]);

/** Every number drawn, a row each. */
function livingRows(view) {
  const { header, arrays } = view, rows = [["what", "step", "layer", "head", "query", "key", "token", "value", "unit"]];
  const { cells, change } = arrays, [L, H, N] = cells.shape, side = header.tokens_per_cell;
  const unit = side > 1 ? `largest weight of ${side} x ${side} tokens` : "weight";
  for (let n = 0; n < L * H; n++) {
    const place = [header.step, Math.floor(n / H), n % H];
    if (change) rows.push(["change", ...place, "", "", "", change[n], `share of attention moved since step ${header.before}`]);
    for (let i = 0; i < N; i++) for (let j = 0; j <= i; j++) {
      rows.push(["pattern", ...place, i * side, j * side, "", cells[(n * N + i) * N + j] / 65535, unit]);
    }
  }
  const told = (what, step, tokens, nats) => tokens.forEach((token, n) => {
    rows.push([what, step, "", "", n, "", tokenText(token), nats(n), "nats"]);
  });
  if (header.sample) told("writes", header.sample.step, header.sample.tokens, n => surpriseOf(view, n));
  told("reads", header.step, header.tokens, n => (n ? arrays.loss[n - 1] : ""));
  return rows;
}
