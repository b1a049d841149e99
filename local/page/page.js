// The page: listens to the stack, calls the function, and shows both.

import { build, show as showSwitches } from "./switches.js";
import { draw, follow, setExchanges } from "./diagram.js";
import { byId, clock, el, setNow, setText, short } from "./words.js";
import { showClaims, showToken, showVerdict } from "./token.js";

const FUNCTION = "/api/GetArrToken";
const LINES_SHOWN = 100;
let state = null;
let lines = [];
let last = null;

setText(byId("address"), location.origin + FUNCTION);
byId("function-key").value = new URLSearchParams(location.hash.slice(1)).get("key") ?? "";
byId("key-label").hidden = !byId("function-key").value;

// ---- events of the stack

const events = new EventSource("/local/events");
events.addEventListener("open", () => {
  byId("lines").replaceChildren(); // of a stack that has ended
  connection(true);
});
events.addEventListener("error", () => connection(false));
events.addEventListener("state", (event) => {
  const told = JSON.parse(event.data);
  setNow(told.now);
  if (state === null) build(request, told.state.services);
  state = told.state;
  showSwitches(state);
  tick();
});
events.addEventListener("exchanges", (event) => setExchanges(JSON.parse(event.data).exchanges));
events.addEventListener("log", (event) => {
  lines = JSON.parse(event.data).log;
  showLog();
  showSource();
});

function connection(live) {
  setText(byId("connection"), live ? "live" : "the stack has ended: start it again");
  byId("connection").dataset.mood = live ? "good" : "bad";
  document.body.classList.toggle("ended", !live);
}

function tick() {
  if (state === null) return;
  showVerdict(state);
  showToken(state.token);
  showSwitches(state);
  draw();
}
setInterval(tick, 250);

function showLog() {
  const list = byId("lines");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const newest = Number(list.lastElementChild?.dataset.number ?? 0);
  for (const line of lines.filter(({ number }) => number > newest)) {
    const item = el(
      "p",
      { "data-number": line.number, class: `${line.lost ? "lost " : ""}${line.level.toLowerCase()}` },
      el("time", {}, clock(line.at)),
      " ",
      line.lost ? el("span", { class: "unseen" }, "lost in Azure: ") : "",
      line.text,
    );
    list.append(item);
  }
  while (list.children.length > LINES_SHOWN) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

// ---- a call

byId("call-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const options = callOptions();
  const response = byId("response");
  response.replaceChildren(el("p", { class: "hint" }, "Waiting for the function …"));
  remember("GET", options.path, null, options.headers);
  const begun = performance.now();
  try {
    // Without `cache: "no-store"`, with which the browser would add its own no-cache header.
    const received = await fetch(options.path, { headers: options.headers });
    const body = await received.text();
    showResponse(received, body, (performance.now() - begun) / 1000);
  } catch {
    response.replaceChildren(el("p", { class: "what" }, "No response: the stack does not answer."));
  }
  follow();
});

function callOptions() {
  const minValidity = byId("min-validity").value;
  const headers = {};
  if (byId("no-cache").checked) headers["Cache-Control"] = "no-cache";
  if (byId("function-key").value) headers["x-functions-key"] = byId("function-key").value;
  return { path: FUNCTION + (minValidity ? `?minValidity=${minValidity}` : ""), headers };
}

function showResponse(received, body, seconds) {
  const problem = parse(body);
  const good = received.status === 200;
  const retryAfter = received.headers.get("Retry-After");
  if (received.status === 401 && !problem) byId("key-label").hidden = false;
  const about = good
    ? [el("span", { id: "source", "data-request": received.headers.get("x-ms-request-id"), "data-age": received.headers.get("Age") })]
    : [problem ? el("b", {}, problem.code) : "", problem ? ` ${problem.detail}` : noProblem(received.status)];
  const headers = [...received.headers].map(([name, value]) => `${name}: ${value}\n`).join("");
  byId("response").replaceChildren(
    el("p", { class: "what", "data-mood": good ? "good" : "bad" },
      el("b", { class: "status" }, `${received.status} ${received.statusText}`), ` in ${short(seconds)}. `, ...about, retryAfter ? ` Retry-After: ${retryAfter}.` : ""),
    el("pre", {}, headers, "\n", body),
  );
  byId("response").scrollTop = 0;
  showSource();
}

/** Show the source of the response's token, from the audit line of its request. */
function showSource() {
  const source = byId("source");
  const audit = source && lines.find(({ request, text }) => request === source.dataset.request && /\bsource=\w/.test(text));
  if (!audit) return;
  const age = `${source.dataset.age} s old`;
  setText(source, audit.text.includes("source=issued") ? "It waited for an exchange." : `From the cache, ${age}: no service was called.`);
}

function noProblem(status) {
  return status === 401 ? " The platform demands a function key: type the one that the terminal shows." : " The platform answered, not the function.";
}

function parse(body) {
  try {
    const value = JSON.parse(body);
    return value && value.code ? value : null;
  } catch {
    return null;
  }
}

// ---- the switches

async function request(method, path, body = null) {
  remember(method, path, body);
  try {
    const received = await fetch(path, { method, body: body && JSON.stringify(body) });
    say((await received.text()).trim(), received.ok);
    if (path === "/local/restart") follow();
  } catch {
    say("The stack does not answer.", false);
  }
}

function say(text, good) {
  last.received = text;
  showCommands();
  byId("said").dataset.mood = good ? "good" : "bad";
  setText(byId("said"), text);
}

byId("claims-open").addEventListener("click", () => {
  showClaims(state.token);
  byId("claims").showModal();
});

// ---- the same from a shell

let shell = navigator.platform.startsWith("Win") ? "powershell" : "curl";

const SHELLS = {
  curl: (method, url, body, headers) => [
    "curl",
    method === "GET" ? "-i" : `-X ${method}`,
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    `'${url}'`,
    ...(body ? [`-d '${JSON.stringify(body)}'`] : []),
  ].join(" "),
  powershell: (method, url, body, headers) => [
    "Invoke-RestMethod",
    ...(method === "GET" ? [] : [`-Method ${method}`]),
    `'${url}'`,
    ...(Object.keys(headers).length ? [`-Headers @{ ${Object.entries(headers).map(([name, value]) => `'${name}' = '${value}'`).join("; ")} }`] : []),
    ...(body ? [`-Body '${JSON.stringify(body)}'`] : []),
  ].join(" "),
};

/** Copy, or select the text without a secure context (an address of the LAN), where browsers have no clipboard. */
async function copyText(code, button) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(code.textContent);
    setText(button, "Copied");
  } else {
    getSelection().selectAllChildren(code);
    setText(button, "Selected");
  }
}

function remember(method, path, body, headers = {}) {
  last = { what: "last click", method, path, body, headers };
  showCommands();
}

function showCommands() {
  const key = byId("function-key").value;
  const commands = [
    ...(last ? [last] : []),
    { what: "call it", method: "GET", path: FUNCTION, headers: key ? { "x-functions-key": key } : {} },
    { what: "break the STS", method: "PUT", path: "/local/faults/sts?status=503" },
    { what: "drop the token", method: "POST", path: "/local/restart" },
    { what: "mend it all", method: "POST", path: "/local/reset" },
  ].filter((command) => command === last || !last || command.method !== last.method || !command.path.startsWith(last.path));
  const items = commands.map(({ what, method, path, body, headers, received }) => {
    const text = SHELLS[shell](method, location.origin + path, body, headers ?? {});
    const copy = el("button", { type: "button", class: "link", "aria-label": `Copy: ${what}` }, "Copy");
    const code = el("code", {}, text);
    copy.addEventListener("click", () => copyText(code, copy));
    return el("li", {}, el("span", { class: "what" }, what), code, copy, received ? el("samp", {}, received) : "");
  });
  byId("command-list").replaceChildren(...items);
  for (const button of document.querySelectorAll("[data-shell]")) button.setAttribute("aria-pressed", String(button.dataset.shell === shell));
}

for (const button of document.querySelectorAll("[data-shell]")) {
  button.addEventListener("click", () => {
    shell = button.dataset.shell;
    showCommands();
  });
}
showCommands();
