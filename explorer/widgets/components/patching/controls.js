// Patching, part 2: which way, which answers are compared, what shades a cell; the scale of the shading.

/** `change(name, value)` after a choice. */
function patchControls(view, state, change) {
  const button = (group, key, text, title) => el("button", { type: "button", text, title, "data-key": key,
    on: { click: () => change(group, key) } });
  const ways = Object.entries(WAYS).map(([key, { name, means }]) => button("way", key, name, means));
  const shades = [button("shade", "share", "Logit difference", "its share on the way from corrupted, 0, to clean, 1"),
    button("shade", "prob", "Probability", "probability of the clean answer")];
  const seg = (name, buttons) => el("div", { class: "seg", role: "group", "aria-label": name }, buttons);
  const answers = ["right", "wrong"].map((name, i) => menu(i ? "against" : "answer", [["", ""]], "", value => change(name, value),
    i ? "The corrupted prompt’s answer" : "The clean prompt’s answer"));
  const parts = Object.entries(KINDS).map(([key, { short }]) => button("kind", key, short, "the three do not fit side by side"));
  const says = el("p", { class: "sub way" }), part = seg("Part", parts);
  const node = el("div", {}, el("div", { class: "controls" }, seg("What is done", ways), seg("Shade by", shades), part,
    el("span", { class: "choose" }, answers[0].node, answers[1].node)), says);

  function update(facts) {
    const { header, arrays } = view, { word } = facts, listed = arrays.base_top.shape[1];
    for (const one of ways) one.setAttribute("aria-pressed", one.dataset.key === header.way);
    for (const one of shades) one.setAttribute("aria-pressed", one.dataset.key === state.shade);
    header.answers.forEach((token, i) => {
      const likely = [0, 1].flatMap(run => [...arrays.base_top.subarray(run * listed, (run + 1) * listed)]);
      const others = [...new Set([token, ...likely])].map(id => [String(id), tokenText(word(id), 18)]);
      answers[i].set(header.own[i] ? "" : String(token), [["", `${tokenText(word(token), 18)}`], ...others]
        .filter(([key], n) => n !== 0 || header.own[i]).filter(([key]) => !(header.own[i] && key === String(token))));
    });
    const each = { denoise: "Each cell is a forward pass over the corrupted prompt with one thing taken from the clean run.",
      noise: "Each cell is a forward pass over the clean prompt with one thing taken from the corrupted run.",
      zero: "Each cell is a forward pass over the clean prompt with one thing set to zero.",
      mean: "Each cell is a forward pass over the clean prompt with one thing at its mean over a reference text." }[header.way];
    says.textContent = `${each}${header.cost ? ` ${header.cost}` : ""}`;
  }
  /** Where the three do not fit side by side, which of them is drawn. */
  function narrow(all) {
    part.hidden = all;
    for (const one of parts) Object.assign(one, { hidden: !view.header.kinds.includes(one.dataset.key) });
    for (const one of parts) one.setAttribute("aria-pressed", one.dataset.key === state.kind);
  }
  return { node, says, update, narrow };
}

/** The scale of the shading, in words. */
function patchLegend(view, state) {
  const node = el("div", { class: "legend" });
  return {
    node,
    update() {
      const ramp = svg("svg", { width: 140, height: 9, "aria-hidden": "true" },
        Array.from({ length: 11 }, (_, n) => svg("rect", { x: n * 12.7, width: 12.7, height: 9, fill: view.div(n / 5 - 1, 1) })));
      const by = state.shade === "prob" ? "in a cell the probability of the clean answer"
        : "in a cell the logit difference, 0 as in the corrupted run, 1 as in the clean run";
      node.replaceChildren(el("span", { text: "towards corrupted" }), ramp, el("span", { text: "towards clean" }),
        el("span", { class: "words", text: `colour: what the patch changes, ±1 · ${by}` }));
    },
  };
}
