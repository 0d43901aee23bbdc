// The kit, part 7: the twin of a picture, the same in words and as tables, and the notes below it.

/** A table: of each row the first cell names it, row `on` stands out; a cell is text or a node. */
function tableOf({ caption, heads, rows, on = -1 }) {
  const line = ([name, ...cells], n) => el("tr", { class: n === on ? "on" : undefined },
    el("th", { scope: "row" }, name), cells.map(cell => el("td", {}, cell)));
  return el("table", {}, el("caption", { text: caption }),
    el("tr", {}, heads.map(head => el("th", { scope: "col" }, head))), rows.map(line));
}

/**
 * Opened by the reader and filled only then. says() gives the sentences, which are spoken when they change; tables() what tableOf()
 * takes, one after the other; rest() a line on what they leave out.
 */
function pictureTwin({ label, says, tables, rest = () => "" }) {
  const said = el("p", { class: "note" }), more = el("p", { class: "sub" });
  const live = el("p", { class: "sr", "aria-live": "polite" });
  const scroll = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label });
  const node = el("details", { class: "twin", "data-export": "no", on: { toggle: () => fillIn() } },
    el("summary", { text: "In words and as a table" }), said, scroll, more);
  let ready = false;
  function fillIn() {
    if (!node.open || !ready) return;
    scroll.replaceChildren(...tables().map(tableOf));
    more.textContent = rest();
  }
  return {
    node, live,
    update() {
      ready = true;
      const text = (said.textContent = says());
      if (live.textContent !== text) live.textContent = text;
      fillIn();
    },
  };
}

/** What the picture shows, at the depth of the idea, and what it may not be taken for; both are asked for at each update. */
function pictureNotes(view, { idea, caveat }) {
  const shown = el("p", { class: "note" }), quiet = el("p", { class: "note quiet" });
  return {
    node: el("section", {}, shown, quiet),
    update() {
      shown.hidden = view.header.depth !== "idea";
      shown.textContent = idea();
      quiet.textContent = caveat();
    },
  };
}
