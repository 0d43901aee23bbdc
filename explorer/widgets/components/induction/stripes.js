// Induction: the wall of tiles, a tile a head, and how to read it. A click silences the head.

function stripes(view, state, { card, pick }) {
  const title = el("h2"), about = el("span", { class: "sub end" }), guide = el("p", { class: "note guide" });
  const tiles = el("div", { class: "wall", role: "group", "aria-label": "One tile a head; press to silence it" });
  const node = el("section", { class: "stripes" }, el("div", { class: "row" }, title, about), el("div", { class: "tiles" }, tiles, guide));
  let made = [];

  function build(f) {
    made = f.heads.map((head, n) => headTile(view, state, head, n, { card, pick }));
    tiles.replaceChildren(...made.map(tile => tile.node));
  }

  function howToRead(every, small) {
    const seen = every > 1 ? `This row ends with ${every} characters said over and over. A head that reads one token back draws the `
      + "line beside the diagonal. An induction head, standing on a character, reads what followed it the last time, "
      + `${every - 1} tokens back: the stripes farther down. `
      : "A head that reads one token back draws the line beside the diagonal; an induction head marks what followed each earlier copy. ";
    return seen + `${small ? "A number is a mean" : "The two numbers are means"} over the held-out rows. Press a head to silence it.`;
  }

  return {
    node,
    update(width) {
      const f = facts(view), { row, steps } = view.header;
      if (made.length !== f.N) build(f);
      const narrow = width < 560, small = f.N > 4 && !narrow, gap = narrow ? 16 : small ? 18 : 20;
      const columns = narrow ? 2 : Math.min(f.N, small ? 4 : f.N);
      const side = small ? 100 : Math.floor(Math.min(200, (width - gap * (columns - 1)) / columns));
      node.classList.toggle("small", small);
      tiles.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
      tiles.style.gap = `${small ? 4 : 14}px ${gap}px`;
      title.textContent = `Where each head looks, step ${count(steps[state.k])}`;
      const silent = silentShown(view, state) ? `with ${f.setName(state.silent)} silent`
        : "the whole model; the silenced pass is on its way";
      about.textContent = state.silent ? silent : "a row: a token that reads; a column: what it reads";
      for (const tile of made) tile.update(side, small, f);
      guide.textContent = howToRead(row.every, small);
    },
  };
}
