// The ledger, part 1: its columns, how they sort, and which rows a filter leaves.

/** key: what it sorts by; down: the first click puts the largest on top. */
const COLUMNS = [
  { key: "name", name: "Run", of: row => row.name.toLowerCase() },
  { key: "state", name: "State", of: row => STATE_ORDER.indexOf(row.state), hidden: true },
  { key: "spark", name: "Loss", note: "each on its own scale" },
  { key: "differs", name: "Differs in", note: "from the first that is ticked" },
  { key: "best", name: "Best validation", note: "nats per token", of: row => row.best ?? Infinity, end: true },
  { key: "step", name: "Steps", of: row => row.step, down: true, end: true },
  { key: "seconds", name: "Time", of: row => row.seconds, down: true, end: true },
  { key: "size", name: "Size", of: row => row.size, down: true, end: true },
];
const STATE_ORDER = ["running", "preparing", "paused", "queued", "finished", "stopped", "failed", "killed", "damaged"];

/** Rows in the order that is asked for; equal ones stay as they came, newest first. */
function sorted(rows, { key, down }) {
  const column = COLUMNS.find(one => one.key === key);
  if (!column?.of) return rows;
  const way = down ? -1 : 1, compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return [...rows].sort((a, b) => {
    const [x, y] = [column.of(a), column.of(b)];
    if (x === Infinity || y === Infinity) return compare(x, y);  // what has no figure stands last, whichever way
    return way * compare(x, y);
  });
}

/** Rows in whose name, note, state or recipe the words stand, as "blocks 4". */
function filtered(rows, text) {
  const wanted = text.trim().toLowerCase().replace(/\s+/g, " ");
  return rows.filter(row => wordsOf(row).join("\n").toLowerCase().includes(wanted));
}

function wordsOf({ name, note, sentence, parent, shipped, recipe }) {
  return [name, note, sentence, parent, shipped ? "shipped" : "", ...Object.entries(recipe ?? {}).map(pair => pair.join(" "))];
}

/** The choices of a row that differ from the reference: [[name, here, there], ...]; null where its recipe cannot be read. */
function apart(row, reference, names) {
  if (!row.recipe || !reference?.recipe) return null;
  return names.filter(name => row.recipe[name] !== reference.recipe[name]).map(name => [name, row.recipe[name], reference.recipe[name]]);
}

/** 812 kB, 31 MB, 1.4 GB. */
function bytesText(n) {
  for (const [unit, name] of [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]]) {
    if (n >= unit * 0.9995) return `${n / unit >= 9.95 ? Math.round(n / unit) : (n / unit).toFixed(1)} ${name}`;
  }
  return n ? `${n} B` : "";
}
