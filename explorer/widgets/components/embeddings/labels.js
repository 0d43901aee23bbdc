// Embeddings, part 3: which tokens are named on the map. The loud ones always, the others where there is room.

const LETTER = 7.1,
  MOST_NAMES = 140;

/** SVG of the lines to the nearest and of the names. loud: [id, class] in order; rest: ids that may be named. */
function mapNames(all, { xy, inside, place }, loud, rest, lines) {
  const taken = [],
    out = [];
  const free = box =>
    !taken.some(one => box.x < one.x + one.w && one.x < box.x + box.w && box.y < one.y + one.h && one.y < box.y + box.h);
  const boxes = (x, y, w, h) => [
    { x: x + 7, y: y - h / 2, w, h },
    { x: x - 7 - w, y: y - h / 2, w, h },
    { x: x - w / 2, y: y - h - 6, w, h },
    { x: x - w / 2, y: y + 6, w, h }
  ];
  function name(id, kind, must) {
    const [x, y] = xy(id),
      token = all.token(id),
      size = { rest: 10, chosen: 14 }[kind] ?? 12;
    if (!inside([x, y])) return;
    const w = Math.min(14, [...token.pieces.join("")].length) * (size / 12) * LETTER + 2,
      h = size + 3;
    const open = boxes(x, y, w, h).filter(
      box => box.x > MARGIN_LEFT && box.x + box.w < place.width && box.y > 0 && box.y + box.h < place.height - MARGIN_BOTTOM
    );
    const box = open.find(free) ?? (must ? open[0] : null);
    if (!box) return;
    taken.push({ ...box });
    out.push(tokenLabel(token, { class: `m token name ${kind}`, x: box.x + 1, y: box.y + size - 0.5, "font-size": size }, 14));
  }
  const spots = loud.map(([id, kind]) => {
    const [x, y] = xy(id);
    taken.push({ x: x - 5, y: y - 5, w: 10, h: 10 });
    return svg("circle", { class: `spot ${kind}`, cx: x, cy: y, r: kind === "chosen" ? 5.5 : kind === "near" ? 3 : 4 });
  });
  loud.forEach(([id, kind]) => name(id, kind, kind !== "near"));
  const left = MOST_NAMES - out.length;
  let tried = 0;
  for (const id of rest) {
    if (out.length >= MOST_NAMES || tried > 6 * left) break;
    if (!inside(xy(id))) continue;
    tried++;
    name(id, "rest", false);
  }
  const from = lines && xy(lines.from);
  const net = lines
    ? lines.to.map(id => {
        const [x, y] = xy(id);
        return svg("line", { class: "tie", x1: from[0], y1: from[1], x2: x, y2: y });
      })
    : [];
  return [...net, ...out.filter(one => one.classList.contains("rest")), ...spots, ...out.filter(one => !one.classList.contains("rest"))];
}
