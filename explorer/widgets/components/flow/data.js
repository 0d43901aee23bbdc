// Home, part 1: the payload of widgets/flow.py by its place in the model. Letters: L layers, H heads, G key/value heads, T tokens,
// C d_model, D d_head, M d_mlp, V d_vocab; l, h, i (a token that reads), j (a token that is read).

function flowData(view) {
  const { header, arrays: A } = view, c = header.config, T = header.tokens.length;
  const shape = { B: 1, T, L: c.n_layers, H: c.n_heads, G: c.n_kv_heads, C: c.d_model, D: c.d_model / c.n_heads, M: c.d_mlp, V: c.d_vocab };
  const { L, H, G } = shape, area = T * (T + 1) / 2;
  const at = (name, index) => A[name][index] * (header.steps[name] ?? 1);
  const rows = new Map(header.heads.map(([l, h], n) => [l * H + h, n]));
  const layers = new Map(header.layers.map((l, n) => [l, n]));
  const place = (l, h, i, j) => rows.get(l * H + h) * area + i * (i + 1) / 2 + j, logStep = header.steps.pattern;
  /** A long pattern travels as ln weight in steps, 65535 for weight 1 and 0 for none. */
  const logWeight = (l, h, i, j) => {
    const x = A.pattern[place(l, h, i, j)];
    return logStep ? (x ? (x - 65535) * logStep : -Infinity) : Math.log(x);
  };
  const many = (name, start, n) => Array.from({ length: n }, (_, k) => at(name, start + k));

  const data = {
    ...shape, c, tokens: header.tokens, header,
    additive: Boolean(A.position), rope: c.positions === "rope", hasMlp: c.mlp !== "none", gated: c.mlp === "swiglu",
    nStream: Math.min(header.cells.stream, shape.C), nHead: Math.min(header.cells.head, shape.D),
    nNeurons: Math.min(header.cells.neurons, shape.M),
    limits: header.limits, arc: header.arc,
    text: i => tokenText(header.tokens[i], 16), span: i => tokenSpan(header.tokens[i]),
    sizes: letters => `${letters} = ${[...letters.replaceAll(" ", "")].map(k => count(shape[{ q: "T", k: "T" }[k] ?? k])).join(" ")}`,

    has: (l, h) => rows.has(l * H + h),
    whole: l => layers.has(l),
    weight: (l, h, i, j) => (logStep ? Math.exp(logWeight(l, h, i, j)) : A.pattern[place(l, h, i, j)]),
    score: (l, h, i, j) => logWeight(l, h, i, j) + A.log_total[(l * H + h) * T + i],
    /** Token j and weight of what i reads in a head, from `least` up, the largest first. */
    sources(l, h, i, least) {
      const found = [];
      for (let j = 0; j <= i; j++) { const w = data.weight(l, h, i, j); if (w >= least) found.push({ j, w }); }
      return found.sort((a, b) => b.w - a.w);
    },
    tileSide: A.tiles.shape[2],
    tile: (l, h) => A.tiles.subarray((l * H + h) * A.tiles.shape[2] ** 2, (l * H + h + 1) * A.tiles.shape[2] ** 2),

    embed: i => many("embed", i * data.nStream, data.nStream),
    position: i => many("position", i * data.nStream, data.nStream),
    /** Cells of q, k or v of query head h; under GQA several heads share a k and a v. */
    qkv(name, l, h, i) {
      const heads = name === "q" ? H : G, one = name === "q" ? h : data.group(h);
      return many(name, ((layers.get(l) * T + i) * heads + one) * data.nHead, data.nHead);
    },
    group: h => Math.floor(h * G / H),
    /** The angle, in radians, by which RoPE turns pair p of a query or key at position i. */
    angle: (p, i) => i * c.rope_base ** (-2 * p / shape.D),

    /** The neurons shown in block l while `focus` is in focus, those with its largest |activation|, in the order of their numbers. */
    neurons: (l, focus) => many("neurons", (layers.get(l) * T + focus) * data.nNeurons, data.nNeurons)
      .map((m, n) => ({ m, n })).sort((a, b) => a.m - b.m),
    post: (l, i, m) => at("post", (layers.get(l) * T + i) * shape.M + m),
    pre: (name, l, i, n) => at(name, (layers.get(l) * T + i) * data.nNeurons + n),

    entering: (l, i) => at("entering", l * T + i), mid: (l, i) => at("mid", l * T + i), leaving: (l, i) => at("leaving", l * T + i),
    attention: (l, i) => at("attention", l * T + i), mlp: (l, i) => at("mlp", l * T + i),
    headLength: (l, h, i) => at("heads", (l * H + h) * T + i), divisor: i => at("divisor", i),
    /** The probability of what is expected after i if that head were silent; null where it was not measured. */
    without: (l, h, i) => (A.without ? at("without", (l * H + h) * T + i) : null),
    longest: ["entering", "mid", "leaving"].reduce((top, name) => A[name].reduce((a, b) => Math.max(a, b), top), 0),
    /** The head drawn for block l: the one in focus, and in the other blocks the one that adds most to the token in focus. */
    chosen(l, focus) {
      if (l === focus.layer) return focus.head;
      let best = 0;
      for (let h = 1; h < H; h++) if (data.headLength(l, h, focus.token) > data.headLength(l, best, focus.token)) best = h;
      return best;
    },

    next(i) {
      const n = A.next_ids.shape[1];
      return Array.from({ length: n }, (_, k) => {
        const id = A.next_ids[i * n + k], p = at("next_probs", i * n + k);
        return { id, p, token: header.words[id], logit: Math.log(p) + A.next_log_total[i] };
      });
    },
    rest: i => at("next_rest", i), nRest: header.n_rest,
    told: i => (i < T - 1 ? { p: at("told", i), rank: A.told_rank[i], token: header.tokens[i + 1] } : null),
  };
  return data;
}

/** "1st", "12th". */
function ordinal(n) {
  const end = n % 100 > 10 && n % 100 < 14 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th";
  return `${count(n)}${end}`;
}

/** The picture in one sentence, for those who do not see it. */
function flowSentence(data, focus) {
  const { layer: l, head: h, token: i } = focus, [first] = data.next(i);
  const read = data.has(l, h) ? data.sources(l, h, i, 0)[0] : null;
  const look = read ? `In block ${l}, head ${h}, token ${i} ${data.text(i)} reads most from token ${read.j} ${data.text(read.j)}, `
    + `weight ${weight(read.w)}. ` : "";
  const many = (n, what) => `${n} ${what}${n > 1 ? "s" : ""}`;
  return `Forward pass over ${many(data.T, "token")} through ${many(data.L, "block")} of ${many(data.H, "head")}. ${look}` +
    `The most likely token after ${data.text(i)} is ${tokenText(first.token)}, ${pct(first.p)}.`;
}
