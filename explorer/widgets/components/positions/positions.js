// Position lab: the model's own scheme large, with its own numbers, and the other kinds beside it for the same sizes.

export default picture(view => {
  const state = { key: null, seen: "" },
    card = hoverCard(view),
    panels = {};
  const keys = el("div", { class: "keys", role: "listbox", tabindex: -1, "aria-label": "Key to hold against the query" });
  const lead = el("p", { class: "note" }),
    large = el("div", { class: "large" }),
    others = el("div", { class: "others" });
  const title = el("h2"),
    maths = labMaths(view),
    twin = labTwin(view);
  const more = el("h2", { text: "The other kinds, for the same sizes and the same query and key" });
  const under = el("p", {
    class: "sub",
    text:
      "Worked out by the same functions that a model of that kind would run. This model was not trained with them, "
      + "so they show what such positions are, not what it would do with them."
  });
  view.root.append(
    title,
    lead,
    el("div", { class: "ask" }, el("span", { class: "sub lab" }), keys),
    large,
    el("div", { class: "below" }, maths.node),
    more,
    others,
    under,
    twin.node,
    twin.live
  );
  let facts = null;

  const panelOf = kind =>
    (panels[kind] ??= kind === "rope" ? ropePanel(view, card) : kind === "alibi" ? alibiPanel(view, card) : tablePanel(view, kind, card));
  const possible = kind =>
    kind !== "none" && (kind === "rope" ? Boolean(view.arrays.angles) : kind === "alibi" || Boolean(view.arrays[kind]));
  /** The key of the highest score but the query's own, unless one was chosen. */
  function key() {
    if (state.key !== null && state.key < facts.t) return state.key;
    if (facts.t === 1) return 0;
    return Array.from({ length: facts.t - 1 }, (_, j) => j).reduce((best, j) => (facts.score(j) > facts.score(best) ? j : best), 0);
  }
  function choose(j) {
    state.key = Math.max(0, Math.min(facts.t - 1, j));
    view.redraw();
  }
  keys.onkeydown = event => {
    const to = { ArrowRight: key() + 1, ArrowLeft: key() - 1, Home: 0, End: facts.t - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    choose(to);
  };

  function askWith(chosen) {
    const held = keys.contains(keys.getRootNode().activeElement);
    const most = Math.max(...Array.from({ length: facts.t }, (_, j) => Math.abs(facts.score(j))), 1e-9);
    keys.replaceChildren(
      ...Array.from({ length: facts.t }, (_, j) =>
        el(
          "button",
          {
            class: "key",
            type: "button",
            role: "option",
            tabindex: j === chosen ? 0 : -1,
            "aria-selected": String(j === chosen),
            "aria-label": `${tokenText(facts.token(j))}, ${facts.distance(j)} apart, score ${signed(facts.score(j))}`,
            on: { click: () => choose(j) }
          },
          tokenSpan(facts.token(j), { class: `chip ${facts.token(j).kind} ${j === chosen ? "on" : ""}` }, 12),
          el("span", {
            class: "num",
            text: signed(facts.score(j), 1),
            style: { opacity: 0.45 + (0.55 * Math.abs(facts.score(j))) / most }
          })
        )
      )
    );
    if (held) keys.children[chosen].focus({ preventScroll: true });
    const { layer, head } = view.header.at;
    keys.previousSibling.replaceChildren(
      "The query of ",
      tokenSpan(facts.token(facts.t - 1), {}, 12),
      `, block ${layer} head ${head}, and the key of`
    );
  }

  return {
    draw() {
      const { header, width } = view,
        own = header.own,
        wide = width >= 760,
        seen = JSON.stringify([header.at, header.tokens]);
      if (seen !== state.seen) Object.assign(state, { seen, key: null });
      facts = labFacts(view);
      const chosen = key();
      title.textContent = own === "none" ? "No positions" : `${SCHEMES[own][0]}: what this model has`;
      lead.textContent = own === "none" ? SCHEMES.none[1] : `${SCHEMES[own][0]} ${SCHEMES[own][1]}`;
      askWith(chosen);
      large.hidden = !possible(own);
      large.replaceChildren(...(possible(own) ? [panelOf(own).node] : []));
      if (possible(own)) panelOf(own).update(width, wide, facts, chosen);
      const rest = ["rope", "sinusoidal", "learned", "alibi"].filter(kind => kind !== own);
      others.style.gridTemplateColumns = wide ? `repeat(${rest.length}, minmax(0, 1fr))` : "minmax(0, 1fr)";
      const each = wide ? (width - 32 * (rest.length - 1)) / rest.length : width;
      others.replaceChildren(
        ...rest.map(kind => {
          const why =
            kind === "learned"
              ? UNTRAINED
              : kind === "sinusoidal"
                ? "The sinusoid needs an even width."
                : "RoPE turns pairs, and the heads’ width here is odd.";
          const body = possible(kind) ? panelOf(kind).node : el("p", { class: "sub", text: why });
          if (possible(kind)) panelOf(kind).update(each, false, facts, chosen);
          return el(
            "section",
            {},
            el("h3", { text: SCHEMES[kind][0] }),
            el("p", { class: "sub what", text: `${SCHEMES[kind][0]} ${SCHEMES[kind][1]}` }),
            body
          );
        })
      );
      maths.update(facts, chosen);
      twin.update(facts, chosen);
    },
    name: () => `positions-${view.header.own}`,
    csv: () => labRows(view, facts)
  };
});
