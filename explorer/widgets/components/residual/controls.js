// Residual stream, part 6: what shades a cell, and the scale of it.

/** state: {cells}; `change()` after it. */
function residualControls(view, state, change) {
  const button = ([key, { name, means }]) => el("button", { type: "button", text: name, title: means,
    on: { click: () => { state.cells = key; change(); } } });
  const all = Object.entries(CELLS), buttons = all.map(button);
  const node = el("div", { class: "controls" }, el("div", { class: "seg", role: "group", "aria-label": "Cells show" }, buttons));
  return {
    node,
    update() { buttons.forEach((one, i) => one.setAttribute("aria-pressed", all[i][0] === state.cells)); },
  };
}

function residualLegend(view, state) {
  const node = el("div", { class: "legend" });
  return {
    node,
    update(facts) {
      const cells = CELLS[state.cells], [low, high] = ends(facts, cells).map(text => el("span", { class: "num", text }));
      const colour = n => (cells.signed ? view.div(n / 4.5 - 1, 1) : view.seq(n / 9));
      const ramp = svg("svg", { width: 140, height: 9, "aria-hidden": "true" },
        Array.from({ length: 10 }, (_, n) => svg("rect", { x: n * 14, width: 14, height: 9, style: { fill: colour(n) } })));
      const bold = cells.many ? ` · bold where a dimension reaches ${view.header.outlier} medians` : "";
      const click = " · a click chooses token and norm";
      node.replaceChildren(low, ramp, high, el("span", { class: "words", text: cells.means + bold + click }));
    },
  };
}
