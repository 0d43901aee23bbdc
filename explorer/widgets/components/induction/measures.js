// Induction: the two measures, with the numbers of the very token that is chosen.

function maths(view, state) {
  const node = el("section", { class: "maths" });
  const token = i => tokenSpan(view.header.row.tokens[i], { class: "token quoted" }, 9);
  const line = text => el("div", { class: "step" }, formula(text));

  function looking(f, head, at, { query, copies }) {
    const weights = ofRow(view, state, "after_copy");
    if (!copies.length) {
      const before = query >= 0 ? [token(query)] : [];
      return [note("Before ", token(state.token), " stands ", ...before, ", which was not said before: nothing can be looked up, "
        + "and this token does not count.")];
    }
    const sum = copies.slice(0, 3).map(key => `A_{${query}, ${key}}`).join(" + "), s = copies.length > 1;
    return [line(`${sum}${copies.length > 3 ? " + …" : ""} = ${weight(weights[at + query])}`),
      note(`${headName(head)} stands on `, token(query), ` (query ${query}); what followed its earlier ${s ? "copies" : "copy"}, `
        + `key${s ? "s" : ""} ${copies.join(", ")}, takes ${weight(weights[at + query])} of its attention.`)];
  }

  function score(f, head, at) {
    const { row, rows } = view.header, weights = ofRow(view, state, "after_copy");
    const queries = row.copied.flatMap((is, t) => (is ? [t] : [])), whole = silentShown(view, state) ? ", with no head silent," : "";
    if (!queries.length) return [];
    const mean = queries.reduce((sum, t) => sum + weights[at + t], 0) / queries.length;
    return [line(`score = 1/${queries.length} Σ_t Σ_s A_{t, s+1} = ${weight(mean)}`),
      note(`Over the ${queries.length} queries of this row that have an earlier copy. Over ${rows.n} held-out rows${whole} it is `
        + `${weight(f.induction(state.k, head))}.`)];
  }

  function losses(f) {
    const { row, share: copied } = view.header, k = state.k, place = k * (row.tokens.length - 1) + state.token - 1;
    const of = ofRow(view, state, "row_loss")[place], mean = copied * f.copied(k) + (1 - copied) * f.fresh(k);
    const one = () => [line(`−ln p = −ln ${Math.exp(-of).toPrecision(2)} = ${of.toFixed(2)}`),
      note("The loss of ", token(state.token), ", in nats.")];
    return [...(Number.isFinite(of) ? one() : []),
      line(`loss = ${copied.toFixed(2)} · ${loss(f.copied(k))} + ${(1 - copied).toFixed(2)} · ${loss(f.fresh(k))} = ${loss(mean)}`),
      note("Repeated tokens and new ones, by their share. A token counts as repeated where the one before it has been seen: "
        + "the first of a second saying is new, nothing announces it.")];
  }

  return {
    node,
    update() {
      const f = facts(view), { induction, row } = view.header, head = state.head ?? induction[0] ?? [f.L - 1, 0];
      const at = (state.k * f.N + head[0] * f.H + head[1]) * (row.tokens.length - 1);
      node.replaceChildren(el("h2", { text: "The two measures, in numbers" }), ...looking(f, head, at, pair(view, state)),
        ...score(f, head, at), ...losses(f));
    },
  };
}
