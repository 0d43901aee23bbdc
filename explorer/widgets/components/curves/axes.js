// Curves, part 1: what an axis counts, where its ticks stand, and how values become pixels.

/** What can lie along: how it is called in a choice, behind the last tick, and how a value of it is written. */
const AXES = {
  step: { name: "Steps", unit: "steps", texts: tickTexts, at: v => `step ${count(v)}` },
  tokens: { name: "Tokens", unit: "tokens", texts: tickTexts, at: v => `${count(v)} tokens` },
  seconds: { name: "Time", unit: "training", texts: clock, at: duration },
  flops: { name: "FLOPs", unit: "FLOPs", texts: values => values.map(v => rate(v)), at: v => `${rate(v)} FLOPs` },
};

/** Times under an axis, all in the unit that suits the longest: 0, 30 s, 60 s; 0, 2.5 min, 5 min. */
function clock(values) {
  const longest = values.at(-1), [size, unit] = longest <= 120 ? [1, "s"] : longest <= 7200 ? [60, "min"] : [3600, "h"];
  return values.map(s => (s === 0 ? "0" : `${Number((s / size).toPrecision(3))} ${unit}`));
}

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
/** The next round number from v up, so that a growing axis seldom moves. */
function roundUp(v) {
  if (!(v > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(v));
  return unit * (ROUND.find(r => r * unit >= v * (1 - 1e-12)) ?? 10);
}

const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400];
/** The distance between about n ticks over a span. */
function stride(span, n, kind) {
  const rough = span / n;
  if (kind === "seconds" && rough > 1) return CLOCK.find(s => s >= rough) ?? Math.ceil(rough / 86400) * 86400;
  const unit = 10 ** Math.floor(Math.log10(rough));
  return unit * ([1, 2, 5, 10].find(r => r * unit >= rough * 0.999) ?? 10);
}

/** About n round values inside [low, high]. */
function ticks(low, high, n, { log = false, kind } = {}) {
  if (!(high > low)) return [low];
  if (log && high / low > 8) {
    const powers = [];
    for (let e = Math.floor(Math.log10(low)); 10 ** e <= high; e++) powers.push(10 ** e);
    const skip = Math.max(1, Math.ceil(powers.length / (n + 1)));
    const fine = powers.length < 3 ? powers.flatMap(p => [p, 2 * p, 5 * p]) : powers.filter((_, i) => i % skip === 0);
    return fine.map(v => Number(v.toPrecision(6))).filter(v => v >= low && v <= high);
  }
  let step = stride(high - low, n, kind);
  if (kind === "step" || kind === "tokens") step = Math.max(1, step);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    found.push(Number((i * step).toPrecision(12)));
  }
  return found;
}

/** Values in [low, high] to pixels in [from, to] and back; on a log axis what is not above 0 stands at its start. */
function scale(low, high, from, to, log = false) {
  const place = log ? Math.log : v => v, back = log ? Math.exp : v => v;
  const a = place(low), span = place(high) - a || 1;
  return {
    low, high,
    to: v => (log && v <= 0 ? from : from + ((place(v) - a) / span) * (to - from)),
    from: p => back(a + ((p - from) / (to - from)) * span),
  };
}

/** The upright range of what is in sight, out to round numbers; from 0 where that is near. Where nothing is, `bare` lines. */
function upright(values, log, n) {
  let low = Infinity, high = -Infinity;
  for (const v of values) if (Number.isFinite(v) && (!log || v > 0)) { low = Math.min(low, v); high = Math.max(high, v); }
  if (low > high) return { low: log ? 0.1 : 0, high: 1, ticks: [], bare: n };
  if (log) {
    if (high / low < 1.01) { low /= 1.2; high *= 1.2; }
    return { low, high, ticks: ticks(low, high, 4, { log: true }) };
  }
  if (low >= 0 && low < 0.15 * high) low = 0;
  if (high <= 0 && high > 0.15 * low) high = 0;
  if (high - low < 1e-9 * Math.max(Math.abs(high), 1e-12)) {
    const pad = Math.abs(high) * 0.1 || 1;
    low = low === 0 ? 0 : low - pad;
    high += pad;
  }
  const step = stride(high - low, n);
  low = Math.floor(low / step + 1e-9) * step;
  high = Math.ceil(high / step - 1e-9) * step;
  return { low, high, ticks: ticks(low, high, Math.round((high - low) / step)) };
}

/** A figure as it stands at a line's end: 1.87, 4,096, 3e−4; `exact` gives about five digits. */
function figure(v, exact = false) {
  if (!Number.isFinite(v)) return "–";
  const size = Math.abs(v);
  if (v === 0) return "0";
  if (size < 0.01) return exact ? v.toExponential(3).replaceAll("-", MINUS).replace("+", "") : rate(v);
  if (size >= 10000) return exact ? grouped(v, 1) : count(v);
  return grouped(v, exact ? (size < 100 ? 4 : 2) : size < 100 ? 2 : 0);
}

/** Fixed decimals, a comma between thousands: 4,096.5. */
function grouped(v, digits) {
  const [whole, rest] = signed(v, digits).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ? `.${rest}` : "");
}

const UNITS = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];
/** The ticks of one axis in one manner: the decimals that their distance needs, one unit from 100,000 up. */
function tickTexts(values, { log = false } = {}) {
  const largest = Math.max(...values.map(Math.abs)), step = values.length > 1 ? values[1] - values[0] : values[0] || 1;
  if (largest === 0) return values.map(() => "0");
  if (log) return values.map(v => (largest < 1e5 && values[0] >= 0.001 ? grouped(v, decimals(v)) : power(v)));
  if (largest < 0.01) return values.map(v => rate(v));
  const [size, unit] = largest < 1e5 ? [1, ""] : UNITS.find(([size]) => largest >= size), digits = decimals(step / size);
  return values.map(v => (v === 0 ? "0" : `${grouped(v / size, digits)}${unit && ` ${unit}`}`));
}

/** 2 k, 100 k, 5 M; what is small as 1e−4. */
function power(v) {
  if (v < 0.001) return rate(v);
  const [size, unit] = UNITS.find(([size]) => v >= size) ?? [1, ""];
  return `${Number((v / size).toPrecision(3))}${unit && ` ${unit}`}`;
}

/** How many decimals show a distance between ticks. */
const decimals = step => Math.max(0, Math.min(6, Math.ceil(-Math.log10(Math.abs(step)) - 1e-9)));
