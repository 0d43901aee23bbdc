// Attention, part 10: order, basis and switches as words that Python keeps in the address, so that a link brings them back.

/** What the address asks for ({sort, measured, show}), of what can be asked. */
function choicesFrom({ sort, measured, show = "" } = {}) {
  const shown = show.split(".");
  return {
    sort: SORTS.some(([value]) => value === sort) ? sort : "place",
    asked: measured === "here" ? "here" : "standing",
    scores: shown.includes("scores"),
    log: shown.includes("log"),
    hideFirst: shown.includes("rest"),
  };
}

/** The same words for what is chosen; the usual is not said. */
function choicesSaid({ sort, asked, scores, log, hideFirst }) {
  const shown = [scores && "scores", log && "log", hideFirst && "rest"].filter(Boolean);
  return { sort: sort === "place" ? "" : sort, measured: asked === "here" ? asked : "", show: shown.join(".") };
}
