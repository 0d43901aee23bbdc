// Sampling, part 2: draws. A seed and a position give one stream of numbers in [0, 1); draw number n takes the n-th, finds
// the token at that share of the sorted distribution, and so comes out the same for the same seed, text and sliders.

const SOME = 1000, ENOUGH = 100;  // draws at once; draws from which a share and its error say something

/** mulberry32 (T. Ettinger, 2017), two steps for the 53 bits of a double. */
function uniform(seed, position) {
  let state = (seed ^ Math.imul(position + 1, 0x9E3779B9)) >>> 0;
  const next = () => {
    state = (state + 0x6D2B79F5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
}

/** The stream as a list that grows: numbers(n) gives at least the first n. */
function stream(seed, position) {
  const next = uniform(seed, position);
  let numbers = new Float64Array(0);
  return n => {
    if (numbers.length >= n) return numbers;
    const longer = new Float64Array(Math.max(n, 2 * numbers.length, SOME));
    longer.set(numbers);
    for (let i = numbers.length; i < longer.length; i++) longer[i] = next();
    return (numbers = longer);
  };
}

/** The id at share u in [0, 1) of what a funnel kept, most likely first. */
function drawAt({ sums, kept, total, order }, u) {
  const target = u * total;
  let low = 0, high = kept - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle + 1] > target) high = middle; else low = middle + 1;
  }
  return order[low];
}

/** The first n draws: {n, last: id or null, counts: Map id -> times}. */
function tally(result, numbers, n) {
  const counts = new Map();
  let last = null;
  for (let i = 0; i < n; i++) {
    last = drawAt(result, numbers[i]);
    counts.set(last, (counts.get(last) ?? 0) + 1);
  }
  return { n, last, counts };
}

/** Standard error of a share of n draws whose chance is p. */
const standardError = (p, n) => Math.sqrt(Math.max(0, p * (1 - p)) / n);
