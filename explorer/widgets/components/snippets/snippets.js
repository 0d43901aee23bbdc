// Where a neuron is most active: a line of text for each place, every token on a tint of what the neuron gives there.

const tintOf = (view, value, limit) => `color-mix(in oklab, ${view.div(value, limit)} 55%, transparent)`;

export default picture(view => {
  const card = hoverCard(view), facts = el("p", { class: "note facts" }), legend = el("div", { class: "legend" });
  const head = el("h2"), top = el("div", { class: "places" }), low = el("div", { class: "places" });
  const some = el("h2", { text: "Drawn by chance, among the tokens on which it is active" });
  const quiet = el("p", { class: "note quiet", text: "Not shown: a meaning. The highest places are the far end of what a neuron does; "
    + "the ones drawn by chance show how it is used. Neither says what the model needs it for." });
  const twin = snippetTwin(view);
  view.root.append(facts, head, top, some, low, legend, quiet, twin.node);
  let lists = [];

  /** One place as a line; each token's card says its value. */
  function line({ one, from, value }, limit) {
    const tokens = one.tokens.map((token, t) => {
      const v = view.arrays.values[from + t], span = tokenSpan(token, { style: { background: tintOf(view, v, limit) } }, 40);
      if (token.kind === "special") span.classList.add("special");
      if (t === one.at) span.classList.add("on");
      return card.on(span, () => ({ value: signed(v), place: tokenSpan(token, {}, 16), what: "what the neuron gives on this token",
        hook: view.header.hook, index: `[…,${view.header.place[1]}]` }));
    });
    const same = `places that end in the same ${view.header.same} tokens`;
    const again = one.alike > 1 && el("span", { class: "again", text: `and ${one.alike - 1} alike`, title: same });
    return el("div", { class: "place" }, el("span", { class: "num", text: signed(value) }), el("p", { class: "line" }, tokens, again));
  }

  return {
    draw() {
      const { header, arrays } = view;
      let from = 0;
      lists = ["highest", "drawn"].flatMap(list => header[list].map(one => {
        const made = { one, list, from, value: arrays.values[from + one.at] };
        from += one.tokens.length;
        return made;
      }));
      const limit = Math.max(0.5, ...arrays.values.map(Math.abs)), of = name => lists.filter(({ list }) => list === name);
      const shown = of("highest").reduce((all, { one }) => all + one.alike, 0), more = header.kept - shown;
      facts.textContent = snippetFacts(view);
      head.textContent = `Highest${more > 0 ? `, the first ${shown} of ${header.kept} places kept` : ""}`;
      top.replaceChildren(...of("highest").map(one => line(one, limit)));
      low.replaceChildren(...of("drawn").map(one => line(one, limit)));
      some.hidden = !of("drawn").length;
      const ramp = svg("svg", { width: 110, height: 9, "aria-hidden": "true" },
        Array.from({ length: 11 }, (_, n) => svg("rect", { x: n * 10, width: 10, height: 9,
          style: { fill: tintOf(view, n / 5 - 1, 1) } })));
      const [least, most] = [signed(-limit), signed(limit, 2, true)].map(text => el("span", { class: "num", text }));
      legend.replaceChildren(least, ramp, most,
        el("span", { class: "words", text: "what it gives on each token; framed: the place, whose value stands left" }));
      twin.update(lists);
    },
    name: () => `snippets-neuron-${view.header.place.join(".")}`,
    csv: () => snippetRows(view, lists),
  };
});
