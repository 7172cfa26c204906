// The page: who is here, what is shown, and which view the panel holds.

import * as api from "./lib/api.js";
import { Clock } from "./lib/clock.js";
import { fill, h, svg } from "./lib/dom.js";
import { notify } from "./lib/notify.js";
import { choose, pref } from "./lib/prefs.js";
import { link, read } from "./lib/route.js";
import { Stream } from "./lib/stream.js";

/** Every view: its name in the rail (null: not there), its icon, whether it takes the map's room, who may; `early`: its list needs no map. */
const VIEWS = {
  alerts: { title: "Alerts", icon: "M4 18h16M6 18v-6a6 6 0 0112 0v6M10 21h4", early: true, load: () => import("./views/alerts.js") },
  ships: { title: "Ships", icon: "M12 3l5 18-5-4-5 4z", load: () => import("./views/ships.js") },
  assets: { title: "Assets", icon: "M3 15c3-6 6 4 9-1s6 3 9-4M4 15m-1.5 0a1.5 1.5 0 103 0a1.5 1.5 0 10-3 0M20 10m-1.5 0a1.5 1.5 0 103 0a1.5 1.5 0 10-3 0", load: () => import("./views/assets.js") },
  fault: { title: "Faults", icon: "M13 3L6 14h5l-1 7 8-12h-5z", load: () => import("./views/fault.js") },
  feeds: { title: "Health", icon: "M3 12h4l3-7 4 14 3-7h4", wide: true, load: () => import("./views/feeds.js") },
  audit: { title: "Audit", icon: "M6 3h9l4 4v14H6zM9 12h7M9 16h7", wide: true, role: "operator", load: () => import("./views/audit.js") },
  settings: { title: "Settings", icon: "M12 9a3 3 0 100 6 3 3 0 000-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2", wide: true, load: () => import("./views/settings.js") },
  signin: { title: null, wide: true, load: () => import("./views/signin.js") },
};
const ROLES = ["viewer", "operator", "admin"];

const part = (id) => document.getElementById(id);

/** What every view is given. */
const app = {
  api, choose, pref, link,
  clock: null, stream: new Stream(), session: null, map: null,
  /** The map, as soon as it stands. */
  mapped: null,
  /** What tells of urgent alerts by sound, and its button. */
  sound: null,
  /** Go to a view: app.go(link("ships", id)). */
  go: (hash) => { location.hash = hash; },
  /** Tell in a line at the lower edge; kind "error" stays longer. */
  say,
  /** Show the moment that a link asks for; where that cannot be it says so. */
  follow: (at) => {
    const told = app.clock.follow(at);
    if (told) say(told, "error");
  },
  /** Whether the one signed in may do what a role may. */
  can: (role) => ROLES.indexOf(app.session?.role) >= ROLES.indexOf(role),
  /** Show or take away one of the banners at the top, words or elements: app.banner("exercise", "EXERCISE ..."). */
  banner,
};

globalThis.seavigil = app;

let shown = null;
let turn = 0;
const banners = new Map();

async function begin() {
  theme(pref("theme"));
  fill(part("panel"), h("p.wait", null, "Being read …"));
  app.session = await api.get("/api/session");
  api.signedIn(app.session.csrf, () => app.go(link("signin", null, { to: location.hash })));
  window.addEventListener("hashchange", show);
  if (!app.session.authenticated) {
    if (read().view !== "signin") app.go(link("signin", null, { to: location.hash }));
    await show();
    return;
  }
  for (const coming of [import("./map/chart.js"), viewOf(read()).load()]) coming.catch(() => {}); // what is wrong is told where they are used
  app.clock = new Clock(await api.get("/api/extent"));
  if (read().query.at) app.follow(read().query.at);
  rail();
  app.stream.on("connection", (stands) => banner("connection", stands ? null : "No connection to the service: what is shown may be old.", "bad"));
  app.stream.on("picture", (told) => app.clock.heard(told.as_of));
  app.sound = notify(app);
  app.mapped = mapAndTime();
  await show();
  await app.mapped;
}

/** The map, the time bar, and what is new from now on. */
async function mapAndTime() {
  const [{ makeMap }, { timebar }] = await Promise.all([import("./map/map.js"), import("./views/timebar.js")]);
  app.map = await makeMap(part("map"), app);
  timebar(part("timebar"), app);
  app.stream.start();
  return app.map;
}

const viewOf = (route) => (Object.hasOwn(VIEWS, route.view) ? VIEWS[route.view] : VIEWS.alerts);

async function show() {
  const mine = ++turn;
  const route = read();
  const view = viewOf(route);
  const panel = part("panel");
  if (!view.early || route.id) await app.mapped?.catch(() => {}); // that there is no map is told by begin()
  if (mine !== turn) return;
  shown?.leave?.();
  shown = null;
  document.body.dataset.wide = view.wide ? "yes" : "no";
  for (const one of part("rail").querySelectorAll("a")) {
    const here = VIEWS[one.dataset.view] === view;
    if (here) one.setAttribute("aria-current", "page"); else one.removeAttribute("aria-current");
  }
  document.title = `${view.title ?? "Sign in"} · Seavigil`;
  if (!Object.hasOwn(VIEWS, route.view)) say(`There is no page “${route.view}”: the alerts are shown.`, "error");
  if (view.role && !app.can(view.role)) {
    fill(panel, h("h1", null, view.title), h("p.caution", { role: "alert" }, `This page takes the role ${view.role}; you are signed in as ${app.session.role}.`));
    return;
  }
  fill(panel, h("p.wait", null, "Being read …"));
  try {
    const { show: showView } = await view.load();
    if (mine !== turn) return;
    fill(panel);
    const found = await showView(panel, route, app);
    if (mine === turn) shown = found; else found?.leave?.();
  } catch (fault) {
    if (mine === turn) fill(panel, h("p.error", { role: "alert" }, fault.message));
  }
}

function rail() {
  fill(part("rail"),
    Object.entries(VIEWS).filter(([, view]) => view.title && (!view.role || app.can(view.role))).map(([name, view]) =>
      h("a", { href: link(name), dataset: { view: name } }, icon(view.icon), h("span", null, view.title))),
    h("button.theme", { type: "button", onclick: turnTheme, title: "Light or dark" },
      icon("M12 3a9 9 0 109 9 7 7 0 01-9-9z"), h("span", null, "Theme")));
}

/** A stroked icon of 24 by 24. */
function icon(path) {
  return svg("svg", { viewBox: "0 0 24 24", width: 22, height: 22, "aria-hidden": "true", class: "icon" }, svg("path", { d: path }));
}

function theme(wanted) {
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.dispatchEvent(new CustomEvent("theme", { detail: dark ? "dark" : "light" }));
}

function turnTheme() {
  const other = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  choose("theme", other);
  theme(other);
}

function say(text, kind = "info") {
  const line = h("p", { class: kind }, text);
  part("notices").append(line);
  setTimeout(() => line.remove(), kind === "error" ? 12_000 : 5_000);
}

function banner(name, text, kind = "bad") {
  if (text) banners.set(name, h("p", { class: kind }, text)); else banners.delete(name);
  fill(part("banner"), [...banners.values()]);
  part("banner").hidden = banners.size === 0;
}

begin().catch((fault) => fill(part("panel"), h("p.error", { role: "alert" }, fault.message)));
