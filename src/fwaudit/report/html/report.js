// Makes the report easier to use; all of it can be read without.
"use strict";

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const causes = all(".cause");
const form = document.getElementById("filters");
const searched = new Map(); // texts, each made once

// --- filters: the choices stand in the address, so that a view can be shared ---

const VIEW = "#causes&";

function textOf(cause) {
  if (!searched.has(cause)) searched.set(cause, cause.textContent.toLowerCase());
  return searched.get(cause);
}

function matches(cause, choices, words) {
  for (const [name, value] of choices) {
    if (!cause.dataset[name].split(" ").includes(value)) return false;
  }
  return words.every((word) => textOf(cause).includes(word));
}

function applyFilters() {
  const data = new FormData(form);
  const chosen = [...data].filter(([, value]) => value.trim() !== "");
  const words = (data.get("text") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const choices = chosen.filter(([name]) => name !== "text");
  let shown = 0;
  for (const cause of causes) {
    cause.hidden = !matches(cause, choices, words);
    if (!cause.hidden) shown += 1;
  }
  const total = causes.length.toLocaleString("en");
  form.querySelector("output").textContent = shown === causes.length
    ? `${total} root causes` : `${shown.toLocaleString("en")} of ${total} root causes`;
  return chosen;
}

function rememberFilters() {
  const chosen = applyFilters();
  const view = chosen.length ? VIEW + new URLSearchParams(chosen) : "#causes";
  history.replaceState(null, "", view);
}

function readFilters() {
  if (!form || !location.hash.startsWith(VIEW)) return false;
  form.reset();
  for (const [name, value] of new URLSearchParams(location.hash.slice(VIEW.length))) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  applyFilters();
  document.getElementById("causes").scrollIntoView();
  return true;
}

if (form) {
  form.hidden = false;
  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(rememberFilters, 80);
  });
  form.addEventListener("reset", () => setTimeout(rememberFilters));
  form.addEventListener("submit", (event) => event.preventDefault());
}

// --- links: what they lead to is shown, opened, and gets the focus ---

function follow() {
  if (readFilters()) return;
  let target = null;
  try {
    target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return; // no text that an address can hold: `#%`
  }
  if (!target) return;
  if (target.classList.contains("cause") && target.hidden) form.reset();
  target.hidden = false;
  for (let box = target; box; box = box.parentElement) if (box.tagName === "DETAILS") box.open = true;
  target.scrollIntoView();
  const focused = target.tagName === "DETAILS" ? target.querySelector("summary") : target;
  if (!focused.matches("summary, a, [tabindex]")) focused.tabIndex = -1;
  focused.focus({ preventScroll: true });
}

addEventListener("hashchange", follow);
follow();

// --- paths: the arrows go from step to step ---

document.addEventListener("keydown", (event) => {
  const step = event.target.closest?.(".path > li");
  if (!step || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const next = event.key === "ArrowRight" ? step.nextElementSibling : step.previousElementSibling;
  if (next) {
    next.focus();
    event.preventDefault();
  }
});

// --- maps: what flows through a bar stands out; a file shows its findings ---

for (const map of all("svg.map")) {
  const ribbons = all(".ribbons path", map);
  const reach = (start, from, to) => {
    const seen = new Set([start]);
    const found = new Set();
    for (const node of seen) {
      for (const ribbon of ribbons) {
        if (ribbon.dataset[from] !== node) continue;
        found.add(ribbon);
        seen.add(ribbon.dataset[to]);
      }
    }
    return found;
  };
  for (const node of all(".node", map)) {
    const show = () => {
      const lit = new Set([...reach(node.dataset.node, "from", "to"), ...reach(node.dataset.node, "to", "from")]);
      map.classList.add("lit");
      for (const ribbon of ribbons) ribbon.classList.toggle("on", lit.has(ribbon));
    };
    const hide = () => map.classList.remove("lit");
    node.addEventListener("pointerenter", show);
    node.addEventListener("pointerleave", hide);
    node.addEventListener("focusin", show);
    node.addEventListener("focusout", hide);
    if (node.dataset.find && form) {
      node.addEventListener("click", (event) => {
        event.preventDefault();
        location.hash = VIEW + new URLSearchParams({ text: node.dataset.find });
      });
    }
  }
}

// --- matrices: averages follow the weights ---

for (const matrix of all("table.matrix")) {
  const sliders = all("input[type=range]", matrix);
  const weigh = () => {
    const sums = {};
    let total = 0;
    for (const slider of sliders) {
      const weight = Number(slider.value);
      total += weight;
      slider.nextElementSibling.textContent = slider.value;
      for (const cell of all("td[data-score]", slider.closest("tr"))) {
        sums[cell.dataset.candidate] = (sums[cell.dataset.candidate] || 0) + weight * Number(cell.dataset.score);
      }
    }
    for (const output of all("tfoot output", matrix)) {
      const average = total ? sums[output.dataset.candidate] / total : 0;
      output.textContent = average.toFixed(2);
      output.parentElement.querySelector(".level").setAttribute("width", average * 20);
    }
  };
  for (const slider of sliders) {
    slider.disabled = false;
    slider.addEventListener("input", weigh);
  }
}

// --- colours, and the Audit as a file ---

const choices = all("[data-theme-choice]");

function choose(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const button of choices) button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
  try {
    localStorage.setItem("fwaudit-theme", theme);
  } catch {
    // Without a place to keep it, the choice holds until the file is closed.
  }
}

for (const button of choices) button.addEventListener("click", () => choose(button.dataset.themeChoice));
try {
  const kept = localStorage.getItem("fwaudit-theme");
  if (["light", "dark"].includes(kept)) choose(kept);
} catch {
  // see above
}
document.querySelector(".tools").hidden = false;

document.getElementById("save").addEventListener("click", () => {
  const audit = JSON.parse(document.getElementById("audit").textContent);
  const file = new Blob([JSON.stringify(audit, null, 2), "\n"], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = "fwaudit.json";
  link.click();
  URL.revokeObjectURL(link.href);
});
