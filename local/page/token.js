// The cached token, and one sentence on the response that a caller gets now, with the reason.

import { byId, duration, el, now, setText } from "./words.js";

/** Return the state: usable, stale, unusable or expired, with the seconds until the others. */
export function tokenState(token) {
  if (!token) return { name: "none" };
  const age = Math.max(0, now() - token.issued);
  const ends = [["expired", token.expired_after], ["unusable", token.unusable_after], ["stale", token.stale_after]];
  const [name] = ends.find(([, after]) => age >= after) ?? ["usable"];
  return { name, age, toStale: token.stale_after - age, toUnusable: token.unusable_after - age, toExpired: token.expired_after - age };
}

export function showToken(token) {
  const state = tokenState(token);
  const badge = byId("token-state");
  setText(badge, state.name);
  badge.dataset.mood = { usable: "good", stale: "good", unusable: "wait", expired: "bad", none: "wait" }[state.name];
  setText(byId("token-cv"), token && token.ms_cv ? `MS-CV ${token.ms_cv}` : "");
  byId("claims-open").disabled = !token;
  const bar = byId("token-bar");
  bar.classList.toggle("empty", !token);
  if (!token) {
    for (const id of ["token-age", "token-stale", "token-unusable", "token-left"]) setText(byId(id), "–");
    bar.setAttribute("aria-label", "No token is cached");
    return;
  }
  const whole = Math.max(token.lifetime ?? token.unusable_after, token.unusable_after);
  const stale = Math.min(token.stale_after, token.unusable_after);
  bar.style.setProperty("--usable-part", `${(100 * stale) / whole}%`);
  bar.style.setProperty("--stale-part", `${(100 * (token.unusable_after - stale)) / whole}%`);
  bar.style.setProperty("--age", `${Math.min(100, (100 * state.age) / whole)}%`);
  const left = token.lifetime === null ? "unknown" : duration(token.lifetime - state.age);
  setText(byId("token-age"), duration(state.age));
  setText(byId("token-stale"), state.toStale > 0 ? `in ${duration(state.toStale)}` : "now");
  setText(byId("token-unusable"), state.toUnusable > 0 ? `in ${duration(state.toUnusable)}` : "now");
  setText(byId("token-left"), left);
  bar.setAttribute("aria-label", `The token is ${state.name}: age ${duration(state.age)}, ${left} left`);
}

export function showClaims(token) {
  const time = (value) => new Date(Number(value) * 1000).toISOString().replace(".000Z", "Z");
  const rows = Object.entries(token.claims ?? { error: "The token is no JWT." }).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    const shown = ["iat", "nbf", "exp"].includes(name) && /^\d+$/.test(text) ? `${text} (${time(text)})` : text;
    return el("div", {}, el("dt", {}, name), el("dd", {}, shown));
  });
  byId("claims-list").replaceChildren(...rows);
}

/** Describe the response that a caller gets now: a mood (good, wait, bad) and one sentence. */
export function verdict(state) {
  if (!state.configured) {
    return { mood: "bad", text: "The settings are wrong: every caller gets a 500 that names them. Call, and read which." };
  }
  const broken = faulty(state);
  const token = tokenState(state.token);
  if (token.name === "usable" || token.name === "stale") {
    const cached = `A token is cached for another ${duration(token.toUnusable)}`;
    if (broken) return { mood: "good", text: `${cached}: callers do not notice ${broken.noun}.` };
    if (token.name === "stale") {
      return { mood: "good", text: `${cached}: callers get it at once, and a call also starts a refresh in the background.` };
    }
    return { mood: "good", text: `${cached}: callers get it at once, and no service is called.` };
  }
  if (token.name === "unusable") return nearItsEnd(state, broken, duration(token.toExpired));
  const why = token.name === "none" ? "No token is cached" : "The cached token has expired";
  if (state.cool_down && state.cool_down.until > now()) {
    const left = duration(Math.max(1, state.cool_down.until - now()));
    const cause = `the last exchange failed (${state.cool_down.code})`;
    return { mood: "bad", text: `${why}, and ${cause}: callers get a ${state.cool_down.status} at once; the next try is possible in ${left}.` };
  }
  if (state.exchange_under_way) return { mood: "wait", text: `${why}: callers wait for the exchange that is under way.` };
  if (broken) return { mood: "bad", text: `${why}: the next caller starts an exchange and notices ${broken.noun}.` };
  return { mood: "wait", text: `${why}: the next caller waits for one exchange, and all others share its token.` };
}

/** A token that is no longer usable is still returned until it expires, if the exchange fails. */
function nearItsEnd(state, broken, left) {
  const why = "The cached token is no longer usable";
  if (state.cool_down && state.cool_down.until > now()) {
    return { mood: "wait", text: `${why}, and the last exchange failed (${state.cool_down.code}): callers get it all the same, for another ${left}.` };
  }
  if (broken) return { mood: "wait", text: `${why}: callers wait for an exchange, and get the cached token for another ${left} if that fails.` };
  return { mood: "wait", text: `${why}: the next caller waits for one exchange, and all others share its token.` };
}

/** Return a noun for the faults, or null. */
function faulty(state) {
  const names = Object.values(state.services).filter((service) => service.fault).map((service) => service.title);
  const keys = Object.values(state.keys).filter(({ used }) => used);
  const refused = keys.length > 0 && keys.every(({ accepted }) => !accepted);
  if (names.length > 1) return { noun: `that ${names.join(" and ")} fail` };
  if (names.length === 1) return { noun: `the ${names[0]} outage` };
  if (refused) return { noun: "that the STS refuses the account key" };
  return null;
}

export function showVerdict(state) {
  const { mood, text } = verdict(state);
  byId("verdict").dataset.mood = mood;
  setText(byId("verdict-text"), text);
  // Announced when the sentence changes, and not each second because of a time in it.
  const kind = text.replace(/\d+ (d|h|min|s)\b/g, "").replace(/ +/g, " ");
  const announced = byId("verdict-announced");
  if (announced.dataset.kind !== kind) {
    announced.dataset.kind = kind;
    announced.textContent = text;
  }
  return text;
}
