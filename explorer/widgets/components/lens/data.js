// Logit lens, part 1: what the payload says of a depth and a token, in numbers, words and colours (explorer/widgets/lens.py).

/** SVG text. */
const word = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });

const SAYS = "says", FOLLOWS = "follows";

/** Everything about one payload. `state` holds the choices; places are numbered from 0, n of depths and t of tokens. */
function lensFacts(view, state) {
  const { header, arrays } = view, [N, T, listed] = arrays.top.shape;
  const picked = header.picked !== null && state.answer === String(header.picked);
  const k = picked ? 2 : state.answer === FOLLOWS ? 1 : 0, at = (n, t) => n * T + t, followed = (n, t) => (k * N + n) * T + t;
  const answer = t => arrays.answers[k * T + t], word = id => header.words[id];
  return {
    N, T, k, answer, word, V: header.n_vocab,
    /** Whether there is an answer to follow: a text does not go on after its last token. */
    has: t => answer(t) >= 0,
    answerWord: t => word(answer(t)),
    p: (n, t) => Math.exp(arrays.log_prob[followed(n, t)]),
    logit: (n, t) => arrays.log_prob[followed(n, t)] + arrays.log_total[at(n, t)],
    total: (n, t) => arrays.log_total[at(n, t)],
    rank: (n, t) => arrays.rank[followed(n, t)],
    entropy: (n, t) => arrays.entropy[at(n, t)],
    kl: (n, t) => Math.max(0, arrays.kl[at(n, t)]),
    top: (n, t, i = 0) => arrays.top[at(n, t) * listed + i],
    topP: (n, t, i = 0) => arrays.top_prob[at(n, t) * listed + i],
    listed,
    right: (n, t) => arrays.top[at(n, t) * listed] === answer(t),
    /** The depth from which the answer is on top up to the end; -1 where it is not at the end. */
    stays(t) {
      let n = N;
      while (n > 0 && this.right(n - 1, t)) n--;
      return n === N ? -1 : n;
    },
    kinds: { says: arrays.answers.subarray(0, T), follows: arrays.answers.subarray(T, 2 * T) },
  };
}

/** The measures that can shade a cell: at(facts, n, t) in [0, 1], and what stands at both ends of the scale. */
const SHADES = {
  prob: { name: "Probability", means: "probability of the answer", at: (f, n, t) => f.p(n, t), ends: () => ["0", "1"] },
  rank: { name: "Rank", means: "rank of the answer, on a log scale", at: (f, n, t) => 1 - Math.log(f.rank(n, t)) / Math.log(f.V),
    ends: f => [count(f.V), "1"] },
  top: { name: "Top-1", means: "probability of the token in the cell", own: true, at: (f, n, t) => f.topP(n, t), ends: () => ["0", "1"] },
  entropy: { name: "Entropy", means: "entropy in nats; the darkest is a shrug, all tokens alike", own: true,
    at: (f, n, t) => f.entropy(n, t) / Math.log(f.V), ends: f => ["0", signed(Math.log(f.V))] },
  kl: { name: "KL to the end", means: "KL(end ‖ depth) in nats, on a log scale: what is lost by stopping there", own: true,
    at: (f, n, t) => Math.log1p(f.kl(n, t)) / Math.log1p(largestKl(f)), ends: f => ["0", signed(largestKl(f), 1)] },
};

function largestKl(facts) {
  if (facts.most === undefined) {
    facts.most = 1e-6;
    for (let n = 0; n < facts.N; n++) for (let t = 0; t < facts.T; t++) facts.most = Math.max(facts.most, facts.kl(n, t));
  }
  return facts.most;
}

/** A depth in words: after the embedding, after the attention of block 3. */
function depthWords(view, n) {
  const { after, layer } = view.header.depths[n];
  if (after === "embedding") return "the embedding";
  return `block ${layer}${view.header.halves ? (after === "mlp" ? "’s MLP" : "’s attention") : ""}`;
}

/** Whether to show the ends of the blocks alone: as chosen, else on a phone, or where there is no more (which costs time). */
const blocksOnly = (view, state) => (state.places || (view.phone || !view.header.halves ? "blocks" : "every")) === "blocks";

/** The depths on show: all of them, or the ends of the blocks. */
function shownDepths(view, state) {
  const { depths, halves } = view.header, all = depths.map((_, n) => n);
  return halves && blocksOnly(view, state) ? all.filter(n => depths[n].after !== "attention") : all;
}

/** A probability with its digits: 0.948, 0.0012, 3.1e−9. */
const fineProb = p => (p >= 1e-4 || p === 0 ? (p >= 0.0995 ? p.toFixed(3) : p === 0 ? "0" : p.toPrecision(2)) : rate(p));
