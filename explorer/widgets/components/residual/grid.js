// Residual stream, part 2: a cell of the grid is one measure of the stream at a place.

const SHOWN_ROWS = 16, MEASURED = ["length", "write", "cosine", "divisor", "mean", "median", "peak", "outliers"];

/** state: {cells}; `facts()` of what is on show. */
function residualGrid(view, state, { facts, point, pick }) {
  let f = null;

  function cell({ n, t, x, y, c }) {
    const cells = CELLS[state.cells], value = f[cells.value](n, t);
    if (!Number.isFinite(value)) return [];
    const level = cells.level(f, value), many = cells.many ? f.outliers(n, t) : 0;
    const pale = cells.signed ? Math.abs(level) > 0.7 : level > 0.52, back = cells.signed ? view.div(level, 1) : view.seq(level);
    const text = few(value), size = c < 40 ? 10 : 11.5;
    const ink = { fill: pale ? "var(--paper)" : "var(--ink)", "font-weight": many ? 600 : 400 };
    return [svg("rect", { x: x + 0.5, y: y + 0.5, width: Math.max(1, c - 1), height: ROW - 1, rx: 1, style: { fill: back } }),
      c >= 6.2 * text.length + 4 && word(text, x + c - 5, y + 17, size, { class: "m", "text-anchor": "end", style: ink })];
  }

  return tokenGrid(view, {
    sight: SHOWN_ROWS, cell, point, pick,
    columns: () => f.places.map(({ step, layer }, n) => ({ n, step, layer })),
    room: () => ({ least: view.phone ? 58 : 80, right: 0, most: 220 }),
    depends: () => { f = facts(); return [view.phone, state.cells, ...MEASURED.map(name => view.arrays[name])]; },
    now: () => ({ n: f.place(), t: view.focus.token }),
  });
}
