// Neurons, part 6: the model's answer with the neuron, and in two more forward passes without it.

function neuronWithout(view) {
  const title = el("h2"), bars = el("div", { class: "bars" }), loss = el("p", { class: "sub" });
  const node = el("section", { class: "gone" }, title, bars, loss);
  const bar = (name, p, colour, more) => el("div", { class: "line" }, el("span", { class: "lab", text: name }),
    el("div", { class: "track" }, el("span", { style: { width: `${100 * p}%`, background: colour } })),
    el("span", { class: "num", text: pct(p) }), el("span", { class: "then" }, ...more));
  return {
    node,
    update(facts) {
      const t = view.focus.token, { losses, mean } = view.header;
      const then = way => (facts.changed(way, t) ? ["says ", tokenSpan(facts.instead(way, t), {}, 10)] : ["still on top"]);
      title.replaceChildren("The probability of ", tokenSpan(facts.answer(t), {}, 14), " after ", tokenSpan(view.header.tokens[t], {}, 14));
      bars.replaceChildren(bar("as it is", facts.before(t), "var(--prob)", []),
        bar("held at 0", facts.after(0, t), "var(--prob)", then(0)),
        bar("held at mean", facts.after(1, t), "var(--prob)", then(1)));
      const change = x => `${signed(x - losses[0], 4, true)} nats`;
      loss.textContent = `Held at every token of the text; its mean there is ${fine(mean)}. `
        + (losses ? `Loss of the text: ${losses[0].toFixed(2)} nats; ${change(losses[1])} at 0, ${change(losses[2])} at the mean.` : "");
    },
  };
}
