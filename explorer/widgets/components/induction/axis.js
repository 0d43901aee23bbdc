// Induction: time. Steps to px, and the handle that every other part follows.

const PLOT = { left: 34, loss: 120, scores: 80, head: 22, between: 40, foot: 38 };
PLOT.lossTop = PLOT.head;
PLOT.lossEnd = PLOT.lossTop + PLOT.loss;
PLOT.scoresTop = PLOT.lossEnd + PLOT.between;
PLOT.axis = PLOT.scoresTop + PLOT.scores;
PLOT.height = PLOT.axis + PLOT.foot;

/** Where a step lies. Stretched: log(1 + step / c), c a fifteenth of the run, so that the start has room. */
function timeScale(end, width, right, stretched) {
  const inner = Math.max(40, width - PLOT.left - right), c = Math.max(1, end / 15);
  const share = step => (stretched ? Math.log1p(step / c) / Math.log1p(end / c) : step / Math.max(1, end));
  const x = step => PLOT.left + share(step) * inner;
  const nice = [0, 1, 2, 5].flatMap(n => [1, 10, 100, 1e3, 1e4, 1e5].map(p => n * p));
  const ticks = [];
  for (const step of [...new Set([end, 0, ...nice.sort((a, b) => b - a)])]) {
    if (step <= end && ticks.every(other => Math.abs(x(other) - x(step)) > 46)) ticks.push(step);
  }
  const nearest = (px, steps) => {
    let best = 0;
    steps.forEach((step, k) => { if (Math.abs(x(step) - px) < Math.abs(x(steps[best]) - px)) best = k; });
    return best;
  };
  return { x, ticks, left: PLOT.left, right: PLOT.left + inner, nearest };
}

/** A slider over the whole plot: drag anywhere, arrow keys, Home and End. */
function handle(view, { go, said }) {
  const node = el("div", { class: "grab", role: "slider", tabindex: 0, "aria-label": "Checkpoint", "aria-valuemin": 0,
    "data-export": "no" });
  let scale = null, now = 0;
  const at = event => {
    if (scale) go(scale.nearest(event.clientX - node.getBoundingClientRect().left, view.header.steps));
  };
  node.onpointerdown = event => {
    if (event.button) return;
    node.setPointerCapture(event.pointerId);
    node.focus({ preventScroll: true });
    at(event);
  };
  node.onpointermove = event => { if (node.hasPointerCapture(event.pointerId)) at(event); };
  node.onkeydown = event => {
    const last = view.header.steps.length - 1;
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5 }[event.key];
    const to = by ? now + by : { Home: 0, End: last }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    now = Math.max(0, Math.min(last, to));  // the next key may come before this one is drawn
    go(now);
  };
  return {
    node,
    update(step, moved) {
      [now, scale] = [step, moved];
      node.setAttribute("aria-valuemax", view.header.steps.length - 1);
      node.setAttribute("aria-valuenow", now);
      node.setAttribute("aria-valuetext", said());
      node.style.height = `${PLOT.height}px`;
    },
  };
}

/** Checkpoint after checkpoint, from the start when at the end. */
function player(view, { now, go, changed }) {
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; changed(); };
  const start = () => {
    const last = () => view.header.steps.length - 1;
    if (now() >= last()) go(0);
    timer = setInterval(() => (now() >= last() ? stop() : go(now() + 1)), 420);
    changed();
  };
  return {
    toggle: () => (timer ? stop() : start()),
    stop: () => timer && stop(),
    get on() { return Boolean(timer); },
    destroy: () => clearInterval(timer),
  };
}
