// Logit lens, part 4: what shades a cell, which token is followed, and at which places the stream is read.

/** state: {shade, places, answer}; `change()` after one of them; `typed(text)` when a word was entered. */
function lensControls(view, state, { change, typed }) {
  const button = (text, title, act) => el("button", { type: "button", text, title, on: { click: () => { act(); change(); } } });
  const seg = (name, buttons) => el("div", { class: "seg", role: "group", "aria-label": name }, buttons);
  const shades = Object.entries(SHADES).map(([key, { name, means }]) => button(name, means, () => { state.shade = key; }));
  const every = button("Every step", "After each attention too", () => { state.places = "every"; });
  const ends = button("Blocks only", "The embedding, and the stream after each block", () => { state.places = "blocks"; });
  const places = seg("Depths", [every, ends]), note = el("p", { class: "sub said", role: "status" });
  const answer = menu("followed:", [[SAYS, ""]], SAYS, value => { state.answer = value; change(); });
  const keydown = event => {
    event.stopPropagation();
    if (event.key === "Enter" && input.value.trim()) typed(input.value);
  };
  const input = el("input", { class: "typed num", type: "text", autocomplete: "off", spellcheck: "false", placeholder: "another token",
    "aria-label": "Another token to follow", "data-export": "no", on: { keydown } });
  const node = el("div", { class: "controls" }, seg("Shade by", shades), places, el("span", { class: "choose" }, answer.node, input), note);

  /** The ways to choose an answer, and the tokens that the end finds likely after the token in focus. */
  function entries(facts, t) {
    const { words, picked } = view.header, likely = Array.from({ length: facts.listed }, (_, i) => facts.top(facts.N - 1, t, i));
    const name = id => tokenText(words[id], 16), goes = facts.kinds.follows[t];
    if (picked !== null && !likely.includes(picked)) likely.push(picked);
    return [[SAYS, `what the whole model says, here ${name(facts.kinds.says[t])}`],
      [FOLLOWS, `what the text goes on with${goes < 0 ? "" : `, here ${name(goes)}`}`], ...likely.map(id => [String(id), name(id)])];
  }
  return {
    node,
    update(facts) {
      const list = entries(facts, view.focus.token);
      shades.forEach((node, i) => node.setAttribute("aria-pressed", Object.keys(SHADES)[i] === state.shade));
      for (const [node, blocks] of [[every, false], [ends, true]]) node.setAttribute("aria-pressed", blocks === blocksOnly(view, state));
      places.hidden = !view.header.can_halve;
      answer.set(list.some(([key]) => key === state.answer) ? state.answer : SAYS, list);
      note.textContent = view.header.note;
      note.hidden = !view.header.note;
    },
  };
}

/** The scale of the shading, and what the marks mean. */
function lensScale(view, state, facts) {
  const { means, ends } = SHADES[state.shade], [low, high] = ends(facts);
  const stays = svg("svg", { class: "key", width: 3, height: 11, "aria-hidden": "true" },
    svg("rect", { width: 3, height: 11, style: { fill: "var(--prob)" } }));
  const words = [`${means} · in each cell the most likely token, `, el("b", { text: "bold" }), " where it is the answer · ", stays,
    " from here to the end"];
  return { low, high, colour: view.seq, words };
}
