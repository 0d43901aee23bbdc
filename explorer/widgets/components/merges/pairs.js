// Merges, part 4: the pairs that stood for choice, and why this one won.

const TIE_RULE = "Where counts are equal, the smaller first id wins, then the smaller second.";

/** Rows that are filled anew, never made anew. */
function pairTable(view) {
  const title = el("h2"), kinds = el("span", { class: "sub" }), body = el("tbody"), rule = el("p", { class: "note quiet rule" });
  const others = el("tr", { class: "others" }, el("td", { colspan: 3 }), el("td", { class: "num r" }), el("td"));
  const head = [["Left", 1], ["Right", 1], ["Count", 2], ["Becomes", 1]];
  const node = el("section", { class: "pairs" }, el("div", { class: "head" }, title, kinds),
    el("table", {}, el("thead", {}, el("tr", {}, head.map(([text, colspan], i) =>
      el("th", { scope: "col", colspan, class: i > 2 ? "r" : "", text })))), body), rule);
  let rows = [];

  function makeRow() {
    const left = el("td"), right = el("td"), bar = el("i", { class: "pairbar" }), value = el("td", { class: "num r" }), id = el("td", { class: "num r" });
    const row = { node: el("tr", {}, left, right, el("td", { class: "barcell" }, bar), value, id), left, right, bar, value, id, shown: [-1, -1] };
    return row;
  }

  function token(cell, row, n, facts, id) {
    if (row.shown[n] === id) return;
    row.shown[n] = id;
    cell.replaceChildren(tokenSpan(facts.token(id), {}, 9));
  }

  return {
    node,
    clear() { for (const row of rows) row.shown = [-1, -1]; },
    show(facts, k) {
      const why = facts.why(k), most = why[0]?.count ?? 1;
      if (rows.length !== facts.top) {
        rows = Array.from({ length: facts.top }, makeRow);
        body.replaceChildren(...rows.map(row => row.node), others);
      }
      title.textContent = k ? `Why this pair: counts before merge ${count(k)}` : "Pairs in the bytes";
      kinds.textContent = `${count(facts.kinds(k))} kinds, whole text`;
      rows.forEach((row, n) => {
        const one = why[n];
        row.node.hidden = !one;
        if (!one) return;
        token(row.left, row, 0, facts, one.left);
        token(row.right, row, 1, facts, one.right);
        row.bar.style.width = `${(100 * one.count) / most}%`;
        row.value.textContent = count(one.count);
        row.id.textContent = k && !n ? count(BYTES + k - 1) : "";
        row.node.classList.toggle("won", Boolean(k) && !n);
      });
      const left = facts.kinds(k) - why.length;
      others.hidden = left <= 0;
      others.children[0].textContent = left === 1 ? "1 other pair" : `${count(left)} other pairs`;
      others.children[1].textContent = count(facts.places(k) - why.reduce((sum, one) => sum + one.count, 0));
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
  return `${many} pairs stand at ${count(won.count)}: the smaller ${won.left === next.left ? "second" : "first"} id wins, ${ids[0]} before ${ids[1]}.`;
}
