// Tables as CSV files (RFC 4180), made in the page.

/** Cells that a spreadsheet would take for a formula begin with one of these (OWASP, CSV injection). */
const FORMULA = /^\s*[=+\-@]|^[\t\r\n]/;

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = Array.isArray(value) ? value.join("; ") : String(value);
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of objects as CSV with these columns. */
export const csv = (columns, rows) =>
  [columns.map(cell), ...rows.map((row) => columns.map((name) => cell(row[name])))].map((line) => line.join(",")).join("\r\n") + "\r\n";

/** Give a text to the person as a file. */
export function download(name, text, type = "text/csv;charset=utf-8") {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
