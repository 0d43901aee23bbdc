// Analogy, part 1: the sum as arrows in the plane through a, b and c, in which it lies itself.

/** Where vectors lie in the plane through b, a and c: the first axis runs from b to a. */
function planeThrough(a, b, c) {
  const minus = (u, v) => Float64Array.from(u, (x, i) => x - v[i]),
    unit = u => {
      const size = Math.sqrt(dot(u, u)) || 1;
      return u.map(x => x / size);
    };
  const first = unit(minus(a, b)),
    other = minus(c, b),
    share = dot(other, first),
    second = unit(other.map((x, i) => x - share * first[i]));
  return vector => {
    const from = minus(vector, b);
    return [dot(from, first), dot(from, second)];
  };
}

/** points: {a, b, c, end, nearest}, each [x, y]; names: tokens by the same keys. */
function sumDrawing(all, points, names, width, height) {
  const list = Object.values(points),
    pad = 46,
    [x0, x1] = [Math.min(...list.map(p => p[0])), Math.max(...list.map(p => p[0]))];
  const [y0, y1] = [Math.min(...list.map(p => p[1])), Math.max(...list.map(p => p[1]))];
  const k = Math.min((width - 2 * pad) / Math.max(1e-6, x1 - x0), (height - 2 * 26) / Math.max(1e-6, y1 - y0));
  const place = ([x, y]) => [width / 2 + (x - (x0 + x1) / 2) * k, height / 2 - (y - (y0 + y1) / 2) * k];
  const at = Object.fromEntries(Object.entries(points).map(([key, p]) => [key, place(p)]));
  const arrow = (from, to, cls) => {
    const [ax, ay] = at[from],
      [bx, by] = at[to],
      length = Math.hypot(bx - ax, by - ay),
      ux = (bx - ax) / (length || 1),
      uy = (by - ay) / (length || 1);
    const end = Math.max(0, length - 7),
      ex = ax + ux * end,
      ey = ay + uy * end;
    return svg("path", {
      class: `arrow ${cls}`,
      d:
        `M${ax} ${ay}L${ex} ${ey}M${ex - 7 * ux + 4 * uy} ${ey - 7 * uy - 4 * ux}`
        + `L${ex} ${ey}L${ex - 7 * ux - 4 * uy} ${ey - 7 * uy + 4 * ux}`
    });
  };
  const dot = (key, cls) => svg("circle", { class: `end ${cls}`, cx: at[key][0], cy: at[key][1], r: cls === "sum" ? 5 : 4 });
  const name = key => {
    const [x, y] = at[key],
      right = x > width * 0.66,
      under = key === "nearest" && Math.abs(at.end[1] - y) < 14 ? 18 : y < 22 ? 16 : -9;
    return tokenLabel(
      names[key],
      { class: `m token name ${key}`, x: right ? x + 4 : x - 4, y: y + under, "font-size": 12.5, "text-anchor": right ? "end" : "start" },
      14
    );
  };
  return [
    arrow("b", "a", "way"),
    arrow("c", "end", "way"),
    arrow("b", "c", "base"),
    dot("a", ""),
    dot("b", ""),
    dot("c", ""),
    svg("line", { class: "miss", x1: at.end[0], y1: at.end[1], x2: at.nearest[0], y2: at.nearest[1] }),
    dot("nearest", "found"),
    dot("end", "sum"),
    ...["a", "b", "c", "nearest"].map(name)
  ];
}
