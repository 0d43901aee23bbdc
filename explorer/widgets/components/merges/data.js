// Merges, part 1: the numbers at k. Row k of every table holds after the first k merges.

const BYTES = 256, NEVER = 65535;

/** Facts of the payload. `why` is the table that merge k won: the counts just before it. */
function mergeFacts({ header, arrays }) {
  const { pairs, counts, kinds, places, tokens, merges, made, holds, holders, gone } = arrays;
  const K = made.length, top = pairs.shape[1], named = holds.shape[1];
  const open = compact => ({ pieces: typeof compact === "string" ? [compact] : compact });
  const vocabulary = header.vocabulary.map(open), short = vocabulary.map(token => shortened(token));
  const sizes = Array.from({ length: BYTES }, () => 1);
  for (let k = 0; k < K; k++) sizes.push(sizes[merges[2 * k]] + sizes[merges[2 * k + 1]]);
  return {
    K, gone, top,
    bytes: tokens[0],
    tokens: k => tokens[k],
    perToken: k => tokens[0] / Math.max(1, tokens[k]),
    whole: id => vocabulary[id],
    token: id => short[id],
    /** The token in words; of one that is shortened also how long it is. */
    said: id => tokenText(short[id]) + (short[id] === vocabulary[id] ? "" : ` (${plural(sizes[id], "byte")})`),
    size: id => sizes[id],
    pair: k => [merges[2 * (k - 1)], merges[2 * (k - 1) + 1]],
    made: k => made[k - 1],
    /** Candidates before merge k (at k = 0 those of the first), best first: {left, right, count}. */
    why(k) {
      const row = Math.max(0, k - 1), out = [];
      for (let n = 0; n < top; n++) {
        const at = row * top + n;
        if (counts[at]) out.push({ left: pairs[2 * at], right: pairs[2 * at + 1], count: counts[at] });
      }
      return out;
    },
    kinds: k => kinds[Math.max(0, k - 1)],
    places: k => places[Math.max(0, k - 1)],
    /** Whether a pair still occurs twice after the last merge: then only the longest length of a token ended learning. */
    more: places[K] > kinds[K],
    /** The words that held the pair of merge k, most first: {word, count}; `all` is how many there were. */
    holders(k) {
      const out = [];
      for (let n = 0; n < named; n++) {
        const at = 2 * ((k - 1) * named + n);
        if (holds[at] >= 0) out.push({ word: open(header.words[holds[at]]), count: holds[at + 1] });
      }
      return { words: out, all: holders[k - 1] };
    },
  };
}

/** The tokens of the shown text after k merges: [start, end, made by merge k or not], in bytes. */
function cutAt(gone, k) {
  const out = [], last = k - 1;
  for (let start = 0; start < gone.length;) {
    let end = start + 1, lit = false;
    for (; end < gone.length && gone[end] < k; end++) if (gone[end] === last) lit = true;
    out.push([start, end, lit]);
    start = end;
  }
  return out;
}
