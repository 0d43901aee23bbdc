// Embeddings, part 8: the picture in words, its twin as a table, and its rows for a spreadsheet.

/** Opened by the reader: the sentences, and the nearest tokens with their numbers. */
function mapTwin(view) {
  const said = el("p", { class: "note" }),
    table = el("table"),
    live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Table of the nearest tokens" }, table);
  const rest = el("p", { class: "sub", text: "The 40 nearest; the CSV above holds all tokens." });
  let facts = null;
  const node = el(
    "details",
    { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }),
    said,
    scroll,
    rest
  );
  function fillIn() {
    if (!node.open || !facts) return;
    const { all, side, cosines, axes, of } = facts,
      ids = cosines ? [of, ...largest(cosines, 40, [of])] : [of];
    const row = id =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, tokenSpan(all.token(id), {}, 16)),
        [
          count(id),
          all.kindNames[all.kind(id)],
          cosines ? signed(cosines[id], 4) : "—",
          ...axes.map(axis => signed(axis.at[id], 4)),
          signed(all.side(side).lengths[id], 4)
        ].map(text => el("td", { text }))
      );
    const heads = ["token", "id", "kind", "cosine", ...axes.map(axis => axisName(all, axis)), "length"];
    table.replaceChildren(
      el("caption", { text: `The tokens nearest to ${tokenText(all.token(of))}` }),
      el(
        "tr",
        {},
        heads.map(text => el("th", { scope: "col", text }))
      ),
      ...ids.map(row)
    );
  }
  return {
    node,
    live,
    update(made) {
      facts = made;
      const { all, axes, cosines, of } = made,
        name = id => `“${tokenText(all.token(id), 24)}”`;
      const near = cosines
        ? largest(cosines, 3, [of])
            .map(id => `${name(id)} ${signed(cosines[id])}`)
            .join(", ")
        : "";
      const places = axes.map((axis, i) => `${signed(axis.at[of])} ${WAYS[i]}, ${axisName(all, axis)}, `);
      const text =
        `${name(of)} ${axes[0].laid ? `on the map by ${laidWords(axes[0].laid)}, ` : `lies at ${places.join("and ")}`}`
        + `among ${count(all.n)} tokens.${near ? ` Nearest by cosine: ${near}.` : ""}`;
      said.textContent = text;
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    }
  };
}

function axisName(all, axis) {
  if (axis.laid) return `${MAPS[axis.laid.method]} ${axis.number}`;
  if (axis.custom) return `${tokenText(all.token(axis.from), 16)} → ${tokenText(all.token(axis.to), 16)}`;
  return `${axis.turned === null ? "component" : "axis"} ${axis.number}`;
}
const WAYS = ["across", "up", "in depth"];

/** A row for every token. */
function mapRows(view, { all, side, cosines, axes, of }) {
  const { counts } = view.arrays,
    head = ["id", "token", "kind", ...axes.map(axis => axisName(all, axis)), "length"];
  const rows = Array.from({ length: all.n }, (_, id) => [
    id,
    tokenText(all.token(id)),
    all.kindNames[all.kind(id)],
    ...axes.map(axis => axis.at[id]),
    all.side(side).lengths[id],
    cosines ? cosines[id] : "",
    counts ? counts[id] : ""
  ]);
  return [[...head, `cosine_to_${tokenText(all.token(of))}`, "count"], ...rows];
}
