// The sequence diagram: one list item for each message, so that a screen reader can read it.

import { byId, clock, el, now, setText, short } from "./words.js";

const COLUMN = { caller: 0, function: 1, identity: 2, "key-vault": 3, sts: 4 };
const TITLE = { identity: "Identity", "key-vault": "Key Vault", sts: "STS" };
const TRIGGER = {
  load: "started while the worker loads the function, before any request",
  request: "started by a caller's request, which waits for it",
  refresh: "started in the background; its caller already has the cached token",
};

let exchanges = [];
let chosen = null;
let drawn = "";

export function setExchanges(list) {
  exchanges = list;
  if (!list.some((exchange) => exchange.number === chosen)) chosen = null;
  draw();
}

/** Follow the newest exchange again. */
export function follow() {
  chosen = null;
  draw();
}

/** Draw if something except the time has changed; calls under way show their duration. */
export function draw() {
  const exchange = exchanges.find(({ number }) => number === chosen) ?? exchanges.at(-1);
  for (const cell of document.querySelectorAll("#messages time[data-since]")) {
    setText(cell, `${short(Math.max(0, now() - Number(cell.dataset.since)))} …`);
  }
  const state = JSON.stringify([exchanges, chosen]);
  if (state === drawn) return;
  drawn = state;
  drawList(exchange);
  drawExchange(exchange);
}

function drawList(current) {
  const items = exchanges.toReversed().map((exchange) => {
    const button = el(
      "button",
      { type: "button", "aria-current": exchange === current ? "true" : null, "data-mood": mood(exchange) },
      el("span", {}, clock(exchange.started), " "),
      el("span", { class: "more" }, `${exchange.trigger ?? "no exchange"}${exchange.seconds === null ? "" : `, ${short(exchange.seconds)}`}`),
      el("span", { class: "what" }, exchange.outcome ?? "under way"),
    );
    button.addEventListener("click", () => {
      chosen = exchange === exchanges.at(-1) ? null : exchange.number;
      draw();
    });
    return el("li", {}, button);
  });
  const focused = [...byId("before").querySelectorAll("button")].indexOf(document.activeElement);
  byId("before").replaceChildren(...items);
  if (focused >= 0) byId("before").querySelectorAll("button")[focused]?.focus();
}

function drawExchange(exchange) {
  setText(byId("exchange-title"), !exchange || exchange === exchanges.at(-1) ? "Last exchange" : `Exchange of ${clock(exchange.started)}`);
  const outcome = byId("exchange-outcome");
  outcome.hidden = !exchange;
  if (!exchange) return;
  setText(outcome, exchange.outcome ?? "under way");
  outcome.dataset.mood = mood(exchange);
  setText(byId("exchange-about"), TRIGGER[exchange.trigger] ?? "calls outside of an exchange");
  const messages = exchange.calls.map((call) => upstreamCall(call, call.started - exchange.started));
  if (exchange.trigger === "request") {
    messages.unshift(message("caller", "function", "GET /api/GetArrToken", null, false));
    if (exchange.caller && exchange.caller.seconds !== null) messages.push(callersResponse(exchange.caller));
  }
  byId("messages").replaceChildren(...messages);
}

function mood(exchange) {
  return exchange.outcome === null ? "wait" : exchange.outcome === "ok" ? "good" : "bad";
}

function upstreamCall(call, after) {
  const bad = !call.challenge && call.seconds !== null && (call.status === null || call.status >= 400);
  const response = [];
  if (call.seconds === null) {
    response.push("waiting ", el("time", { "data-since": call.started }, `${short(Math.max(0, now() - call.started))} …`));
  } else {
    response.push(
      el("b", {}, call.status === null ? "no response" : String(call.status)),
      call.challenge ? " challenge" : "",
      call.retry_after ? ` Retry-After ${call.retry_after}` : "",
      ` · ${short(call.seconds)}`,
      call.ms_cv ? el("span", { class: "cv" }, ` · ${call.ms_cv}`) : "",
    );
  }
  return message("function", call.service, `${call.method} ${shortPath(call.path)}`, response, bad, call.path, after);
}

function callersResponse(caller) {
  const text = [el("b", {}, String(caller.status ?? "–")), ` ${caller.code ?? "token"} · ${short(caller.seconds)}`];
  return message("caller", "function", null, text, caller.status !== 200);
}

function message(from, to, request, response, bad, title = null, after = null) {
  const item = el("li", { class: bad ? "bad" : "", title });
  item.style.setProperty("--from", COLUMN[from]);
  item.style.setProperty("--to", COLUMN[to]);
  if (after !== null) item.append(el("span", { class: "after" }, `+${short(after)} `));
  const name = TITLE[to];
  if (name) item.append(el("span", { class: "to" }, `${name}: `));
  if (request) item.append(el("span", { class: "request" }, el("span", {}, request)));
  if (response) item.append(el("span", { class: "reply" }, el("span", {}, ...response)));
  return item;
}

/** Leave out GUIDs and ports, which explain nothing here. */
function shortPath(path) {
  return path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, (guid) => `${guid.slice(0, 4)}…`).replace(/\/$/, "");
}
