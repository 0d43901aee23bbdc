// Curves, part 2: the numbers of a series, and its moving mean.

/** Panels with their series as numbers: x(kind) and y hold the points drawn, `mean` what smoothing starts from. */
function readPanels({ header, arrays }) {
  return header.panels.map(panel => ({ ...panel, series: panel.series.map(told => readSeries(told, arrays)) }));
}

function readSeries(told, arrays) {
  const points = axesOf(told.x, arrays), y = arrays[told.y];
  const { means } = told;
  const mean = means ? { x: axesOf(means.x, arrays), y: arrays[means.y], width: means.width } : { x: points, y, width: 1 };
  return { ...told, x: points, y, mean, total: told.points, smooth: new Map() };
}

/** An axis is an array, or a multiple of the steps. */
function axesOf(told, arrays) {
  const made = new Map();
  return kind => {
    if (!made.has(kind)) {
      const many = told[kind];
      made.set(kind, typeof many === "number" ? Float64Array.from(arrays[told.step], v => v * many) : arrays[many]);
    }
    return made.get(kind);
  };
}

/** Half-widths that the slider offers, in steps; 0 is off. */
const WIDTHS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];

/**
 * The mean of what lies around each point, weighted by a bell of standard deviation `width` steps. As far back as ahead, so
 * nothing moves sideways and a slope stays a slope; towards both ends the bell is cut. It starts from means of the real
 * points, never from the extremes that are drawn.
 */
function smoothed(series, width) {
  if (!series.smooth.has(width)) {
    const { mean: { x, y } } = series, step = x("step"), end = step[step.length - 1], out = new Float64Array(y.length).fill(NaN);
    for (let i = 0, from = 0; i < y.length; i++) {
      const reach = Math.min(3 * width, step[i] - step[0], end - step[i]);
      while (step[i] - step[from] > 3 * width) from++;
      let sum = 0, weights = 0;
      for (let j = from; j < y.length && step[j] - step[i] <= reach; j++) {
        if (!Number.isFinite(y[j]) || step[i] - step[j] > reach) continue;
        const w = Math.exp(-0.5 * ((step[j] - step[i]) / width) ** 2);
        sum += w * y[j];
        weights += w;
      }
      if (weights > 0 && Number.isFinite(y[i])) out[i] = sum / weights;
    }
    series.smooth.clear();
    series.smooth.set(width, out);
  }
  return { x: series.mean.x, y: series.smooth.get(width) };
}

/** The place of the value nearest to v in rising numbers. */
function nearest(values, v) {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < v) low = middle + 1; else high = middle;
  }
  return low > 0 && v - values[low - 1] <= values[low] - v ? low - 1 : low;
}

/** A value of one axis as one of another, read off the longest series. */
function translate(panels, v, from, to) {
  const all = panels.flatMap(({ series }) => series).filter(({ y }) => y.length);
  if (from === to || !all.length) return v;
  const longest = all.reduce((a, b) => (b.x("step").at(-1) > a.x("step").at(-1) ? b : a));
  const a = longest.x(from), b = longest.x(to), end = a.length - 1;
  if (v <= a[0]) return a[0] ? (v / a[0]) * b[0] : b[0];
  if (v >= a[end]) return a[end] ? (v / a[end]) * b[end] : b[end];
  let i = nearest(a, v);
  if (a[i] > v) i--;
  return b[i] + ((v - a[i]) / (a[i + 1] - a[i])) * (b[i + 1] - b[i]);
}
