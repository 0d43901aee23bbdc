// The kit, part 2: a checkpoint that was seen is shown again at once. The timeline says where it goes; a picture that was sent
// that checkpoint for the same view draws what it kept, before the server has answered. The answer is drawn over it.

const MOST_KEPT = 32 * 2 ** 20;  // bytes, for each picture

globalThis.vitrineSteps ??= { pictures: new Set(), wish: null,
  /** The reader is at `step` now, wherever the last answer was. */
  go(step) { this.wish = step; this.pictures.forEach(one => one.show(step)); },
  /** All that was asked is answered: what was answered stands. */
  rest() { this.wish = null; this.pictures.forEach(one => one.show(one.answered())); },
};

/** What one picture was sent, by checkpoint: {bytes, header, arrays}, where the header's `moment` is {view, step}. */
function keptSteps(draw) {
  const kept = new Map();
  let view, at, shown;
  const one = {
    /** Keep what came; whether it is to be drawn, or the reader is further already. */
    take(sent) {
      const { moment } = sent.header, wish = globalThis.vitrineSteps.wish;
      if (!moment) return kept.clear(), true;
      const changed = moment.step === at && !sameBytes(kept.get(at)?.bytes, sent.bytes);  // by what no address says
      if (moment.view !== view || changed) kept.clear();
      ({ view, step: at } = moment);
      kept.delete(at);
      kept.set(at, sent);
      for (let size = sum(kept); size > MOST_KEPT && kept.size > 1; size = sum(kept)) kept.delete(kept.keys().next().value);
      const behind = wish !== null && wish !== at && kept.has(wish);
      if (!behind) shown = at;
      return !behind;
    },
    show(step) {
      if (step === shown || !kept.has(step)) return;
      shown = step;
      draw(kept.get(step));
    },
    answered: () => at,
    stop() { globalThis.vitrineSteps.pictures.delete(one); },
  };
  globalThis.vitrineSteps.pictures.add(one);
  return one;
}

function sum(kept) { return [...kept.values()].reduce((n, { bytes }) => n + (bytes?.length ?? 0), 0); }

function sameBytes(a, b) {
  return a === b || (a?.length === b?.length && a.every((byte, i) => byte === b[i]));
}
