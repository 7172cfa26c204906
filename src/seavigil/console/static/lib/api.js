// The only way the console gets data. Problems come as RFC 9457 tells them.

/** What the service answered instead: `status`, `detail` in words, `retry_after_s` where it says so. */
export class Problem extends Error {
  constructor(status, detail, retryAfterS = null) {
    super(detail);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** So long an answer is waited for: a line that swallows everything would else be waited on for ever (own choice). */
const READ_MS = 20_000, SEND_MS = 60_000;

let csrf = null;
let onUnknown = () => {};

/** Say what is sent with every change, and what to do when the service knows us no more. */
export function signedIn(token, unknown) {
  csrf = token;
  onUnknown = unknown ?? onUnknown;
}

/** Ask for something: `await get("/api/alerts", {status: ["open"], at})`. Null and empty values are left out. */
export function get(path, query = {}, { signal, withinMs = READ_MS } = {}) {
  return reach(`${path}${asked(query)}`, { signal, headers: { Accept: "application/json" } }, withinMs);
}

/** Send something: `await send("POST", path, body)`. */
export function send(method, path, body = {}) {
  const headers = { "Content-Type": "application/json", Accept: "application/json" };
  if (csrf) headers["X-CSRF-Token"] = csrf;
  return reach(path, { method, headers, body: JSON.stringify(body) }, SEND_MS);
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

/** The answer, whole within `withinMs`; what was called off by whoever asked stays an AbortError. */
async function reach(path, options, withinMs) {
  const late = AbortSignal.timeout(withinMs);
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late;
  try {
    return await answer(await fetch(path, { credentials: "same-origin", ...options, signal }));
  } catch (fault) {
    if (fault instanceof Problem || options.signal?.aborted) throw fault;
    throw new Problem(0, unanswered(fault, late.aborted, withinMs));
  }
}

function unanswered(fault, late, withinMs) {
  if (late) return `The service did not answer within ${withinMs / 1000} s.`;
  return fault instanceof SyntaxError ? "What the service answered cannot be read." : "The service does not answer.";
}

async function answer(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  const told = await response.json().catch(() => ({}));
  const wait = Number(response.headers.get("Retry-After")) || null;
  if (response.status === 401) onUnknown();
  throw new Problem(response.status, told.detail ?? `The service answered ${response.status}.`, wait);
}
