// Times and small pieces of the page.

export const byId = (id) => document.getElementById(id);

/** Make an element: `el("p", { class: "x" }, "text", child)`. Text is never parsed as HTML. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set text only if it differs, so that a selection stays and a screen reader is not interrupted. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const UNITS = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** `23 h 12 min`, `58 min 3 s`, `7 s`: two units at most, and days only if there are several. */
export function duration(seconds) {
  let rest = Math.max(0, Math.round(seconds));
  const units = rest < 2 * 86400 ? UNITS.slice(1) : UNITS;
  const first = units.findIndex(([, size]) => rest >= size);
  if (first < 0) return "0 s";
  const parts = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole > 0) parts.push(`${whole} ${unit}`);
  }
  return parts.join(" ");
}

/** `0.8 ms`, `112 ms`, `2.41 s`. */
export function short(seconds) {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  const ms = seconds * 1000;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** The time of day. */
export function clock(at) {
  return new Date(at * 1000).toLocaleTimeString("en-GB");
}

/** The seconds by which this device's clock is behind the stack's. */
let behind = 0;
export const setNow = (now) => { behind = now - Date.now() / 1000; };
export const now = () => Date.now() / 1000 + behind;
