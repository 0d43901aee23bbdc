// Home, part 2: where everything stands. u runs along the computation (right; on a phone down), v across the tokens.

const FLOW = { HEAD: 78, MANY: 18, WINDOW: 14, PITCH: [22, 57], CLOSED: [16, 90], OPEN: [276, 318], LIST: 38, TILE: 17, TILE_STEP: 20 };
const clamp = (low, x, high) => Math.max(low, Math.min(high, x));
const mixed = (a, b, t) => a + (b - a) * t;

/** Columns of the wide picture. `openness` (L numbers from 0 to 1, usually one 1) says how far each block is open. */
function flowColumns(data, width, openness) {
  const longest = Math.max(...data.tokens.map(token => Math.min(12, tokenText(token).length)));
  const indexX = String(data.T - 1).length * 6.4, tokenX = Math.max(16, indexX + 6), tokenW = clamp(66, tokenX + longest * 7.9 + 8, 124);
  const embed = tokenW + 4, position = data.additive ? embed + 74 : null, stream = (position ?? embed) + 62, start = stream + 8;
  const listW = clamp(132, width * 0.135, 180);
  const openMin = data.hasMlp ? FLOW.OPEN[0] : FLOW.OPEN[0] - 84, openBest = data.hasMlp ? FLOW.OPEN[1] : FLOW.OPEN[1] - 84;
  const room = width - listW - 50 - start, others = data.L - 1;
  const closed = others ? clamp(FLOW.CLOSED[0], (room - openBest) / others, FLOW.CLOSED[1]) : 0;
  const open = Math.max(openMin, room - others * closed);
  const blocks = [];
  let x = start;
  for (let l = 0; l < data.L; l++) {
    const w = mixed(closed, open, openness[l]);
    blocks.push({ l, x, w, open: openness[l] === 1 });
    x += w;
  }
  return { indexX, tokenX, tokenW, embed, position, stream, start, blocks, closed, end: x - 4, list: x + 50, total: x + 50 + listW, listW };
}

/** Whether the picture is turned, tokens as columns: where its width is too small for blocks side by side and the list. */
function flowTurned(data, width) {
  const oneOpen = Array(data.L).fill(0).fill(1, 0, 1);
  return width < 690 || (width < 860 && flowColumns(data, width, oneOpen).total > width + 8);
}

/** What stands where inside an open block. */
function flowInside(data, block) {
  const mlpW = data.hasMlp ? 104 : 0, attention = block.w - mlpW, X = block.x;
  const clock = data.rope ? X + 59 : null, matrix = X + (data.rope ? 74 : 54), add = X + attention - 14;
  const cell = Math.max(0.2, Math.min(19, (add - 5 - 44 - 4 - matrix) / data.T));
  return { X, attention, clock, matrix, cell, arcs: matrix + data.T * cell + 4, add, mlp: X + attention + 2, mlpAdd: X + attention + 88 };
}

/**
 * Lanes: which tokens are drawn, and where. Up to 18 all of them; above, a window of 14 that scrolls by whole rows over the others,
 * and the token in focus pinned below it. place(i) gives {v, seen}: for a token out of sight, the edge beyond which it lies.
 */
function flowLanes(data, focus, first, head) {
  const many = data.T > FLOW.MANY, pitch = many ? FLOW.PITCH[0] : clamp(FLOW.PITCH[0], 400 / data.T, FLOW.PITCH[1]);
  const ribbon = clamp(7, pitch * 0.32, 18);
  const fit = p => ({ work: Math.min(26, Math.round(p * 0.456)), gap: p > 40 ? 3 : 2, strip: p < 34 ? 6 : Math.min(18, p * 0.32) });
  if (many) head += 10;  // room for the numbers of tokens out of sight
  const lane = fit(pitch), base = head + lane.work + lane.gap + ribbon / 2;
  const listed = Array.from({ length: data.T }, (_, i) => i).filter(i => !many || i !== focus);
  const size = many ? Math.min(FLOW.WINDOW, listed.length) : data.T;
  first = clamp(0, first, listed.length - size);
  const lanes = listed.slice(first, first + size).map((i, n) => ({ i, v: base + n * pitch, pitch, ...lane }));
  const last = lanes.at(-1).v, top = head - 2, bottom = last + ribbon / 2 + 6;
  if (many) {
    const own = fit(57);
    lanes.push({ i: focus, v: bottom + 10 + own.work + own.gap + ribbon / 2, pitch: 57, ...own, pinned: true });
  }
  for (const one of lanes) Object.assign(one, { focus: one.i === focus, top: one.v - ribbon / 2 - one.gap - one.work });
  const byToken = new Map(lanes.map(one => [one.i, one]));
  const above = listed[first], below = listed[first + size - 1];
  return {
    many, lanes, ribbon, pitch, top, bottom, first, size, listed, base, lastV: lanes.at(-1).v, focus: byToken.get(focus),
    place(i) {
      const one = byToken.get(i);
      if (one) return { v: one.v, seen: true };
      return i < above ? { v: top, seen: false } : { v: i > below ? bottom + 2 : top, seen: false };
    },
    nAbove: first, nBelow: listed.length - first - size,
  };
}

/** The first row of the window that shows what the token in focus can read: the rows just before it. */
function flowWindow(data, focus) { return clamp(0, focus - FLOW.WINDOW, Math.max(0, data.T - 1 - FLOW.WINDOW)); }

/** Closed path of a ribbon around v: flats [[u0, u1, half height], ...] joined by smooth steps. P maps (u, v) to "x y". */
function ribbonPath(P, v, flats) {
  const side = (sign, list) => list.map(([u0, u1, half], n) => {
    const near = `${P(u0, v + sign * half)}L${P(u1, v + sign * half)}`;
    if (!n) return near;
    const [, from, before] = list[n - 1], m = (from + u0) / 2;
    return `C${P(m, v + sign * before)} ${P(m, v + sign * half)} ${near}`;
  }).join("");
  const back = flats.map(([u0, u1, half]) => [u1, u0, half]).reverse();
  return `M${side(-1, flats)}L${side(1, back)}Z`;
}

/** From token row v0 at u0 to row v1 at u1; a token reading itself is a straight line. */
function arcPath(P, u0, v0, u1, v1) {
  const w = u1 - u0;
  return v0 === v1 ? `M${P(u0, v0)}L${P(u1, v1)}` : `M${P(u0, v0)}C${P(u0 + w * 0.55, v0)} ${P(u0 + w * 0.45, v1)} ${P(u1, v1)}`;
}
const across = (u, v) => `${u.toFixed(1)} ${v.toFixed(2)}`;
const downwards = (u, v) => `${v.toFixed(2)} ${u.toFixed(1)}`;
