// Induction: the shapes, and what this page does not show.

function unseen(view) {
  const node = el("section", { class: "unseen" });

  function shapes() {
    const { rows, n_vocab, heads: [L, H] } = view.header, T = view.arrays.pattern.shape[3];
    const letters = [["hook_pattern, a block", `B H Tq Tk = ${rows.n} ${H} ${rows.tokens} ${rows.tokens}`],
      ["the row's patterns, all heads", `L H Tq Tk = ${L} ${H} ${T} ${T}`],
      ["hook_z, where a head is silenced", "B T H D, [:, :, h] = 0"],
      ["logits", `B T V = ${rows.n} ${rows.tokens} ${n_vocab}`],
      ["W_QK = W_Qᵀ W_K, and W_OV = W_O W_V", "C C, a head"],
      ["K-composition", "‖W_QK W_OV‖ / (‖W_QK‖ ‖W_OV‖), about 1/√C by chance"]];
    const row = ([name, shape]) => el("tr", {}, el("th", { scope: "row", text: name }), el("td", { text: shape }));
    return el("table", { class: "shapes" }, letters.map(row));
  }

  return {
    node,
    update() {
      const { rows, depth } = view.header;
      node.replaceChildren(...(depth === "shapes" ? [shapes()] : []), el("h2", { text: "What this does not show" }),
        note("A score is not a mechanism. It says where a head looks on lists like these; a model can copy well with an "
          + "induction score near 0, by another route, and a head that looks there may pass on nothing. Only the silenced "
          + "passes measure what is used, and only for these rows: other heads may take over once one is gone. The order of "
          + "the curves does not say what causes what."),
        el("p", { class: "note quiet" }, `All numbers: ${rows.n} lists of random characters that training never saw (seed `
          + `${rows.seed}), ${rows.tokens} tokens each. A silent head's result z is replaced before W_O, by zero or by its mean `
          + "at each position over these rows. K-composition leaves out the norm's scaling and the turning of RoPE. Olsson et "
          + "al. 2022, In-context learning and induction heads; Elhage et al. 2021, A mathematical framework for transformer "
          + "circuits."));
    },
  };
}
