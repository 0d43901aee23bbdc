// Merges, part 4: the pairs that stood for choice, and why this one won.

const HEAD = 24, ROW = 25;  // px
const TIE_RULE = "Where counts are equal, the smaller first id wins, then the smaller second.";

/** Rows that are filled anew, never made anew. */
function pairTable(view) {
  const title = el("h2"), kinds = el("span", { class: "sub" }), body = el("tbody"), rule = el("p", { class: "note quiet rule" });
  const others = el("tr", { class: "others" }, el("td", { colspan: 3 }), el("td", { class: "num r" }), el("td"));
  const head = [["Left", 1], ["Right", 1], ["Count", 2], ["Becomes", 1]];
  const heads = head.map(([text, colspan], i) => el("th", { scope: "col", colspan, class: i > 2 ? "r" : "", text }));
  const box = el("div", { class: "rows" }, el("table", {}, el("thead", {}, el("tr", {}, heads)), body));
  const node = el("section", { class: "pairs" }, el("div", { class: "head" }, title, kinds), box, rule);
  let rows = [], tall = 0;

  function makeRow() {
    const [left, right] = [el("td"), el("td")], bar = el("i", { class: "pairbar" });
    const [value, id] = [el("td", { class: "num r" }), el("td", { class: "num r" })];
    const node = el("tr", {}, left, right, el("td", { class: "barcell" }, bar), value, id);
    return { node, left, right, bar, value, id, shown: [-1, -1], said: [] };
  }

  /** Give a part of a row its text, its width or its class only where that is another. */
  function keep(row, n, now, write) {
    if (row.said[n] === now) return;
    row.said[n] = now;
    write(now);
  }

  function token(cell, row, n, facts, id) {
    if (row.shown[n] === id) return;
    row.shown[n] = id;
    const token = facts.whole(id), long = [...token.pieces.join("")].length > 9;
    cell.replaceChildren(tokenSpan(shortened(token, long ? 4 : 9)));
    if (long) cell.append(el("span", { class: "size", text: `${facts.size(id)} B` }));
  }

  return {
    node,
    clear() { for (const row of rows) row.shown = [-1, -1]; },
    /** The rows. */
    show(facts, k) {
      const why = facts.why(k), most = why[0]?.count ?? 1, lines = why.length + (facts.kinds(k) > why.length);
      if (tall !== lines) box.style.height = `${HEAD + ROW * (tall = lines)}px`;
      if (rows.length !== facts.top) {
        rows = Array.from({ length: facts.top }, makeRow);
        body.replaceChildren(...rows.map(row => row.node), others);
      }
      rows.forEach((row, n) => {
        const one = why[n];
        keep(row, 0, !one, hidden => { row.node.hidden = hidden; });
        if (!one) return;
        token(row.left, row, 0, facts, one.left);
        token(row.right, row, 1, facts, one.right);
        keep(row, 1, `scaleX(${(one.count / most).toFixed(4)})`, scale => { row.bar.style.transform = scale; });
        keep(row, 2, count(one.count), words => { row.value.textContent = words; });
        keep(row, 3, k && !n ? count(BYTES + k - 1) : "", words => { row.id.textContent = words; });
        keep(row, 4, Boolean(k) && !n, won => row.node.classList.toggle("won", won));
      });
      const left = facts.kinds(k) - why.length;
      others.hidden = left <= 0;
      others.children[0].textContent = plural(left, "other pair");
      others.children[1].textContent = count(facts.places(k) - why.reduce((sum, one) => sum + one.count, 0));
    },
    /** What stands around the rows. */
    rest(facts, k) {
      const why = facts.why(k);
      title.textContent = k ? `Why this pair: counts before merge ${count(k)}` : "Pairs in the bytes";
      kinds.textContent = `${plural(facts.kinds(k), "kind")}, whole text`;
      rule.textContent = tieWords(why, k);
    },
  };
}

function tieWords(why, k) {
  if (!why.length) return "There is no pair left to count.";
  const same = why.filter(one => one.count === why[0].count);
  if (!k || same.length < 2) return TIE_RULE;
  const [won, next] = same, ids = won.left === next.left ? [won.right, next.right] : [won.left, next.left];
  const many = same.length === why.length ? `At least ${same.length}` : `${same.length}`;
  const which = won.left === next.left ? "second" : "first";
  return `${many} pairs stand at ${count(won.count)}: the smaller ${which} id wins, ${ids[0]} before ${ids[1]}.`;
}
