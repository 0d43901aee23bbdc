// Vocabulary, part 1: what is known of each token, and which tokens are shown in which order.

/** Readers over the payload: token(id), hex(id), size(id), parents(id) and the like. */
function vocabularyOf({ header, arrays }) {
  const { letters, ends, kinds, raw, raw_ends: rawEnds, made, counts, distance } = arrays, reader = new TextDecoder();
  const token = id => ({ pieces: reader.decode(letters.subarray(id ? ends[id - 1] : 0, ends[id])).split("\0"), kind: ["text", "byte", "special"][kinds[id] & 3] });
  const bytes = id => raw.subarray(id ? rawEnds[id - 1] : 0, rawEnds[id]);
  return {
    n: ends.length, token, bytes, counts, distance,
    size: id => rawEnds[id] - (id ? rawEnds[id - 1] : 0),
    hex: id => Array.from(bytes(id), byte => byte.toString(16).padStart(2, "0").toUpperCase()).join(" "),
    parents: id => (made[2 * id] < 0 ? null : [made[2 * id], made[2 * id + 1]]),
    special: id => (kinds[id] & 3) === 2,
    never: id => Boolean(counts) && counts[id] === 0 && (kinds[id] & 3) !== 2,
    flagged: id => Boolean(distance) && distance[id] < header.threshold,
  };
}

/** What each id's bytes say as text, in small letters, to search in. */
function searchable(all) {
  const reader = new TextDecoder();
  return Array.from({ length: all.n }, (_, id) => reader.decode(all.bytes(id)).toLowerCase());
}

const ORDERS = {
  id: (all, id) => id,
  bytes: (all, id) => all.size(id),
  count: (all, id) => all.counts[id],
  distance: (all, id) => all.distance[id],
};

/** The ids that a search and a sort of tokens leave, in order. A number finds its id, other words the text. */
function chosenIds(all, texts, { search, only, sort, down }) {
  const wanted = search.toLowerCase(), number = /^#?\d+$/.test(search.trim()) ? Number(search.trim().replace("#", "")) : null;
  const fits = id => (!wanted || texts[id].includes(wanted) || id === number) && (only === "all" || all[only](id));
  const ids = Array.from({ length: all.n }, (_, id) => id).filter(fits);
  const key = ORDERS[sort];
  return ids.sort((a, b) => (down ? key(all, b) - key(all, a) : key(all, a) - key(all, b)) || a - b);
}
