// What a person chose on this device: theme, layers, sound. Kept in the browser alone.

const KEY = "seavigil";

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    return {};
  }
}

/** Give a choice, or `usual` where none was made. */
export const pref = (name, usual = null) => read()[name] ?? usual;

/** Keep a choice. */
export function choose(name, value) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...read(), [name]: value }));
  } catch {
    // a browser that keeps nothing still shows everything
  }
}
