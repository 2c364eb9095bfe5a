// The page is complete without this script. It shows and hides parts, sorts the table, shows the
// values of marks, and saves files.
"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);

// The reader's choices, which survive reloads of the page.
const memory = { key: "batchlab " + location.pathname + document.title, read() {
  try { return JSON.parse(sessionStorage.getItem(this.key)) || {}; } catch { return {}; }
}, write(name, value) {
  try {
    sessionStorage.setItem(this.key, JSON.stringify({ ...this.read(), [name]: value }));
  } catch { /* Some browsers store nothing for files. */ }
} };

// Chooses a target of a task in all figures.
function choose(task, place) {
  const name = task.dataset.task;
  let target = "";
  for (const block of all(".target", task)) {
    block.hidden = block.dataset.place !== String(place);
    if (!block.hidden) target = block.dataset.target;
  }
  const slider = one("input[type=range]", task);
  if (slider) {
    slider.value = place;
    slider.setAttribute("aria-valuetext", target);
    one("output", task).textContent = target;
  }
  // Further studies of a task stay faint.
  for (const mark of all("#tasks [data-task]:not(.elsewhere)")) {
    if (mark.dataset.task === name) {
      mark.classList.toggle("other", mark.dataset.target !== target);
    }
  }
  for (const row of all("#targets tbody tr")) {
    if (row.dataset.task === name) {
      row.classList.toggle("chosen", slider && row.dataset.place === String(place));
    }
  }
}
const kept = memory.read();
for (const task of all("section.task")) {
  const name = task.dataset.task;
  const slider = one("input[type=range]", task);
  const first = one(".target:not([hidden])", task).dataset.place;
  const before = Number(kept["at " + name]);
  const place = slider && before <= Number(slider.max) ? before : first;
  choose(task, place);
  if (slider) slider.addEventListener("input", () => {
    choose(task, slider.value);
    memory.write("at " + name, slider.value);
  });
}
for (const link of all("#targets a")) {
  link.addEventListener("click", () => {
    // A name with a dot is not a selector.
    const task = document.getElementById(link.hash.slice(1));
    choose(task, link.dataset.place);
    memory.write("at " + task.dataset.task, link.dataset.place);
  });
}

// Shows and hides tasks.
for (const box of all("[data-toggles]")) {
  const name = box.dataset.toggles;
  const toggle = () => {
    for (const part of all("section.task, #targets tbody tr, #tasks [data-task]")) {
      if (part.dataset.task !== name) continue;
      if (part instanceof SVGElement) part.style.display = box.checked ? "" : "none";
      else part.hidden = !box.checked;
    }
  };
  if (kept["shows " + name] === false) { box.checked = false; toggle(); }
  box.addEventListener("change", () => {
    toggle();
    memory.write("shows " + name, box.checked);
  });
}

// Chooses the measure of complexity.
for (const select of all(".axes select")) {
  const show = () => {
    for (const axis of all(".axis", select.closest(".axes"))) {
      axis.hidden = axis.dataset.place !== select.value;
    }
  };
  const before = kept["measure " + select.id];
  // While a study runs, its page may get other measures.
  if (all("option", select).some(option => option.value === before)) {
    select.value = before;
    show();
  }
  select.addEventListener("change", () => {
    show();
    memory.write("measure " + select.id, select.value);
  });
}

// Keeps terms and plans open.
all("details").forEach((details, index) => {
  if (kept["opens " + index]) details.open = true;
  details.addEventListener("toggle", () => memory.write("opens " + index, details.open));
});

// Sorts the table. Rows without a value come last.
function sort(heading, rises) {
  const column = heading.cellIndex;
  for (const other of all("#targets thead th")) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", rises ? "ascending" : "descending");
  const body = one("#targets tbody");
  const key = row => {
    const cell = row.cells[column];
    if (!("value" in cell.dataset)) return cell.textContent;
    return cell.dataset.value === "" ? null : Number(cell.dataset.value);
  };
  const order = (a, b) => {
    const [x, y] = [key(a), key(b)];
    if (x === null || y === null) return (x === null) - (y === null);
    return (x < y ? -1 : x > y ? 1 : 0) * (rises ? 1 : -1);
  };
  body.append(...[...body.rows].sort(order));
}
for (const heading of all("#targets thead th")) {
  const column = heading.cellIndex;
  if (kept.sorted && kept.sorted.column === column) sort(heading, kept.sorted.rises);
  one("button", heading).addEventListener("click", () => {
    const rises = heading.getAttribute("aria-sort") !== "ascending";
    sort(heading, rises);
    memory.write("sorted", { column, rises });
  });
}

// Shows a hint at tables that are wider than their box.
if (window.ResizeObserver) {
  const observer = new ResizeObserver(boxes => {
    for (const { target } of boxes) {
      const hint = target.previousElementSibling;
      if (hint && hint.matches(".further")) {
        hint.hidden = target.scrollWidth <= target.clientWidth;
      }
    }
  });
  for (const box of all(".scroll.table")) observer.observe(box);
}

// Shows the values of a mark under the pointer, or chosen with the arrow keys.
const tip = one("#tip");
function tell(mark) {
  if (!mark) { tip.hidden = true; return; }
  tip.textContent = mark.getAttribute("aria-label");
  tip.hidden = false;
  const at = mark.getBoundingClientRect();
  const own = tip.getBoundingClientRect();
  const left = Math.min(Math.max(4, at.left + at.width / 2 - own.width / 2),
    document.documentElement.clientWidth - own.width - 4);
  const above = at.top - own.height - 6;
  tip.style.left = left + "px";
  tip.style.top = (above > 4 ? above : at.bottom + 6) + "px";
}
const markOf = event => event.target.closest ? event.target.closest(".mark") : null;
document.addEventListener("pointerover", event => tell(markOf(event)));
document.addEventListener("focusin", event => tell(markOf(event)));
document.addEventListener("scroll", () => tell(null), { passive: true });
document.addEventListener("keydown", event => {
  if (event.key === "Escape") return tell(null);
  const figure = event.target.closest ? event.target.closest("figure svg.figure") : null;
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!figure || !step) return;
  event.preventDefault();
  const marks = all(".mark", figure).filter(mark => mark.style.display !== "none");
  if (!marks.length) return;
  const now = marks.indexOf(event.target);
  const next = now < 0 ? (step > 0 ? 0 : marks.length - 1)
    : (now + step + marks.length) % marks.length;
  marks[next].setAttribute("tabindex", "-1");
  marks[next].focus();
});

// Reloads the page of a running study, unless a control has the keyboard focus or the pointer is in
// use.
if (document.body.dataset.reload) {
  let [isHeld, last] = [false, -Infinity];
  for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel", "wheel"]) {
    document.addEventListener(kind, event => {
      isHeld = event.buttons > 0;
      // Browsers also report a resting pointer when the page moves under it.
      if (kind === "pointermove" && !event.movementX && !event.movementY) return;
      last = performance.now();
    }, { passive: true, capture: true });
  }
  // Time passes in steps that each wait for a frame, so only while the page is visible. When a
  // headless browser takes a screenshot, its clock runs ahead of the frames and the reload never
  // comes.
  const steps = 20;
  const wait = left => setTimeout(() => requestAnimationFrame(() => {
    const isUsed = isHeld || performance.now() - last < 5000;
    if (left > 1) wait(left - 1);
    else if (isUsed || one(":focus-visible, select:focus")) wait(steps);
    else location.reload();
  }), 1000 * document.body.dataset.reload / steps);
  addEventListener("load", () => wait(steps));
}

// Saves parts of the page as files.
function save(text, name, type) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
function standalone(figure) {
  const copy = figure.cloneNode(true);
  const [width, height] = figure.getAttribute("viewBox").split(" ").slice(2);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  for (const name of ["tabindex", "role", "data-name"]) copy.removeAttribute(name);
  for (const part of [copy, ...all("[aria-label]", copy)]) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = part.getAttribute("aria-label");
    for (const name of ["aria-label", "tabindex", "role"]) part.removeAttribute(name);
    part.prepend(title);
  }
  // A file shows all tasks.
  for (const part of all("[data-task]", copy)) part.removeAttribute("style");
  const add = (name, text) => {
    const part = document.createElementNS("http://www.w3.org/2000/svg", name);
    part.textContent = text;
    one("title", copy).after(part);
  };
  add("style", one("#figure-style").textContent);
  add("desc", one("figcaption span", figure.closest("figure")).textContent);
  return '<?xml version="1.0" encoding="UTF-8"?>\n'
    + new XMLSerializer().serializeToString(copy);
}
document.addEventListener("click", event => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.download) {
    const figure = one("svg", button.closest("figure"));
    save(standalone(figure), button.dataset.download + ".svg", "image/svg+xml");
  } else if (button.dataset.saves) {
    save(one("#" + button.dataset.saves).textContent, button.dataset.as, "text/plain");
  }
});
