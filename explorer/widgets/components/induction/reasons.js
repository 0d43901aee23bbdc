// Induction: why one head alone costs what it costs, and what feeds it; said only as far as the figures bear it.

function reasons(view, state) {
  const node = el("section", { class: "reasons" });

  /** Whether the others make up for one: the single costs added up, beside the cost of all at once. */
  function together(f) {
    const { induction, guess } = view.header, { singles, all, sum, born } = inductionCosts(view, state, f, state.k);
    if (!born || induction.length < 2 || !Number.isFinite(all) || !Number.isFinite(sum) || all < BARELY) return null;
    const n = induction.length, oneBlock = singles.every(one => one.head[0] === singles[0].head[0]);
    const added = [`Added up, the ${spelled(n)} single costs are `, nats(sum), "; all at once cost "];
    if (sum < 0.9 * all) {
      const where = oneBlock ? " They sit in one block, so none reads another: the rest look exactly where they did, and what "
        + "heads write is added up." : "";
      return note(strong("They stand in for one another. "), ...added, nats(all), ". So while the others still write the looked-up token, "
        + `part of what the silent one did is made good.${where}`);
    }
    if (sum > 1.1 * all) {
      const worse = f.copied(state.k) + all > guess ? ", worse than an even guess already" : "";
      return note(strong("None to spare here. "), ...added, "less, ", nats(all), `${worse}. They look at the same places, `
        + "but the prediction now rests on what they write together: the others do not make up for one.");
    }
    return note(strong("Each does its own part. "), ...added, "about as much, ", nats(all), ".");
  }

  /** The mean score of a head over the queries of the row that have an earlier copy. */
  function onRow(f, name, head) {
    const { row } = view.header, T = row.tokens.length - 1, at = (state.k * f.N + head[0] * f.H + head[1]) * T;
    const queries = row.copied.flatMap((is, t) => (is ? [t] : []));
    return queries.reduce((sum, t) => sum + view.arrays[name][at + t], 0) / queries.length;
  }

  function feeding(f) {
    const { induction, previous, clear, steps, sets } = view.header, best = induction[0], feeder = previous[0], k = state.k;
    if (!best || !feeder || feeder[0] >= best[0]) return null;
    const several = previous.length > 1, score = f.previous(k, feeder);
    if (score < clear.previous) {
      return note(strong("Little feeds them yet. "), `${headName(feeder)}, below, becomes the one that looks one token back; here it `,
        "scores ", figure(weight(score)), ". Without a note of what stood before, there is nothing to find a copy by.");
    }
    const cost = f.extra(state.way, several ? "previous" : feeder.join("."), k);
    const now = f.composition(k, best, feeder), first = f.composition(0, best, feeder);
    const born = f.induction(k, best) >= clear.induction, silent = sets[f.set(state.silent)]?.heads ?? [];
    const out = [strong(several ? "The heads below feed it. " : "The head below feeds it. "),
      `${previous.map(headName).join(" and ")} ${several ? "write" : "writes"} into each place which token stood before it; `,
      born ? `${headName(best)} finds the copy by that note. ` : `${headName(best)} will find the copy by that note. `];
    if (Number.isFinite(cost)) out.push(`Without ${several ? many(previous.length) : "it"}: `, nats(cost), " nats. ");
    const without = previous.some(head => silent.some(one => same(one, head)));
    if (without && silentShown(view, state) && view.header.row.copied.some(Boolean)) {
      out.push(`On the row below the score of ${headName(best)} goes from `, figure(weight(onRow(f, "after_copy", best))), " to ",
        figure(weight(onRow(f, "after_copy_silent", best))), " with it silent. ");
    }
    const random = steps[0] === 0 && k ? [" (", figure(first.toFixed(2)), " at step 0, where they are random)"] : [];
    out.push(`K-composition of ${headName(best)} with ${headName(feeder)}, from the weights: `, figure(now.toFixed(2)), ...random, ".");
    return note(...out);
  }

  return {
    node,
    update() {
      const f = facts(view), said = [together(f), feeding(f)].filter(Boolean);
      node.replaceChildren(...said);
      node.hidden = !view.header.induction.length;
    },
  };
}
