// What a page shows goes with the moment shown, and with the news.

import { paced } from "./pace.js";

/** After a move of the clock at most so often, after news at most so often (ms). */
const CLOCK_MS = 600, NEWS_MS = 10_000;

/** Call `told()` when the moment shown changes or, at the newest, when there is news; gives what ends that. */
export function follow(app, told, clockMs = CLOCK_MS) {
  const moved = paced(told, clockMs), news = paced(told, NEWS_MS);
  const fresh = () => { if (app.clock.at === null) news.ask(); };
  const ends = [app.clock.on(moved.ask), app.stream.on("picture", fresh), app.stream.on("alert", fresh)];
  return () => {
    for (const end of [...ends, moved.end, news.end]) end();
  };
}
