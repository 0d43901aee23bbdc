// Position lab, part 2: vectors that are added to the tokens, learned or sines: the matrix itself, and how alike two places are.

/** kind: "learned" or "sinusoidal". */
function tablePanel(view, kind, card) {
  const pixels = el("canvas", { role: "img" }),
    chart = chartNode("", byDistance),
    said = el("p", { class: "sub" });
  const heat = el("div", { class: "heat" }, pixels, el("div", { class: "ends sub" }));
  const node = el("div", { class: "table-panel" }, heat, el("div", {}, chart.node, said));
  let size = null;
  const rowsOf = () => view.arrays[kind];

  pixels.onpointermove = event => {
    const box = pixels.getBoundingClientRect(),
      { N, C } = size,
      rows = rowsOf();
    const at = Math.max(0, Math.min(N - 1, Math.floor(((event.clientY - box.top) / box.height) * N)));
    const c = Math.max(0, Math.min(C - 1, Math.floor(((event.clientX - box.left) / box.width) * C)));
    card.show(
      {
        value: signed(rows[at * C + c], 4),
        place: `position ${at}`,
        what: `dimension ${c} of the vector added at position ${at}`,
        hook: kind === "learned" ? "positions.table.weight" : "positions.waves",
        index: `[${at},${c}]`,
        shape: `n_ctx C = ${count(view.header.n_ctx)} × ${C}`
      },
      { left: event.clientX - 2, right: event.clientX + 2, top: event.clientY - 10, bottom: event.clientY + 10 }
    );
  };
  pixels.onpointerleave = () => card.hide();
  function byDistance(at, event) {
    if (at === null) return card.hide();
    const [mean, low, high] = ["cosine", "least", "most"].map(name => view.arrays[`${kind}_${name}`][at]);
    card.show(
      {
        value: signed(mean, 3),
        place: `${at} apart`,
        what: `mean cosine of two positions; from ${signed(low, 3)} to ${signed(high, 3)}`
      },
      { left: event.clientX - 2, right: event.clientX + 2, top: event.clientY - 10, bottom: event.clientY + 10 }
    );
  }
  return {
    node,
    update(width, wide) {
      const rows = rowsOf(),
        [N, C] = rows.shape;
      size = { N, C };
      node.style.gridTemplateColumns = wide ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      const w = wide ? (width - 32) / 2 : width,
        limit = Math.max(1e-9, percentile(rows, 0.99)),
        image = new ImageData(C, N);
      for (let i = 0; i < rows.length; i++) {
        const [r, g, b] = view.divRgb(rows[i], limit);
        image.data.set([r, g, b, 255], 4 * i);
      }
      pixels.width = C;
      pixels.height = N;
      pixels.getContext("2d").putImageData(image, 0, 0);
      pixels.style.width = `${w}px`;
      pixels.style.height = `${wide ? 200 : 150}px`;
      pixels.setAttribute("aria-label", `${count(N)} positions down, ${count(C)} dimensions across.`);
      heat.lastChild.textContent =
        `positions 0 to ${count(N - 1)}${N < view.header.n_ctx ? ` of ${count(view.header.n_ctx)}` : ""} down, dimensions across, `
        + `${signed(-limit, 2)} to ${signed(limit, 2)}`;
      const mean = view.arrays[`${kind}_cosine`];
      chart.draw(
        w,
        wide ? 200 : 170,
        {
          lines: [{ values: mean, cls: "own" }],
          band: [view.arrays[`${kind}_least`], view.arrays[`${kind}_most`]],
          xName: "tokens apart",
          n: mean.length
        },
        `Mean cosine by distance, from ${signed(mean[0])} at 0 to ${signed(mean.at(-1))} at ${mean.length - 1}.`
      );
      said.textContent =
        kind === "learned"
          ? "cosine of two positions by distance: mean, and the lowest to the highest"
          : "cosine of two positions by distance: the same wherever they stand";
    }
  };
}

function percentile(values, share) {
  const sorted = Float32Array.from(values, Math.abs).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
