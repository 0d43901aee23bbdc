// The matrices of one head to scale. A factor stands left of its product, the other above it: kᵀ over the scores, v over z,
// so a cell of a product lies where its row and its column meet. A token is a row in q, scores, pattern and z.

const NAMES = { q: "q", k: "kᵀ", scores: "scores", pattern: "pattern", v: "v", z: "z" };

/** A slope of ALiBi: 0.5, 0.0625, 0.00391. */
const slope = m => String(Number(m.toPrecision(3)));

export default picture(view => {
  const card = hoverCard(view), pixels = el("canvas"), frames = svg("g", { class: "frames" });
  const drawing = svg("svg", { role: "img", "aria-label": "Six matrices to scale; the table below lists their shapes." });
  const title = el("h2"), letters = el("p", { class: "sub" }), rule = el("div"), table = el("table");
  const box = el("div", { class: "shapes" }, pixels, drawing);
  view.root.append(title, letters, rule, box, table);
  let boxes = {}, unit = 1;

  const cell = (name, row, column) => {
    const values = view.arrays[name], width = values.shape[1];
    return name === "k" ? values[column * width + row] : values[row * width + column];
  };
  const masked = (name, row, column) => (name === "scores" || name === "pattern") && column > row;
  /** The largest |x| of a matrix, where its colours end. */
  const limit = name => view.arrays[name].reduce((top, x) => Math.max(top, Math.abs(x)), 0);

  function layout(width) {
    const [T, D] = view.arrays.q.shape, gap = view.phone ? 34 : 56;
    unit = Math.max(0.25, Math.min(6, (width - 3 * gap) / (2 * D + 2 * T), 320 / Math.max(D, T)));
    const t = T * unit, d = D * unit, top = 34 + Math.max(d, t), y = top + 24, x = [0, d + gap, d + t + 2 * gap, d + 2 * t + 3 * gap];
    boxes = {
      q: { x: x[0], y, rows: T, columns: D },
      k: { x: x[1], y: top - d, rows: D, columns: T },
      scores: { x: x[1], y, rows: T, columns: T },
      pattern: { x: x[2], y, rows: T, columns: T },
      v: { x: x[3], y: top - t, rows: T, columns: D },
      z: { x: x[3], y, rows: T, columns: D },
    };
    return { gap, t, height: y + t + 40 };
  }

  function paintBoxes(width, height) {
    const [, context] = canvas(width, height, pixels);
    context.clearRect(0, 0, width, height);
    for (const [name, { x, y, rows, columns }] of Object.entries(boxes)) {
      const small = el("canvas", { width: columns, height: rows }), paper = small.getContext("2d");
      const image = paper.createImageData(columns, rows);
      const end = limit(name), colour = name === "pattern" ? view.seqRgb : value => view.divRgb(value, end);
      for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) if (!masked(name, row, column)) {
        image.data.set([...colour(cell(name, row, column)), 255], (row * columns + column) * 4);
      }
      paper.putImageData(image, 0, 0);
      context.imageSmoothingEnabled = unit * (window.devicePixelRatio || 1) < 1;
      context.drawImage(small, x, y, columns * unit, rows * unit);
    }
  }

  function words({ gap, t }) {
    const faint = { class: "faint" }, small = { class: "m faint", "font-size": 10.5 }, out = [];
    for (const [name, { x, y, rows, columns }] of Object.entries(boxes)) {
      const at = name === "k" || name === "v" ? y - 18 : y + rows * unit + 15;
      out.push(svg("text", { class: `name ${name}`, x, y: at, text: NAMES[name] }),
        svg("text", { ...small, x, y: at + 13, text: `${rows} × ${columns}` }));
    }
    for (const [name, sign] of [["q", "·"], ["scores", "→"], ["pattern", "·"]]) {
      const { x, y, columns } = boxes[name];
      out.push(svg("text", { ...faint, x: x + columns * unit + gap / 2 - 4, y: y + t / 2 + 5, "font-size": 15, text: sign }));
    }
    if (!view.phone) out.push(svg("text", { ...small, x: boxes.scores.x + t + 6, y: boxes.scores.y + t / 2 - 8, text: "softmax" }));
    drawing.replaceChildren(...out, frames);
  }

  /** Rows and columns that meet: the row in focus, or those of the cell pointed at. */
  function mark(at) {
    const rects = [], row = (name, n) => rects.push([name, n, 0, 1, boxes[name].columns]);
    const column = (name, n) => rects.push([name, 0, n, boxes[name].rows, 1]);
    const sources = { q: [], k: [], v: [], scores: ["q"], pattern: ["scores"], z: ["pattern"] };
    for (const name of at ? sources[at.name] : ["q", "scores", "pattern", "z"]) row(name, at ? at.row : view.focus.token);
    if (at?.name === "scores") column("k", at.column);
    if (at?.name === "z") column("v", at.column);
    if (at) rects.push([at.name, at.row, at.column, 1, 1]);
    frames.replaceChildren(...rects.map(([name, r, c, rows, columns]) =>
      svg("rect", { x: boxes[name].x + c * unit - 1, y: boxes[name].y + r * unit - 1,
      width: columns * unit + 2, height: rows * unit + 2 })));
  }

  function describe({ name, row, column }) {
    const { header } = view, { parts, tokens } = header, part = parts[name], D = view.arrays.q.shape[1], value = cell(name, row, column);
    const [r, c] = name === "k" ? [column, row] : [row, column], [before, between, after] = part.index.split(":");
    const token = i => tokenSpan(tokens[i], {}, 9), pair = name === "scores" || name === "pattern";
    const what = {
      q: `what query ${r} asks, number ${c} of ${D}`,
      k: `what key ${r} offers, number ${c} of ${D}`,
      v: `what token ${r} has to give, number ${c} of ${D}`,
      scores: `row ${r} of q times column ${c} of kᵀ, over √${D}${header.slope ? `, less ${slope(header.slope)} · ${r - c}` : ""}`,
      pattern: `the score among the ${r + 1} of its row, by softmax`,
      z: `row ${r} of pattern times column ${c} of v`,
    };
    return { value: name === "pattern" ? value.toFixed(4) : signed(value, 3),
      place: pair ? el("span", {}, token(r), " → ", token(c)) : token(r),
      what: what[name], hook: part.hook, index: `${before}${r}${between}${c}${after}`, shape: `${part.letters} = ${part.sizes.join(" ")}` };
  }

  function find(event) {
    const rect = drawing.getBoundingClientRect(), px = event.clientX - rect.left, py = event.clientY - rect.top;
    for (const [name, { x, y, rows, columns }] of Object.entries(boxes)) {
      const column = Math.floor((px - x) / unit), row = Math.floor((py - y) / unit);
      if (row >= 0 && column >= 0 && row < rows && column < columns && !masked(name, row, column)) return { name, row, column };
    }
    return null;
  }
  box.onpointermove = event => {
    const at = find(event), { clientX: x, clientY: y } = event;
    mark(at);
    if (at) card.show(describe(at), { left: x, right: x + 4, top: y - 6, bottom: y + 6 }); else card.hide();
  };
  box.onpointerleave = () => { mark(null); card.hide(); };
  box.onclick = event => {
    const at = find(event);
    if (at) view.setFocus({ token: at.name === "k" ? at.column : at.row });
  };

  function list() {
    const head = ["value", "hook", "shape", "this head", "colours reach"].map(text => el("th", { text, scope: "col" }));
    const rows = Object.entries(view.header.parts).map(([name, part]) => el("tr", {}, el("th", { scope: "row", class: name, text: name }),
      el("td", { class: "hook", text: part.hook }), el("td", { text: `${part.letters} = ${part.sizes.join(" ")}` }),
      el("td", { text: part.index }),
      el("td", { class: "limit", text: name === "pattern" ? "0 and 1" : `±${signed(limit(name))}` })));
    table.replaceChildren(el("tr", {}, head), ...rows);
  }

  return {
    draw() {
      const { header, width, focus } = view, size = layout(width);
      title.textContent = `The matrices of block ${focus.layer}, head ${focus.head}, to scale`;
      letters.textContent = header.letters;
      const bias = header.slope ? ` − ${slope(header.slope)} · distance` : "";
      const scores = `{q:q} {k:k}^T / √${view.arrays.q.shape[1]}${bias}`;
      rule.replaceChildren(formula(`scores = ${scores},  pattern = softmax(scores),  z = pattern {v:v}`));
      for (const [name, value] of [["width", width], ["height", size.height]]) drawing.setAttribute(name, value);
      box.style.height = `${size.height}px`;
      paintBoxes(width, size.height);
      words(size);
      mark(null);
      list();
    },
    name: () => `attention-shapes-block${view.focus.layer}-head${view.focus.head}`,
    csv() {
      const cells = ([name, values]) => Array.from(values,
        (value, n) => [name, Math.floor(n / values.shape[1]), n % values.shape[1], value]);
      const rows = Object.entries(view.arrays).flatMap(cells).filter(([name, row, column]) => !masked(name, row, column));
      return [["matrix", "row", "column", "value"], ...rows];
    },
  };
});
