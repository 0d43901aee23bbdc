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
      const { curve, colour, chosen, open, full } = look, { values } = curve;
      const now = JSON.stringify([row, { ...look, curve: [values.length, values.at(-1)] }]);
      if (now === shown) return;
      shown = now;
      node.classList.toggle("open", open);
      name.setAttribute("aria-current", open);
      name.textContent = row.name;
      check.checked = chosen;
      check.disabled = !chosen && (full || !values.length);
      check.style.setProperty("accent-color", colour);
      check.setAttribute("aria-label", `Curve of ${row.name}`);
      const tick = cell("check", check);
      tick.dataset.export = "no";
      node.replaceChildren(tick, ...cells(row, look, name));
    },
  };
}

function cell(key, ...children) {
  return el("td", { role: "cell", class: key }, children.flat());
}

function cells(row, { curve, colour, chosen, differs, reference }, name) {
  const { values } = curve, sub = text => el("div", { class: "sub num", text });
  const says = values.length ? `${row.spark_of} loss from ${loss(values[0])} to ${loss(values.at(-1))}` : "no loss yet";
  const bits = row.bits_per_byte, left = row.steps > row.step;
  const stands = [row.sentence, row.shipped && "shipped", row.parent].filter(Boolean).join(" · ");
  return [
    cell("run", name, el("div", { class: `sub state ${row.state}`, text: stands }),
      row.note && el("div", { class: "sub note", text: row.note })),
    cell("spark", spark(curve, chosen ? colour : "var(--axis)", says)),
    cell("differs", differsNodes(differs, reference)),
    cell("best num", row.best === null ? "" : loss(row.best), bits !== null && sub(`${bits.toFixed(3)} bits/byte`)),
    cell("step num", row.steps ? count(row.step) : "", left && sub(`of ${count(row.steps)}`)),
    cell("seconds num", row.seconds ? duration(row.seconds) : ""),
    cell("size num", bytesText(row.size)),
  ];
}

function differsNodes(differs, reference) {
  if (reference) return [el("span", { class: "sub", text: "the others are compared with this one" })];
  if (differs === null) return [el("span", { class: "sub", text: "the recipe cannot be read" })];
  if (!differs.length) return [el("span", { class: "sub", text: "the same recipe" })];
  const said = ([name, here, there]) => `${name}: ${here}, not ${there}`;
  const choice = one => el("span", { class: "choice", title: said(one) }, `${one[0]} `, el("b", { class: "num", text: one[1] }));
  const shown = differs.slice(0, DIFFERENCES).map(choice), more = differs.slice(DIFFERENCES);
  if (more.length) shown.push(el("span", { class: "sub", title: more.map(said).join("\n"), text: `and ${more.length} more` }));
  return shown;
}
