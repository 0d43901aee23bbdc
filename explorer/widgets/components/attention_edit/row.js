// Edit a row, part 1: the weights of one query as bars to drag and numbers to type.

/** What the model will be given: the twin of written_row in explorer/analysis/edited_row.py. */
function writtenRow(row, edits, total) {
  const keys = Object.keys(edits).map(Number);
  if (!keys.length) return row;
  const typed = keys.reduce((sum, key) => sum + edits[key], 0), rest = row.map((w, j) => (j in edits ? 0 : w));
  const others = rest.reduce((a, b) => a + b, 0);
  if (total === "free") return rest.map((w, j) => edits[j] ?? w);
  if (typed >= 1 || others <= 0) return rest.map((_, j) => (j in edits && typed > 0 ? edits[j] / typed : 0));
  return rest.map((w, j) => edits[j] ?? w * ((1 - typed) / others));
}

/** `change(key, weight, done)`: while a bar is dragged, and once it is let go of. */
function rowEditor(view, change) {
  const node = el("div", { class: "keys", role: "group", "aria-label": "Weights of the row" });
  let shown = "", lines = [];

  function line(j) {
    const token = view.header.tokens[j], name = `Weight on key ${j} ${tokenText(token, 16)}`;
    const bar = el("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": name,
      on: { input: () => change(j, Number(bar.value), false), change: () => change(j, Number(bar.value), true) } });
    const box = el("input", { class: "num", type: "number", min: 0, max: 1, step: 0.01, inputmode: "decimal",
      "aria-label": `${name}, as a number`,
      on: { change: () => typed(), keydown: event => { if (event.key === "Enter") typed(); } } });
    const typed = () => {
      const value = Number(box.value);
      if (box.value === "" || !(value >= 0 && value <= 1)) return change(j, null, true, box.value);
      if (box.value !== box.dataset.said) change(j, Math.round(value * 1e4) / 1e4, true);
    };
    const model = el("span", { class: "sub num was" }), mark = el("i", { class: "mark" });
    const node = el("div", { class: "key" }, el("span", { class: "who" }, el("small", { class: "num", text: `${j}` }),
      tokenSpan(token, { class: "token" }, 12)), el("span", { class: "drag" }, bar, mark), box, model);
    return { node, bar, box, model, mark };
  }

  return {
    node,
    update(row, written, edits) {
      const now = JSON.stringify([view.header.tokens.slice(0, row.length), view.header.of]);
      if (now !== shown) {
        shown = now;
        lines = row.map((_, j) => line(j));
        node.replaceChildren(...lines.map(one => one.node));
      }
      lines.forEach(({ node: entry, bar, box, model, mark }, j) => {
        entry.classList.toggle("edited", j in edits);
        if (document.activeElement !== bar) bar.value = String(edits[j] ?? written[j]);
        bar.style.setProperty("--at", `${100 * Math.min(1, written[j])}%`);
        mark.style.left = `calc(7px + (100% - 14px) * ${row[j]})`;
        box.dataset.said = box.value = written[j].toFixed(j in edits && written[j] === edits[j] ? 2 : 3);
        model.textContent = Math.abs(row[j] - written[j]) > 5e-4 ? `was ${row[j].toFixed(3)}` : "";
      });
    },
  };
}
