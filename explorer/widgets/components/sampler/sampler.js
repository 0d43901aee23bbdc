// Sampling: from the scores of one position to one token. The scores come once; every slider repaints here, over the whole
// vocabulary, on the next frame. Python hears of the settings after a pause, for the address and the sentence on top.

const TELL_AFTER = 250, GLIDE = 240, REVEAL = 600;

export default picture(view => {
  const state = { view, settings: null, place: null, board: null, words: null, numbers: null, result: null,
    draws: { n: 0, counts: new Map(), last: null }, id: null, held: null, shown: null };
  const card = hoverCard(view), slot = drawSlot(view, state), bar = promptBar(view, { after: slot.node });
  const controls = samplerControls({ change, preset, draw, reset, seed: value => set({ seed: value }),
    focus: key => { state.held = key; view.redraw(); } },
    { limits: () => view.header.limits, size: () => state.board.V });
  const drawing = svg("svg", { role: "img" }), funnel = el("div", { class: "funnel" }, drawing), went = el("p", { class: "went" });
  const noise = el("p", { class: "note noise" });
  const table = tokenTable(view, { card, pick: id => { state.id = id; view.redraw(); }, describe: row => tokenCard(row, state) });
  const maths = mathsPanel(), shapes = shapesPanel(), numbers = numbersTable(state, table), said = el("p", { class: "sr" });
  const note = el("p", { class: "note quiet", text: "Not shown: whether a token is true. A probability is the model's own guess. "
    + "The order counts: repetition penalty, temperature, top-k, top-p, min-p, each reading what the one before it left." });
  const idea = el("p", { class: "note idea", text: "A score becomes a chance by e to its power, divided by the sum of all. "
    + "Temperature says how much differences count, the filters which tokens stay at all, and chance decides among those." });
  const right = el("section", { class: "stages" }, funnel, went, table.node, noise);
  const below = el("div", { class: "below" }, maths.node, el("section", {}, idea, note), numbers.node);
  view.root.append(bar.node, said, el("div", { class: "two" }, controls.node, right), shapes.node, below);
  let timer = 0, motion = 0, drawn = { columns: [], layout: null };

  function set(change) {
    state.settings = { ...state.settings, ...change };
    view.redraw();
    clearTimeout(timer);
    timer = setTimeout(() => { timer = 0; view.set("settings", { ...state.settings }); }, TELL_AFTER);
  }
  function change(key, value) { stopMotion(); set({ [key]: value }); }
  function reset() { state.shown = null; preset(null, { seed: view.header.opening.seed, draws: 0 }); }

  /** Slide every thumb to its new place; what is drawn on the way is true as well. */
  function preset(filters, more = {}) {
    const from = state.settings, to = { ...from, ...(filters ?? filtersOf(view.header.opening)), ...more };
    stopMotion();
    if (view.still) return set(to);
    const glide = Object.entries(controls.sliders).map(([key, part]) => [key, part.place(from[key]), part.place(to[key]), part]);
    const moving = glide.filter(([key]) => from[key] !== to[key]);
    animate(GLIDE, t => set(t >= 1 ? to : Object.fromEntries(moving.map(([key, a, b, part]) => [key, part.from(a + (b - a) * t)]))));
  }

  /** The next n draws of the stream; many appear in their order, over at most REVEAL. */
  function draw(n) {
    stopMotion();
    const from = state.settings.draws, to = Math.min(view.header.limits.draws[1], from + n);
    set({ draws: to });
    if (n === 1 || view.still) { state.shown = null; return; }
    state.shown = from;
    animate(REVEAL, t => { state.shown = t >= 1 ? null : Math.round(from + (to - from) * t); view.redraw(); });
  }

  function animate(length, frame) {
    const start = performance.now(), step = now => {
      const t = Math.min(1, Math.max(0, (now - start) / length));
      motion = t < 1 ? requestAnimationFrame(step) : 0;
      frame(t < 1 ? 1 - (1 - t) ** 3 : 1);
    };
    motion = requestAnimationFrame(step);
    finish = () => frame(1);
  }
  let finish = null;
  /** Any key or click ends a movement where it was going. */
  function stopMotion() {
    if (!motion) return;
    cancelAnimationFrame(motion);
    motion = 0;
    finish();
  }
  for (const event of ["pointerdown", "keydown"]) view.root.addEventListener(event, stopMotion, true);

  function receive() {
    const { header, arrays } = view;
    state.settings ??= { ...header.start };
    if (header.place === state.place) return;
    if (state.place !== null) { state.id = null; state.shown = null; if (state.settings.draws) set({ draws: 0 }); }
    Object.assign(state, { place: header.place, board: scoreboard(arrays.logits, arrays.seen), words: vocabulary(arrays), numbers: null });
    state.board.logits = arrays.logits;
  }

  function compute() {
    const { settings, board } = state, { at } = view.header, seed = `${settings.seed} ${at}`;
    if (state.numbers?.seed !== seed) state.numbers = { seed, first: stream(settings.seed, at) };
    state.result = board.funnel(settings);
    const n = state.shown ?? settings.draws;
    state.draws = tally(state.result, state.numbers.first(n), n);
  }

  funnel.onpointermove = event => {
    const box = drawing.getBoundingClientRect(), at = drawn.layout.columnAt(event.clientX - box.left, event.clientY - box.top);
    const column = drawn.columns[at];
    if (!column) return card.hide();
    const spot = drawn.layout.box(at);
    const rect = { left: box.left + spot.x, right: box.left + spot.x + spot.width * 0.4, top: box.top + spot.y,
      bottom: box.top + spot.y + spot.height };
    card.show(stageCard(column, state), rect);
  };
  funnel.onpointerleave = () => card.hide();

  return {
    draw() {
      const { header, focus, width } = view;
      receive();
      compute();
      const { settings, board, result, draws } = state, beside = width >= 800, wide = beside ? width - 204 - 44 : width;
      right.parentElement.classList.toggle("stacked", !beside);
      bar.update(header.tokens, focus.token, `all ${count(board.V)} scores, none cut`);
      slot.update();
      controls.update(settings, header.opening, board, result, draws.n);
      const columns = funnelColumns(settings, result, board.V, header.depth);
      const layout = (wide < 560 ? funnelDown : funnelAcross)(columns, wide, state.held);
      drawn = { columns, layout };
      fill(drawing, { width: wide, height: layout.height, "aria-label": sentence(state) }, []);
      drawing.replaceChildren(...layout.parts);
      const rows = tokenRows({ board, result, draws, words: state.words, next: header.next });
      const chosen = state.id !== null && rows.some(({ id }) => id === state.id) ? state.id : board.own[0];
      table.update(wide, columns.length, rows, chosen, draws.n);
      went.hidden = header.next === null;
      if (header.next !== null)
        went.replaceChildren("The text went on with ", chip(state.words(header.next)), `: ${textRank(header.next, state)}`);
      noise.hidden = draws.n < ENOUGH;
      noise.textContent = noiseSentence(rows, draws.n);
      maths.update(chosen, state);
      idea.hidden = header.depth !== "idea";
      shapes.node.hidden = header.depth !== "shapes";
      if (!shapes.node.hidden) shapes.update(state, columns);
      numbers.update();
      said.textContent = sentence(state);
    },
    name: () => `sampling-after-token${view.header.at}`,
    csv: () => samplerRows(drawn.columns, table.rows, state),
    destroy() { clearTimeout(timer); cancelAnimationFrame(motion); },
  };
});

const filtersOf = settings => Object.fromEntries(Object.keys(OFF).map(key => [key, settings[key]]));

/** Any token of the vocabulary by its id: {id, pieces, kind, joins}. */
function vocabulary({ letters, ends, kinds }) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return id => ({ id, pieces: decoder.decode(letters.subarray(id ? ends[id - 1] : 0, ends[id])).split("\0"),
    kind: ["text", "byte", "special"][kinds[id] & 3], joins: !(kinds[id] & 4) });
}

/** The place in the prompt bar where the drawn token appears, and the way to put it behind the text. */
function drawSlot(view, state) {
  const word = el("span", { class: "chip slot", text: "?" }), act = el("button", { class: "link", type: "button", "data-export": "no" });
  const why = el("span", { class: "sub" });
  const node = el("span", { class: "next" }, word, act, why);
  act.onclick = () => view.send("append", { id: state.draws.last, at: view.header.at });
  let shown;
  return {
    node,
    update() {
      const { draws: { last, n }, words } = state, { at, tokens, n_ctx, whole } = view.header, key = `${last} ${n} ${state.place}`;
      if (key === shown) return;
      shown = key;
      const token = last === null ? null : words(last), full = at + 1 >= n_ctx, end = at === tokens.length - 1;
      word.className = `chip slot ${token ? `full ${token.kind}` : ""}`;
      word.replaceChildren(...(token ? tokenSpan(token, {}, 16).childNodes : ["?"]));
      word.title = token ? `Draw ${n} of this seed` : "Draw one, and it appears here";
      act.hidden = !token || !token.joins || full || !whole;
      act.textContent = end ? "Append" : "Continue here";
      act.title = end ? "Put it behind the prompt" : "Put it behind the chosen token; what followed is let go";
      why.textContent = !token || !act.hidden ? "" : full ? "the context is full" : token.kind === "special" ? "the text would end here"
        : token.joins ? "the chosen token ends inside a character" : "part of a character, no text yet";
    },
  };
}

const textRank = (id, { board, result }) => `rank ${count(board.ownPlace[id] + 1)} of ${count(board.V)}, ${pct(board.before[id])}; `
  + (result.remover(id) ? `removed by ${REMOVED_BY[result.remover(id)]}.` : `after the filters ${pct(result.probability(id))}.`);

/** How far the draws fell from what is exact: the sampling noise, in a sentence. */
function noiseSentence(rows, n) {
  const some = rows.filter(({ after }) => after > 0 && after < 1);
  const near = some.filter(({ after, drawn }) => Math.abs(drawn / n - after) <= standardError(after, n)).length;
  if (!some.length) return `${count(n)} draws, all alike: one token is left.`;
  return `${count(n)} draws: ${near} of ${some.length} rows fall within one standard error, √(p(1 − p) / n), of the exact probability; `
    + "about two in three should. The upright mark is what was drawn, the whisker the error.";
}

/** The picture in one sentence. */
function sentence({ view, board, result, words }) {
  const { header } = view, [first] = board.own;
  const left = result.stages.filter(({ name, on }) => on && name !== "temperature" && name !== "repetition_penalty");
  const leaves = ({ name, kept, mass }) => `${REMOVED_BY[name]} leaves ${count(kept)} token${kept > 1 ? "s" : ""} with ${pct(mass)}`;
  const cuts = left.map(leaves).join(", "), best = result.order[0];
  return `After token ${header.at}, “${tokenText(header.tokens[header.at])}”, the model gives ${count(board.V)} scores; `
    + `“${tokenText(words(first))}” is the most likely with ${pct(board.before[first])}. `
    + (cuts ? `${cuts[0].toUpperCase()}${cuts.slice(1)}. ` : "")
    + `${count(result.kept)} can be drawn; “${tokenText(words(best))}” then has ${pct(result.probability(best))}. `
    + `Entropy goes from ${signed(board.entropy)} to ${signed(result.entropy)} nats.`;
}

/** Rows of all that is drawn: stages (tokens left; probability before and after the stage), then tokens. */
function samplerRows(columns, rows, { draws }) {
  const out = [["part", "name", "id", "score", "tokens", "before", "after", "removed_by", "drawn"]];
  columns.forEach(({ key, kept, mass }, i) =>
    out.push(["stage", STAGE_NAMES[key], "", "", kept, i ? columns[i - 1].mass : 1, mass, "", ""]));
  for (const row of rows)
    out.push(row.id === null ? ["others", "", "", "", row.others, row.before, row.after, row.remover, draws.n ? row.drawn : ""]
      : ["token", tokenText(row.token), row.id, row.score, 1, row.before, row.after, REMOVED_BY[row.remover], draws.n ? row.drawn : ""]);
  return out;
}

/** The twin of the picture for those who read tables; filled when it is opened. */
function numbersTable(state, table) {
  const body = el("tbody"), words = el("p", { class: "note" }), head = el("tr");
  const names = ["Token", "Score", "Before", "After", "Removed by", "Drawn"];
  const node = el("details", { class: "numbers", "data-export": "no", on: { toggle: () => update() } },
    el("summary", { text: "In words and as a table" }), words,
    el("table", {}, el("thead", {}, head), body));
  const percent = p => (p > 0 ? `${(p * 100).toPrecision(3)}%` : "0");
  function update() {
    if (!node.open) return;
    const columns = state.draws.n ? 6 : 5;
    words.textContent = sentence(state);
    head.replaceChildren(...names.slice(0, columns).map(text => el("th", { scope: "col", text })));
    body.replaceChildren(...table.rows.map(row => el("tr", {},
      el("th", { scope: "row" }, row.id === null ? `${count(row.others)} others` : tokenSpan(row.token)),
      [row.id === null ? "" : signed(row.score, 4), percent(row.before), percent(row.after), REMOVED_BY[row.remover] ?? row.remover,
        count(row.drawn)].slice(0, columns - 1).map(text => el("td", { class: "num", text })))));
  }
  return { node, update };
}
