// Logit lens, part 2: a cell of the grid is what the model would say if it stopped there.

const SHOWN_ROWS = 26;

/** state: {shade, places, answer, depth}; `facts()` of what is on show, `now()` the cell to speak of when none is pointed at. */
function lensGrid(view, state, { facts, now, point, pick }) {
  let f = null, shown = [];

  function columns() {
    const { depths } = view.header, list = shownDepths(view, state).map(n => ({ n, step: depths[n].after, layer: depths[n].layer }));
    shown = list.map(({ n }) => n);
    list.at(-1).output = true;
    return list;
  }

  function cell({ n, t, i, x, y, c }) {
    const shade = SHADES[state.shade], has = f.has(t), known = shade.own || has;
    const letters = Math.max(0, Math.floor((c - 8) / (c < 40 ? 6.4 : 7.3)));
    const level = known ? Math.max(0, Math.min(1, shade.at(f, n, t))) : 0, token = f.word(f.top(n, t));
    const style = { fill: known ? view.on(level) : "var(--ink-3)", "font-weight": has && f.right(n, t) ? 600 : 400 };
    const box = { x: x + 0.5, y: y + 0.5, height: ROW - 1 }, stays = f.stays(t);
    const comes = stays >= 0 && n >= stays && !(shown[i - 1] >= stays);
    const text = { "font-size": c < 40 ? 10.5 : 12, class: `m token ${level > 0.52 ? "pale" : ""}` };
    const room = letters > 2 || [...tokenText(token)].length <= letters;  // for the whole token, or for enough to know it by
    return [svg("rect", { ...box, width: Math.max(1, c - 1), rx: 1, style: { fill: known ? view.seq(level) : "var(--well)" } }),
      comes && svg("rect", { ...box, width: Math.min(3, c / 4), style: { fill: "var(--prob)" } }),
      room && tokenLabel(token, { ...text, x: x + 6, y: y + 17, style }, letters)];
  }

  /** What is followed at a token. */
  function end(t, x, y) {
    const style = { fill: f.has(t) ? "var(--ink-2)" : "var(--ink-3)" };
    return f.has(t) ? tokenLabel(f.answerWord(t), { x, y, "font-size": 12, style }, view.phone ? 6 : 10)
      : word(view.phone ? "—" : "the text ends", x, y, 10.5, { style });
  }

  return tokenGrid(view, {
    sight: SHOWN_ROWS, columns, cell, end, behind: "followed", now, point, pick,
    room: () => ({ least: 30, right: f.k ? (view.phone ? 58 : 96) : 0, most: 124 }),
    depends: () => { f = facts(); return [view.phone, state.shade, state.places, f.k, ...Object.values(view.arrays)]; },
  });
}
