// Sampling, part 5: the most likely tokens, before and after, by whom removed, how often drawn; and all others as one row.

const LISTED = 15, SCALES = [[0.05, 0.01], [0.1, 0.02], [0.2, 0.05], [0.4, 0.1], [0.8, 0.25], [1, 0.25]];

/** The rows as drawn: the model's own order, the token that the text went on with, the rest in one. */
function tokenRows({ board, result, draws, words, next }) {
  const ids = [...board.own.subarray(0, LISTED)], n = draws.n;
  if (next !== null && !ids.includes(next)) ids.push(next);
  const row = id => ({ id, token: words(id), score: board.logits[id], before: board.before[id],
    after: result.probability(id), remover: result.remover(id),
    drawn: draws.counts.get(id) ?? 0, text: id === next, rank: board.ownPlace[id] + 1 });
  const rows = ids.map(row), left = board.V - rows.length;
  if (!left) return rows;
  const sum = key => rows.reduce((total, one) => total + one[key], 0), kept = result.kept - rows.filter(one => !one.remover).length;
  const removers = result.stages.filter(({ name, kept: after }, i) =>
    (result.stages[i - 1]?.kept ?? board.V) - after > rows.filter(one => one.remover === name).length);
  rows.push({ id: null, others: left, kept, before: Math.max(0, 1 - sum("before")), after: kept ? Math.max(0, 1 - sum("after")) : 0,
    remover: removers.map(({ name }) => REMOVED_BY[name]).join(", "), drawn: n - sum("drawn") });
  return rows;
}

const REMOVED_BY = { temperature: "temp. 0", top_k: "top-k", top_p: "top-p", min_p: "min-p", "": "" };

/** Where the columns of the table stand, on the funnel's own columns where there is room. */
function tableColumns(width, columns, rows) {
  if (width < 560) {
    const bars = 82, after = width - 62;
    return { narrow: true, score: null, bars, wide: after - 84 - bars, before: after - 44, after, last: width - 50, names: 9, size: 12.5 };
  }
  const scores = Math.max(...rows.map(({ id, score }) => (id === null ? 0 : signed(score).length)));
  const pitch = width / columns, bars = Math.round(pitch), wide = Math.round(pitch * (columns - 3) - 24);
  return { narrow: false, score: bars - 14, bars, wide, before: bars + wide + 52, after: bars + wide + 112, last: pitch * (columns - 1) + 6,
    names: Math.max(3, Math.floor((bars - 20 - 7.2 * scores) / 7.8)), size: 13 };
}

function tokenTable(view, { pick, describe, card }) {
  const drawing = svg("svg", { "aria-hidden": "true" });
  const node = el("div", { class: "tokens", role: "listbox", tabindex: 0, "aria-label": "Most likely tokens" }, drawing);
  const PITCH = 21, TOP = 30;
  let rows = [], place, height = 0, options = [];

  const at = event => {
    const index = Math.floor((event.clientY - drawing.getBoundingClientRect().top - TOP + 5) / PITCH);
    return rows[index] && index >= 0 ? index : -1;
  };
  const anchor = index => {
    const box = drawing.getBoundingClientRect(), y = box.top + TOP + index * PITCH - 5;
    const x = box.left + place.bars + (place.narrow ? 0 : place.wide * 0.42);
    return [{ left: box.left, right: x, top: y, bottom: y + PITCH }, { left: box.left, right: box.right, top: y, bottom: y + PITCH }];
  };
  const open = index => { const content = describe(rows[index]); if (content) card.show(content, ...anchor(index)); else card.hide(); };
  node.onpointermove = event => { const index = at(event); if (index < 0) card.hide(); else open(index); };
  node.onpointerleave = () => card.hide();
  node.onclick = event => { const index = at(event); if (index >= 0 && rows[index].id !== null) pick(rows[index].id); };
  node.onfocus = () => { if (node.matches(":focus-visible")) open(chosen); };
  node.onblur = () => card.hide();
  node.onkeydown = event => {
    const to = { ArrowDown: chosen + 1, ArrowUp: chosen - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const index = Math.max(0, Math.min(rows.length - 1, to));
    if (rows[index].id !== null) pick(rows[index].id);
    chosen = index;
    open(index);
  };
  let chosen = 0;

  const text = (x, y, words, style = {}, more = {}) =>
    svg("text", { x, y, "font-size": 12, text: words, style: { fill: "var(--ink-3)", ...style }, ...more });
  const mono = (x, y, words, style, more) => text(x, y, words, style, { class: "m", "text-anchor": "end", ...more });

  function heads(n) {
    const head = (x, words, end) => text(x, 12, words, {}, { "font-size": 11, "text-anchor": end ? "end" : "start" });
    return [head(0, "Token"), place.score && head(place.score, "Score", true),
      head(place.bars, place.narrow ? "Probability" : "Probability, before and after"),
      head(place.before, "Before", true), head(place.after, "After", true),
      head(place.last, n > 1 ? (place.narrow || n < ENOUGH ? "Drawn" : "Drawn, expected") : place.narrow ? "Cut by" : "Removed by"),
      svg("line", { x1: 0, x2: view.tableWidth, y1: 19.5, y2: 19.5, style: { stroke: "var(--line)" } })];
  }

  function grid([top, step]) {
    const bottom = TOP + rows.length * PITCH - 6, parts = [];
    for (let share = step; share < top + 1e-9; share += step) {
      const x = place.bars + (place.wide * share) / top;
      if (place.narrow && Math.round(share / step) % 2) continue;
      parts.push(svg("line", { x1: x, x2: x, y1: 22, y2: bottom, style: { stroke: "var(--hair)" } }),
        mono(x, bottom + 14, `${decimals(share * 100, 1)}%`, {}, { "font-size": 10, "text-anchor": "middle" }));
    }
    return [...parts, svg("line", { x1: place.bars + 0.5, x2: place.bars + 0.5, y1: 22, y2: bottom, style: { stroke: "var(--axis)" } })];
  }

  function drawnMarks(row, y, x, n) {
    if (n < ENOUGH || !(row.after > 0)) return [];
    const error = standardError(row.after, n), share = row.drawn / n;
    return [svg("line", { x1: x(Math.max(0, row.after - error)), x2: x(row.after + error), y1: y + 3.5, y2: y + 3.5, class: "error" }),
      svg("rect", { x: x(share) - 1, y: y - 3, width: 2, height: 13, class: "drawn" })];
  }

  function line(row, i, selected, n, scale) {
    const y = TOP + i * PITCH, on = row.id !== null && row.id === selected;
    const gone = !(row.after > 0) && Boolean(row.remover || row.id === null), x = share => place.bars + 1 + (place.wide * share) / scale;
    const bar = (share, from, high, fill) => share > 0
      && svg("rect", { x: place.bars + 1, y: from, width: Math.max(1, (place.wide * share) / scale), height: high, style: { fill } });
    const strong = { fill: gone ? "var(--ink-3)" : "var(--ink)", "font-weight": on ? 600 : 400 };
    const drawn = n > 1 && !gone && (row.id === null ? row.kept > 0 : true);
    return [
      on && svg("rect", { x: -6, y: y - 5, width: view.tableWidth + 12, height: PITCH, rx: 2, style: { fill: "var(--well)" } }),
      row.text && row.rank > LISTED
        && svg("line", { x1: 0, x2: view.tableWidth, y1: y - 5.5, y2: y - 5.5, style: { stroke: "var(--hair)" } }),
      row.text && svg("rect", { x: -10, y: y - 4, width: 2, height: PITCH - 2, style: { fill: "var(--ink)" } }),
      row.id === null ? text(0, y + 8, `${count(row.others)} other${row.others > 1 ? "s" : ""}`)
        : tokenLabel(row.token, { x: 0, y: y + 8, "font-size": place.size, style: strong }, place.names),
      place.score && row.id !== null && mono(place.score, y + 8, signed(row.score)),
      bar(row.after, y, 7, "var(--prob)"), bar(row.before, y + 8, 3, "var(--axis)"), ...drawnMarks(row, y, x, n),
      mono(place.before, y + 8, pct(row.before)), mono(place.after, y + 8, pct(row.after), strong),
      !drawn && row.remover && text(place.last, y + 8, removerText(row, place.narrow), {}, { "font-size": place.narrow ? 11 : 12 }),
      ...(drawn ? counts(row, y, n) : []),
    ];
  }

  function counts(row, y, n) {
    const right = place.narrow ? view.tableWidth : place.last + 32;
    const parts = [mono(right, y + 8, count(row.drawn), { fill: "var(--ink)" })];
    if (!place.narrow && n >= ENOUGH)
      parts.push(mono(right + 6, y + 8, `${count(row.after * n)} ± ${errorText(standardError(row.after, n) * n)}`, {},
        { "font-size": 10.5, "text-anchor": "start" }));
    return parts;
  }

  return {
    node,
    get rows() { return rows; },
    update(width, columns, all, selected, n) {
      view.tableWidth = width;
      [rows, place] = [all, tableColumns(width, columns, all)];
      chosen = Math.max(0, rows.findIndex(({ id }) => id === selected));
      const most = Math.max(...rows.map(({ before, after }) => Math.max(before, after)));
      const scale = SCALES.find(([top]) => most <= top) ?? SCALES.at(-1);
      height = TOP + rows.length * PITCH + 14;
      fill(drawing, { width, height }, []);
      const lines = rows.map((row, i) => line(row, i, selected, n, scale[0]));
      drawing.replaceChildren(...[...lines.map(([band]) => band), ...heads(n), ...grid(scale),
        ...lines.flatMap(([, ...rest]) => rest)].filter(Boolean));
      if (options.length !== rows.length) {
        options = rows.map((_, i) => el("div", { role: "option", id: `token-row-${i}`, class: "sr" }));
        node.replaceChildren(drawing, ...options);
      }
      options.forEach((option, i) => {
        option.textContent = spokenRow(rows[i], n);
        option.setAttribute("aria-selected", i === chosen);
      });
      node.setAttribute("aria-activedescendant", `token-row-${chosen}`);
    },
  };
}

const removerText = ({ remover }, narrow) => REMOVED_BY[remover]
  ?? (narrow && remover.includes(",") ? `${remover.split(",").length} filters` : remover);

/** A row in words: for the ear, and for the table of numbers. */
function spokenRow(row, n) {
  const name = row.id === null ? `${count(row.others)} others` : tokenText(row.token);
  const now = row.after > 0 || !row.remover ? `after ${pct(row.after)}` : `removed by ${REMOVED_BY[row.remover] ?? row.remover}`;
  return `${name}: before ${pct(row.before)}, ${now}${n ? `, drawn ${count(row.drawn)} of ${count(n)}` : ""}`;
}

const errorText = x => (x >= 9.95 ? count(x) : x.toFixed(1));

/** A number in 3 figures, for formulas and errors. */
function figure(x) {
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 99_999.5 || size < 1e-3) return rate(x);
  return size >= 99.95 ? count(x) : x.toFixed(size >= 9.995 ? 1 : size >= 0.0995 ? 2 : 4).replace("-", MINUS);
}
