// Rollout, in words and as a table.

function rolloutTwin(view) {
  const said = el("p", { class: "note" }), table = el("table"), live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the rollout" }, table);
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll);
  let seen = null;

  function words({ L, rolled }) {
    const { header: { tokens }, focus: { token: F } } = view;
    const all = Array.from({ length: F + 1 }, (_, j) => ({ j, p: rolled(L - 1, j) })).sort((a, b) => b.p - a.p);
    const three = all.slice(0, 3).map(({ j, p }) => `${weight(p)} of token ${j} ${tokenText(tokens[j], 16)}`).join(", ");
    return `After ${plural(L, "block")} query ${F} ${tokenText(tokens[F], 16)} holds, by rollout, ${three}.`;
  }
  function fillIn() {
    if (!node.open || !seen) return;
    const { header: { tokens }, focus: { token: F } } = view, blocks = Array.from({ length: seen.L }, (_, l) => l);
    const head = ["token", ...blocks.map(l => `after L${l}`)].map(text => el("th", { scope: "col", text }));
    const rows = Array.from({ length: F + 1 }, (_, j) => el("tr", {}, el("th", { scope: "row" }, `${j} `, tokenSpan(tokens[j], {}, 16)),
      blocks.map(l => el("td", { text: seen.rolled(l, j).toFixed(4) }))));
    table.replaceChildren(el("caption", { text: `Rollout of query ${F}` }), el("tr", {}, head), ...rows);
  }
  return {
    node, live, words,
    update(now) {
      seen = now;
      said.textContent = words(now);
      if (live.textContent !== said.textContent) live.textContent = said.textContent;
      fillIn();
    },
  };
}
