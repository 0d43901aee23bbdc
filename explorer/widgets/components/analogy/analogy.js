// Analogy: three tokens as a - b + c, and the tokens nearest to the sum, worked out here where the vectors are at hand.

const ANSWERS = 8;

export default picture(view => {
  const state = { sum: null },
    held = () => vectorsOf(view.header.vectors),
    card = hoverCard(view);
  const fields = ["a", "b", "c"].map((name, i) => tokenField(`Token ${name}`, held, id => put(i, id), { show: true }));
  const sign = text => el("span", { class: "sign", text });
  const answer = el("span", { class: "answer", role: "status" });
  const terms = el("div", { class: "terms" }, fields[0].node, sign("−"), fields[1].node, sign("+"), fields[2].node, sign("≈"), answer);
  const presets = el("div", { class: "presets" }),
    drawing = svg("svg", { class: "plane", role: "img" }),
    list = el("div", { class: "near" });
  const maths = el("div", { class: "maths" }),
    left = el("p", { class: "sub" }),
    note = el("p", { class: "note quiet" });
  const under = el("p", {
    class: "sub",
    text:
      "The plane through a, b and c: the step that leads from b to a, taken from c. "
      + "The dot is the sum, the ring its nearest token, seen from above."
  });
  const live = el("p", { class: "sr", "aria-live": "polite" });
  view.root.append(
    terms,
    presets,
    el("div", { class: "two" }, el("div", {}, drawing, under), el("div", {}, list, left)),
    el("div", { class: "below" }, maths, note),
    live
  );
  awaitVectors(view);
  const news = newsFrom();
  let facts = null;

  function put(i, id) {
    const sum = [...state.sum];
    sum[i] = id;
    choose(sum);
  }
  function choose(sum) {
    state.sum = sum;
    news.sent(sum.join("."));
    view.set("choices", { sum: sum.join(".") });
    view.redraw();
  }
  /** Cosines of every token with a - b + c, and its length; null while Python works on it. */
  function worked(all) {
    const { header, arrays } = view,
      [a, b, c] = state.sum,
      side = all.side(header.side);
    if (!side.rows)
      return header.sum.join() === state.sum.join() && arrays.cosines
        ? {
            cosines: arrays.cosines,
            length: header.length,
            corners: [0, 1, 2, 3, 4].map(i => [arrays.corners[2 * i], arrays.corners[2 * i + 1]])
          }
        : null;
    const [ra, rb, rc] = [a, b, c].map(id => all.row(header.side, id) ?? all.row("input", id)),
      vector = Float32Array.from(ra, (v, i) => v - rb[i] + rc[i]);
    const cosines = cosinesWith(side, vector),
      best = largest(cosines, 1, state.sum)[0] ?? a,
      place = planeThrough(ra, rb, rc);
    return {
      cosines,
      length: Math.sqrt(dot(vector, vector)),
      corners: [ra, rb, rc, vector, all.row(header.side, best) ?? all.row("input", best)].map(place)
    };
  }

  function rows(all, ids, cosines) {
    const line = id =>
      el(
        "div",
        { class: "line", "data-id": id },
        el("span", {}, chip(all.token(id))),
        svg(
          "svg",
          { width: 120, height: 9, "aria-hidden": "true" },
          svg("rect", { width: 120, height: 9, style: { fill: "var(--well)" } }),
          svg("rect", { y: 1, height: 7, width: 120 * Math.max(0, Math.min(1, cosines[id])), style: { fill: "var(--emb)" } })
        ),
        el("span", { class: "num", text: signed(cosines[id]) })
      );
    for (const id of ids) list.append(line(id));
  }

  function shelf(all) {
    const { presets: known } = view.header;
    const button = ([a, b, c, expected, got]) => {
      const on = state.sum.join() === [a, b, c].join(),
        name = id => tokenSpan(all.token(id), {}, 12);
      const end = got === expected ? ["→ ", name(got)] : [el("span", { class: "missed" }, "→ ", name(got), ", not ", name(expected))];
      return el(
        "button",
        { type: "button", class: "preset", "aria-pressed": String(on), on: { click: () => choose([a, b, c]) } },
        name(a),
        " − ",
        name(b),
        " + ",
        name(c),
        " ",
        ...end
      );
    };
    const right = known.filter(one => one[3] === one[4]).length;
    presets.replaceChildren(
      ...(known.length
        ? [el("span", { class: "sub", text: `${right} of ${known.length} known ones come out here:` }), ...known.map(button)]
        : [el("span", { class: "sub", text: "None of the usual examples has all its words as single tokens here." })])
    );
  }

  return {
    draw() {
      const all = held(),
        { header } = view;
      if (!all) return;
      if (news.is(header.sum.join("."))) state.sum = [...header.sum];
      if (state.sum.some(id => id >= all.n)) return;
      fields.forEach((field, i) => field.set(state.sum[i]));
      shelf(all);
      const found = worked(all),
        [a, b, c] = state.sum,
        side = all.side(header.side);
      list.replaceChildren();
      drawing.replaceChildren();
      maths.replaceChildren();
      facts = found && { all, ...found };
      if (!found) {
        answer.replaceChildren("working it out");
        return;
      }
      const ids = largest(found.cosines, ANSWERS, state.sum),
        best = ids[0],
        first = largest(found.cosines, 1)[0];
      if (best === undefined) {
        answer.replaceChildren("no other token");
        return;
      }
      const name = id => tokenSpan(all.token(id), {}, 14),
        words = id => `“${tokenText(all.token(id))}”`;
      answer.replaceChildren(chip(all.token(best)), el("span", { class: "num", text: ` cosine ${signed(found.cosines[best])}` }));
      rows(all, ids, found.cosines);
      left.replaceChildren(
        "Left out of the list: a, b and c themselves. ",
        ...(state.sum.includes(first)
          ? ["With them in, ", name(first), ` would come first, with ${signed(found.cosines[first])}.`]
          : ["With them in, it would begin the same."])
      );
      const [pa, pb, pc, end, nearest] = found.corners,
        width = view.phone ? view.width : Math.min(460, view.width / 2 - 20);
      fill(
        drawing,
        {
          width,
          height: 250,
          "aria-label": `Arrows from ${words(b)} to ${words(a)} and the same from ${words(c)}; nearest is ${words(best)}.`
        },
        []
      );
      drawing.replaceChildren(
        ...sumDrawing(
          all,
          { a: pa, b: pb, c: pc, end, nearest },
          { a: all.token(a), b: all.token(b), c: all.token(c), nearest: all.token(best) },
          width,
          250
        )
      );
      const product = found.cosines[best] * found.length * side.lengths[best],
        inline = text => [...formula(text).childNodes];
      maths.replaceChildren(
        el(
          "div",
          { class: "formula" },
          ...inline("{emb:s} = {emb:e}_a − {emb:e}_b + {emb:e}_c,   cos({emb:s}, "),
          name(best),
          ...inline(`) = ${signed(product, 4)} / (${signed(found.length, 3)} × ${signed(side.lengths[best], 3)}) = `),
          el("b", { class: "num", text: signed(found.cosines[best], 3) })
        )
      );
      const small =
        header.n_params < 2e7
          ? `This is a small model, ${count(header.n_params)} parameters: few such sums come out, `
            + "and those that do are of words it met very often. "
          : "";
      note.textContent =
        `${small}Even of large models many fail; leaving out the three terms does much of the work `
        + "(Linzen 2016; Rogers et al. 2017).";
      const text = `${words(a)} minus ${words(b)} plus ${words(c)}: nearest is ${words(best)}, cosine ${signed(found.cosines[best])}.`;
      if (live.textContent !== text) live.textContent = text;
    },
    name: () => "token-arithmetic",
    csv() {
      if (!facts) return [];
      const { all, cosines } = facts,
        order = largest(cosines, 100),
        role = id => ["a", "b", "c"].filter((_, i) => state.sum[i] === id).join(" ");
      return [["id", "token", "cosine_to_sum", "term"], ...order.map(id => [id, tokenText(all.token(id)), cosines[id], role(id)])];
    }
  };
});
