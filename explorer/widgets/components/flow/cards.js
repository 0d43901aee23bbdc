// Home, part 6: what each mark says when it is pointed at: value, place, words, formula with this token's numbers, hook, index, shape.

function flowCards(view, data) {
  const block = (l, name) => `blocks.${l}.${name}`, index = (...at) => `[0,${at.join(",")}]`;
  const pair = (i, j) => el("span", {}, data.span(i), " → ", data.span(j));
  const length = "√(sum of squares)";
  const named = i => data.text(i);
  const projected = { q: "W_Q", k: "W_K", v: "W_V" };
  const words = { q: "query: what it looks for", k: "key: what it can be found by", v: "value: what it hands over" };

  function read({ l, h, i, j }) {
    const w = data.weight(l, h, i, j), s = data.score(l, h, i, j), q = data.rope ? "{pos:R}{q:q}" : "{q:q}";
    const k = data.rope ? "{pos:R}{k:k}" : "{k:k}";
    const bias = data.c.positions === "alibi" ? " − m·distance" : "";
    return {
      value: weight(w), place: pair(i, j),
      what: i === j ? `How much ${named(i)} keeps to itself in head ${h} of block ${l}`
        : `How much ${named(i)} reads from ${named(j)} in head ${h} of block ${l}`,
      formula: w > 1e-4 ? `softmax: e^{s} / Σ e^{s} = ${weight(w)},  s = ${q}_{${i}} · ${k}_{${j}} / √${data.D}${bias} = ${signed(s)}`
        : undefined,
      hook: block(l, "attn.hook_pattern"), index: index(h, i, j), shape: data.sizes("B H q k"),
    };
  }

  return {
    embed({ i }, n) {
      return { value: signed(data.embed(i)[n], 3), place: data.span(i),
        what: `Number ${n} of ${count(data.C)} in the embedding of ${named(i)}: its row of the table W_E`,
        hook: "hook_embed", index: index(i, n), shape: data.sizes("B T C") };
    },
    position({ i }, n) {
      const wave = data.c.positions === "sinusoidal"
        ? `${n % 2 ? "cos" : "sin"}(${i} / ${count(data.c.rope_base)}^{${n - n % 2}/${data.C}}) = ${signed(data.position(i)[n])}`
        : undefined;
      return { value: signed(data.position(i)[n], 3), place: `position ${i}`,
        what: `Number ${n} of ${count(data.C)} in the vector of position ${i}, added to the embedding`, formula: wave,
        hook: "hook_pos_embed", index: index(i, n), shape: data.sizes("B T C") };
    },
    stream({ l, i }) {
      return { value: signed(data.entering(l, i)), place: data.span(i),
        what: `Length of the residual stream of ${named(i)} as it enters block ${l}; the ribbon's height`,
        formula: `‖x‖ = ${length} = ${signed(data.entering(l, i))}`,
        hook: block(l, "hook_resid_pre"), index: index(i, ":"), shape: data.sizes("B T C") };
    },
    tile({ l, h }) {
      const i = view.focus.token, top = data.has(l, h) ? data.sources(l, h, i, 0)[0] : null, part = data.headLength(l, h, i);
      const left = data.without(l, h, i), [best] = data.next(i);
      const side = Math.ceil(data.T / data.tileSide);
      const most = side > 1 ? `; a cell shows the largest weight of ${side}×${side} tokens` : "";
      const reads = top ? `From ${named(i)} it reads most from ${top.j === i ? "itself" : named(top.j)} (${weight(top.w)}). ` : "";
      const lost = left === null ? "" : ` Without it ${tokenText(best.token)} would have ${pct(left)} instead of ${pct(best.p)}.`;
      return { value: `head ${h}`, place: `block ${l}`, formula: `‖{v:z}_{${h}} W_O^{${h}}‖ = ${signed(part)}`,
        what: `${reads}It adds a vector of length ${signed(part)}.${lost} Rows read, columns are read${most}.`,
        hook: block(l, "attn.hook_pattern"), index: `[0,${h}]`, shape: data.sizes("B H q k") };
    },
    arc: read,
    cell: ({ l, h, i }, j) => read({ l, h, i, j }),
    qkv({ name, l, h, i }, n) {
      const value = data.qkv(name, l, h, i)[n], head = name === "q" ? h : data.group(h);
      const shared = name !== "q" && data.G < data.H ? `, shared by ${data.H / data.G} heads` : "";
      const turned = data.rope && name !== "v" ? ", before its position turns it" : "";
      return { value: signed(value), place: data.span(i), what: `Number ${n} of ${data.D} in the ${words[name]}${shared}${turned}`,
        formula: `{${name}:${name}}_{${i}} = norm(x_{${i}}) ${projected[name].replace("_", "_")}`,
        hook: block(l, `attn.hook_${name}`), index: index(i, head, n), shape: data.sizes(name === "q" ? "B T H D" : "B T G D") };
    },
    clock({ l, i }) {
      const fast = data.angle(0, i), p = Math.floor(data.D / 4), slow = data.angle(p, i);
      return { value: `${signed(fast)} rad`, place: data.span(i),
        what: `RoPE adds nothing to the stream: it turns each pair of numbers in q and k by an angle that grows with the position. `
          + `Long hand: pair 0; middle: pair ${Math.floor(data.D / 8)}; short: pair ${p}, now at ${signed(slow)} rad.`,
        formula: `{pos:angle} = ${i} · ${count(data.c.rope_base)}^{−2·0/${data.D}} = ${signed(fast)}`,
        hook: block(l, "attn.hook_rot_q, hook_rot_k"), index: index(i, ":", ":"), shape: data.sizes("B T H D") };
    },
    attention({ l, h, i }) {
      const part = data.headLength(l, h, i), all = data.attention(l, i), before = data.entering(l, i), after = data.mid(l, i);
      return { value: signed(all), place: data.span(i),
        what: `Length of what the ${data.H} heads of block ${l} add to ${named(i)}; head ${h} alone: ${signed(part)}`,
        formula: `‖x‖ = ${signed(before)};  ‖x + {attn:attention}‖ = ${signed(after)}`, hook: block(l, "hook_attn_out"),
        index: index(i, ":"), shape: data.sizes("B T C") };
    },
    neuron({ l, i, neurons }, n) {
      const { m, n: rank } = neurons[n], value = data.post(l, i, m);
      const name = { relu: "ReLU", gelu: "GELU", gelu_tanh: "GELU", swiglu: "SiLU" }[data.c.mlp];
      const pre = i === view.focus.token ? data.pre("pre", l, i, rank) : null;
      const gate = data.gated && pre !== null ? ` · ${signed(data.pre("pre_linear", l, i, rank))}` : "";
      return { value: signed(value), place: data.span(i),
        what: `Activation of neuron ${count(m)} of ${count(data.M)}. Shown: the ${data.nNeurons} with the largest |activation| `
          + `at ${named(view.focus.token)}`,
        formula: pre === null ? undefined : `{mlp:${name}}(${signed(pre)})${gate} = ${signed(value)}`, hook: block(l, "mlp.hook_post"),
        index: index(i, m), shape: `B T d_mlp = 1 ${data.T} ${count(data.M)}` };
    },
    mlp({ l, i }) {
      return { value: signed(data.mlp(l, i)), place: data.span(i), what: `Length of what the MLP of block ${l} adds to ${named(i)}`,
        formula: `‖x‖ = ${signed(data.mid(l, i))};  ‖x + {mlp:MLP}‖ = ${signed(data.leaving(l, i))}`,
        hook: block(l, "hook_mlp_out"), index: index(i, ":"), shape: data.sizes("B T C") };
    },
    norm({ i }) {
      const rms = data.c.norm === "rmsnorm";
      return { value: signed(data.divisor(i)), place: data.span(i),
        what: `What the final norm divides the stream of ${named(i)} by, before it is compared with every token of the vocabulary`,
        formula: rms ? `√(mean of x^2 + ε) = ${signed(data.divisor(i))}` : `√(variance of x + ε) = ${signed(data.divisor(i))}`,
        hook: "ln_final.hook_scale", index: index(i, 0), shape: data.sizes("B T").replace(/ = .*/, ` 1 = 1 ${data.T} 1`) };
    },
    next({ i, k }) {
      const { id, p, token, logit } = data.next(i)[k];
      return { value: pct(p), place: tokenSpan(token),
        what: `Probability of ${tokenText(token)} after ${named(i)}, one of ${count(data.V)} tokens`,
        formula: `e^{${signed(logit)}} / Σ e^{logit} = ${p < 0.001 ? p.toExponential(1).replace("-", "−") : p.toFixed(3)}`,
        hook: "logits", index: `[${i},${id}]`, shape: `T V = ${data.T} ${count(data.V)}` };
    },
  };
}

/** What lights up with a mark: its arc, and the outline of its cell. */
function flowHighlight(view, data, lanes, columns, mark, cell) {
  if (mark.kind === "arc")
    return [svg("path", { d: mark.d, style: { fill: "none", stroke: "var(--attn)", "stroke-width": Math.max(1.5, mark.width) } })];
  if (mark.kind !== "cell") return [];
  const block = columns.blocks[mark.l], at = flowInside(data, block), from = lanes.place(cell), to = lanes.place(mark.i);
  const w = data.weight(mark.l, mark.h, mark.i, cell), [x, y, , h] = mark.box;
  return [svg("path", { d: arcPath(across, at.arcs, from.v, at.add - 5, to.v),
    style: { fill: "none", stroke: "var(--attn)", "stroke-width": Math.max(1, 0.6 + w * 3) } }),
    svg("rect", { x: x + cell * at.cell - 0.5, y: y - 0.5, width: Math.max(2, at.cell), height: h + 1,
      style: { fill: "none", stroke: "var(--ink)", "stroke-width": 1.5 } })];
}
