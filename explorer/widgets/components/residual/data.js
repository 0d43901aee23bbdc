// Residual stream, part 1: what the payload says of a place and a token, in numbers and words (explorer/widgets/residual.py).

/** SVG text. */
const word = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });
const quiet = { style: { fill: "var(--ink-2)" } }, faint = { style: { fill: "var(--ink-3)" } };

const ROLES = { embedding: "emb", attention: "attn", mlp: "mlp", normed: "resid" };

/** Everything about one payload; p counts places, t tokens, d dimensions, all from 0. */
function residualFacts(view) {
  const { header, arrays } = view, { places, norm, eps } = header, [P, T] = arrays.length.shape;
  const of = name => (p, t) => arrays[name][p * T + t];
  const most = new Map(), layered = norm === "layernorm";
  const facts = {
    P, T, places, layered, at: header.at, added: !header.post_norm,
    length: of("length"), entering: of("entering"), write: of("write"), cosine: of("cosine"), along: of("along"),
    mean: of("mean"), variance: of("variance"), median: of("median"), peak: of("peak"), dim: of("peak_dim"),
    outliers: of("outliers"), divisor: of("divisor"), outMean: of("out_mean"), outVariance: of("out_variance"),
    remainder: of("remainder"), ratio: (p, t) => arrays.peak[p * T + t] / Math.max(arrays.median[p * T + t], 1e-30),
    /** What is under the root: the variance, or the mean of the squares. */
    power: (p, t) => (layered ? 0 : arrays.mean[p * T + t] ** 2) + arrays.variance[p * T + t],
    eps,
    each: arrays.each ? of("each") : null,
    again: arrays.trial_length ? of("trial_length") : null,
    /** The largest |value| of a measure over all places and tokens. */
    largest(name) {
      if (!most.has(name)) {
        let best = 1e-12;
        for (let p = 0; p < P; p++) for (let t = 0; t < T; t++) best = Math.max(best, Math.abs(facts[name](p, t)) || 0);
        most.set(name, best);
      }
      return most.get(name);
    },
    /** The smallest value of a measure. */
    least(name) {
      let best = Infinity;
      for (let p = 0; p < P; p++) for (let t = 0; t < T; t++) best = Math.min(best, facts[name](p, t));
      return best;
    },
    /** The place in focus: the one that the chosen norm of the layer reads. */
    place() {
      const { layer, norm: which } = view.focus, name = { final: "ln_final", none: "" }[which] ?? `blocks.${layer}.${which}`;
      const found = places.findIndex(place => place.norm === name);
      return found < 0 ? header.at.place : found;
    },
    /** What the focus becomes when it moves to a place. */
    towards(p) {
      const [, layer] = places[p].norm.split(".");
      return { norm: places[p].word, ...(layer === undefined ? {} : { layer: Number(layer) }) };
    },
  };
  facts.low = Math.max(1, facts.least("ratio"));
  return facts;
}

/** What can shade a cell. `level` in [0, 1], or for a signed measure in [-1, 1]; `ends` stand at both ends of the scale. */
const CELLS = {
  length: { name: "Length", means: "length of the stream, ‖x‖", value: "length", level: (f, x) => x / f.largest("length") },
  write: { name: "Added", means: "length of what was added there", value: "write", level: (f, x) => x / f.largest("write") },
  cosine: { name: "Direction", means: "cosine between what was added and the stream: 1 is the same way, −1 against it",
    value: "cosine", signed: true, level: (f, x) => x, ends: () => ["−1", "1"] },
  divisor: { name: "Divisor", means: "what the norm that reads the stream there divides it by", value: "divisor",
    level: (f, x) => x / f.largest("divisor") },
  mean: { name: "Mean", means: "mean over the dimensions, which a LayerNorm takes out", value: "mean", signed: true,
    level: (f, x) => x / f.largest("mean"), ends: f => [few(-f.largest("mean")), few(f.largest("mean"))] },
  peak: { name: "Outliers", means: "largest dimension, in medians of its token, on a log scale", value: "ratio", many: true,
    level: (f, x) => Math.log(x / f.low) / Math.log(f.largest("ratio") / f.low || 2) || 0,
    ends: f => [few(f.low), few(f.largest("ratio"))] },
};
const ends = (facts, cells) => cells.ends?.(facts) ?? ["0", few(facts.largest(cells.value))];

/** A number in few letters: 128, 41.3, 3.48, 0.052, 3.1e−5; nothing for none. */
function few(x) {
  if (!Number.isFinite(x)) return "";
  const size = Math.abs(x);
  if (size && size < 9.95e-4) return rate(x);
  return signed(x, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 ? 2 : size >= 9.95e-3 ? 3 : 4);
}
/** Rounding of float32: 0 or 2.4e−7. */
const tiny = x => (x === 0 ? "0" : rate(x));

/** What wrote last before a place: block 2’s MLP. */
function writerWords(view, p) {
  const { step, layer } = view.header.places[p];
  if (step === "embedding") return "the embedding";
  if (step === "normed") return "the last norm";
  return `block ${layer}${view.header.halves ? (step === "mlp" ? "’s MLP" : "’s attention") : ""}`;
}

/** The norm that reads a place: the norm before block 3’s attention; "" where none does. */
function normWords(view, p) {
  const { norm } = view.header.places[p];
  if (!norm) return "";
  if (norm === "ln_final") return "the final norm";
  const [, layer, which] = norm.split(".");
  return `the norm ${view.header.post_norm ? "after" : "before"} block ${layer}’s ${which === "ln1" ? "attention" : "MLP"}`;
}
const capital = text => text && text[0].toUpperCase() + text.slice(1);
/** A probability's way from one pass to the other. */
const moved = (before, after) => (pct(before) === pct(after) ? `stays at ${pct(after)}` : `goes from ${pct(before)} to ${pct(after)}`);
