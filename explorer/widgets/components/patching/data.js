// Patching, part 1: what the payload says of a cell, in numbers, words and colours (explorer/widgets/patching.py).

const WAYS = {
  denoise: { name: "Denoise", means: "put what the clean run gave into the corrupted run", does: "taken from the clean run",
    into: "the corrupted run" },
  noise: { name: "Noise", means: "put what the corrupted run gave into the clean run", does: "taken from the corrupted run",
    into: "the clean run" },
  zero: { name: "Zero", means: "set it to zero in the clean run", does: "set to zero", into: "the clean run" },
  mean: { name: "Mean", means: "put its mean over a reference text into the clean run", does: "at its mean", into: "the clean run" },
};
const KINDS = {
  stream: { name: "Residual stream", short: "stream", role: "resid", hook: "hook_resid_pre", words: l => `the stream into block ${l}` },
  attention: { name: "Attention", short: "attention", role: "attn", hook: "attn.hook_z", words: l => `the attention of block ${l}` },
  mlp: { name: "MLP", short: "MLP", role: "mlp", hook: "hook_mlp_out", words: l => `the MLP of block ${l}` },
};

/** SVG text. */
const lettering = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });

/** A cell as the address says it: r2@5, a0@3, m1@4, 3.1. */
const cellWord = ({ kind, layer, head, at }) =>
  (kind === "head" ? `${layer}.${head}` : `${{ stream: "r", attention: "a", mlp: "m" }[kind]}${layer}`) + (at === null ? "" : `@${at}`);

/** A cell in words. */
function partWords({ kind, layer, head, at }) {
  const named = kind === "head" ? `head ${layer}.${head}` : KINDS[kind].words(layer);
  return at === null ? named : `${named} at token ${at}`;
}
const hookWord = ({ kind, layer }) => `blocks.${layer}.${kind === "head" ? "attn.hook_z" : KINDS[kind].hook}`;
const indexWord = ({ kind, head, at }) => (kind === "head" ? `[0,:,${head},:]` : `[0,${at},${kind === "attention" ? ":,:" : ":"}]`);

/** A share in a cell: .87, −.12, 1.0, 12. */
function cellShare(x) {
  if (!Number.isFinite(x)) return "—";
  const text = Math.abs(x) < 9.95 ? signed(x, Math.abs(x) >= 0.995 ? 1 : 2) : signed(x, 0);
  return text.replace(/^(−?)0\./, "$1.");
}

/** Everything about one payload. `state.shade` says which measure is drawn. */
function patchFacts(view, state) {
  const { header, arrays } = view, { n_layers: L, n_heads: H, kinds, way, answers } = header, T = header.tokens.length;
  const { logits, probs, base_logits: pair, base_probs: base } = arrays, start = way === "denoise" ? 1 : 0;
  const clean = pair[0] - pair[1], corrupted = pair[2] - pair[3], scale = clean - corrupted;
  const alike = (a, b) => JSON.stringify(a) === JSON.stringify(b), { tokens: one, corrupted: other } = header;
  const least = Math.min(one.length, other.length);
  let before = 0, after = 0;
  while (before < least && alike(one[before], other[before])) before++;
  while (after < least - before && alike(one.at(-1 - after), other.at(-1 - after))) after++;
  const shareOf = difference => (difference - corrupted) / scale;
  return {
    L, H, T, kinds, clean, corrupted, shareOf, scale, start,
    swept: !!logits,
    word: id => header.words[id],
    right: header.words[answers[0]],
    wrong: header.words[answers[1]],
    /** Probability of an answer (0 the clean one's, 1 the corrupted one's) in a run (0 clean, 1 corrupted). */
    prob: (run, answer) => base[2 * run + answer],
    /** The place of a cell among all. */
    at: ({ kind, layer, head, at }) =>
      (kind === "head" ? kinds.length * L * T + layer * H + head : kinds.indexOf(kind) * L * T + layer * T + at),
    difference: k => logits[2 * k] - logits[2 * k + 1],
    share: k => shareOf(logits[2 * k] - logits[2 * k + 1]),
    after: (k, answer) => probs[2 * k + answer],
    top: (k, i) => [header.words[arrays.top[k * arrays.top.shape[1] + i]], arrays.top_prob[k * arrays.top.shape[1] + i]],
    listed: logits ? arrays.top.shape[1] : 0,
    /** What shades a cell, from −1 (towards the corrupted run) to 1 (towards the clean one). */
    shade(k) { return state.shade === "prob" ? probs[2 * k] - base[2 * start] : this.share(k) - (start ? 0 : 1); },
    text(k) { return state.shade === "prob" ? weight(probs[2 * k], true) : cellShare(this.share(k)); },
    equal: T === header.corrupted.length,
    /** Whether the two prompts differ at a token. */
    differs: t => !alike(header.tokens[t], header.corrupted[t]),
    /** Whether a token of the one text stands between what both begin with and what both end with. */
    between: (tokens, t) => t >= before && t < tokens.length - after,
  };
}

/** Text on a signed cell: paper where the colour is deep. */
const onSigned = x => (Math.abs(x) > 0.62 ? "var(--paper)" : "var(--ink)");
