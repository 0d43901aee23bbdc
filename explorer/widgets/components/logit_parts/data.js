// Where a logit comes from, part 1: the parts of the payload, their names and roles, and the order in which they stand
// (explorer/widgets/logit_parts.py).

/** SVG text. */
const word = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });
const faint = { style: { fill: "var(--ink-3)" } };

/** How each kind of part is called, drawn, and where it is at home. */
const KINDS = {
  embedding: { role: "emb", name: () => "embedding", what: "the token’s embedding", hook: () => "hook_embed", page: "home" },
  position: { role: "pos", name: () => "position", what: "the position’s vector", hook: () => "hook_pos_embed", page: "home" },
  head: { role: "attn", name: (l, h) => `block ${l} · head ${h}`, what: "what this head writes",
    hook: l => `blocks.${l}.attn.hook_z`, page: "attention" },
  attention: { role: "attn", name: l => `block ${l} · attention`, hook: l => `blocks.${l}.hook_attn_out`, page: "attention",
    what: "all heads of this block together: a norm stands between them and the stream" },
  attention_bias: { role: "axis", name: l => `block ${l} · bias`, what: "the bias of the heads’ output map, the same for every text",
    hook: l => `blocks.${l}.attn.W_O.bias`, page: "attention" },
  mlp: { role: "mlp", name: l => `block ${l} · MLP`, what: "what this MLP writes", hook: l => `blocks.${l}.hook_mlp_out`,
    page: "neurons" },
  norm_bias: { role: "axis", name: () => "bias of the last norm", what: "the same for every text", hook: () => "ln_final.b", page: "home" },
};

const FEW = 12, ALL_UP_TO = 24;  // parts drawn one by one where small ones are folded; parts up to which none is

const PAGE_NAMES = { home: "Home", attention: "Attention", neurons: "Neurons" };

/** The parts as objects, in the order of the depth; a page that is not there is Home. */
function partsOf(view) {
  return (view.header.parts ?? []).map(([kind, layer, head, value]) => {
    const { name, hook, page } = KINDS[kind];
    const there = view.header.pages[page] ? page : "home";
    return { ...KINDS[kind], kind, layer, head, value, name: name(layer, head), hook: hook(layer), page: there };
  });
}

/** Rows of the waterfall: parts, and those too small to draw as one, each from where the sum stood to where it stands. */
function waterfallRows(parts, state) {
  const size = part => Math.abs(part.value), largest = [...parts].sort((a, b) => size(b) - size(a));
  const whole = state.parts === "all" || (state.parts === "" && parts.length <= ALL_UP_TO);
  const drawn = new Set(whole ? parts : largest.slice(0, FEW));
  const rows = (state.order === "size" ? largest : parts).filter(part => drawn.has(part)), rest = parts.filter(part => !drawn.has(part));
  const together = rest.reduce((all, part) => all + part.value, 0);
  if (rest.length) rows.push({ kind: "rest", role: "axis", name: `${rest.length} smaller parts`, value: together, rest });
  let sum = 0;
  return rows.map(row => ({ ...row, from: sum, to: (sum += row.value) }));
}

/** What the parts of each kind add together: [role, words, value]. */
function partSums(parts) {
  const sums = [["emb", ["embedding"], "embedding"], ["pos", ["position"], "position"], ["attn", ["head"], "heads"],
    ["attn", ["attention"], "attentions"], ["mlp", ["mlp"], "MLPs"], ["resid", ["attention_bias", "norm_bias"], "biases"]];
  return sums.flatMap(([role, kinds, words]) => {
    const found = parts.filter(({ kind }) => kinds.includes(kind)), value = found.reduce((all, part) => all + part.value, 0);
    const name = words.endsWith("s") ? `${count(found.length)} ${found.length > 1 ? words : words.replace(/(?<=s)es$|s$/, "")}` : words;
    return found.length ? [[role, name, value]] : [];
  });
}

/** The logit that is asked for, as nodes: logit of ·Anna, or ·Anna over ·Ben. */
function asked(view, n = 16) {
  const { token, against } = view.header;
  const name = one => tokenSpan(one, {}, n);
  return against ? ["the lead of ", name(token), " over ", name(against)] : ["the logit of ", name(token)];
}

/** The same as plain text. */
const askedText = view => asked(view, 24).map(part => part.textContent ?? part).join("");

/** Decimals that numbers of this size are read with: 2, more where all are small. */
const decimalsFor = values => {
  const most = values.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  return most >= 0.1 || most === 0 ? 2 : most >= 0.01 ? 3 : 4;
};

/** A remainder: 0, 1.5e−6. */
const tiny = x => (x === 0 ? "0" : `${x < 0 ? MINUS : ""}${rate(Math.abs(x))}`);
