// Embeddings, part 2: the marks of the kinds, and the grid with its numbers.

/** A mark for each kind, since colour alone is not for every reader. */
function drawKind(context, kind, x, y, r) {
  if (kind === 0) {
    context.beginPath();
    context.arc(x, y, r, 0, 7);
    context.fill();
    return;
  }
  if (kind === 1) {
    context.lineWidth = 1.2;
    context.beginPath();
    context.arc(x, y, r * 0.9, 0, 7);
    context.stroke();
    return;
  }
  context.beginPath();
  if (kind === 2) context.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else if (kind === 3) {
    context.lineWidth = 1.2;
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x - r, y + r);
    context.lineTo(x + r, y - r);
    return context.stroke();
  } else if (kind === 4) {
    context.lineWidth = 1.4;
    context.moveTo(x - r * 1.2, y);
    context.lineTo(x + r * 1.2, y);
    return context.stroke();
  } else if (kind === 5) {
    context.lineWidth = 1;
    context.moveTo(x, y - r);
    context.lineTo(x + r, y + r);
    context.lineTo(x - r, y + r);
    context.closePath();
    return context.stroke();
  } else {
    context.moveTo(x, y - r * 1.3);
    context.lineTo(x + r * 1.3, y);
    context.lineTo(x, y + r * 1.3);
    context.lineTo(x - r * 1.3, y);
  }
  context.fill();
}

/** The directions of the three components from the middle, each with its number at its end. */
function solidFrame(place) {
  return [0, 1, 2].flatMap(i => {
    const style = { stroke: "var(--line)" },
      [[x1, y1], [x2, y2], [x, y]] = [0, 0.9, 0.97].map(far =>
        place.seen(...place.middle.map((v, one) => v + (one === i ? far * place.near : 0)))
      );
    const text = { class: "m", x, y: y + 4, "font-size": 11, "text-anchor": "middle", text: i + 1, style: { fill: "var(--ink-2)" } };
    return [svg("line", { x1, y1, x2, y2, style }), svg("text", text)];
  });
}

/** Grid lines and the numbers at them. */
function mapFrame(place) {
  const bottom = place.height - MARGIN_BOTTOM,
    { width } = place,
    out = [],
    faint = { style: { fill: "var(--ink-3)" } };
  const line = (x1, y1, x2, y2, colour) => svg("line", { x1, y1, x2, y2, style: { stroke: `var(--${colour})` } });
  for (const [v, text] of ticksOf(place.vx(MARGIN_LEFT), place.vx(width), width < 480 ? 4 : 6)) {
    const x = place.px(v);
    out.push(
      line(x, 0, x, bottom, v === 0 || text === "0" ? "line" : "hair"),
      svg("text", {
        class: "m",
        x,
        y: bottom + 14,
        "font-size": 10.5,
        "text-anchor": x > width - 14 ? "end" : "middle",
        text,
        ...faint
      })
    );
  }
  for (const [v, text] of ticksOf(place.vy(bottom), place.vy(0), 5)) {
    const y = place.py(v);
    out.push(
      line(MARGIN_LEFT, y, width, y, text === "0" ? "line" : "hair"),
      svg("text", { class: "m", x: MARGIN_LEFT - 6, y: Math.max(8, y + 3.5), "font-size": 10.5, "text-anchor": "end", text, ...faint })
    );
  }
  return out;
}
