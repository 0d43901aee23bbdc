// Snippets, part 1: what the lists mean, their twin as a table, and their rows for a spreadsheet.

/** How often the neuron is active in the text that was read, and how its layer does. */
function snippetFacts({ header }) {
  const { n_tokens: n, active, words, place: [layer, at], never, always, d_mlp: M } = header, whole = x => x.toLocaleString("en");
  const often = active === 0 ? "none of them" : active === n ? "every one of them" : `${whole(active)} of them, ${pct(active / n)}`;
  return `In ${whole(n)} tokens of ${words}, neuron ${layer}.${at} is active on ${often}. `
    + `Of the ${whole(M)} neurons of block ${layer}, dead there (active on no token): ${whole(never)}; `
    + `active on every token: ${whole(always)}.`;
}

/** The tokens around a place as one text. */
const snippetText = one => one.tokens.map(token => tokenText(token)).join("");

function snippetTwin(view) {
  const said = el("p", { class: "note" }), table = el("table"), scroll = el("div", { class: "scroll", tabindex: 0, role: "group",
    "aria-label": "Table of the places" }, table);
  const node = el("details", { class: "twin", "data-export": "no" }, el("summary", { text: "In words and as a table" }), said, scroll);
  return {
    node,
    update(lists) {
      const row = ({ one, list, value }) => el("tr", {}, el("th", { scope: "row", text: list }), el("td", { text: signed(value, 4) }),
        el("td", {}, tokenSpan(one.tokens[one.at], {}, 16)), el("td", { text: snippetText(one) }), el("td", { text: one.alike }));
      said.textContent = snippetFacts(view);
      table.replaceChildren(el("caption", { text: `Places of neuron ${view.header.place.join(".")}` }),
        el("tr", {}, ["list", "gives", "at", "text", "places alike"].map(text => el("th", { scope: "col", text }))), ...lists.map(row));
    },
  };
}

function snippetRows(view, lists) {
  const out = [["list", "place", "token", "text", "gives", "is_the_place", "places_alike"]];
  lists.forEach(({ one, list, from }, i) => one.tokens.forEach((token, t) => {
    out.push([list, i, t, tokenText(token), view.arrays.values[from + t], t === one.at, one.alike]);
  }));
  return out;
}
