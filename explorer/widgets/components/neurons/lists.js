// Neurons, part 5: the tokens whose logits the neuron raises most, and those that it lowers most.

function neuronLists(view) {
  const title = el("h2", { text: "What it writes" }), sub = el("p", { class: "sub" }), lists = el("div", { class: "lists" });
  const refused = el("p", { class: "note refused" }), node = el("section", {}, title, sub, lists, refused);

  function list(name, ids, by, most) {
    const style = i => ({ width: `${(100 * Math.abs(by[i])) / most}%`, background: view.div(Math.sign(by[i]) * 0.8, 1) });
    const lines = Array.from(ids, (id, i) => el("div", { class: "line" }, tokenSpan(view.header.words[id], {}, 11),
      el("div", { class: "track" }, el("span", { style: style(i) })),
      el("span", { class: "num", text: signed(by[i], most < 0.1 ? 3 : 2, true) })));
    return el("div", {}, el("p", { class: "sub", text: name }), lines);
  }
  return {
    node,
    update(facts) {
      const { raised, raised_by: up, lowered, lowered_by: down } = view.arrays, { refused: why, at, mean_unit: mean } = view.header;
      refused.textContent = why;
      refused.hidden = !why;
      sub.hidden = lists.hidden = Boolean(why);
      if (why) return;
      sub.replaceChildren("Change of each logit for every 1 that it gives, straight through the last norm as it stands at ",
        tokenSpan(view.header.tokens[at], {}, 14), `. The mean over all ${count(view.header.n_vocab)} tokens, ${fine(mean, true)}, `,
        "changes no probability.");
      const most = Math.max(1e-9, ...[...up, ...down].map(Math.abs));
      lists.replaceChildren(list("raises most", raised, up, most), list("lowers most", lowered, down, most));
    },
  };
}
