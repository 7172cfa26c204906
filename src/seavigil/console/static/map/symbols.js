// The symbols of the map, drawn here: ships by class and way of lying, alerts by priority, plants, hatchings.

import { CLASSES, PRIORITIES } from "./palette.js";

const SIDE = 28; // CSS pixels
const RATIO = 2;

/** Every image of the map: {name: ImageData}, all of them drawn at twice their size. */
export function images(colours) {
  const found = {};
  for (const kind of Object.keys(CLASSES)) {
    for (const [pose, draw] of Object.entries(POSES)) found[`ship-${kind}-${pose}`] = drawn((pen) => draw(pen, kind, colours));
  }
  for (const priority of PRIORITIES) found[`alert-${priority}`] = drawn((pen) => alertSign(pen, priority, colours));
  for (const [kind, draw] of Object.entries(PLANTS)) found[`plant-${kind}`] = drawn((pen) => plate(pen, draw, colours));
  for (const [kind, draw] of Object.entries(SPOTS)) found[kind] = drawn((pen) => draw(pen, colours));
  found["hatch-gnss"] = hatch(colours.gnss, 1);
  found["hatch-lost"] = hatch(colours.lost, -1);
  found["hatch-zone"] = dots(colours.lane);
  return found;
}

export const PIXEL_RATIO = RATIO;

function drawn(draw, side = SIDE) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side * RATIO;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.scale(RATIO, RATIO);
  pen.translate(side / 2, side / 2);
  pen.lineJoin = "round";
  pen.lineCap = "round";
  draw(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function shape(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
}

function filled(pen, fill, line, width = 1.4) {
  pen.fillStyle = fill;
  pen.strokeStyle = line;
  pen.lineWidth = width;
  pen.fill();
  pen.stroke();
}

// Hulls point north: the map turns them. Merchant ships are long, work boats short, small craft narrow.
const LONG = [[0, -12], [4.2, -5], [4.2, 10], [-4.2, 10], [-4.2, -5]];
const SHORT = [[0, -10], [4.6, -3], [4.6, 8], [-4.6, 8], [-4.6, -3]];
const DART = [[0, -12], [5.5, 10], [0, 6.5], [-5.5, 10]];
const KITE = [[0, -10.5], [4.6, 8.5], [-4.6, 8.5]];
const HULLS = { fishing: SHORT, tug: SHORT, pilot_sar: SHORT, service: SHORT, sailing_pleasure: KITE, high_speed: DART };

const line = (pen, ...points) => { pen.beginPath(); points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y))); pen.stroke(); };
const disc = (pen, x, y, r) => { pen.beginPath(); pen.arc(x, y, r, 0, 2 * Math.PI); };

// What tells classes apart besides colour: a mark on the deck.
const MARKS = {
  tanker: (pen) => { disc(pen, 0, 2, 1.9); pen.fill(); },
  passenger: (pen) => { line(pen, [-2.6, -1], [2.6, -1]); line(pen, [-2.6, 3], [2.6, 3]); },
  fishing: (pen) => { line(pen, [-2.4, 0], [2.4, 5]); line(pen, [2.4, 0], [-2.4, 5]); },
  tug: (pen) => { pen.fillRect(-2, 0, 4, 4); },
  pilot_sar: (pen) => { line(pen, [0, -2], [0, 5]); line(pen, [-2.8, 1.5], [2.8, 1.5]); },
  service: (pen) => { shape(pen, [[0, -1.5], [2.6, 1.8], [0, 5], [-2.6, 1.8]]); pen.stroke(); },
};

function mark(pen, kind, colours) {
  pen.fillStyle = pen.strokeStyle = colours.paper;
  pen.lineWidth = 1.5;
  MARKS[kind]?.(pen);
}

const POSES = {
  /** Under way with a known heading or course: a hull. */
  hull(pen, kind, colours) {
    shape(pen, HULLS[kind] ?? LONG);
    filled(pen, colours.ships[kind], kind === "unknown" ? colours.quiet : colours.hull);
    mark(pen, kind, colours);
  },
  /** Stopped, moored or at anchor: round. */
  still(pen, kind, colours) {
    disc(pen, 0, 0, 6);
    filled(pen, colours.ships[kind], kind === "unknown" ? colours.quiet : colours.hull);
    pen.scale(0.8, 0.8);
    pen.translate(0, -1.8);
    mark(pen, kind, colours);
  },
  /** Moving, but neither heading nor course is told: a diamond. */
  blind(pen, kind, colours) {
    shape(pen, [[0, -8], [7, 0], [0, 8], [-7, 0]]);
    filled(pen, colours.ships[kind], kind === "unknown" ? colours.quiet : colours.hull);
    pen.translate(0, -1.8);
    mark(pen, kind, colours);
  },
};

// The shapes by which priorities are told apart on the whole page: triangle, diamond, circle, dot.
function alertSign(pen, priority, colours) {
  const ink = colours.priority[priority];
  if (priority === "urgent") shape(pen, [[0, -11], [11.5, 9], [-11.5, 9]]);
  else if (priority === "warning") shape(pen, [[0, -11], [11, 0], [0, 11], [-11, 0]]);
  else disc(pen, 0, 0, priority === "advisory" ? 9 : 5);
  filled(pen, priority === "info" ? ink : colours.ground[priority], ink, 2.2);
  if (priority === "info") return;
  pen.fillStyle = ink;
  pen.fillRect(-1.3, -5, 2.6, 7.5);
  disc(pen, 0, 5.6, 1.6);
  pen.fill();
}

function plate(pen, draw, colours) {
  pen.beginPath();
  pen.rect(-9, -9, 18, 18);
  filled(pen, colours.paper, colours.plant, 1.6);
  pen.strokeStyle = pen.fillStyle = colours.plant;
  pen.lineWidth = 1.8;
  draw(pen);
}

const PLANTS = {
  wind_farm: (pen) => { line(pen, [0, 7], [0, -1]); for (const a of [-90, 30, 150]) { const r = (a * Math.PI) / 180; line(pen, [0, -1], [6 * Math.cos(r), -1 + 6 * Math.sin(r)]); } },
  platform: (pen) => { line(pen, [-6, -2], [6, -2]); line(pen, [-4, -2], [-5, 6]); line(pen, [4, -2], [5, 6]); line(pen, [-4.5, 2], [4.5, 2]); line(pen, [1, -2], [3, -7]); },
  plant: (pen) => { line(pen, [-6, 6], [-6, -1], [-2, 2], [-2, -1], [2, 2], [2, -6], [5, -6], [5, 6], [-6, 6]); },
  substation: (pen) => { line(pen, [2, -7], [-3, 1], [3, 0], [-2, 7]); },
  refinery: (pen) => { line(pen, [-5, 6], [-5, -4]); line(pen, [0, 6], [0, -7]); line(pen, [5, 6], [5, -2]); line(pen, [-7, 6], [7, 6]); },
  lng_terminal: (pen) => { pen.beginPath(); pen.arc(0, 1, 5.5, Math.PI, 0); pen.stroke(); line(pen, [-5.5, 1], [-5.5, 6], [5.5, 6], [5.5, 1]); },
  landing_point: (pen) => { line(pen, [-7, 4], [-3, 4], [0, -5], [3, 4], [7, 4]); },
  other: (pen) => { disc(pen, 0, 0, 3.5); pen.fill(); },
};

/** Kinds of plants that have a sign of their own. */
export const SIGNS = Object.keys(PLANTS);

const SPOTS = {
  "spot-port": (pen, c) => anchor(pen, c, true),
  "spot-anchorage": (pen, c) => anchor(pen, c, false),
  "spot-pilot_boarding": (pen, c) => { shape(pen, [[0, -8], [7, 0], [0, 8], [-7, 0]]); filled(pen, c.paper, c.place, 1.6); line(pen, [0, -3.5], [0, 3.5]); line(pen, [-3, 0], [3, 0]); },
  "spot-fault": (pen, c) => { shape(pen, [[2, -11], [-6, 2], [-1, 2], [-2, 11], [6, -3], [1, -3]]); filled(pen, c.fault, c.paper, 1.6); },
  "spot-mark": (pen, c) => { disc(pen, 0, 0, 6); filled(pen, c.paper, c.select, 2.2); },
  "spot-crossing": (pen, c) => { pen.strokeStyle = c.pointer; pen.lineWidth = 2.6; line(pen, [-6, -6], [6, 6]); line(pen, [6, -6], [-6, 6]); },
  "spot-next": (pen, c) => { disc(pen, 0, 0, 8); filled(pen, c.paper, c.fan, 1.8); line(pen, [0, -4.5], [0, 0], [3.4, 2]); },
  "lane-way": (pen, c) => { pen.strokeStyle = c.lane; pen.lineWidth = 2; line(pen, [-5, -5], [5, 0], [-5, 5]); },
};

function anchor(pen, colours, round) {
  if (round) { disc(pen, 0, 0, 9); filled(pen, colours.paper, colours.place, 1.6); }
  pen.strokeStyle = colours.place;
  pen.lineWidth = 1.8;
  line(pen, [0, -4], [0, 6]);
  line(pen, [-3, -2], [3, -2]);
  pen.beginPath(); pen.arc(0, 1, 5, 0.35, Math.PI - 0.35); pen.stroke();
  disc(pen, 0, -5, 1.2); pen.stroke();
}

/** Slanted lines that join at the edges of their tile; way 1 or -1. */
function hatch(colour, way) {
  return drawn((pen) => {
    pen.strokeStyle = colour;
    pen.globalAlpha = 0.75;
    pen.lineWidth = 1.6;
    for (const by of [-16, -8, 0, 8, 16]) line(pen, [-12 + by, 12 * way], [12 + by, -12 * way]);
  }, 16);
}

function dots(colour) {
  return drawn((pen) => { pen.fillStyle = colour; pen.globalAlpha = 0.5; disc(pen, 0, 0, 1); pen.fill(); }, 10);
}
