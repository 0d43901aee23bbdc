// Attention, part 7: under the matrix. The scale and what is left out, the formula of a pair, and the row in focus as text.

function headLegend(view, state) {
  const node = el("div", { class: "legend" });

  /** What of the numbers is not drawn, and where it went. */
  function leftOut({ few, ax }) {
    const head = viewedHead(view, state), T = view.header.tokens.length, F = view.focus.token, said = [];
    if (!head.score) return said;
    if (state.hideFirst) {
      let all = 0;
      for (let i = 1; i < T; i++) all += head.weight(i, 0) / (T - 1);
      said.push(`first token hidden: it takes ${pct(head.weight(F, 0))} of this row, ${pct(all)} of all; ${
        state.scaled ? "the rest of each row is scaled up to 1: a view, not what the model computed" : "the rest is not scaled up"}`);
    }
    let faint = 0, strongest = 0, all = 0;
    for (let j = state.hideFirst ? 1 : 0; j <= F; j++) {
      const w = head.share(F, j);
      all += head.value(F, j);
      if (w < ARC) faint += head.value(F, j);
      strongest = Math.max(strongest, w);
    }
    const from = state.weighted ? `lengths from ${fine(ARC * head.limit)}` : `weights from ${weight(ARC)}`;
    if (faint > 0 && (ax || (!few && strongest >= ARC)))
      said.push(`arcs: ${from} up; the others carry ${pct(state.scaled || state.weighted ? faint / all : faint)} of this row`);
    return said;
  }

  return {
    node,
    update({ geometry, limit }) {
      const colour = n => (state.scores ? view.div((n / 9) * 2 - 1, 1) : view.seq(n / 9)), block = geometry.block;
      const swatches = Array.from({ length: 10 }, (_, n) => svg("rect", { x: n * 14, width: 14, height: 9, fill: colour(n) }));
      const end = limit === 1 ? "1" : limit > 9.95 ? signed(limit, 1) : fine(limit);
      const ends = state.scores ? [signed(-limit, 1), signed(limit, 1, true)] : state.log
        ? [fine(LOG_FLOOR * limit), end] : ["0", end];
      const what = state.weighted ? "weight × ‖v W_O‖, the length of what is moved" : "weight";
      const said = [state.scores ? "score before softmax" : state.log ? `${what}, log; lower ones take the first colour`
        : state.weighted ? what : `${what}, linear`];
      if (!state.scores && !state.weighted && !state.hideFirst && !state.log) said.push("each row sums to 1");
      if (block > 1) said.push(`a point is the ${state.scores ? "score farthest from 0" : "largest weight"} of ${block} × ${block}`);
      const [low, high] = ends.map(text => el("span", { class: "num", text }));
      const ramp = svg("svg", { width: 140, height: 9, "aria-hidden": "true" }, swatches);
      node.replaceChildren(low, ramp, high, el("span", { class: "words", text: [...said, ...leftOut(geometry)].join(" · ") }));
    },
  };
}

/** A positive number of any size: 0.034, 2.85, 410.0, 2.90·10^{6}. */
function power(x) {
  if (x >= 0.00995 && x < 9999.5) return x >= 999.95 ? count(x) : x >= 9.995 ? x.toFixed(1) : x.toPrecision(x >= 0.995 ? 3 : 2);
  const [mantissa, exponent] = x.toExponential(2).split("e");
  return `${mantissa}·10^{${signed(Number(exponent), 0)}}`;
}

/** e^s over its sum for one key of a query; where e^s has no double, both divided by the largest. */
function quotient(head, i, j) {
  let top = -Infinity, sum = 0;
  for (let k = 0; k <= i; k++) top = Math.max(top, head.score(i, k));
  const shift = Math.abs(top) > 300 ? top : 0;
  for (let k = 0; k <= i; k++) sum += Math.exp(head.score(i, k) - shift);
  return `${power(Math.exp(head.score(i, j) - shift))} / ${power(sum)}`;
}

/** What ALiBi takes off a score: the head's slope times the distance; nothing elsewhere. */
function biasTerm(view, i, j) {
  const { positions, slopes } = view.header;
  return positions === "alibi" && i > j ? ` − ${fine(slopes[view.focus.head])} · ${i - j}` : "";
}

/** The formula with this very pair's numbers. */
function pairFormula(view) {
  const first = el("div"), second = el("p", { class: "num" }), position = el("p", { class: "sub" });
  const entered = { rope: "q and k as rotated by position (hook_rot_q, hook_rot_k)",
    alibi: "ALiBi takes this head’s slope times the distance off" };
  return {
    node: el("div", { class: "maths" }, first, second, position),
    update({ i, j }) {
      const head = exactHead(view), { d_head, positions } = view.header;
      if (!head || j === null) return;
      const product = `{q:q}_{${i}} · {k:k}_{${j}} / √${d_head}${biasTerm(view, i, j)}`;
      first.replaceChildren(formula(`softmax(${product}) = e^{${signed(head.score(i, j))}} / Σ_j e^{s_j}`));
      second.replaceChildren("= ", ...formula(quotient(head, i, j)).childNodes, " = ", el("b", { text: fine(head.weight(i, j)) }));
      position.textContent = entered[positions] ?? "";
    },
  };
}

/** A long prompt as running text, each token on the colour of its weight in the row in focus. */
function rowText(view, state, { pick, card, describe }) {
  const body = el("div", { class: "running" }), title = el("h2"), node = el("section", { class: "rowtext" }, title, body);
  let shown = null, spans = [];
  const indexOf = event => spans.indexOf(event.target.closest(".token"));
  body.onclick = event => { const j = indexOf(event); if (j >= 0) pick(j); };
  body.onpointermove = event => {
    const i = view.focus.token, j = indexOf(event);
    if (j >= (state.hideFirst ? 1 : 0) && j <= i) card.show(describe({ i, j }), spans[j]); else card.hide();
  };
  body.onpointerleave = () => card.hide();
  return {
    node,
    update(limit) {
      const { tokens } = view.header, F = view.focus.token, head = viewedHead(view, state), log = state.log && !state.scores;
      if (shown !== tokens) {
        shown = tokens;
        spans = tokens.map(token => tokenSpan(token, { class: `token ${token.kind}` }, 40));
        body.replaceChildren(...lines(tokens, spans));
      }
      title.replaceChildren(`What query ${F} `, tokenSpan(tokens[F], {}, 12), " reads, in the text");
      spans.forEach((span, j) => {
        const hidden = j > F || (state.hideFirst && j === 0), t = hidden ? 0 : log ? onScale(head.share(F, j), true)
          : onScale(head.value(F, j), false, state.scores ? 1 : limit);
        span.style.background = hidden ? "none" : view.seq(t);
        span.style.color = hidden ? "var(--ink-3)" : view.on(t);
        span.classList.toggle("hidden", hidden);
        span.classList.toggle("focus", j === F);
      });
    },
  };
}

/** Drawn spaces and line ends break no line by themselves. */
function lines(tokens, spans) {
  const ends = pieces => pieces.some((piece, n) => n % 2 && piece.includes("↵"));
  const starts = pieces => pieces[0] === "" && pieces[1]?.startsWith("·");
  return tokens.flatMap(({ pieces }, i) => [starts(pieces) && el("wbr"), spans[i], ends(pieces) && el("br")]).filter(Boolean);
}
