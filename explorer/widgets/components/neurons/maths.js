// Neurons, part 8: the formulas with the numbers of one token, and what the picture does not show.

function neuronMaths(view) {
  const lines = el("div", { class: "formulas" }), where = el("p", { class: "sub" });
  const node = el("section", { class: "maths" }, el("h2", { text: "One neuron, one token" }), lines, where);
  const inline = text => [...formula(text).childNodes];
  return {
    node,
    /** At token t. */
    update(facts, t) {
      const { header } = view, name = BENDS[header.mlp][0], bias = header.bias ? " + b" : "";
      const pre = fine(facts.pre(t)), own = fine(facts.own(t)), opened = facts.gated && `${name}(${pre}) × ${fine(facts.linear(t))}`;
      const read = facts.gated ? `{mlp:n} = ${name}(w_{gate} · x${bias}) × (w_{in} · x${bias}) = ${opened} = `
        : `{mlp:n} = ${name}(w_{in} · x${bias}) = ${name}(${pre}) = `;
      const said = [el("div", { class: "formula" }, ...inline(read), el("b", { class: "num", text: own }))];
      const late = header.at !== t;
      if (facts.sums && !late) {
        const gain = header.norm === "layernorm" ? "centred w_{out}" : "w_{out}";
        said.push(el("div", { class: "formula" },
          ...inline(`{mlp:n} × (${gain} ∘ g) · u / σ = ${own} × ${signed(header.unit, 3)} = `),
          el("b", { class: "num", text: fine(facts.adds(facts.layer, facts.number), true) })));
      }
      lines.replaceChildren(...said);
      const u = facts.sums ? [" g and σ are the last norm’s gain and divisor, u the row of W", el("sub", { text: "U" }), " for ",
        tokenSpan(facts.answer(t), {}, 12), "."] : [];
      const x = `blocks.${facts.layer}.${header.post_norm ? "ln1" : "ln2"}`;
      where.replaceChildren(`x is what ${x} gives at token ${t}, n is hook_post [0, ${t}, ${facts.number}].`, ...u);
    },
  };
}

const ABOUT = "A neuron reads the stream along one direction, bends what it finds, and writes along another. "
  + "A block’s MLP is the sum of them all. Active means that what the activation function reads, in a gated MLP the gate, is above 0.";
const QUIET = "Not shown: what a neuron is for. Most answer to several unrelated things (polysemantic), many work only together, and what "
  + "one does by way of later blocks is in the passes without it, not in the sums.";

/** What a neuron is, and what this may not be taken for. */
function neuronNotes(view) {
  const idea = el("p", { class: "note", text: ABOUT }), node = el("section", {}, idea, el("p", { class: "note quiet", text: QUIET }));
  return { node, update() { idea.hidden = view.header.depth !== "idea"; } };
}
