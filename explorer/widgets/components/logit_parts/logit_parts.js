// Where a logit comes from: the exact sum of what every head and MLP wrote, and the tokens of the text that it came from.

export default picture(view => {
  const said = view.header.choices, folded = ["all", "few"].includes(said.parts) ? said.parts : "";
  const state = { order: said.order === "size" ? "size" : "", parts: folded, against: "" };
  const card = hoverCard(view), change = () => { view.set("choices", { ...state }); view.redraw(); };
  const title = el("h2"), refused = el("p", { class: "note refused" }), maths = partsMaths(view), twin = partsTwin(view, () => parts);
  const falls = waterfall(view, state, { card, point }), shares = tokenShares(view, { card, pick: token => view.setFocus({ token }) });
  const button = (text, name, value) => el("button", { type: "button", text, on: { click: () => { state[name] = value; change(); } } });
  const orders = [["", button("By depth", "order", "")], ["size", button("By size", "order", "size")]];
  const folds = [["few", button("Largest", "parts", "few")], ["all", button("All parts", "parts", "all")]];
  const seg = (name, list) => el("div", { class: "seg", role: "group", "aria-label": name }, list.map(([, node]) => node));
  const fold = seg("How many parts", folds);
  const against = menu("against", [["", "nothing"]], "", value => { state.against = value; change(); });
  const controls = el("div", { class: "controls", "data-export": "no" }, seg("Order of the parts", orders), fold, against.node);
  const quiet = el("p", { class: "note quiet",
    text: "Not shown: what a part does by way of later ones. A head that another head reads from adds nothing here by that." });
  const two = el("div", { class: "two" }, el("section", {}, title, controls, refused, falls.node), shares.node);
  const below = el("div", { class: "below" }, maths.node, quiet);
  view.root.append(two, below, twin.node, twin.live);
  let parts = [], heard = null;

  function point(row) {
    maths.update(parts, row);
    shares.mark(row?.kind === "head" ? row : null);
  }
  /** Tokens that the logit can be held against: the likely ones, but the one that is asked for. */
  function others() {
    const { rivals, against: now } = view.header, list = rivals.map(([id, token]) => [String(id), tokenText(token, 16)]);
    if (now && !list.some(([id]) => id === state.against)) list.push([state.against, tokenText(now, 16)]);
    return [["", "nothing"], ...list];
  }

  return {
    draw() {
      const { header, width } = view, side = width >= 860;
      parts = partsOf(view);
      if (heard !== (header.choices.against ?? "")) state.against = heard = header.choices.against ?? "";
      two.style.gridTemplateColumns = side ? "minmax(0, 11fr) minmax(0, 9fr)" : "minmax(0, 1fr)";
      const summed = parts.length ? `: ${count(parts.length)} parts that sum to ${signed(header.logit)}` : "";
      title.replaceChildren("Where ", ...asked(view), ` comes from${summed}`);
      refused.textContent = header.refused;
      refused.hidden = !header.refused;
      controls.hidden = !parts.length;
      below.hidden = falls.node.hidden = !parts.length;
      if (parts.length) {
        orders.forEach(([key, node]) => node.setAttribute("aria-pressed", key === state.order));
        fold.hidden = parts.length <= FEW + 1;
        const whole = state.parts === "all" || (!state.parts && parts.length <= ALL_UP_TO);
        folds.forEach(([key, node]) => node.setAttribute("aria-pressed", (key === "all") === whole));
        against.set(header.against ? state.against : "", others());
        falls.update(side ? Math.floor(((width - 44) * 11) / 20) : width, parts);
        maths.update(parts, null);
      }
      shares.update(side ? Math.floor(((width - 44) * 9) / 20) : width);
      twin.update();
    },
    name: () => `logit-parts-token${view.header.at}`,
    csv: () => partsRows(view, parts),
  };
});
