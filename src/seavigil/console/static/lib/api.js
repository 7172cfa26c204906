// The only way the console gets data. Problems come as RFC 9457 tells them.

/** What the service answered instead: `status`, `detail` in words, `retry_after_s` where it says so. */
export class Problem extends Error {
  constructor(status, detail, retryAfterS = null) {
    super(detail);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

let csrf = null;
let onUnknown = () => {};

/** Say what is sent with every change, and what to do when the service knows us no more. */
export function signedIn(token, unknown) {
  csrf = token;
  onUnknown = unknown ?? onUnknown;
}

/** Ask for something: `await get("/api/alerts", {status: ["open"], at})`. Null and empty values are left out. */
export async function get(path, query = {}, { signal } = {}) {
  return answer(await reach(`${path}${asked(query)}`, { signal, headers: { Accept: "application/json" } }));
}

/** Send something: `await send("POST", path, body)`. */
export async function send(method, path, body = {}) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (csrf) headers["X-CSRF-Token"] = csrf;
  return answer(await reach(path, { method, headers, body: JSON.stringify(body) }));
}

/** Write a query; lists give a name several times. */
export function asked(query) {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") found.append(name, String(one));
    }
  }
  const text = found.toString();
  return text ? `?${text}` : "";
}

async function reach(path, options) {
  try {
    return await fetch(path, { credentials: "same-origin", ...options });
  } catch (fault) {
    if (fault.name === "AbortError") throw fault;
    throw new Problem(0, "The service does not answer.");
  }
}

async function answer(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const told = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("Retry-After")) || null;
  if (response.status === 401) onUnknown();
  throw new Problem(response.status, told.detail ?? `The service answered ${response.status}.`, wait);
}
