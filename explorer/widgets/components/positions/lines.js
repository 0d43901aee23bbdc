// Position lab, part 1: small charts of numbers by distance, and what the payload says.

/** SVG text. */
const word = (text, x, y, size, attributes = {}) => svg("text", { x, y, "font-size": size, text, ...attributes });
const FAINT = { style: { fill: "var(--ink-3)" } };

/** Everything about one payload; t keys that the query in focus may read, itself the last. */
function labFacts({ header, arrays }) {
  const t = arrays.plain.length,
    half = arrays.angles?.length ?? 0,
    N = arrays.curves?.shape[1] ?? 0;
  return {
    t,
    half,
    N,
    own: header.own,
    token: j => header.tokens[j],
    distance: j => t - 1 - j,
    curve: j => arrays.curves.subarray(j * N, j * N + N),
    parts: j => arrays.parts.subarray(j * half, j * half + half),
    rope: j => (half ? arrays.parts.subarray(j * half, j * half + half).reduce((a, b) => a + b, 0) : NaN),
    plain: j => arrays.plain[j],
    bias: j => arrays.bias[j],
    score: j => arrays.scores[j],
    slopes: arrays.slopes,
    angles: arrays.angles
  };
}

/**
 * A chart over 0, 1, 2, ...: {lines: [{values, cls, name}], band: [low, high], mark: {at, value}, xName}.
 * Returns {nodes, x, y}, for what is drawn over it.
 */
function distanceChart(width, height, { lines, band, mark, xName, n, digits = 1, floor }) {
  const left = 40,
    bottom = height - 30,
    all = [...lines.flatMap(line => [...line.values]), ...(band ? band.flatMap(one => [...one]) : [])];
  let low = Math.min(floor ?? 0, ...all),
    high = Math.max(0, ...all);
  if (!(high > low)) high = low + 1;
  const fine = high - low < 1 ? Math.max(2, digits) : digits,
    right = width - 8,
    x = i => left + (n > 1 ? (i * (right - left)) / (n - 1) : 0),
    y = v => 8 + (1 - (v - low) / (high - low)) * (bottom - 8);
  const path = values => `M${Array.from(values, (v, i) => `${x(i).toFixed(1)} ${y(v).toFixed(1)}`).join("L")}`,
    nodes = [];
  for (const v of new Set([low, 0, high]))
    nodes.push(
      svg("line", { x1: left, x2: right, y1: y(v), y2: y(v), style: { stroke: v === 0 ? "var(--axis)" : "var(--hair)" } }),
      word(signed(v, fine), left - 6, y(v) + 3.5, 10.5, { class: "m", "text-anchor": "end", ...FAINT })
    );
  for (const i of new Set([0, Math.round((n - 1) / 2), n - 1]))
    nodes.push(word(`${i}`, x(i), bottom + 14, 10.5, { class: "m", "text-anchor": i === n - 1 && n > 1 ? "end" : "middle", ...FAINT }));
  nodes.push(word(xName, (left + right) / 2, bottom + 26, 11, { "text-anchor": "middle", ...FAINT }));
  if (band)
    nodes.push(
      svg("path", {
        class: "band",
        d: `${path(band[1])}L${Array.from(band[0], (v, i) => `${x(i).toFixed(1)} ${y(v).toFixed(1)}`)
          .reverse()
          .join("L")}Z`
      })
    );
  for (const { values, cls } of lines) nodes.push(svg("path", { class: `curve ${cls}`, d: path(values) }));
  if (mark)
    nodes.push(
      svg("line", { class: "drop", x1: x(mark.at), x2: x(mark.at), y1: y(mark.value), y2: bottom }),
      svg("circle", { class: "at", cx: x(mark.at), cy: y(mark.value), r: 4.5 })
    );
  return {
    nodes,
    x,
    y,
    left,
    right,
    bottom,
    at: px => Math.max(0, Math.min(n - 1, Math.round(((px - left) * (n - 1)) / Math.max(1, right - left))))
  };
}

/** A chart's <svg>; a pointer over it says at which place it stands, `leave` when it goes. */
function chartNode(label, point = () => {}) {
  const node = svg("svg", { class: "chart", role: "img", "aria-label": label });
  let chart = null;
  node.addEventListener("pointermove", event => chart && point(chart.at(event.clientX - node.getBoundingClientRect().left), event));
  node.addEventListener("pointerleave", () => point(null));
  return {
    node,
    draw(width, height, made, name) {
      chart = distanceChart(width, height, made);
      fill(node, { width, height, "aria-label": name ?? label }, []);
      node.replaceChildren(...chart.nodes);
      return chart;
    }
  };
}
