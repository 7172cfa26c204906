/** The one map of the page. */
export async function makeMap(container, app) {
  return { focus() {}, highlight() {}, show() {} };
}
