// Merges, part 2: the text. Its letters stay where they are; a canvas behind them carries the cuts, and from one k to another
// only the tokens that are no longer the same are painted again.

const UNDER = 2.5, PART = 4;  // px: below the letters; thickness where only some bytes of a character are lit
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/;

/** on.over(start byte, span) and on.out() while the pointer is on a letter. */
function mergeText(view, on) {
  const [layer] = canvas(1, 1), letters = el("div", { class: "letters" });
  const node = el("div", { class: "text", tabindex: 0, role: "group" }, layer, letters);
  let spans = [], boxes = [], drawn = "", measured = "", lit = new Set(), context, colours, back;
  let painted;  // for each byte what is painted of the token that begins there: its end, doubled, and 1 more if lit

  function build({ units }) {
    const nodes = [];
    spans = units.map((unit, i) => {
      const pieces = typeof unit === "string" ? [unit] : unit;
      const span = el("span", { "data-i": i }, pieces.map((piece, n) => piece && (n % 2 ? el("i", { text: piece }) : piece)));
      if (pieces.at(-1) === "·") nodes.push(el("wbr"));
      nodes.push(span);
      if (pieces.at(-1) === "↵") nodes.push(el("br"));
      return span;
    });
    back = units.map(unit => RIGHT_TO_LEFT.test(typeof unit === "string" ? unit : unit.join("")));
    letters.replaceChildren(...nodes);
    lit = new Set();
  }

  function measure() {
    const frame = letters.getBoundingClientRect();
    boxes = spans.map(span => {
      const { left, top, width: w, height } = span.getBoundingClientRect();
      return { x: left - frame.left, y: top - frame.top, w, h: height };
    });
    [, context] = canvas(Math.max(1, frame.width), Math.max(1, frame.height + 6), layer);
    painted = new Uint32Array(view.arrays.gone.length);
    const names = ["ink", "paper", "axis", "line"];
    colours = Object.fromEntries(names.map(name => [name, css(view.host, `--${name}`)]));
  }

  /** The stretch of letter i that its bytes from a to b take: [from, to] in px. */
  function stretch(i, a, b) {
    const { starts } = view.arrays, first = starts[i], n = (starts[i + 1] ?? view.arrays.gone.length) - first, box = boxes[i];
    const part = at => (back[i] ? 1 - (at - first) / n : (at - first) / n) * box.w + box.x;
    const from = part(Math.max(a, first)), to = part(Math.min(b, first + n));
    return [Math.min(from, to), Math.max(from, to), a <= first && b >= first + n];
  }

  function paintToken([start, end, isLit], unitOf, k) {
    const single = end - start === 1, { starts, gone } = view.arrays;
    for (let i = unitOf[start]; i <= unitOf[end - 1]; i++) {
      const box = boxes[i], [from, to, whole] = stretch(i, start, end);
      const first = starts[i] <= start, last = (starts[i + 1] ?? gone.length) >= end;
      const left = Math.round(from) + ((back[i] ? last : first) ? 1 : 0);
      const right = Math.round(to) - ((back[i] ? first : last) ? 1 : 0);
      context.clearRect(Math.round(from), Math.round(box.y) - 1, Math.round(to) - Math.round(from), Math.round(box.h) + 7);
      if (isLit && whole) {
        context.fillStyle = colours.ink;
        context.fillRect(left, Math.round(box.y) - 1, right - left, Math.round(box.h) + 3);
      } else {
        context.fillStyle = isLit ? colours.ink : single ? colours.line : colours.axis;
        context.fillRect(left, Math.round(box.y + box.h) + (isLit ? 0 : UNDER - 1), right - left, isLit ? PART : 1.5);
      }
    }
    if (!isLit) return;
    for (let b = start + 1; b < end; b++) {
      if (gone[b] !== k - 1 || starts[unitOf[b]] !== b) continue;  // the seam: where the two were apart
      const box = boxes[unitOf[b]], x = back[unitOf[b]] ? box.x + box.w : box.x;
      context.globalAlpha = .5;
      context.fillStyle = colours.paper;
      context.fillRect(Math.round(x), box.y + 1, 1, box.h - 1);
      context.globalAlpha = 1;
    }
  }

  /** The letters that lie in a token as a whole. */
  function wholeUnits(start, end, unitOf, found) {
    const { starts, gone } = view.arrays;
    for (let i = unitOf[start]; i <= unitOf[end - 1]; i++) {
      if (start <= starts[i] && end >= (starts[i + 1] ?? gone.length)) found.add(i);
    }
  }

  const spanAt = event => event.target.closest?.("[data-i]");
  letters.onpointerover = event => {
    const span = spanAt(event);
    if (span) on.over(view.arrays.starts[Number(span.dataset.i)], span);
  };
  letters.onpointerleave = () => on.out();
  document.fonts.ready.then(() => { measured = ""; view.redraw(); });

  return {
    node,
    /** Show the cuts after k merges. */
    show(k, tokens) {
      const { header, arrays: { starts, gone } } = view;
      if (header.place !== drawn) { drawn = header.place; measured = ""; build(header); }
      const wanted = `${view.width} ${view.dark}`;  // the letters are not asked where they stand while the handle moves
      if (measured !== wanted) { measured = wanted; measure(); }
      const unitOf = unitsOf(starts, gone.length), now = new Set();
      for (const token of tokens) {
        const [start, end, isLit] = token, mark = 2 * end + isLit;
        if (isLit) wholeUnits(start, end, unitOf, now);
        if (painted[start] === mark && !isLit) continue;  // of a lit one the seam may be another
        painted.fill(0, start, end);
        painted[start] = mark;
        paintToken(token, unitOf, k);
      }
      for (const i of lit) if (!now.has(i)) spans[i].classList.remove("lit");
      for (const i of now) if (!lit.has(i)) spans[i].classList.add("lit");
      lit = now;
    },
  };
}

const unitTables = new WeakMap();
/** The letter each byte belongs to. */
function unitsOf(starts, bytes) {
  if (!unitTables.has(starts)) {
    const table = new Uint32Array(bytes);
    for (let i = 0; i < starts.length; i++) table.fill(i, starts[i], starts[i + 1] ?? bytes);
    unitTables.set(starts, table);
  }
  return unitTables.get(starts);
}
