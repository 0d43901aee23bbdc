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

/** The scale of the shading. */
function residualScale(view, state, facts) {
  const cells = CELLS[state.cells], [low, high] = ends(facts, cells);
  const bold = cells.many ? ` · bold where a dimension reaches ${view.header.outlier} medians` : "";
  const colour = share => (cells.signed ? view.div(2 * share - 1, 1) : view.seq(share));
  return { low, high, colour, words: [`${cells.means}${bold} · a click chooses token and norm`] };
}
