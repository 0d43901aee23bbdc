// The checkpoints of a run on one line: drag, arrow keys or Play; the page follows, one question at a time.

export default picture(view => {
  let at = 0, run;
  const play = el("button", { type: "button", class: "link play", on: { click: toggle } });
  const speed = el("button", { type: "button", class: "link speed", on: { click: () => plays.faster() } });
  const step = el("div", { class: "now" }), loss_ = el("div", { class: "sub" });
  const words = el("span");
  const follow = el("button", { type: "button", class: "link", on: { click: () => view.send("follow", !view.header.follow) } });
  const below = el("p", { class: "below", role: "status" }, words, " ", follow);
  const track = timelineTrack(view, { to: index => { plays.stop(); go(index); } });
  const asks = asker(view, () => { globalThis.vitrineSteps.rest(); sync(); plays.answered(); });
  const plays = player({
    next: () => at + 1 < view.header.steps.length && (go(at + 1), true),
    changed: view.redraw,
  });
  const buttons = el("div", { class: "buttons" }, play, speed), said_ = el("div", { class: "said" }, step, loss_);
  view.root.append(el("div", { class: "timeline" }, buttons, track.node, said_), below);

  function toggle() {
    if (plays.playing()) return plays.stop();
    if (at === view.header.steps.length - 1 && at) { at = -1; }
    plays.start();
  }

  function go(index) {
    at = index;
    view.redraw();
    globalThis.vitrineSteps.go(view.header.steps[index]);
    asks.ask(view.header.steps[index]);
  }

  function sync() {
    at = Math.max(0, view.header.steps.indexOf(view.header.step));
    view.redraw();
  }

  function said(h) {
    const own = Number.isFinite(h.losses[at]), near = h.near[h.steps[at]];
    const value = own ? h.losses[at] : near?.[1], where = own || !near ? "" : ` at ${count(near[0])}`;
    step.replaceChildren("step ", el("b", { class: "num", text: count(h.steps[at]) }));
    loss_.replaceChildren(...(value === undefined ? [] : ["validation loss ", el("span", { class: "num", text: loss(value) }), where]));
    const valued = value === undefined ? "" : `, validation loss ${loss(value)} nats${where && ` at step ${count(near[0])}`}`;
    return `Step ${count(h.steps[at])} of ${count(h.last)}${valued}, checkpoint ${at + 1} of ${h.steps.length}`;
  }

  return {
    draw() {
      const h = view.header;
      asks.check();
      if (h.run !== run) { run = h.run; plays.stop(); at = h.steps.indexOf(h.step); }
      else if (!asks.waiting() && !plays.playing()) at = h.steps.indexOf(h.step);
      at = Math.max(0, Math.min(h.steps.length - 1, at));
      track.show(h, at, said(h));
      play.textContent = plays.playing() ? "Pause" : "Play";
      play.disabled = h.steps.length < 2;
      play.setAttribute("aria-label", plays.playing() ? "Pause the training" : "Play the training");
      speed.textContent = `${plays.speed()}×`;
      speed.setAttribute("aria-label", `Speed: ${plays.speed()} checkpoints a second; change`);
      const newest = h.step === h.steps.at(-1);
      const where = h.live ? `Views show step ${count(h.step)}, ${newest ? "the last checkpoint" : "and the run goes on"}.` : "";
      words.textContent = [h.note, where].filter(Boolean).join(" ");
      follow.hidden = !h.live;
      follow.textContent = h.follow ? "Stay at this one" : "Follow new ones";
      below.hidden = !words.textContent;
    },
    destroy() { plays.stop(); asks.stop(); },
  };
});
