// The switches: each click sends one request, which the page also shows as a command line.

import { byId, el, setText } from "./words.js";
import { tokenState } from "./token.js";

const HANG_S = 86400;
const KINDS = ["status", "delay", "hang", "drop", "trickle", "garbage"];
const LABEL = { works: "Works", status: "Status", delay: "Slow", hang: "Hang", drop: "Drop", trickle: "Trickle", garbage: "Garbage" };

/** The options of each kind of fault: name, label, attributes of its input or its choices. */
const FIELDS = {
  status: [["status", "", { type: "number", min: 200, max: 599, value: 503, required: true }], ["retry_after", "Retry-After", { type: "text", size: 3, placeholder: "none" }, "s"]],
  delay: [["delay", "waits", { type: "number", min: 0, max: 86400, step: "any", value: 3, required: true }, "s"]],
  hang: [],
  drop: [["drop", "connection", [["before", "before any byte"], ["headers", "amid the headers"], ["body", "amid the body"]]]],
  trickle: [["trickle", "", [["body", "body"], ["headers", "headers"]]], ["interval", "a byte each", { type: "number", min: 0, max: 86400, step: "any", value: 1, required: true }, "s"]],
  garbage: [["garbage", "in place of", [["body", "the body"], ["http", "HTTP"]]]],
};

let send = async () => {};
const cards = new Map();

/** Build the switches; `request(method, path, body)` sends. */
export function build(request, services) {
  send = request;
  for (const [name, { title }] of Object.entries(services)) {
    const card = new Card(name, title);
    cards.set(name, card);
    byId("services").append(card.root);
  }
  byId("drop-token").addEventListener("click", () => send("POST", "/local/restart"));
  byId("reset").addEventListener("click", () => send("POST", "/local/reset"));
  byId("sts-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send("PUT", "/local/sts", { lifetime: byId("sts-lifetime").valueAsNumber, clock_offset: byId("sts-offset").valueAsNumber });
  });
}

export function show(state) {
  for (const [name, card] of cards) card.show(state.services[name].fault);
  showKeys(state.keys);
  showOption(byId("sts-lifetime"), state.sts.lifetime);
  showOption(byId("sts-offset"), state.sts.clock_offset);
  const isCached = ["usable", "stale", "unusable"].includes(tokenState(state.token).name);
  setText(byId("why"), isCached
    ? "While a token is cached, callers keep getting it, except with no-cache. Drop it to see what a change here does."
    : "No token is cached: the next exchange shows every change here.");
}

class Card {
  constructor(name, title) {
    this.name = name;
    this.kind = "status";
    this.on = null;
    this.state = el("span", { class: "state" }, "works");
    this.buttons = new Map(["works", ...KINDS].map((kind) => [kind, el("button", { type: "button", "aria-pressed": "false" }, LABEL[kind])]));
    this.fields = el("div", { class: "fields" });
    this.times = el("input", { type: "number", min: 1, max: 1000000000, step: 1, placeholder: "all", "aria-label": "calls that the fault hits" });
    for (const [kind, button] of this.buttons) button.addEventListener("click", () => this.choose(kind));
    this.root = el(
      "fieldset",
      { class: "service", "data-service": name },
      el("legend", {}, title, " ", this.state),
      el("div", { class: "kinds", role: "group", "aria-label": `${title} now` }, ...this.buttons.values()),
      this.fields,
    );
    this.fields.addEventListener("change", () => this.on && this.on !== "works" && this.apply());
    this.showFields();
  }

  choose(kind) {
    if (kind === "works") {
      send("DELETE", `/local/faults/${this.name}`);
      return;
    }
    if (this.kind !== kind) {
      this.kind = kind;
      this.showFields();
    }
    this.apply();
  }

  apply() {
    const wrong = [...this.fields.querySelectorAll("input")].find((input) => !input.reportValidity());
    if (!wrong) send("PUT", `/local/faults/${this.name}`, this.fault());
  }

  fault() {
    const value = (field) => this.fields.querySelector(`[name=${field}]`)?.value ?? "";
    const fault = {
      status: () => ({ status: Number(value("status")), ...(value("retry_after") ? { headers: { "Retry-After": value("retry_after") } } : {}) }),
      delay: () => ({ delay: Number(value("delay")) }),
      hang: () => ({ delay: HANG_S }),
      drop: () => ({ drop: value("drop") }),
      trickle: () => ({ trickle: value("trickle"), interval: Number(value("interval")) }),
      garbage: () => (value("garbage") === "http" ? { raw: "garbage\r\n\r\n" } : { body: "<html>garbage</html>" }),
    }[this.kind]();
    if (this.times.value) fault.times = this.times.valueAsNumber;
    return fault;
  }

  show(fault) {
    const kind = fault ? fault.kind : "works";
    if (fault && this.on !== kind && this.kind !== kind) {
      this.kind = kind;
      this.showFields();
    }
    this.on = kind;
    setText(this.state, fault ? fault.text : "works");
    this.root.dataset.mood = fault ? "bad" : "good";
    for (const [name, button] of this.buttons) button.setAttribute("aria-pressed", String(name === kind));
  }

  showFields() {
    const fields = FIELDS[this.kind].map(([name, label, input, unit]) => el("label", {}, label, " ", control(name, input), unit ? ` ${unit}` : ""));
    this.fields.replaceChildren(...fields, el("label", {}, "for ", this.times, " calls"));
  }
}

function control(name, input) {
  if (!Array.isArray(input)) return el("input", { name, "aria-label": name.replace("_", " "), ...input });
  const choices = input.map(([value, text]) => el("option", { value }, text));
  return el("select", { name, "aria-label": name }, ...choices);
}

function showKeys(keys) {
  const list = byId("keys");
  if (list.dataset.shown === JSON.stringify(keys)) return;
  list.dataset.shown = JSON.stringify(keys);
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.action : null;
  const rows = Object.entries(keys).map(([name, { accepted, used }]) => {
    const act = (action, label) => {
      const button = el("button", { type: "button", "data-action": `${name}/${action}`, "aria-label": `${label} the ${name} key` }, label);
      button.addEventListener("click", () => send("POST", `/local/keys/${name}/${action}`));
      return button;
    };
    return el(
      "div",
      { "data-mood": accepted ? "good" : "bad" },
      el("span", {}, name, " ", el("span", { class: "state" }, `${accepted ? "accepted" : "refused"}${used ? "" : ", not used"}`)),
      act("rotate", "Rotate"),
      accepted ? act("revoke", "Revoke") : act("restore", "Restore"),
    );
  });
  list.replaceChildren(...rows);
  if (focused) (list.querySelector(`[data-action="${focused}"]`) ?? list.querySelector(`[data-action^="${focused.split("/")[0]}/re"]`))?.focus();
}

/** Do not replace a value while the user types it. */
function showOption(input, value) {
  if (input.dataset.shown === String(value)) return;
  input.dataset.shown = String(value);
  input.value = value;
}
