// Induction: what one induction head costs beside all of them, in words that follow the figures of this checkpoint.

const BARELY = 0.1;  // nats; what costs less barely shows
const note = (...parts) => el("p", { class: "note" }, ...parts);
const strong = text => el("b", { text });
const nats = x => el("b", { class: "num", text: signed(x, 2, true) });
const figure = text => el("b", { class: "num", text });

/** What the induction heads of the run cost at checkpoint k, alone and all at once; NaN where not run yet. */
function inductionCosts(view, state, f, k) {
  const { induction, clear } = view.header;
  const singles = induction.map(head => ({ head, score: f.induction(k, head), extra: f.extra(state.way, head.join("."), k) }));
  return {
    singles,
    all: induction.length > 1 ? f.extra(state.way, "induction", k) : singles[0]?.extra,
    sum: singles.reduce((sum, one) => sum + one.extra, 0),
    born: singles.some(one => one.score >= clear.induction),
  };
}

const byCost = singles => [...singles].sort((a, b) => a.extra - b.extra);
const share = part => (part < 0.005 ? "under 1%" : `${Math.round(100 * part)}%`);
const theHeads = n => (n === 2 ? "both" : `all ${spelled(n)}`);

function whatItCosts(view, state, f) {
  const { induction, clear } = view.header, k = state.k, n = induction.length;
  const { singles, all, born } = inductionCosts(view, state, f, k);
  if (!n) {
    const yet = view.header.live ? "so far " : "";
    return [note(`No head of this run ${yet}reads what followed an earlier copy: there is no induction head to silence.`)];
  }
  const chosen = singles.find(one => one.head.join(".") === state.silent), whole = f.copied(k);
  if (!born) {
    const best = singles.reduce((a, b) => (b.score > a.score ? b : a));
    const which = n > 1 ? `the ${spelled(n)} that become such heads` : "it";
    const more = all < BARELY ? "." : `: what ${n > 1 ? "they do" : "it does"} so far already lowers it.`;
    const cost = Number.isFinite(all) ? [` Without ${which} the loss changes by `, nats(all), more] : [];
    const score = [`The best, ${headName(best.head)}, scores `, figure(weight(best.score)), "."];
    return [note(strong("No induction head yet. "), ...score, ...cost)];
  }
  if (n === 1) {
    const { head, extra } = singles[0];
    if (!Number.isFinite(extra)) return [];
    const title = extra < BARELY ? `${headName(head)} barely shows. ` : "";
    return [note(strong(title), `Without ${headName(head)}: `, figure(loss(whole + extra)), " (", nats(extra), ").")];
  }
  if (!singles.every(one => Number.isFinite(one.extra)) || !Number.isFinite(all)) return [];
  if (chosen) {
    const { head, extra, score } = chosen, early = score < clear.induction;
    const part = all < BARELY ? "" : `alone costs ${share(extra / all)} of what ${theHeads(n)} cost. `;
    const title = extra < BARELY ? "alone barely shows. " : part;
    return [note(strong(title && `${headName(head)} ${title}`), early ? `It is no induction head yet (score ${weight(score)}). ` : "",
      "The loss on repeated tokens goes from ", figure(loss(whole)), " to ", figure(loss(whole + extra)), " without it, to ",
      figure(loss(whole + all)), ` without ${theHeads(n)}.`)];
  }
  const order = byCost(singles), least = order[0], most = order.at(-1);
  const from = share(least.extra / all), to = share(most.extra / all);
  const parts = all < BARELY ? "" : `One alone costs ${from} to ${to} of what ${theHeads(n)} cost. `;
  const none = most.extra < BARELY ? "One alone barely shows. " : `${headName(least.head)} alone barely shows. `;
  const title = least.extra < BARELY ? none : parts;
  return [note(strong(title), "Least ", nats(least.extra), ` (${headName(least.head)}), most `, nats(most.extra),
    ` (${headName(most.head)}); ${theHeads(n)} `, nats(all), ".")];
}

/** At which checkpoints of the run a single induction head barely shows; where none, the one that shows least. */
function whereItBarelyShows(view, state, f, { pick, go }) {
  const { steps, clear, induction } = view.header;
  if (induction.length < 2) return [];
  const ripe = steps.flatMap((step, k) => inductionCosts(view, state, f, k).singles.map(one => ({ ...one, step, k })))
    .filter(one => one.score >= clear.induction && Number.isFinite(one.extra));
  if (!ripe.length) return [];
  const few = ripe.filter(one => one.extra < BARELY), least = byCost(ripe)[0];
  const place = one => el("button", { type: "button", class: "link", text: `${headName(one.head)} at step ${count(one.step)}`,
    on: { click: () => { pick(one.head.join(".")); go(one.k); } } });
  const rest = few.length > 3 ? `, and ${few.length - 3} more` : "";
  const of = `Over the run: of ${ripe.length} times that a head with a score of at least ${weight(clear.induction)} is silenced alone, `;
  if (few.length) {
    return [note(of, `${few.length === 1 ? "one costs" : `${few.length} cost`} less than `, figure(BARELY.toFixed(2)), ": ",
      ...few.slice(0, 3).flatMap((one, n) => [...(n ? [", "] : []), place(one)]), rest, ".")];
  }
  return [note(of, "none costs less than ", figure(BARELY.toFixed(2)), "; the least is ", nats(least.extra), ", ", place(least), ".")];
}
