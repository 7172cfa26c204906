import { fill, h } from "../lib/dom.js";
import { time } from "../lib/format.js";

/** Show the moment that the page is about, and move it. */
export function timebar(bar, app) {
  const draw = () => fill(bar, h("p", null, time(app.clock.now(), { day: true })));
  app.clock.on(draw);
  draw();
}
