// Tables of a head, part 2: without any text, what every token would look for and what would be copied from it, on request.

function wholeVocabulary(view, { who, heads }) {
  const title = el("h2", { text: "Over the vocabulary" }), figures = el("p", { class: "note" }), rule = el("div");
  const list = el("div", { class: "list alone" }), caveat = el("p", { class: "note quiet" });
  const open = el("button", { class: "btn", type: "button", "data-export": "no", on: { click: () => ask() } });
  let asked = false;

  function ask() {
    asked = !view.header.whole;
    view.set("choices", { vocabulary: asked ? "yes" : "" });
    view.redraw();
  }

  function reads(n) {
    const { arrays, header: { n_among: all } } = view, own = text => el("span", { class: "sub", text });
    return el("div", { class: "entry" }, who(n),
      el("div", {}, tokenLine(view, entries(view, "keys", n), { plus: false }), own(`itself ${place(arrays.own_rank[n], all)}`)),
      el("div", {}, tokenLine(view, entries(view, "alone_up", n)),
        own(`itself ${place(arrays.alone_rank[n], all)}, ${signed(arrays.alone_itself[n], 2, true)}`)));
  }

  /** What the eigenvalues say, in words. */
  function copier(score) {
    const strength = Math.abs(score) > 0.5 ? "mostly" : "on the whole rather";
    if (Math.abs(score) < 0.1) return "neither copying nor the opposite";
    return score > 0 ? `it ${strength} speaks for what it looks at` : `it ${strength} speaks against what it looks at`;
  }

  /** What is in the tables and what is not. */
  function said() {
    const { header: { positions, post_norm: post, edited, among }, focus: { layer } } = view;
    const where = { rope: "Positions are left out: q and k are not turned", alibi: "Positions are left out: no distance is taken off",
      none: "This model has no positions to leave out" }[positions] ?? "Positions are left out";
    const norm = post ? "The embedding passes the norms of the blocks before, with nothing added; the final norm’s gain is folded in"
      : "The norm before the head acts on the embedding itself; the final norm’s gain is folded in";
    const first = "In this first block that is all the head reads, but for the position";
    const later = `But this head reads what ${plural(layer, "block")} before it added as well: these tables are its direct path alone, and `
      + "a head that works on what others wrote can look idle or odd here";
    return `From the weights, biases of q, k and v included. ${norm}, its division is not. ${where}. ${layer ? later : first}. ${
      among ? `Listed and counted: ${among}.` : ""}${edited ? " Interventions do not change weights, so they do not show." : ""}`;
  }

  return {
    node: el("section", { class: "whole" }, title, figures, open, list, rule, caveat),
    update(keys) {
      const { header: { whole, copying, tokens }, focus } = view, seen = new Set();
      if (whole) asked = false;
      open.textContent = whole ? "Close" : asked ? "Reading the weights …" : "Read the weights";
      open.disabled = asked && !whole;
      rule.hidden = caveat.hidden = list.hidden = !whole;
      figures.textContent = "Without any text: which keys each token as a query would score highest, and what it as a key would hand over.";
      if (!whole) return;
      figures.replaceChildren("Copying score ", el("b", { class: "num", text: signed(copying, 2, true) }),
        `: ${copier(copying)}. From −1 to 1: the sum of OV’s eigenvalues over the sum of their sizes (Elhage et al. 2021).`);
      rule.replaceChildren(formula("QK = W_E W_Q W_K^T W_E^T / √d,   OV = W_E W_V W_O W_U"));
      const fresh = n => { const name = tokenText(tokens[n]); return !seen.has(name) && seen.add(name); };
      const some = [focus.token, ...keys.map(({ j }) => j)].filter(fresh).slice(0, SHOWN);
      list.replaceChildren(heads("token alone", "QK: as a query it looks for", "OV: as a key it speaks for (not divided)"),
        ...some.map(reads));
      caveat.textContent = said();
    },
  };
}
