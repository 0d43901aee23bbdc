// Neurons, part 2: the wall. A field of cells for each layer, a cell for each neuron, and beside it how all its values lie.

const GAP = 26, HIGH = 560, SIDE = 190;

/** state: {shade}; `point([l, m] | null)` on hover, `pick([l, m])` on click. */
function neuronWall(view, state, { point, pick }) {
  const [sheet, pen] = canvas(1, 1), drawing = svg("svg", { "aria-hidden": "true" });
  const tall = el("div", { class: "tall" }, sheet, drawing);
  const node = el("div", { class: "wall", tabindex: 0, role: "group" }, tall), legend = el("div", { class: "legend" });
  let g = null, facts = null, hover = null;

  function place(width) {
    const side = view.phone ? 0 : SIDE, left = view.phone ? 0 : 106, room = width - left - (side ? side + 34 : 0) - 4;
    const fits = size => {
      const columns = Math.floor(room / size), rows = Math.ceil(facts.M / columns);
      return { size, columns, rows, pitch: rows * size + GAP };
    };
    const sizes = [14, 12, 10, 9, 8, 7, 6, 5, 4, 3], most = view.phone ? 520 : 440;
    const found = sizes.map(fits).find(one => one.pitch * facts.L <= most) ?? fits(3);
    return { ...found, left, side, x: left + found.columns * found.size + 34, width, height: found.pitch * facts.L };
  }
  const corner = ([l, m]) => [g.left + (m % g.columns) * g.size, GAP - 10 + l * g.pitch + Math.floor(m / g.columns) * g.size];
  const cellAt = event => {
    const box = tall.getBoundingClientRect(), x = event.clientX - box.left - g.left, y = event.clientY - box.top - (GAP - 10);
    const l = Math.floor(y / g.pitch), column = Math.floor(x / g.size), row = Math.floor((y - l * g.pitch) / g.size);
    const m = row * g.columns + column;
    return column >= 0 && column < g.columns && row < g.rows && l >= 0 && l < facts.L && m < facts.M ? [l, m] : null;
  };
  node.onpointermove = event => point(cellAt(event));
  node.onpointerleave = () => point(null);
  node.onclick = event => { const at = cellAt(event); if (at) pick(at); };

  function cells(limit) {
    const shade = SHADES[state.shade], gap = g.size > 4 ? 1 : 0;
    canvas(g.width, g.height, sheet);
    for (let l = 0; l < facts.L; l++) for (let m = 0; m < facts.M; m++) {
      const value = shade.of(facts, l, m), [x, y] = corner([l, m]);
      pen.fillStyle = shade.signed ? view.div(value, limit) : view.seq(value);
      pen.fillRect(x, y, g.size - gap, g.size - gap);
    }
  }

  /** The layer's name and counts, and its histogram. */
  function words(l) {
    const { never, always } = view.header, y = GAP - 10 + l * g.pitch, said = [];
    const on = l === facts.layer, style = { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 600 : 400 };
    if (view.phone) {
      said.push(word(`block ${l}`, 0, y - 6, 12, { style }),
        word(`${count(never[l])} never, ${count(always[l])} always active`, 62, y - 6, 11, faint));
    } else {
      const all = `${fine(facts.sums ? facts.together(l) : 0, true)} in all`;  // the MLP's bar on the Logit lens page
      said.push(state.shade === "adds" && word(all, 0, y + 58, 11, faint), word(`block ${l}`, 0, y + 11, 12, { style }),
        word(`${count(never[l])} never active`, 0, y + 28, 11, faint),
        word(`${count(always[l])} always active`, 0, y + 43, 11, faint));
      if (l === 0) said.push(word("all values of the block", g.x, y - 7, 11, faint));
    }
    return [...said, ...(g.side ? histogram(l, y) : [])].filter(Boolean);
  }
  function histogram(l, y) {
    const { counts, edges } = view.arrays, E = counts.shape[1], high = Math.min(g.pitch - GAP, 64), foot = y + high;
    const most = Math.log1p(Math.max(...counts)), [low, end] = [edges[0], edges[E]], x = v => g.x + ((v - low) / (end - low)) * g.side;
    const bars = Array.from({ length: E }, (_, i) => {
      const tallness = (Math.log1p(counts[l * E + i]) / most) * high;
      return tallness && svg("rect", { x: x(edges[i]), y: foot - tallness, width: Math.max(1, g.side / E - 0.6), height: tallness,
        style: { fill: "var(--mlp)" } });
    });
    const line = svg("line", { x1: g.x, x2: g.x + g.side, y1: foot + 0.5, y2: foot + 0.5, style: { stroke: "var(--axis)" } });
    const zero = svg("line", { x1: x(0), x2: x(0), y1: foot, y2: foot + 4, style: { stroke: "var(--axis)" } });
    const out = [...bars.filter(Boolean), line, zero];
    if (l === facts.layer) {
      const at = x(facts.post(l, facts.number));
      out.push(svg("line", { x1: at, x2: at, y1: y, y2: foot + 5, style: { stroke: "var(--ink)", "stroke-width": 1.5 } }));
    }
    const last = l === facts.L - 1, text = anchor => ({ class: "m", "text-anchor": anchor, ...faint });
    const tick = (v, anchor) => word(signed(v, 1), x(v), foot + 15, 10, text(anchor));
    return last ? [...out, x(0) - g.x > 34 && tick(low, "start"), tick(0, "middle"), tick(end, "end")].filter(Boolean) : out;
  }

  function frames() {
    const chosen = [facts.layer, facts.number], all = [chosen, hover].filter(Boolean);
    return all.map((one, i) => {
      const [x, y] = corner(one), more = i ? 1 : 2;
      return svg("rect", { class: "frame", x: x - more, y: y - more, width: g.size + 2 * more - 1, height: g.size + 2 * more - 1, rx: 1 });
    });
  }
  function marks() { drawing.replaceChildren(...Array.from({ length: facts.L }, (_, l) => words(l)).flat(), ...frames()); }

  function key(limit) {
    const shade = SHADES[state.shade], at = view.header.tokens[view.header.at];
    const ends = shade.signed ? [fine(-limit), fine(limit, true)] : ["0", "1"];
    const means = { post: ["what each neuron gives on ", tokenSpan(at, {}, 16), "; beyond either end the last colour"],
      adds: ["what each adds to the logit of ", tokenSpan(facts.answer(view.header.at), {}, 16), " after ", tokenSpan(at, {}, 16)],
      often: [`share of the ${plural(facts.T, "token")} on which each is active`] }[state.shade];
    const colour = t => (shade.signed ? view.div(2 * t - 1, 1) : view.seq(t));
    const bars = g.side ? " · bars: their number, on a log scale; the line: this neuron" : "";
    legend.replaceChildren(...ramp10(view, ...ends, colour), el("span", { class: "words" }, ...means, bars));
  }

  return {
    node, legend,
    get columns() { return g.columns; },
    mark(at) { hover = at; if (g) marks(); },
    update(width, made) {
      facts = made;
      g = place(width);
      const limit = scaleOf(facts, state.shade);
      tall.style.height = `${g.height + 8}px`;
      node.style.maxHeight = g.height > HIGH ? `${HIGH}px` : "none";
      fill(drawing, { width: g.width, height: g.height + 8 }, []);
      node.setAttribute("aria-label", `${count(facts.L)} layers of ${count(facts.M)} neurons. `
        + "Left and right move to the next neuron, up and down to the next layer.");
      cells(limit);
      marks();
      key(limit);
    },
    /** Scroll the neuron on show into sight; the page itself stays. */
    reveal() {
      const top = g.pitch * facts.layer, bottom = top + g.pitch + 10;
      if (top < node.scrollTop) node.scrollTop = top;
      else if (bottom > node.scrollTop + node.clientHeight) node.scrollTop = bottom - node.clientHeight;
    },
    anchor(at) {
      const box = tall.getBoundingClientRect(), [x, y] = corner(at);
      return { left: box.left + x, right: box.left + x + g.size, top: box.top + y, bottom: box.top + y + g.size };
    },
  };
}
