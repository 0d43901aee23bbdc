// Curves, part 4: what happened to the run: dotted lines through all panels, their names in lanes above the first.

const LANE = 14, LANES = 2, TOGETHER = 10, CHARACTER = 5.9;  // px of a lane, px apart that are still one name, px of a letter

/** The names that find room: {px, from, end, row, text}. Events side by side share one; the others wait for the pointer. */
function eventLabels(events, { x, right }) {
  const groups = [];
  for (const event of inSightOf(events, x)) {
    const px = x.to(event.value), last = groups.at(-1);
    if (last && px - last.px < TOGETHER) last.names.push(event.name);
    else groups.push({ px, names: [event.name] });
  }
  const taken = Array(LANES).fill(-Infinity), found = [];
  for (const { px, names } of groups) {
    const text = joined(names, 2), wide = text.length * CHARACTER, end = px + 4 + wide > right, from = end ? px - wide : px - 2;
    const row = taken.findIndex(last => from > last + 10);
    if (row < 0 || from < 0) continue;
    taken[row] = from + wide;
    found.push({ px, from, end, row, text });
  }
  return found;
}

/** "paused, resumed"; of more than `most` the first ones and how many more there are. */
function joined(names, most) {
  const alone = [...new Set(names)], shown = alone.slice(0, most), more = alone.length - shown.length;
  return shown.join(", ") + (more ? ` +${more}` : "");
}

const inSightOf = (events, x) => events.filter(({ value }) => value >= x.low && value <= x.high).sort((a, b) => a.value - b.value);

/** What happened within a few pixels of a value, in words; empty where nothing did. */
function eventsNear(events, value, x) {
  const near = inSightOf(events, x).filter(event => Math.abs(x.to(event.value) - x.to(value)) <= TOGETHER / 2);
  return joined(near.map(({ name }) => name), 4);
}

/** Dotted lines, up to their names in the first panel. The step on show is a solid line. */
function eventLines(events, labels, { plot, x, first, mark }) {
  const nodes = [];
  for (const { value } of inSightOf(events, x)) {
    const px = x.to(value), label = labels.find(one => one.px === px);
    const top = label ? LANE * label.row + 13 : plot.top;
    nodes.push(svg("line", { class: "event", x1: px, x2: px, y1: top, y2: plot.bottom }));
  }
  for (const { px, end, row, text } of labels) {
    const at = { x: end ? px + 2 : px - 2, y: LANE * row + 10, "text-anchor": end ? "end" : "start" };
    nodes.push(svg("text", { class: "named", ...at, text }));
  }
  if (mark !== null && mark >= x.low && mark <= x.high) {
    const px = x.to(mark);
    nodes.push(svg("line", { class: "at", x1: px, x2: px, y1: plot.top - (first ? 4 : 0), y2: plot.bottom }));
    if (first) nodes.push(svg("path", { class: "atmark", d: `M${px - 4} ${plot.top - 7}h8l-4 6z` }));
  }
  return nodes;
}
