// The model in training as it is now: a tile per head, what it writes, how it reads a text it never learns from. All of it is
// redrawn when a checkpoint lands; a click on a head is the only thing that Python hears of.

export default picture(view => {
  const right = () => el("span", { class: "sub end" });
  const line = (title, end) => el("div", { class: "row" }, el("h2", { text: title }), end);
  const moved = right(), full = right(), drawn = right(), mean = right();
  const state = el("p", { class: "sub" }), note = el("p", { class: "note quiet" });
  const card = hoverCard(view), tiles = headTiles(view, card, aboutHead), twin = wordsAndTables(view), legend = natLegend(view, "surprise");
  const writes = colouredText(view, card, "What it writes, an option per token", aboutDrawn);
  const reads = colouredText(view, card, "How it reads, an option per token", aboutRead);
  const given = el("p", { class: "sub" }, "A text kept out of training, the same at every step. ",
    "Not shown: what the heads move, and any other text.");
  const sample = el("section", { class: "part" }, line("What it writes", drawn), writes.node, legend.node);
  const probe = el("section", { class: "part" }, line("How it reads", mean), reads.node, given);
  view.root.append(line("The model, now", moved), el("div", { class: "row" }, state, full), note, tiles.node, sample, probe, twin.node);

  function aboutHead({ layer, head }) {
    const { header, arrays: { change, scores } } = view, n = layer * header.heads[1] + head, size = header.heads[0] * header.heads[1];
    const score = r => scores[r * size + n];
    const known = header.roles.map((role, r) => [role, score(r)]).filter(([, value]) => Number.isFinite(value)).sort((a, b) => b[1] - a[1]);
    return { value: change ? pct(change[n]) : header.words[n], place: `block ${layer} · head ${head}`,
      what: change ? `of its attention moved since step ${count(header.before)}: half the sum of |w − w′| over a row, mean of the rows`
        : "There is no earlier checkpoint to compare with.",
      hook: `${header.words[n]} on this text`, shape: known.slice(0, 3).map(([role, value]) => `${role} ${weight(value)}`).join(" · ") };
  }

  function aboutDrawn(n) {
    const { sample } = view.header, nats = surpriseOf(view, n), token = sample.tokens[n];
    if (!Number.isFinite(nats)) return { value: "prompt", place: tokenSpan(token, {}, 14), what: "given, not written by the model" };
    return { value: `${loss(nats)} nats`, place: tokenSpan(token, {}, 14), formula: `−ln {prob:p} = ${loss(nats)}`,
      what: `The model drew this token, to which it gave ${pct(Math.exp(-nats))} at temperature 1.` };
  }

  function aboutRead(n) {
    const { header: { tokens, top }, arrays: { loss: nats, told, top_p } } = view, token = tokenSpan(tokens[n], {}, 14);
    if (!n) return { value: "—", place: token, what: "The first token: nothing comes before it to predict it from." };
    const listed = top_p.shape[1], row = k => (n - 1) * listed + k;
    const likely = k => el("div", {}, tokenSpan(top[row(k)], {}, 16), el("span", { text: pct(top_p[row(k)]) }));
    const list = el("div", { class: "likely" }, el("div", { class: "hook", text: "most likely" }),
      Array.from({ length: listed }, (_, k) => likely(k)));
    return { value: `${loss(nats[n - 1])} nats`, place: token, formula: `−ln {prob:p} = ${loss(nats[n - 1])}`,
      what: `The text goes on with this token, to which the model gave ${pct(told[n - 1])}.`, list };
  }

  const made = {
    draw() {
      const { header, arrays } = view, ready = !header.waiting;
      const since = arrays.change ? `bar: attention moved since step ${count(header.before)}` : "bar: no earlier step yet";
      moved.textContent = ready ? since : "";
      full.textContent = ready && arrays.change ? `full bar ${Math.round(header.full * 100)}%` : "";
      state.textContent = ready ? (header.live ? `Views show step ${count(header.step)}, the last checkpoint.`
        : header.step ? `Step ${count(header.step)}, the last checkpoint.` : "Step 0, before training.") : header.waiting;
      note.textContent = header.note ?? "";
      note.hidden = !header.note;
      tiles.update();
      sample.hidden = !ready || !header.sample;
      probe.hidden = !ready;
      twin.node.hidden = !ready;
      twin.update();
      made.csv = ready ? () => livingRows(view) : undefined;  // nothing drawn yet is nothing to share
      if (!ready) return;
      if (header.sample) {
        const late = header.sample.step === header.step ? "" : `step ${count(header.sample.step)}, `;
        drawn.textContent = `${late}seed ${header.sample.seed}, T ${header.sample.temperature.toFixed(2)}`;
        writes.update(header.sample.tokens, header.sample.tokens.map((_, n) => surpriseOf(view, n)), "writes");
        legend.update();
      }
      mean.textContent = header.mean_loss === null ? "" : `loss ${loss(header.mean_loss)} nats a token`;
      reads.update(header.tokens, [NaN, ...arrays.loss], "reads");
    },
    name: () => `model-step${view.header.step}`,
  };
  return made;
});
