// Vectors, part 1: what a checkpoint's tokens are. It is sent once (vectors.js) and read by all pictures of the page.

const heldVectors = (globalThis.vitrineVectors ??= new Map()); // by the name that explorer/widgets/embeddings.py gives it
const KEEP_VECTORS = 3,
  VECTORS_CAME = "vitrine-vectors";

/** Readers over the payload of one checkpoint, or null until it is there. */
function vectorsOf(name) {
  return heldVectors.get(name) ?? null;
}

function readVectors({ header, arrays }) {
  const { letters, ends, forms, kinds } = arrays,
    reader = new TextDecoder();
  const token = id => ({
    pieces: reader.decode(letters.subarray(id ? ends[id - 1] : 0, ends[id])).split("\0"),
    kind: ["text", "byte", "special"][forms[id] & 3]
  });
  let texts = null;
  const side = name => ({
    ...header.sides[name],
    points: arrays[`points_${name}`],
    lengths: arrays[`lengths_${name}`],
    rows: arrays[`rows_${name}`] ?? null
  });
  const known = Object.fromEntries(Object.keys(header.sides).map(name => [name, side(name)])),
    C = header.d_model;
  return {
    n: ends.length,
    C,
    token,
    kindNames: header.kinds,
    kind: id => kinds[id],
    texts: () => (texts ??= allTexts()),
    /** {points, lengths, rows | null, share, offset, turns, onto, matrix}; a tied model has "input" alone. */
    side: name => known[name] ?? known.input,
    row: (name, id) => known[name]?.rows?.subarray(id * C, id * C + C)
  };
  function allTexts() {
    return Array.from({ length: ends.length }, (_, id) => tokenText(token(id)).toLowerCase());
  }
}

/** Of every row (V C) the cosine with a vector (C); 0 where one has no length. */
function cosinesWith({ rows, lengths }, vector) {
  const C = vector.length,
    size = Math.sqrt(dot(vector, vector));
  return Float32Array.from(lengths, (length, id) => {
    if (!(length * size > 1e-12)) return 0;
    let sum = 0;
    for (let c = 0, at = id * C; c < C; c++) sum += rows[at + c] * vector[c];
    return sum / (length * size);
  });
}

function dot(a, b) {
  let sum = 0;
  for (let c = 0; c < a.length; c++) sum += a[c] * b[c];
  return sum;
}

/** The n ids of the largest values, largest first, equal ones by id. */
function largest(values, n, without = []) {
  const left = new Set(without),
    best = [];
  for (let id = 0; id < values.length; id++) {
    if (left.has(id) || (best.length === n && !(values[id] > values[best[n - 1]]))) continue;
    let at = best.length;
    while (at && values[id] > values[best[at - 1]]) at--;
    best.splice(at, 0, id);
    if (best.length > n) best.pop();
  }
  return best;
}

/** Draw `view` again when vectors come. */
function awaitVectors(view) {
  const again = () => view.redraw();
  document.addEventListener(VECTORS_CAME, again);
  view.keep({ remove: () => document.removeEventListener(VECTORS_CAME, again) });
}

/** Whether words from Python are news: neither heard before nor the echo of what was sent from here a moment ago. */
function newsFrom() {
  const sent = new Map();
  let heard = null;
  return {
    sent: words => sent.set(words, performance.now()),
    is(words) {
      if (words === heard) return false;
      heard = words;
      return !(performance.now() - (sent.get(words) ?? -Infinity) < 5000);
    }
  };
}
