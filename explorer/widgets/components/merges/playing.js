// Merges, part 7: playing the merges one after the other.

const MERGE_SPEEDS = [2, 8, 30];  // merges a second

/** on.next() goes one further and returns false at the end; on.changed() when playing begins, ends or changes pace. */
function mergePlayer(on) {
  let playing = false, speed = 0, frame = 0, last = 0;
  const tick = now => {
    if (!playing) return;
    if (now - last >= 1000 / MERGE_SPEEDS[speed]) {
      last = now;
      if (!on.next()) return stop();
    }
    frame = requestAnimationFrame(tick);
  };
  function stop() {
    if (!playing) return;
    playing = false;
    cancelAnimationFrame(frame);
    on.changed();
  }
  return {
    stop,
    start() { playing = true; last = performance.now(); on.changed(); frame = requestAnimationFrame(tick); },
    faster() { speed = (speed + 1) % MERGE_SPEEDS.length; on.changed(); },
    playing: () => playing,
    speed: () => MERGE_SPEEDS[speed],
  };
}
