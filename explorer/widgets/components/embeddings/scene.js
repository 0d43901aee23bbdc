// Embeddings, part 1: where each token lies on the map, and what colours it.

const MARGIN_LEFT = 46,
  MARGIN_BOTTOM = 34,
  PAD = 14,
  MOST_ZOOM = 60;
const MAPS = { "": "2-D", "3d": "3-D", tsne: "t-SNE", umap: "UMAP" };
const MAP_TITLES = {
  "": "Two principal components, or axes of your own",
  "3d": "Three principal components; drag or arrow keys turn them",
  tsne: "Keeps who is near whom, not how far; worked out on request",
  umap: "Keeps who is near whom, not how far; worked out on request"
};
const SCALED = { tsne: { what: "perplexity", usual: 30 }, umap: { what: "neighbours", usual: 15 } };
const SCALES = [5, 15, 30, 50, 100];
const SHADES = { kind: "Kind", length: "Length", count: "Count" };
const SHADE_TITLES = { kind: "What sort of text a token is", length: "The length of its vector",
  count: "How often it stands in the training text, which is read and counted first" };

/** The numbers by which tokens are placed: two or three principal components, axes from one token to another, or a layout's. */
function axesOf(view, all, side, { map, axes }) {
  const held = all.side(side),
    laid = view.header.laid;
  if (laid && laid.method === map && laid.side === side && laid.vectors === view.header.vectors) return laidAxes(laid, view.arrays.laid);
  if (Object.hasOwn(SCALED, map)) return principals(held, 2); // until it is there
  if (map === "3d") return principals(held, 3);
  const own = ["x", "y"].map((name, i) => {
    const [from, to] = axes[i] ?? [],
      asked = view.arrays[`along_${name}`];
    if (from === undefined) return null;
    const here = view.header.choices[name] === `${from}.${to}` && asked;
    if (!held.rows && !here) return null; // the answer is on its way
    const at = here || alongAxis(held, all.row(side, from), all.row(side, to));
    return at && { custom: true, from, to, at };
  });
  const rest = own.some(Boolean) ? principals({ ...held, turns: null }, 2) : principals(held, 2);
  return own.map((axis, i) => axis ?? rest[i]);
}

function laidAxes(laid, points) {
  const column = i => Float32Array.from({ length: points.length / 2 }, (_, id) => points[2 * id + i]);
  return [0, 1].map(i => ({ laid, turned: null, number: i + 1, at: column(i) }));
}

/** The first k components; along a run turned together onto the map of its last checkpoint. */
function principals({ points, share, offset, turns, onto }, k) {
  const turn = turns?.[k],
    parts = i => (turn ? turn.map(row => row[i]) : [0, 1, 2].map(j => (i === j ? 1 : 0)));
  return Array.from({ length: k }, (_, i) => {
    const part = parts(i);
    return {
      number: i + 1,
      turned: turn ? onto : null,
      share: part.reduce((sum, p, j) => sum + p * p * share[j], 0), // components are uncorrelated
      offset: part.reduce((sum, p, j) => sum + p * offset[j], 0),
      at: Float32Array.from({ length: points.length / 3 }, (_, id) => part.reduce((sum, p, j) => sum + p * points[3 * id + j], 0))
    };
  });
}

/** How far each row lies from a, at 0, towards b, at 1; null where they are one point. */
function alongAxis({ rows }, a, b) {
  const way = Float64Array.from(b, (v, c) => v - a[c]),
    size = dot(way, way),
    base = dot(a, way),
    C = a.length;
  if (!(size > 1e-12)) return null;
  return Float32Array.from({ length: rows.length / C }, (_, id) => {
    let sum = 0;
    for (let c = 0, at = id * C; c < C; c++) sum += rows[at + c] * way[c];
    return (sum - base) / size;
  });
}

function extent(values) {
  let low = Infinity,
    high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (!(high > low)) {
    low -= 1;
    high += 1;
  }
  return [low, high];
}

/** Pixels from numbers. Components keep one scale, so that a distance on the map is one in the plane. */
function placement(axes, width, height, { zoom, x: shiftX, y: shiftY }) {
  const [[x0, x1], [y0, y1]] = axes.map(axis => extent(axis.at)),
    w = width - MARGIN_LEFT - 2 * PAD,
    h = height - MARGIN_BOTTOM - 2 * PAD;
  let kx = w / (x1 - x0),
    ky = h / (y1 - y0);
  if (!axes.some(axis => axis.custom)) kx = ky = Math.min(kx, ky);
  const cx = MARGIN_LEFT + PAD + w / 2,
    cy = PAD + h / 2,
    mx = (x0 + x1) / 2,
    my = (y0 + y1) / 2;
  return {
    width,
    height,
    kx: kx * zoom,
    ky: ky * zoom,
    px: v => cx + ((v - mx) * kx - shiftX) * zoom,
    py: v => cy - ((v - my) * ky + shiftY) * zoom,
    vx: px => mx + ((px - cx) / zoom + shiftX) / kx,
    vy: py => my - ((py - cy) / zoom + shiftY) / ky
  };
}

/** Of three components the middle of most words and pieces, and how far from it nearly all of them lie, and all tokens. */
function solidCore(all, axes) {
  const ids = Array.from({ length: all.n }, (_, id) => id),
    words = ids.filter(id => all.kind(id) <= 1),
    most = words.length < 8 ? ids : words;
  const middle = axes.map(({ at }) => most.reduce((sum, id) => sum + at[id], 0) / most.length),
    away = id => Math.hypot(...axes.map(({ at }, i) => at[id] - middle[i])),
    sorted = Float32Array.from(most, away).sort();
  return {
    middle,
    near: Math.max(sorted[Math.floor(0.97 * (sorted.length - 1))], 1e-12),
    far: ids.reduce((far, id) => Math.max(far, away(id)), 1e-12)
  };
}

/** Pixels of three components, seen from the side that `turn` says: turned about the middle, without perspective. */
function solidPlacement({ middle, near, far }, width, height, { zoom }, { yaw, pitch }) {
  const half = Math.min(width - MARGIN_LEFT, height - MARGIN_BOTTOM) / 2 - PAD,
    k = (half / far) * zoom,
    [cx, cy] = [MARGIN_LEFT + (width - MARGIN_LEFT) / 2, (height - MARGIN_BOTTOM) / 2];
  const [cosY, sinY, cosP, sinP] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  return {
    width,
    height,
    middle,
    near,
    /** Pixels across and down, and how near in -1 to 1. */
    seen(x, y, z) {
      const [dx, dy, dz] = [x - middle[0], y - middle[1], z - middle[2]],
        deep = dz * cosY - dx * sinY;
      const nearness = (deep * cosP + dy * sinP) / near;
      return [cx + (dx * cosY + dz * sinY) * k, cy - (dy * cosP - deep * sinP) * k, Math.max(-1, Math.min(1, nearness))];
    }
  };
}

/** The look that fits where most words and pieces lie: bytes that no text holds may sit far off in a heap. */
function coreLook(all, axes, width, height) {
  if (axes.length > 2) {
    const { near, far } = solidCore(all, axes);
    return { zoom: Math.max(1, Math.min(MOST_ZOOM, far / near)), x: 0, y: 0 };
  }
  const ids = Array.from({ length: all.n }, (_, id) => id).filter(id => all.kind(id) <= 1),
    whole = { zoom: 1, x: 0, y: 0 };
  if (ids.length < 8 || axes.some(axis => axis.custom)) return whole;
  const place = placement(axes, width, height, whole),
    [[x0, x1], [y0, y1]] = axes.map((axis, i) => {
      const sorted = Float32Array.from(ids, id => (i ? place.py : place.px)(axis.at[id])).sort(),
        at = share => sorted[Math.round(share * (sorted.length - 1))];
      return [at(0.03) - 40, at(0.93) + 60];
    });
  const w = width - MARGIN_LEFT,
    h = height - MARGIN_BOTTOM,
    zoom = Math.max(1, Math.min(MOST_ZOOM, w / (x1 - x0), h / (y1 - y0)));
  if (zoom < 1.35) return whole;
  return { zoom, x: (x0 + x1) / 2 - (MARGIN_LEFT + w / 2), y: (y0 + y1) / 2 - h / 2 };
}

/** Round numbers for about n ticks within [low, high]. */
function ticksOf(low, high, n) {
  const rough = (high - low) / n,
    power = 10 ** Math.floor(Math.log10(rough)),
    step = [1, 2, 5, 10].find(k => k * power >= rough) * power;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
    out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + 1e-9; v += step) out.push([v, signed(Math.abs(v) < step / 1e6 ? 0 : v, digits)]);
  return out;
}

/** What colours a token: {of(id) -> CSS colour, legend ends or null}. */
function shading(view, all, side, shade) {
  const { counts } = view.arrays,
    { lengths } = all.side(side);
  if (shade === "kind" || (shade === "count" && !counts)) {
    const colours = css(view.host, "--st-chart-categorical-colors")
      .split(",")
      .map(one => one.trim());
    return { of: id => colours[all.kind(id)], colours, ends: null };
  }
  const values = shade === "count" ? Float64Array.from(counts, n => Math.log1p(n)) : lengths,
    [low, high] = extent(values);
  const ends = shade === "count" ? [Math.expm1(low), Math.expm1(high)].map(count) : [low, high].map(v => signed(v));
  return {
    of: id => view.seq(0.18 + (0.82 * (values[id] - low)) / (high - low)),
    ends,
    means: shade === "count" ? "times in the training text, on a log scale" : "length of the vector"
  };
}
