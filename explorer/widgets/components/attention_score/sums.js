// One score, part 2: from the products to the weight, a line for each step, with the numbers of this pair.

/** What the terms sum to, what the position takes off, and what softmax makes of it. */
function scoreSums(view) {
  const body = el("dl", { class: "steps" }), check = el("p", { class: "sub" });
  const step = (name, value, what, strong) => el("div", { class: strong ? "strong" : "" },
    el("dt", {}, name), el("dd", { class: "num", text: value }), el("dd", { class: "sub", text: what }));
  return {
    node: el("div", { class: "sums" }, body, check),
    update(pair) {
      const { slope, positions } = view.header, { terms, i, j, D } = pair;
      const above = terms.filter(x => x > 0), below = terms.filter(x => x < 0), add = list => list.reduce((a, b) => a + b, 0);
      body.replaceChildren(...[
        step("Pull up", signed(add(above), 4, true), `${above.length} of ${D} numbers, where q and k agree`),
        step("Pull down", signed(add(below), 4), `${below.length} of ${D}, where they disagree`),
        slope && step("Distance", signed(pair.bias, 4), `ALiBi: slope ${signed(slope, 4)} × ${i - j} back`),
        step("Score", signed(pair.total, 4), positions === "rope" ? "q and k already turned by position" : "before softmax", true),
        step("Weight", pair.weight.toFixed(4), `softmax: its share among the ${plural(i + 1, "key")} that query ${i} sees`, true),
      ].filter(Boolean));
      const off = Math.abs(pair.score - pair.total), why = off > 1e-3 * (1 + Math.abs(pair.score))
        ? "an intervention changed it" : "float32’s rounding";
      const apart = off < 1e-12 ? "is the same" : `differs by ${rate(off)}, ${why}`;
      check.textContent = `The model computed the score ${signed(pair.score, 4)}; the sum on screen ${apart}.`;
    },
  };
}
