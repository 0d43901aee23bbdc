// Position lab, part 4: ALiBi takes from each score in proportion to distance, every head at its own slope.

function alibiPanel(view, card) {
  const chart = chartNode("", hover),
    said = el("p", { class: "sub" });
  const sums = svg("svg", { class: "sums", role: "img" }),
    under = el("p", { class: "sub" });
  const node = el("div", { class: "table-panel" }, el("div", {}, chart.node, said), el("div", {}, sums, under));
  let facts = null,
    n = 2;
  function hover(distance, event) {
    if (distance === null) return card.hide();
    const H = facts.slopes.length,
      line = h =>
        el("div", {}, el("span", { text: `head ${h}` }), el("span", { class: "num", text: signed(-facts.slopes[h] * distance, 3) }));
    card.show(
      {
        value: signed(-facts.slopes[view.header.at.head] * distance, 3),
        place: `${distance} apart`,
        what: `head ${view.header.at.head}: added to the score`,
        list: el(
          "div",
          { class: "tops" },
          Array.from({ length: Math.min(8, H) }, (_, h) => line(h))
        )
      },
      { left: event.clientX - 2, right: event.clientX + 2, top: event.clientY - 12, bottom: event.clientY + 12 }
    );
  }
  /** Of each key a row: q·k alone, the bias, and their sum. */
  function rows(width, key) {
    const shown = Math.min(facts.t, 16),
      first = facts.t - shown,
      keys = Array.from({ length: shown }, (_, i) => first + i),
      row = 15,
      left = 66;
    const sum = j => facts.plain(j) + facts.bias(j),
      all = keys.flatMap(j => [facts.plain(j), facts.bias(j), sum(j), 0]);
    const low = Math.min(...all),
      high = Math.max(...all, low + 1e-6),
      x = v => left + ((v - low) / (high - low)) * (width - left - 52);
    fill(
      sums,
      {
        width,
        height: shown * row + 4,
        "aria-label": `Scores of ${shown} keys with ALiBi: ${keys.map(j => signed(sum(j))).join(", ")}.`
      },
      []
    );
    const bar = (v, y, height, colour) =>
      svg("rect", { x: Math.min(x(0), x(v)), y, width: Math.max(0.5, Math.abs(x(v) - x(0))), height, style: { fill: colour } });
    under.textContent =
      `${first ? `the last ${shown} scores of this query` : "every score of this query"}: q·k alone (grey), what distance takes `
      + "(colour), and their sum (line)";
    sums.replaceChildren(
      ...keys.flatMap((j, i) => [
        tokenLabel(facts.token(j), { x: 0, y: i * row + 11, "font-size": 11, style: { "font-weight": j === key ? 600 : 400 } }, 8),
        bar(facts.plain(j), i * row + 2, 5, "var(--axis)"),
        bar(facts.bias(j), i * row + 7, 5, "var(--pos)"),
        svg("line", {
          x1: x(sum(j)),
          x2: x(sum(j)),
          y1: i * row + 1,
          y2: i * row + 13,
          style: { stroke: "var(--ink)", "stroke-width": 2 }
        }),
        word(signed(sum(j)), width, i * row + 11, 10.5, { class: "m", "text-anchor": "end", ...FAINT })
      ]),
      svg("line", { x1: x(0), x2: x(0), y1: 0, y2: shown * row, style: { stroke: "var(--line)" } })
    );
  }
  return {
    node,
    update(all, wide, made, key) {
      facts = made;
      const width = wide ? (all - 32) / 2 : all;
      node.style.gridTemplateColumns = wide ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      rows(width, key);
      const { slopes } = facts,
        head = view.header.at.head,
        d = facts.distance(key);
      n = Math.max(2, Math.min(view.header.n_ctx, 64));
      const line = slope => Float32Array.from({ length: n }, (_, i) => -slope * i);
      const order = [...slopes.keys()].sort((a, b) => (a === head) - (b === head));
      chart.draw(
        width,
        190,
        {
          lines: order.map(h => ({ values: line(slopes[h]), cls: h === head ? "own" : "other" })),
          mark: d < n ? { at: d, value: -slopes[head] * d } : null,
          xName: "tokens apart",
          n
        },
        `Bias by distance for ${slopes.length} heads; head ${head} has slope ${slopes[head]}.`
      );
      const list = Array.from(slopes, v => (v >= 0.1 ? `${+v.toFixed(3)}` : v.toPrecision(2)));
      said.textContent =
        `what is added to a score, a line a head; slopes ${list.slice(0, 12).join(", ")}`
        + `${list.length > 12 ? `, … (${list.length} heads)` : ""}. `
        + `Head ${head}, bold, at ${plural(d, "token")}: ${signed(-slopes[head] * d, 3)}.`;
    }
  };
}
