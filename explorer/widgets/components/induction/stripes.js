// Induction, part 3: what every head looks at on one row, a tile a head. A click silences the head, a hover reads a cell.

function stripes(view, state, { card, pick }) {
  const title = el("h2"), about = el("span", { class: "sub end" }), tiles = el("div", { class: "wall", role: "group", "aria-label": "One tile a head; press to silence it" });
  const guide = el("p", { class: "note guide" });
  const node = el("section", { class: "stripes" }, el("div", { class: "row" }, title, about), el("div", { class: "tiles" }, tiles, guide));
  let made = [];

  function build(f) {
    made = f.heads.map((head, n) => {
      const pixels = el("canvas"), marks = svg("svg", { "aria-hidden": "true" }), name = el("span", { class: "name" }), role = el("span", { class: "role" });
      const best = el("span", { class: "best num" }), box = el("div", { class: "cells" }, pixels, marks, best), figures = el("span", { class: "figures num" });
      const tile = el("button", { type: "button", class: "tile" }, el("span", { class: "top" }, name, role), box, figures);
      tile.onclick = () => pick(state.silent === `${head[0]}.${head[1]}` ? "" : `${head[0]}.${head[1]}`);
      box.onpointermove = event => read(event, box, head, n);
      box.onpointerleave = () => { card.hide(); if (state.point) { state.point = null; view.redraw(); } };
      return { head, n, tile, pixels, marks, name, role, best, figures, box };
    });
    tiles.replaceChildren(...made.map(one => one.tile));
  }

  function read(event, box, [layer, head], n) {
    const T = view.arrays.pattern.shape[3], rect = box.getBoundingClientRect(), side = rect.width / T;
    const key = Math.floor((event.clientX - rect.left) / side), query = Math.floor((event.clientY - rect.top) / side);
    if (key < 0 || query < 0 || query >= T || key > query) { card.hide(); return; }
    const { tokens } = view.header.row, back = query - key, value = cells(view, state)[((state.k * facts(view).N + n) * T + query) * T + key] / 255;
    card.show({ value: weight(value), place: el("span", {}, tokenSpan(tokens[query], {}, 9), " → ", tokenSpan(tokens[key], {}, 9)),
      what: `weight of query ${query} on key ${key}, ${back ? `${back} back` : "itself"}; as drawn, in steps of 1/255`,
      hook: `blocks.${layer}.attn.hook_pattern`, index: `[0,${head},${query},${key}]`, shape: `B H Tq Tk = 1 ${view.header.heads[1]} ${T} ${T}` },
    { left: event.clientX, right: event.clientX + 6, top: event.clientY - 8, bottom: event.clientY + 8 });
    if (state.point?.query !== query) { state.point = { query }; view.redraw(); }
  }

  function paint(one, side, f) {
    const T = view.arrays.pattern.shape[3], small = el("canvas", { width: T, height: T }), paper = small.getContext("2d"), image = paper.createImageData(T, T);
    const values = cells(view, state), start = (state.k * f.N + one.n) * T * T;
    for (let q = 0; q < T; q++) for (let k = 0; k <= q; k++) {
      const [r, g, b] = view.seqRgb(values[start + q * T + k] / 255), at = (q * T + k) * 4;
      image.data[at] = r; image.data[at + 1] = g; image.data[at + 2] = b; image.data[at + 3] = 255;
    }
    paper.putImageData(image, 0, 0);
    const [, context] = canvas(side, side, one.pixels);
    context.clearRect(0, 0, side, side);
    context.imageSmoothingEnabled = false;
    context.drawImage(small, 0, 0, side, side);
  }

  /** Arrows at the lower edge, under the stripes that the head's role makes in the last row. */
  function mark(one, side, f) {
    const T = view.arrays.pattern.shape[3], cell = side / T, { every, start } = view.header.row, out = [];
    const arrow = (back, colour, words) => {
      const x = (T - 1 - back + 0.5) * cell;
      out.push(svg("path", { d: `M${x} ${side + 2}l-3.5 6h7z`, style: { fill: `var(${colour})` } }));
      if (words && side > 110) out.push(svg("text", { x: Math.min(x, side - 14), y: side + 18, "font-size": 10.5, "text-anchor": "middle", class: "m", style: { fill: `var(${colour}-text)` }, text: words }));
    };
    if (f.isPrevious(one.head)) arrow(1, "--pos", "1 back");
    if (f.isInduction(one.head) && every > 1) for (let back = every - 1; T - 1 - back >= start; back += every) arrow(back, "--attn", back === every - 1 ? `${back} back` : "");
    const query = state.point?.query ?? state.query;
    if (query !== null && query < T) out.push(svg("rect", { class: "row-frame", x: -1, y: query * cell - 1, width: (query + 1) * cell + 2, height: cell + 2 }));
    one.marks.replaceChildren(...out);
    for (const [name, value] of [["width", side], ["height", side + 22]]) one.marks.setAttribute(name, value);
  }

  return {
    node,
    update(width) {
      const f = facts(view), { row, steps } = view.header, shown = silentShown(view, state);
      if (made.length !== f.N) build(f);
      const narrow = width < 560, small = f.N > 4 && !narrow, columns = narrow ? 2 : Math.min(f.N, small ? 4 : f.N), gap = narrow ? 16 : small ? 18 : 20;
      const side = small ? 100 : Math.floor(Math.min(200, (width - gap * (columns - 1)) / columns));
      node.classList.toggle("small", small);
      tiles.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
      tiles.style.gap = `${small ? 4 : 14}px ${gap}px`;
      title.textContent = `Where each head looks, step ${count(steps[state.k])}`;
      about.textContent = state.silent ? (shown ? `with ${f.setName(state.silent)} silent` : "the whole model; the silenced pass is on its way") : "a row: a token that reads; a column: what it reads";
      for (const one of made) {
        const { head } = one, is = f.isInduction(head) ? "induction" : f.isPrevious(head) ? "previous" : "", off = view.header.sets[f.set(state.silent)]?.heads.some(h => same(h, head));
        one.name.textContent = headName(head);
        one.role.textContent = off ? "silenced" : is === "previous" ? (small ? "one back" : "previous token") : is;
        one.role.className = `role ${off ? "" : is}`;
        one.tile.setAttribute("aria-pressed", Boolean(off));
        const [b, c] = [f.previous(state.k, head), f.induction(state.k, head)];
        one.tile.setAttribute("aria-label", `Block ${head[0]}, head ${head[1]}${is ? `, ${is}` : ""}: ${weight(b)} on the token before, ${weight(c)} after an earlier copy; press to silence it`);
        one.best.textContent = small && is ? weight(is === "induction" ? c : b, true) : "";
        one.figures.hidden = small;
        one.figures.replaceChildren(el("span", { class: is === "previous" ? "on" : "", text: `one back ${weight(b, true)}` }), el("span", { class: is === "induction" ? "on" : "", text: `induction ${weight(c, true)}` }));
        one.box.style.width = one.box.style.height = `${side}px`;
        paint(one, side, f);
        mark(one, side, f);
      }
      const list = row.every > 1 ? `This row ends with ${row.every} characters said over and over. A head that reads one token back draws the line beside the diagonal. `
        + `An induction head, standing on a character, reads what followed it the last time, ${row.every - 1} tokens back: the stripes farther down. `
        : "A head that reads one token back draws the line beside the diagonal; an induction head marks what followed each earlier copy. ";
      guide.textContent = list + `${small ? "A number is a mean" : "The two numbers are means"} over the held-out rows. Press a head to silence it.`;
    },
  };
}

/** Whether the passes with the chosen heads silent are here. */
function silentShown(view, state) {
  const { silent } = view.header;
  return Boolean(state.silent && silent && silent.key === state.silent && silent.way === WAYS[state.way] && view.arrays.pattern_silent);
}
const cells = (view, state) => (silentShown(view, state) ? view.arrays.pattern_silent : view.arrays.pattern);
const ofRow = (view, state, name) => view.arrays[silentShown(view, state) ? `${name}_silent` : name];
const WAYS = ["zero", "mean"];
