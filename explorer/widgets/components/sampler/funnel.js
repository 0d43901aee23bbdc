// Sampling, part 4: the funnel. A post per stage, as high as the probability that is left; lying down on a narrow screen.

const STAGE_NAMES = { scores: "Scores", repetition_penalty: "Repetition", temperature: "Temperature", top_k: "Top-k", top_p: "Top-p",
  min_p: "Min-p", draw: "Draw from" };

/** The columns: scores, every filter (repetition only when it is on), what is drawn from. */
function funnelColumns(settings, result, V, depth) {
  const shapes = depth === "shapes", found = Object.fromEntries(result.stages.map(stage => [stage.name, stage]));
  const text = {
    repetition_penalty: shapes ? "V → V" : `seen ÷ ${written(settings.repetition_penalty)}`,
    temperature: shapes ? "V → V" : settings.temperature === 0 ? "0: the highest" : `÷ ${written(settings.temperature)}`,
    top_k: found.top_k.on ? `keep ${settings.top_k < V ? count(settings.top_k) : "all"}` : "off",
    top_p: found.top_p.on ? `keep ${written(settings.top_p)}` : "off",
    min_p: found.min_p.on ? `≥ ${written(settings.min_p)} of best` : "off",
  };
  const columns = [{ key: "scores", sub: shapes ? "logits V" : "softmax", kept: V, mass: 1, removed: 0, given: V }];
  for (const stage of result.stages) {
    if (stage.name === "repetition_penalty" && !stage.on) continue;
    const given = columns.at(-1).kept, cut = given - stage.kept;
    const sub = shapes && stage.name.includes("_") && stage.name !== "repetition_penalty"
      ? (stage.on ? `${count(cut)} → −∞` : "V → V") : text[stage.name];
    columns.push({ key: stage.name, sub, kept: stage.kept, mass: stage.mass, removed: stage.removed, given,
      cuts: ["top_k", "top_p", "min_p"].includes(stage.name) });
  }
  columns.push({ key: "draw", sub: shapes ? "probs V, sum 1" : "renormalised", kept: result.kept, mass: 1,
    removed: 0, given: result.kept });
  return columns;
}

/** The column to look at: of the slider in hand, else the filter that takes most. */
function loudColumn(columns, held) {
  if (columns.some(({ key }) => key === held)) return held;
  const most = columns.reduce((best, column) => (column.removed > best.removed ? column : best));
  return most.removed > 0 ? most.key : null;
}

const small = (attributes, fill = "var(--ink-3)") => svg("text", { class: "m", "font-size": 10.5, ...attributes, style: { fill } });

function funnelAcross(columns, width, held) {
  const high = 84, top = 74, n = columns.length, pitch = width / n, level = mass => top + high - Math.max(mass > 0 ? 0.75 : 0, high * mass);
  const loud = loudColumn(columns, held);
  const parts = [];
  columns.forEach((column, i) => {
    const x = i * pitch, next = columns[i + 1];
    if (!next) return parts.push(svg("rect", { x, y: top, width: pitch - 14, height: high, style: { fill: wash("prob", 13) } }));
    const from = level(column.mass), to = level(next.mass);
    const curve = `M${x} ${from}C${x + pitch * 0.62} ${from} ${x + pitch * 0.68} ${to} ${x + pitch} ${to}`;
    parts.push(svg("path", { d: `${curve}V${top + high}H${x}Z`, style: { fill: wash("prob", 13) } }));
    if (next.mass < 1 && next.key !== "draw") parts.push(svg("path", { d: `${curve}V${top}H${x}Z`, style: { fill: "var(--well)" } }));
  });
  columns.forEach(({ key, sub, kept, mass, removed, cuts }, i) => {
    const x = i * pitch, on = key === loud, y = level(mass);
    parts.push(
      svg("line", { x1: x, x2: x + pitch - 14, y1: 0.5, y2: 0.5, style: { stroke: on ? "var(--ink)" : "var(--line)" } }),
      svg("text", { x, y: 18, "font-size": 12, text: STAGE_NAMES[key],
        style: { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 550 : 450 } }),
      small({ x, y: 33, text: sub }),
      svg("text", { class: "m", x, y: 60, "font-size": kept > 99_999 ? 15 : 18, text: count(kept), style: { "font-weight": 500 } }),
      cuts && mass < 1 && svg("text", { class: "m", x: x + pitch - 14, y: 60, "font-size": 12, "text-anchor": "end", text: pct(mass),
        style: { fill: "var(--ink-2)" } }),
      svg("rect", { x, y, width: 2, height: top + high - y, style: { fill: "var(--prob)" } }));
    if (!cuts || removed <= 0) return;
    if (y > top) parts.push(svg("rect", { x, y: top, width: 2, height: y - top, style: { fill: "var(--axis)" } }));
    if (removed >= 0.001) parts.push(small({ x: x + 8, y: top + 12, text: `−${pct(removed)}` }, "var(--ink-2)"));
  });
  return { parts: parts.filter(Boolean), width, height: top + high + 6,
    columnAt: (x, y) => (y < 0 ? -1 : Math.max(0, Math.min(n - 1, Math.floor(x / pitch)))),
    box: i => ({ x: i * pitch, y: 0, width: pitch - 14, height: top + high }) };
}

function funnelDown(columns, width, held) {
  const left = Math.min(212, Math.round(width * 0.57)), wide = width - left, pitch = 46, n = columns.length;
  const loud = loudColumn(columns, held);
  const reach = mass => left + Math.max(mass > 0 ? 0.75 : 0, wide * mass), parts = [];
  columns.forEach((column, i) => {
    const y = i * pitch, next = columns[i + 1];
    if (!next) return parts.push(svg("rect", { x: left, y, width: wide, height: pitch - 10, style: { fill: wash("prob", 13) } }));
    const from = reach(column.mass), to = reach(next.mass);
    const curve = `M${from} ${y}C${from} ${y + pitch * 0.62} ${to} ${y + pitch * 0.68} ${to} ${y + pitch}`;
    parts.push(svg("path", { d: `${curve}H${left}V${y}Z`, style: { fill: wash("prob", 13) } }));
    if (next.mass < 1 && next.key !== "draw") parts.push(svg("path", { d: `${curve}H${width}V${y}Z`, style: { fill: "var(--well)" } }));
  });
  columns.forEach(({ key, sub, kept, mass, removed, cuts }, i) => {
    const y = i * pitch, on = key === loud, x = reach(mass);
    parts.push(
      svg("line", { x1: 0, x2: left - 12, y1: y + 0.5, y2: y + 0.5, style: { stroke: on ? "var(--ink)" : "var(--line)" } }),
      svg("text", { x: 0, y: y + 17, "font-size": 12, text: STAGE_NAMES[key],
        style: { fill: on ? "var(--ink)" : "var(--ink-2)", "font-weight": on ? 550 : 450 } }),
      small({ x: 0, y: y + 31, text: sub }),
      svg("text", { class: "m", x: left - 12, y: y + 19, "font-size": 15, "text-anchor": "end", text: count(kept),
        style: { "font-weight": 500 } }),
      cuts && mass < 1 && small({ x: left - 12, y: y + 34, "text-anchor": "end", text: pct(mass) }, "var(--ink-2)"),
      svg("rect", { x: left, y, width: x - left, height: 2, style: { fill: "var(--prob)" } }));
    if (!cuts || removed <= 0) return;
    parts.push(svg("rect", { x, y, width: width - x, height: 2, style: { fill: "var(--axis)" } }));
    if (removed >= 0.001) parts.push(small({ x: width - 4, y: y + 15, "text-anchor": "end", text: `−${pct(removed)}` }, "var(--ink-2)"));
  });
  return { parts: parts.filter(Boolean), width, height: n * pitch, columnAt: (x, y) => Math.max(0, Math.min(n - 1, Math.floor(y / pitch))),
    box: i => ({ x: 0, y: i * pitch, width, height: pitch }) };
}
