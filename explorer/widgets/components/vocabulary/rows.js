// Vocabulary, part 1: what is known of each token, and which tokens are shown in which order.

/** Readers over the payload: token(id), hex(id), size(id), parents(id) and the like. */
function vocabularyOf({ header, arrays }) {
  const { letters, ends, kinds, raw, raw_ends: rawEnds, made, counts, distance } = arrays, reader = new TextDecoder();
  const pieces = id => reader.decode(letters.subarray(id ? ends[id - 1] : 0, ends[id])).split("\0");
  const token = id => ({ pieces: pieces(id), kind: ["text", "byte", "special"][kinds[id] & 3] });
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

/** What each id's bytes say as text, in small letters, to search in and to sort by. */
function searchable(all) {
  const reader = new TextDecoder();
  return Array.from({ length: all.n }, (_, id) => reader.decode(all.bytes(id)).toLowerCase());
}

const ORDERS = {
  id: (all, id) => id,
  token: (all, id, texts) => texts[id],
  bytes: (all, id) => all.size(id),
  count: (all, id) => all.counts[id],
  distance: (all, id) => all.distance[id],
};

const AS_BYTES = /^(?:0x(?:[0-9a-f]{2})+|[0-9a-f]{2}(?: [0-9a-f]{2})+)$/;  // 0xC3A9, c3 a9

/** The ids that a search and a sort of tokens leave, in order. A number finds its id, bytes what holds them, all else the text. */
function chosenIds(all, texts, { search, only, sort, down }) {
  const wanted = search.toLowerCase(), plain = wanted.trim();
  const number = /^#?\d+$/.test(plain) ? Number(plain.replace("#", "")) : null;
  const hex = AS_BYTES.test(plain) ? plain.replace("0x", "").replaceAll(" ", "").match(/../g).join(" ").toUpperCase() : null;
  const found = id => !wanted || texts[id].includes(wanted) || id === number || (hex && all.hex(id).includes(hex));
  const ids = Array.from({ length: all.n }, (_, id) => id).filter(id => found(id) && (only === "all" || all[only](id)));
  const keys = ids.map(id => ORDERS[sort](all, id, texts)), way = down ? -1 : 1;
  const order = Array.from(ids.keys()).sort((a, b) => (keys[a] < keys[b] ? -way : keys[a] > keys[b] ? way : ids[a] - ids[b]));
  return order.map(i => ids[i]);
}
