// Induction, part 4: what it costs to silence heads, at the checkpoint under the handle, and why.

function silencing(view, state, { pick, way }) {
  const ways = el("div", { class: "seg", role: "group", "aria-label": "What stands in for a silent head" }, WAYS.map((name, n) => el("button", { type: "button", text: name,
    title: n ? "its mean result at each position over the rows" : "nothing at all", on: { click: () => way(n) } })));
  const list = el("div", { class: "radios", role: "radiogroup", "aria-label": "Heads to silence" }), unit = el("p", { class: "sub" }), why = el("div", { class: "why" });
  const node = el("aside", { class: "silence" }, el("div", { class: "row" }, el("h2", { text: "Silence heads" }), el("span", { class: "end" }, ways)), unit, list, why);
  let rows = [];

  list.onkeydown = event => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const now = rows.findIndex(row => row.key === state.silent), next = rows[(now + by + rows.length) % rows.length];
    pick(next.key);
    next.node.focus();
  };

  function build(f) {
    const { previous, induction, sets } = view.header, heads = list => list.map(head => head.join("."));
    const order = ["", ...heads(previous), "previous", ...heads(induction), "induction"], place = key => order.indexOf(key) + 1 || 99;
    const keys = ["", ...sets.map(set => set.key)].sort((a, b) => place(a) - place(b));
    rows = keys.map(key => {
      const name = el("span", { class: "what" }), bar = el("span", { class: "bar-fill" }), guess = el("span", { class: "bar-guess" }), value = el("span", { class: "num value" }), more = el("span", { class: "num more" });
      const row = el("button", { type: "button", role: "radio", class: "radio" }, el("span", { class: "dot-ring" }), name, value, more, el("span", { class: "bar-track" }, bar, guess));
      row.onclick = () => pick(key);
      return { key, node: row, name, bar, guess, value, more };
    });
    list.replaceChildren(...rows.map(row => row.node));
    list.dataset.for = signature(f);
  }
  const signature = f => JSON.stringify([view.header.sets, view.header.previous, view.header.induction, f.N]);

  function words(f, key) {
    if (!key) return "no head";
    if (GROUPS[key]) return `${many(view.header.sets[f.set(key)].heads.length)}, ${key === "previous" ? "previous token" : key}`;
    const head = key.split(".").map(Number), role = f.isInduction(head) ? "induction" : f.isPrevious(head) ? "previous token" : "";
    return `${headName(head)}${role ? `, ${role}` : ""}`;
  }

  /** Nats on repeated tokens with a set silent, at the handle. */
  const cost = (f, key) => (key ? f.silenced(state.way, 1, f.set(key), state.k) : f.copied(state.k));

  function explain(f) {
    const { induction, previous, steps } = view.header, k = state.k, whole = f.copied(k), out = [], say = (...parts) => out.push(el("p", { class: "note" }, ...parts));
    const b = text => el("b", { class: "num", text }), best = induction[0];
    if (!best) { say("No head of this run reads what followed an earlier copy, so there is no induction head to silence yet."); return out; }
    const born = f.induction(k, best) >= 0.2, single = cost(f, best.join(".")), all = cost(f, "induction");
    if (!born) {
      say("At this step ", headName(best), " scores ", b(weight(f.induction(k, best))), ": it is no induction head yet. Move the handle on and silence it again.");
    } else if (induction.length > 1 && Number.isFinite(single) && Number.isFinite(all)) {
      const other = induction[1], part = (single - whole) / (all - whole), little = part < 0.25;
      say(el("b", { text: little ? "One alone is hardly missed. " : part < 0.6 ? "One alone is missed in part. " : "One alone is missed. " }), "Without ", headName(best), " the loss on repeated tokens goes from ", b(loss(whole)), " to ", b(loss(single)), ". ",
        `${headName(other)} reads the same places (score `, b(weight(f.induction(k, other))), little ? ") and does the same work. " : "), but what it passes on does not make up for it. ",
        "Without ", induction.length === 2 ? "both: " : "all of them: ", b(loss(all)), ".");
    } else if (Number.isFinite(single)) {
      say("Without ", headName(best), " the loss on repeated tokens goes from ", b(loss(whole)), " to ", b(loss(single)), ".");
    }
    if (previous.length && previous[0][0] < best[0]) {
      const several = previous.length > 1, without = cost(f, several ? "previous" : previous[0].join("."));
      const now = f.composition(k, best, previous[0]), first = f.composition(0, best, previous[0]);
      say(el("b", { text: several ? "The heads below feed it. " : "The head below feeds it. " }), `${previous.map(headName).join(" and ")} ${several ? "write" : "writes"} into each place which token stood before it; `,
        `${headName(best)} finds the copy by that note. `, ...(Number.isFinite(without) ? [`Without ${several ? many(previous.length) : "it"}: `, b(loss(without)), ". "] : []),
        "The weights say so too: K-composition of ", headName(best), " with ", headName(previous[0]), " is ", b(now.toFixed(2)), ...(steps[0] === 0 && k ? [" (", b(first.toFixed(2)), " at step 0, where they are random)"] : []), ".");
    }
    return out.flat();
  }

  return {
    node,
    update() {
      const f = facts(view), { guess, steps } = view.header, pending = view.header.way === WAYS[state.way] ? view.header.pending : steps.length;
      if (list.dataset.for !== signature(f)) build(f);
      const all = [...view.arrays.silenced].filter(Number.isFinite), most = Math.max(guess, ...view.arrays.loss, ...all), whole = f.copied(state.k);
      [...ways.children].forEach((button, n) => button.setAttribute("aria-pressed", n === state.way));
      unit.textContent = pending ? `running them at ${steps.length - pending} of ${steps.length} checkpoints` : `loss on repeated tokens at step ${count(steps[state.k])}, nats`;
      for (const row of rows) {
        const value = cost(f, row.key), on = row.key === state.silent, known = Number.isFinite(value);
        row.name.textContent = words(f, row.key);
        row.value.textContent = known ? loss(value) : "…";
        row.more.textContent = row.key && known ? signed(value - whole, 2, true) : "";
        row.bar.style.width = `${known ? (100 * value) / most : 0}%`;
        row.guess.style.left = `${(100 * guess) / most}%`;
        row.node.setAttribute("aria-checked", on);
        row.node.tabIndex = on ? 0 : -1;
      }
      why.replaceChildren(...explain(f));
    },
  };
}
