// Induction: all that is drawn over time, for those who do not see it, and the CSV.

function timeTable(view, state) {
  const f = facts(view), a = f.set(state.silent);
  const silenced = `loss, repeated tokens, ${f.setName(state.silent)} silenced (${WAYS[state.way]})`;
  const head = ["step", "loss, new tokens", "loss, repeated tokens", ...(a >= 0 ? [silenced] : []),
    ...f.heads.map(h => `one back ${headName(h)}`), ...f.heads.map(h => `induction ${headName(h)}`)];
  const rows = view.header.steps.map((step, k) => [step, f.fresh(k), f.copied(k), ...(a >= 0 ? [f.silenced(state.way, 1, a, k)] : []),
    ...f.heads.map(h => f.previous(k, h)), ...f.heads.map(h => f.induction(k, h))]);
  return [head, ...rows];
}

/** The checkpoint under the handle in a sentence or three. */
function inWords(view, state) {
  const { header } = view, f = facts(view), k = state.k, cost = f.silenced(state.way, 1, f.set(state.silent), k);
  const scores = (heads, of) => heads.map(head => `${headName(head)} ${weight(of(k, head))}`).join(", ");
  const { induction, previous } = header;
  return [`Step ${count(header.steps[k])} of ${count(header.run.steps)}: the loss is ${loss(f.copied(k))} nats on repeated tokens and `
    + `${loss(f.fresh(k))} on new ones.`,
  induction.length && `Induction scores: ${scores(induction, f.induction)}.`,
  previous.length && `Previous-token scores: ${scores(previous, f.previous)}.`,
  Number.isFinite(cost) && `With ${f.setName(state.silent)} silenced, repeated tokens cost ${loss(cost)}.`].filter(Boolean).join(" ");
}

function twin(view, state) {
  function tables() {
    const [heads, ...all] = timeTable(view, state);
    const rows = all.map(([step, ...values]) => [count(step), ...values.map(value => signed(value, 3))]);
    return [{ caption: "The curves, a row for each checkpoint", heads, rows, on: state.k }];
  }
  return pictureTwin({ label: "Table of the curves", says: () => inWords(view, state), tables });
}
