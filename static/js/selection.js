// The roster's ticked rows: how many they are, and a box that ticks the whole page. htmx replaces the table, so everything
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
document.addEventListener("htmx:afterSettle", count);
count();
