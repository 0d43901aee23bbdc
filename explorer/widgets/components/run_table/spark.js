// The ledger, part 2: a run's loss in small, each on its own scale: the shape is compared here, the level beside it.

const SPARK_WIDTH = 112, SPARK_HEIGHT = 34;

/** Every run's steps and values by its id; in the payload they lie one after the other. */
function sparksOf(rows, { sparks }) {
  let at = 0;
  return new Map(rows.map(({ id, points }) => {
    const steps = sparks.subarray(at, at + points), values = sparks.subarray(at + points, at + 2 * points);
    at += 2 * points;
    return [id, { steps, values }];
  }));
}

function spark({ steps, values }, colour, says) {
  const drawing = svg("svg", { class: "spark", width: SPARK_WIDTH, height: SPARK_HEIGHT, role: "img", "aria-label": says });
  if (!values.length) return drawing;
  const low = Math.min(...values), high = Math.max(...values);
  const x = v => 1 + ((v - steps[0]) / (steps[steps.length - 1] - steps[0] || 1)) * (SPARK_WIDTH - 8);
  const y = v => 3 + (1 - (v - low) / (high - low || 1)) * (SPARK_HEIGHT - 6);
  const path = [...values].map((v, i) => `${i ? "L" : "M"}${x(steps[i]).toFixed(1)} ${y(v).toFixed(1)}`).join("");
  const last = values.length - 1;
  const end = svg("circle", { cx: x(steps[last]), cy: y(values[last]), r: 2.2, style: { fill: colour } });
  drawing.append(svg("path", { d: path, style: { stroke: colour } }), end);
  return drawing;
}
