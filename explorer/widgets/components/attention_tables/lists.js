// Tables of a head, part 1: the tokens that a head speaks for and against, as short lists.

const SHOWN = 7;  // keys in the list; the table and the CSV have all

/** Entries of one token: ids with numbers from `name`_up, _up_by (or down), by what `over` divides. */
function entries(view, name, n, over = 1) {
  const { arrays } = view, ids = arrays[name], by = arrays[`${name}_by`] ?? arrays.key_score, K = ids.shape[1];
  return Array.from({ length: K }, (_, k) => ({ id: ids[n * K + k], by: by[n * K + k] / over }));
}

/** Keys of the query in focus, the largest weight first; null while the row is on its way. */
function keysOf(view) {
  const { header: { first_row: first, tokens }, arrays: { pattern }, focus: { token: i } } = view, row = i - first, T = tokens.length;
  if (row < 0 || row >= pattern.shape[0]) return null;
  return Array.from({ length: i + 1 }, (_, j) => ({ j, w: pattern[row * T + j] })).sort((a, b) => b.w - a.w);
}

/** Tokens in a line, each with its number. */
function tokenLine(view, list, { word = "", plus = true, most = 6 } = {}) {
  const one = ({ id, by }) => el("span", { class: "one" }, tokenSpan(view.header.words[id], { class: "token" }, 12),
    el("small", { class: "num", text: signed(by, 2, plus) }));
  return el("div", { class: word ? "line quiet" : "line" }, word && el("span", { class: "sub", text: word }), list.slice(0, most).map(one));
}

/** 1st of 4,096, for a rank counted from 0. */
const place = (rank, all) => `${count(rank + 1)}${rank % 10 === 0 && rank % 100 !== 10 ? "st" : rank % 10 === 1 && rank % 100 !== 11 ? "nd"
  : rank % 10 === 2 && rank % 100 !== 12 ? "rd" : "th"} of ${count(all)}`;
