// Residual stream, part 7: the formulas with the numbers of one place, token and dimension, and what the picture does not show.

function residualMaths(view) {
  const title = el("h2"), lines = el("div", { class: "formulas" }), where = el("p", { class: "sub" });
  const node = el("section", { class: "maths" }, title, lines, where);
  const plus = x => (x < 0 ? `− ${signed(-x, 3)}` : `+ ${signed(x, 3)}`), minus = x => plus(-x);

  /** The addition that led to a place, as lengths. */
  function addition(facts, p, t) {
    if (!(p && Number.isFinite(facts.write(p, t)))) return `‖{resid:x}‖ = ${signed(facts.length(p, t), 3)}`;
    const role = ROLES[facts.places[p].step], [a, b, c] = [facts.entering(p, t), facts.write(p, t), facts.cosine(p, t)];
    const squares = `${few(a)}^2 + ${few(b)}^2 + 2 · ${signed(c)} · ${few(a)} · ${few(b)}`;
    return `‖{resid:x} + {${role}:a}‖^2 = ${squares} = ${signed(facts.length(p, t), 2)}^2`;
  }

  return {
    node,
    /** At the place and token that Python spoke of, and dimension d. */
    update(facts, d) {
      const { place: p, token: t } = facts.at, { x, normalized, gain, bias, out } = view.arrays;
      title.textContent = x ? `The formulas at dimension ${d}` : "The formulas";
      const made = [addition(facts, p, t)];
      if (x) {
        const C = x.length, m = facts.mean(p, t), power = signed(facts.power(p, t), 4), divisor = signed(facts.divisor(p, t), 4);
        const n = signed(normalized[d], 3), own = facts.layered ? `(${signed(x[d], 3)} ${minus(m)})` : signed(x[d], 3);
        const centred = `μ = Σ_i {resid:x}_i / ${C} = ${signed(m, 4)},   σ^2 = Σ_i ({resid:x}_i − μ)^2 / ${C} = ${power}`;
        const formulas = facts.layered ? centred : `r = Σ_i {resid:x}_i^2 / ${C} = ${power}`, shift = bias ? ` ${plus(bias[d])}` : "";
        const divided = facts.layered ? `({resid:x}_{${d}} − μ) / √(σ^2 + ε)` : `{resid:x}_{${d}} / √(r + ε)`;
        made.push(formulas, `n_{${d}} = ${divided} = ${own} / ${divisor} = ${n}`,
        `y_{${d}} = w_{${d}} n_{${d}}${bias ? ` + b_{${d}}` : ""} = ${signed(gain[d], 3)} · ${n}${shift} = ${signed(out[d], 3)}`);
      }
      lines.replaceChildren(...made.map(text => formula(text)));
      const { hook, norm, write } = facts.places[p], rest = [];
      if (x) rest.push(`x = ${hook} [0, ${t}, :]; the divisor is ${norm}.hook_scale [0, ${t}, 0], ε = ${rate(facts.eps)}. `);
      const missing = tiny(facts.remainder(p, t));
      if (write) rest.push(`a = ${write} [0, ${t}, :]; the sum misses the stream by at most ${missing} in any dimension. `);
      if (view.arrays.whole) {
        rest.push(`The embedding and all ${facts.P - 1} additions together miss the final stream by at most ${tiny(view.arrays.whole[t])}: `
          + "rounding, no more.");
      }
      where.textContent = rest.join("");
    },
  };
}

const IDEA = "Attention and MLPs never overwrite a token’s vector: they add to it, so it grows. A norm hands each of them a copy "
  + "at a fixed size and leaves the stream itself alone. The last norm does the same for the output.";
const IDEA_POST = "Attention and MLPs add to a token’s vector, and here a norm resets its size after every addition, "
  + "in the stream itself (post-norm, as in the first transformers).";
const CAVEATS = "Not shown: what a direction means. A long vector is not an important one, since the norm divides length away: "
  + "what counts is a write’s share of the stream. The second pass shows what a trained model makes of a change that it never saw, "
  + "not what it would have learned without the norm.";

/** What the norms are for, and what the picture may not be taken for. */
const residualNotes = view => pictureNotes(view, {
  idea: () => (view.header.post_norm ? IDEA_POST : IDEA),
  caveat: () => CAVEATS,
});
