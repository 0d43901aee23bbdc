// Attention, part 2: the wall, a tile per head. Pixels on one canvas; signs, words and the frame in SVG over it.

/** state: {sort, basis, log, hideFirst}; `pick(layer, head)` on click; `change()` after a menu was used. */
function headWall(view, state, { pick, change, card }) {
  const title = el("h2"), scale = el("span", { class: "sub end" });
  const sorted = menu("sorted by", SORTS, "place", value => { state.sort = value; change(); });
  const texts = [["standing", "random tokens said twice"], ["here", "this prompt"]];
  const measured = menu("", texts, "standing", value => { state.asked = value; change(); }, "Measured on");
  const pixels = el("canvas"), marks = svg("svg", { "aria-hidden": "true" });
  const options = el("div", { class: "options", role: "listbox", tabindex: 0, "aria-label": "All heads" });
  const basis = el("p", { class: "sub basis" });
  const node = el("section", { class: "wall" }, el("div", { class: "row" }, title, sorted.node, scale),
    el("div", { class: "tiles" }, pixels, marks, options), basis);
  let places = [], painted = "", boxes = [];

  options.onclick = event => {
    const index = boxes.indexOf(event.target);
    if (index >= 0) pick(places[index].layer, places[index].head);
  };
  options.onpointermove = event => {
    const index = boxes.indexOf(event.target);
    if (index >= 0) card.show(about(places[index]), event.target);
  };
  options.onpointerleave = () => card.hide();
  options.onfocus = () => {
    const at = places.findIndex(chosen);
    if (at >= 0 && options.matches(":focus-visible")) card.show(about(places[at]), boxes[at]);
  };
  options.onblur = () => card.hide();
  const chosen = place => place.layer === view.focus.layer && place.head === view.focus.head;

  function about({ layer, head }) {
    const facts = headFacts(view), role = facts.role(state.basis, layer, head), score = name => facts.score(state.basis, name, layer, head);
    const name = role === "mixed" ? facts.largest(state.basis, layer, head) : role, show = x => orDash(x, v => weight(v));
    const others = Object.keys(ROLES).slice(0, 5).filter(other => other !== name)
      .map(other => `${ROLES[other].word} ${show(score(other))}`);
    const mixed = `mixed: no role is clear; the largest, ${ROLES[name].word}, counts from ${weight(view.header.clear[name])} up`;
    const what = role === "mixed" ? mixed : `${ROLES[role].word}: ${ROLES[role].means}`;
    return { value: show(score(name)), place: `block ${layer} · head ${head}`, what,
      hook: others.join(" · "), shape: state.basis === "standing" ? "on random tokens said twice" : "on this prompt" };
  }

  function order(facts) {
    const all = Array.from({ length: facts.L * facts.H }, (_, n) => ({ layer: Math.floor(n / facts.H), head: n % facts.H }));
    if (state.sort === "place") return all;
    const value = ({ layer, head }) => (state.sort === "entropy" ? -facts.entropy(layer, head)
      : facts.score(state.basis, state.sort, layer, head));
    const last = x => (Number.isFinite(x) ? x : -Infinity);
    return all.sort((a, b) => last(value(b)) - last(value(a)) || facts.at(a.layer, a.head) - facts.at(b.layer, b.head));
  }

  function geometry(facts, width) {
    const bare = view.phone || state.sort !== "place";
    const left = bare ? 0 : 26, columns = facts.H, gap = columns > 8 ? 6 : view.phone ? 14 : 12;
    const side = Math.min(120, Math.floor((width - left - gap * (columns - 1)) / columns)), worded = side >= 58;
    const pitch = side + (worded ? 30 : side >= 20 ? 25 : 10), top = bare ? 8 : 22, pad = worded ? 5.5 : 3.5;
    const rows = Math.ceil((facts.L * facts.H) / columns);
    return { bare, left, columns, gap, side, worded, pitch, top, pad, height: top + rows * pitch,
      place: n => ({ x: left + (n % columns) * (side + gap), y: top + Math.floor(n / columns) * pitch }) };
  }

  function paintTiles(g, width) {
    const { arrays } = view, [, H, N] = arrays.cells.shape, small = el("canvas", { width: N, height: N });
    const paper = small.getContext("2d"), image = paper.createImageData(N, N), { data } = image;
    const [, context] = canvas(width, g.height, pixels);
    context.clearRect(0, 0, width, g.height);
    context.imageSmoothingEnabled = N > g.side * (window.devicePixelRatio || 1);
    places.forEach(({ layer, head }, n) => {
      const start = (layer * H + head) * N, value = (row, column) => (state.hideFirst && column === 0
        ? arrays.without_first[start + row] : arrays.cells[(start + row) * N + column]) / 65535;
      const top = state.hideFirst && !state.log ? ownTop(N, value) : 1;
      data.fill(0);
      for (let row = 0; row < N; row++) for (let column = 0; column <= row; column++) {
        if (state.hideFirst && column === 0 && view.header.tokens_per_cell === 1) continue;
        const [r, green, b] = view.seqRgb(onScale(value(row, column), state.log, top)), at = (row * N + column) * 4;
        data[at] = r;
        data[at + 1] = green;
        data[at + 2] = b;
        data[at + 3] = 255;
      }
      paper.putImageData(image, 0, 0);
      const { x, y } = g.place(n);
      const drawn = Math.min(g.side, N * 27);  // a short text is a small triangle, no larger than the cells of the large head
      context.drawImage(small, x, y, drawn, drawn);
    });
  }

  function words(g, facts) {
    const sorted = state.sort !== "place", ink = on => (on ? "var(--ink)" : "var(--ink-3)"), mono = { class: "m" };
    marks.replaceChildren(...places.flatMap((place, n) => {
      const { x, y } = g.place(n), { layer, head } = place, on = chosen(place), role = facts.role(state.basis, layer, head);
      const base = y + g.side + 16;
      const frame = { x: x - g.pad, y: y - g.pad, width: g.side + 2 * g.pad, height: g.pitch - (g.worded ? 1 : 0), rx: 4 };
      const style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 550 : 400 };
      return [
        on && svg("rect", { class: "frame", ...frame }),
        g.side >= 20 && roleSign(role, { transform: `translate(${x} ${y + g.side + 6})`, style: { stroke: ink(on) } }),
        g.worded && (sorted ? word(`L${layer} H${head}`, x + 16, base, 10.5, { ...mono, style })
          : word(ROLES[role].word, x + 16, base, 11, { style })),
        g.worded && g.side >= 84
          && word(number(facts, role, place), x + g.side, base, 10.5, { ...mono, "text-anchor": "end", style: { fill: ink(on) } }),
      ].filter(Boolean);
    }), ...(g.bare ? [] : edges(g, facts)));
  }

  /** Under a tile: the score of its role, or what the wall is sorted by. */
  function number(facts, role, { layer, head }) {
    if (state.sort === "entropy") return signed(facts.entropy(layer, head));
    if (state.sort !== "place") return orDash(facts.score(state.basis, state.sort, layer, head), x => weight(x, true));
    return role === "mixed" ? "" : weight(facts.score(state.basis, role, layer, head), true);
  }

  function edges(g, { L, H }) {
    const faint = { class: "m", style: { fill: "var(--ink-3)" } };
    return [...Array.from({ length: H }, (_, n) => word(H > 8 ? `${n}` : `H${n}`, g.place(n).x, 10, 10.5, faint)),
      ...Array.from({ length: L }, (_, n) => word(`L${n}`, 0, g.top + n * g.pitch + 10, 10.5, faint))];
  }

  function listen(g, facts) {
    boxes = places.map(({ layer, head }, n) => {
      const { x, y } = g.place(n), role = facts.role(state.basis, layer, head);
      return el("div", { role: "option", id: `head-${layer}-${head}`, "aria-selected": `${chosen({ layer, head })}`,
        "aria-label": `Block ${layer}, head ${head}: ${ROLES[role].word} ${number(facts, role, { layer, head })}`,
        style: { left: `${x}px`, top: `${y}px`, width: `${g.side}px`, height: `${g.pitch - 6}px` } });
    });
    options.replaceChildren(...boxes);
    options.setAttribute("aria-activedescendant", `head-${view.focus.layer}-${view.focus.head}`);
  }

  return {
    node,
    /** The head `by` places on in the order shown. */
    step(by) {
      const next = places[places.findIndex(chosen) + by];
      card.hide();
      if (next) pick(next.layer, next.head);
      return next;
    },
    update(width) {
      const { header } = view, facts = headFacts(view), many = header.tokens_per_cell;
      places = order(facts);
      const g = geometry(facts, width);
      title.textContent = `${facts.L * facts.H} head${facts.L * facts.H > 1 ? "s" : ""}`;
      sorted.set(state.sort);
      measured.set(state.basis);
      scale.textContent = (state.log ? "log scale, 0.0001 to 1" : state.hideFirst ? "own scale per head" : "one scale, 0 to 1");
      basis.replaceChildren(many > 1 ? `A point is the largest weight of ${many} × ${many} tokens. ` : "",
        "Role and score on ", header.standing ? measured.node : "this prompt", ". ",
        state.basis === "standing" ? header.standing : "A dash: the prompt is too short, or nothing in it repeats.");
      const key = [width, state.sort, state.basis, state.log, state.hideFirst, view.dark, window.devicePixelRatio].join();
      if (key !== painted || view.arrays.cells !== this.cells) {
        painted = key;
        this.cells = view.arrays.cells;
        paintTiles(g, width);
      }
      for (const [name, value] of [["width", width], ["height", g.height]]) marks.setAttribute(name, value);
      words(g, facts);
      listen(g, facts);
    },
  };
}

function ownTop(N, value) {
  let top = 0;
  for (let row = 0; row < N; row++) for (let column = 0; column <= row; column++) top = Math.max(top, value(row, column));
  return top || 1;
}
