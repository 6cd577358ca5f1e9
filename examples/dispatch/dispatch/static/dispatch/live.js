// The live panel of the start page: a small client of /ws/dispatch/ for the logged-in user.
"use strict";

const LOG_LINES = 100;
const live = document.getElementById("live");
const cards = live.querySelector(".cards");
const log = live.querySelector(".log");
const state = live.querySelector(".state");
const lines = [];

const url = new URL("/ws/dispatch/", location.href);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new WebSocket(url);

socket.addEventListener("open", () => { state.textContent = "connected"; });
socket.addEventListener("close", ({ code, reason }) => {
  state.textContent = `closed (${code}${reason ? `: ${reason}` : ""})`;
});
socket.addEventListener("message", ({ data }) => {
  note("←", data);
  const event = JSON.parse(data);
  events[event.type]?.(event);
});

document.getElementById("request")?.addEventListener("submit", (submitted) => {
  submitted.preventDefault();
  const { pickup_address, fare, passenger_count } = Object.fromEntries(new FormData(submitted.target));
  send({ action: "request_ride", pickup_address, fare, passenger_count: Number(passenger_count) });
});

const events = {
  "ride.requested": ({ ride_id }) => card(ride_id, "Waiting for offers …", "Cancel", () => cancel(ride_id)),
  "ride.offer": ({ ride_id, driver_id, driver_name, eta_minutes }) =>
    card(ride_id + driver_id, `${driver_name} can be there in ${eta_minutes} minutes`, "Accept", () =>
      send({ action: "accept_offer", ride_id, driver_id })),
  "ride.available": ({ ride_id, pickup_address, fare, passenger_count }) =>
    card(ride_id, `${pickup_address}, ${passenger_count} × passenger, ${fare}`, "Offer: 4 minutes", () =>
      send({ action: "offer_ride", ride_id, eta_minutes: 4 })),
  "offer.recorded": ({ ride_id }) => card(ride_id, "Offer sent; the rider decides."),
  "ride.withdrawn": ({ ride_id }) => { if (!(ride_id in kept)) drop(ride_id); },
  "ride.accepted": ({ ride_id, driver_name, eta_minutes }) => {
    drop(ride_id);
    kept[ride_id] = true;
    if (live.dataset.role === "driver") card(ride_id, `Yours: be there in ${eta_minutes} minutes`);
    else card(ride_id, `${driver_name} comes in ${eta_minutes} minutes`, "Cancel", () => cancel(ride_id));
  },
  "ride.cancelled": ({ ride_id }) => { drop(ride_id); card(ride_id, "Cancelled."); },
  "error": ({ message, errors }) =>
    card("error", [message, ...errors.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`)].join(" ")),
};
const kept = {};

function cancel(ride_id) { send({ action: "cancel", ride_id, reason: "changed_plans" }); }

function send(message) {
  const text = JSON.stringify(message);
  note("→", text);
  socket.send(text);
}

function note(direction, text) {
  lines.push(`${direction} ${text}`);
  log.textContent = lines.slice(-LOG_LINES).join("\n");
  lines.splice(0, lines.length - LOG_LINES);
  log.scrollTop = log.scrollHeight;
}

/** Show one card per key; text only, so nothing a user typed is read as markup. */
function card(key, text, label, act) {
  drop(key, true);
  const item = document.createElement("li");
  item.dataset.key = key;
  item.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (label) {
    const button = Object.assign(document.createElement("button"), { textContent: label });
    if (label === "Cancel") button.className = "second";
    button.addEventListener("click", act);
    item.append(button);
  }
  cards.prepend(item);
}

/** Remove a ride's card and those of its offers, or with `exact` only the card itself. */
function drop(key, exact = false) {
  for (const item of [...cards.children]) {
    if (exact ? item.dataset.key === key : item.dataset.key.startsWith(key)) item.remove();
  }
}
