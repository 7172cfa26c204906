/** The alerts as they stood in the inbox last: what comes next and before on an alert's page. */
export const order = { ids: [] };
