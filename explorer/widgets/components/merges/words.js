// Merges, part 6: what is drawn in words: the sentence, the count as a sum, the shapes, the table and the CSV.

/** One sentence for who does not see the picture. */
function mergeSentence(facts, k, tokens) {
  const cut = `The text shown is ${plural(tokens, "token")}; the whole text has ${facts.perToken(k).toFixed(2)} bytes per token.`;
  if (!k) return `No merge: every byte is a token. ${cut}`;
  const [left, right] = facts.pair(k).map(facts.said), made = facts.said(BYTES + k - 1);
  return `Merge ${count(k)} of ${count(facts.K)} joined “${left}” and “${right}” to “${made}”, `
    + `which stood side by side ${plural(facts.made(k), "time")}. ${cut}`;
}

/** The formula, and under it the same with the numbers of merge k. */
function countMaths() {
  const line = el("div", { class: "sum" }), title = el("h2", { text: "The count, as a sum over words" });
  const rule = formula("count ( l , r ) = ∑ _{w} n_w · # { i : w_i = l, w_{i+1} = r }");
  const legend = el("p", { class: "note quiet", text: "n: how often the word w stands in the text. #: in how many places of the word "
    + "l is followed by r. Merges never cross from one word to the next." });
  const node = el("section", { class: "maths" }, title, rule, line, legend);
  return {
    node,
    show(facts, k) {
      node.hidden = !k;
      node.style.display = facts.K ? "" : "none";  // else it keeps its room, so that nothing moves at the first merge
      if (!k) return;
      const [left, right] = facts.pair(k), { words: named, all } = facts.holders(k), total = facts.made(k);
      const rest = total - named.reduce((sum, one) => sum + one.count, 0), others = all - named.length;
      const number = n => el("b", { class: "num", text: count(n) });
      const parts = named.flatMap(({ word, count: n }, i) => [i ? " + " : " = ", number(n), " in ", tokenSpan(word)]);
      line.replaceChildren("count(", tokenSpan(facts.token(left)), ", ", tokenSpan(facts.token(right)), ") = ", number(total), ...parts,
        ...(others > 0 ? [" + ", number(rest), ` in ${plural(others, "other word")}`] : []));
    },
  };
}

/** What the tables measure at k; shown at the depth of shapes. */
function mergeShapes() {
  const body = el("tbody"), node = el("section", { class: "shapes" }, el("h2", { text: "Shapes" }), el("table", {}, body));
  return {
    node,
    show(view, facts, k) {
      node.hidden = view.header.depth !== "shapes";
      if (node.hidden) return;
      const rows = [
        ["the text as bytes", `[${count(facts.bytes)}]`, "each from 0 to 255"],
        ["the text as ids", `[${count(facts.tokens(k))}]`, `each below ${count(BYTES + k)}`],
        ["different words", `[${count(view.header.kinds_of_words)}]`, "each with its count; only these are read again"],
        ["merges", `[${count(k)}, 2]`, "a left and a right id a row, in the order learned"],
        ["pairs counted before this merge", `[${count(facts.kinds(k))}]`, "one count a pair"],
        ["token embedding of a model with it", `[${count(BYTES + k)}, d_model]`, "one row a token, special tokens not counted"],
      ];
      body.replaceChildren(...rows.map(([what, shape, why]) => el("tr", {}, el("th", { scope: "row", text: what }),
        el("td", { class: "num", text: shape }), el("td", { text: why }))));
    },
  };
}

/** Candidates and tokens as tables, filled when opened. */
function mergeTwin() {
  const words = el("p", { class: "note" }), table = el("table"), cut = el("p", { class: "note cutlist" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the pairs" }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => node.fillIn?.() } },
    el("summary", { text: "In words and as a table" }), words, scroll, cut);
  return {
    node,
    show(view, facts, k, tokens) {
      node.fillIn = () => {
        if (!node.open) return;
        words.textContent = mergeSentence(facts, k, tokens.length);
        const named = id => `${tokenText(facts.token(id))} (${id})`;
        const rows = facts.why(k).map(({ left, right, count: n }) => [named(left), named(right), count(n)]);
        table.replaceChildren(el("tr", {}, ["left (id)", "right (id)", "count"].map(text => el("th", { scope: "col", text }))),
          ...rows.map(row => el("tr", {}, row.map((text, i) => el(i ? "td" : "th", { scope: i ? undefined : "row", text })))));
        cut.textContent = `Tokens of the text shown: ${shownTokens(view, tokens).join(" | ")}`;
      };
      node.fillIn();
    },
  };
}

/** The tokens of the shown text as strings; a part of a character is written as its place in it. */
function shownTokens(view, tokens) {
  const { starts, gone } = view.arrays, unitOf = unitsOf(starts, gone.length), { units } = view.header;
  const written = i => (typeof units[i] === "string" ? units[i] : units[i].join(""));
  return tokens.map(([start, end]) => {
    const out = [];
    for (let i = unitOf[start]; i <= unitOf[end - 1]; i++) {
      const first = starts[i], stop = starts[i + 1] ?? gone.length;
      const whole = start <= first && end >= stop;
      out.push(whole ? written(i) : `${written(i)}[bytes ${Math.max(start, first) - first} to ${Math.min(end, stop) - first - 1}]`);
    }
    return out.join("");
  });
}

/** Every number drawn at k. */
function mergeRows(view, facts, k, tokens) {
  const rows = [["what", "merge", "left_id", "right_id", "left", "right", "id", "token", "count", "bytes_per_token"]];
  rows.push(["curve", 0, "", "", "", "", "", "", "", 1]);
  const word = id => tokenText(facts.whole(id)), named = (left, right) => [left, right, word(left), word(right)];
  for (let n = 1; n <= facts.K; n++) {
    const id = BYTES + n - 1;
    rows.push(["curve", n, ...named(...facts.pair(n)), id, word(id), facts.made(n), facts.perToken(n)]);
  }
  for (const { left, right, count: n } of facts.why(k)) rows.push(["candidate", k, ...named(left, right), "", "", n, ""]);
  for (const text of shownTokens(view, tokens)) rows.push(["text", k, "", "", "", "", "", text, "", ""]);
  return rows;
}
