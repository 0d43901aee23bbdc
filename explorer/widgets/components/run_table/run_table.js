// The ledger of runs: a table that sorts and filters here; which runs are chosen and which is open is told to Python.

export default picture(view => {
  const state = { sort: { key: null, down: false }, filter: "", chosen: [], open: null, told: null };
  const made = new Map(), body = el("tbody", { role: "rowgroup" }), said = el("p", { class: "sr" }), tally = el("span", { class: "sub" });
  const field = el("input", { class: "filter", type: "search", placeholder: "Filter by name, state or recipe", "aria-label": "Filter runs", autocomplete: "off",
    on: { input: () => { state.filter = field.value; view.redraw(); } } });
  const heads = COLUMNS.filter(({ hidden }) => !hidden).map(column => {
    const text = [column.name, column.note && el("span", { class: "faint", text: column.note })].filter(Boolean);
    const way = el("i", { class: "way", "aria-hidden": "true" });
    const inside = column.of ? el("button", { type: "button", on: { click: () => sort(column) } }, text[0], way, text[1]) : el("span", {}, text);
    return { column, node: el("th", { role: "columnheader", scope: "col", class: `${column.key} ${column.end ? "end" : ""}` }, inside) };
  });
  const table = el("table", { role: "table", "aria-label": "Runs" }, el("thead", { role: "rowgroup" }, el("tr", { role: "row" },
    el("th", { role: "columnheader", class: "check" }, el("span", { class: "sr", text: "Curve" })), heads.map(({ node }) => node))), body);
  const byState = el("button", { type: "button", class: "link", text: "Sort by state", "data-export": "no", on: { click: () => sort(COLUMNS[1]) } });
  const scroll = el("div", { class: "ledger", tabindex: -1 }, table);
  view.root.append(el("div", { class: "tools", "data-export": "no" }, field, tally, byState), said, scroll);
  let shown = [];

  function sort({ key, down = false }) {
    const { sort: now } = state;
    state.sort = now.key !== key ? { key, down } : now.down === down ? { key, down: !down } : { key: null, down: false };
    view.redraw();
  }
  function choose(id, on) {
    const slots = [...state.chosen], at = slots.indexOf(id), free = slots.indexOf(null);
    if (on && at < 0) slots[free < 0 ? slots.length : free] = id;
    if (!on && at >= 0) slots[at] = null;
    while (slots.length && slots.at(-1) === null) slots.pop();
    state.chosen = slots;
    view.redraw();
    view.set("chosen", slots);
  }
  function open(id) {
    state.open = id;
    view.redraw();
    view.set("open", id);
  }
  function move(id, way) {
    const next = shown[shown.findIndex(row => row.id === id) + way];
    if (next) made.get(next.id).name.focus();
  }

  function receive() {
    const { header } = view, known = new Set(header.rows.map(({ id }) => id));
    if (header.told !== state.told) Object.assign(state, { chosen: header.chosen, told: header.told });
    state.chosen = state.chosen.map(id => (known.has(id) ? id : null));
    if (state.from !== header) state.open = header.open;
    state.from = header;
    for (const [id, { node }] of made) if (!known.has(id)) { node.remove(); made.delete(id); }
  }

  return {
    draw() {
      receive();
      const { header, arrays } = view, curves = new Map(header.rows.map((row, i) => [row.id, sparkOf(arrays, i)]));
      categories(view);
      const ids = state.chosen.filter(Boolean), many = ids.length > header.slots, byId = new Map(header.rows.map(row => [row.id, row]));
      const reference = byId.get(ids[0]) ?? header.rows[0];
      shown = sorted(filtered(header.rows, state.filter), state.sort);
      shown.forEach(row => {
        if (!made.has(row.id)) made.set(row.id, ledgerRow(row.id, { open, choose, move }));
        const slot = state.chosen.indexOf(row.id), isOpen = row.id === state.open;
        const colour = slot >= 0 && !many && slot < 10 ? `var(--run-${slot})` : isOpen ? "var(--ink)" : "var(--axis)";
        made.get(row.id).update(row, { curve: curves.get(row.id), colour, chosen: slot >= 0, open: isOpen, reference: row === reference && header.rows.length > 1,
          differs: header.rows.length > 1 ? apart(row, reference, header.names) : [], full: ids.length >= 24 });
      });
      const nodes = shown.map(({ id }) => made.get(id).node);
      if (nodes.length !== body.children.length || nodes.some((node, i) => body.children[i] !== node)) keepFocus(view, () => body.replaceChildren(...nodes));
      for (const { column, node } of heads) {
        const on = state.sort.key === column.key;
        if (column.of) node.setAttribute("aria-sort", on ? (state.sort.down ? "descending" : "ascending") : "none");
        const way = node.querySelector(".way");
        if (way) way.textContent = on ? (state.sort.down ? " ↓" : " ↑") : "";
      }
      byState.setAttribute("aria-pressed", state.sort.key === "state");
      tally.textContent = shown.length === header.rows.length ? `${count(shown.length)} run${shown.length === 1 ? "" : "s"}` : `${count(shown.length)} of ${count(header.rows.length)} runs`;
      byState.hidden = header.rows.length < 2;
      said.textContent = ledgerSentence(header.rows);
      scroll.classList.toggle("long", shown.length > 8);
    },
    name: () => "runs",
    csv: () => ledgerRows(shown, view.header.names),
  };
});

/** Move nodes about without losing which one has the focus. */
function keepFocus(view, change) {
  const held = view.root.getRootNode().activeElement;
  change();
  if (held?.isConnected && held !== view.root.getRootNode().activeElement) held.focus({ preventScroll: true });
}

/** The ten colours of runs as --run-0 to --run-9: the theme gives them as one list. */
function categories({ host, root }) {
  css(host, "--st-chart-categorical-colors").split(",").forEach((colour, i) => root.style.setProperty(`--run-${i}`, colour.trim()));
}

function ledgerSentence(rows) {
  const some = rows.filter(({ best }) => best !== null), states = STATE_ORDER.map(state => [state, rows.filter(row => row.state === state).length]).filter(([, n]) => n);
  const best = some.length ? some.reduce((a, b) => (b.best < a.best ? b : a)) : null;
  return `${count(rows.length)} runs: ${states.map(([state, n]) => `${n} ${state}`).join(", ")}.${best ? ` Lowest validation loss: ${best.name}, ${loss(best.best)} nats per token at step ${count(best.best_step)}.` : ""}`;
}

/** Rows of the ledger as it is sorted and filtered. */
function ledgerRows(rows, names) {
  return [["run", "name", "note", "state", "where_it_stands", "validation_loss", "at_step", "bits_per_byte", "step", "steps", "seconds", "bytes", "parameters", ...names],
    ...rows.map(row => [row.id, row.name, row.note, row.state, row.sentence, row.best, row.best_step, row.bits_per_byte, row.step, row.steps, row.seconds, row.size, row.parameters,
      ...names.map(name => row.recipe?.[name] ?? "")])];
}
