// The ledger of runs: a table that sorts and filters here; which runs are chosen and which is open is told to Python.

const MOST = 24;  // runs over each other

export default picture(view => {
  const state = { sort: { key: null, down: false }, filter: "", chosen: [], open: null, told: null };
  const made = new Map(), body = el("tbody", { role: "rowgroup" }), said = el("p", { class: "sr" }), tally = el("span", { class: "sub" });
  const field = el("input", {
    class: "filter", type: "search", placeholder: "Filter by name, state or recipe", "aria-label": "Filter runs", autocomplete: "off",
    on: { input: () => { state.filter = field.value; view.redraw(); } },
  });
  const heads = COLUMNS.filter(({ hidden }) => !hidden).map(column => {
    const text = [column.name, column.note && el("span", { class: "faint", text: column.note })].filter(Boolean);
    const way = el("i", { class: "way", "aria-hidden": "true" });
    const click = { type: "button", on: { click: () => sort(column) } };
    const inside = column.of ? el("button", click, text[0], way, text[1]) : el("span", {}, text);
    return { column, node: el("th", { role: "columnheader", scope: "col", class: `${column.key} ${column.end ? "end" : ""}` }, inside) };
  });
  const first = el("th", { role: "columnheader", class: "check" }, el("span", { class: "sr", text: "Curve" }));
  const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, first, heads.map(({ node }) => node)));
  const table = el("table", { role: "table", "aria-label": "Runs" }, head, body);
  const byState = el("button", { type: "button", class: "link", text: "Sort by state", on: { click: () => sort(COLUMNS[1]) } });
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
    state.open = state.seen = id;
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

  function update() {
    const { header, arrays } = view, { rows } = header, curves = sparksOf(rows, arrays);
    const ids = state.chosen.filter(Boolean), many = ids.length > header.slots;
    const reference = rows.find(({ id }) => id === ids[0]) ?? rows[0];
    shown.forEach(row => {
      if (!made.has(row.id)) made.set(row.id, ledgerRow(row.id, { open, choose, move }));
      const slot = state.chosen.indexOf(row.id), isOpen = row.id === state.open;
      const colour = slot >= 0 && !many && slot < 10 ? `var(--run-${slot})` : isOpen ? "var(--ink)" : "var(--axis)";
      made.get(row.id).update(row, {
        curve: curves.get(row.id), colour, chosen: slot >= 0, open: isOpen, full: ids.length >= MOST,
        reference: row === reference && rows.length > 1, differs: rows.length > 1 ? apart(row, reference, header.names) : [],
      });
    });
  }

  /** Once for each run that the address asks for: scroll the ledger, not the page, to where its row can be seen. */
  function reveal() {
    const row = made.get(state.open)?.node;
    if (!view.header.asked || state.open === state.seen || !row?.isConnected || !scroll.clientHeight) return;
    state.seen = state.open;
    const top = row.offsetTop - head.offsetHeight, over = row.offsetTop + row.offsetHeight - scroll.clientHeight;
    scroll.scrollTop = Math.min(top, Math.max(scroll.scrollTop, over));
  }

  /** All rows, also those that are scrolled out of sight. */
  function whole() {
    const at = scroll.scrollTop, long = scroll.classList.contains("long");
    scroll.classList.remove("long");
    try {
      return snapshot({ host: view.host, root: scroll });
    } finally {
      scroll.classList.toggle("long", long);
      scroll.scrollTop = at;
    }
  }

  return {
    draw() {
      receive();
      categories(view);
      const { rows } = view.header;
      shown = sorted(filtered(rows, state.filter), state.sort);
      update();
      const nodes = shown.map(({ id }) => made.get(id).node);
      const moved = nodes.length !== body.children.length || nodes.some((node, i) => body.children[i] !== node);
      if (moved) keepFocus(view, () => body.replaceChildren(...nodes));
      for (const { column, node } of heads) {
        const on = state.sort.key === column.key;
        if (column.of) node.setAttribute("aria-sort", on ? (state.sort.down ? "descending" : "ascending") : "none");
        const way = node.querySelector(".way");
        if (way) way.textContent = on ? (state.sort.down ? " ↓" : " ↑") : "";
      }
      byState.setAttribute("aria-pressed", state.sort.key === "state");
      byState.hidden = rows.length < 2;
      const all = `${count(rows.length)} run${rows.length === 1 ? "" : "s"}`;
      tally.textContent = shown.length < rows.length ? `${count(shown.length)} of ${all}` : all;
      said.textContent = ledgerSentence(rows);
      scroll.classList.toggle("long", shown.length > 8);
      reveal();
    },
    name: () => "runs",
    svg: whole,
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
  const many = state => rows.filter(row => row.state === state).length;
  const states = STATE_ORDER.filter(many).map(state => `${many(state)} ${state}`).join(", ");
  const some = rows.filter(({ best }) => best !== null), said = `${count(rows.length)} run${rows.length === 1 ? "" : "s"}: ${states}.`;
  if (!some.length) return said;
  const best = some.reduce((a, b) => (b.best < a.best ? b : a));
  return `${said} Lowest validation loss: ${best.name}, ${loss(best.best)} nats per token at step ${count(best.best_step)}.`;
}

/** Rows of the ledger as it is sorted and filtered. */
function ledgerRows(rows, names) {
  const fields = {
    run: "id", name: "name", note: "note", state: "state", where_it_stands: "sentence", validation_loss: "best", at_step: "best_step",
    bits_per_byte: "bits_per_byte", step: "step", steps: "steps", seconds: "seconds", bytes: "size", parameters: "parameters",
  };
  const line = row => [...Object.values(fields).map(field => row[field]), ...names.map(name => row.recipe?.[name] ?? "")];
  return [[...Object.keys(fields), ...names], ...rows.map(line)];
}
