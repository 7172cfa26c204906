// What is new, as the service tells it: one event stream for the whole page.

import { asked, get } from "./api.js";

const KINDS = ["hello", "alert", "picture", "status"];
/** So long without news it is asked whether the service is there: its pings are comments, which nobody here sees. */
const SILENT_MS = 45_000;
/** That question is a small one: it is answered soon or not at all. */
const LIVE_MS = 10_000;

/** Tells listeners of news, and whether the connection stands. */
export class Stream {
  #listeners = new Map(KINDS.concat("connection").map((kind) => [kind, new Set()]));
  #source = null;
  #check = null;
  #heard = 0;
  #last = null;
  connected = null;

  start() {
    this.stop();
    this.#source = new EventSource(`/api/stream${asked({ after: this.#last })}`);
    this.#heard = Date.now();
    this.#source.onopen = () => this.#connection(true);
    this.#source.onerror = () => this.#connection(false);
    for (const kind of KINDS) {
      this.#source.addEventListener(kind, (event) => {
        this.#last = event.lastEventId || this.#last;
        this.#connection(true);
        this.#tell(kind, JSON.parse(event.data));
      });
    }
    this.#check = setInterval(() => this.#silent(), 5_000);
  }

  stop() {
    this.#source?.close();
    clearInterval(this.#check);
  }

  /** Call `told(content)` for each piece of news of a kind; gives what ends that. */
  on(kind, told) {
    this.#listeners.get(kind).add(told);
    return () => this.#listeners.get(kind).delete(told);
  }

  /** Nothing new may be a quiet sea, a line that fell silent, or a service that is gone: begin anew after the last news. */
  async #silent() {
    if (this.#source.readyState === EventSource.CLOSED) {
      this.#last = null; // refused: perhaps for where it was to go on
      this.start();
      return;
    }
    if (Date.now() - this.#heard < SILENT_MS) return;
    this.#heard = Date.now();
    const gone = await get("/livez", {}, { withinMs: LIVE_MS }).then(() => false, (fault) => fault.status === 0);
    if (gone) this.#connection(false);
    this.start();
  }

  #connection(stands) {
    if (stands) this.#heard = Date.now();
    if (stands === this.connected) return;
    this.connected = stands;
    this.#tell("connection", stands);
  }

  #tell(kind, content) {
    for (const told of [...this.#listeners.get(kind)]) told(content);
  }
}
