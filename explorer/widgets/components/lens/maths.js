// Logit lens, part 5: the formula with the numbers of one cell, and what the picture does not show.

function lensMaths(view) {
  const lines = el("div", { class: "formulas" }), where = el("p", { class: "sub" }), stream = streamLink(view);
  const node = el("section", { class: "maths" }, el("h2", { text: "The lens at one place" }), lines, where, stream.node);
  const inline = text => [...formula(text).childNodes];
  return {
    node,
    /** At depth n and token t. */
    update(facts, n, t) {
      const depth = view.header.depths[n], norm = view.header.norm === "layernorm" ? "LayerNorm" : "RMSNorm", said = [];
      if (facts.has(t)) {
        const token = tokenSpan(facts.answerWord(t), {}, 12), s = signed(facts.logit(n, t)), total = signed(facts.total(n, t));
        const less = facts.total(n, t) < 0 ? `+ ${signed(-facts.total(n, t))}` : `− ${total}`;
        said.push(el("div", { class: "formula" }, ...inline("p("), token, ...inline(`) = e^{s} / Σ_v e^{s_v} = e^{${s} ${less}} = `),
          el("b", { class: "num", text: fineProb(facts.p(n, t)) })),
          el("div", { class: "formula" }, ...inline(`s = ${norm}({resid:x}) · u = ${s},   ln Σ_v e^{s_v} = ${total}`)));
      }
      said.push(el("div", { class: "formula" },
        ...inline(`H = −Σ_v p_v ln p_v = ${signed(facts.entropy(n, t))},   `),
        ...inline(`KL = Σ_v p_v^{end} ln(p_v^{end} / p_v) = ${signed(facts.kl(n, t), 3)}`)));
      lines.replaceChildren(...said);
      const u = facts.has(t) ? [", u the row of W", el("sub", { text: "U" }), " for ", tokenSpan(facts.answerWord(t), {}, 12)] : [];
      const normed = view.header.post_norm && depth.after !== "embedding" ? ", after the norm that follows" : "";
      where.replaceChildren(el("span", { class: "resid", text: "x" }), ` = ${depth.hook} [0, ${t}, :]${normed}`, ...u,
        `; v runs over all ${count(facts.V)} tokens; nats`);
      stream.update(n, t);
    },
  };
}

/** To the Residual stream, at this depth: by the norm that reads it. The link stays the same one, or a click that ends a hover
 * would find another than it began on. */
function streamLink(view) {
  let to = {};
  const link = el("a", { text: "The stream there", on: { click: event => follow(view, event, "residual", to) } });
  return {
    node: el("p", { class: "sub", "data-export": "no" }, link),
    update(n, t) {
      const { depths, pages, n_layers: L, can_halve: halves, post_norm: post } = view.header, { after, layer } = depths[n];
      const own = { embedding: post ? "none" : "ln1", attention: post || !halves ? "ln1" : "ln2", mlp: post ? "ln2" : "ln1" }[after];
      const next = !post && (after === "mlp" || (after === "attention" && !halves)) ? layer + 1 : layer;
      to = { layer: Math.min(next, L - 1), head: view.focus.head, token: t, norm: next < L ? own : "final" };
      link.setAttribute("href", `${pageLink(pages.residual, to)}&norm=${to.norm}`);
    },
  };
}

const IDEA = ["Each block only adds to a token’s vector. The lens stops on the way and lets the model’s own last step, the final norm "
  + "and the unembedding, read what is there so far. The last column is the output itself.",
"The lens stops on the way and lets the model’s own last step, the final norm and the unembedding, read what is there so far. "
  + "The last column is the output itself."];
const CAVEATS = ["Not shown: what a depth “thinks”. The unembedding was trained to read the end; "
  + "an early vector may hold the answer in a form it cannot read (Belrose et al. 2023).",
"This model normalises the stream after each addition (post-norm): what is read is the normalised stream, "
  + "and the columns are no running sum."];

/** What a lens is, and what it may not be taken for. */
const lensNotes = view => pictureNotes(view, {
  idea: () => IDEA[view.header.post_norm ? 1 : 0],
  caveat: () => CAVEATS.slice(0, view.header.post_norm ? 2 : 1).join(" "),
});
