// The ledger, part 2: a run's loss in small, each on its own scale: the shape is compared here, the level beside it.

const SPARK_WIDTH = 112, SPARK_HEIGHT = 34;

/** steps and values of row i. */
function sparkOf(arrays, i) {
  const all = arrays[`spark${i}`], n = all.shape[1];
  return { steps: all.subarray(0, n), values: all.subarray(n, 2 * n) };
}

function spark({ steps, values }, colour, says) {
  const drawing = svg("svg", { class: "spark", width: SPARK_WIDTH, height: SPARK_HEIGHT, role: "img", "aria-label": says });
  if (!values.length) return drawing;
  const low = Math.min(...values), high = Math.max(...values);
  const x = v => 1 + ((v - steps[0]) / (steps[steps.length - 1] - steps[0] || 1)) * (SPARK_WIDTH - 8);
  const y = v => 3 + (1 - (v - low) / (high - low || 1)) * (SPARK_HEIGHT - 6);
  const path = [...values].map((v, i) => `${i ? "L" : "M"}${x(steps[i]).toFixed(1)} ${y(v).toFixed(1)}`).join("");
  const last = values.length - 1;
  drawing.append(svg("path", { d: path, style: { stroke: colour } }), svg("circle", { cx: x(steps[last]), cy: y(values[last]), r: 2.2, style: { fill: colour } }));
  return drawing;
}
