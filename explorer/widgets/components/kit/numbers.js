// The kit, part 3: numbers as LOOK says them. The twin of explorer/display.py; a browser test holds the two equal.

const MINUS = "−";

/** Fixed decimals, real minus sign, no sign on a rounded zero, "0" for exactly zero; `plus` marks changes. */
function signed(x, digits = 2, plus = false) {
  if (!Number.isFinite(x)) return odd(x);
  if (x === 0) return "0";
  const text = Math.abs(x).toFixed(digits);
  if (Number(text) === 0) return text;
  return (x < 0 ? MINUS : plus ? "+" : "") + text;
}

function odd(x) { return Number.isNaN(x) ? "not a number" : x < 0 ? `${MINUS}∞` : "∞"; }

/** Probability in [0, 1]: 61%, 8.4%, <0.1%, 0. */
function pct(p) {
  if (!Number.isFinite(p)) return odd(p);
  if (p <= 0) return "0";
  if (p < 0.001) return "<0.1%";
  if (p < 0.0995) return `${(p * 100).toFixed(1)}%`;
  if (p >= 0.995 && p < 0.999999) return ">99%";
  return `${(p * 100).toFixed(0)}%`;
}

/** Attention weight in [0, 1]: 0.87, in a cell .87; exactly 0 is 0. */
function weight(w, cell = false) {
  const text = signed(w, 2);
  if (!cell || !text.startsWith("0.")) return cell && text === "1.00" ? "1.0" : text;
  return text.slice(1);
}

/** 4,096; 338 k; 1.1 M; 1.5 B. */
function count(n) {
  if (!Number.isFinite(n)) return odd(n);
  const sign = n < 0 ? MINUS : "", size = Math.abs(n);
  if (size < 99_999.5) return sign + Math.round(size).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  for (const [unit, name] of [[1e3, "k"], [1e6, "M"], [1e9, "B"]]) {
    const value = size / unit, digits = name === "k" || value >= 99.95 ? 0 : 1;
    if (name === "B" || Number(value.toFixed(digits)) < 1000) return `${sign}${value.toFixed(digits)} ${name}`;
  }
}

/** 1 token; 4,096 tokens. */
const plural = (n, one) => `${count(n)} ${n === 1 ? one : `${one}s`}`;

/** Loss in nats: 2 decimals. */
const loss = x => (Number.isFinite(x) ? x.toFixed(2).replace("-", MINUS) : odd(x));

/** Learning rate: 3e−4, 2.5e−3. */
function rate(x) {
  if (!Number.isFinite(x)) return odd(x);
  if (x === 0) return "0";
  const [mantissa, exponent] = x.toExponential(1).split("e");
  return `${mantissa.replace(/\.0$/, "").replace("-", MINUS)}e${exponent.replace("-", MINUS).replace("+", "")}`;
}

/** Seconds: 2.1 ms, 42 ms, 4.2 s, 1 min 42 s, 2 h 05 min. */
function duration(s) {
  if (!Number.isFinite(s)) return odd(s);
  if (s < 0.9995) return `${(s * 1000).toFixed(s < 0.00995 ? 1 : 0)} ms`;
  if (s < 59.95) return `${s.toFixed(1)} s`;
  const whole = Math.round(s), minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}
