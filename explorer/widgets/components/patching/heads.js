// Patching, part 4: every head at all tokens, a row for each block.

function headGrid(view, state, { point, pick }) {
  const drawing = svg("svg", { tabindex: 0, role: "group" }), title = el("h2", { text: "Heads, at every token" });
  const node = el("section", { class: "headgrid" }, title, drawing), TOP = 18, LEFT = 58;
  let facts = null, c = 0, high = 26, hover = null;

  const cellAt = event => {
    const box = drawing.getBoundingClientRect(), head = Math.floor((event.clientX - box.left - LEFT) / c);
    const layer = Math.floor((event.clientY - box.top - TOP) / high);
    return head >= 0 && head < facts.H && layer >= 0 && layer < facts.L ? { kind: "head", layer, head, at: null } : null;
  };
  drawing.onpointermove = event => point(cellAt(event));
  drawing.onpointerleave = () => point(null);
  drawing.onclick = event => { const cell = cellAt(event); if (cell) pick(cell); };

  function cells() {
    const out = [];
    for (let h = 0; h < facts.H; h++) if (c >= 20 || h % 2 === 0)
      out.push(lettering(c > 48 ? `head ${h}` : `${h}`, LEFT + h * c + 1, 11, 10.5, { class: "m", style: { fill: "var(--ink-3)" } }));
    for (let l = 0; l < facts.L; l++) {
      out.push(lettering(`block ${l}`, 0, TOP + l * high + 17, 10.5, { class: "m", style: { fill: "var(--ink-3)" } }));
      for (let h = 0; h < facts.H; h++) {
        const k = facts.at({ kind: "head", layer: l, head: h }), v = facts.swept ? facts.shade(k) : 0, x = LEFT + h * c, y = TOP + l * high;
        out.push(svg("rect", { x: x + 0.5, y: y + 0.5, width: c - 1, height: high - 1, rx: 1,
          style: { fill: facts.swept ? view.div(v, 1) : "var(--well)" } }));
        if (facts.swept && c >= 27) out.push(lettering(facts.text(k), x + c - 5, y + 17, 10.5, { class: "m", "text-anchor": "end",
          style: { fill: onSigned(v) } }));
      }
    }
    for (const cell of [hover, state.cell]) if (cell?.kind === "head")
      out.push(svg("rect", { class: "frame", x: LEFT + cell.head * c + 0.5, y: TOP + cell.layer * high + 0.5, width: c - 1,
        height: high - 1, rx: 1 }));
    drawing.replaceChildren(...out);
  }
  return {
    node, drawing,
    mark(cell) { hover = cell; if (facts) cells(); },
    update(width, made) {
      facts = made;
      c = Math.max(8, Math.min(56, (width - LEFT) / facts.H));
      fill(drawing, { width: LEFT + c * facts.H, height: TOP + facts.L * high }, []);
      drawing.setAttribute("aria-label", `${facts.L} blocks by ${facts.H} heads. Arrow keys move the head, Enter puts it in by hand.`);
      cells();
    },
    anchor({ layer, head }) {
      const box = drawing.getBoundingClientRect(), x = box.left + LEFT + head * c, y = box.top + TOP + layer * high;
      return { left: x, right: x + Math.min(c, 40), top: y, bottom: y + high };
    },
  };
}
