// Merges, part 5: how tokens grew out of bytes, as trees side by side. A node is {token, label, parts: [] or [node, node]}.

const LEVEL = 44, MOST_LEAVES = 12, LETTER = 8, DIGIT = 6.2;  // px, leaves, px, px

/** The tree of token `id`, opened until it has MOST_LEAVES leaves: the largest parts first. */
function tokenTree(facts, id) {
  const leaf = i => ({ id: i, token: facts.whole(i), label: i < BYTES ? "" : `merge ${count(i - BYTES + 1)}`, parts: [] });
  const root = leaf(id), closed = [root];
  for (let leaves = 1; leaves < MOST_LEAVES && closed.some(node => node.id >= BYTES); leaves++) {
    closed.sort((a, b) => b.id - a.id);
    const node = closed.shift();
    node.parts = facts.pair(node.id - BYTES + 1).map(leaf);
    closed.push(...node.parts);
  }
  return root;
}

const depthOf = node => (node.parts.length ? 1 + Math.max(...node.parts.map(depthOf)) : 0);
const leavesOf = node => (node.parts.length ? node.parts.reduce((sum, part) => sum + leavesOf(part), 0) : 1);

/** The trees side by side in `width` px, drawn anew into `drawing`. */
function drawForest(drawing, roots, width, pitchMost = 58) {
  const leaves = roots.reduce((sum, root) => sum + leavesOf(root), 0), depth = Math.max(0, ...roots.map(depthOf));
  const pitch = Math.min(pitchMost, (width - 16) / Math.max(1, leaves)), lines = [], nodes = [];
  let next = 0;
  const place = (node, level) => {
    node.y = node.parts.length || !level ? 14 + level * LEVEL : 14 + depth * LEVEL;
    if (!node.parts.length) node.x = node.last = 12 + pitch * (next++ + .25);
    else {
      node.parts.forEach(part => place(part, level + 1));
      node.x = (node.parts[0].x + node.parts.at(-1).x) / 2;
      node.last = node.parts.at(-1).last;
      for (const part of node.parts) lines.push(`M${node.x} ${node.y + 6}V${node.y + 17}H${part.x}V${part.y - 14}`);
    }
    nodes.push(node);
  };
  roots.forEach(root => place(root, 0));
  const room = node => (roots.length === 1 && node.root ? width : node.last + pitch * .75) - node.x;
  drawing.setAttribute("width", width);
  drawing.setAttribute("height", 26 + depth * LEVEL);
  drawing.replaceChildren(svg("path", { class: "branch", d: lines.join("") }), ...nodes.map(node => nodeName(node, room(node), pitch)));
}

/** A node's token, and the merge that made it: right of it in words or as a number where there is `room`, else below. */
function nodeName(node, room, pitch) {
  const short = node.label.replace("merge ", ""), beside = short ? 2 * (short.length * DIGIT + 8) : 0;
  const fit = Math.floor(Math.min(pitch * leavesOf(node) + 8 - beside, 2 * room - beside, 2 * node.x) / LETTER);
  const letters = Math.min([...node.token.pieces.join("")].length, Math.max(2, fit));
  const text = tokenLabel(shortened(node.token, letters), { x: node.x, y: node.y, "text-anchor": "middle" }, Infinity);
  if (node.root) text.classList.add("root");
  if (!node.label) return text;
  const half = (letters * LETTER) / 2 + 6, fits = label => half + label.length * DIGIT <= room - 3;
  const label = fits(node.label) ? node.label : short, [x, y] = fits(label) ? [node.x + half, node.y] : [node.x + 3, node.y + 15];
  return svg("g", {}, text, svg("text", { class: "grown", x, y, text: label }));
}
