// Position lab, part 4: ALiBi takes from each score in proportion to distance, every head at its own slope.

function alibiPanel(view, card) {
  const chart = chartNode("", hover), said = el("p", { class: "sub" }), node = el("div", {}, chart.node, said);
  let facts = null, n = 2;
  function hover(distance, event) {
    if (distance === null) return card.hide();
    const H = facts.slopes.length, line = h => el("div", {}, el("span", { text: `head ${h}` }), el("span", { class: "num", text: signed(-facts.slopes[h] * distance, 3) }));
    card.show({ value: signed(-facts.slopes[view.header.at.head] * distance, 3), place: `${distance} apart`, what: `head ${view.header.at.head}: added to the score`,
      list: el("div", { class: "tops" }, Array.from({ length: Math.min(8, H) }, (_, h) => line(h))) },
    { left: event.clientX - 2, right: event.clientX + 2, top: event.clientY - 12, bottom: event.clientY + 12 });
  }
  return {
    node,
    update(width, wide, made, key) {
      facts = made;
      const { slopes } = facts, head = view.header.at.head, d = facts.distance(key);
      n = Math.max(2, Math.min(view.header.n_ctx, 64));
      const line = slope => Float32Array.from({ length: n }, (_, i) => -slope * i);
      const order = [...slopes.keys()].sort((a, b) => (a === head) - (b === head));
      chart.draw(width, 190, { lines: order.map(h => ({ values: line(slopes[h]), cls: h === head ? "own" : "other" })),
        mark: d < n ? { at: d, value: -slopes[head] * d } : null, xName: "tokens apart", n },
        `Bias by distance for ${slopes.length} heads; head ${head} has slope ${slopes[head]}.`);
      const list = Array.from(slopes, v => (v >= 0.1 ? `${+v.toFixed(3)}` : v.toPrecision(2)));
      said.textContent = `what is added to a score, a line a head; slopes ${list.slice(0, 12).join(", ")}${list.length > 12 ? `, … (${list.length} heads)` : ""}. `
        + `Head ${head}, bold, at ${plural(d, "token")}: ${signed(-slopes[head] * d, 3)}.`;
    },
  };
}
