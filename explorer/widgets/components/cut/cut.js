// Cut: one text by several tokenizers, side by side. Pointing at a token lights it, its id, and what other tokenizers
// make of the same bytes. Nothing here asks the server.

export default picture(view => {
  const card = hoverCard(view), panels = el("div", { class: "panels" }), below = el("div");
  const legend = el("p", { class: "sub legend" }), spoken = el("p", { class: "sr", "aria-live": "polite" });
  view.root.append(legend, panels, below, spoken);
  let made = [], patterns = [], header, dark;

  function over(place, i, anchor) {
    const range = i < 0 ? null : made[place].range(i);
    made.forEach((panel, p) => panel.light(p === place ? i : -1, range));
    if (i < 0) { card.hide(); return; }
    const content = made[place].content(i);
    spoken.textContent = `${content.value}, ${content.place}, ${content.what}`;
    card.show(content, anchor);
  }

  /** As many panels as there is data for, each given its own. */
  function fit(parts, data, into, make) {
    while (parts.length < data.length) {
      parts.push(make(parts.length));
      into.append(parts.at(-1).node);
    }
    parts.splice(data.length).forEach(part => part.node.remove());
    parts.forEach((part, i) => part.update(data[i], view.arrays));
  }

  function drawLegend() {
    const swatch = bytes => el("span", { class: "token key", style: { background: lengthColour(view, bytes) },
      text: bytes < LONG ? String(bytes) : `${LONG}+` });
    legend.replaceChildren("Bytes in a token ", ...[1, 2, 3, 4, 6, LONG].map(swatch),
      header.left_out ? `  The first ${count(header.drawn)} of ${count(header.characters)} characters are drawn; numbers count all.` : "");
  }

  return {
    draw() {
      if (header !== view.header) {
        ({ header } = view);
        fit(made, header.panels, panels, place => cutPanel(view, place, { over }));
        fit(patterns, header.splits, below, place => patternPanel(view, place));
        drawLegend();
      } else if (dark !== view.dark) {
        made.forEach(panel => panel.recolour());
        drawLegend();
      }
      dark = view.dark;
    },
    name: () => "cut",
    csv: () => [["tokenizer", "index", "id", "token", "bytes", "start", "end"],
      ...made.flatMap((panel, i) => (header.panels[i].error ? [] : panel.rows())), ...patterns.flatMap(part => part.rows())],
  };
});
