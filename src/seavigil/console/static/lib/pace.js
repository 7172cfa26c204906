// Asking again and again without asking too much.

/**
 * Make of a task one that runs at most once in `everyMs`, and never twice at a time: asked for meanwhile,
 * it runs once more afterwards. `ask()` wants a run, `end()` lets no more happen.
 */
export function paced(task, everyMs = 500) {
  let busy = false, again = false, over = false, timer = null, last = -Infinity;
  async function run() {
    timer = null;
    busy = true;
    again = false;
    last = performance.now();
    try {
      await task();
    } finally {
      busy = false;
      if (again) ask();
    }
  }
  function ask() {
    if (busy) again = true;
    if (over || busy || timer !== null) return;
    timer = setTimeout(run, Math.max(0, last + everyMs - performance.now()));
  }
  return { ask, end() { over = true; clearTimeout(timer); } };
}
