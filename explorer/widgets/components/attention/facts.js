// Attention, part 6: the facts of the head in focus, and the switches of its picture.

/** Four numbers; each says on hover or focus what it is and how it was measured. */
function headFigures(view, state, card) {
  const node = el("div", { class: "facts" });
  const fact = (label, value, about, more) => card.on(el("div", { tabindex: 0, role: "group" },
    el("span", { text: label }), el("b", { text: value }, more && el("small", { text: more }))), () => about);

  function roleFact(facts, { layer, head }) {
    const { standing } = view.header, basis = state.basis, role = facts.role(basis, layer, head), usual = standing && basis === "standing";
    const name = role === "mixed" ? facts.largest(basis, layer, head) : role, value = facts.score(basis, name, layer, head);
    const here = orDash(facts.score("here", name, layer, head), x => weight(x));
    const label = role === "mixed" ? `Top score: ${ROLES[name].word}` : role === "even" ? "Evenness" : "Role score";
    const about = { value: orDash(value, x => x.toFixed(4)), place: ROLES[name].title,
      what: ROLES[name].means + (usual ? `; here: on this prompt` : ""), hook: usual ? standing : `blocks.${layer}.attn.hook_pattern` };
    return fact(label, orDash(value, x => weight(x)), about, usual && `here ${here}`);
  }

  function lossFact({ layer, head }) {
    const { effect, tokens } = view.header, ready = effect.layer === layer && effect.head === head, T = tokens.length;
    const show = digits => (!ready ? "…" : effect.loss === null ? "—" : signed(effect.loss, digits, true));
    const what = T < 2 ? "a loss needs a next token: write at least two"
      : `change of the mean loss on this prompt’s ${T - 1} next tokens when z of this head is set to 0 and the model runs again`;
    return fact("Loss without it", show(2),
      { value: show(4), place: "nats a token", what, hook: `blocks.${layer}.attn.hook_z`, index: `[0, :, ${head}, :]` });
  }

  return {
    node,
    update() {
      const facts = headFacts(view), { layer, head } = view.focus, T = view.header.tokens.length;
      const hook = `blocks.${layer}.attn.hook_pattern`;
      const what = T > 1 ? `mean over queries 1 to ${T - 1} of this prompt` : "a single token can only look at itself";
      const entropy = facts.entropy(layer, head), reach = facts.reach(layer, head);
      node.replaceChildren(roleFact(facts, view.focus),
        fact("Entropy, nats", signed(entropy), { value: entropy.toFixed(4), place: "nats", what, formula: "−Σ_j w_j ln w_j", hook }),
        fact("Mean reach, tokens", signed(reach, 1),
          { value: reach.toFixed(3), place: "tokens", what, formula: "Σ_j w_j (t − j)", hook }),
        lossFact(view.focus));
    },
  };
}

/** Pattern, what it moves or scores; log scale; hide the first token, and scale up what is left. */
function headSwitches(state, change) {
  const button = (text, title, act) => el("button", { type: "button", text, title, on: { click: () => { act(); change(); } } });
  const pattern = button("Pattern", "Weights after softmax: each row sums to 1", () => look(false, false));
  const moved = button("Value-weighted", "Weight × ‖v W_O‖: the length of what the head moves from each key", () => look(false, true));
  const scores = button("Scores", "What softmax is given: q·k / √d, any number", () => look(true, false));
  const log = button("Log scale", "Colour by the logarithm of the weight, so that small ones can be seen",
    () => { state.log = !state.log; });
  const hide = button("Hide first token", "Leave out position 0, where heads rest; the other numbers stay as they are",
    () => { state.hideFirst = !state.hideFirst; state.scaled = false; });
  const scaled = button("Rest to 1", "Scale up what is left of each row to 1. A view: the model itself did not",
    () => { state.scaled = !state.scaled; });
  const look = (scores, weighted) => Object.assign(state, { scores, weighted });
  const seg = (...buttons) => el("div", { class: "seg" }, buttons);
  return {
    node: el("div", { class: "switches", "data-export": "no" }, seg(pattern, moved, scores), seg(log), seg(hide, scaled)),
    update(T) {
      const pressed = [[pattern, !state.scores && !state.weighted], [moved, state.weighted], [scores, state.scores],
        [log, state.log && !state.scores], [hide, state.hideFirst], [scaled, state.scaled]];
      for (const [node, on] of pressed) node.setAttribute("aria-pressed", on);
      log.disabled = state.scores;
      scaled.hidden = !state.hideFirst || state.scores;
      hide.disabled = T < 2;
    },
  };
}
