// Where we are: `#/ships/219165000?at=2013-11-12T12:03:00Z` is a view, what it is about, and more.

/** Read a hash: {view, id, query}. */
export function read(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/");
  return { view: view || "alerts", id: rest.length ? decoded(rest.join("/")) : null,
    query: Object.fromEntries(new URLSearchParams(query)) };
}

/** A sign % that stands for nothing stands for itself. */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Write one: link("ships", "219165000#2", {at}). */
export function link(view, id = null, query = {}) {
  const said = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const more = new URLSearchParams(said).toString();
  return `#/${view}${id === null ? "" : `/${encodeURIComponent(id)}`}${more ? `?${more}` : ""}`;
}
