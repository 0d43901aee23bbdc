// Induction: every number of one checkpoint by name, and what heads and sets of heads are called.

const WAYS = ["zero", "mean"];
const headName = ([layer, head]) => `L${layer} H${head}`;
const same = (a, b) => Boolean(a && b) && a[0] === b[0] && a[1] === b[1];

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six"];
const spelled = n => NUMBERS[n] ?? String(n);
const many = n => (n === 2 ? "both" : `all ${n}`);
const GROUPS = { induction: n => `${many(n)} induction heads`, previous: n => `${many(n)} previous-token heads` };

function facts(view) {
  const { header, arrays } = view, [L, H] = header.heads, N = L * H, K = header.steps.length, A = header.sets.length;
  const set = key => header.sets.findIndex(one => one.key === key);
  const silenced = (way, kind, a, k) => (a < 0 ? NaN : arrays.silenced[((way * 2 + kind) * A + a) * K + k]);
  return {
    L, H, N, K, A, set, silenced,
    fresh: k => arrays.loss[k],
    copied: k => arrays.loss[K + k],
    extra: (way, key, k) => silenced(way, 1, set(key), k) - arrays.loss[K + k],
    previous: (k, [l, h]) => arrays.previous[k * N + l * H + h],
    induction: (k, [l, h]) => arrays.induction[k * N + l * H + h],
    composition: (k, later, earlier) => {
      const p = header.pairs.findIndex(pair => same(pair, later) && same(pair.slice(2), earlier));
      return p < 0 ? NaN : arrays.composition[k * header.pairs.length + p];
    },
    heads: Array.from({ length: N }, (_, n) => [Math.floor(n / H), n % H]),
    isInduction: head => header.induction.some(one => same(one, head)),
    isPrevious: head => header.previous.some(one => same(one, head)),
    setName: key => {
      const one = header.sets[set(key)];
      if (!one) return "no head";
      return GROUPS[key]?.(one.heads.length) ?? headName(one.heads[0]);
    },
  };
}

/** Whether the passes with the chosen heads silent are here. */
function silentShown(view, state) {
  const { silent } = view.header;
  const fits = silent && silent.key === state.silent && silent.way === WAYS[state.way];
  return Boolean(state.silent && fits && view.arrays.pattern_silent);
}
const cells = (view, state) => (silentShown(view, state) ? view.arrays.pattern_silent : view.arrays.pattern);
const ofRow = (view, state, name) => view.arrays[silentShown(view, state) ? `${name}_silent` : name];
