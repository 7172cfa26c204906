// Where there is no graphics card, writing names takes a third of each frame: there they rest while the map moves.

const SLOW_MS = 120; // a frame so long is felt; own choice
const FEW = 4;

/** Watch how long frames take while the map moves, and leave names away in movement once that is too long. */
export function keepPace({ ml }) {
  const names = ml.getStyle().layers.filter(({ type, layout }) => type === "symbol" && layout?.["text-field"]).map(({ id }) => id);
  let gaps = [], last = null, slow = false, hidden = false;
  const show = (there) => {
    if (hidden === !there) return;
    hidden = !there;
    for (const id of names) ml.setPaintProperty(id, "text-opacity", there ? 1 : 0, { validate: false });
  };
  ml.on("movestart", () => { gaps = []; last = null; if (slow) show(false); });
  ml.on("render", () => {
    if (!ml.isMoving()) return;
    const now = performance.now();
    if (last !== null) gaps.push(now - last);
    last = now;
  });
  ml.on("moveend", () => {
    show(true);
    if (gaps.length < FEW) return;
    gaps.sort((a, b) => a - b);
    slow = gaps[gaps.length >> 1] > (slow ? SLOW_MS / 2 : SLOW_MS);
  });
}
