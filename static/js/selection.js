// The roster's ticked rows: how many they are, a range with Shift, and a box that ticks the whole page. htmx replaces the table, so everything
// listens on the document.
const boxes = () => [...document.querySelectorAll(".select-cell input[name=member]")];

const count = () => {
  const label = document.querySelector(".selected-count");
  const page = document.querySelector(".select-page");
  if (!label || !page) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked).length;
  label.textContent = ticked ? `${label.dataset.some} ${ticked}` : label.dataset.none;
  page.hidden = false;
  page.checked = ticked > 0 && ticked === all.length;
  page.indeterminate = ticked > 0 && !page.checked;
};

document.addEventListener("change", (event) => {
  if (event.target.matches(".select-page")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest(".select-cell, .w-select")) count();
});

let last = null;
document.addEventListener("click", (event) => {
  const all = boxes();
  const here = all.indexOf(event.target);
  if (here < 0) return;
  const there = event.shiftKey ? all.indexOf(last) : -1;
  if (there >= 0) for (const box of all.slice(Math.min(here, there), Math.max(here, there))) box.checked = event.target.checked;
  last = event.target;
});

document.addEventListener("htmx:afterSettle", count);
count();
