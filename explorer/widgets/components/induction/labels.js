// Induction: what both panels are lettered with, and lines that leave out what is not known.

const lettering = (x, y, words, attributes = {}) => svg("text", { x, y, text: words, "font-size": 11, ...attributes });

/** Names at line ends, moved apart so that none covers another. */
function lineNames(labels, right, top, bottom) {
  labels.sort((a, b) => a.y - b.y);
  labels.forEach((label, n) => { label.at = Math.max(label.y, n ? labels[n - 1].at + 14 : top + 4); });
  let floor = bottom + 4;
  for (const label of labels.toReversed()) {
    label.at = Math.min(label.at, floor);
    floor = label.at - 14;
  }
  return labels.flatMap(({ at, name, value, colour, bold }) => [
    lettering(right + 9, at + 4, name, { style: { fill: colour, "font-weight": bold ? 550 : 400 } }),
    lettering(right + 128, at + 4, value,
      { class: "m", "text-anchor": "end", style: { fill: "var(--ink)", "font-weight": bold ? 500 : 400 } })]);
}

/** Title, unit and grid of a panel. */
function panelFrame(view, { top, ticks, y, scale, title, unit }) {
  const grid = ticks.flatMap(value => [
    svg("line", { class: "grid", x1: scale.left, x2: scale.right, y1: y(value), y2: y(value) }),
    lettering(scale.left - 7, y(value) + 4, String(value), { class: "m faint", "text-anchor": "end" })]);
  const unitText = lettering(scale.right, top - 10, unit, { "text-anchor": "end", class: "faint" });
  const named = lettering(0, top - 10, title, { "font-size": 13, "font-weight": 550 });
  return [named, ...(view.phone ? [] : [unitText]), ...grid];
}

function linePath(points, attributes) {
  let d = "", pen = "M";
  for (const [x, y] of points) {
    if (Number.isFinite(y)) d += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = Number.isFinite(y) ? "L" : "M";
  }
  return svg("path", { class: "line", d, ...attributes });
}
