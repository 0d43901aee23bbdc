// Living model, part 1: a tile per head, what it looks at on the probe text, with a bar for how much of that has moved.

const SIDE = 72, TALL = 460;  // px: the largest tile, and the height that many layers share

/** `about(layer, head)` gives the hover card; a click or an arrow key moves the focus of all pages. */
function headTiles(view, card, about) {
  const pixels = el("canvas"), marks = svg("svg", { "aria-hidden": "true" });
  const options = el("div", { class: "options", role: "listbox", tabindex: 0 });
  const node = el("div", { class: "tiles" }, pixels, marks, options);
  let painted = "", built = "", places = [], boxes = [], bars = [], frame;

  const at = target => places[boxes.indexOf(target)];
  const look = ({ layer, head }) => view.setFocus({ layer, head });
  const point = box => { const place = at(box); if (place) card.show(about(place), box); };
  options.onclick = event => { if (at(event.target)) look(at(event.target)); };
  options.onpointermove = event => point(event.target);
  options.onpointerleave = () => card.hide();
  options.onfocus = () => { if (options.matches(":focus-visible")) point(boxes[chosen()]); };
  options.onblur = () => card.hide();
  options.onkeydown = event => {
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const [L, H] = view.header.heads, hold = (x, n) => Math.max(0, Math.min(n - 1, x));
    const next = { layer: hold(view.focus.layer + by[0], L), head: hold(view.focus.head + by[1], H) };
    look(next);
    point(boxes[next.layer * H + next.head]);
  };

  const chosen = () => view.focus.layer * view.header.heads[1] + view.focus.head;

  /** Tiles shrink where there are many: across to the width of the column, down to a height that one screen holds; many
   *  layers of few heads stand in several columns. */
  function geometry() {
    const [L, H] = view.header.heads, left = 24, top = 20;
    const fit = k => {
      const rows = Math.ceil(L / k), across = (view.width + 12) / k - left;
      return { k, rows, pitch: Math.floor(Math.min(SIDE + 26, across / H, rows > 5 ? TALL / rows : Infinity)) };
    };
    const { k, rows, pitch } = [1, 2, 3, 4].map(fit).reduce((best, one) => (one.pitch > best.pitch ? one : best));
    const large = pitch >= 60, middle = pitch >= 40, rim = large ? 12 : middle ? 7 : pitch >= 16 ? 4 : 2;
    const thin = large ? 3 : pitch >= 20 ? 2 : 1, gap = large ? 6 : middle ? 3 : 1;
    const side = Math.max(3, Math.min(SIDE, pitch - thin - gap - rim)), row = side + rim, column = Math.floor((view.width + 12) / k);
    return { left, top, pitch, side, thin, gap, rim, row, rows, height: top + rows * row,
      pad: large ? 5 : middle ? 3 : 1.5,
      place: (layer, head) => ({ x: Math.floor(layer / rows) * column + left + head * pitch, y: top + (layer % rows) * row }) };
  }

  /** Everything that stays while checkpoints come: names, bar tracks, bars, and the boxes that take clicks. */
  function build(g) {
    const [L, H] = view.header.heads, small = { class: "m", "font-size": 10.5, style: { fill: "var(--ink-3)" } };
    const names = (n, room) => Array.from({ length: n }, (_, i) => i).filter(i => i % Math.max(1, Math.ceil(room)) === 0);
    places = Array.from({ length: L * H }, (_, n) => ({ layer: Math.floor(n / H), head: n % H }));
    const name = (text, x, y) => svg("text", { ...small, x, y, text });
    const tracks = [];
    bars = places.map(({ layer, head }) => {
      const { x, y } = g.place(layer, head), place = { x: x + g.side + g.gap, width: g.thin };
      tracks.push(svg("rect", { class: "track", ...place, y, height: g.side }));
      return svg("rect", { class: "bar-of", ...place, y: y + g.side, height: 0 });
    });
    frame = svg("rect", { class: "frame" });
    marks.replaceChildren(...tracks, ...bars, frame,
      ...names(Math.ceil(L / g.rows), 1).flatMap(k => names(H, 18 / g.pitch)
        .map(h => name(g.pitch < 34 ? `${h}` : `H${h}`, g.place(k * g.rows, h).x, 10))),
      ...names(L, 13 / g.row).map(l => name(`L${l}`, g.place(l, 0).x - g.left, g.place(l, 0).y + Math.min(9, g.side))));
    boxes = places.map(({ layer, head }) => {
      const { x, y } = g.place(layer, head);
      return el("div", { role: "option", id: `living-${layer}-${head}`,
        style: { left: `${x}px`, top: `${y}px`, width: `${g.side + g.gap + g.thin}px`, height: `${g.side}px` } });
    });
    options.replaceChildren(...boxes);
    for (const [attribute, value] of [["width", view.width], ["height", g.height]]) marks.setAttribute(attribute, value);
  }

  /** Where cells are finer than the screen, the largest weight of a square of them, so that a thin diagonal stays visible. */
  function paint(g) {
    const [, context] = canvas(view.width, g.height, pixels), { cells } = view.arrays, [L, H] = view.header.heads;
    context.clearRect(0, 0, view.width, g.height);
    context.imageSmoothingEnabled = false;
    if (!cells) {
      context.fillStyle = css(view.host, "--well");
      places.forEach(({ layer, head }) => {
        const { x, y } = g.place(layer, head);
        context.beginPath();
        context.moveTo(x, y);
        context.lineTo(x + g.side, y + g.side);
        context.lineTo(x, y + g.side);
        context.fill();
      });
      return;
    }
    const N = cells.shape[2], pool = Math.max(1, Math.ceil(N / (g.side * (window.devicePixelRatio || 1)))), M = Math.ceil(N / pool);
    const small = el("canvas", { width: M, height: M }), paper = small.getContext("2d"), image = paper.createImageData(M, M);
    for (let n = 0; n < L * H; n++) {
      image.data.fill(0);
      for (let r = 0; r < M; r++) for (let c = 0; c <= r; c++) {
        let most = 0;
        for (let i = r * pool; i < Math.min(N, (r + 1) * pool); i++) for (let j = c * pool; j < Math.min(i + 1, (c + 1) * pool); j++) {
          most = Math.max(most, cells[(n * N + i) * N + j]);
        }
        image.data.set([...view.seqRgb(most / 65535), 255], (r * M + c) * 4);
      }
      paper.putImageData(image, 0, 0);
      const { x, y } = g.place(places[n].layer, places[n].head);
      context.drawImage(small, x, y, g.side, g.side);
    }
  }

  return {
    node,
    update() {
      const g = geometry(), [, H] = view.header.heads, { change, cells } = view.arrays, words = view.header.words;
      const shape = [view.width, ...view.header.heads].join();
      if (shape !== built) { built = shape; build(g); }
      const key = [shape, view.dark, window.devicePixelRatio].join();
      if (key !== painted || cells !== this.cells) { painted = key; this.cells = cells; paint(g); }
      bars.forEach((bar, n) => {
        const part = change ? Math.min(1, change[n] / view.header.full) * g.side : 0;
        const y = g.place(places[n].layer, places[n].head).y + g.side - part;
        fill(bar, { y, height: part, style: { y: `${y}px`, height: `${part}px` } }, []);  // a saved picture has no styles
      });
      const { x, y } = g.place(view.focus.layer, view.focus.head), { pad } = g, wide = g.side + g.gap + g.thin + 2 * pad;
      fill(frame, { x: x - pad, y: y - pad, width: wide, height: g.side + 2 * pad, rx: g.side >= 40 ? 2 : 0 }, []);
      frame.style.display = words ? "" : "none";
      options.hidden = !words;
      if (!words) return;
      boxes.forEach((box, n) => {
        box.setAttribute("aria-selected", `${n === chosen()}`);
        const moved = change ? `, ${pct(change[n])} of its attention moved` : "";
        box.setAttribute("aria-label", `Block ${places[n].layer}, head ${places[n].head}: ${words[n]}${moved}`);
      });
      options.setAttribute("aria-label", `Heads at step ${count(view.header.step)}, ${places.length / H} blocks of ${H}`);
      options.setAttribute("aria-activedescendant", boxes[chosen()].id);
    },
  };
}
