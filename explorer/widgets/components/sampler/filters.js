// Sampling, part 1: the filters, exactly as llm/generation/filters.py has them, in float64 over the whole vocabulary.
// Sorted by score every filter keeps a beginning of the list, so a stage is a count, and a mass is a sum up to there.

const CUT_ROUNDING = 1e-9, SMALLEST_TEMPERATURE = 1.1754943508222875e-38;
const STAGES = ["repetition_penalty", "temperature", "top_k", "top_p", "min_p"];

/** Ids by score, highest first, equal scores by id. */
function byScore(ids, score) { return ids.sort((a, b) => score(b) - score(a) || a - b); }

/** Two lists that are in order by score, as one. */
function merged(some, others, score) {
  const all = new Uint32Array(some.length + others.length);
  for (let i = 0, j = 0, n = 0; n < all.length; n++) {
    const first = j >= others.length || (i < some.length && (score(some[i]) - score(others[j]) || others[j] - some[i]) > 0);
    all[n] = first ? some[i++] : others[j++];
  }
  return all;
}

/** The place of each id in an order. */
function places(order) {
  const place = new Uint32Array(order.length);
  for (let n = 0; n < order.length; n++) place[order[n]] = n;
  return place;
}

/** Equal scaled scores stand by id, also where they were different before: division can make them equal. */
function settleTies(order, x) {
  for (let from = 0, n = 1; n <= x.length; n++) {
    if (n < x.length && x[n] === x[from]) continue;
    if (n - from > 1) order.subarray(from, n).sort();
    from = n;
  }
}

/**
 * The scores of one position; `seen` are the ids of the text before it. funnel(settings) runs the filters:
 * order, place   ids by score after penalty and temperature, and each id's place there
 * scores, e      by place: the score after the penalty; e^((score − highest) / temperature)
 * sums           V + 1, of e: sums[n] of the first n
 * stages         {name, on, kept, mass, removed}; mass and removed in the probability before the first cut
 * kept, total    tokens left, and the sum of their e: the normaliser
 * probability(id), remover(id) ("" if kept), entropy in nats
 */
function scoreboard(logits, seen) {
  const V = logits.length, own = byScore(Uint32Array.from({ length: V }, (_, id) => id), id => logits[id]), ownPlace = places(own);
  const repeated = new Set(seen), before = new Float64Array(V);
  let sum = 0, weighted = 0;
  for (const id of own) {
    const x = logits[id] - logits[own[0]];
    sum += (before[id] = Math.exp(x));
    if (before[id] > 0) weighted += before[id] * x;
  }
  for (let id = 0; id < V; id++) before[id] /= sum;

  let ranked;
  function rankedWith(penalty) {
    if (ranked?.penalty === penalty) return ranked;
    const after = id => (repeated.has(id) && penalty !== 1 ? (logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty) : logits[id]);
    const order = penalty === 1 ? own : merged(own.filter(id => !repeated.has(id)), byScore(Uint32Array.from(repeated), after), after);
    return (ranked = { penalty, order, place: penalty === 1 ? ownPlace : places(order), scores: Float64Array.from(order, after) });
  }

  function funnel({ repetition_penalty, temperature, top_k, top_p, min_p }) {
    let { order, place, scores } = rankedWith(repetition_penalty);
    const e = new Float64Array(V), sums = new Float64Array(V + 1), x = new Float64Array(V), highest = scores[0];
    const scale = Math.max(temperature, SMALLEST_TEMPERATURE);
    let tied = false;
    for (let n = 0; n < V; n++) {
      x[n] = temperature === 0 ? (n ? -Infinity : 0) : (scores[n] - highest) / scale;
      tied ||= n > 0 && temperature !== 1 && temperature > 0 && x[n] === x[n - 1] && order[n] < order[n - 1];
      sums[n + 1] = sums[n] + (e[n] = Math.exp(x[n]));
    }
    if (tied) {
      settleTies((order = order.slice()), x);
      place = places(order);
    }
    const stages = [];
    let kept = V, mass = 1;
    const stage = (name, on, left) => {
      const now = left < kept ? sums[left] / sums[V] : mass;
      stages.push({ name, on, kept: left, mass: now, removed: mass - now });
      [kept, mass] = [left, now];
    };
    stage("repetition_penalty", repetition_penalty !== 1, V);
    stage("temperature", temperature !== 1, temperature === 0 ? 1 : V);
    stage("top_k", top_k > 0, top_k > 0 ? Math.min(kept, top_k) : kept);
    stage("top_p", top_p < 1, top_p < 1 ? nucleus(e, sums[kept], kept, top_p) : kept);
    let left = kept;
    while (left > 1 && e[left - 1] < min_p) left--;
    stage("min_p", min_p > 0, left);

    const total = sums[kept];
    let spread = 0;
    for (let n = 0; n < kept; n++) if (e[n] > 0) spread += e[n] * x[n];
    return {
      order, place, scores, e, sums, stages, kept, total,
      entropy: Math.max(0, Math.log(total) - spread / total),
      probability: id => (place[id] < kept ? e[place[id]] / total : 0),
      remover: id => stages.find(({ kept: n }) => place[id] >= n)?.name ?? "",
    };
  }
  return { V, own, ownPlace, before, sum, entropy: Math.max(0, Math.log(sum) - weighted / sum), repeated, funnel };
}

/** The fewest of the first `kept` whose shares of `total` reach p, at least one. */
function nucleus(e, total, kept, p) {
  let sum = 0;
  for (let n = 0; n < kept; n++) {
    const share = e[n] / total;
    sum += share;
    if (n > 0 && !(sum - share < p - CUT_ROUNDING)) return n;
  }
  return kept;
}
