// The ledger, part 3: one run as a row.

const DIFFERENCES = 4;

/** A row's node; update(row, look) changes what has changed. act: {open(id), choose(id, on), move(id, way)}. */
function ledgerRow(id, act) {
  const check = el("input", { type: "checkbox", on: { change: () => act.choose(id, check.checked) } });
  const name = el("button", { type: "button", class: "title", on: { click: () => act.open(id), keydown: keys } });
  const node = el("tr", { role: "row", "data-run": id });
  let shown = "";
  function keys(event) {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act.move(id, way);
  }
  node.onclick = event => { if (!event.target.closest("input, button, label")) act.open(id); };
  return {
    node, name,
    update(row, look) {
      const { curve, colour, chosen, open, differs, reference, full } = look;
      const now = JSON.stringify([row, look.colour, chosen, open, differs, reference, curve.values.length, curve.values.at(-1), full]);
      if (now === shown) return;
      shown = now;
      node.classList.toggle("open", open);
      name.setAttribute("aria-current", open);
      check.checked = chosen;
      check.disabled = !curve.values.length || (full && !chosen);
      check.style.setProperty("accent-color", colour);
      check.setAttribute("aria-label", `Curve of ${row.name}`);
      name.textContent = row.name;
      const says = curve.values.length ? `${row.spark_of} loss from ${loss(curve.values[0])} to ${loss(curve.values.at(-1))}` : "no loss yet";
      const cell = (key, ...children) => el("td", { role: "cell", class: key }, children.flat());
      node.replaceChildren(
        cell("check", check),
        cell("run", name, el("div", { class: `sub state ${row.state}` }, row.sentence, ...[row.shipped && "shipped", row.parent].filter(Boolean).map(text => ` · ${text}`)),
          row.note && el("div", { class: "sub note", text: row.note })),
        cell("spark", spark(curve, chosen ? colour : "var(--axis)", says)),
        cell("differs", differsNodes(differs, reference)),
        cell("best num", row.best === null ? "" : loss(row.best), row.bits_per_byte === null ? null : el("div", { class: "sub num", text: `${row.bits_per_byte.toFixed(3)} bits/byte` })),
        cell("step num", count(row.step), row.steps > row.step && el("div", { class: "sub num", text: `of ${count(row.steps)}` })),
        cell("seconds num", row.seconds ? duration(row.seconds) : ""),
        cell("size num", bytesText(row.size)));
    },
  };
}

function differsNodes(differs, reference) {
  if (reference) return [el("span", { class: "sub", text: "the others are compared with this one" })];
  if (differs === null) return [el("span", { class: "sub", text: "the recipe cannot be read" })];
  if (!differs.length) return [el("span", { class: "sub", text: "the same recipe" })];
  const shown = differs.slice(0, DIFFERENCES), more = differs.slice(DIFFERENCES);
  const nodes = shown.map(([name, here, there]) => el("span", { class: "choice", title: `${name}: ${here}, not ${there}` }, `${name} `, el("b", { class: "num", text: here })));
  if (more.length) nodes.push(el("span", { class: "sub", title: more.map(([name, here, there]) => `${name}: ${here}, not ${there}`).join("\n"), text: `and ${more.length} more` }));
  return nodes;
}
