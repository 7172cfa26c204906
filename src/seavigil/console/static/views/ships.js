// Ships: who was heard, and one ship's page.

import { shipList } from "./ship/list.js";
import { shipPage } from "./ship/page.js";

export const show = (panel, route, app) => (route.id ? shipPage(panel, route, app) : shipList(panel, route, app));
