// Assets: what is watched, and one asset's page.

import { assetList } from "./asset/list.js";
import { assetPage } from "./asset/page.js";

export const show = (panel, route, app) => (route.id ? assetPage(panel, route, app) : assetList(panel, route, app));
