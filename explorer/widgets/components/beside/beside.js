// Beside: the stream of two models on one prompt, on one scale, so that the eye sees what the place of the norms does to it.

const BETWEEN = 44, NARROW = 860;  // px

export default picture(view => {
  const title = el("h2", { text: "Beside another model" }), refused = el("p", { class: "note" }), columns = el("div", { class: "two" });
  const choice = menu("beside", [["none", "nobody"]], "none", value => view.set("beside", value), "Another model, beside this one");
  const notes = pictureNotes(view, { idea: () => IDEA, caveat: () => CAVEAT });
  const twin = pictureTwin({ label: "Table of both models",
    says: () => sides.map(side => `${side.view.header.name}: ${sideInWords(side)}`).join(" "),
    tables: () => [{ caption: "The stream after each place, and the norm that reads it there", heads: SIDE_HEADS,
      rows: sideRows(sides, x => (Number.isFinite(x) ? signed(x, 4) : "—")) }] });
  const places = [0, 1].map(() => {
    const head = el("h2"), kind = el("p", { class: "sub" }), said = el("p", { class: "note" });
    const own = Object.create(view);  // theme and width are the picture's, payload and focus the model's
    const path = residualPath(own, { pick: () => {} });
    const names = svg("svg", { height: HEAD, "aria-hidden": "true" });
    return { own, head, kind, said, names, path, node: el("section", {}, head, kind, names, path.node, said) };
  });
  columns.append(...places.map(({ node }) => node));
  view.root.append(el("div", { class: "titled" }, title, choice.node), refused, columns, notes.node, twin.node, twin.live);
  let sides = [];

  function read({ own }, n) {
    const side = view.header.sides[n], mine = Object.entries(view.arrays).filter(([name]) => name.startsWith(`${n}_`));
    Object.assign(own, { header: side, focus: side.focus, arrays: Object.fromEntries(mine.map(([name, one]) => [name.slice(2), one])) });
    return { view: own, facts: residualFacts(own), t: side.focus.token };
  }

  function drawSide({ own, head, kind, said, names, path }, { facts, t }, width) {
    const { name, norm, layers, width: wide, post_norm: post, tokens } = own.header, { places: all } = facts;
    const kinds = [post ? "post-norm" : "pre-norm", norm === "layernorm" ? "LayerNorm" : "RMSNorm", plural(layers, "layer"),
      `${wide} wide`];
    head.replaceChildren(`${name}, after `, tokenSpan(tokens[t], {}, 16));
    kind.textContent = kinds.join(" · ");
    said.textContent = `${sideInWords({ view: own, facts, t })}`;
    const mx = view.phone ? 46 : 58, g = { list: all, mx, c: (width - mx - 2) / all.length, width };
    fill(names, { width }, []);
    names.replaceChildren(...columnNames(g));
    path.update(facts, g, t);
  }

  const rows = () => [SIDE_HEADS.map(name => name.replaceAll(" ", "_")), ...sideRows(sides, x => (Number.isFinite(x) ? x : ""))];
  return {
    draw() {
      const { header, width } = view, pair = header.sides.length > 1, side = width >= NARROW;
      choice.set(header.chosen, [["none", "nobody"], ...header.known.map(key => [key, key])]);
      refused.textContent = header.refused;
      for (const node of [columns, notes.node, twin.node]) node.hidden = !pair;
      sides = pair ? places.map(read) : [];
      if (!pair) return;
      const drawn = ({ facts, t }) => facts.places.flatMap((_, p) => [facts.length(p, t), facts.write(p, t) || 0]);
      const top = Math.max(...sides.flatMap(drawn));
      columns.style.gridTemplateColumns = side ? "minmax(0, 1fr) minmax(0, 1fr)" : "minmax(0, 1fr)";
      sides.forEach((one, n) => {
        Object.assign(one.facts, { top, place: () => -1 });  // on one scale, and no place of it is chosen
        drawSide(places[n], one, side ? Math.floor((width - BETWEEN) / 2) : width);
      });
      notes.update();
      twin.update();
    },
    name: () => "two-models",
    /** Nothing is drawn where no other model is beside. */
    get csv() { return sides.length ? rows : null; },
  };
});
