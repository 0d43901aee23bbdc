// Attention, part 10: order, basis and switches as words that Python keeps in the address, so that a link brings them back.

/** What the address asks for ({sort, measured, show}), of what can be asked. */
function choicesFrom({ sort, measured, show = "" } = {}) {
  const shown = show.split(".");
  return {
    sort: SORTS.some(([value]) => value === sort) ? sort : "place",
    asked: measured === "here" ? "here" : "standing",
    scores: shown.includes("scores"),
    weighted: shown.includes("moved"),
    log: shown.includes("log"),
    hideFirst: shown.includes("rest"),
    scaled: shown.includes("whole"),
  };
}

/** The same words for what is chosen; the usual is not said. */
function choicesSaid({ sort, asked, scores, weighted, log, hideFirst, scaled }) {
  const shown = [scores && "scores", weighted && "moved", log && "log", hideFirst && "rest", scaled && "whole"].filter(Boolean);
  return { sort: sort === "place" ? "" : sort, measured: asked === "here" ? asked : "", show: shown.join(".") };
}
