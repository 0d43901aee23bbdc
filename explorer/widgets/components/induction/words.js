// Induction, part 6: the two measures with this very token's numbers, what is not shown, and the table twin.

function maths(view, state) {
  const node = el("section", { class: "maths" });
  const line = (text, ...rest) => el("div", { class: "step" }, formula(text), ...rest);
  return {
    node,
    update() {
      const f = facts(view), { row, share, rows, induction } = view.header, T = row.tokens.length - 1, { query, copies } = pair(view, state), k = state.k;
      const head = state.head ?? induction[0] ?? [f.L - 1, 0], n = head[0] * f.H + head[1], at = (k * f.N + n) * T;
      const weights = ofRow(view, state, "after_copy"), nats = ofRow(view, state, "row_loss")[k * T + state.token - 1], token = i => tokenSpan(row.tokens[i], { class: "token quoted" }, 9);
      const queries = row.copied.flatMap((is, t) => (is ? [t] : [])), mean = queries.reduce((sum, t) => sum + weights[at + t], 0) / queries.length;
      const L = share * f.copied(k) + (1 - share) * f.fresh(k), out = [el("h2", { text: "The two measures, in numbers" })];
      if (copies.length) {
        out.push(line(`${copies.slice(0, 3).map(key => `A_{${query}, ${key}}`).join(" + ")}${copies.length > 3 ? " + …" : ""} = ${weight(weights[at + query])}`), el("p", { class: "note" }, `${headName(head)} stands on `, token(query), ` (query ${query}); what followed its earlier ${copies.length > 1 ? "copies" : "copy"}, key${copies.length > 1 ? "s" : ""} ${copies.join(", ")}, takes ${weight(weights[at + query])} of its attention.`));
      } else {
        out.push(el("p", { class: "note" }, "Before ", token(state.token), " stands ", ...(query >= 0 ? [token(query)] : []), ", which was not said before: nothing can be looked up, and this token does not count."));
      }
      if (queries.length) out.push(line(`score = 1/${queries.length} Σ_t Σ_s A_{t, s+1} = ${weight(mean)}`), el("p", { class: "note" }, `Over the ${queries.length} queries of this row that have an earlier copy. Over ${rows.n} held-out rows${silentShown(view, state) ? ", with no head silent," : ""} it is ${weight(f.induction(k, head))}.`));
      if (Number.isFinite(nats)) out.push(line(`−ln p = −ln ${Math.exp(-nats).toPrecision(2)} = ${nats.toFixed(2)}`), el("p", { class: "note" }, "The loss of ", token(state.token), ", in nats."));
      out.push(line(`loss = ${share.toFixed(2)} · ${loss(f.copied(k))} + ${(1 - share).toFixed(2)} · ${loss(f.fresh(k))} = ${loss(L)}`), el("p", { class: "note", text: `Repeated tokens and new ones, by their share. A token counts as repeated where the one before it has been seen: the first of a second saying is new, nothing announces it.` }));
      node.replaceChildren(...out);
    },
  };
}

function unseen(view) {
  const node = el("section", { class: "unseen" });
  return { node, update() {
    const { rows, n_vocab, depth, heads: [L, H] } = view.header, T = view.arrays.pattern.shape[3];
    const letters = [["hook_pattern, a block", `B H Tq Tk = ${rows.n} ${H} ${rows.tokens} ${rows.tokens}`], ["the row's patterns, all heads", `L H Tq Tk = ${L} ${H} ${T} ${T}`],
      ["hook_z, where a head is silenced", `B T H D, [:, :, h] = 0`], ["logits", `B T V = ${rows.n} ${rows.tokens} ${n_vocab}`], ["W_QK = W_Qᵀ W_K, and W_OV = W_O W_V", "C C, a head"], ["K-composition", "‖W_QK W_OV‖ / (‖W_QK‖ ‖W_OV‖), about 1/√C by chance"]];
    node.replaceChildren(...[
      depth === "shapes" && el("table", { class: "shapes" }, letters.map(([name, shape]) => el("tr", {}, el("th", { scope: "row", text: name }), el("td", { text: shape })))),
      el("h2", { text: "What this does not show" }),
      el("p", { class: "note" }, "A score is not a mechanism. It says where a head looks on lists like these; a model can copy well with an induction score near 0, by another route, and a head that looks there may pass on nothing. ",
        "Only the silenced passes measure what is used, and only for these rows: other heads may take over once one is gone. The order of the curves does not say what causes what."),
      el("p", { class: "note quiet" }, `All numbers: ${rows.n} lists of random characters that training never saw (seed ${rows.seed}), ${rows.tokens} tokens each. A silent head's result z is replaced before W_O, by zero or by its mean at each position over these rows. `,
        "K-composition leaves out the norm's scaling and the turning of RoPE. Olsson et al. 2022, In-context learning and induction heads; Elhage et al. 2021, A mathematical framework for transformer circuits."),
    ].filter(Boolean));
  } };
}

/** All that is drawn over time, for those who do not see it, and the CSV. */
function timeTable(view, state) {
  const f = facts(view), name = f.setName(state.silent), a = f.set(state.silent);
  const head = ["step", "loss, new tokens", "loss, repeated tokens", ...(a >= 0 ? [`loss, repeated tokens, ${name} silenced (${WAYS[state.way]})`] : []),
    ...f.heads.map(h => `one back ${headName(h)}`), ...f.heads.map(h => `induction ${headName(h)}`)];
  const rows = view.header.steps.map((step, k) => [step, f.fresh(k), f.copied(k), ...(a >= 0 ? [f.silenced(state.way, 1, a, k)] : []), ...f.heads.map(h => f.previous(k, h)), ...f.heads.map(h => f.induction(k, h))]);
  return [head, ...rows];
}

function twin(view, state, said) {
  const words = el("p", { class: "note" }), table = el("table"), live = el("p", { class: "sr", "aria-live": "polite" });
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: fill_ } }, el("summary", { text: "In words and as a table" }), words, el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the curves" }, table));
  function fill_() {
    if (!node.open) return;
    const [head, ...rows] = timeTable(view, state);
    table.replaceChildren(el("tr", {}, head.map(text => el("th", { scope: "col", text }))), ...rows.map((row, k) => el("tr", { class: k === state.k ? "on" : "" },
      row.map((value, n) => el(n ? "td" : "th", { scope: n ? undefined : "row", text: n ? signed(value, 3) : count(value) })))));
  }
  return { node, live, update() {
    words.textContent = said();
    if (live.textContent !== words.textContent) live.textContent = words.textContent;
    fill_();
  } };
}
