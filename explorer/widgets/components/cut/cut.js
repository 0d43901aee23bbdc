// Cut: one text by several tokenizers, side by side. Pointing at a token lights it, its id, and what other tokenizers
// make of the same bytes. Nothing here asks the server.

export default picture(view => {
  const card = hoverCard(view), panels = el("div", { class: "panels" }), pattern = patternPanel(view);
  const legend = el("p", { class: "sub legend" }), spoken = el("p", { class: "sr", "aria-live": "polite" });
  view.root.append(legend, panels, pattern.node, spoken);
  let made = [], header, dark;

  function over(place, i, anchor) {
    const range = i < 0 ? null : made[place].range(i);
    made.forEach((panel, p) => panel.light(p === place ? i : -1, range));
    if (i < 0) { card.hide(); return; }
    const content = made[place].content(i);
    spoken.textContent = `${content.value}, ${content.place}, ${content.what}`;
    card.show(content, anchor);
  }

  function drawLegend() {
    const swatch = bytes => el("span", { class: "token key", style: { background: lengthColour(view, bytes) }, text: bytes < LONG ? String(bytes) : `${LONG}+` });
    legend.replaceChildren("Bytes in a token ", ...[1, 2, 3, 4, 6, LONG].map(swatch),
      header.left_out ? `  The first ${count(header.drawn)} of ${count(header.characters)} characters are drawn; numbers count all.` : "");
  }

  return {
    draw() {
      if (header !== view.header) {
        ({ header } = view);
        while (made.length < header.panels.length) {
          const panel = cutPanel(view, made.length, { over });
          made.push(panel);
          panels.append(panel.node);
        }
        made.splice(header.panels.length).forEach(panel => panel.node.remove());
        made.forEach((panel, i) => panel.update(header.panels[i], view.arrays));
        pattern.update(header, view.arrays);
        drawLegend();
      } else if (dark !== view.dark) {
        made.forEach(panel => panel.recolour());
        drawLegend();
      }
      dark = view.dark;
    },
    name: () => "cut",
    csv: () => [["tokenizer", "index", "id", "token", "bytes", "start", "end"],
      ...made.flatMap((panel, i) => (header.panels[i].error ? [] : panel.rows())), ...pattern.rows()],
  };
});
