// The timeline, part 3: asking for checkpoints one at a time, and playing them.

const LOST = 20_000;  // ms after which an answer is no longer waited for

/**
 * ask(step) asks at once, or when the answer to the last question stands on the page; the newest wish wins.
 * answered() is called when there is nothing more to wait for.
 */
function asker(view, answered) {
  const app = document.querySelector('[data-testid="stApp"]');
  const running = () => app?.dataset.testScriptState !== "notRunning";
  let asked = null, wish = null, began = false, timer = 0;

  function send(step) {
    asked = step;
    wish = null;
    began = false;
    clearTimeout(timer);
    timer = setTimeout(settle, LOST);
    view.send("step", step);
  }

  function check() {
    if (asked === null) return;
    if (running()) began = true;
    else if (began || view.header.step === asked) requestAnimationFrame(() => { if (asked !== null && !running()) settle(); });
  }

  function settle() {
    clearTimeout(timer);
    asked = null;
    if (wish !== null && wish !== view.header.step) return send(wish);
    wish = null;
    answered();
  }

  const watch = new MutationObserver(check);
  if (app) watch.observe(app, { attributes: true, attributeFilter: ["data-test-script-state"] });
  return {
    ask(step) {
      if (asked !== null) wish = step;
      else if (step !== view.header.step) send(step);
      else answered();
    },
    waiting: () => asked !== null,
    check,
    stop() { clearTimeout(timer); watch.disconnect(); },
  };
}

const SPEEDS = [0.5, 1, 2, 4];  // checkpoints a second

/** Steps on by itself: on.next() returns false at the end. A step waits until the one before is on the page. */
function player(on) {
  let playing = false, timer = 0, speed = 1;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (playing && !on.next()) stop(); }, 1000 / SPEEDS[speed]);
  };
  const stop = () => {
    clearTimeout(timer);
    playing = false;
    on.changed();
  };
  return {
    start() { playing = true; on.changed(); if (!on.next()) stop(); },
    stop() { if (playing) stop(); },
    answered() { if (playing) wait(); },
    faster() { speed = (speed + 1) % SPEEDS.length; on.changed(); },
    playing: () => playing,
    speed: () => SPEEDS[speed],
  };
}
