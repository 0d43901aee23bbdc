// Attention, part 1: what the payload says about a head, in words, numbers and colours (explorer/widgets/attention_wall.py).

/** SVG text. */
const word = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });

/** The roles of explorer/analysis/head_roles.py, in the order of the arrays; even and mixed are what is left. */
const ROLES = {
  previous: { word: "previous", title: "previous-token", means: "mean weight on the token just before", glyph: "M2 3v2h2.5v2.5H7V10h3" },
  induction: { word: "induction", title: "induction", means: "mean weight on the token after an earlier copy of the same token",
    glyph: "M2 9.5V6a3.5 3.5 0 0 1 7 0v2M7 6.5 9 8.7l2-2.2" },
  duplicate: { word: "same", title: "duplicate-token", means: "mean weight on earlier copies of the same token",
    glyph: "M2.5 4.5h7M2.5 7.5h7" },
  first: { word: "first", title: "first-token", means: "mean weight on the first token", glyph: "M3 2v8M6 6.5h0M9 8h0" },
  itself: { word: "itself", title: "same-position", means: "mean weight on the token itself", glyph: "M2 2l8 8" },
  nearby: { word: "nearby", title: "nearby", means: "mean weight on the token and the three before it", glyph: "M2 3.5l7 7M4.5 2l6 6" },
  even: { word: "even", title: "evenness", means: "mean entropy of a row over that of equal weights: 1 is all alike",
    glyph: "M3 3h0M6 3h0M9 3h0M3 6h0M6 6h0M9 6h0M3 9h0M6 9h0M9 9h0" },
  mixed: { word: "mixed", title: "largest", means: "no known place gets a clear share", glyph: "M2.5 9l3-5 2 3.5 2-4" },
};
const SCORED = Object.keys(ROLES).slice(0, 7);  // rows of arrays.standing and arrays.here

/** [value, text] of each way of sorting; "place" is reading order. */
const SORTS = [["place", "place"], ["previous", "previous-token score"], ["induction", "induction score"],
  ["duplicate", "duplicate-token score"],
  ["first", "first-token score"], ["itself", "same-position score"], ["nearby", "nearby score"], ["entropy", "entropy, lowest first"]];

/** A 12 px role sign at x, y. */
function roleSign(role, attributes = {}) {
  return svg("g", { class: "sign", "stroke-width": role === "even" ? 1.8 : 1.3, ...attributes }, svg("path", { d: ROLES[role].glyph }));
}

/** Everything about the heads of one payload; `basis` is "standing" (random tokens said twice) or "here" (this text). */
function headFacts(view) {
  const { header, arrays } = view, [L, H] = arrays.entropy.shape, at = (layer, head) => layer * H + head;
  const score = (basis, role, layer, head) => arrays[basis][SCORED.indexOf(role) * L * H + at(layer, head)];
  return {
    L, H, at, score,
    role: (basis, layer, head) => header.words[basis][at(layer, head)],
    largest: (basis, layer, head) => SCORED.slice(0, 5).reduce((best, role) => {
      const value = score(basis, role, layer, head);
      return Number.isFinite(value) && !(score(basis, best, layer, head) >= value) ? role : best;
    }, "previous"),
    entropy: (layer, head) => arrays.entropy[at(layer, head)],
    reach: (layer, head) => arrays.reach[at(layer, head)],
  };
}

/** Weights and scores of the head in focus by (query, key); null while the server has not sent them yet. */
function exactHead(view) {
  const { header, arrays, focus } = view, T = header.tokens.length, size = (T * (T + 1)) / 2;
  const row = header.heads.findIndex(([layer, head]) => layer === focus.layer && head === focus.head);
  if (row < 0) return null;
  const from = (array, i, j) => array[row * size + (i * (i + 1)) / 2 + j];
  return { T, weight: (i, j) => from(arrays.pattern, i, j), score: (i, j) => from(arrays.scores, i, j) };
}

/** The same from the tiles, near enough for colours, until the exact numbers are here. */
function roughHead(view) {
  const { header, arrays, focus } = view, T = header.tokens.length, [, H, N] = arrays.cells.shape, block = header.tokens_per_cell;
  const start = (focus.layer * H + focus.head) * N * N;
  return { T, weight: (i, j) => arrays.cells[start + Math.floor(i / block) * N + Math.floor(j / block)] / 65535 };
}

/** The head as the switches show it: `value(i, j)` is the weight, or the length that it moves, with the rest of a row scaled up where
 *  the first token is hidden and that is asked for; `share` is value over `limit`, the end of the scale. */
function viewedHead(view, state) {
  const head = exactHead(view) ?? roughHead(view), { focus: { layer, head: h }, arrays } = view, { T } = head;
  const [, H] = arrays.entropy.shape, sizes = (layer * H + h) * T, first = state.hideFirst ? 1 : 0;
  const size = state.weighted ? j => arrays.value_sizes[sizes + j] : () => 1;
  const rest = state.hideFirst && state.scaled && !state.scores ? i => Math.max(1 - head.weight(i, 0), 1e-9) : () => 1;
  const value = (i, j) => (head.weight(i, j) / rest(i)) * size(j);
  let limit = 1;
  if (state.weighted || (state.hideFirst && !state.log && !state.scores)) {
    limit = 0;
    for (let i = first; i < T; i++) for (let j = first; j <= i; j++) limit = Math.max(limit, value(i, j));
  }
  limit ||= 1;
  const share = state.weighted ? (i, j) => value(i, j) / limit : value;
  return { ...head, value, share, limit };
}

const LOG_FLOOR = 1e-4;
/** Weight to scale position in [0, 1]: linear up to `top`, or by the logarithm from 0.0001 to 1. */
const onScale = (w, log, top = 1) => (log ? (w <= LOG_FLOOR ? 0 : 1 - Math.log(w) / Math.log(LOG_FLOOR)) : w / top);

/** A weight outside a cell: 0.87, 0.034, 2.1e−5. */
const fine = w => (w >= 0.0995 || w === 0 ? weight(w) : w >= LOG_FLOOR ? w.toPrecision(2) : rate(w));
/** A score that a text may leave undefined. */
const orDash = (x, show) => (Number.isFinite(x) ? show(x) : "—");
