// Logit lens, part 6: the picture in words, its twin as a table, and its rows for a spreadsheet.

/** The row in focus in a few sentences. */
function lensInWords(view, facts) {
  const t = view.focus.token, { tokens } = view.header, end = facts.N - 1, name = token => `“${tokenText(token, 24)}”`;
  const most = `${name(facts.word(facts.top(end, t)))}, with ${pct(facts.topP(end, t))}`;
  const said = [`At the end the most likely token after ${t} ${name(tokens[t])} is ${most}.`];
  if (!facts.has(t)) return [...said, "The text ends here, so nothing is followed."].join(" ");
  const stays = facts.stays(t), answer = name(facts.answerWord(t));
  if (stays < 0) said.push(`${answer} is rank ${count(facts.rank(end, t))}, with ${pct(facts.p(end, t))}.`);
  else if (stays === 0) said.push(`${answer} is on top at every depth.`);
  else {
    const before = `rank ${count(facts.rank(stays - 1, t))} with ${pct(facts.p(stays - 1, t))}`;
    said.push(`${answer} is on top from ${depthWords(view, stays)} on, with ${pct(facts.p(stays, t))} there; before, it was ${before}.`);
  }
  return said.join(" ");
}

/** The numbers of the token in focus at every depth. */
function lensTwin(view, facts) {
  const heads = ["depth", "most likely", "its probability", "probability of the answer", "rank", "entropy, nats", "KL to the end, nats"];
  function tables() {
    const f = facts(), t = view.focus.token, orDash = text => (f.has(t) ? text() : "—");
    const row = (_, n) => [depthWords(view, n), tokenSpan(f.word(f.top(n, t)), {}, 16), f.topP(n, t).toFixed(4),
      orDash(() => fineProb(f.p(n, t))), orDash(() => count(f.rank(n, t))), signed(f.entropy(n, t), 4), signed(f.kl(n, t), 4)];
    return [{ caption: `Token ${t}: what the lens reads at each depth`, heads, rows: view.header.depths.map(row) }];
  }
  return pictureTwin({ label: "Table of the row in focus", says: () => lensInWords(view, facts()), tables,
    rest: () => "One row of the grid; the CSV above holds all of it." });
}

/** Rows of every cell that is drawn. */
function lensRows(view, state, facts) {
  const names = ["token", "text", "depth", "hook", "top", "top_probability", "answer", "answer_probability", "rank"];
  const out = [[...names, "entropy_nats", "kl_to_end_nats"]], { depths, tokens } = view.header;
  for (let t = 0; t < facts.T; t++) for (const n of shownDepths(view, state)) {
    const answer = facts.has(t) ? [tokenText(facts.answerWord(t)), facts.p(n, t), facts.rank(n, t)] : ["", "", ""];
    const top = [tokenText(facts.word(facts.top(n, t))), facts.topP(n, t)];
    out.push([t, tokenText(tokens[t]), n, depths[n].hook, ...top, ...answer, facts.entropy(n, t), facts.kl(n, t)]);
  }
  return out;
}
