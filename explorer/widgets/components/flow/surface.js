// Home, part 3: what the picture is drawn on. Cells (strips, tiles, matrix rows, bars) go to a canvas, everything else to an SVG
// above it; for a vector export the cells become rects too. Marks are what a reader can point at or walk to with the keys.

function flowSurface(view, card, act) {
  const node = el("canvas", { "aria-hidden": "true" }), drawing = svg("svg", { role: "group" });
  const over = svg("g", { "pointer-events": "none" });
  const said = el("div", { class: "sr", "aria-live": "polite" });
  let paper, vector = null, marks = new Map(), walk = [], at = null, hot = null, wanted = null;

  const surface = {
    nodes: [node, drawing, said], drawing, over,
    begin(width, height, asVector) {
      vector = asVector ? svg("g") : null;
      [, paper] = canvas(width, height, node);
      node.style.display = vector ? "none" : "";
      paper.imageSmoothingEnabled = false;
      drawing.setAttribute("width", width);
      drawing.setAttribute("height", height);
      marks = new Map();
      walk = [];
      over.replaceChildren();
    },
    /** Put the layers on the page and give the keyboard its place back. */
    end(...layers) {
      const key = wanted ?? drawing.getRootNode().activeElement?.getAttribute?.("data-key");
      wanted = null;
      drawing.replaceChildren(...(vector ? [vector] : []), ...layers, over);
      if (key) drawing.querySelector(`[data-key="${key}"]`)?.focus({ preventScroll: true });
      walk.sort((a, b) => a.order - b.order);
      if (hot && !card.node.matches(":popover-open")) hot = null;
    },
    cell(x, y, w, h, colour, alpha = 1) {
      if (vector) return vector.append(svg("rect", { x: x.toFixed(2), y: y.toFixed(2), width: w.toFixed(2), height: h.toFixed(2),
        fill: colour, "fill-opacity": alpha < 1 ? alpha : undefined }));
      paper.globalAlpha = alpha;
      paper.fillStyle = colour;
      paper.fillRect(x, y, w, h);
    },
    /** Signed values side by side; the seams are closed by a hair of overlap. */
    strip(x, y, w, h, values, limit, alpha = 1) {
      const one = w / values.length;
      const wide = n => (n === values.length - 1 ? one : one + (alpha < 1 ? 0 : 0.3));
      values.forEach((value, n) => surface.cell(x + n * one, y, wide(n), h, view.div(value, limit), alpha));
    },
    /** A small square picture, pixel by pixel. */
    image(picture, x, y, side) {
      if (vector) {
        const n = picture.width, { data } = picture.getContext("2d").getImageData(0, 0, n, n), one = side / n;
        for (let k = 0; k < n * n; k++) {
          const colour = `rgb(${data.slice(4 * k, 4 * k + 3).join()})`;
          if (data[4 * k + 3]) surface.cell(x + (k % n) * one, y + Math.floor(k / n) * one, one + 0.03, one + 0.03, colour);
        }
        return;
      }
      paper.globalAlpha = 1;
      paper.drawImage(picture, x, y, side, side);
    },
    /** Make a shape answer: info = {kind, ..., n cells} and box [x, y, w, h]. `order` places it on the walk of the focus row. */
    mark(shape, info, box, order) {
      const made = { ...info, box, order };
      marks.set(shape, made);
      shape.setAttribute("data-mark", [info.kind, info.name, info.l, info.h, info.i, info.j].filter(part => part !== undefined).join("."));
      if (order !== undefined) walk.push(made);
      return shape;
    },
    /** A see-through rect that answers. */
    hit(x, y, w, h, info, order) {
      const shape = svg("rect", { x: x.toFixed(1), y: y.toFixed(1), width: Math.max(1, w).toFixed(1), height: Math.max(1, h).toFixed(1),
        fill: "transparent", "data-export": "no", style: { cursor: info.pointer ? "pointer" : undefined } });
      return surface.mark(shape, info, [x, y, w, h], order);
    },
    walkKeys(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey || !walk.length) return false;
      let m = at ? walk.findIndex(one => same(one, at.mark)) : -1, cell = at?.cell ?? 0;
      if (m < 0) [m, cell] = step > 0 ? [0, 0] : [walk.length - 1, 0];
      else if (!event.shiftKey && walk[m].n && cell + step >= 0 && cell + step < walk[m].n) cell += step;
      else {
        m = Math.max(0, Math.min(walk.length - 1, m + step));
        cell = step > 0 || event.shiftKey ? 0 : Math.max(0, (walk[m].n ?? 1) - 1);
      }
      at = { mark: walk[m], cell };
      open(at.mark, at.cell);
      const [x, y, w, h] = cellBox(at.mark, at.cell);
      over.append(svg("rect", { x: x - 2, y: y - 2, width: Math.max(3, w) + 4, height: Math.max(3, h) + 4, rx: 3,
        fill: "none", "data-export": "no", style: { stroke: "var(--focus)", "stroke-width": 2 } }));
      const words = card.node.innerText.replaceAll("\n", ", ");
      said.textContent = words;
      return true;
    },
    /** After the next drawing the keyboard stands here. */
    focusNext(key) { wanted = key; },
    leave() { at = null; hot = null; over.replaceChildren(); card.hide(); },
    get hot() { return hot; },
  };

  const same = (a, b) => a.kind === b.kind && a.order === b.order;
  function cellBox({ box: [x, y, w, h], n }, cell) { return n ? [x + cell * w / n, y, w / n, h] : [x, y, w, h]; }

  function open(mark, cell) {
    const content = act.card(mark, cell);
    over.replaceChildren(...(act.highlight(mark, cell) ?? []));
    if (!content) return card.hide();
    const frame = drawing.getBoundingClientRect(), [x, y, w, h] = cellBox(mark, cell);
    const rect = { left: frame.left + x, top: frame.top + y, right: frame.left + x + w, bottom: frame.top + y + h };
    card.show(content, rect, act.avoid(mark, rect));
  }

  drawing.addEventListener("pointermove", event => {
    const mark = marks.get(event.target);
    if (!mark) { if (hot) surface.leave(); return; }
    const [x, , w] = mark.box, left = drawing.getBoundingClientRect().left;
    const cell = mark.n ? Math.max(0, Math.min(mark.n - 1, Math.floor((event.clientX - left - x) / w * mark.n))) : 0;
    if (hot && hot.mark === mark && hot.cell === cell) return;
    hot = { mark, cell };
    at = null;
    open(mark, cell);
  });
  drawing.addEventListener("pointerleave", () => { if (hot) surface.leave(); });
  drawing.addEventListener("click", event => {
    const mark = marks.get(event.target);
    if (!mark) return surface.leave();
    if (event.pointerType === "touch" && !mark.pointer && mark.kind !== "scroll") {  // a finger cannot hover: its tap asks
      const [x, , w] = mark.box, cell = mark.n ? Math.floor((event.clientX - drawing.getBoundingClientRect().left - x) / w * mark.n) : 0;
      open(mark, Math.max(0, Math.min((mark.n ?? 1) - 1, cell)));
    } else act.pick(mark);
  });
  return surface;
}
