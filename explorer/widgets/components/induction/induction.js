// Induction: one time axis, and everything else at the checkpoint under its handle. Python sends all checkpoints at once and
// hears of a choice after a pause; it answers with what is new (a row of the reader's own, the passes with heads silent).

export default picture(view => {
  const state = { k: -1, step: null, follow: false, silent: "", way: 0, stretched: true, token: null, query: null, point: null,
    head: null, text: null, run: undefined };
  const card = hoverCard(view);
  let timer = 0;

  const tell = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { run, text, silent, way, step, follow } = state;
      view.set("asked", { run, text: text ?? "", silent, way: WAYS[way], at: follow ? null : step, follow, time: Date.now() });
    }, 260);
  };
  const go = k => {
    if (k === state.k) return;
    state.k = k;
    state.step = view.header.steps[k];
    state.follow = view.header.live && k === view.header.steps.length - 1;
    view.redraw();
    tell();
  };
  const pick = key => {
    const one = key.includes(".") ? key.split(".").map(Number) : null;
    state.silent = key;
    state.head = one && view.header.induction.some(head => same(head, one)) ? one : null;
    view.redraw();
    tell();
  };
  const jump = k => { play.stop(); go(k); };

  const play = player(view, { now: () => state.k, go, changed: () => view.redraw() });
  const bar = controls(view, state, { play }), warning = el("p", { class: "sub warning" });
  const curves = curvePanels(view, state), grab = handle(view, { go: jump, said: () => inWords(view, state) });
  const tiles = stripes(view, state, { card, pick });
  const silence = silencing(view, state, { pick, go: jump, way: n => { state.way = n; view.redraw(); tell(); } });
  const why = reasons(view, state), measures = maths(view, state), limits = unseen(view), table = twin(view, state);
  const text = rowText(view, state, { card,
    look: token => { state.token = token; view.redraw(); },
    type: value => { state.text = value; state.token = null; tell(); } });
  view.root.append(bar.node, warning,
    el("div", { class: "stage" }, el("div", { class: "plot" }, curves.node, grab.node), tiles.node, silence.node),
    why.node, text.node, el("div", { class: "below" }, measures.node, limits.node), table.node, table.live);

  /** Where Python says that it opens, once a run; later what the reader did stands. */
  function begin() {
    const { header } = view, { steps, span, opened: asked } = header;
    state.silent = header.sets.some(set => set.key === asked.silent) ? asked.silent : "";
    state.way = Math.max(0, WAYS.indexOf(asked.way));
    state.text = asked.text;
    state.step = asked.at ?? (span ? steps[span.end] : steps.at(-1));
    state.follow = asked.follow;
    state.stretched = !span || steps[span.start] < 0.25 * header.run.steps;
    state.run = header.run.id;
  }

  function settle() {
    const { header } = view, { steps, row } = header, off = step => Math.abs(step - state.step);
    if (state.run !== header.run.id) begin();
    if (state.silent && !header.sets.some(set => set.key === state.silent)) state.silent = "";
    if (state.follow) state.step = steps.at(-1);
    state.k = steps.reduce((best, step, k) => (off(step) < off(steps[best]) ? k : best), 0);
    const last = row.tokens.length - 1, first = row.copied.findIndex(is => is);
    if (state.token === null || state.token > last) state.token = Math.min(last, first >= 0 ? first + 4 : last);
    state.query = state.token - 1;
  }

  return {
    draw() {
      settle();
      const stacked = view.width < 760, left = stacked ? view.width : view.width - 268 - 40;
      view.root.classList.toggle("stacked", stacked);
      warning.textContent = view.header.note;
      warning.hidden = !view.header.note;
      bar.update();
      grab.update(state.k, curves.update(left));
      for (const part of [tiles, silence, why, text, measures, limits, table]) part.update(left);
    },
    name: () => `induction-step${view.header.steps[state.k]}`,
    csv: () => timeTable(view, state),
    destroy() { play.destroy(); clearTimeout(timer); },
  };
});
