// Sampling, part 6: the formula with a token's own numbers, what each stage does in words, and the same in shapes.

/** Why a token is not left: the condition that failed, with its numbers. */
function reason(id, { board, result, settings }) {
  const place = result.place[id], { top_k, top_p, min_p, temperature } = settings, e = figure(result.e[place]);
  const kept = name => result.stages.find(stage => stage.name === name).kept;
  switch (result.remover(id)) {
    case "temperature": return "temperature 0 leaves the highest score only";
    case "top_k": return `place ${count(place + 1)} is beyond ${count(top_k)}`;
    case "top_p": return `the ${count(kept("top_p"))} before it hold ${written(top_p)} already`;
    case "min_p": {
      const over = temperature === 1 ? "" : ` / ${written(temperature)}`;
      return `e^{(${signed(result.scores[place])} − ${signed(result.scores[0])})${over}} = ${e} < ${written(min_p)}`;
    }
    default: return "";
  }
}

/** e^{(6.52 − 8.51) / 1.10}: a token's share before it is divided by the sum. */
function powerOf(id, { board, result, settings }) {
  const place = result.place[id], top = signed(result.scores[0]), T = settings.temperature, penalty = settings.repetition_penalty;
  const raw = signed(board.logits[id]), repeated = penalty !== 1 && board.repeated.has(id);
  const score = repeated ? `${raw} ${board.logits[id] > 0 ? "/" : "·"} ${written(penalty)}` : raw;
  const minus = top.startsWith(MINUS) ? `+ ${top.slice(1)}` : `− ${top}`;
  return { place, text: T === 1 ? `e^{${score} ${minus}}` : `e^{(${score} ${minus}) / ${written(T)}}` };
}

/** p = e^{(6.52 − 8.51) / 1.10} / 1.47 = 11%, or why it is 0. */
function afterFormula(id, state) {
  const { result, settings } = state, { place, text } = powerOf(id, state);
  if (settings.temperature === 0) return place === 0 ? "highest score: {prob:p} = 100%" : "not the highest score: {prob:p} = 0";
  if (result.remover(id)) return `${reason(id, state)}: {prob:p} = 0`;
  return `{prob:p} = ${text} / ${figure(result.total)} = ${equal(result.probability(id))}`;
}

function beforeFormula(id, { board }) {
  const top = signed(board.logits[board.own[0]]), minus = top.startsWith(MINUS) ? `+ ${top.slice(1)}` : `− ${top}`;
  return `{prob:p} = e^{${signed(board.logits[id])} ${minus}} / ${figure(board.sum)} = ${equal(board.before[id])}`;
}

/** What stands behind an equals sign: the figures of a probability of which else only a bound is said. */
const equal = p => (/^[<>]/.test(pct(p)) ? figure(p) : pct(p));

/** The card of a row. */
function tokenCard(row, state) {
  const { view, board, result } = state;
  if (row.id === null) return { value: pct(row.after), place: `${count(row.others)} others`,
    what: `together ${pct(row.before)} before; ${count(row.kept)} of them can still be drawn`, hook: "logits",
    shape: `T V = ${view.header.tokens.length} ${count(board.V)}` };
  const how = row.remover ? `removed by ${REMOVED_BY[row.remover]}; before, rank ${count(row.rank)}, ${pct(row.before)}`
    : `rank ${count(row.rank)} of ${count(board.V)}, ${pct(row.before)} before, kept`;
  return { value: pct(row.after), place: tokenSpan(row.token, {}, 14), what: row.text ? `${how}; the text went on with it` : how,
    formula: afterFormula(row.id, state),
    hook: "logits", index: `[${view.header.at}, ${row.id}]`, shape: `T V = ${view.header.tokens.length} ${count(board.V)}` };
}

const STAGE_WORDS = {
  scores: () => "softmax of the model's scores: every token has some chance",
  repetition_penalty: ({ board }) =>
    `the ${count(board.repeated.size)} different tokens of the text: positive scores are divided by it, negative ones multiplied`,
  temperature: ({ settings: { temperature: t } }) =>
    (t === 0 ? "the highest score takes all: greedy" : t === 1 ? "1 leaves the scores as they are"
      : `scores are divided by it: ${t < 1 ? "differences grow, the likely get likelier" : "differences shrink, the unlikely gain"}`),
  top_k: ({ settings: { top_k } }, { on }) => (on ? `keeps the ${count(top_k)} highest scores, whatever they hold` : "off: keeps all"),
  top_p: ({ settings: { top_p } }, { on }) =>
    (on ? `from the most likely down, the fewest tokens that hold ${written(top_p)} of what is left` : "off: keeps all"),
  min_p: ({ settings: { min_p } }, { on }) =>
    (on ? `keeps tokens with at least ${written(min_p)} times the chance of the best` : "off: keeps all"),
  draw: () => "what is left, divided by its sum, so that it adds up to 1 again",
};

/** The card of a stage. */
function stageCard(column, state) {
  const stage = state.result.stages.find(({ name }) => name === column.key) ?? {};
  const function_name = column.cuts || stage.name ? `llm.generation.filters.${column.key}` : "llm.generation.filters.probabilities";
  const sum = column.key === "draw" ? figure(state.result.total) : null;
  return { value: count(column.kept), place: STAGE_NAMES[column.key], what: STAGE_WORDS[column.key](state, stage),
    formula: column.cuts && stage.on ? `kept ${pct(column.mass)}, removed ${pct(column.removed)}` : sum ? `Σ e^{…} = ${sum}` : undefined,
    hook: function_name, shape: `V = ${count(state.board.V)}, ${count(column.given - column.kept)} set to −∞ here` };
}

/** Below the picture: the formula in letters, then with this token's numbers. */
function mathsPanel() {
  const title = el("h2"), lines = el("div", { class: "lines" }), node = el("section", { class: "maths" }, title, lines);
  const line = (name, maths, sub) => el("div", { class: "line" }, el("span", { class: "sub", text: name }), formula(maths),
    el("span", { class: "sub", text: sub }));
  return {
    node,
    update(id, state) {
      const { board, result, settings, words } = state, greedy = settings.temperature === 0;
      title.replaceChildren("The formula with the numbers of ", tokenSpan(words(id), { class: "token named" }, 14));
      lines.replaceChildren(
        line("in letters", "{prob:p}_i = e^{(s_i − m) / T} / Σ_{kept} e^{(s_j − m) / T}",
          "s a score, m the highest one: taking it off changes nothing and keeps every power below 1"),
        line("before", beforeFormula(id, state), `${figure(board.sum)} is the sum over all ${count(board.V)}, at T = 1`),
        line("after", afterFormula(id, state), greedy ? "the limit for T → 0" : result.remover(id) ? ""
          : `${figure(result.total)} is the sum over the ${count(result.kept)} kept, at T = ${written(settings.temperature)}`));
    },
  };
}

/** At the depth "shapes": what each step takes and gives. */
function shapesPanel() {
  const body = el("tbody"), node = el("section", { class: "shapes" }, el("h2", { text: "Shapes" }),
    el("table", {}, el("thead", {},
      el("tr", {}, ["Step", "Takes", "Gives", "What it changes"].map(text => el("th", { scope: "col", text })))), body));
  return {
    node,
    update(state, columns) {
      const { board, result, view } = state, V = `V = ${count(board.V)}`, T = view.header.tokens.length;
      const rows = [["Model", `ids T = ${T}`, `logits T V = ${T} ${count(board.V)}`, `only row ${view.header.at} is used here`]];
      for (const { key, given, kept, cuts } of columns) {
        if (key === "scores") continue;
        if (key === "draw") rows.push(["Softmax", `logits ${V}`, `probs ${V}`, `${count(kept)} above 0, sum 1`],
          ["Draw", `probs ${V}, a number in [0, 1)`, "one id", "no gradient, only chance"]);
        else rows.push([STAGE_NAMES[key], `logits ${V}`, `logits ${V}`,
          cuts || given > kept ? `${count(given - kept)} set to −∞, ${count(kept)} left` : key === "temperature" ? "every value"
            : `${count(board.repeated.size)} values`]);
      }
      const cell = (text, i) => el(i ? "td" : "th",
        { scope: i ? undefined : "row", class: i === 1 || i === 2 ? "num" : undefined, text });
      body.replaceChildren(...rows.map(cells => el("tr", {}, cells.map(cell))));
    },
  };
}
