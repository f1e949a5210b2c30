// Zones and lines drawn on a camera's picture. The rows of text are what is sent: this only draws
// them, and writes into them what is drawn.
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const SCALE = 1000;
const NEAR_PX = 14;
const MIN_CORNERS = 3;
const INWARDS = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] };
const HINTS = {
  "": "Corners can be dragged.",
  zone: "Click corner after corner. Click the first one again, or press Enter, to end.",
  line: "Click both ends.",
};

const form = document.querySelector("[data-view]");
const drawing = form.querySelector("[data-drawing]");
const rows = form.querySelector("[data-shapes]");
const hint = form.querySelector("[data-hint]");

let drawn = ""; // "zone" or "line" while one is being drawn
let corners = []; // of that one, in shares of the picture
let pointer = null;
let dragged = null;

function pointsOf(row) {
  const field = row.querySelector('[name$="_points"]');
  const numbers = field.value.split(",").map(Number);
  if (numbers.length % 2 || numbers.some((n) => !(n >= 0 && n <= 1)) || !field.value.trim()) return [];
  return numbers.flatMap((x, i) => (i % 2 ? [] : [[x, numbers[i + 1]]]));
}

function writePoints(row, points) {
  const rounded = points.flat().map((share) => Math.round(share * 1000) / 1000);
  row.querySelector('[name$="_points"]').value = rounded.join(",");
}

function add(name, attributes, parent = drawing) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x * SCALE} ${y * SCALE}`).join("");

function drawHandle([x, y], kind) {
  // A round line of no length: a dot that keeps its shape whatever the picture's.
  return add("path", { d: `M${x * SCALE} ${y * SCALE}h.01`, class: `handle ${kind}` });
}

function drawWayIn([[x1, y1], [x2, y2]], inwards) {
  const [dx, dy] = INWARDS[inwards] ?? [0, 0];
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  const [tipX, tipY] = [x + dx * 0.07, y + dy * 0.07];
  const barb = 0.018;
  const barbs = [[tipX - (dx + dy) * barb, tipY - (dy + dx) * barb], [tipX, tipY], [tipX - (dx - dy) * barb, tipY - (dy - dx) * barb]];
  add("path", { d: path([[x, y], [tipX, tipY]]) + path(barbs), class: "way" });
}

function redraw() {
  drawing.replaceChildren();
  for (const row of rows.children) {
    const points = pointsOf(row);
    const kind = row.dataset.shape;
    if (!points.length) continue;
    add("path", { d: path(points) + (kind === "zone" ? "Z" : ""), class: kind });
    if (kind === "line" && points.length === 2) drawWayIn(points, row.querySelector("select").value);
    points.forEach((point, index) => {
      const handle = drawHandle(point, kind);
      if (!drawn) handle.addEventListener("pointerdown", (event) => grab(event, row, index));
    });
  }
  if (!drawn) return;
  const shown = pointer && corners.length ? [...corners, pointer] : corners;
  if (shown.length > 1) add("path", { d: path(shown), class: `${drawn} unfinished` });
  corners.forEach((point) => drawHandle(point, drawn));
}

function shareAt(event) {
  const box = drawing.getBoundingClientRect();
  const within = (value) => Math.min(1, Math.max(0, value));
  return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
}

function isNear([x, y], event) {
  const box = drawing.getBoundingClientRect();
  return Math.hypot(box.left + x * box.width - event.clientX, box.top + y * box.height - event.clientY) <= NEAR_PX;
}

function grab(event, row, index) {
  event.preventDefault();
  drawing.setPointerCapture(event.pointerId);
  dragged = { row, index };
}

function choose(kind) {
  drawn = drawn === kind ? "" : kind;
  corners = [];
  pointer = null;
  drawing.classList.toggle("busy", Boolean(drawn));
  for (const button of form.querySelectorAll("[data-draw]")) {
    button.setAttribute("aria-pressed", String(button.dataset.draw === drawn));
  }
  hint.textContent = HINTS[drawn];
  redraw();
}

function newName(kind) {
  const taken = [...rows.querySelectorAll(`[name="${kind}_name"]`)].map((field) => field.value);
  let number = 1;
  while (taken.includes(`${kind}${number}`)) number += 1;
  return `${kind}${number}`;
}

function finish() {
  const [kind, points] = [drawn, corners];
  choose("");
  const row = form.querySelector(`template[data-new="${kind}"]`).content.firstElementChild.cloneNode(true);
  rows.append(row);
  writePoints(row, points);
  if (kind === "line" && Math.abs(points[0][0] - points[1][0]) < Math.abs(points[0][1] - points[1][1])) {
    row.querySelector("select").value = "right"; // nothing that moves down crosses an upright line
  }
  const name = row.querySelector("input");
  name.value = newName(kind);
  name.focus();
  name.select();
  redraw();
}

drawing.addEventListener("pointerdown", (event) => {
  if (!drawn || event.button) return;
  event.preventDefault();
  if (drawn === "zone" && corners.length >= MIN_CORNERS && isNear(corners[0], event)) return void finish();
  corners.push(shareAt(event));
  if (drawn === "line" && corners.length === 2) finish();
  else redraw();
});

drawing.addEventListener("pointermove", (event) => {
  if (dragged) {
    const points = pointsOf(dragged.row);
    points[dragged.index] = shareAt(event);
    writePoints(dragged.row, points);
    redraw();
  } else if (drawn) {
    pointer = event.pointerType === "mouse" ? shareAt(event) : null;
    redraw();
  }
});

for (const end of ["pointerup", "pointercancel"]) drawing.addEventListener(end, () => { dragged = null; });

document.addEventListener("keydown", (event) => {
  if (!drawn) return;
  if (event.key === "Escape") choose(drawn);
  if (event.key === "Enter" && drawn === "zone" && corners.length >= MIN_CORNERS) {
    event.preventDefault();
    finish();
  }
});

rows.addEventListener("input", redraw);
rows.addEventListener("click", (event) => {
  if (!event.target.matches("[data-take]")) return;
  event.target.closest("[data-shape]").remove();
  redraw();
});
for (const button of form.querySelectorAll("[data-draw]")) {
  button.addEventListener("click", () => choose(button.dataset.draw));
}
form.querySelector("[data-tools]").hidden = false;
redraw();
