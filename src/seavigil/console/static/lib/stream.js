// What is new, as the service tells it: one event stream for the whole page.

const KINDS = ["hello", "alert", "picture", "status"];
/** Without a sign of life for so long the connection counts as lost (the service pings every 15 s). */
const LOST_MS = 45_000;

/** Tells listeners of news, and whether the connection stands. */
export class Stream {
  #listeners = new Map(KINDS.concat("connection").map((kind) => [kind, new Set()]));
  #source = null;
  #check = null;
  #heard = 0;
  connected = null;

  start() {
    this.stop();
    this.#source = new EventSource("/api/stream");
    this.#heard = Date.now();
    this.#source.onopen = () => this.#connection(true);
    this.#source.onerror = () => this.#connection(false);
    for (const kind of KINDS) {
      this.#source.addEventListener(kind, (event) => {
        this.#connection(true);
        this.#tell(kind, JSON.parse(event.data));
      });
    }
    this.#source.addEventListener("ping", () => this.#connection(true));
    this.#check = setInterval(() => this.#lost(), 5_000);
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

  #lost() {
    if (Date.now() - this.#heard < LOST_MS) return;
    this.#connection(false);
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
