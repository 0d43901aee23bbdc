// Neurons, part 7: what shades the wall, which neuron is on show, and those that matter most at this token.

/** state: {shade}; `change()` after it; `choose("2.117")` when a neuron is asked for. */
function neuronControls(view, state, { change, choose }) {
  const shades = Object.entries(SHADES).map(([key, { name }]) => el("button", { type: "button", text: name,
    on: { click: () => { state.shade = key; change(); } } }));
  const keydown = event => {
    event.stopPropagation();
    if (event.key !== "Enter") return;
    const asked = input.value.trim().replace(",", ".");
    if (asked) choose(asked);
  };
  const input = el("input", { class: "typed num", type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
    "aria-label": "Neuron, as block.number", "data-export": "no", on: { keydown } });
  const note = el("p", { class: "sub said", role: "status" }), most = el("p", { class: "sub most" });
  const field = el("label", { class: "sub", "data-export": "no" }, "neuron ", input);
  const seg = el("div", { class: "seg", role: "group", "aria-label": "Shade by" }, shades);
  const node = el("div", { class: "controls" }, seg, field, most, note);
  const link = ([l, m], facts) => el("button", { type: "button", class: "link num",
    text: `${l}.${m} ${fine(facts.adds(l, m), true)}`,
    "aria-label": `Look at neuron ${l}.${m}`, on: { click: () => choose(`${l}.${m}`) } });
  return {
    node,
    update(facts) {
      shades.forEach((one, i) => {
        const key = Object.keys(SHADES)[i];
        one.setAttribute("aria-pressed", key === state.shade);
        one.hidden = key === "adds" && !facts.sums;
      });
      if (input.getRootNode().activeElement !== input) input.value = facts.name;
      const { largest, at, tokens } = view.header;
      most.hidden = !largest.length;
      most.replaceChildren("most for ", tokenSpan(facts.answer(at), {}, 12), " after ", tokenSpan(tokens[at], {}, 12), ": ",
        ...largest.flatMap((one, i) => [i ? " " : "", link(one, facts)]));
      note.textContent = view.header.note || state.note;
      note.hidden = !note.textContent;
    },
  };
}
