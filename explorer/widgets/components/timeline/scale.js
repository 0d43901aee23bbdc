// The timeline, part 1: where a checkpoint stands on the line.

const EVEN = 0.5;  // share of the line given out evenly, so that steps close to each other stay apart under a finger

/** Places in [0, 1] for rising steps: half by step, half by rank. */
function places(steps) {
  const n = steps.length, first = steps[0], span = steps[n - 1] - first;
  if (n < 2) return steps.map(() => 0);
  return steps.map((step, i) => (1 - EVEN) * ((step - first) / span) + EVEN * (i / (n - 1)));
}

/** The index of the place nearest to `at`. */
function nearestPlace(all, at) {
  let best = 0;
  all.forEach((place, i) => { if (Math.abs(place - at) < Math.abs(all[best] - at)) best = i; });
  return best;
}

/** Which ticks get their step written: both ends, and between them those that have room. `room` in px. */
function labelled(xs, room) {
  const last = xs.length - 1, kept = new Set([0, last]);
  let left = xs[0];
  for (let i = 1; i < last; i++) {
    if (xs[i] - left < room || xs[last] - xs[i] < room) continue;
    kept.add(i);
    left = xs[i];
  }
  return kept;
}
