// Induction: which heads to silence, and what each choice costs at the checkpoint under the handle.

function silencing(view, state, { pick, way, go }) {
  const INSTEAD = ["nothing at all", "its mean result at each position over the rows"];
  const ways = el("div", { class: "seg", role: "group", "aria-label": "What stands in for a silent head" }, WAYS.map((name, n) =>
    el("button", { type: "button", text: name, title: INSTEAD[n], on: { click: () => way(n) } })));
  const list = el("div", { class: "radios", role: "radiogroup", "aria-label": "Heads to silence" });
  const unit = el("p", { class: "sub" }), costs = el("div", { class: "costs" });
  const title = el("div", { class: "row" }, el("h2", { text: "Silence heads" }), el("span", { class: "end" }, ways));
  const node = el("aside", { class: "silence" }, title, unit, list, costs);
  let rows = [];

  list.onkeydown = event => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const now = rows.findIndex(row => row.key === state.silent), next = rows[(now + by + rows.length) % rows.length];
    pick(next.key);
    next.node.focus();
  };

  const signature = f => JSON.stringify([view.header.sets, view.header.previous, view.header.induction, f.N]);

  function build(f) {
    const { previous, induction, sets } = view.header, keysOf = heads => heads.map(head => head.join("."));
    const order = ["", ...keysOf(previous), "previous", ...keysOf(induction), "induction"], place = key => order.indexOf(key) + 1 || 99;
    const keys = ["", ...sets.map(set => set.key)].sort((a, b) => place(a) - place(b));
    rows = keys.map(key => option(key));
    list.replaceChildren(...rows.map(row => row.node));
    list.dataset.for = signature(f);
  }

  function option(key) {
    const name = el("span", { class: "what" }), value = el("span", { class: "num value" }), more = el("span", { class: "num more" });
    const bar = el("span", { class: "bar-fill" }), guess = el("span", { class: "bar-guess" });
    const node = el("button", { type: "button", role: "radio", class: "radio", on: { click: () => pick(key) } },
      el("span", { class: "dot-ring" }), name, value, more, el("span", { class: "bar-track" }, bar, guess));
    return { key, node, name, bar, guess, value, more };
  }

  function words(f, key) {
    if (!key) return "no head";
    if (GROUPS[key]) return `${many(view.header.sets[f.set(key)].heads.length)}, ${key === "previous" ? "previous token" : key}`;
    const head = key.split(".").map(Number), role = f.isInduction(head) ? "induction" : f.isPrevious(head) ? "previous token" : "";
    return `${headName(head)}${role ? `, ${role}` : ""}`;
  }

  return {
    node,
    update() {
      const f = facts(view), { guess, steps } = view.header, whole = f.copied(state.k);
      const pending = view.header.way === WAYS[state.way] ? view.header.pending : steps.length;
      if (list.dataset.for !== signature(f)) build(f);
      const all = [...view.arrays.silenced].filter(Number.isFinite), most = Math.max(guess, ...view.arrays.loss, ...all);
      [...ways.children].forEach((button, n) => button.setAttribute("aria-pressed", n === state.way));
      unit.textContent = pending ? `running them at ${steps.length - pending} of ${steps.length} checkpoints`
        : `loss on repeated tokens at step ${count(steps[state.k])}, nats`;
      for (const row of rows) {
        const value = row.key ? f.silenced(state.way, 1, f.set(row.key), state.k) : whole;
        const on = row.key === state.silent, known = Number.isFinite(value);
        row.name.textContent = words(f, row.key);
        row.value.textContent = known ? loss(value) : "…";
        row.more.textContent = row.key && known ? signed(value - whole, 2, true) : "";
        row.bar.style.width = `${known ? (100 * value) / most : 0}%`;
        row.guess.style.left = `${(100 * guess) / most}%`;
        row.node.setAttribute("aria-checked", on);
        row.node.tabIndex = on ? 0 : -1;
      }
      costs.replaceChildren(...whatItCosts(view, state, f), ...(pending ? [] : whereItBarelyShows(view, state, f, { pick, go })));
    },
  };
}
