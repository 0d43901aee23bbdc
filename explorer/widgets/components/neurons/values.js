// Neurons, part 3: the text, each token on a tint of what the neuron gives there.

const WRITTEN = 48;  // tokens of a text under which the values are written out

/** `point(t | null)` on hover, `pick(t)` on click. */
function neuronValues(view, { point, pick }) {
  const title = el("h2"), line = el("div", { class: "values", role: "listbox", "aria-label": "The text, one option per token" });
  const legend = el("div", { class: "legend" }), node = el("section", { class: "part" }, title, line, legend);
  let shown = [];
  const indexOf = event => shown.indexOf(event.target.closest?.(".token"));
  line.onpointerover = event => { const t = indexOf(event); point(t < 0 ? null : t); };
  line.onpointerleave = () => point(null);
  line.onclick = event => { const t = indexOf(event); if (t >= 0) pick(t); };
  line.onkeydown = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const to = Math.max(0, Math.min(shown.length - 1, view.focus.token + step));
    pick(to);
    shown[to].focus({ preventScroll: true });
    point(to);
  };
  line.onfocusout = () => point(null);
  return {
    node,
    anchor: t => shown[t],
    update(facts) {
      const reach = scaleOf(facts, "post");  // the wall's, so that one colour is one value on the page
      const held = shown.includes(line.getRootNode().activeElement), F = view.focus.token;
      title.textContent = `Neuron ${facts.name} on this text`;
      shown = view.header.tokens.map((token, t) => tokenSpan(token, { role: "option", tabindex: t === F ? 0 : -1,
        "aria-selected": t === F, "aria-label": `token ${t}: ${tokenText(token)}, ${fine(facts.own(t))}`,
        style: { background: tint(view, facts.own(t), reach) } }, 40));
      shown[F]?.classList.add("on");
      const written = t => el("span", { class: "value num", text: signed(facts.own(t), reach < 0.5 ? 3 : 2) });
      if (facts.T <= WRITTEN) shown.forEach((one, t) => one.append(written(t)));
      line.replaceChildren(...shown);
      if (held) shown[F]?.focus({ preventScroll: true });
      legend.replaceChildren(...ramp10(view, fine(-reach), fine(reach, true), t => tint(view, 2 * t - 1, 1)),
        el("span", { class: "words", text: "what it gives; above 0 it writes its row into the stream, below 0 the opposite" }));
    },
    mark(t) { shown.forEach((one, i) => one.classList.toggle("near", i === t)); },
  };
}
