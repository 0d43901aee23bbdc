// Neurons, part 1: what the payload says of a neuron and a token, and how it is named (explorer/widgets/neurons.py).

/** SVG text. */
const word = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });
const faint = { style: { fill: "var(--ink-3)" } };

/** The activation functions by the kind of MLP: what a formula calls them, and how they are defined. */
const BENDS = {
  relu: ["ReLU", "max(0, x)"],
  gelu: ["GELU", "x · Φ(x)"],
  gelu_tanh: ["GELU", "x · Φ(x), Φ through tanh"],
  swiglu: ["SiLU", "x · σ(x)"],
};

const nameOf = ([layer, at]) => `${layer}.${at}`;

/** A signed number with the digits that a small one needs. */
const fine = (x, plus = false) => signed(x, Math.abs(x) >= 0.0995 ? 2 : Math.abs(x) >= 0.00995 ? 3 : 4, plus);

/** Everything about one payload, l of layers, m of neurons in a layer, t of tokens. `place` is the neuron on show. */
function neuronFacts(view) {
  const { header, arrays } = view, [L, M] = arrays.post.shape, at = (l, m) => l * M + m, T = header.tokens.length;
  const [layer, number] = header.place;
  return {
    L, M, T, layer, number, name: nameOf(header.place), sums: !header.refused, gated: Boolean(arrays.linear),
    post: (l, m) => arrays.post[at(l, m)],
    adds: (l, m) => arrays.adds[at(l, m)],
    /** What all neurons of a block add, and its bias. */
    together: l => arrays.adds.subarray(at(l, 0), at(l, M)).reduce((sum, v) => sum + v, header.bias_adds[l]),
    active: (l, m) => arrays.active[at(l, m)],
    pre: t => arrays.pre[t], bent: t => arrays.bent[t], own: t => arrays.own[t], linear: t => arrays.linear[t],
    word: id => header.words[id],
    answer: t => header.words[arrays.answer[t]],
    before: t => arrays.before[t],
    after: (way, t) => arrays.after[way * T + t],
    instead: (way, t) => header.words[arrays.instead[way * T + t]],
    changed: (way, t) => arrays.instead[way * T + t] !== arrays.answer[t],
  };
}

/** What can shade the wall: a value for each neuron, on a scale that is signed or runs from 0 to 1. */
const SHADES = {
  post: { name: "Value", signed: true, of: (f, l, m) => f.post(l, m) },
  adds: { name: "Adds to the answer", signed: true, of: (f, l, m) => f.adds(l, m) },
  often: { name: "How often active", signed: false, of: (f, l, m) => f.active(l, m) / f.T },
};

/** The end of a signed scale: what 99.5% of all neurons stay within. */
function scaleOf(facts, shade) {
  if (!SHADES[shade].signed) return 1;
  const sizes = new Float32Array(facts.L * facts.M);
  for (let l = 0; l < facts.L; l++) for (let m = 0; m < facts.M; m++) sizes[l * facts.M + m] = Math.abs(SHADES[shade].of(facts, l, m));
  sizes.sort();
  return Math.max(1e-6, sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * 0.995))]);
}

/** A tint behind text: the signed scale at a strength that ink can be read on. */
const tint = (view, value, limit) => `color-mix(in oklab, ${view.div(value, limit)} 55%, transparent)`;

/** The two ends of a scale and what lies between. */
function ramp10(view, low, high, colour) {
  const bar = svg("svg", { width: 110, height: 9, "aria-hidden": "true" },
    Array.from({ length: 11 }, (_, n) => svg("rect", { x: n * 10, width: 10, height: 9, style: { fill: colour(n / 10) } })));
  return [el("span", { class: "num", text: low }), bar, el("span", { class: "num", text: high })];
}
