// Picking a place on the map: the next click is a place, and opens nothing.

/** Call `done({lat_deg, lon_deg} | null)` once; Escape ends it. Gives what breaks it off. */
export function pickPlace(app, done) {
  const map = app.map.ml;
  if (!map) {
    app.say("There is no map here: type the kilometre.", "error");
    done(null);
    return null;
  }
  const box = map.getCanvasContainer();
  app.say("Click the place on the map; Escape ends it.");
  const end = (place) => {
    box.parentNode.removeEventListener("click", click, true);
    document.removeEventListener("keydown", key, true);
    map.getCanvas().style.cursor = "";
    done(place);
  };
  const click = (event) => {
    if (!box.contains(event.target)) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    const rect = box.getBoundingClientRect(), { lng, lat } = map.unproject([event.clientX - rect.left, event.clientY - rect.top]);
    end({ lat_deg: lat, lon_deg: lng });
  };
  const key = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    end(null);
  };
  box.parentNode.addEventListener("click", click, true);
  document.addEventListener("keydown", key, true);
  map.getCanvas().style.cursor = "crosshair";
  return () => end(null);
}
