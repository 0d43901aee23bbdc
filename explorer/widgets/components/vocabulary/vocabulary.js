// Vocabulary: every token of a tokenizer in a table that searches and sorts here. Only the rows in sight are drawn.

const ROW = 28, SHOWN = 14;  // px, rows

export default picture(view => {
  const state = { search: "", only: "all", sort: "", down: true };
  let all, texts, ids = [], header;
  const field = el("input", { class: "filter", type: "search", placeholder: "Text, an id, or bytes: c3 a9", autocomplete: "off",
    "aria-label": "Search the vocabulary", on: { input: () => { state.search = field.value; again(); } } });
  const filter = key => el("button", { type: "button", on: { click: () => { state.only = key; again(); } } });
  const filters = ["all", "never", "flagged"].map(filter), tally = el("span", { class: "sub num", role: "status" });
  const segment = el("div", { class: "seg", role: "group", "aria-label": "Which tokens" }, filters);
  const columns = { id: "Id", token: "Token", bytes: "Bytes", made: "Made of", count: "Count", distance: "Distance" };
  const heads = Object.entries(columns).map(([key, name]) => {
    const way = el("i", { "aria-hidden": "true" });
    const inside = ORDERS[key] ? el("button", { type: "button", on: { click: () => sort(key) } }, name, way) : name;
    return { key, way, node: el("span", { class: key === "token" ? "" : key, role: "columnheader" }, inside) };
  });
  const head = el("div", { class: "line head", role: "row" }, heads.map(({ node }) => node));
  const space = el("div", { class: "space" });
  const body = el("div", { class: "body", role: "rowgroup", tabindex: 0, "aria-label": "Tokens" }, space);
  const table = el("div", { class: "grid", role: "table", "aria-label": "Vocabulary" }, head, body), note = el("p", { class: "sub" });
  view.root.append(el("div", { class: "tools" }, field, segment, tally), table, note);
  body.addEventListener("scroll", () => view.redraw(), { passive: true });

  function sort(key) {
    if (state.sort === key) state.down = !state.down;
    else Object.assign(state, { sort: key, down: key === "count" || key === "bytes" });
    again();
  }
  function again() {
    ids = chosenIds(all, texts, state);
    body.scrollTop = 0;
    view.redraw();
  }
  function only(key, name, test) {
    const n = key === "all" ? all.n : Array.from({ length: all.n }, (_, id) => id).filter(test).length;
    return `${name} ${count(n)}`;
  }

  function receive() {
    ({ header } = view);
    all = vocabularyOf(view);
    texts = searchable(all);
    if (!state.sort) Object.assign(state, { sort: all.counts ? "count" : "bytes", down: true });
    const gone = { never: !all.counts, count: !all.counts, flagged: !all.distance, distance: !all.distance };
    if (gone[state.only] || gone[state.sort]) Object.assign(state, { only: "all", sort: "id", down: false });
    filters[0].textContent = only("all", "All");
    filters[1].textContent = all.counts ? only("never", "Never seen", all.never) : "";
    filters[2].textContent = all.distance ? only("flagged", "Undertrained", all.flagged) : "";
    filters[1].hidden = !all.counts;
    filters[2].hidden = !all.distance;
    table.classList.toggle("uncounted", !all.counts);
    table.classList.toggle("unmeasured", !all.distance);
    note.textContent = header.note;
    ids = chosenIds(all, texts, state);
  }

  function line(id) {
    const parents = all.parents(id), special = all.special(id);
    const alone = special ? "special" : header.bytes ? "a byte" : "a character";
    const made = parents ? [chip(all.token(parents[0])), "+", chip(all.token(parents[1]))] : alone;
    const words = [all.never(id) && "never seen", all.flagged(id) && "undertrained"].filter(Boolean).join(", ");
    return el("div", { class: `line ${words ? "odd" : ""}`, role: "row" },
      el("span", { class: "id num", role: "cell", text: count(id) }),
      el("span", { class: "token-cell", role: "cell" }, chip(all.token(id))),
      el("span", { class: "bytes num", role: "cell", text: all.hex(id), title: all.hex(id) }),
      el("span", { class: "made", role: "cell" }, made),
      el("span", { class: "count num", role: "cell", text: all.counts ? (special ? "" : count(all.counts[id])) : "" }),
      el("span", { class: "distance num", role: "cell", text: all.distance ? all.distance[id].toFixed(3) : "" }),
      el("span", { class: "odd-word", role: "cell", text: words }));
  }

  return {
    draw() {
      if (header !== view.header) receive();
      filters.forEach((button, i) => button.setAttribute("aria-pressed", state.only === ["all", "never", "flagged"][i]));
      for (const { key, node, way } of heads) {
        const on = state.sort === key;
        if (ORDERS[key]) node.setAttribute("aria-sort", on ? (state.down ? "descending" : "ascending") : "none");
        way.textContent = on ? (state.down ? " ↓" : " ↑") : "";
      }
      tally.textContent = ids.length ? `${count(ids.length)} of ${count(all.n)}` : "No token fits.";
      body.style.height = `${ROW * Math.min(SHOWN, Math.max(1, ids.length))}px`;
      const first = Math.max(0, Math.floor(body.scrollTop / ROW) - 2), some = ids.slice(first, first + SHOWN + 5);
      space.style.height = `${ROW * ids.length}px`;
      space.style.paddingTop = `${ROW * first}px`;
      space.replaceChildren(...some.map(line));
    },
    name: () => "vocabulary",
    csv: () => [["id", "token", "bytes", "left", "right", "count", "distance"], ...ids.map(id => [id, tokenText(all.token(id)), all.hex(id),
      ...(all.parents(id) ?? ["", ""]), all.counts ? all.counts[id] : "", all.distance ? all.distance[id] : ""])],
  };
});
