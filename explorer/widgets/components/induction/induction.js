// Induction: one time axis, and everything else at the checkpoint under its handle. Python sends all checkpoints at once and
// hears of a choice after a pause; it answers with what is new (a row of the reader's own, the passes with heads silent).

export default picture(view => {
  const state = { k: -1, step: null, follow: false, silent: "", way: 0, stretched: true, token: null, query: null, point: null, head: null, text: null };
  const card = hoverCard(view);
  let timer = 0, opened = false;

  const tell = () => {
    clearTimeout(timer);
    timer = setTimeout(() => view.set("asked", { text: state.text ?? "", silent: state.silent, way: WAYS[state.way], at: state.step, time: Date.now() }), 260);
  };
  const go = k => {
    if (k === state.k) return;
    state.k = k;
    state.step = view.header.steps[k];
    state.follow = view.header.live && k === view.header.steps.length - 1;
    view.redraw();
    tell();
  };
  const pick = key => { state.silent = key; const set = key.includes(".") ? key.split(".").map(Number) : null; state.head = set && view.header.induction.some(h => same(h, set)) ? set : null; view.redraw(); tell(); };
  const look = token => { state.token = token; view.redraw(); };

  const play = player(view, { now: () => state.k, go, changed: () => view.redraw() });
  const curves = curvePanels(view, state), grab = handle(view, { go: k => { play.stop(); go(k); }, said });
  const tiles = stripes(view, state, { card, pick }), silence = silencing(view, state, { pick, way: n => { state.way = n; view.redraw(); tell(); } });
  const text = rowText(view, state, { card, look, type: value => { state.text = value; state.token = null; tell(); } });
  const measures = maths(view, state), limits = unseen(view), table = twin(view, state, said);

  const start = el("button", { type: "button", class: "btn play", on: { click: () => play.toggle() } }), now = el("span", { class: "fact" });
  const stretch = el("div", { class: "seg", role: "group", "aria-label": "Time axis", "data-export": "no" }, [["stretched", true], ["even", false]].map(([name, value]) =>
    el("button", { type: "button", text: name, on: { click: () => { state.stretched = value; view.redraw(); } } })));
  const runs = el("select", { "data-export": "no", "aria-label": "Run", on: { change: () => view.send("run", runs.value) } }), runName = el("span", { class: "shown" });
  const train = el("button", { type: "button", class: "btn", text: "Train it yourself", "data-export": "no", on: { click: () => { train.disabled = true; view.send("train", true); } } });
  const plot = el("div", { class: "plot" }, curves.node, grab.node), warning = el("p", { class: "sub warning" });
  view.root.append(
    el("div", { class: "bar controls" }, start, now, stretch, el("span", { class: "end" }, el("label", { class: "menu sub" }, "run ", runName, runs)), train), warning,
    el("div", { class: "stage" }, plot, tiles.node, silence.node), text.node, el("div", { class: "below" }, measures.node, limits.node), table.node, table.live);

  function said() {
    const { header } = view, f = facts(view), k = state.k, cost = state.silent ? f.silenced(state.way, 1, f.set(state.silent), k) : NaN;
    const heads = header.induction.map(h => `${headName(h)} ${weight(f.induction(k, h))}`).join(", "), before = header.previous.length ? ` Previous-token scores: ${header.previous.map(h => `${headName(h)} ${weight(f.previous(k, h))}`).join(", ")}.` : "";
    return `Step ${count(header.steps[k])} of ${count(header.run.steps)}: the loss is ${loss(f.copied(k))} nats on repeated tokens and ${loss(f.fresh(k))} on new ones.`
      + `${heads ? ` Induction scores: ${heads}.` : ""}${before}${Number.isFinite(cost) ? ` With ${f.setName(state.silent)} silenced, repeated tokens cost ${loss(cost)}.` : ""}`;
  }

  /** What the address asked for, once; later what the reader did stands. */
  function begin() {
    const { opened: asked, steps, span, live } = view.header;
    state.silent = view.header.sets.some(set => set.key === asked.silent) ? asked.silent : "";
    state.way = Math.max(0, WAYS.indexOf(asked.way));
    state.text = asked.text;
    state.step = asked.at ?? (live || !span ? steps.at(-1) : steps[span.end]);
    state.follow = live && asked.at === null;
    state.stretched = !span || steps[span.start] < 0.25 * view.header.run.steps;
    opened = true;
  }

  function settle() {
    const { header } = view, { steps, row } = header;
    if (!opened || state.run !== header.run.id) { if (state.run !== undefined && state.run !== header.run.id) header.opened = { ...header.opened, at: null, silent: "" }; begin(); state.run = header.run.id; }
    if (state.silent && !header.sets.some(set => set.key === state.silent)) state.silent = "";
    if (state.follow) state.step = steps.at(-1);
    state.k = steps.reduce((best, step, k) => (Math.abs(step - state.step) < Math.abs(steps[best] - state.step) ? k : best), 0);
    const last = row.tokens.length - 1, first = row.copied.findIndex(is => is);
    if (state.token === null || state.token > last) state.token = Math.min(last, first >= 0 ? first + 4 : last);
    state.query = state.token - 1;
  }

  return {
    draw() {
      settle();
      const { header, root } = view, { run, steps, live } = header, stacked = view.width < 760;
      root.classList.toggle("stacked", stacked);
      const left = stacked ? view.width : view.width - 268 - 40;
      start.textContent = play.on ? "Pause" : "Play";
      now.replaceChildren("Step ", el("b", { class: "num", text: count(steps[state.k]) }), ` of ${count(run.steps)}`,
        el("span", { class: "sub", text: live ? `  training, at step ${count(run.done)}` : `  checkpoint ${state.k + 1} of ${steps.length}` }));
      [...stretch.children].forEach((button, n) => button.setAttribute("aria-pressed", state.stretched === !n));
      const ids = Object.keys(run.names);
      runs.replaceChildren(...ids.map(id => el("option", { value: id, text: run.names[id] })));
      runs.value = run.id;
      runName.textContent = run.names[run.id] ?? run.id;
      warning.textContent = header.note;
      warning.hidden = !header.note;
      const scale = curves.update(left);
      grab.update(state.k, scale);
      for (const part of [tiles, silence, text, measures, limits, table]) part.update(left);
    },
    name: () => `induction-step${view.header.steps[state.k]}`,
    csv: () => timeTable(view, state),
    destroy() { play.destroy(); clearTimeout(timer); },
  };
});
