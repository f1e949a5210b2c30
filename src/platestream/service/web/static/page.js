// The live wall: plates firm up as the cameras' news comes in. All else works without a script.
"use strict";

const SHOWN = 12;
const SNAPSHOT_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 15000 : 2000;
const RETRY_MS = 3000;
const NOT_KEPT = "not kept";
const WORDS = { provisional: "first look", improved: "firming up" };

let stream;

function cardsOf(camera) {
  const panels = [...document.querySelectorAll("[data-camera]")];
  return panels.find((panel) => panel.dataset.camera === camera)?.querySelector("[data-cards]");
}

function percent(confidence) {
  const share = confidence === 1 ? 100 : Math.min(99, Math.floor(confidence * 100 + 0.5));
  return `${share} %`;
}

function stateWords(update) {
  if (update.state === "sure" && update.here_since) return `here since ${update.here_since.slice(11, 16)}`;
  return WORDS[update.state] ?? "";
}

function isDrawn(card, update) {
  if (!card.classList.contains(update.state)) return false;
  if (update.state === "final") return true; // and a person may have corrected it meanwhile
  return card.querySelector("[data-plate]").textContent === (update.plate_masked || NOT_KEPT)
    && card.querySelector("[data-percent]").textContent === percent(update.confidence);
}

function drawPlate(plate, text) {
  plate.classList.toggle("none", !text);
  if (!text) plate.textContent = NOT_KEPT;
  else plate.replaceChildren(...[...text].map((character) => {
    if (character !== "?") return character;
    const unsure = document.createElement("i");
    unsure.title = "not sure of this character";
    unsure.textContent = "?";
    return unsure;
  }));
}

function drawSure(sure, confidence) {
  sure.className = `certainty ${confidence >= 0.9 ? "high" : confidence >= 0.6 ? "middle" : "low"}`;
  sure.querySelector(".part").setAttribute("width", (confidence * 100).toFixed(1));
  sure.querySelector("[data-percent]").textContent = percent(confidence);
}

function drawCard(card, update) {
  const known = card.querySelector("[data-known]");
  const time = card.querySelector("time");
  const crop = card.querySelector(".crop");
  card.className = `card ${update.state} fresh`;
  card.dataset.event = update.event_id;
  if (update.state === "final") card.querySelector("a").href = `/events/${update.event_id}`;
  if (update.crop_url) {
    const image = crop.querySelector("img") ?? document.createElement("img");
    image.alt = "";
    image.src = update.crop_url;
    crop.replaceChildren(image);
  } else {
    const nothing = document.createElement("span");
    nothing.className = "nothing";
    nothing.textContent = "no picture";
    crop.replaceChildren(nothing);
  }
  drawPlate(card.querySelector("[data-plate]"), update.plate_masked);
  drawSure(card.querySelector("[data-sure]"), update.confidence);
  card.querySelector("[data-state]").textContent = stateWords(update);
  known.textContent = update.known_as;
  known.hidden = !update.known_as;
  if (time.dateTime !== update.at) {
    time.dateTime = update.at;
    time.textContent = update.at.slice(11, 19);
  }
}

function show(update) {
  const cards = cardsOf(update.camera);
  if (!cards) return;
  let card = [...cards.children].find((one) => one.dataset.event === update.event_id);
  if (update.state === "withdrawn") {
    card?.remove();
  } else {
    if (card && isDrawn(card, update)) return;
    if (!card) {
      card = document.querySelector("template[data-card]").content.firstElementChild.cloneNode(true);
      cards.prepend(card);
    }
    drawCard(card, update);
    while (cards.children.length > SHOWN) cards.lastElementChild.remove();
    if (update.state === "final") {
      document.querySelector("[data-said]").textContent = `${update.camera}: ${update.plate_masked || "a plate that is not kept"}`;
    }
  }
  cards.parentElement.querySelector(".waiting").hidden = cards.children.length > 0;
}

function watch() {
  const offline = document.querySelector("[data-offline]");
  const opened = new EventSource("/api/v1/stream");
  opened.addEventListener("open", () => { offline.hidden = true; });
  opened.addEventListener("error", () => {
    offline.hidden = false;
    // A stream that was refused does not try again by itself, one that broke off does.
    if (opened.readyState === EventSource.CLOSED) setTimeout(comeBack, RETRY_MS);
  });
  opened.addEventListener("plate", (event) => show(JSON.parse(event.data)));
  return opened;
}

async function comeBack() {
  const answer = await fetch("/api/v1/cameras").catch(() => null);
  if (answer?.status === 401) location.reload();
  else stream = watch();
}

function refreshSnapshots() {
  if (document.hidden) return;
  for (const image of document.querySelectorAll("[data-snapshot]")) {
    if (!image.complete) continue;
    const address = new URL(image.src);
    address.searchParams.set("at", Date.now());
    image.src = address;
  }
}

const printing = document.querySelector("[data-print]");
if (printing) {
  printing.hidden = false;
  printing.addEventListener("click", () => print());
}

const strip = document.querySelector(".strip");
const best = strip?.querySelector(".best");
if (best) strip.scrollLeft = best.offsetLeft - strip.offsetLeft - (strip.clientWidth - best.clientWidth) / 2;

if (document.querySelector("[data-wall]")) {
  stream = watch();
  document.addEventListener("visibilitychange", () => {
    stream.close();
    if (!document.hidden) stream = watch();
  });
}
if (document.querySelector("[data-snapshot]")) setInterval(refreshSnapshots, SNAPSHOT_MS);
