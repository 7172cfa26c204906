// A short tone made by the browser itself.

/** Two notes up and down for an alarm; one low soft note for an exercise. */
const ALARM = [[880, 0, 0.18], [660, 0.22, 0.18], [880, 0.44, 0.18]];
const DRILL = [[392, 0, 0.35]];

/** Plays tones; a browser that has none, or does not let them be heard yet, stays silent. */
export class Tone {
  #context = null;

  play(drill) {
    try {
      this.#context ??= new AudioContext();
      if (this.#context.state === "suspended") this.#context.resume();
      for (const note of drill ? DRILL : ALARM) this.#note(note);
    } catch {
      // the page says it all the same
    }
  }

  #note([hertz, after, lasts]) {
    const context = this.#context, at = context.currentTime + after;
    const source = new OscillatorNode(context, { frequency: hertz, type: "triangle" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.02);
    volume.gain.linearRampToValueAtTime(0, at + lasts);
    source.connect(volume).connect(context.destination);
    source.start(at);
    source.stop(at + lasts);
  }
}
