// Induction: one tile, what a head looks at on the row. A hover reads a cell.

function headTile(view, state, head, n, { card, pick }) {
  const pixels = el("canvas"), marks = svg("svg", { "aria-hidden": "true" }), best = el("span", { class: "best num" });
  const name = el("span", { class: "name", text: headName(head) }), role = el("span", { class: "role" });
  const box = el("div", { class: "cells" }, pixels, marks, best), figures = el("span", { class: "figures num" });
  const said = el("span", { class: "sr" });
  const node = el("button", { type: "button", class: "tile" }, el("span", { class: "top" }, name, role), box, figures, said);
  const key = head.join(".");
  node.onclick = () => pick(state.silent === key ? "" : key);
  box.onpointermove = event => read(event);
  box.onpointerleave = () => {
    card.hide();
    if (state.point) { state.point = null; view.redraw(); }
  };
  const size = () => view.arrays.pattern.shape[3];
  const first = () => (state.k * facts(view).N + n) * size() ** 2;

  function read(event) {
    const T = size(), rect = box.getBoundingClientRect(), cell = rect.width / T, { tokens } = view.header.row;
    const k = Math.floor((event.clientX - rect.left) / cell), q = Math.floor((event.clientY - rect.top) / cell);
    if (k < 0 || q < 0 || q >= T || k > q) { card.hide(); return; }
    const value = cells(view, state)[first() + q * T + k] / 255, back = q - k ? `${q - k} back` : "itself";
    const [layer, at] = head, { clientX: x, clientY: y } = event;
    card.show({ value: weight(value), place: el("span", {}, tokenSpan(tokens[q], {}, 9), " → ", tokenSpan(tokens[k], {}, 9)),
      what: `weight of query ${q} on key ${k}, ${back}; as drawn, in steps of 1/255`,
      hook: `blocks.${layer}.attn.hook_pattern`, index: `[0,${at},${q},${k}]`,
      shape: `B H Tq Tk = 1 ${view.header.heads[1]} ${T} ${T}` }, { left: x, right: x + 6, top: y - 8, bottom: y + 8 });
    if (state.point?.query !== q) { state.point = { query: q }; view.redraw(); }
  }

  function paint(side) {
    const T = size(), small = el("canvas", { width: T, height: T }), paper = small.getContext("2d"), image = paper.createImageData(T, T);
    const values = cells(view, state), start = first();
    for (let q = 0; q < T; q++) for (let k = 0; k <= q; k++) {
      image.data.set([...view.seqRgb(values[start + q * T + k] / 255), 255], (q * T + k) * 4);
    }
    paper.putImageData(image, 0, 0);
    const [, context] = canvas(side, side, pixels);
    context.clearRect(0, 0, side, side);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, side, side);
  }

  /** Arrows at the lower edge, under the stripes that the head's role makes in the last row. */
  function mark(side, is) {
    const T = size(), cell = side / T, { every, start } = view.header.row, out = [];
    const arrow = (back, colour, words) => {
      const x = (T - 1 - back + 0.5) * cell;
      out.push(svg("path", { d: `M${x} ${side + 2}l-3.5 6h7z`, style: { fill: `var(${colour})` } }));
      if (!words || side <= 110) return;
      out.push(svg("text", { x: Math.min(x, side - 14), y: side + 18, "font-size": 10.5, "text-anchor": "middle", class: "m",
        style: { fill: `var(${colour}-text)` }, text: words }));
    };
    if (is.previous) arrow(1, "--pos", "1 back");
    if (is.induction && every > 1) {
      for (let back = every - 1; T - 1 - back >= start; back += every) arrow(back, "--attn", back === every - 1 ? `${back} back` : "");
    }
    const query = state.point?.query ?? state.query;
    if (query !== null && query < T) {
      const [width, height] = [(query + 1) * cell + 2, cell + 2];
      out.push(svg("rect", { class: "row-frame", x: -1, y: query * cell - 1, width, height }));
    }
    marks.replaceChildren(...out);
    for (const [attribute, value] of [["width", side], ["height", side + 22]]) marks.setAttribute(attribute, value);
  }

  return {
    node,
    update(side, small, f) {
      const is = { induction: f.isInduction(head), previous: f.isPrevious(head) };
      const what = is.induction ? "induction" : is.previous ? "previous" : "";
      const words = what === "previous" ? (small ? "one back" : "previous token") : what;
      const off = Boolean(view.header.sets[f.set(state.silent)]?.heads.some(one => same(one, head)));
      const [one, copy] = [f.previous(state.k, head), f.induction(state.k, head)];
      role.textContent = off ? "silenced" : words;
      role.className = `role ${off ? "" : what}`;
      node.setAttribute("aria-pressed", off);
      said.textContent = `: ${weight(one)} on the token before, ${weight(copy)} after an earlier copy; press to silence it`;
      best.textContent = small && what ? weight(is.induction ? copy : one, true) : "";
      figures.hidden = small;
      figures.replaceChildren(el("span", { class: is.previous && !is.induction ? "on" : "", text: `one back ${weight(one, true)}` }),
        el("span", { class: is.induction ? "on" : "", text: `induction ${weight(copy, true)}` }));
      box.style.width = box.style.height = `${side}px`;
      paint(side);
      mark(side, is);
    },
  };
}
